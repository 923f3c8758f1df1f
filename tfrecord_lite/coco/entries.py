"""Sample -> the entries of COCO files, field by field.

The fields are those of cocodataset.org/#format-data, in one fixed order, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast

import orjson

from tfrecord_lite.coco.numbers import Precision, rounded, rounded_boxes, shortest, shortest_of_each
from tfrecord_lite.coco.resolve_classes import Category
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import from_polygons, trace
from tfrecord_lite.masks.rle import compress
from tfrecord_lite.sample import Image, Object, Objects, Panoptic, Value

MOST_OUTLINED_RUNS = 1 << 14  # of a mask that is written as polygons: any shape has fewer, noise takes gigabytes


def image_entry(image: Image, number: int, file_name: str) -> dict[str, Any]:
    """The entry of one image. file_name: where its bytes are, below the image folder."""
    entry: dict[str, Any] = {"id": number, "width": image.width, "height": image.height, "file_name": file_name}
    if image.source_id is not None:
        entry["source_id"] = image.source_id
    if image.filename and image.filename != file_name:
        entry["original_file_name"] = image.filename
    for name, value in image.metadata.items():
        entry[name] = _json_value(value)
    return entry


class Fragments(NamedTuple):
    """What entries say behind their ids.

    entries: one an object. faults: why objects cannot be said, by their number. noisy: numbers of those whose masks are
    written as run lengths, since polygons of them would be of no use to anyone.
    """

    entries: list[dict[str, Any]]
    faults: dict[int, str]
    noisy: list[int]


def annotation_fragments(objects: Objects, image: Image, precision: Precision, masks: str) -> Fragments:
    """The entries of a sample's objects from ``bbox`` on."""
    boxes = rounded_boxes(objects.boxes, precision)
    areas, faults = _areas(objects, boxes, image, precision)
    noisy: list[int] = []
    crowds: Iterable[int] = repeat(0) if objects.crowds is None else map(int, objects.crowds)
    fragments: list[dict[str, Any]] = [
        {"bbox": box, "area": area, "iscrowd": crowd, "segmentation": []}
        for box, area, crowd in zip(boxes, areas, crowds)  # noqa: B905 - zeros without end
    ]
    if masks != "none" and (objects.masks is not None or objects.polygons is not None):
        for number, (thing, rest) in enumerate(zip(objects, fragments, strict=True)):
            try:
                rest["segmentation"] = _segmentation(thing, image, precision, masks)
            except ValueError as error:
                faults[number] = str(error)
            if thing.mask is not None and _outlines(thing, masks) and type(rest["segmentation"]) is dict:
                noisy.append(number)
    if objects.keypoints is not None:
        for points, rest in zip(objects.keypoints, fragments, strict=True):
            if points is not None:
                rest["keypoints"] = [rounded(value, precision) for value in points]
                rest["num_keypoints"] = sum(visibility > 0 for visibility in points[2::3])
    if objects.dense_pose is not None:
        for pose, rest in zip(objects.dense_pose, fragments, strict=True):
            rest.update({name: _json_value(values) for name, values in (pose or {}).items()})
    if objects.attributes is not None:
        for attributes, rest in zip(objects.attributes, fragments, strict=True):
            if attributes:
                rest["attributes"] = {name: _json_value(value) for name, value in attributes.items()}
    return Fragments(fragments, faults, noisy)


def _areas(
    objects: Objects, boxes: Sequence[Sequence[float]], image: Image, precision: Precision
) -> tuple[Sequence[float], dict[int, str]]:
    """The record's areas; else the pixels of the mask; else width times height of the box as it is written."""
    given = objects.areas
    if given and None not in given:
        return shortest_of_each(cast("Sequence[float]", given)), {}
    doubled = precision if precision is None else 2 * precision
    areas, faults = [rounded(box[2] * box[3], doubled) for box in boxes], {}
    for number, thing in enumerate(objects) if given or objects.masks or objects.polygons else ():
        try:
            if thing.area is not None:
                areas[number] = shortest(thing.area)
            elif thing.mask is not None:
                areas[number] = float(thing.mask.area)
            elif thing.polygons:
                areas[number] = float(from_polygons(thing.polygons, image.height, image.width).area)
        except ValueError as error:
            faults[number] = str(error)
    return areas, faults


def _segmentation(thing: Object, image: Image, precision: Precision, masks: str) -> list[Any] | dict[str, Any]:
    """What stands under ``segmentation``; an empty list where the object has no mask."""
    if thing.mask is None and not thing.polygons:
        return []
    as_polygons = _outlines(thing, masks)
    if thing.polygons and as_polygons:
        return [[rounded(value, precision) for value in part] for part in thing.polygons]
    mask = thing.mask or from_polygons(thing.polygons or [], image.height, image.width)
    if as_polygons and len(mask.counts) <= MOST_OUTLINED_RUNS:
        return trace(mask)
    return run_length_encoding(mask, compressed=as_polygons or masks == "rle")


def _outlines(thing: Object, masks: str) -> bool:
    """Whether a segmentation is to be polygons."""
    return masks == "polygon" or (masks == "coco" and not thing.crowd)


def run_length_encoding(mask: Mask, *, compressed: bool) -> dict[str, Any]:
    """A mask as COCO's RLE: a string, or the list of counts."""
    return {"size": [mask.height, mask.width], "counts": compress(mask.counts) if compressed else mask.counts}


def stuff_fragment(mask: Mask) -> bytes:
    """The entry of the pixels of one class in one image from the value of ``segmentation`` on."""
    rest = [
        orjson.dumps(run_length_encoding(mask, compressed=True)),
        b'"area":%d' % mask.area,
        b'"bbox":' + orjson.dumps(mask.bbox),
        b'"iscrowd":0}',
    ]
    return b",".join(rest)


def panoptic_fragment(panoptic: Panoptic) -> bytes:
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


def category_entry(category: Category) -> dict[str, Any]:
    """One category. Without a parent it is its own supercategory, as ``person`` is in the official files."""
    entry: dict[str, Any] = {"id": category.id, "name": category.name, "supercategory": category.name}
    item, keypoints = category.item, category.keypoints
    if item is not None:
        if item.supercategory:
            entry["supercategory"] = item.supercategory
        keypoints = item.keypoints or keypoints
        if item.frequency:
            entry["frequency"] = item.frequency
        if item.instance_count is not None:
            entry["instance_count"] = item.instance_count
    if keypoints:
        entry["keypoints"] = list(keypoints)
        entry["skeleton"] = [list(edge) for edge in item.skeleton] if item else []
    return entry
