"""Roles that say the same thing in different ways: which one is read where a record has several."""

from __future__ import annotations

from collections.abc import Iterator

from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.schema import Schema

_MASKS = ("mask", "rle_counts", "mask_bytes", "mask_indices")  # the first counts
_BESIDE = {"rle_counts": "rle_size", "mask_indices": "mask_values", "polygon": "polygon_ends"}
_STANDS_FOR: dict[str, tuple[str, ...]] = {
    **{role: _MASKS[:place] for place, role in enumerate(_MASKS) if place},
    "polygon": (*_MASKS, "outline_x"),
    "keypoint_x": ("keypoint_triples", "keypoint_pairs"),
    "keypoint_y": ("keypoint_triples", "keypoint_pairs"),
    "keypoint_pairs": ("keypoint_triples",),
    "keypoint_visibility": ("keypoint_triples", "keypoint_hidden"),
    "keypoint_hidden": ("keypoint_triples",),
    # Beside panoptic masks a label image has numbers of its own (Model Garden, create_coco_tf_record.py).
    "semantic": ("panoptic_category",),
    "semantic_format": ("panoptic_category",),
    **dict.fromkeys(("panoptic_png", "panoptic_number", "panoptic_label", "panoptic_crowd"), ("panoptic_category",)),
}
"""Roles, with those that are read in their place."""
SIDES = ("xmin", "ymin", "xmax", "ymax")


def shadowed_keys(schema: Schema, example: Example) -> Iterator[str]:
    """The keys of a record whose role is played by another one. schema: narrowed to these keys."""

    def has(role: str) -> bool:
        return any(map(example.count, getattr(schema, role)))

    for role, others in _STANDS_FOR.items():
        if has(role) and any(map(has, others)):
            yield from getattr(schema, role)
            if (beside := _BESIDE.get(role)) is not None and has(beside):
                yield from getattr(schema, beside)


def shadowed_sides(schema: Schema, example: Example) -> tuple[str, ...]:
    """The keys of sides of boxes, where four numbers or the corners of polygons are read in their place."""
    others = (*schema.box, *schema.outline_x)
    keys = tuple(key for role in SIDES for key in getattr(schema, role) if example.count(key))
    return keys if any(map(example.count, others)) else ()
