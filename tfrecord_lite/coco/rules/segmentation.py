"""Masks: polygons and run lengths, and whether bbox and area are those of the mask.

Polygons are judged by their corners: the box around them, and their area by the shoelace formula. Only where that says
something else than ``area`` are pixels counted, as pycocotools does; within a budget, since it takes a hundred
times as long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import chain
from operator import mul
from typing import Any

from tfrecord_lite.coco.rules.columns import are_numbers, column, is_number, kinds
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import NO_SIZE, Size
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import from_polygons
from tfrecord_lite.masks.rle import decompress, without_zeros

RULES = (
    Rule(
        "E50",
        "segmentation is neither a list of polygons nor run lengths",
        "Write [[x, y, x, y, ...], ...], or an object with size and counts, or [] where there is no mask.",
        ("null", "other", "flat", "empty polygon"),
    ),
    Rule(
        "E51",
        "a polygon has an odd number of values, fewer than six, or one that is no finite number",
        "Write at least three corners x, y in pixels.",
        ("odd", "short", "no number", "not finite"),
    ),
    Rule("W52", "a polygon without area", "Remove it.", ("few corners", "no area")),
    Rule("W53", "a polygon reaches out of its image", "Cut the polygon at the edges of the image."),
    Rule(
        "E54",
        "the size of run lengths is not that of the image",
        "Write size as [height, width] of the image.",
        ("other", "swapped", "no size"),
    ),
    Rule(
        "E55",
        "counts are neither a text nor a list of integers",
        "Write what pycocotools gives, decoded as ASCII; or the list of the runs.",
        ("missing", "other", "no integers", "negative"),
    ),
    Rule("E56", "the runs do not add up to height times width", "Encode the mask again.", ("list", "text")),
    Rule("E57", "counts are a text that holds no run lengths", "Encode the mask again."),
    Rule("W58", "a mask without a pixel", "Remove it: write [], or remove the object."),
    Rule("W59", "bbox is not the box around the mask", "Write the box around the mask."),
    Rule(
        "W5A",
        "polygons and run lengths in one file, other than for crowds",
        "Write all masks in one way, or run lengths for crowds alone.",
    ),
    Rule(
        "I5B",
        "a crowd as polygons, or an object as run lengths",
        "Nothing, unless a reader takes polygons alone.",
        ("crowd", "object"),
    ),
    Rule("W5C", "segmentation is missing", 'Write "segmentation": [] where there is no mask.'),
)

MOST_OUTSIDE = 1.0  # pixels that corners may reach beyond the image
MOST_APART = 2.0  # pixels between the sides of bbox and those of the mask
_TOLERANCE = 0.01  # of the area
_MOST_COUNTED = 8_000_000  # corners times columns of polygons whose pixels are counted: some thousand objects
_ROUNDING = 0.6  # pixels of area for each pixel around the box of polygons that go through the middles of pixels
_ROUNDING_OF_RUNS = 0.25  # likewise where pixels are counted: in the official files, 0.15 at most

BoxLike = Sequence[float] | None


class Segmentations:
    """Checks masks."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._polygons = 0  # objects, not crowds
        self._runs = 0
        self._left = _MOST_COUNTED

    def check(self, annotations: Sequence[dict[str, Any]], boxes: Sequence[BoxLike], sizes: Sequence[Size]) -> None:
        """The annotations of a block, with their boxes as far as they are sound, and the sizes of their images."""
        values = column(annotations, "segmentation")
        if values.count([]) == len(values):
            return
        are_sound = _are_sound(values)
        for number, value in enumerate(values):
            if type(value) is list and value:
                if are_sound or self._are_polygons(value, number):
                    self._check_polygons(value, annotations[number], boxes[number], sizes[number], number)
            elif type(value) is dict:
                self._check_runs(value, annotations[number], boxes[number], sizes[number], number)
            elif value is None and "segmentation" not in annotations[number]:
                if "keypoints" not in annotations[number]:
                    self._found.add("W5C", "", number, "no segmentation")
            elif value != []:
                case = "null" if value is None else "other"
                self._found.add("E50", case, number, f"segmentation {shown(value)}")

    def finish(self) -> None:
        """Reports what only all masks together show."""
        if self._polygons and self._runs:
            text = f"{self._polygons} objects with polygons, {self._runs} with run lengths"
            self._found.add_at("W5A", "", None, text)

    # -------------------------------------------------------------------------------------------- polygons
    def _check_polygons(
        self, polygons: list[Any], annotation: dict[str, Any], box: BoxLike, size: Size, number: int
    ) -> None:
        if annotation.get("iscrowd") == 1:
            self._found.add("I5B", "crowd", number, "iscrowd 1 with polygons")
        else:
            self._polygons += 1
        left = top = math.inf
        right = bottom = -math.inf
        area = outline = 0.0
        for polygon in polygons:
            xs, ys = polygon[0::2], polygon[1::2]
            x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
            twice = abs(sum(map(mul, xs, ys[1:] + ys[:1])) - sum(map(mul, xs[1:] + xs[:1], ys)))
            if not twice:
                case = "few corners" if len(set(zip(xs, ys, strict=True))) < 3 else "no area"
                self._found.add("W52", case, number, f"polygon {shown(polygon)}")
            area += twice / 2
            outline += x1 - x0 + y1 - y0
            left, right, top, bottom = min(left, x0), max(right, x1), min(top, y0), max(bottom, y1)
        if size != NO_SIZE and max(-left, -top, right - size.width, bottom - size.height) > MOST_OUTSIDE:
            text = f"polygon from {left:g}, {top:g} to {right:g}, {bottom:g}"
            self._found.add("W53", "", number, f"{text}, the image has {size.width} x {size.height} pixels")
        self._compare_boxes(box, (left, top, right - left, bottom - top), number)
        if not area:
            return
        slack = _ROUNDING * 2 * outline  # outline is half of the way around the boxes

        def pixels() -> float:
            """The area in painted pixels: overlapping parts count once."""
            self._left -= int(min(outline, size.width)) * sum(map(len, polygons))
            if len(polygons) == 1 or size == NO_SIZE or self._left < 0:
                return area
            try:
                return from_polygons(polygons, size.height, size.width).area
            except ValueError:
                return area

        self._compare_areas(annotation, area, slack, pixels, number)

    def _are_polygons(self, polygons: list[Any], number: int) -> bool:
        """Are these polygons of at least three corners?"""
        if kinds(polygons) != {list}:
            case = "flat" if are_numbers(polygons) else "other"
            self._found.add("E50", case, number, f"segmentation {shown(polygons)}")
            return False
        for polygon in polygons:
            if not polygon:
                self._found.add("E50", "empty polygon", number, f"segmentation {shown(polygons)}")
            elif not are_numbers(polygon):
                case = "not finite" if kinds(polygon) <= {int, float} else "no number"
                wrong = next(each for each in polygon if not is_number(each))
                self._found.add("E51", case, number, f"{shown(wrong)} in a polygon")
            elif len(polygon) % 2:
                self._found.add("E51", "odd", number, f"{len(polygon)} values in a polygon")
            elif len(polygon) < 6:
                self._found.add("E51", "short", number, f"polygon {shown(polygon)}")
            else:
                continue
            return False
        return True

    # ------------------------------------------------------------------------------------------- run lengths
    def _check_runs(
        self, value: dict[str, Any], annotation: dict[str, Any], box: BoxLike, size: Size, number: int
    ) -> None:
        if annotation.get("iscrowd") != 1:
            self._runs += 1
            self._found.add("I5B", "object", number, "iscrowd 0 with run lengths")
        said = value.get("size")
        if type(said) is not list or len(said) != 2 or kinds(said) != {int} or min(said) < 1:
            self._found.add("E54", "no size", number, f"size {shown(said)}")
            return
        height, width = said
        if size not in (NO_SIZE, (width, height)):
            case = "swapped" if size == (height, width) else "other"
            text = f"size {said}, the image has a height of {size.height} and a width of {size.width}"
            self._found.add("E54", case, number, text + (": swapped" if case == "swapped" else ""))
        counts = self._counts(value, number)
        if counts is None:
            return
        if sum(counts) != height * width:
            case = "list" if type(value["counts"]) is list else "text"
            text = f"the runs add up to {sum(counts)}, height times width is {height * width}"
            self._found.add("E56", case, number, text)
            return
        mask = Mask(height, width, without_zeros(counts))
        if not mask.area:
            self._found.add("W58", "", number, "a mask without a pixel")
            return
        self._compare_boxes(box, mask.bbox, number)
        area = float(mask.area)
        slack = _ROUNDING_OF_RUNS * 2 * (mask.bbox[2] + mask.bbox[3])
        self._compare_areas(annotation, area, slack, lambda: area, number)

    def _counts(self, value: dict[str, Any], number: int) -> list[int] | None:
        """The runs, where there are any to be read."""
        counts = value.get("counts")
        if type(counts) is str:
            try:
                return decompress(counts)
            except ValueError as error:
                self._found.add("E57", "", number, f"counts: {error}")
                return None
        if type(counts) is list and kinds(counts) <= {int}:
            if not counts or min(counts) >= 0:
                return counts
            self._found.add("E55", "negative", number, f"a run of {min(counts)} in counts")
        elif type(counts) is list:
            wrong = next(each for each in counts if type(each) is not int)
            self._found.add("E55", "no integers", number, f"{shown(wrong)} in counts")
        else:
            self._found.add("E55", "missing" if "counts" not in value else "other", number, f"counts {shown(counts)}")
        return None

    # -------------------------------------------------------------------------------------------------- both
    def _compare_boxes(self, box: BoxLike, around: tuple[float, float, float, float], number: int) -> None:
        if box is None:
            return
        x, y, width, height = box
        left, top, wide, high = around
        apart = max(abs(x - left), abs(y - top), abs(x + width - left - wide), abs(y + height - top - high))
        if apart > MOST_APART:
            text = f"bbox {shown(list(box))}, the box around the mask is [{left:g}, {top:g}, {wide:g}, {high:g}]"
            self._found.add("W59", "", number, text)

    def _compare_areas(
        self, annotation: dict[str, Any], area: float, slack: float, pixels: Callable[[], float], number: int
    ) -> None:
        said: Any = annotation.get("area")
        if not is_number(said) or said <= 0 or annotation.get("iscrowd") == 1:  # areas of crowds never count
            return
        allowed = _TOLERANCE * area + slack
        if abs(said - area) > allowed and abs(said - (area := pixels())) > _TOLERANCE * area + slack:
            self._found.add("W49", "mask", number, f"area {shown(said)}, that of the mask is {area:g}")


def _are_sound(values: Sequence[Any]) -> bool:
    """Whether all that are lists are polygons of at least three corners."""
    polygons = list(chain.from_iterable([value for value in values if type(value) is list]))
    if not kinds(polygons) <= {list}:
        return False
    lengths = set(map(len, polygons))
    if any(length < 6 or length % 2 for length in lengths):
        return False
    return are_numbers(list(chain.from_iterable(polygons)))
