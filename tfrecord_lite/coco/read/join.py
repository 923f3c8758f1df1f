"""The images of a COCO file, each with its annotations, wherever in the file or in its companions these are.

Annotations may come in any order. They are written to temporary files by ranges of images, so many that each range fits
into memory, and read back range by range: two passes over the data, and memory that grows with the number of images by
some 100 bytes each.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import orjson

from tfrecord_lite.coco.read.reader import CocoFile, Element

_RANGE_BYTES = 8 << 20  # of a COCO file, that the annotations of one range of images are likely to be of
_MOST_RANGES = 200  # files that are open at once


class Joined(NamedTuple):
    """An image and its annotations by task, in the order of their files."""

    image: dict[str, Any]
    annotations: Mapping[str, list[dict[str, Any]]]


def join(
    images: CocoFile, annotations: Mapping[str, CocoFile], wanted: Collection[int] | None = None
) -> Iterator[Joined]:
    """Joins images and annotations by ``image_id``. Annotations of missing images are left out.

    Args:
        images: the file whose list of images counts, in its order.
        annotations: by task, files whose annotations are wanted; often the same file.
        wanted: numbers of the images that are wanted, from 0 in the order of the file; None for all.

    Raises:
        CocoFileError: a file is damaged.
    """
    order: dict[Any, int] = {}
    for element in _some(images, wanted):
        order.setdefault(_id(element.value.get("id")), len(order))
    size = sum(file.size for file in {id(file): file for file in annotations.values()}.values())
    ranges = max(1, min(_MOST_RANGES, len(order), size // _RANGE_BYTES))
    width = -(-len(order) // ranges) or 1
    with tempfile.TemporaryDirectory(prefix="tfrecord2coco-") as folder:
        _spread(annotations, order, width, folder)
        at, found = -1, {}
        for element in _some(images, wanted):
            place = order[_id(element.value.get("id"))]
            if place // width != at:
                at = place // width
                found = _read(os.path.join(folder, str(at)))
            yield Joined(element.value, found.pop(place, {}))


def _some(images: CocoFile, wanted: Collection[int] | None) -> Iterator[Element]:
    """The entries of the images that are wanted."""
    return (each for number, each in enumerate(images.images()) if wanted is None or number in wanted)


def _id(value: object) -> object:
    """An id as a key: not that of a list or an object, which nothing refers to."""
    return value if isinstance(value, str | int | float) else None


def _spread(annotations: Mapping[str, CocoFile], order: Mapping[Any, int], width: int, folder: str) -> None:
    """Writes each annotation to the file of its range, as a line: place of its image, task, and what it says."""
    files: dict[int, BinaryIO] = {}
    try:
        for task, file in annotations.items():
            for element in file.annotations():
                place = order.get(_id(element.value.get("image_id")))
                if place is None:
                    continue
                if (target := files.get(place // width)) is None:
                    path = os.path.join(folder, str(place // width))
                    target = files[place // width] = open(path, "wb")  # noqa: SIM115 - closed below
                target.write(orjson.dumps([place, task, element.value]) + b"\n")
    finally:
        for target in files.values():
            target.close()


def _read(path: str) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """The annotations of one range, by place of their image and by task."""
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    if os.path.exists(path):
        with open(path, "rb") as file:
            for line in file:
                place, task, entry = orjson.loads(line)
                found.setdefault(place, {}).setdefault(task, []).append(entry)
    return found
