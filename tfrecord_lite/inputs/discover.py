"""What a user names as input -> the record files it means, in order, each with its split.

An input is a file, a folder, a glob, ``base@10`` or ``-``. File names that producers use are listed with their writers
in the README ("Input"); a name says which split and which set of shards a file belongs to, never how it is compressed.
"""

from __future__ import annotations

import glob
import itertools
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tfrecord_lite.errors import InputError, printable

STDIN = "-"

_COMPRESSED = r"(?:\.(?:gz|gzip|zz|zlib|z))?"
_RECORD_SUFFIX = re.compile(r"\.(?:tfrecords?|records?|tfrec|tfr)" + _COMPRESSED + r"$", re.IGNORECASE)
_SHARD = re.compile(r"-(\d{2,12})-of-(\d{2,12})(?=$|[.\-_])")
_RECORD_NAME = re.compile(  # a file that a folder is searched for; sidecars such as x.tfrecord.idx do not match
    r"(?:\.(?:tfrecords?|records?|tfrec|tfr)(?:-\d{2,}-of-\d{2,})?|(?<!\.data)-\d{2,}-of-\d{2,})" + _COMPRESSED + r"$",
    re.IGNORECASE,
)
_SPEC = re.compile(r"^(?P<base>.+)@(?P<count>\d+|\*)(?P<suffix>[^/@]*)$")
_SIDECARS = ("dataset_info.json", "features.json")  # of TensorFlow Datasets
_LARGEST_SIDECAR = 16 << 20  # bytes
_MOST_SHARDS = 99_999  # what the usual five digits can name
_SPLIT = re.compile(
    r"^(?:train(?:ing|val|_val)?|val(?:id|idation)?|minival|test(?:ing|dev)?|dev|eval(?:uation)?|unlabel(?:l)?ed)"
    r"(?:20\d\d)?$",
    re.IGNORECASE,
)


_DatasetInfo = tuple[str, frozenset[str]]  # name and splits of a dataset of TensorFlow Datasets


