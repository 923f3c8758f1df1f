"""What a person asks of a dataset, counted while its samples pass by once: no pixel is decoded for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import repeat
from math import log2, sqrt
from typing import TypeVar

from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Key
from tfrecord_lite.report import FULL_MESSAGES
from tfrecord_lite.sample import Sample

Kind = TypeVar("Kind")

GRID = 24  # cells of the map of box centres, in each direction
_MOST_PLACES = 6  # pictures that are kept of each warning
_MOST_KINDS = 10_000  # classes, or sizes of images, that are counted one by one


@dataclass(slots=True)
class Warned:
    """Warnings of one kind: how many, the place and the words of the first, and the first pictures that have one."""

    count: int
    where: str
    text: str
    pictures: list[Candidate] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """What was met, and which pictures of it may be shown.

    chooser: is offered every picture.
    classes: objects of each class. images_of: images that have such.
    pixels_of: images, by class number of their semantic label images; segments_of: segments of panoptic ones.
    first_of: the first images of each class, for what only the end can say of it.
    objects_an_image: how many images have so many objects.
    sides: boxes by the square root of their area in pixels, in steps of half an octave. heat: centres of boxes.
    """

    chooser: Chooser
    images: int = 0
    objects: int = 0
    crowds: int = 0
    masks: int = 0
    poses: int = 0
    captions: int = 0
    without_picture: int = 0
    classes: Counter[Key] = field(default_factory=Counter)
    images_of: Counter[Key] = field(default_factory=Counter)
    pixels_of: Counter[int] = field(default_factory=Counter)
    segments_of: Counter[int] = field(default_factory=Counter)
    first_of: dict[Key, list[Candidate]] = field(default_factory=dict)
    objects_an_image: Counter[int] = field(default_factory=Counter)
    sides: Counter[int] = field(default_factory=Counter)
    heat: list[int] = field(default_factory=lambda: [0] * (GRID * GRID))
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, Warned] = field(default_factory=dict)
    problems: list[DataError] = field(default_factory=list)
    problem_count: int = 0

    def add(self, sample: Sample, source: int, number: int) -> None:
        """Counts a sample. source: which input it is from; number: which of that input's samples."""
        image, objects = sample.image, sample.objects
        self.images += 1
        self.objects += len(objects)
        self.objects_an_image[len(objects)] += 1
        self.captions += len(sample.captions)
        self.without_picture += image.data is None
        _count_up(self.sizes, [(image.width, image.height)])
        self.formats[image.format or "unknown"] += 1
        _count_up(self.pixels_of, sample.stuff.keys())
        if sample.panoptic is not None:
            _count_up(self.segments_of, [segment.category for segment in sample.panoptic.segments])
        said = [(finding.code, finding.where, finding.text) for finding in sample.findings]
        said += [("object-refused", error.where, f"{error.key}: {error.problem}") for error in sample.refused]
        codes = tuple(dict.fromkeys(code for code, _, _ in said))
        draw = self.chooser.draw()
        candidate = Candidate(draw, source, number, image.width, image.height, codes, sample.where)
        keys = self._count_objects(sample)
        self.chooser.offer(candidate, keys)
        for key in keys:
            first = self.first_of.setdefault(key, [])
            if len(first) < _MOST_PLACES:
                first.append(candidate)
        for code, where, text in said:
            warned = self.warn(code, where, text)
            if len(warned.pictures) < _MOST_PLACES and candidate not in warned.pictures[-1:]:
                warned.pictures.append(candidate)

    def _count_objects(self, sample: Sample) -> list[Key]:
        """Counts the objects of a sample, and gives back their classes."""
        objects, image = sample.objects, sample.image
        counts = [None if points is None else len(points) // 3 for points in objects.keypoints or ()]
        names = sample.keypoint_names if counts else ()
        columns = (objects.labels, objects.names, counts or repeat(None), repeat(names))
        pairs = Counter(map(Key._make, zip(*columns)))  # noqa: B905 - some go on without end
        known = [pair for pair in pairs if pair in self.classes or len(self.classes) < _MOST_KINDS]
        for pair in known:
            self.classes[pair] += pairs[pair]
            self.images_of[pair] += 1
        self.crowds += sum(objects.crowds or ())
        outlines = (objects.masks or (), objects.polygons or ())
        self.masks += max(sum(each is not None for each in column) for column in outlines)
        self.poses += sum(any(points[2::3]) for points in objects.keypoints or () if points)
        across, down = GRID / image.width, GRID / image.height
        for x, y, width, height in objects.boxes:
            area = width * height
            if area > 0:
                self.sides[round(2 * log2(sqrt(area)))] += 1
            column, row = int((x + width / 2) * across), int((y + height / 2) * down)
            if 0 <= column < GRID and 0 <= row < GRID:
                self.heat[row * GRID + column] += 1
        return known

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


def _count_up(counts: Counter[Kind], kinds: Iterable[Kind]) -> None:
    """Counts, as long as there are not too many kinds to keep."""
    for kind in kinds:
        if kind in counts or len(counts) < _MOST_KINDS:
            counts[kind] += 1
