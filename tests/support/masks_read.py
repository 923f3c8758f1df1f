"""Encoded images -> masks, as the readers of records ask for them: by the header first, then by the pixels."""

from __future__ import annotations

from tfrecord_lite.errors import Location
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.from_pixels import mask_from_image, masks_by_value
from tfrecord_lite.masks.mask import Mask

WHERE = Location("train.tfrecord", 3, 1024)
KEY = "image/object/mask"


def mask_in(data: bytes) -> Mask:
    """The foreground of an image."""
    return mask_from_image(data, read_image_info(data, WHERE, KEY), WHERE, KEY)


def masks_in(data: bytes) -> dict[int, Mask]:
    """The mask of each value of a label image."""
    return masks_by_value(data, read_image_info(data, WHERE, KEY), WHERE, KEY)
