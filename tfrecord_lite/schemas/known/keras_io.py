"""The keras.io recipe: one record per annotation, with the image repeated in each.

Source: keras-io examples/keras_recipes/creating_tfrecords.py: ``bbox`` is COCO's x, y, width, height in pixels.
"""

from __future__ import annotations

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

KERAS_IO = Schema(
    name="keras_io",
    encoded=("image",),
    filename=("path",),
    source_id=("image_id",),
    box=("bbox",),
    box_order="xywh",
    pixel=True,
    number=("category_id",),
    area=("area",),
    merged=True,
    implied=frozenset({"id"}),
)


def recognise(keys: Keys) -> Schema | None:
    """The recipe's schema: one box a record, with the ids of its image and category."""
    if not {"image", "bbox", "category_id", "image_id"} <= keys.keys():
        return None
    return KERAS_IO if keys["bbox"].most == 4 else None
