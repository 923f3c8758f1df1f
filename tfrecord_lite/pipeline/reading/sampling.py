"""How much of an input ``inspect`` and ``preview`` read: of a large one the first records of each file, for seconds.

A small input is read as a whole. Of a larger one each file has a share by its size.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import DataError
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.sample import Sample
from tfrecord_lite.tfrecord.records import find_spans

MOST_RECORDS, MOST_BYTES = 5_000, 500_000_000  # that are read of all files
FEWEST_RECORDS, FEWEST_BYTES = 20, 10_000_000  # of each file, however many there are


class Limit(NamedTuple):
    """How much of a file is read. records: how many; size: bytes of images."""

    records: int = sys.maxsize
    size: int = sys.maxsize


def limits_of(shards: Sequence[Shard]) -> list[Limit]:
    """How much to read of each file. Reads no more than the header of the first record of each.

    Raises:
        OSError: a file cannot be read.
    """
    statuses = [shard.status() for shard in shards]
    sizes = [0 if status is None else status.size for status in statuses]
    total = sum(sizes)
    if None not in statuses and total <= MOST_BYTES:
        counts = [_about(shard.path, size) for shard, size in zip(shards, sizes, strict=True)]
        if sum(counts) <= MOST_RECORDS:
            return [Limit(MOST_RECORDS, MOST_BYTES)] * len(shards)
    shares = [1.0 if status is None else status.size / max(1, total) for status in statuses]
    return [
        Limit(max(FEWEST_RECORDS, int(share * MOST_RECORDS)), max(FEWEST_BYTES, int(share * MOST_BYTES)))
        for share in shares
    ]


def _about(path: str, size: int) -> int:
    """About how many records a file has, by the size of the first; very many where that is not seen, if it is large."""
    first = next(find_spans(path, size, 1))
    length = first.end - first.offset
    if length == size and size > FEWEST_BYTES:
        return MOST_RECORDS + 1
    return size // max(1, length)


class Cut:
    """The events of a file as far as its limit goes. was_cut: whether there is more; next_record: the first of that."""

    def __init__(self, events: Iterable[Sample | DataError], limit: Limit) -> None:
        self._events = events
        self._limit = limit
        self.was_cut = False
        self.next_record: int | None = None

    def __iter__(self) -> Iterator[Sample | DataError]:
        records, size = self._limit
        for event in self._events:
            if records <= 0 or size <= 0:
                self.was_cut, self.next_record = True, event.where.record
                return
            records -= 1
            size -= len(event.image.data or b"") if isinstance(event, Sample) else 0
            yield event
            del event  # a large image must not be held while the next one is read
