"""The numbers of a dataset, counted in one pass over its samples: no pixel is decoded for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from math import log2, sqrt
from typing import Any, TypeVar

from tfrecord_lite.look.classes import Key
from tfrecord_lite.sample import Sample

Kind = TypeVar("Kind")

GRID = 24  # cells of the map of box centres, in each direction
SMALL, MEDIUM = 32**2, 96**2  # square pixels, where pycocotools' summary of an evaluation has its borders
_MOST_KINDS = 10_000  # classes, or sizes of images, that are counted one by one


@dataclass(slots=True)
class Counts:
    """How many there are of what was met.

    classes: objects of each class. images_of: images that have such.
    image_classes: images, by number and text of a class of the image as a whole.
    pixels_of: images, by class number of their semantic label images; segments_of: segments of panoptic ones.
    objects_per_image: images, by the number of their objects.
    sides: boxes by the square root of their area in pixels, in steps of half an octave. heat: centres of boxes.
    small, medium, large: boxes by their area, in the classes that an evaluation uses.
    """

    images: int = 0
    objects: int = 0
    crowds: int = 0
    masks: int = 0
    poses: int = 0
    captions: int = 0
    without_picture: int = 0
    classes: Counter[Key] = field(default_factory=Counter)
    images_of: Counter[Key] = field(default_factory=Counter)
    image_classes: Counter[tuple[int | None, str | None]] = field(default_factory=Counter)
    pixels_of: Counter[int] = field(default_factory=Counter)
    segments_of: Counter[int] = field(default_factory=Counter)
    objects_per_image: Counter[int] = field(default_factory=Counter)
    sides: Counter[int] = field(default_factory=Counter)
    heat: list[int] = field(default_factory=lambda: [0] * (GRID * GRID))
    small: int = 0
    medium: int = 0
    large: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)

    def count(self, sample: Sample) -> list[Key]:
        """Counts a sample, and gives back the classes of its objects."""
        image, objects = sample.image, sample.objects
        self.images += 1
        self.objects += len(objects)
        self.objects_per_image[len(objects)] += 1
        self.captions += len(sample.captions)
        self.without_picture += image.data is None
        _count_up(self.sizes, [(image.width, image.height)])
        self.formats[image.format or "unknown"] += 1
        _count_up(self.pixels_of, sample.stuff.keys())
        if sample.panoptic is not None:
            _count_up(self.segments_of, [segment.category for segment in sample.panoptic.segments])
        if labels := image.metadata.get("labels"):
            self._count_labels(labels)
        return self._count_objects(sample)

    def spread_of_sizes(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """Width and height of the smallest, the median and the largest image, by area."""
        return spread(self.sizes, lambda size: (size[0] * size[1], size))

    def _count_labels(self, labels: object) -> None:
        """Counts the classes of an image as a whole."""
        for label in labels if isinstance(labels, list) else ():
            if isinstance(label, dict):
                number, text = label.get("label"), label.get("text")
                kind = (number if isinstance(number, int) else None, text if isinstance(text, str) else None)
                _count_up(self.image_classes, [kind])

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
            if area < SMALL:
                self.small += 1
            elif area < MEDIUM:
                self.medium += 1
            else:
                self.large += 1
            column, row = int((x + width / 2) * across), int((y + height / 2) * down)
            if 0 <= column < GRID and 0 <= row < GRID:
                self.heat[row * GRID + column] += 1
        return known


def _count_up(counts: Counter[Kind], kinds: Iterable[Kind]) -> None:
    """Counts, as long as there are not too many kinds to keep."""
    for kind in kinds:
        if kind in counts or len(counts) < _MOST_KINDS:
            counts[kind] += 1


def spread(counts: Mapping[Kind, int], key: Callable[[Any], Any] = int) -> tuple[Kind, Kind, Kind]:
    """The least of all that were counted, the one in the middle, and the most. key: by which they are ordered."""
    ordered = sorted(counts, key=key)
    passed = accumulate(counts[kind] for kind in ordered)
    half = sum(counts.values()) // 2
    middle = next(kind for kind, count in zip(ordered, passed, strict=True) if count > half)
    return ordered[0], middle, ordered[-1]
