"""Recognises gzip and zlib by content and inflates them: a file's bytes -> the stream of records in it.

A name proves nothing, and neither do the first bytes alone: a plain file whose first record is 35,615 bytes long
starts with gzip's magic number. So the checksum of the first record header is tried first; only where it does not match
are gzip (RFC 1952, any number of members) and zlib (RFC 1950) tried.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Callable
from io import RawIOBase

from tfrecord_lite.budgets import INFLATED, spend_of_input
from tfrecord_lite.errors import CompressionError, Location
from tfrecord_lite.tfrecord.framing import HEADER_SIZE, ByteStream, header_holds

_GZIP = 31  # zlib's window bits for a gzip member, trailer checked
_ZLIB = 15  # for a zlib stream, Adler-32 checked
_CHUNK_SIZE = 256 << 10  # compressed bytes read at once
_LOOKED_AT = 4096  # compressed bytes by which zlib is recognised
_CAREFUL_STEP = 4096  # bytes inflated at once shortly before an error; then 256, 16, 1


class Snapshot:
    """An open file, from its start to the end that it had when it was opened; its first bytes can be looked at before.

    size: from here to that end, in bytes; None where it is not known, as of a pipe.
    on_bytes: called with the number of bytes of each read.
    """

    def __init__(self, file: RawIOBase, size: int | None, on_bytes: Callable[[int], None]) -> None:
        self._file = file
        self._left = size
        self._on_bytes = on_bytes
        self._head = b""  # bytes that were looked at, and not read yet

    def peek(self, size: int) -> bytes:
        """The first ``size`` bytes, fewer only at the end of the file: a pipe may hand them out one by one."""
        self._head += self._read(size - len(self._head))
        return self._head

    def _read(self, size: int) -> bytes:
        if self._left is not None:
            size = min(size, self._left)
        data = b""
        while len(data) < size and (more := self._file.read(size - len(data))):
            data += more
        if self._left is not None:
            self._left -= len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:
        """See ByteStream."""
        if self._head:
            count = min(len(self._head), len(buffer))
            buffer[:count] = self._head[:count]
            self._head = self._head[count:]
        elif self._left is None:
            count = self._file.readinto(buffer) or 0
        else:
            count = self._file.readinto(buffer[: self._left]) or 0
            self._left -= count
        self._on_bytes(count)
        return count

    def skip(self, count: int) -> None:
        """See ByteStream."""
        held = min(max(count, 0), len(self._head))
        self._head = self._head[held:]
        self._file.seek(count - held, os.SEEK_CUR)
        if self._left is not None:
            self._left -= count - held
        self._on_bytes(count)

    def read(self, size: int) -> bytes:
        """See ByteStream."""
        held, self._head = self._head[:size], self._head[size:]
        data = held + self._read(size - len(held))
        self._on_bytes(len(data))
        return data


def open_stream(file: Snapshot, name: str) -> tuple[ByteStream, str]:
    """Looks at the first bytes of a file and returns the stream of its records, inflated where it is compressed.

    Returns the stream and its compression: ``""``, ``"gzip"`` or ``"zlib"``. Reading the stream raises CompressionError
    where it is damaged or cut. name: what messages call the file.
    """
    head = file.peek(HEADER_SIZE)
    if header_holds(head):
        return file, ""
    if head[:3] == b"\x1f\x8b\x08":
        return _Inflated(file, name, "gzip", _GZIP), "gzip"
    is_zlib = len(head) > 2 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    if is_zlib and _inflates_to_records(file.peek(_LOOKED_AT)):
        return _Inflated(file, name, "zlib", _ZLIB), "zlib"
    return file, ""


def _inflates_to_records(head: bytes) -> bool:
    """Whether these first bytes are zlib data with a record header, or nothing, in it: two magic bytes prove little."""
    inflater = zlib.decompressobj(_ZLIB)
    try:
        data = inflater.decompress(head, HEADER_SIZE)
    except zlib.error:
        return False
    return header_holds(data) or (inflater.eof and not data)


class _Inflated:
    """The inflated content of gzip members or of one zlib stream; every byte is accounted for, to the trailer."""

    def __init__(self, file: Snapshot, name: str, kind: str, window_bits: int) -> None:
        self._file = file
        self._where = Location(name)
        self._kind = kind
        self._window_bits = window_bits
        self._inflater = zlib.decompressobj(window_bits)
        self._chunk = memoryview(bytearray(_CHUNK_SIZE))
        self._pending = b""  # compressed bytes not yet inflated
        self._inflated = 0  # bytes that the allowance was not told of yet

    def readinto(self, buffer: memoryview) -> int:
        while True:
            if self._inflater.eof and not self._next_member():
                return 0
            if not self._pending:
                self._pending = self._read_chunk()
                if not self._pending:
                    with contextlib.suppress(zlib.error):
                        if data := self._inflate(len(buffer)):
                            buffer[: len(data)] = data  # what did not fit before
                            return len(data)
                    raise CompressionError(
                        self._where,
                        f"the {self._kind} stream is truncated: the file ends before the stream's trailer. "
                        "Is it still being written, or was a copy interrupted?",
                        contained=True,
                    )
            before = self._inflater.copy()
            try:
                data = self._inflate(len(buffer))
            except zlib.error as error:
                self._inflater = before
                if not (data := self._inflate_up_to_the_error(len(buffer))):
                    raise CompressionError(self._where, f"the {self._kind} stream is corrupt ({error})") from None
            if data:
                buffer[: len(data)] = data
                return len(data)

    def skip(self, count: int) -> None:
        """Never called: how many bytes a stream holds is not known until it is inflated."""
        raise NotImplementedError(f"cannot skip {count} bytes that are not inflated")

    def read(self, size: int) -> bytes:
        """Never called, for the same reason."""
        raise NotImplementedError(f"cannot read {size} bytes at once that are not inflated")

    def _inflate(self, most: int) -> bytes:
        """The next bytes, a bounded number, since a few can inflate to gigabytes. zlib.error where they are corrupt."""
        data = self._inflater.decompress(self._pending, most)
        self._pending = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
        self._inflated += len(data)
        return data

    def _inflate_up_to_the_error(self, most: int) -> bytes:
        """What can be inflated before the corrupt place: zlib drops what the failing call had inflated."""
        good, step = bytearray(), _CAREFUL_STEP
        while step and len(good) < most:
            inflater, pending = self._inflater.copy(), self._pending
            try:
                data = self._inflate(min(step, most - len(good)))
            except zlib.error:
                self._inflater, self._pending = inflater, pending
                step //= 16
                continue
            if not data:
                break
            good += data
        return bytes(good)

    def _read_chunk(self) -> bytes:
        """More compressed bytes, none at the end. Raises ExhaustedError where those so far inflated to too many."""
        spend_of_input(INFLATED, self._inflated, self._where)
        self._inflated = 0
        count = self._file.readinto(self._chunk)
        return bytes(self._chunk[:count]) if count else b""

    def _next_member(self) -> bool:
        """Whether another gzip member follows the one that ended; zero padding after the last is not one."""
        while True:
            rest = self._pending.lstrip(b"\0") if self._kind == "gzip" else self._pending
            if rest:
                break
            self._pending = self._read_chunk()
            if not self._pending:
                return False
        while self._kind == "gzip" and len(rest) < 3 and (more := self._read_chunk()):
            rest += more
        if self._kind != "gzip" or rest[:3] != b"\x1f\x8b\x08":
            raise CompressionError(
                self._where, f"trailing bytes after the end of the {self._kind} stream are no {self._kind} data"
            )
        self._pending = rest
        self._inflater = zlib.decompressobj(self._window_bits)
        return True