@dataclass(frozen=True, slots=True)
class Shard:
    """One record file.

    path: the file, or ``-`` for standard input.
    name: what messages call it: the path as it was given or found.
    split: the dataset split that its name tells, such as ``train``; None where it tells none.
    stem: its name without shard numbers and suffixes: what the shards of one set have in common.
    """

    path: str
    name: str
    split: str | None
    stem: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Every record file of a call, in order, and what a person should know of how they were found."""

    shards: tuple[Shard, ...]
    warnings: tuple[str, ...]


def natural_key(path: str) -> tuple[tuple[int, int | str, str], ...]:
    """Orders ``x-2`` before ``x-10``, whatever the locale; ``x-02`` and ``x-2`` stay apart."""
    return tuple((0, int(part), part) if part.isdecimal() else (1, part, "") for part in re.split(r"(\d+)", path))


def find_sources(inputs: Sequence[str | os.PathLike[str]], *, allow_missing_shards: bool = False) -> Sources:
    """Finds the record files that the inputs mean.

    Args:
        inputs: files, folders, globs, ``base@N`` specifications, or ``-``, in any order.
        allow_missing_shards: accept sets of shards with gaps.

    Returns:
        The files in natural order of their paths, whatever order they were named in.

    Raises:
        InputError: an input does not exist or holds no record file, a file is given twice, or a set has a gap.
    """
    if not inputs:
        raise InputError("input", "no input was given. Name files, folders or globs")
    found: list[tuple[str, bool]] = []  # path, and whether the user named this very file
    for given in inputs:
        found.extend(_expand(os.fspath(given)))
    _refuse_duplicates([path for path, _ in found])
    found.sort(key=lambda item: natural_key(item[0]))
    warnings = _check_sets(found, allow_missing_shards=allow_missing_shards)
    folders = {os.path.dirname(path) for path, _ in found}
    datasets = {folder: _read_dataset_info(folder) for folder in folders}
    return Sources(tuple(_shard(path, datasets) for path, _ in found), tuple(warnings))


def paths_read(shards: Iterable[Shard]) -> list[str]:
    """Every file that is read of these shards, and what may be read beside them, whether it is there or not."""
    paths = [shard.path for shard in shards if shard.path != STDIN]
    folders = dict.fromkeys(map(os.path.dirname, paths))
    return [*paths, *(os.path.join(folder, name) for folder in folders for name in _SIDECARS)]


def _expand(given: str) -> list[tuple[str, bool]]:
    """The files that one input means."""
    if given == STDIN or os.path.isfile(given):
        return [(given, True)]
    if os.path.isdir(given):
        paths = list(_search(given))
        if not paths:
            raise InputError(given, "no record files found in this folder (looked for names such as *.tfrecord)")
        return [(path, False) for path in paths]
    if os.path.exists(given):
        return [(given, True)]  # a pipe or a device
    if (spec := _SPEC.match(given)) and (paths := _expand_spec(given, spec)):
        return [(path, False) for path in paths]
    if glob.has_magic(given):
        paths = [path for path in glob.glob(given, recursive=True) if os.path.isfile(path)]
        if not paths:
            raise InputError(given, "no file matches this pattern")
        return [(path, False) for path in paths]
    if spec:
        raise InputError(given, f"no such set of shards: looked for {spec['base']}-NNNNN-of-NNNNN{spec['suffix']}")
    if os.path.islink(given):
        raise InputError(given, "this symbolic link leads to no file: its target does not exist")
    raise InputError(given, "no such file or folder")


def _search(folder: str) -> Iterable[str]:
    """Record files below a folder; what is hidden is passed over."""

    def stop(error: OSError) -> None:
        raise error  # a folder that cannot be looked into may hold half of the dataset

    for parent, folders, files in os.walk(folder, onerror=stop):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if not name.startswith(".") and _RECORD_NAME.search(name):
                yield os.path.join(parent, name)


def _expand_spec(given: str, spec: re.Match[str]) -> list[str]:
    """``base@10`` means base-00000-of-00010 to base-00009-of-00010, ``base@*`` any size: those files that exist."""
    base, count, suffix = spec["base"], spec["count"], spec["suffix"]
    if count == "*":
        pattern = glob.escape(base) + "-?????-of-?????" + glob.escape(suffix)
        return [path for path in glob.glob(pattern) if _SHARD.search(os.path.basename(path))]
    if len(count) > len(str(_MOST_SHARDS)):
        raise InputError(given, f"a set of that many shards is more than the {_MOST_SHARDS} that can be")
    paths = [f"{base}-{index:05d}-of-{int(count):05d}{suffix}" for index in range(int(count))]
    return [path for path in paths if os.path.exists(path)]  # a gap is reported with the gaps of other sets


def _refuse_duplicates(paths: Iterable[str]) -> None:
    """A file given twice, under whatever names, would give every picture twice."""
    first: dict[object, str] = {}
    for path in paths:
        key: object = STDIN
        if path != STDIN:
            status = os.stat(path)
            key = (status.st_dev, status.st_ino) if status.st_ino else os.path.realpath(path)
        if key in first:
            other = first[key]
            problem = (
                "this input is given twice"
                if other == path
                else f"this is the same file as {printable(other)}, given twice"
            )
            raise InputError(path, problem)
        first[key] = path


def _check_sets(found: Sequence[tuple[str, bool]], *, allow_missing_shards: bool) -> list[str]:
    """Refuses sets of shards with gaps: a missing shard is a silent loss of pictures."""
    sets: dict[str, dict[int, list[tuple[int, str, bool]]]] = defaultdict(lambda: defaultdict(list))
    for path, named in found:
        folder, name = os.path.split(path)
        matches = list(_SHARD.finditer(name))
        if matches:
            last = matches[-1]
            base = os.path.join(folder, f"{name[: last.start()]}-*{name[last.end() :]}")
            sets[base][int(last[2])].append((int(last[1]), path, named))
    warnings = []
    for base, sizes in sets.items():
        for size, shards in sizes.items():
            present = {index for index, _, _ in shards}
            missing = size - sum(index < size for index in present)
            if not missing:
                continue
            first = itertools.islice((index for index in itertools.count() if index not in present), min(missing, 5))
            listed = ", ".join(f"{index:05d}" for index in first) + (", …" if missing > 5 else "")
            gap = f"{missing} of {size} shards are missing: {listed} (of-{size:05d})"
            if len(sizes) > 1:
                gap += f"; the set is mixed with one of {', '.join(f'{other:05d}' for other in sizes if other != size)}"
            alone = len(shards) == 1 and len(sizes) == 1 and shards[0][2]
            if allow_missing_shards or alone:
                warnings.append(f"{printable(shards[0][1] if alone else base)}: {gap}")
            else:
                raise InputError(base, f"{gap}. Find them, or accept the gap with --allow-missing-shards")
    return warnings


def _shard(path: str, datasets: Mapping[str, _DatasetInfo]) -> Shard:
    """A record file with what its name tells."""
    if path == STDIN:
        return Shard(path, "standard input", None, "stdin")
    folder, name = os.path.split(path)
    bare = _RECORD_SUFFIX.sub("", _SHARD.sub("", name)) or name
    bare = _RECORD_SUFFIX.sub("", bare)  # x.tfrecord-00000-of-00010 and x-00000-of-00010.tfrecord alike
    return Shard(path, path, _declared_split(bare, datasets[folder]) or _split_of(bare, folder), bare)


def _declared_split(stem: str, info: _DatasetInfo) -> str | None:
    """The split of a file of TensorFlow Datasets, whose name is ``<dataset>-<split>`` (core/naming.py)."""
    dataset, splits = info
    split = stem.removeprefix(f"{dataset}-")
    return split if split in splits else None


def _read_dataset_info(folder: str) -> _DatasetInfo:
    """Name and splits in dataset_info.json beside record files; nothing where there is none that can be read."""
    path = os.path.join(folder, "dataset_info.json")
    try:
        if os.path.getsize(path) > _LARGEST_SIDECAR:
            return "", frozenset()
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        return str(content["name"]), frozenset(str(split["name"]) for split in content["splits"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return "", frozenset()


def _split_of(stem: str, folder: str) -> str | None:
    """The split that a file's name tells, else the name of the folder it lies in."""
    words = re.split(r"[-_. ]", stem)
    for first, second in itertools.pairwise(words):
        if (first.lower(), second.lower()) == ("test", "dev"):
            return f"{first}-{second}"
    for word in reversed(words):
        if _SPLIT.match(word):
            return word
    parent = os.path.basename(os.path.abspath(folder))
    return parent if _SPLIT.match(parent) else None
