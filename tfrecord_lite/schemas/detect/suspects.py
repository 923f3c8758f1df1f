"""Keys that nothing reads: which of them deserve a look at their values, given what the file lacks.

Found out once for a file by its first records, so that records whose other keys hold nothing of the kind cost no more
than a look at names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format
from tfrecord_lite.schemas.detect.words import (
    BOXES,
    CLASSES,
    IMAGE,
    KEYPOINTS,
    MASKS,
    any_may_hold,
    is_remark,
    words_of,
)
from tfrecord_lite.schemas.schema import Schema

MOST_KEYS = 250  # that are looked into: records have some tens
LONGEST_ARRAY = 1 << 15  # bytes of an array of boxes that is looked into
_LEAST_ROW = 4  # bytes: of any array the number of bytes is a multiple
_NO_KEYS: Mapping[str, Any] = {}  # a plain one, which crosses the border of a process


class Boxes(NamedTuple):
    """Boxes in one list or array, a row an object.

    orders: of the four numbers of a box, those that every box allows, the likeliest first; none where only the name
    says that these are boxes. counts: how many rows each record has. columns: of a row, with {} for the box; empty of a
    list of boxes alone. row_type: of numbers in bytes; empty of a list.
    """

    orders: tuple[str, ...]
    counts: tuple[int, ...]
    columns: str = ""
    row_type: str = ""


class Suspects(NamedTuple):
    """What the first records of a file show of keys that nothing reads.

    cleared: those that hold no content that is missing.
    counts: how many values each has in each record.
    objects: how many objects the schema reads there; empty where it reads none.
    boxes: what holds boxes in one list or array.
    """

    cleared: frozenset[str] = frozenset()
    counts: Mapping[str, tuple[int, ...]] = _NO_KEYS
    objects: tuple[int, ...] = ()
    boxes: Mapping[str, Boxes] = _NO_KEYS

    def hold_content(self, keys: Sequence[str]) -> bool:
        """Whether one of these keys may hold content by its values: not cleared, and no remark by its name."""
        return any(key not in self.cleared and not is_remark(words_of(key)) for key in keys)


NO_SUSPECTS = Suspects()


def keys_left(keys: Iterable[str], schema: Schema) -> list[str]:
    """The keys among these that have no role, and are no predictions."""
    read = schema.read_keys - {*schema.label_number, *schema.label_text}
    return [key for key in sorted(keys) if key not in read and not key.startswith(schema.predictions)]


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


def are_suspicious(examples: Sequence[Example], keys: Sequence[str], contents: Collection[str]) -> bool:
    """Whether one of these keys may hold missing content, by its name or by what a glance at its values shows."""
    if not contents or len(keys) > MOST_KEYS:
        return False
    return any_may_hold(keys, contents) or any(
        not is_remark(words_of(key)) and any(_may_hold_content(example, key) for example in examples) for key in keys
    )


def _may_hold_content(example: Example, key: str) -> bool:
    """Whether a key has a list, or a single value that may be an array of boxes, or JSON."""
    if example.count(key) != 1 or example.kind(key) != "bytes":
        return example.count(key) > 1
    value = example.buffers(key)[0]
    head, size = bytes(value[:HEAD_SIZE]), len(value)
    if head[:1] in (b"[", b"{"):
        return True
    is_text = head.isascii() and b"\0" not in head
    return 0 < size <= LONGEST_ARRAY and size % _LEAST_ROW == 0 and not is_text and image_format(head) is None
