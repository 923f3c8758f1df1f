"""The images of COCO files in a chosen order, each with its annotations, wherever these are in the files.

Images and annotations are written to temporary files by ranges of images, so many that each range fits into memory, and
read back range by range. Memory grows with the number of images, by some 100 bytes each.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

import orjson

from tfrecord_lite.coco.read.reader import CocoFile, Element

_RANGE_BYTES = 2 << 20  # of COCO files, that a range of images and their annotations should come to
_MOST_RANGES = 200  # files that are open at once
_IMAGES = ""  # in place of a task

Order = Callable[[object], int]
"""A number of 64 bits by the id of an image: those of small numbers come first."""


class Joined(NamedTuple):
    """An image and its annotations by task, in the order of their files.

    place: in the order that was asked for, from 0. number: in the file, from 0.
    numbers: of the annotations in their files, from 0, by task.
    text, texts: the image and its annotations as the text in their files, if that is wanted.
    """

    image: dict[str, Any]
    annotations: Mapping[str, list[dict[str, Any]]]
    place: int
    number: int
    numbers: Mapping[str, list[int]]
    text: str
    texts: Mapping[str, list[str]]


def _ignore(*_: object) -> None:
    pass


class Join:
    """Images with their annotations. Making it reads the images, ``spread`` reads the annotations.

    Args:
        images: the file whose list of images counts.
        on_image: called with each of them, and whether it is the first with its id.
        order: of the images; None for that of the file.
        wanted: numbers of the images that are wanted, from 0 in the order of the file; None for all.
        texts: whether the entries are also wanted as the text in the files.

    Raises:
        CocoFileError: the file is damaged.
    """

    def __init__(
        self,
        images: CocoFile,
        on_image: Callable[[dict[str, Any], bool], None] = _ignore,
        *,
        order: Order | None = None,
        wanted: Collection[int] | None = None,
        texts: bool = False,
    ) -> None:
        self._images = images
        self._wanted = wanted
        self._texts = texts
        self._indexes: dict[object, int] = {}
        self._folder = ""
        self._width = 1
        keys = array("Q")
        for index, (_, element) in enumerate(self._wanted_images()):
            image_id = _id(element.value.get("id"))
            is_first = self._indexes.setdefault(image_id, index) == index
            keys.append(order(image_id) if order is not None else index)
            on_image(element.value, is_first)
        self._places = array("Q", keys)
        for place, index in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
            self._places[index] = place

    def __len__(self) -> int:
        return len(self._places)

    def _wanted_images(self) -> Iterator[tuple[int, Element]]:
        """The images that are wanted, with their numbers in the file."""
        wanted = self._wanted
        return (each for each in enumerate(self._images.elements("images")) if wanted is None or each[0] in wanted)

    def spread(
        self,
        annotations: Mapping[str, CocoFile],
        folder: str,
        on_annotation: Callable[[str, dict[str, Any], bool], None] = _ignore,
    ) -> None:
        """Puts images and annotations into temporary files by their place. Annotations of no image are left out.

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

        def write(index: int, task: str, number: int, element: Element, source: CocoFile) -> None:
            place = self._places[index]
            if (target := files.get(place // self._width)) is None:
                path = os.path.join(folder, str(place // self._width))
                target = files[place // self._width] = open(path, "xb")  # noqa: SIM115 - closed below
            text = element.text if self._texts else ""
            try:
                # Two levels deeper than need be, so that what fits here also fits where it is written later.
                target.write(orjson.dumps([place, task, number, [[element.value]], text]) + b"\n")
            except orjson.JSONEncodeError:  # orjson parses 1,024 levels, and writes 254
                raise source.error(element.offset, "lists in lists in lists, expected an entry of COCO") from None

        try:
            for index, (number, element) in enumerate(self._wanted_images()):
                write(index, _IMAGES, number, element, self._images)
            for task, file in annotations.items():
                for number, element in enumerate(file.elements("annotations")):
                    image = self._indexes.get(_id(element.value.get("image_id")))
                    on_annotation(task, element.value, image is not None)
                    if image is not None:
                        write(image, task, number, element, file)
        finally:
            for target in files.values():
                target.close()

    def __iter__(self) -> Iterator[Joined]:
        """The images in their order. Temporary files are gone as soon as they are read."""
        for first in range(0, len(self), self._width):
            yield from _read(os.path.join(self._folder, str(first // self._width)))


def join(
    images: CocoFile, annotations: Mapping[str, CocoFile], wanted: Collection[int] | None = None
) -> Iterator[Joined]:
    """Images in the order of their file, with the annotations of these files. See Join.

    Raises:
        CocoFileError: a file is damaged.
    """
    joined = Join(images, wanted=wanted)
    with tempfile.TemporaryDirectory(prefix="tfrecord2coco-") as folder:
        joined.spread(annotations, folder)
        yield from joined


def _read(path: str) -> Iterator[Joined]:
    """The images of one range. Each is parsed in its turn, since parsed entries take up to ten times the memory."""
    lines: dict[int, list[bytes]] = {}
    with open(path, "rb") as file:
        for line in file:
            lines.setdefault(int(line[1 : line.index(b",")]), []).append(line)
    os.unlink(path)
    for place in sorted(lines):
        entries = map(orjson.loads, lines.pop(place))
        _, _, number, [[image]], text = next(entries)
        annotations: dict[str, list[Any]] = {}
        numbers: dict[str, list[int]] = {}
        texts: dict[str, list[str]] = {}
        for _, task, in_file, [[entry]], as_written in entries:
            annotations.setdefault(task, []).append(entry)
            numbers.setdefault(task, []).append(in_file)
            texts.setdefault(task, []).append(as_written)
        yield Joined(image, annotations, place, number, numbers, text, texts)


def _id(value: object) -> object:
    """An id as a key: not that of a list or an object, which nothing refers to."""
    return value if isinstance(value, str | int | float) else None
