"""What is known of keys that nothing reads, by the first records of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.words import is_remark, words_of

_NO_KEYS: Mapping[str, Any] = {}  # a plain one, which crosses the border of a process


MOST_KEYS = 250  # that are looked into: records have some tens
LONGEST_TABLE = 1 << 15  # bytes of an array of boxes that is looked into


class RowTable(NamedTuple):
    """A table of boxes. row_type: of numbers in bytes, empty of a list. columns: what they can be. sizes: its rows."""

    row_type: str
    columns: tuple[str, ...]
    sizes: tuple[int, ...]

    @property
    def number_size(self) -> int:
        """Bytes of a number in bytes."""
        return 8 if self.row_type.endswith("64") else 4


class Sampled(NamedTuple):
    """What was found of keys that nothing reads.

    counts: how many values each has in each record.
    objects: how many objects the schema reads there; empty where it reads none.
    orders: of lists of boxes, by their name or their values: the orders of four numbers that every one of them allows.
    rows: tables of boxes, a row an object.
    """

    counts: Mapping[str, tuple[int, ...]] = _NO_KEYS
    objects: tuple[int, ...] = ()
    orders: Mapping[str, tuple[str, ...]] = _NO_KEYS
    rows: Mapping[str, RowTable] = _NO_KEYS

    def agree(self, key: str, sizes: Sequence[int], per: int = 1) -> bool:
        """Whether a list has so many values for each object in every record, as far as that is known."""
        counts = self.counts.get(key)
        return (
            counts is None or not sizes or all(count == per * size for count, size in zip(counts, sizes, strict=True))
        )


NOTHING = Sampled()


class Suspects(NamedTuple):
    """Keys that nothing reads.

    cleared: those of the first records that hold no content that is missing.
    sampled: what these records say together.
    """

    cleared: frozenset[str] = frozenset()
    sampled: Sampled = NOTHING

    def hold_content(self, keys: Sequence[str]) -> bool:
        """Whether one of these keys may hold content by its values: not cleared, and no remark by its name."""
        return any(key not in self.cleared and not is_remark(words_of(key)) for key in keys)


NO_SUSPECTS = Suspects()


def keys_left(keys: Iterable[str], schema: Schema) -> list[str]:
    """The keys among these that have no role, and are no predictions."""
    read = schema.read_keys - {*schema.label_number, *schema.label_text}
    return [key for key in sorted(keys) if key not in read and not key.startswith(schema.predictions)]
