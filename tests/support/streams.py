"""Bytes as a stream, and what the strict reader finds in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfrecord_lite.errors import RecordError
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, read_frames


class Source:
    """A stream over bytes that hands out at most ``at_once`` of them a read. taken: how many were read."""

    def __init__(self, data: bytes, at_once: int = 1 << 30) -> None:
        self.data, self.at_once, self.at, self.taken = data, at_once, 0, 0

    def readinto(self, buffer: memoryview) -> int:
        part = self.data[self.at : self.at + min(len(buffer), self.at_once)]
        buffer[: len(part)] = part
        self.at += len(part)
        self.taken += len(part)
        return len(part)

    def read(self, size: int) -> bytes:
        buffer = bytearray(size)
        taken = 0
        while part := self.readinto(memoryview(buffer)[taken:]):
            taken += part
        return bytes(buffer[:taken])

    def skip(self, count: int) -> None:
        self.at += count


def events(
    data: bytes, *, sized: bool = True, at_once: int = 1 << 30, max_record_size: int = MAX_RECORD_SIZE
) -> list[Record | RecordError]:
    source = Source(data, at_once)
    size = len(data) if sized else None
    return list(read_frames(source, "x", size=size, max_record_size=max_record_size))


def payloads(found: Iterable[Record | RecordError]) -> list[bytes]:
    return [event.payload for event in found if isinstance(event, Record)]


def only_error(found: Sequence[Record | RecordError]) -> RecordError:
    (error,) = (event for event in found if isinstance(event, RecordError))
    return error
