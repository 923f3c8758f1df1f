"""What a user names as input -> the record files it means, in order, each with its split.

An input is a file, a folder, a glob, ``base@10``, ``-``, or a URL of any of these but the last. A name says which split
and which set of shards a file belongs to (``names``), never how it is compressed.
"""

from __future__ import annotations

import glob
import itertools
import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import InputError, printable
from tfrecord_lite.inputs.names import looks_like_records, shard_number, split_of, stem_of
from tfrecord_lite.inputs.place import Entry, Status
from tfrecord_lite.inputs.storage import STDIN, kind_of, place_of, read_sidecar, status_of, statuses_of
from tfrecord_lite.inputs.urls import folder_of, is_url, is_web, join, name_of, split, without_query

_SPEC = re.compile(r"^(?P<base>.+)@(?P<count>\d+|\*)(?P<suffix>[^/@]*)$")
_SIDECARS = ("dataset_info.json", "features.json")  # of TensorFlow Datasets
_MOST_SHARDS = 99_999  # what the usual five digits can name

_DatasetInfo = tuple[str, frozenset[str]]  # name and splits of a dataset of TensorFlow Datasets


class Shard(NamedTuple):
    """One record file.

    path: the file, or ``-`` for standard input.
    name: what messages call it: the path as it was given or found, without the secrets of a URL.
    split: the dataset split that its name says, such as ``train``; None where it says none.
    stem: its name without shard numbers and suffixes: what the shards of one set have in common.
    remote: size and version of a file of another machine, when it was found; of one of this machine None: it is asked
        when that matters.
    """

    path: str
    name: str
    split: str | None
    stem: str
    remote: Status | None = None

    def status(self) -> Status | None:
        """Size and version of a regular file; None of anything else. Raises OSError."""
        return self.remote if is_url(self.path) else status_of(self.path)


class Sources(NamedTuple):
    """Every record file of a call, in order, and what a person should know about how they were found."""

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
    warnings: list[str] = []
    for given in inputs:
        found.extend(_expand(os.fspath(given), warnings))
    _refuse_duplicates([path for path, _ in found])
    found.sort(key=lambda item: natural_key(item[0]))
    warnings += _check_sets(found, allow_missing_shards=allow_missing_shards)
    folders = {folder_of(path) for path, _ in found}
    datasets = {folder: _read_dataset_info(folder) for folder in folders}
    splits: dict[str, str] = {}  # two that differ in case alone would be one folder on macOS and Windows
    remote = statuses_of([path for path, _ in found if is_url(path)])
    return Sources(tuple(_shard(path, datasets, splits, remote.get(path)) for path, _ in found), tuple(warnings))


def paths_read(shards: Iterable[Shard]) -> list[str]:
    """Every file that is read of these shards, and what may be read beside them, whether it is there or not."""
    paths = [shard.path for shard in shards if shard.path != STDIN]
    folders = dict.fromkeys(map(folder_of, paths))
    return [*paths, *(join(folder, name) for folder in folders for name in _SIDECARS)]


def _expand(given: str, warnings: list[str]) -> list[tuple[str, bool]]:
    """The files that one input means."""
    kind = "other" if given == STDIN else kind_of(given)
    if kind in ("file", "other"):  # a pipe or a device that is named is read
        return [(given, True)]
    if kind == "folder":
        paths = list(_search(given, warnings))
        if not paths:
            raise InputError(given, "no record files found in this folder (looked for names such as *.tfrecord)")
        return [(path, False) for path in paths]
    bare, query = without_query(given)
    if (spec := _SPEC.match(bare)) and (paths := _expand_spec(given, spec, query)):
        return [(path, False) for path in paths]
    if glob.has_magic(bare):
        paths = place_of(given).matches(given)
        if not paths:
            raise InputError(given, "no file matches this pattern")
        return [(path, False) for path in paths]
    if spec:
        problem = f"no such set of shards: looked for {spec['base']}-NNNNN-of-NNNNN{spec['suffix']}"
        ending = f". If the names end in .tfrecord, write {spec['base']}@{spec['count']}.tfrecord"
        raise InputError(given, problem + ("" if spec["suffix"] else ending))
    if is_web(given):
        raise InputError(given, "there is no such file on the server")
    if os.path.islink(given):
        raise InputError(given, "this symbolic link leads to no file: its target does not exist")
    raise InputError(given, "no such file or folder")


def _search(folder: str, warnings: list[str]) -> Iterator[str]:
    """The record files below a folder; what is hidden is passed over.

    A folder that cannot be looked into is an error: it may hold half of the dataset. Links to folders are followed
    once all other folders were searched, and each folder is searched once, so that links cannot lead in a circle.
    """
    place = place_of(folder)
    searched: dict[object, str] = {}
    folders, links = [folder], list[str]()
    while folders or links:
        current = folders.pop() if folders else links.pop(0)
        known = searched.setdefault(place.identity(current), current)
        if known != current:
            warnings.append(f"{printable(current)}: leads to {printable(known)}, which is searched once only")
            continue
        for entry in place.entries(current):
            if entry.name.startswith("."):
                continue
            if entry.kind == "folder":
                (links if entry.is_link else folders).append(entry.path)
            elif looks_like_records(entry.name):
                yield from _regular(entry, warnings)


