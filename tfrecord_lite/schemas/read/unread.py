"""What looks like content and is not read: reported with the options that would read it, whichever record has it.

The names of keys are looked at once for each set of keys; only where one of them is suspicious the values of a record
are. A record whose content is all read costs nothing. Of roles that say the same thing in different ways one is read;
the keys of the others are reported here, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.schemas.detect.suspects import keys_left, missing_content
from tfrecord_lite.schemas.detect.words import BOXES, CLASSES, IMAGE, KEYPOINTS, MASKS, any_may_hold
from tfrecord_lite.schemas.schema import Schema

if TYPE_CHECKING:
    from tfrecord_lite.schemas.guess.guess import Guess

_CODES = {IMAGE: "image", BOXES: "boxes", CLASSES: "classes", MASKS: "masks", KEYPOINTS: "keypoints"}
_TWICE = "convert the file once as it is, and once with"
_MOST_NAMED = 5  # keys in a message
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
_BOXES = frozenset({"box", "rows", "xmin", "xcenter"})
"""Any boxes that an option reads have one of these roles."""
SIDES = ("xmin", "ymin", "xmax", "ymax")


class Unread:
    """Watches records with one set of keys. schema: not narrowed; keys: those that nothing reads, or as attributes."""

    def __init__(self, choice: Choice, example: Example, keys: Sequence[str], *, has_masks: bool) -> None:
        self._schema = choice.schema
        self._tensors = choice.tensors
        self._suspects = choice.suspects
        self._wanted = missing_content(choice.schema, example, has_images=choice.has_images, has_masks=has_masks)
        self._pixel = None if BOXES in self._wanted else choice.pixel
        self._unit_of_others = choice.pixel if choice.has_boxes else None
        by_values = bool(self._wanted) and choice.suspects.hold_content(keys_left(keys, choice.schema))
        self.is_suspicious = by_values or any_may_hold(keys, self._wanted)

    def tell(self, example: Example, objects: int, findings: list[Finding]) -> None:
        """Adds what this record holds and nothing reads. objects: how many of them are read."""
        from tfrecord_lite.schemas.guess.roles import guess_roles  # noqa: PLC0415 - few records need it

        guess = guess_roles(example, self._schema, self._wanted, objects, self._suspects, pixel=self._pixel)
        if not guess.found:
            return
        keys = [key for found in guess.found.values() for key in found]
        named = ", ".join(map(shortened, keys[:_MOST_NAMED])) + (", ..." if len(keys) > _MOST_NAMED else "")
        text = f"{named}: looks like {' and '.join(guess.found)}, and is not read{guess.remarks}"
        if not self._tensors.isdisjoint(keys):
            text += ". It is bytes of tf.io.serialize_tensor, which can be read"
        if BOXES in guess.found and self._unit_of_others is not None:
            text += self._told_of_others(guess)
        code = f"{_CODES[next(iter(guess.found))]}-not-read"
        options = f". These options would read it: {guess.options}" if guess.roles else ""
        findings.append(Finding(code, example.where, f"{text}{options}"))

    def _told_of_others(self, guess: Guess) -> str:
        """What the options for these boxes would do to the boxes of other records, which are read by now."""
        if _BOXES.isdisjoint(guess.roles):
            return ""  # no option reads them
        if guess.pixel not in (None, self._unit_of_others):
            unit = "pixel" if guess.pixel else "normalized"
            also = f"--coordinates={unit} --on-error=skip and "
            return f". The boxes of other records have another unit: {_TWICE} {also}what follows"
        if guess.roles.keys() <= {"box", "box_order"}:
            return ""  # where a record has no such list, the sides are read
        return f". Other records have theirs under other keys: {_TWICE} what follows"


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
