"""Sample -> the entries of COCO files, field by field.

The fields are those of cocodataset.org/#format-data, in one fixed order, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from tfrecord_lite.coco.numbers import Precision, rounded, rounded_box, shortest
from tfrecord_lite.coco.polygons import from_polygons, trace
from tfrecord_lite.masks import Mask
from tfrecord_lite.rle import compress
from tfrecord_lite.sample import Image, Object, Panoptic, Value

MASKS = ("coco", "polygon", "rle", "rle-uncompressed", "none")
"""How masks are written. ``coco``: as the official files have them, polygons, and uncompressed RLE for crowds."""


def image_entry(image: Image, number: int, file_name: str) -> dict[str, Any]:
    """The entry of one image. file_name: where its bytes are, below the image folder."""
    entry: dict[str, Any] = {"id": number, "width": image.width, "height": image.height, "file_name": file_name}
    if image.source_id is not None:
        entry["source_id"] = image.source_id
    if image.filename and image.filename != file_name:
        entry["original_file_name"] = image.filename
    for name, value in image.facts.items():
        entry[name] = _json_value(value)
    return entry


def annotation_rest(
    thing: Object, area: float | None, image: Image, precision: Precision, masks: str
) -> dict[str, Any]:
    """The entry of one object from ``bbox`` on. area: the record's, as it is written; None where it has none.

    Raises:
        ValueError: its polygon cannot be drawn.
    """
    box = rounded_box(thing.box, precision)
    rest: dict[str, Any] = {
        "bbox": box,
        "area": _area(thing, image, box, precision) if area is None else area,
        "iscrowd": int(thing.crowd),
        "segmentation": [] if masks == "none" else _segmentation(thing, image, precision, masks),
    }
    if thing.keypoints is not None:
        rest["keypoints"] = [rounded(value, precision) for value in thing.keypoints]
        rest["num_keypoints"] = sum(visibility > 0 for visibility in thing.keypoints[2::3])
    if thing.dense_pose:
        rest.update({name: _json_value(values) for name, values in thing.dense_pose.items()})
    if thing.attributes:
        rest["attributes"] = {name: _json_value(value) for name, value in thing.attributes.items()}
    return rest


def _area(thing: Object, image: Image, box: Sequence[float], precision: Precision) -> float:
    """The pixels of the mask; else width times height of the box as it is written."""
    if thing.mask is not None:
        return float(thing.mask.area)
    if thing.polygons:
        return float(from_polygons(thing.polygons, image.height, image.width).area)
    return rounded(box[2] * box[3], precision if precision is None else 2 * precision)


def _segmentation(thing: Object, image: Image, precision: Precision, masks: str) -> list[Any] | dict[str, Any]:
    """What stands under ``segmentation``; an empty list where the object has no mask."""
    if thing.mask is None and not thing.polygons:
        return []
    as_polygons = masks == "polygon" or (masks == "coco" and not thing.crowd)
    if thing.polygons and as_polygons:
        return [[rounded(value, precision) for value in part] for part in thing.polygons]
    mask = thing.mask or from_polygons(thing.polygons or [], image.height, image.width)
    if as_polygons:
        return trace(mask)
    return run_length_encoding(mask, compressed=masks == "rle")


def run_length_encoding(mask: Mask, *, compressed: bool) -> dict[str, Any]:
    """A mask as COCO's RLE: a string, or the list of counts."""
    return {"size": [mask.height, mask.width], "counts": compress(mask.counts) if compressed else mask.counts}


def stuff_rest(mask: Mask) -> bytes:
    """The entry of the pixels of one class in one image from the value of ``segmentation`` on."""
    rest = [
        orjson.dumps(run_length_encoding(mask, compressed=True)),
        b'"area":%d' % mask.area,
        b'"bbox":' + orjson.dumps(mask.bbox),
        b'"iscrowd":0}',
    ]
    return b",".join(rest)


def panoptic_rest(panoptic: Panoptic) -> bytes:
    """The entry of one image's segments from the value of ``segments_info`` on.

    ``iscrowd`` holds the instance number, or -1 for a crowd, until it is known which classes have instances.
    """
    segments = [
        {
            "id": segment.number,
            "category_id": segment.category,
            "area": segment.area,
            "bbox": segment.box,
            "iscrowd": -1 if segment.crowd else segment.instance,
        }
        for segment in panoptic.segments
    ]
    return orjson.dumps(segments) + b"}"


def _json_value(value: Value) -> Value:
    """A value of a record as it is written: float32 without the noise of its format."""
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, list):
        return [_json_value(item) if isinstance(item, float) else item for item in value]
    return value
