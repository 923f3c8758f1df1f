"""The label maps of a call, and the classes that the records have -> the label map that is used.

It is the one that was given, or one of those found alongside the inputs. Of these each is judged by the classes alone:
how many of the names it knows, and whether it has the numbers that come without a name. They are compared with each
other only where that leaves several that mean different things.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.errors import InputError, LabelMapError, printable, quoted
from tfrecord_lite.labels.discover import Candidate, find_hint, find_label_maps, find_panoptic_label_map

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelMap

ClassKey = tuple[int | None, str | None]
"""What a record says of the class of an object: a number and a text, None where it has none."""

_MOST_NAMED = 3  # classes in a message
_SHIFTS = (0, 1, -1)  # from the number of a record to the id in a label map: the two may count from different numbers
LabelMapSource = str | os.PathLike[str] | Mapping[int, str] | Sequence[str]

NO_LABEL_MAP = "none"
"""Instead of a file: no label map is used, even if there is one alongside the inputs."""


class Agreement(NamedTuple):
    """How the classes of records fit a label map.

    classes: how many there are. known: how many of them the label map has, names by their text, others by their number.
    unknown: the first of those that it has not. numbers: how many names have the number here that they have there.
    """

    classes: int
    known: int
    unknown: tuple[str, ...]
    numbers: int

    @property
    def is_enough(self) -> bool:
        """Whether this can be the label map of these records: it knows half of the classes or more."""
        return 2 * self.known >= self.classes

    def __str__(self) -> str:
        if self.known == self.classes:
            return "it has all classes"
        lacks = ", ".join(self.unknown) + (", …" if self.classes - self.known > len(self.unknown) else "")
        return f"it has {self.known} of {self.classes} classes, not {lacks}"


class Choice(NamedTuple):
    """The label map that is used; None where the records have to name their classes.

    files: that it came from. passed_over: files that are not used, each with the reason.
    warnings: what a person should know. lacks_names: whether there are classes that nothing names.
    pixels: the label map of the numbers in label images. is_declined: whether the user wants none.
    """

    label_map: LabelMap | None
    files: tuple[str, ...] = ()
    passed_over: Mapping[str, str] = MappingProxyType({})
    warnings: tuple[str, ...] = ()
    lacks_names: bool = False
    pixels: LabelMap | None = None
    is_declined: bool = False


def agreement(label_map: LabelMap, classes: Iterable[ClassKey]) -> Agreement:
    """How the distinct classes of records fit a label map. Negative numbers, which mean nothing, do not count."""
    real = [(number, name) for number, name in classes if _is_class(number, name)]
    texts = [
        (number, name, label_map.by_text(name) or label_map.by_similar_text(name)) for number, name in real if name
    ]
    bare = [number for number, name in real if not name and number is not None]
    shifts = (0,) if label_map.has_background else _SHIFTS
    shift = max(shifts, key=lambda step: sum(label_map.by_id(number + step) is not None for number in bare))
    unknown = [quoted(name) for _, name, item in texts if item is None]
    unknown += [str(number) for number in bare if label_map.by_id(number + shift) is None]
    pairs = [(number, item.id) for number, _, item in texts if item is not None and number is not None]
    numbers = max(sum(number + step == id_ for number, id_ in pairs) for step in shifts)
    return Agreement(len(real), len(real) - len(unknown), tuple(unknown[:_MOST_NAMED]), numbers)


def choose(candidates: Sequence[Candidate], classes: Iterable[ClassKey]) -> Choice:
    """The candidate that agrees best with the classes of the records.

    Where every object has a name, no label map is needed: what is wrong with the candidates is a warning. Else it is an
    error if none can be read, or if several agree equally well and mean different classes.

    candidates: best name first. classes: every distinct one of the records.

    Raises:
        LabelMapError: a label map is needed, and it is open which.
    """
    classes = list(classes)
    lacks_names = any(_is_class(number, name) and not name for number, name in classes)
    judged = [(each, agreement(each.label_map, classes)) for each in candidates if each.label_map is not None]
    best = _best([(each, agreed) for each, agreed in judged if agreed.is_enough])
    used = best[0] if len(best) == 1 else None
    passed_over = {path: "it cannot be read" for each in candidates if each.problem for path in each.paths}
    for each, agreed in judged:
        if each is not used:
            as_well = used is not None and agreed.known == agreed.classes
            why = f"{agreed}, but another file is preferred" if as_well else str(agreed)
            passed_over.update(dict.fromkeys(each.paths, why))
    warnings = [f"{each.problem.text}. It is not used" for each in candidates if each.problem]
    if used is not None:
        pixels = used.label_map if used.names_pixels else None
        return Choice(used.label_map, used.paths, passed_over, tuple(warnings), pixels=pixels)
    if lacks_names and best and not best[0].is_weak:
        raise _undecided(best, passed_over)
    if lacks_names and not judged and candidates and candidates[0].problem:
        problem = candidates[0].problem
        end = "" if problem.problem.endswith((".", "?")) else "."
        advice = f"{problem.problem}{end} Mend it, or do without it: --label-map=none"
        raise LabelMapError(problem.path, advice, problem.line, problem.column)
    if best and not best[0].is_weak:
        names = " and ".join(printable(path) for each in best for path in each.paths)
        warnings.append(f"label map: {names} mean different classes, and none is used. Choose with --label-map")
    for each, agreed in judged:
        if not best and not each.is_weak:
            name = printable(each.paths[0])
            warnings.append(f"label map: {name} is not used: {agreed}. If it is right, name it with --label-map")
    return Choice(None, (), passed_over, tuple(warnings), lacks_names)


def _best(fit: Sequence[tuple[Candidate, Agreement]]) -> list[Candidate]:
    """The candidate that agrees best; several where they agree equally well, are named equally well, and differ."""
    if not fit:
        return []

    def order(judged: tuple[Candidate, Agreement]) -> tuple[int, int, int]:
        candidate, agreed = judged
        return -agreed.known, -agreed.numbers, candidate.rank

    first = min(fit, key=order)
    equal = [candidate for candidate, agreed in fit if order((candidate, agreed)) == order(first)]
    others = [each for each in equal if not _mean_the_same(equal[0], each)]
    return [equal[0], *others]


def _mean_the_same(first: Candidate, second: Candidate) -> bool:
    """Whether two label maps have the same names in the same order, whatever number they begin with."""
    maps = (first.label_map, second.label_map)
    ids = [[item.id for item in each.items] for each in maps if each is not None]
    names = [[item.name for item in each.items] for each in maps if each is not None]
    steps = [[number - each[0] for number in each] for each in ids]
    return names[0] == names[1] and steps[0] == steps[1]


def _undecided(best: Sequence[Candidate], passed_over: Mapping[str, str]) -> LabelMapError:
    """That several files have the same right to be the label map."""
    used = [path for each in best for path in each.paths]
    names = [os.path.basename(path) for path in used]
    shown = names if len({*names}) == len(names) else used  # those of several splits have one name
    problem = f"{' and '.join(map(quoted, shown))} differ, expected one"
    others = [f"{quoted(os.path.basename(path))}: {why}" for path, why in passed_over.items() if path not in used]
    taken = f". Not taken: {'; '.join(others)}" if others else ""
    return LabelMapError(os.path.dirname(used[0]) or os.curdir, f"{problem}. Choose with --label-map{taken}")


def _is_class(number: int | None, name: str | None) -> bool:
    """Whether these mean a class at all: a name, or a number that is not left out."""
    return bool(name) or (number is not None and number >= 0 and not (number == 0 and name is not None))


class LabelMaps(NamedTuple):
    """The label maps that a call can use.

    given: the one that the user named. candidates: those alongside the inputs, where none was named.
    panoptic: of panoptic segments, where they have a file of their own alongside the inputs.
    paths: of all files that were read. is_declined: whether the user wants none.
    """

    given: LabelMap | None = None
    candidates: tuple[Candidate, ...] = ()
    panoptic: LabelMap | None = None
    paths: tuple[str, ...] = ()
    is_declined: bool = False

    def choose(self, classes: Iterable[ClassKey]) -> Choice:
        """The label map for these classes of objects.

        Raises:
            LabelMapError: it is open which of the candidates it is, and one is needed.
        """
        if self.given is not None:
            return Choice(self.given, (self.given.source,), pixels=self.given)
        return choose(self.candidates, classes)._replace(is_declined=self.is_declined)


def open_label_maps(given: LabelMapSource | None, record_files: Sequence[str]) -> LabelMaps:
    """Reads the label map that was given, else those found alongside the inputs.

    Args:
        given: a file, ``{1: "cat"}`` or names; ``none`` for none at all; None to look alongside the inputs.
        record_files: paths.

    Raises:
        InputError: there is no such file. LabelMapError: the one that was given cannot be read as a label map.
        OSError: it cannot be read.
    """
    if given == NO_LABEL_MAP:
        return LabelMaps(is_declined=True)
    path = find_panoptic_label_map(record_files)
    panoptic = None if path is None else _read_given(path)
    paths: tuple[str, ...] = () if path is None else (path,)
    if isinstance(given, str | os.PathLike):
        try:
            chosen = _read_given(given)
        except FileNotFoundError:
            problem = "no such file; --label-map names one, and --label-map=none uses none"
            raise InputError(os.fspath(given), problem) from None
        return LabelMaps(chosen, panoptic=panoptic, paths=(os.fspath(given), *paths))
    if given is not None:
        from tfrecord_lite.labels.model import label_map_from_mapping  # noqa: PLC0415 - few calls give one

        return LabelMaps(label_map_from_mapping(given), panoptic=panoptic, paths=paths)
    candidates = tuple(find_label_maps(record_files))
    paths += tuple(path for each in candidates for path in each.paths)
    return LabelMaps(None, candidates, panoptic, paths)


def hint(choice: Choice, record_files: Sequence[str]) -> str | None:
    """A file near the inputs that may name classes which nothing names; None where there is none, or no need."""
    is_open = choice.lacks_names and not (choice.passed_over or choice.is_declined)
    return find_hint(record_files) if is_open else None


def hints(choice: Choice, record_files: Sequence[str]) -> tuple[str, ...]:
    """Where names for the classes may be, if nothing names them: as warnings."""
    if (path := hint(choice, record_files)) is None:
        return ()
    shown = printable(path)
    return (f"label map: classes have numbers and no names. {shown} may have them: --label-map={shlex.quote(shown)}",)


def _read_given(path: str | os.PathLike[str]) -> LabelMap:
    from tfrecord_lite.labels.load import read_label_map  # noqa: PLC0415 - costs as much as all else, for some runs

    return read_label_map(path)
