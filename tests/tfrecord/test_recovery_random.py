"""Recovery of files that are damaged at random: no intact record is lost, and none is invented.

TFRECORD_DAMAGES=3000 asks for so many random damages instead of 300 (half a minute).
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from damages import header, starts
from hypothesis import given, settings
from hypothesis import strategies as st
from recovering import recovered
from tfrecords import frame

from tfrecord_lite.tfrecord.framing import Record

TRIALS = int(os.environ.get("TFRECORD_DAMAGES", "300"))


PIECES = st.one_of(
    st.binary(max_size=30),
    st.binary(max_size=30).map(frame),
    st.integers(0, 200).map(header),
    st.integers(0, 20).map(bytes),
    st.lists(st.binary(max_size=9), max_size=3).map(lambda inner: frame(b"".join(map(frame, inner)))),
)


@settings(deadline=None, max_examples=300)
@given(pieces=st.lists(PIECES, max_size=8), cut=st.integers(0, 40), limit=st.sampled_from([10, 60, 1 << 28]))
def test_whatever_a_file_holds_every_byte_is_accounted_for(pieces: list[bytes], cut: int, limit: int) -> None:
    data = b"".join(pieces)
    recovered(data[: max(0, len(data) - cut)], max_record_size=limit)


@cache
def many(seed: int) -> tuple[list[bytes], bytes]:
    """200 records of all sizes, each another, and the file of them."""
    source = random.Random(seed)
    contents = []
    for number in range(200):
        length = int(2 ** source.uniform(0, 10))
        body = source.randbytes(length) if number % 3 else struct.pack("<Q", length) * (length // 8)
        contents.append(body + struct.pack("<I", number))
    return contents, b"".join(map(frame, contents))


class Damaged:
    """A file that is damaged step by step, and where the records are that none of it touched."""

    def __init__(self, contents: Sequence[bytes], data: bytes) -> None:
        self.data = bytearray(data)
        self.intact = dict(enumerate(starts(contents)[:-1]))
        self._sizes = [16 + len(content) for content in contents]

    def replace(self, start: int, stop: int, new: bytes) -> None:
        """Puts other bytes, more or fewer, in the place of some."""
        self.data[start:stop] = new
        for number, offset in list(self.intact.items()):
            if offset < stop and start < offset + self._sizes[number]:
                del self.intact[number]
            elif offset >= stop:
                self.intact[number] += len(new) - (stop - start)

    def damage(self, source: random.Random) -> None:
        """Does one damage of any kind, often near a boundary."""
        size = len(self.data)
        offset = source.randrange(size)
        if self.intact and source.random() < 0.4:
            offset = min(size - 1, max(0, source.choice(list(self.intact.values())) + source.randrange(-16, 17)))
        count = source.randrange(1, source.choice((2, 5, 13, 100, 600, 3000)))
        stop = min(size, offset + count)
        kind = source.choice(("bit", "zeros", "junk", "cut", "deletion", "insertion"))
        if kind == "bit":
            self.replace(offset, offset + 1, bytes([self.data[offset] ^ 1 << source.randrange(8)]))
        elif kind == "zeros":
            self.replace(offset, stop, bytes(stop - offset))
        elif kind == "junk":
            self.replace(offset, stop, source.randbytes(stop - offset))
        elif kind == "cut" and source.random() < 0.5:
            self.replace(offset, size, b"")
        elif kind == "deletion":
            self.replace(offset, stop, b"")
        else:
            self.replace(offset, offset, source.randbytes(count))


def damaged_files(damages: int) -> Iterator[tuple[int, list[bytes], Damaged]]:
    for trial in range(TRIALS):
        source = random.Random(1000 * damages + trial)
        contents, data = many(trial % 3)
        file = Damaged(contents, data)
        for _ in range(source.randrange(1, damages + 1)):
            if file.data:
                file.damage(source)
        yield trial, contents, file


@pytest.mark.parametrize("damages", [1, 6], ids=["one", "up to six"])
def test_random_damages_cost_no_intact_record_and_invent_none(damages: int) -> None:
    for trial, contents, file in damaged_files(damages):
        outcome = recovered(bytes(file.data))
        found = [(struct.unpack("<I", payload[-4:])[0], payload) for payload in outcome.payloads]
        assert all(contents[number] == payload for number, payload in found), f"trial {trial} invents a record"
        numbers = [number for number, _ in found]
        assert numbers == sorted(set(numbers)), f"trial {trial} gives a record twice, or out of order"
        places = {event.where.offset for event in outcome.events if isinstance(event, Record)}
        assert set(file.intact.values()) <= places, f"trial {trial} misses an intact record"
