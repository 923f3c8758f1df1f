"""What one pass over the samples of a dataset found, and which of its pictures may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tfrecord_lite.errors import DataError, Location, counted
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Classes, Key
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.report import FULL_MESSAGES
from tfrecord_lite.sample import Sample

_MOST_PLACES = 6  # pictures that are kept of each warning


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about what was read: a term, a line about it, and details."""

    term: str
    text: str
    details: tuple[str, ...] = ()


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

    def warn_class(self, key: Key, code: str, text: str) -> None:
        """Counts a warning for each object of a class, which only the end of the input can give."""
        first = self.first_of[key]
        warned = self.warn(code, first[0].where, text, self.classes[key])
        warned.pictures = list(dict.fromkeys((*warned.pictures, *first)))[:_MOST_PLACES]

    def counts_of(self, classes: Classes) -> list[int]:
        """How many objects each class of a table has; of the classes of pixels, how many images or segments."""
        counts = [0] * len(classes.rows)
        places = [(classes.of.get((key.label, key.name)), count) for key, count in self.classes.items()]
        places += ((classes.of_pixels.get(number), count) for number, count in self.pixels_of.items())
        places += ((classes.of_segments.get(number), count) for number, count in self.segments_of.items())
        for place, count in places:
            if place is not None:
                counts[place] += count
        return counts

    def places_of_warnings(self) -> list[Candidate]:
        """The first pictures of each warning, the first of each before the second of any."""
        rows: Iterable[list[Candidate]] = [warned.pictures for warned in self.warnings.values()]
        return list(dict.fromkeys(row[turn] for turn in range(_MOST_PLACES) for row in rows if turn < len(row)))


def facts_of(survey: Survey) -> list[Fact]:
    """What a survey found."""
    facts = [Fact("Images", _images(survey), _kinds(survey)), Fact("Objects", f"{survey.objects:,}")]
    with_more = {"Masks": survey.masks, "Keypoints": survey.poses, "Crowds": survey.crowds, "Captions": survey.captions}
    facts += [Fact(term, f"{count:,}") for term, count in with_more.items() if count]
    if survey.pixels_of:
        facts.append(Fact("Classes of pixels", f"{len(survey.pixels_of):,}"))
    if survey.segments_of:
        facts.append(Fact("Panoptic segments", f"{survey.segments_of.total():,}"))
    return facts


def _images(survey: Survey) -> str:
    """How many images, and how large."""
    text = f"{survey.images:,}"
    if survey.without_picture:
        text += f", {survey.without_picture:,} of them without a picture"
    if not survey.sizes:
        return text
    if len(survey.sizes) == 1:
        ((width, height),) = survey.sizes
        return f"{text}, {width} × {height}"
    least, middle, most = (f"{width} × {height}" for width, height in survey.spread_of_sizes())
    return f"{text}, {least} to {most}, median {middle}"


def _kinds(survey: Survey) -> tuple[str, ...]:
    """The formats of images."""
    return tuple(f"{name}: {counted(count, 'image')}" for name, count in survey.formats.most_common())
