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
from tfrecord_lite.schemas.missing import missing_content
from tfrecord_lite.schemas.suspects import keys_left
from tfrecord_lite.schemas.words import BOXES, CLASSES, IMAGE, KEYPOINTS, MASKS, any_may_hold

_CODES = {IMAGE: "image", BOXES: "boxes", CLASSES: "classes", MASKS: "masks", KEYPOINTS: "keypoints"}
_MOST_NAMED = 5  # keys in a message


class Unread:
    """Watches records with one set of keys. schema: not narrowed; keys: those that nothing reads, or as attributes."""

    def __init__(self, choice: Choice, example: Example, keys: Sequence[str], *, has_masks: bool) -> None:
        self._schema = choice.schema
        self._tensors = choice.tensors
        self._suspects = choice.suspects
        self._wanted = missing_content(choice.schema, example, has_images=choice.has_images, has_masks=has_masks)
        self._pixel = None if BOXES in self._wanted else choice.pixel
        by_values = bool(self._wanted) and choice.suspects.hold_content(keys_left(keys, choice.schema))
        self.is_suspicious = by_values or any_may_hold(keys, self._wanted)

    def tell(self, example: Example, objects: int, findings: list[Finding]) -> None:
        """Adds what this record holds and nothing reads. objects: how many of them are read."""
        from tfrecord_lite.schemas.guess import guess_roles  # noqa: PLC0415 - few records need it

        guess = guess_roles(example, self._schema, self._wanted, objects, self._suspects.sampled, pixel=self._pixel)
        if not guess.found:
            return
        keys = [key for found in guess.found.values() for key in found]
        named = ", ".join(map(shortened, keys[:_MOST_NAMED])) + (", ..." if len(keys) > _MOST_NAMED else "")
        text = f"{named}: looks like {' and '.join(guess.found)}, and is not read{guess.remarks}"
        if not self._tensors.isdisjoint(keys):
            text += ". It is bytes of tf.io.serialize_tensor, which can be read"
        code = f"{_CODES[next(iter(guess.found))]}-not-read"
        findings.append(Finding(code, example.where, f"{text}. These options would read it: {guess.options}"))
