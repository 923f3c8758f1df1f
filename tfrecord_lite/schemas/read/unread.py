"""What looks like content and is not read: reported with the options that would read it, whichever record has it.

The names of keys are looked at once for each set of keys; only where one of them is suspicious the values of a record
are. A record whose content is all read costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.detect import Choice
from tfrecord_lite.schemas.words import BOXES, CLASSES, IMAGE, KEYPOINTS, MASKS, any_may_hold

_CODES = {IMAGE: "image", BOXES: "boxes", CLASSES: "classes", MASKS: "masks", KEYPOINTS: "keypoints"}
_MOST_NAMED = 5  # keys in a message


class Unread:
    """Watches records with one set of keys. schema: not narrowed; keys: those that nothing reads, or as attributes."""

    def __init__(self, choice: Choice, example: Example, keys: Sequence[str], *, has_masks: bool) -> None:
        self._schema = choice.schema
        self._tensors = choice.tensors
        self._wanted = tuple(_missing(choice, example, has_masks=has_masks))
        self.is_suspicious = any_may_hold(keys, self._wanted)

    def tell(self, example: Example, objects: int, findings: list[Finding]) -> None:
        """Adds what this record holds and nothing reads. objects: how many of them are read."""
        from tfrecord_lite.schemas.guess import guess_roles  # noqa: PLC0415 - few records need it

        guess = guess_roles(example, self._schema, self._wanted, objects)
        if not guess.found:
            return
        keys = [key for found in guess.found.values() for key in found]
        named = ", ".join(map(shortened, keys[:_MOST_NAMED])) + (", ..." if len(keys) > _MOST_NAMED else "")
        text = f"{named}: looks like {' and '.join(guess.found)}, and is not read{guess.remarks}"
        if not self._tensors.isdisjoint(keys):
            text += ". It is bytes of tf.io.serialize_tensor, which can be read"
        code = f"{_CODES[next(iter(guess.found))]}-not-read"
        findings.append(Finding(code, example.where, f"{text}. These options would read it: {guess.options}"))


def _missing(choice: Choice, example: Example, *, has_masks: bool) -> list[str]:
    """The kinds of content that records with these keys do not have, as far as they are read."""
    schema = choice.schema

    def has(*roles: Sequence[str]) -> bool:
        return any(example.count(key) for role in roles for key in role)

    missing = [] if choice.has_images else [IMAGE]
    if not has(schema.geometry):
        missing.append(BOXES)
    elif not has(schema.number, schema.text) and not schema.category:
        missing.append(CLASSES)
    ours = schema.mask + schema.rle_counts + schema.mask_bytes + schema.mask_indices + schema.polygon + schema.outline_x
    if has_masks and not has(ours, schema.semantic, schema.panoptic_png, schema.panoptic_category):
        missing.append(MASKS)
    if not has(schema.keypoint_x, schema.keypoint_pairs, schema.keypoint_triples):
        missing.append(KEYPOINTS)
    return missing + ([CLASSES] if BOXES in missing else [])
