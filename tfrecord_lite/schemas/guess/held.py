"""One key of one record: the words of its name, and what it holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION
from tfrecord_lite.schemas.detect.words import PREDICTED, words_of

_LONGEST_TEXT = 256  # bytes of a file name, or of the name of a class


class Held(NamedTuple):
    """A key with what it holds. values: how many; head: the first bytes of a bytes value; size: its length."""

    key: str
    words: tuple[str, ...]
    kind: str
    values: int
    head: bytes
    size: int
    example: Example

    @classmethod
    def of(cls, example: Example, key: str) -> Held:
        """What a record has under a key."""
        kind = example.kind(key) or ""
        values: Sequence[bytes | memoryview] = example.buffers(key) if kind == "bytes" else ()
        head, size = (bytes(values[0][:HEAD_SIZE]), len(values[0])) if values else (b"", 0)
        return cls(key, words_of(key), kind, example.count(key), head, size, example)

    @property
    def numbers(self) -> list[float]:
        """Its values, where they are numbers."""
        return self.example.numbers(self.key)

    @property
    def are_pixels(self) -> bool:
        """Whether its numbers are too large to be fractions of the image."""
        return max(map(abs, self.numbers), default=0) > LARGEST_FRACTION

    @property
    def is_image(self) -> bool:
        """Whether it begins as an encoded image does."""
        return image_format(self.head) is not None

    @property
    def is_text(self) -> bool:
        """Whether it is short enough for a name, and no other bytes."""
        return self.kind == "bytes" and not self.is_image and self.size <= _LONGEST_TEXT and b"\0" not in self.head

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in ("float", "int64")

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.kind == "int64" or (self.kind == "float" and all(value % 1 == 0 for value in self.numbers))

    @property
    def is_predicted(self) -> bool:
        """Whether its name says that a model gave it."""
        return not PREDICTED.isdisjoint(self.words)

    def ends_in(self, *names: Collection[str]) -> bool:
        """Whether one of the last two words is among these."""
        return any(word in each for each in names for word in self.words[-2:])