def _regular(entry: Entry, warnings: list[str]) -> Iterator[str]:
    """A file that a folder holds under the name of a record file, if it is one that can be read."""
    if entry.kind == "file":
        yield entry.path
    elif entry.kind == "nothing":
        raise InputError(entry.path, "this symbolic link leads to no file: its target does not exist")
    else:
        warnings.append(f"{printable(entry.path)}: a pipe or a device is read only where it is named")


def _expand_spec(given: str, spec: re.Match[str], query: str) -> list[str]:
    """``base@10`` means a set of ten, from base-00000-of-00010 on, ``base@*`` one of any size: those that exist.

    query: of a URL, which all of them have.
    """
    base, count, suffix = spec["base"], spec["count"], spec["suffix"]
    if count == "*":
        pattern = glob.escape(base) + "-?????-of-?????" + glob.escape(suffix)
        return [path for path in place_of(base).matches(pattern) if shard_number(name_of(path))]
    if len(count) > len(str(_MOST_SHARDS)):
        raise InputError(given, f"a set of that many shards is more than the {_MOST_SHARDS} that can be")
    # A set may count from 1; a gap is reported with the gaps of other sets.
    paths = (f"{base}-{index:05d}-of-{int(count):05d}{suffix}{query}" for index in range(int(count) + 1))
    if is_url(base):
        return list(statuses_of(list(paths)))
    return [path for path in paths if kind_of(path) != "nothing"]


def _refuse_duplicates(paths: Iterable[str]) -> None:
    """A file given twice, even under different names, would give every picture twice."""
    first: dict[object, str] = {}
    for path in paths:
        key: object = STDIN if path == STDIN else place_of(path).identity(path)
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
        folder, name = split(path)
        if shard := shard_number(name):
            sets[join(folder, shard.base)][shard.of].append((shard.number, path, named))
    warnings = []
    for base, sizes in sets.items():
        for size, shards in sizes.items():
            present = {index for index, _, _ in shards}
            start = int(0 not in present and size in present)  # some count from 1
            missing = size - sum(start <= index < start + size for index in present)
            if not missing:
                continue
            absent = (index for index in itertools.count(start) if index not in present)
            first = itertools.islice(absent, min(missing, 5))
            listed = ", ".join(f"{index:05d}" for index in first) + (", …" if missing > 5 else "")
            gap = f"{missing} of {size} shards are missing: {listed} (of-{size:05d})"
            if len(sizes) > 1:
                gap += f"; the set is mixed with one of {', '.join(f'{other:05d}' for other in sizes if other != size)}"
            alone = len(shards) == 1 and len(sizes) == 1 and shards[0][2]
            if allow_missing_shards or alone:
                warnings.append(f"{printable(shards[0][1] if alone else base)}: {gap}")
            else:
                raise InputError(base, f"{gap}. Find them, or accept the gap with --allow-missing-shards")
        if len(sizes) > 1:
            head, _, end = printable(base).rpartition("*")
            others = " and ".join(f"{head}*-of-{size:05d}{end}" for size in sorted(sizes))
            warnings.append(f"several sets of shards of one name, which may be of two runs, are all read: {others}")
    return warnings


def _shard(path: str, datasets: Mapping[str, _DatasetInfo], splits: dict[str, str], remote: Status | None) -> Shard:
    """A record file with what its name says. splits: by their names in small letters, as they are written at first."""
    if path == STDIN:
        return Shard(path, "standard input", None, "stdin")
    folder, name = split(path)
    stem = stem_of(name)
    found = _declared_split(stem, datasets[folder]) or split_of(stem, folder)
    name = printable(path) if is_url(path) else path
    return Shard(path, name, found and splits.setdefault(found.casefold(), found), stem, remote)


def _declared_split(stem: str, info: _DatasetInfo) -> str | None:
    """The split of a file of TensorFlow Datasets, whose name is ``<dataset>-<split>`` (core/naming.py)."""
    dataset, splits = info
    split = stem.removeprefix(f"{dataset}-")
    return split if split in splits else None


def _read_dataset_info(folder: str) -> _DatasetInfo:
    """Name and splits in dataset_info.json beside record files; nothing where there is none that can be read."""
    try:
        content = json.loads(read_sidecar(join(folder, "dataset_info.json")) or b"")
        return str(content["name"]), frozenset(str(split["name"]) for split in content["splits"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return "", frozenset()
