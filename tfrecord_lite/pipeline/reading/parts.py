"""Input -> parts: one or more whole files of a split, or a span of a large file.

The output does not depend on how the input is divided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.reading.shard_reader import WHOLE_FILE, ShardPart, ShardReader
from tfrecord_lite.tfrecord.records import find_spans

LARGEST_PART = 8 << 20  # bytes of input
SMALLEST_PART = 256 << 10
_PARTS_A_WORKER = 8  # at least, so that none is still busy when all others are done


class Part(NamedTuple):
    """Whole files, or one span of a file. number: in the order of the input. size: bytes of input."""

    number: int
    split: str
    pieces: tuple[tuple[Shard, ShardPart], ...]
    size: int


class Division:
    """How an input is divided for a number of processes.

    jobs: how many can work at a time: one where an input is a pipe, which only one process can read.
    size: bytes of input, as far as they are known. part_size: about how many of them are one part.

    Args:
        splits: the files of each split, in order.
        options: how records are read.
        jobs: how many processes may work at a time.
    """

    def __init__(self, splits: Mapping[str, Sequence[Shard]], options: ReadOptions, jobs: int) -> None:
        self._splits = splits
        self._options = options
        statuses = [shard.status() for shards in splits.values() for shard in shards]
        self.jobs = 1 if None in statuses else jobs
        self.size = sum(status[0] for status in statuses if status is not None)
        self.part_size = max(SMALLEST_PART, min(LARGEST_PART, self.size // (self.jobs * _PARTS_A_WORKER)))

    def __iter__(self) -> Iterator[Part]:
        number = 0
        for split, shards in self._splits.items():
            pieces: list[tuple[Shard, ShardPart]] = []
            size = 0
            for shard in shards:
                for part, length in self._divide(shard):
                    pieces.append((shard, part))
                    size += length
                    if size >= self.part_size:
                        yield Part(number, split, tuple(pieces), size)
                        pieces, size, number = [], 0, number + 1
            if pieces:
                yield Part(number, split, tuple(pieces), size)
                number += 1

    def _divide(self, shard: Shard) -> Iterator[tuple[ShardPart, int]]:
        """The parts of a file, with their sizes in bytes; all of it where it is small, or cannot be divided."""
        status = shard.status()
        size = status[0] if status is not None else 0
        # What is found after damage can begin anywhere: such a search cannot start in the middle of a file. Over a
        # link each header that is hopped to costs a round trip.
        may_be_divided = not self._options.recover and not is_url(shard.path)
        is_divisible = self.jobs > 1 and size > 2 * self.part_size and may_be_divided
        spans = find_spans(shard.path, size, self.part_size) if is_divisible else iter(())
        first = next(spans, None)
        is_whole = first is None or first.end >= size
        choice = None if is_whole else ShardReader(shard, self._options).choose()
        if first is None or choice is None:  # or not before all of it was read
            yield WHOLE_FILE, size
            return
        for span in chain([first], spans):
            yield ShardPart(span, choice, status, is_last=span.end >= size), span.end - span.offset
