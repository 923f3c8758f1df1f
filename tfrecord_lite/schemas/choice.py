"""The first records of a file -> how to read all of them: the layout, the unit of the boxes, what there is to expect.

Decided over several records and never by the first alone. Records without boxes decide nothing about boxes: where the
first have none, that is settled by the first that do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tfrecord_lite.errors import FeatureError, LayoutError
from tfrecord_lite.example import Example
from tfrecord_lite.frames import FRAME_INDEX
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.evidence import Keys, describe, guess_roles, survey
from tfrecord_lite.schemas.families import find_layout
from tfrecord_lite.schemas.layout import Layout, with_roles
from tfrecord_lite.schemas.sides import read_sides

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
    frames: whether the records are videos, whose frames are read.
    evidence: what was decided by, in words.
    """

    layout: Layout
    pixel: bool
    has_images: bool
    has_classes: bool
    normalized_area: bool
    has_boxes: bool
    frames: bool
    evidence: tuple[str, ...]


def choose(examples: Sequence[Example], path: str, options: ReadOptions) -> Choice:
    """Decides how the records of a file are read.

    Args:
        examples: the first of them, at least one.
        path: the file, beside which there may be descriptions of it.
        options: what the caller knows better.

    Raises:
        LayoutError: they follow no layout that is known.
        UsageError: the caller names a role that does not exist.
    """
    # A video among pictures is one record at fault, not a file of videos.
    keys = survey([example for example in examples if FRAME_INDEX not in example] or examples)
    layout = find_layout(keys, path, options.schema)
    if layout is None and options.roles:
        layout = Layout("custom")
    if layout is None:
        raise LayoutError(examples[0].where, _unknown(keys))
    layout = with_roles(layout, options.roles)
    return _decide(layout, examples, options.coordinates)


def settle(choice: Choice, examples: Sequence[Example], path: str, options: ReadOptions) -> Choice:
    """Decides what the first records of a file left open, by the first that have boxes."""
    layout = choice.layout
    if not layout.geometry:  # a layout that is made of the keys at hand had none to make boxes of
        layout = choose(examples, path, options).layout
    return replace(_decide(layout, examples, options.coordinates), has_images=choice.has_images)


def _decide(layout: Layout, examples: Sequence[Example], coordinates: str) -> Choice:
    """What else the first records tell, their layout known."""
    boxes = [box for example in examples for box in _boxes(layout, example)]
    beyond = sum(max(map(abs, box)) > LARGEST_NORMALIZED for box in boxes)
    if coordinates != "auto":
        pixel, why = coordinates == "pixel", "as --coordinates says"
    elif layout.pixel is not None:
        pixel, why = layout.pixel, f"as {layout.name} has them"
    else:
        # A few that reach too far are faults of normalised files, not files of pixels.
        pixel, why = 2 * beyond > len(boxes), f"{beyond} of {len(boxes)} boxes reach beyond {LARGEST_NORMALIZED:g}"
    areas = [value for example in examples for key in layout.area for value in example.values(key)]
    unit = "pixel" if pixel else "normalized"
    return Choice(
        layout,
        pixel=pixel,
        has_images=any(_holds_bytes(example, layout.encoded) for example in examples),
        has_classes=any(key in example for example in examples for key in layout.number + layout.text),
        # In pixels areas of at most 1 would make a file of nothing but single pixels.
        normalized_area=any(areas) and all(isinstance(area, float) and 0 <= area <= 1 for area in areas),
        has_boxes=any(has_boxes(layout, example) for example in examples),
        frames=all(FRAME_INDEX in example for example in examples),
        evidence=(f"layout {layout.name} by the keys of {len(examples)} records", f"{unit} coordinates: {why}"),
    )


def has_boxes(layout: Layout, example: Example) -> bool:
    """Whether a record has a side of a box; of a layout without boxes, whether it has keys that say they are some."""
    if layout.geometry:
        return any(example.count(key) for key in layout.geometry)
    return any(key.rpartition("/")[2] == "bbox" and example.count(key) for key in example)


def _holds_bytes(example: Example, keys: Sequence[str]) -> bool:
    """Whether one of the features has a value that is not empty bytes."""
    return any(value != b"" for key in keys for value in example.values(key))


def _boxes(layout: Layout, example: Example) -> Iterator[tuple[float, ...]]:
    """The finite boxes of a record; what is wrong with the others is found when it is read."""
    try:
        sides = read_sides(example, layout, whole=True)
    except FeatureError:
        return
    for box in zip(*sides.lists, strict=True):
        if all(map(math.isfinite, box)):
            yield box


def _unknown(keys: Keys) -> str:
    """What an unknown layout looks like, and how it could be described."""
    text = f"the records follow no known layout. Their keys are {describe(keys)}"
    if roles := guess_roles(keys):
        guess = " ".join(f"--map {role}={key}" for role, key in roles.items())
        text += f". Say which key plays which role; the nearest guess is: {guess}"
    return text
