"""How records are read: what a caller can choose."""

from __future__ import annotations

from dataclasses import dataclass

from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE

COORDINATES = ("auto", "normalized", "pixel")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How records are read.

    coordinates: ``auto`` to decide by the values of each file, else ``normalized`` or ``pixel``.
    schema: ``auto``, or the name of the schema that the records have.
    roles: keys of one's own for roles of the schema.
    image_root: where the pictures are that records only name; None where there are none to find.
    category: the class of objects in files that name none.
    masks: whether the masks of objects are decoded.
    ignored_labels: numbers of semantic and panoptic label images that mean "no class".
    panoptic_divisor: of raw panoptic numbers, which are class * divisor + instance; None where there are none.
    max_record_size: the largest payload to accept, in bytes.
    recover: look for records behind damage.
    verify_images: decode every image fully.
    """

    coordinates: str = "auto"
    schema: str = "auto"
    roles: tuple[tuple[str, str], ...] = ()
    image_root: str | None = None
    category: str = "object"
    masks: bool = True
    ignored_labels: frozenset[int] = frozenset({0, 255})
    panoptic_divisor: int | None = None
    max_record_size: int = MAX_RECORD_SIZE
    recover: bool = False
    verify_images: bool = False
