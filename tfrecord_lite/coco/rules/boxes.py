"""Boxes and areas, and the flags that decide how an object counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from tfrecord_lite.coco.rules.columns import are_numbers, column, is_box, is_number, kinds
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import NO_SIZE, Size

RULES = (
    Rule(
        "E40",
        "bbox is missing, or is not four finite numbers",
        "Write [x, y, width, height] in pixels.",
        ("missing", "null", "no list", "not four", "no number", "not finite"),
    ),
    Rule("E41", "the width or height of a box is negative", "Write [x, y, width, height], not two corners."),
    Rule("W42", "the width or height of a box is 0", "Remove the object, or give it its size."),
    Rule("W43", "the width or height of a box is less than a pixel", "Remove the object, if it is none."),
    Rule("W44", "a box reaches out of its image", "Cut the box at the edges of the image."),
    Rule("E45", "a box has nothing in common with its image", "Remove the object, or mend its box or its image_id."),
    Rule(
        "W46",
        "the boxes look as if they were not x, y, width, height in pixels",
        "Write [x, y, width, height] in pixels.",
        ("normalised", "corners"),
    ),
    Rule(
        "E47",
        "area is missing, or no finite number",
        "Write the pixels of the mask, or width times height of the box.",
        ("missing", "null", "no number", "not finite"),
    ),
    Rule("W48", "area is 0 or negative", "Write the pixels of the mask, or width times height of the box."),
    Rule(
        "W49",
        "area is larger than the box, or not that of the mask",
        "Write the pixels of the mask, or width times height of the box.",
        ("box", "mask"),
    ),
    Rule("E4A", "iscrowd is missing, or neither 0 nor 1", "Write 0, or 1 for a group.", ("missing", "not 0 or 1")),
    Rule("W4A", "iscrowd is true or false", "Write 0 or 1."),
    Rule("E4B", "an object has ignore, and it is not 0", "Leave ignore out, or write iscrowd 1."),
    Rule("I4C", "a box is more than 20 times as long as wide", "Look at it."),
)

MOST_OUTSIDE = 0.5  # pixels that boxes may reach beyond the image: rounding
_LONGEST = 20
_LARGER = 1.05  # times the box that an area may be: rounding
_NORMALISED = 1.5  # no box in pixels ends before this


class Boxes:
    """Checks boxes, areas and flags."""

    def __init__(self, found: Findings, *, lvis: bool) -> None:
        self._found = found
        self._lvis = lvis
        self._boxes = 0
        self._small = 0  # nearly within the unit square
        self._outside = 0
        self._corner_like = 0  # that are sound if read as two corners

    def check(self, annotations: Sequence[dict[str, Any]], sizes: Sequence[Size]) -> list[Any]:
        """The annotations of a block with the sizes of their images. Returns the boxes: four numbers, or None."""
        boxes = column(annotations, "bbox")
        if kinds(boxes) != {list} or set(map(len, boxes)) != {4} or not are_numbers(list(chain(*boxes))):
            boxes = [self._checked(annotation, number) for number, annotation in enumerate(annotations)]
        areas = column(annotations, "area")
        if not are_numbers(areas):
            areas = [self._checked_area(annotation, number) for number, annotation in enumerate(annotations)]
        self._boxes += len(boxes)
        for number, (box, area, (right, bottom)) in enumerate(zip(boxes, areas, sizes, strict=True)):
            if box is None:
                continue
            x, y, width, height = box
            if not (
                1 <= width <= _LONGEST * height
                and 1 <= height <= _LONGEST * width
                and x >= 0
                and x + width <= right
                and y >= 0
                and y + height <= bottom
                and x + width > _NORMALISED
            ):
                self._look_at(number, box, Size(right, bottom))
            if area is not None and not 0 < area <= _LARGER * width * height:
                self._look_at_area(number, area, box, is_crowd=annotations[number].get("iscrowd") == 1)
        self._check_flags(annotations)
        return boxes

    def finish(self) -> None:
        """Reports what only all boxes together show."""
        if self._boxes and self._small == self._boxes:
            self._found.add_at("W46", "normalised", None, f"all {self._boxes} boxes lie between 0 and 1")
        elif 2 * self._outside > self._boxes and self._corner_like == self._outside:
            text = f"{self._outside} of {self._boxes} boxes reach out of their images; read as two corners, none would"
            self._found.add_at("W46", "corners", None, text)

    def _checked(self, annotation: dict[str, Any], number: int) -> list[Any] | None:
        """The box, where it is four numbers."""
        if "bbox" not in annotation:
            self._found.add("E40", "missing", number, "no bbox")
            return None
        box = annotation["bbox"]
        if is_box(box):
            return box  # type: ignore[no-any-return]
        if box is None:
            case = "null"
        elif type(box) is not list:
            case = "no list"
        elif len(box) != 4:
            case = "not four"
        elif kinds(box) - {int, float}:
            case = "no number"
        else:
            case = "not finite"
        self._found.add("E40", case, number, f"bbox {shown(box)}")
        return None

    def _checked_area(self, annotation: dict[str, Any], number: int) -> float | None:
        """The area, where it is a number."""
        area = annotation.get("area")
        if area is None:
            case = "null" if "area" in annotation else "missing"
        elif type(area) not in (int, float):
            case = "no number"
        elif not is_number(area):
            case = "not finite"
        else:
            return float(area)
        self._found.add("E47", case, number, "no area" if case == "missing" else f"area {shown(area)}")
        return None

    def _look_at(self, number: int, box: Sequence[float], size: Size) -> None:
        """Checks a box that may be unusual."""
        x, y, width, height = box
        text = f"bbox {shown(list(box))}"
        self._small += x >= 0 and y >= 0 and x + width <= _NORMALISED and y + height <= _NORMALISED
        if width < 0 or height < 0:
            self._found.add("E41", "", number, text)
            return
        if not width or not height:
            self._found.add("W42", "", number, text)
        elif width < 1 or height < 1:
            self._found.add("W43", "", number, text)
        elif width > _LONGEST * height or height > _LONGEST * width:
            self._found.add("I4C", "", number, text)
        if size == NO_SIZE:
            return
        outside = max(-x, -y, x + width - size.width, y + height - size.height)
        if x >= size.width or y >= size.height or x + width <= 0 or y + height <= 0:
            self._found.add("E45", "", number, f"{text}, the image has {size.width} x {size.height} pixels")
        elif outside > MOST_OUTSIDE:
            self._found.add("W44", "", number, f"{text}, the image has {size.width} x {size.height} pixels")
        else:
            return
        self._outside += 1
        self._corner_like += 0 <= x < width <= size.width and 0 <= y < height <= size.height

    def _look_at_area(self, number: int, area: float, box: Sequence[float], *, is_crowd: bool) -> None:
        """Reports an area that its box cannot have. Those of crowds never count; official files have rough ones."""
        if area <= 0:
            self._found.add("W48", "", number, f"area {shown(area)}")
        elif box[2] > 0 and box[3] > 0 and not is_crowd:
            self._found.add("W49", "box", number, f"area {shown(area)}, width times height {box[2] * box[3]:g}")

    def _check_flags(self, annotations: Sequence[dict[str, Any]]) -> None:
        """The keys iscrowd and ignore."""
        crowds = column(annotations, "iscrowd")
        if not (kinds(crowds) == {int} and 0 <= min(crowds) <= max(crowds) <= 1):
            for number, crowd in enumerate(crowds):
                if crowd is None and "iscrowd" not in annotations[number]:
                    if not self._lvis:
                        self._found.add("E4A", "missing", number, "no iscrowd")
                elif type(crowd) is bool:
                    self._found.add("W4A", "", number, f"iscrowd {shown(crowd)}")
                elif type(crowd) is not int or crowd not in (0, 1):
                    self._found.add("E4A", "not 0 or 1", number, f"iscrowd {shown(crowd)}")
        if any("ignore" in annotation for annotation in annotations):
            for number, annotation in enumerate(annotations):
                if annotation.get("ignore", 0) not in (0, False):
                    self._found.add("E4B", "", number, f"ignore {shown(annotation['ignore'])}")
