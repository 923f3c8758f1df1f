"""Which kinds of content a record does not have, as far as its schema reads it."""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.words import BOXES, CLASSES, IMAGE, KEYPOINTS, MASKS


def missing_content(schema: Schema, example: Example, *, has_images: bool, has_masks: bool) -> tuple[str, ...]:
    """The kinds of content that are missing.

    has_images: whether records of the file have images. has_masks: whether masks are wanted.
    """

    def has(*roles: Sequence[str]) -> bool:
        return any(example.count(key) for role in roles for key in role)

    missing = [] if has_images else [IMAGE]
    if not has(schema.geometry):
        missing.append(BOXES)
    elif not has(schema.number, schema.text) and not schema.category:
        missing.append(CLASSES)
    ours = schema.mask + schema.rle_counts + schema.mask_bytes + schema.mask_indices + schema.polygon + schema.outline_x
    if has_masks and not has(ours, schema.semantic, schema.panoptic_png, schema.panoptic_category):
        missing.append(MASKS)
    if not has(schema.keypoint_x, schema.keypoint_pairs, schema.keypoint_triples):
        missing.append(KEYPOINTS)
    return (*missing, CLASSES) if BOXES in missing else tuple(missing)
