"""What ``bytes`` can do and ``memoryview`` cannot, without a copy."""

from __future__ import annotations

import io
from typing import Any

Buffer = bytes | memoryview
_TAIL_SIZE, _BLOCK_SIZE = 256, 64 << 10  # bytes that are searched at once: the last ones, where most ends are; others


def last_index(data: Buffer, wanted: bytes, start: int = 0) -> int:
    """The last place of ``wanted`` from ``start`` on; -1 where there is none. The search goes from the end."""
    if isinstance(data, bytes):
        return data.rfind(wanted, start)
    end, size = len(data), _TAIL_SIZE
    while end > start:
        first, size = max(start, end - size), _BLOCK_SIZE
        found = bytes(data[first:end]).rfind(wanted)
        if found >= 0:
            return first + found
        end = first + len(wanted) - 1 if first > start else start  # it may lie across two blocks
    return -1


class ViewFile(io.RawIOBase):
    """A view as a file for reading."""

    def __init__(self, data: Buffer) -> None:
        self._data = memoryview(data)
        self._at = 0

    def __repr__(self) -> str:
        return f"<{len(self._data)} bytes>"  # Pillow puts it into messages: no address, which changes from run to run

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever Pillow reads into
        found = self._data[self._at : self._at + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def readall(self) -> bytes:  # in one copy
        found = bytes(self._data[self._at :])
        self._at += len(found)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence])
        return self._at

    def tell(self) -> int:
        return self._at
