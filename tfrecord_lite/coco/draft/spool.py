"""A temporary file of frames, each a number and some byte strings: written once, then read in the same order."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

_BUFFER_SIZE = 1 << 20  # bytes


class Spool:
    """Frames in a file.

    path: of a file that does not exist; or, with ``reading``, that was closed with ``keep``.
    width: how many byte strings a frame has, each of at most 4 GiB.
    """

    def __init__(self, path: str, width: int, *, reading: bool = False) -> None:
        self._path = path
        self._head = struct.Struct(f"<q{width}I")
        self._file: BinaryIO = open(path, "rb" if reading else "x+b", _BUFFER_SIZE)  # noqa: SIM115 - closed in close

    def write(self, number: int, *fields: bytes) -> None:
        """Appends a frame. number: any of 64 bits."""
        self._file.write(b"".join((self._head.pack(number, *map(len, fields)), *fields)))

    def __iter__(self) -> Iterator[Any]:
        """Every frame from the first on, as a list of its number and fields; nothing is written any more."""
        file, head = self._file, self._head
        file.seek(0)
        while lengths := file.read(head.size):
            number, *sizes = head.unpack(lengths)
            yield [number, *map(file.read, sizes)]

    def close(self, *, keep: bool = False) -> None:
        """Closes the file, and removes it unless it is to be kept for a reader. Raises OSError only where it is."""
        if keep:
            self._file.close()
            return
        with contextlib.suppress(OSError):  # what failed before this is what the caller reports
            self._file.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)


def pack(*fields: bytes) -> bytes:
    """Byte strings as one. A spool's frames hold few of them, and most have none of what is packed like this."""
    return struct.pack(f"<{len(fields)}I", *map(len, fields)) + b"".join(fields)


def unpack(packed: bytes, width: int) -> list[bytes]:
    """The byte strings that were packed; width: how many."""
    fields = []
    end = 4 * width
    for size in struct.unpack_from(f"<{width}I", packed):
        begin, end = end, end + size
        fields.append(packed[begin:end])
    return fields
