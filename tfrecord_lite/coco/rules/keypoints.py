"""Keypoints of objects: x, y, v for each, v 0 for not labelled, 1 for hidden, 2 for visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfrecord_lite.coco.rules.categories import Category
from tfrecord_lite.coco.rules.columns import are_numbers
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import NO_SIZE, Size

RULES = (
    Rule(
        "E60",
        "keypoints are no list of x, y, v",
        "Write three finite numbers for each keypoint.",
        ("no list", "no number", "not by three"),
    ),
    Rule(
        "E61",
        "an object has another number of keypoints than its category",
        "Write x, y, v for each keypoint of the category; 0, 0, 0 where one is not labelled.",
        ("other number", "none in the category"),
    ),
    Rule("E62", "the visibility of a keypoint is not 0, 1 or 2", "Write 0 not labelled, 1 hidden, 2 visible."),
    Rule("W63", "a keypoint that is not labelled has a place", "Write 0, 0, 0; or v 1 or 2, where the place is right."),
    Rule(
        "E64",
        "num_keypoints is missing, or not the number of labelled keypoints",
        "Write how many have a v above 0.",
        ("missing", "other number"),
    ),
    Rule("W65", "a labelled keypoint is outside of its image", "Mend its place, or write 0, 0, 0."),
    Rule(
        "I66",
        "objects have another number of keypoints than COCO's 17",
        "Give COCOeval tolerances of your own: params.kpt_oks_sigmas.",
    ),
)

_OF_COCO = 17
_MOST_OUTSIDE = 0.5  # pixels: rounding


class Keypoints:
    """Checks keypoints."""

    def __init__(self, categories: Mapping[int, Category], found: Findings) -> None:
        self._categories = categories
        self._found = found
        self._other_numbers: dict[int, int] = {}

    def check(self, annotations: Sequence[dict[str, Any]], sizes: Sequence[Size]) -> None:
        """The annotations of a block with the sizes of their images."""
        for number, annotation in enumerate(annotations):
            if "keypoints" in annotation:
                self._check(annotation, sizes[number], number)

    def finish(self) -> None:
        """Reports what only all objects together show."""
        for count, times in sorted(self._other_numbers.items()):
            self._found.add_at("I66", "", None, f"{times} objects with {count} keypoints")

    def _check(self, annotation: dict[str, Any], size: Size, number: int) -> None:
        points = annotation["keypoints"]
        if type(points) is not list:
            self._found.add("E60", "no list", number, f"keypoints {shown(points)}")
        elif not are_numbers(points):
            self._found.add("E60", "no number", number, f"keypoints {shown(points)}")
        elif len(points) % 3:
            self._found.add("E60", "not by three", number, f"{len(points)} numbers in keypoints")
        else:
            self._check_count(annotation, len(points) // 3, number)
            self._check_points(annotation, points, size, number)

    def _check_count(self, annotation: dict[str, Any], count: int, number: int) -> None:
        if count != _OF_COCO:
            self._other_numbers[count] = self._other_numbers.get(count, 0) + 1
        identity = annotation.get("category_id")
        category = self._categories.get(identity) if type(identity) is int else None
        if category is None or not count:
            return
        if category.keypoints is None:
            text = f"{count} keypoints, the category {shown(category.name)} names none"
            self._found.add("E61", "none in the category", number, text)
        elif category.keypoints != count:
            text = f"{count} keypoints, the category {shown(category.name)} has {category.keypoints}"
            self._found.add("E61", "other number", number, text)

    def _check_points(self, annotation: dict[str, Any], points: list[float], size: Size, number: int) -> None:
        seen = points[2::3]
        labelled = sum(each > 0 for each in seen)
        for x, y, v in zip(points[0::3], points[1::3], seen, strict=True):
            if v not in (0, 1, 2):
                self._found.add("E62", "", number, f"visibility {shown(v)}")
            elif not v:
                if x or y:
                    self._found.add("W63", "", number, f"x {x:g}, y {y:g}, visibility 0")
            elif size != NO_SIZE and max(-x, -y, x - size.width, y - size.height) > _MOST_OUTSIDE:
                text = f"x {x:g}, y {y:g}, the image has {size.width} x {size.height} pixels"
                self._found.add("W65", "", number, text)
        said = annotation.get("num_keypoints")
        if said is None:
            self._found.add("E64", "missing", number, "no num_keypoints")
        elif said != labelled:
            text = f"num_keypoints {shown(said)}, {labelled} have a visibility above 0"
            self._found.add("E64", "other number", number, text)
