"""The images of COCO files in a chosen order, each with its annotations, once all of them were looked at.

Images and annotations are written to temporary files by ranges of places, so many that each range fits into memory, and
read back range by range. Memory grows with the number of images, by some 100 bytes each.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import orjson

from tfrecord_lite.coco.read.join import Joined
from tfrecord_lite.coco.read.reader import CocoFile, Element
from tfrecord_lite.coco.read.to_sample import Entry

_RANGE_BYTES = 2 << 20  # of COCO files, that one range of images and their annotations are likely to be of
_MOST_RANGES = 200  # files that are open at once
_IMAGES = ""  # in place of a task

Order = Callable[[object], int]
"""A number of 64 bits by the id of an image: those of small numbers come first."""


class Placed(NamedTuple):
    """An image and its annotations by task.

    place: in the order that was asked for, from 0. number: in the file, from 0.
    numbers: of the annotations in their files, from 0, by task.
    text, texts: the image and its annotations as they are in their files, where that is wanted.
    """

    place: int
    number: int
    joined: Joined
    numbers: Mapping[str, list[int]]
    text: str
    texts: Mapping[str, list[str]]


class PlacedImages:
    """Images with their annotations. The images are looked at at once, the annotations by ``spread``.

    places: of the images, by their numbers in the file.

    Args:
        images: the file whose list of images counts.
        on_image: called with each of them, and whether it is the first with its id.
        order: of the images; None for that of the file.
        texts: whether what the files have is wanted, beside what it means.

    Raises:
        CocoFileError: the file is damaged.
    """

    def __init__(
        self,
        images: CocoFile,
        on_image: Callable[[Entry, bool], None],
        order: Order | None = None,
        *,
        texts: bool = False,
    ) -> None:
        self._images = images
        self._texts = texts
        self._numbers: dict[object, int] = {}
        self._folder = ""
        self._width = 1
        keys = array("Q")
        for number, element in enumerate(images.images()):
            image_id = _id(element.value.get("id"))
            is_first = self._numbers.setdefault(image_id, number) == number
            keys.append(order(image_id) if order is not None else number)
            on_image(element.value, is_first)
        self.places = array("Q", keys)
        for place, number in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
            self.places[number] = place

    def __len__(self) -> int:
        return len(self.places)

    def spread(
        self, annotations: Mapping[str, CocoFile], folder: str, on_annotation: Callable[[str, Entry, bool], None]
    ) -> None:
        """Puts images and annotations into temporary files by their place.

        Args:
            annotations: by task, files whose annotations are wanted; often the same file as that of the images.
            folder: for temporary files; it must exist and be empty.
            on_annotation: called with the task of each annotation, what it says, and whether its image is there.

        Raises:
            CocoFileError: a file is damaged. OSError: the file system refuses.
        """
        size = sum(file.size for file in {id(file): file for file in (self._images, *annotations.values())}.values())
        ranges = max(1, min(_MOST_RANGES, len(self), size // _RANGE_BYTES))
        self._folder, self._width = folder, -(-len(self) // ranges) or 1
        files: dict[int, BinaryIO] = {}

        def write(image: int, task: str, number: int, element: Element) -> None:
            place = self.places[image]
            if (target := files.get(place // self._width)) is None:
                path = os.path.join(folder, str(place // self._width))
                target = files[place // self._width] = open(path, "xb")  # noqa: SIM115 - closed below
            text = element.text if self._texts else ""
            target.write(orjson.dumps([place, task, number, element.value, text]) + b"\n")

        try:
            for number, element in enumerate(self._images.images()):
                write(number, _IMAGES, number, element)
            for task, file in annotations.items():
                for number, element in enumerate(file.annotations()):
                    image = self._numbers.get(_id(element.value.get("image_id")))
                    on_annotation(task, element.value, image is not None)
                    if image is not None:
                        write(image, task, number, element)
        finally:
            for target in files.values():
                target.close()

    def __iter__(self) -> Iterator[Placed]:
        """The images in their order. Temporary files are gone as soon as they are read."""
        for first in range(0, len(self), self._width):
            yield from self._read(os.path.join(self._folder, str(first // self._width)))

    def _read(self, path: str) -> Iterator[Placed]:
        """The images of one range."""
        images: dict[int, tuple[int, Entry, str]] = {}
        annotations: dict[int, dict[str, list[Any]]] = {}
        numbers: dict[int, dict[str, list[int]]] = {}
        texts: dict[int, dict[str, list[str]]] = {}
        with open(path, "rb") as file:
            for line in file:
                place, task, number, entry, text = orjson.loads(line)
                if task == _IMAGES:
                    images[place] = number, entry, text
                else:
                    annotations.setdefault(place, {}).setdefault(task, []).append(entry)
                    numbers.setdefault(place, {}).setdefault(task, []).append(number)
                    texts.setdefault(place, {}).setdefault(task, []).append(text)
        os.unlink(path)
        for place in sorted(images):
            number, entry, text = images[place]
            joined = Joined(dict(entry), annotations.pop(place, {}))
            yield Placed(place, number, joined, numbers.pop(place, {}), text, texts.pop(place, {}))


def _id(value: object) -> object:
    """An id as a key: not that of a list or an object, which nothing refers to."""
    return value if isinstance(value, str | int | float) else None
