"""What one pass over the samples of a dataset found, and which of its pictures may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Key
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.report import FULL_MESSAGES
from tfrecord_lite.sample import Sample

_MOST_PLACES = 6  # pictures that are kept of each warning


@dataclass(slots=True)
class Warned:
    """Warnings of one kind: how many, the place and the words of the first, and the first pictures that have one."""

    count: int
    where: str
    text: str
    pictures: list[Candidate] = field(default_factory=list)


@dataclass(slots=True)
class Survey(Counts):
    """What was met, and which pictures of it may be shown.

    chooser: is offered every picture.
    first_of: the first images of each class, for what only the end can say of it.
    problems, problem_count: records that are no pictures. refused: the first objects that cannot be said in COCO.
    """

    chooser: Chooser = field(kw_only=True)
    first_of: dict[Key, list[Candidate]] = field(default_factory=dict)
    warnings: dict[str, Warned] = field(default_factory=dict)
    problems: list[DataError] = field(default_factory=list)
    problem_count: int = 0
    refused: list[DataError] = field(default_factory=list)

    def add(self, sample: Sample, source: int, number: int) -> None:
        """Counts a sample. source: which input it is from; number: which of that input's samples."""
        image = sample.image
        keys = self.count(sample)
        said = [(finding.code, finding.where, finding.text) for finding in sample.findings]
        said += [("object-refused", error.where, f"{error.key}: {error.problem}") for error in sample.refused]
        self.refused += sample.refused[: FULL_MESSAGES - len(self.refused)]
        codes = tuple(dict.fromkeys(code for code, _, _ in said))
        draw = self.chooser.draw()
        candidate = Candidate(draw, source, number, image.width, image.height, codes, sample.where)
        self.chooser.offer(candidate, keys)
        for key in keys:
            first = self.first_of.setdefault(key, [])
            if len(first) < _MOST_PLACES:
                first.append(candidate)
        for code, where, text in said:
            warned = self.warn(code, where, text)
            if len(warned.pictures) < _MOST_PLACES and candidate not in warned.pictures[-1:]:
                warned.pictures.append(candidate)

    def add_problem(self, problem: DataError) -> None:
        """Counts a record that is no picture, and keeps what is wrong with the first ones."""
        self.problem_count += 1
        if len(self.problems) < FULL_MESSAGES:
            self.problems.append(problem)

    def warn(self, code: str, where: Location, text: str, count: int = 1) -> Warned:
        """Counts a warning."""
        known = self.warnings.get(code)
        if known is None:
            known = self.warnings[code] = Warned(0, str(where), text)
        known.count += count
        return known

    def places_of_warnings(self) -> list[Candidate]:
        """The first pictures of each warning, the first of each before the second of any."""
        rows: Iterable[list[Candidate]] = [warned.pictures for warned in self.warnings.values()]
        return list(dict.fromkeys(row[turn] for turn in range(_MOST_PLACES) for row in rows if turn < len(row)))
