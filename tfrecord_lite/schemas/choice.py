"""The first records of a file -> how to read all of them: the layout, the unit of the boxes, what there is to expect.

Decided over several records and never by the first alone. Records without boxes decide nothing about boxes: where the
first have none, that is settled by the first that do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tfrecord_lite.errors import FeatureError, LayoutError, printable
from tfrecord_lite.example import Example
from tfrecord_lite.schemas.layout import Layout
from tfrecord_lite.schemas.object_detection import OBJECT_DETECTION

SAMPLE_RECORDS = 16  # records that are looked at before the first is read
SAMPLE_BYTES = 32 << 20  # or fewer, where they are large
LARGEST_NORMALIZED = 2.0  # beyond it a coordinate is no overshoot of a normalised box any more


@dataclass(frozen=True, slots=True)
class Choice:
    """How the records of one file are read.

    layout: which key plays which role.
    pixel: whether box coordinates are pixels; else they are normalised by the image size.
    has_images: whether records hold image bytes; where none does, they are taken at their word about the size.
    has_classes: whether records have a key for the class of their objects.
    normalized_area: whether areas are fractions of the image; else they are square pixels.
    has_boxes: whether there were boxes to decide by; else the first record with one settles the rest.
    """

    layout: Layout
    pixel: bool
    has_images: bool
    has_classes: bool
    normalized_area: bool
    has_boxes: bool


def choose(examples: Sequence[Example], coordinates: str = "auto") -> Choice:
    """Decides how the records of a file are read.

    Args:
        examples: the first of them, at least one.
        coordinates: ``auto`` to decide by the values, else ``normalized`` or ``pixel``.

    Raises:
        LayoutError: they follow no layout that is known.
    """
    layout = OBJECT_DETECTION
    if not any(_follows(layout, example) for example in examples):
        raise LayoutError(
            examples[0].where,
            "the records follow no known layout: there is neither image/encoded nor image/object/bbox. "
            f"The keys are {_describe(examples[0])}",
        )
    boxes = [box for example in examples for box in _boxes(layout, example)]
    return Choice(
        layout,
        pixel=_in_pixels(boxes) if coordinates == "auto" else coordinates == "pixel",
        has_images=any(_holds(example, layout.encoded) for example in examples),
        has_classes=any(key in example for example in examples for key in layout.number + layout.text),
        normalized_area=_area_is_normalized(layout, examples),
        has_boxes=any(has_boxes(layout, example) for example in examples),
    )


def settle(choice: Choice, examples: Sequence[Example], coordinates: str) -> Choice:
    """Decides what the first records of a file left open, by the first that have boxes."""
    later = choose(examples, coordinates)
    return replace(later, layout=choice.layout, has_images=choice.has_images)


def has_boxes(layout: Layout, example: Example) -> bool:
    """Whether a record has a side of a box."""
    return any(example.count(key) for side in layout.boxes for key in side)


def _follows(layout: Layout, example: Example) -> bool:
    """Whether a record has an image, or a side of a box, where this layout has it."""
    return any(key in example for keys in (layout.encoded, *layout.boxes) for key in keys)


def _holds(example: Example, keys: tuple[str, ...]) -> bool:
    """Whether one of the features has a value that is not empty bytes."""
    return any(value != b"" for key in keys for value in example.values(key))


def _boxes(layout: Layout, example: Example) -> Iterator[tuple[float, ...]]:
    """The finite boxes of a record; what is wrong with the others is found when it is read."""
    try:
        sides = [next((example.floats(key) for key in keys if key in example), []) for keys in layout.boxes]
    except FeatureError:
        return
    for box in zip(*sides, strict=False):
        if all(map(math.isfinite, box)):
            yield box


def _in_pixels(boxes: Sequence[tuple[float, ...]]) -> bool:
    """Whether most boxes reach further than any normalised one. A few that do are faults of normalised files."""
    beyond = sum(max(map(abs, box)) > LARGEST_NORMALIZED for box in boxes)
    return 2 * beyond > len(boxes)


def _area_is_normalized(layout: Layout, examples: Sequence[Example]) -> bool:
    """Whether all areas are at most 1. In pixels that would be a file of nothing but single pixels."""
    areas = [value for example in examples for key in layout.area for value in example.values(key)]
    return bool(areas) and all(isinstance(area, float) and 0 <= area <= 1 for area in areas) and any(areas)


def _describe(example: Example) -> str:
    """Keys with their kinds and lengths, for a message."""
    shown = [f"{printable(key)} ({example.kind(key)}[{example.count(key)}])" for key in example.keys()[:12]]
    more = len(example.keys()) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
