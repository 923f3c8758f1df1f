"""The area of an object and its mask, as COCO has them: polygons or run lengths; likewise of stuff."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson

from tfrecord_lite.budgets import COLUMNS, CORNERS, POLYGON_COLUMNS, Budget, spend_of_input
from tfrecord_lite.coco.draft.numbers import Precision, rounded, shortest
from tfrecord_lite.errors import Location
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import from_polygons, trace
from tfrecord_lite.masks.rle import compress
from tfrecord_lite.sample import Image, Object, Objects

MOST_OUTLINED_RUNS = 1 << 14  # of a mask that is written as polygons: shapes have fewer, and noise would take gigabytes


def add_shapes(
    entries: Sequence[dict[str, Any]],
    objects: Objects,
    image: Image,
    precision: Precision,
    masks: str,
    where: Location,
) -> tuple[dict[int, str], list[int]]:
    """Adds areas and masks to the entries of a sample's objects.

    Returns:
        Why objects cannot be written, by number; and the numbers of those whose masks are too noisy for polygons.
    """
    faults: dict[int, str] = {}
    noisy: list[int] = []
    columns = Budget(POLYGON_COLUMNS, COLUMNS)
    for number, (obj, entry) in enumerate(zip(objects, entries, strict=True)):
        try:
            _add_shape(entry, obj, image, precision, masks, columns)
        except ValueError as error:
            faults[number] = str(error)
        if obj.mask is not None and _outlines(obj, masks) and type(entry["segmentation"]) is dict:
            noisy.append(number)
    spend_of_input(COLUMNS, columns.spent, where)
    if objects.masks is not None:
        outlines = (entry["segmentation"] for entry in entries if type(entry["segmentation"]) is list)
        spend_of_input(CORNERS, sum(map(len, chain.from_iterable(outlines))) // 2, where)
    return faults, noisy


def _add_shape(
    entry: dict[str, Any], obj: Object, image: Image, precision: Precision, masks: str, columns: Budget
) -> None:
    """The area of an object, if it is not that of its box, and its mask.

    The area is the record's; else the pixels of the mask. ValueError where its polygons cannot be drawn.
    """
    as_polygons = _outlines(obj, masks)
    mask = obj.mask
    if mask is None and obj.polygons and (obj.area is None or not (as_polygons or masks == "none")):
        mask = from_polygons(obj.polygons, image.height, image.width, columns)
    if obj.area is not None:
        entry["area"] = shortest(obj.area)
    elif mask is not None:
        entry["area"] = float(mask.area)
    if masks == "none":
        return
    if obj.polygons and as_polygons:
        entry["segmentation"] = [[rounded(value, precision) for value in part] for part in obj.polygons]
    elif mask is not None and as_polygons and len(mask.counts) <= MOST_OUTLINED_RUNS:
        entry["segmentation"] = trace(mask)
    elif mask is not None:
        entry["segmentation"] = run_length_encoding(mask, compressed=as_polygons or masks == "rle")


def _outlines(obj: Object, masks: str) -> bool:
    """Whether a segmentation is to be polygons."""
    return masks == "polygon" or (masks == "coco" and not obj.crowd)


def run_length_encoding(mask: Mask, *, compressed: bool) -> dict[str, Any]:
    """A mask as COCO's RLE: a string, or the list of counts."""
    return {"size": [mask.height, mask.width], "counts": compress(mask.counts) if compressed else mask.counts}


def stuff_fragment(mask: Mask) -> bytes:
    """The entry of the pixels of one class in one image from ``segmentation`` on."""
    return b'"segmentation":%b,"area":%d,"bbox":%b,"iscrowd":0}' % (
        orjson.dumps(run_length_encoding(mask, compressed=True)),
        mask.area,
        orjson.dumps(mask.bbox),
    )
