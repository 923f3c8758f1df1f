"""Sample -> the image and annotation entries of a COCO file, field by field.

The fields are those of cocodataset.org/#format-data, in one fixed order, so that the same input gives the same bytes.
"""

from __future__ import annotations

from typing import Any

from tfrecord_lite.coco.numbers import Precision, rounded_box, shortest
from tfrecord_lite.sample import Image, Object, Value


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


def annotation_entry(
    thing: Object, number: int, image_number: int, category: int, precision: Precision
) -> dict[str, Any]:
    """The entry of one object."""
    box = rounded_box(thing.box, precision)
    area = box[2] * box[3] if thing.area is None else shortest(thing.area)
    if thing.area is None and precision is not None:
        area = round(thing.box[2] * thing.box[3], precision)
    entry: dict[str, Any] = {
        "id": number,
        "image_id": image_number,
        "category_id": category,
        "bbox": box,
        "area": area,
        "iscrowd": int(thing.crowd),
        "segmentation": [],
    }
    if thing.attributes:
        entry["attributes"] = {name: _json_value(value) for name, value in thing.attributes.items()}
    return entry


def _json_value(value: Value) -> Value:
    """A value of a record as it is written: float32 without the noise of its format."""
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, list):
        return [shortest(item) if isinstance(item, float) else item for item in value]  # type: ignore[return-value]
    return value
