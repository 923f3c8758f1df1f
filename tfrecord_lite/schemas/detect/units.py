"""The unit of coordinates and areas, by the boxes of the first records: pixels, or fractions of the image.

A few boxes that reach too far are faults, and not another unit; so most of the boxes decide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION, known_size
from tfrecord_lite.schemas.read.sides import read_sides
from tfrecord_lite.schemas.schema import Schema, present

SMALL_UNITS = 10.0  # if no box of a file reaches beyond it, coordinates of larger images are hardly pixels
_SMALL_IMAGE = 64  # pixels; of a smaller one they may be
_TINY = 2.0  # pixels a side: of a whole file such boxes mark nothing that could be seen
_FULL_BOX = 1.01  # of a box, that an object in it fills at most; more than 1, since float32 rounds both
_PERCENT = 100.5  # no box in percent reaches further; the half is for rounding
_NEARLY_ALL = 90.0  # percent, that some of many boxes reach in both axes
_MANY = 8  # boxes
_LARGE_IMAGE = 200  # pixels; of a smaller one boxes that end at 100 may well be pixels
_Boxes = list[tuple[float, ...]]


class Units(NamedTuple):
    """The units of a file.

    pixel: whether coordinates are pixels; else they are fractions of the image size. why: in words.
    small_boxes: whether coordinates are too large to be fractions, and too small to be pixels of such images.
    normalized_area: whether areas are fractions of the image; else they are square pixels.
    doubts: code and text of a finding for every record with boxes, if their unit may not be what it seems.
    """

    pixel: bool
    why: str
    small_boxes: bool
    normalized_area: bool
    doubts: tuple[tuple[str, str], ...]


def decide_units(schema: Schema, examples: Sequence[Example], coordinates: str) -> Units:
    """Decides by the first records. coordinates: ``auto``, or the unit that the caller says."""
    by_record = [list(_boxes(schema, example)) for example in examples]
    boxes, noun = list(chain.from_iterable(by_record)), "boxes"
    if not boxes:  # keypoints have the unit of boxes
        boxes = [(x, y, x, y) for example in examples for x, y in _points(schema, example)]
        noun = "keypoints" if boxes else noun
    largest = [max(map(abs, box)) for box in boxes]
    beyond = sum(each > LARGEST_FRACTION for each in largest)
    are_small = False
    if beyond and max(largest) <= SMALL_UNITS:
        sizes = [size for example in examples if (size := known_size(example, schema)) is not None]
        are_small = bool(sizes) and min(map(min, sizes)) >= _SMALL_IMAGE
    if coordinates != "auto":
        pixel, why = coordinates == "pixel", "as --coordinates says"
    elif schema.pixel is not None:
        pixel, why = schema.pixel, f"as {schema.name} has them"
    elif are_small and any(value % 1 for box in boxes for value in box):
        pixel, why = False, f"of {len(boxes)} {noun} none reaches beyond {SMALL_UNITS:g}, which pixels of images would"
    else:
        pixel, why = 2 * beyond > len(boxes), f"{beyond} of {len(boxes)} {noun} reach beyond {LARGEST_FRACTION:g}"
    are_fractions = _are_areas_fractions(schema, examples, by_record, pixel=pixel)
    doubts: tuple[tuple[str, str], ...] = ()
    if noun == "boxes" and boxes and (coordinates == "auto" or are_small):
        doubts = _doubts(schema, examples, by_record, pixel=pixel, are_small=are_small)
    return Units(pixel, why, are_small, are_fractions, doubts)


def _doubts(
    schema: Schema, examples: Sequence[Example], by_record: Sequence[_Boxes], *, pixel: bool, are_small: bool
) -> tuple[tuple[str, str], ...]:
    """Why the unit of boxes may be another one, in one finding at most. by_record: boxes of each."""
    boxes = list(chain.from_iterable(by_record))
    longest = max(max(abs(x1 - x0), abs(y1 - y0)) for x0, y0, x1, y1 in boxes)
    ends = [max(values) for values in zip(*boxes, strict=True)]
    may_be_percent = pixel and len(boxes) >= _MANY and _NEARLY_ALL <= min(ends[2:]) <= max(ends) <= _PERCENT
    if longest > (_TINY if pixel else _TINY / _SMALL_IMAGE) and not (are_small or may_be_percent):
        return ()  # as nearly all do: no image is looked at
    filled = [
        (found, known_size(each, schema) or (0, 0)) for each, found in zip(examples, by_record, strict=True) if found
    ]
    smallest = min(min(size) for _, size in filled)
    image = "an image of {}x{}".format(*max(size for _, size in filled))
    if are_small:
        text = f"all boxes lie within {SMALL_UNITS:g} pixels of the corner of {image}: are these pixels?"
        return (("boxes-tiny", text),) if pixel else ()
    if may_be_percent and smallest >= _LARGE_IMAGE:
        text = f"boxes reach to 100 across and down, and none further, in {image}: are these percent? No option reads"
        text += " percent: records need fractions of the image, or pixels. If these are pixels, say --coordinates pixel"
        return (("boxes-percent", text),)
    if not pixel:
        longest = max(
            max(abs(x1 - x0) * width, abs(y1 - y0) * height)
            for found, (width, height) in filled
            for x0, y0, x1, y1 in found
        )
    if smallest < _SMALL_IMAGE or not 0 < longest <= _TINY:
        return ()
    text = f"no box is larger than {longest:.2g} pixels a side in {image}"
    if pixel:
        text += ", if these are pixels, as they are taken for. If that is right, say --coordinates pixel"
    else:
        text += ": coordinates are taken for fractions of the image. Were they divided by its size twice?"
        text += " If they are pixels, say --coordinates pixel; if they are right, --coordinates normalized"
    return (("boxes-tiny", text),)


def _are_areas_fractions(
    schema: Schema, examples: Sequence[Example], by_record: Sequence[_Boxes], *, pixel: bool
) -> bool:
    """Whether areas are fractions of the image: none is above 1, and few are larger than what their boxes are of it.

    As square pixels they would be objects of a single pixel each, whose boxes are smaller parts of the image than that.

    pixel: whether boxes have pixels.
    """
    areas = [value for example in examples for key in schema.area for value in example.values(key)]
    if not any(areas) or not all(isinstance(area, float) and 0 <= area <= 1 for area in areas):
        return False
    within = beyond = 0
    for example, boxes in zip(examples, by_record, strict=True):
        width, height = (known_size(example, schema) or (None, None)) if pixel else (1, 1)
        given = example.floats(present(example, schema.area))
        if width and height and len(boxes) == len(given):
            for area, (x0, y0, x1, y1) in zip(given, boxes, strict=True):
                part = abs((x1 - x0) * (y1 - y0)) / (width * height)
                within += area <= _FULL_BOX * part
                beyond += area > _FULL_BOX * part
    return within >= beyond


def _boxes(schema: Schema, example: Example) -> Iterator[tuple[float, ...]]:
    """The finite boxes of a record; reading it will report what is wrong with the others."""
    try:
        sides = read_sides(example, schema, whole=True)
    except FeatureError:
        return
    for box in zip(*sides.lists, strict=True):
        if all(map(math.isfinite, box)):
            yield box


def _points(schema: Schema, example: Example) -> Iterator[tuple[float, float]]:
    """The finite keypoints of a record; those of triples are always pixels."""
    try:
        xs, ys = (example.numbers(present(example, keys)) for keys in (schema.keypoint_x, schema.keypoint_y))
        pairs = example.numbers(present(example, schema.keypoint_pairs))
    except FeatureError:
        return
    for x, y in chain(zip(xs, ys, strict=False), zip(pairs[::2], pairs[1::2], strict=False)):
        if math.isfinite(x) and math.isfinite(y):
            yield x, y
