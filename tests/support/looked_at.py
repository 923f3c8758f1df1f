"""Samples to look at: a white picture with objects, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfrecords import png

from tfrecord_lite.errors import Location
from tfrecord_lite.look.classes import Bone, Classes
from tfrecord_lite.sample import Box, Image, Objects, Sample

SIZE = (400, 300)
NAMES = ("car", "boat", "person", "tree", "sun", "house", "dog", "bird", "kite", "cat")


def classes(*names: str, bones: Sequence[Bone] | None = None) -> Classes:
    """A table of these names, as records that have both label and name would make it."""
    chosen = names or NAMES
    rows = [(number, name, bones) for number, name in enumerate(chosen, 1)]
    return Classes(rows, {(number, name): number - 1 for number, name in enumerate(chosen, 1)})


def sample(*boxes: Box, labels: Sequence[int] | None = None, size: tuple[int, int] = SIZE, **more: Any) -> Sample:
    """A white picture with boxes, of class 1 where no labels are given. more: fields of Objects."""
    numbers = list(labels or [1] * len(boxes))
    objects = Objects(list(boxes), numbers, [NAMES[number - 1] for number in numbers], **more)
    image = Image(png(*size, (255, 255, 255)), "png", *size, "white.png", None)
    return Sample(Location("x.tfrecord", 0, 0), b"", image, objects)
