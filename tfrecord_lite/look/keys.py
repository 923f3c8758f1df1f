"""The feature keys of records, counted in one pass: kinds, how many values, and one value to look at."""

from __future__ import annotations

import contextlib
from codecs import getincrementaldecoder
from collections.abc import Mapping
from dataclasses import dataclass, field

from tfrecord_lite.errors import DataError, Location, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format

_MOST_KEYS = 1000  # that are counted one by one
_MOST_VALUES = 3  # of an example
_EMPTY = "empty"
_LONGEST_TEXT = 256  # bytes of a value by which it is decided whether it is a text


@dataclass(slots=True)
class KeyCount:
    """A feature key.

    kinds: ``bytes``, ``float`` or ``int64``; none where it never has values, several where records differ.
    least, most: values per record, of the records that have the key. records: how many have it.
    example: values of the first record that has some, in words.
    """

    kinds: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    records: int = 0
    example: str = ""

    @property
    def values(self) -> str:
        """How many values a record has."""
        return str(self.least) if self.least == self.most else f"{self.least}-{self.most}"


@dataclass(slots=True)
class KeyTable:
    """All keys that were met, by name. more: how often other keys came than the first thousand."""

    keys: dict[str, KeyCount] = field(default_factory=dict)
    more: int = 0

    def add(self, example: Example) -> None:
        """Counts the keys of a record."""
        keys = self.keys
        for key in example:
            count = example.count(key)
            known = keys.get(key)
            if known is None:
                if len(keys) >= _MOST_KEYS:
                    self.more += 1
                    continue
                known = keys[key] = KeyCount((), count, count)
            known.records += 1
            if count < known.least:
                known.least = count
            elif count > known.most:
                known.most = count
            if count:
                kind = example.kind(key) or ""
                if kind not in known.kinds:
                    known.kinds = (*known.kinds, kind)
                    known.example = known.example or _example_of(example, key, kind)

    def ordered(self) -> Mapping[str, KeyCount]:
        """The keys by their names."""
        return dict(sorted(self.keys.items()))


def _example_of(example: Example, key: str, kind: str) -> str:
    """The first values of a feature: numbers and texts as they are, images and other bytes by what they are."""
    if kind == "bytes":
        values = example.buffers(key)[:_MOST_VALUES]
        said = [_bytes(value, example.where, key) for value in values]
        if not all(each == _EMPTY or each.startswith("'") for each in said):
            return said[0] + (", …" if example.count(key) > 1 else "")
    elif kind == "float":
        view = example.float_view(key)
        said = [f"{view[place]:.7g}" for place in range(min(len(view), _MOST_VALUES))]  # the digits of a float32
    else:
        said = [str(value) for value in example.values(key)[:_MOST_VALUES]]
    return ", ".join(said) + (", …" if example.count(key) > _MOST_VALUES else "")


def _bytes(value: bytes | memoryview, where: Location, key: str) -> str:
    """A bytes value in words."""
    if not value:
        return _EMPTY
    if image_format(bytes(value[:HEAD_SIZE])) is not None:
        with contextlib.suppress(DataError):
            info = read_image_info(value, where, key)
            return f"{info.format} {info.width} x {info.height}, {len(value):,} bytes"
    with contextlib.suppress(UnicodeDecodeError):
        text = getincrementaldecoder("utf-8")().decode(bytes(value[:_LONGEST_TEXT]))
        if all(c.isprintable() or c in "\t\r\n" for c in text):
            return quoted(text)
    return f"{len(value):,} bytes"
