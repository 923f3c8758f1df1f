"""Objects of one image and one category: too many, or repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from tfrecord_lite.coco.read.json_elements import Block, Unreadable
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.coco.rules.by_image import ByImage, Group, Row
from tfrecord_lite.coco.rules.columns import is_box
from tfrecord_lite.coco.rules.finding import Findings, Place, Rule, identity_of, shown
from tfrecord_lite.coco.rules.ids import ImageTable

RULES = (
    Rule("W4D", "two objects of one image have the same category and the same box", "Remove one of them."),
    Rule("I4E", "two boxes of one image and category are nearly the same", "Look whether they are one object."),
    Rule(
        "I4F",
        "more than 100 objects of one category in an image, of which COCOeval counts 100 detections",
        "Give COCOeval a maxDets of your own.",
    ),
)

_MOST = 100  # COCOeval's largest maxDets
_NEARLY = 0.95  # intersection over union


class Crowding:
    """Checks the objects of each image against each other."""

    def __init__(self, coco: CocoFile, images: ImageTable, found: Findings) -> None:
        self._coco = coco
        self._images = images
        self._groups = ByImage(len(images), lambda: map(self._rows_of, coco.blocks("annotations")))
        self._found = found
        self._own = Findings(found.file)  # void once objects turn out to be scattered

    def check(
        self, block: Block, images: Sequence[int], categories: Sequence[Any], boxes: Sequence[Sequence[float] | None]
    ) -> None:
        """The annotations of a block: numbers of their images, categories and boxes, as far as they are sound."""
        self._look_at(self._groups.add(_rows(block.offset, images, categories, boxes)))

    def finish(self) -> None:
        """What is left."""
        if self._groups.is_scattered:
            self._own = Findings(self._found.file)
        self._look_at(self._groups.finish())
        self._found.take(self._own)

    def close(self) -> None:
        """Removes what was kept in files."""
        self._groups.close()

    def _rows_of(self, block: Block) -> list[Row]:
        """The objects of a block, once more."""
        values = [value.value if isinstance(value, Unreadable) else value for value in block.values]
        entries = [value if type(value) is dict else {} for value in values]
        images = [self._images.place_of(entry.get("image_id")) for entry in entries]
        boxes = [box if is_box(box := entry.get("bbox")) else None for entry in entries]
        return _rows(block.offset, images, [entry.get("category_id") for entry in entries], boxes)

    def _look_at(self, groups: Iterable[Group]) -> None:
        """The objects of images."""
        for group in groups:
            if len({row[1] for row in group}) < len(group):
                for _, rows in groupby(sorted(group, key=_by_category), key=itemgetter(1)):
                    self._compare(list(rows))

    def _compare(self, rows: list[Row]) -> None:
        """The objects of one image and one category, sorted by their boxes."""
        if len(rows) > _MOST:
            self._add("I4F", rows[0], f"{len(rows)} objects of category {rows[0][1]} in one image")
        for before, row in pairwise(rows):
            if before[2:6] == row[2:6]:
                self._add("W4D", row, f"bbox {shown(list(row[2:6]))} came before")
        if len(rows) <= _MOST:
            for first, row in enumerate(rows):
                for other in rows[first + 1 :]:
                    if other[2] - row[2] > (1 - _NEARLY) * row[4]:
                        break
                    if _overlap(row, other) > _NEARLY and row[2:6] != other[2:6]:
                        text = f"bbox {shown(list(row[2:6]))}, and {shown(list(other[2:6]))}"
                        self._add("I4E", other, text)

    def _add(self, code: str, row: Row, text: str) -> None:
        place = None
        if self._own.wants(code) and (element := self._coco.element_at("annotations", *row[6:])):
            place = Place(self._own.file, "annotation", identity_of(element.value), None, element.offset, text)
        self._own.add_place(code, "", place)


def _rows(
    at: int, images: Sequence[int], categories: Sequence[Any], boxes: Sequence[Sequence[float] | None]
) -> list[Row]:
    return [
        (image, category, *box, at, number)  # type: ignore[misc]
        for number, (image, category, box) in enumerate(zip(images, categories, boxes, strict=True))
        if box is not None and image >= 0 and type(category) is int and -(2**63) <= category < 2**63
    ]


def _by_category(row: Row) -> tuple[float, ...]:
    """By category, and then by box."""
    return row[1:6]


def _overlap(row: Row, other: Row) -> float:
    """Intersection over union of two boxes."""
    _, _, x, y, width, height, _, _ = row
    _, _, left, top, wide, high, _, _ = other
    across = min(x + width, left + wide) - max(x, left)
    down = min(y + height, top + high) - max(y, top)
    if across <= 0 or down <= 0:
        return 0.0
    common = across * down
    return common / (width * height + wide * high - common)
