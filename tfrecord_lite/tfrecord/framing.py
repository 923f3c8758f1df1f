"""The TFRecord format: a stream of bytes <-> checked records.

A file is a sequence of records, with nothing before, between or after them::

    record  = length (8 bytes, unsigned, little-endian)
              checksum of those 8 bytes (4 bytes, little-endian)
              payload (length bytes)
              checksum of the payload (4 bytes, little-endian)
    checksum = mask(CRC-32C);  mask(crc) = rotate_right(crc, 15) + 0xa282ead8, modulo 2**32

The mask keeps a checksum of bytes that themselves hold checksums from being degenerate. Worked example, the record
that holds "foo"::

    03 00 00 00 00 00 00 00   length 3
    b0 99 49 0e               checksum of the length
    66 6f 6f                  foo
    61 8a be fe               checksum of the payload

What this format lacks: there is no mark to find the next record by, so after a damaged length the rest of the
file can only be searched; a file cut exactly between two records looks complete; and nothing says how many records
there should be.

Source: tensorflow/core/lib/io/record_writer.h and record_reader.cc (today openxla/xla, xla/tsl/lib/io); the checksum is
that of xla/tsl/lib/hash/crc32c.h. One deliberate difference: TensorFlow takes 1 to 11 stray bytes at the end, which a
file cut inside a header has, for a clean end; here they are an error.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple, Protocol

from tfrecord_lite.errors import (
    ChecksumError,
    CompressionError,
    Location,
    RecordError,
    RecordSizeError,
    TruncatedRecordError,
)
from tfrecord_lite.tfrecord.crc import crc32c
from tfrecord_lite.tfrecord.foreign import foreign_kind

MAX_RECORD_SIZE = 256 << 20  # bytes; the default limit: far above any image, far below what a machine cannot hold
HEADER_SIZE = 12  # length and its checksum
FOOTER_SIZE = 4  # checksum of the payload
OVERHEAD = HEADER_SIZE + FOOTER_SIZE  # bytes of a record that are not payload
HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")
RECOVER_HINT = " --on-error=recover looks for records after it."  # ends messages about damaged headers
NO_RECORD_HINT = "No record is to be found in it: leave the file out of the input."
_BLOCK_SIZE = 1 << 20  # bytes asked of the stream at once; a record larger than this is read in pieces


class Record(NamedTuple):
    """One record: its verified payload, where it is, and the (masked) checksum of the payload."""

    payload: bytes
    where: Location
    checksum: int


class Repair(NamedTuple):
    """What was done about damage; comes before the record that it concerns.

    where: that record.
    text: what was damaged, and how the record was found.
    error: what was wrong with the header of the record, which was repaired and comes next. None where reading goes on
        with this record; what was lost before it is a RecordError of its own.
    """

    where: Location
    text: str
    error: RecordError | None = None


class ByteStream(Protocol):
    """What records are read from: a binary file, or the inflated content of one."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Reads up to ``len(buffer)`` bytes; 0 at the end. CompressionError where the stream is damaged."""

    def skip(self, count: int, /) -> None:
        """Passes over bytes that are known to be there, as they are in a file of known size; back if negative."""

    def read(self, size: int, /) -> bytes:
        """Reads bytes that are known to be there."""


def masked_crc(data: bytes | memoryview, before: int = 0) -> int:
    """The checksum that TFRecord files hold of ``data``; of more than that, where ``before`` is the CRC-32C so far."""
    crc: int = crc32c(data, before)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def header_holds(head: bytes) -> bool:
    """Whether ``head`` starts with a record header whose checksum is right: the magic number of the format."""
    return len(head) >= HEADER_SIZE and masked_crc(head[:8]) == _CHECKSUM.unpack_from(head, 8)[0]


def frame(payload: bytes) -> bytes:
    """The bytes of one record that holds ``payload``."""
    length = _LENGTH.pack(len(payload))
    return b"".join((length, _CHECKSUM.pack(masked_crc(length)), payload, _CHECKSUM.pack(masked_crc(payload))))


class _Window:
    """The unread bytes ``buffer[start:end]`` of a stream; ``offset`` is the place of ``start`` in the stream.

    lost: nothing says any more where the next record starts.
    """

    __slots__ = ("_stream", "buffer", "end", "lost", "offset", "start")

    def __init__(self, stream: ByteStream, offset: int) -> None:
        self._stream = stream
        self.buffer = memoryview(bytearray(_BLOCK_SIZE))
        self.start = self.end = 0
        self.offset = offset
        self.lost = False

    def fill(self, wanted: int) -> int:
        """Reads until ``wanted`` bytes (at most a block) are there or the stream ends; how many are there."""
        have = self.end - self.start
        if have < wanted and self.start:
            self.buffer[:have] = self.buffer[self.start : self.end]
            self.start, self.end = 0, have
        while have < wanted:
            got = self._stream.readinto(self.buffer[self.end :])
            if not got:
                break
            self.end += got
            have += got
        return have

    def skip(self, count: int) -> None:
        """Passes over bytes that are in the window."""
        self.start += count
        self.offset += count

    def skip_far(self, count: int) -> None:
        """Passes over bytes that are in the window or known to follow it, without reading those."""
        beyond = count - (self.end - self.start)
        if beyond <= 0:
            self.skip(count)
            return
        self._stream.skip(beyond)
        self.start = self.end = 0
        self.offset += count

    def take_known(self, count: int) -> bytes:
        """Passes over ``count`` bytes that are known to be there, and returns them without a copy in between."""
        self._stream.skip(self.start - self.end)
        self.start = self.end = 0
        self.offset += count
        return self._stream.read(count)

    def take(self, count: int) -> Iterator[memoryview]:
        """Passes over ``count`` bytes of any number, piece by piece; fewer where the stream ends."""
        while count:
            have = min(count, self.fill(1))
            if not have:
                return
            yield self.buffer[self.start : self.start + have]
            self.skip(have)
            count -= have


def read_frames(
    stream: ByteStream,
    name: str,
    *,
    size: int | None = None,
    max_record_size: int = MAX_RECORD_SIZE,
    offset: int = 0,
    number: int = 0,
) -> Iterator[Record | RecordError]:
    """Reads every record of a stream, and reports every damage as a value, in the order of the file.

    Where the extent of a damage is certain, reading goes on after it; at a damaged header it ends, since nothing says
    where the next record starts.

    Yields a Record, or a RecordError in its place.

    name: what messages call the file. max_record_size: the largest payload to accept, in bytes.
    size: bytes in the whole file, where it is known beforehand: a cut file is then known from an oversized record, and
        reading goes on after the latter.
    offset, number: of the first record in the stream, where that is not the first one of the file.
    """
    window = _Window(stream, offset)
    try:
        while window.end - window.start >= HEADER_SIZE or window.fill(HEADER_SIZE):
            where = Location(name, number, window.offset)
            # Yielded without a name, which would keep a large record alive while it is parsed and the next one is read.
            yield _read_one(window, where, size, max_record_size)
            if window.lost:
                return
            number += 1
    except CompressionError as error:
        where = Location(name, number, window.offset)
        yield CompressionError(where, error.problem, contained=error.contained)


def _read_one(window: _Window, where: Location, size: int | None, limit: int) -> Record | RecordError:  # noqa: PLR0911 - one return a kind of damage
    """The record at the window's start, or what is wrong there; the window starts after it then."""
    buffer, start = window.buffer, window.start
    have = window.end - start
    if have < HEADER_SIZE:
        window.skip(have)
        return TruncatedRecordError(
            where,
            f"the file ends inside a record header ({have} of {HEADER_SIZE} bytes). {_CUT_HINT}",
            length=have,
            contained=True,
        )
    length, stored = HEADER.unpack_from(buffer, start)
    if masked_crc(buffer[start : start + 8]) != stored:
        return _header_error(window, where, size)
    remaining = None if size is None else size - window.offset - OVERHEAD
    if length > limit and (remaining is None or length <= remaining):
        return _oversized(window, where, length, limit, known_to_be_there=remaining is not None)
    if remaining is not None and length > remaining:
        rest = remaining + OVERHEAD
        window.skip_far(rest)
        return _cut_in_payload(where, length, rest - HEADER_SIZE)
    whole = OVERHEAD + length
    if whole <= _BLOCK_SIZE:
        if have < whole:
            have = window.fill(whole)
            start = window.start
            if have < whole:
                window.skip(have)
                return _cut_in_payload(where, length, have - HEADER_SIZE)
        end = start + HEADER_SIZE + length
        payload = bytes(buffer[start + HEADER_SIZE : end])
        (stored,) = _CHECKSUM.unpack_from(buffer, end)
        window.skip(whole)
    else:
        window.skip(HEADER_SIZE)
        # From a pipe in pieces, so that a false length allocates no more than what arrives.
        known = remaining is not None
        payload = window.take_known(length) if known else _gathered(window.take(length))
        footer = b"".join(map(bytes, window.take(FOOTER_SIZE)))
        if len(footer) < FOOTER_SIZE:
            return _cut_in_payload(where, length, len(payload) + len(footer))
        (stored,) = _CHECKSUM.unpack(footer)
    computed = masked_crc(payload)
    if computed != stored:
        return ChecksumError(
            where,
            f"the checksum of the data is {computed:#010x}, stored is {stored:#010x}: "
            f"the {length} bytes of this record are corrupt",
            length=whole,
            contained=True,
        )
    return Record(payload, where, stored)


def _gathered(pieces: Iterator[memoryview]) -> bytes:
    """The pieces as one, without holding them twice: BytesIO grows in place and gives its content without a copy."""
    whole = BytesIO()
    for piece in pieces:
        whole.write(piece)
    return whole.getvalue()


_CUT_HINT = "Is it still being written, or was a copy interrupted?"


def _cut_in_payload(where: Location, length: int, have: int) -> TruncatedRecordError:
    """The file ends before the record does; ``have`` bytes follow the header."""
    hint = _CUT_HINT
    swapped = int.from_bytes(_LENGTH.pack(length), "big")
    if length >= 1 << 32 and swapped + FOOTER_SIZE <= have:
        hint = "The length looks big-endian: the writer put its bytes in the wrong order."
    return TruncatedRecordError(
        where,
        f"the file ends inside a record of {length} bytes ({have} of {length + FOOTER_SIZE} bytes). {hint}",
        length=HEADER_SIZE + have,
        contained=True,
    )


def _oversized(
    window: _Window, where: Location, length: int, limit: int, *, known_to_be_there: bool
) -> RecordSizeError:
    """A record above the limit: skipped where the file is known to hold it; otherwise reading ends."""
    window.lost = not known_to_be_there
    if known_to_be_there:
        window.skip_far(OVERHEAD + length)
    return RecordSizeError(
        where,
        f"a record of {length} bytes exceeds the limit of {limit} bytes. Raise it with --max-record-size",
        length=OVERHEAD + length if known_to_be_there else None,
        contained=known_to_be_there,
    )


def _header_error(window: _Window, where: Location, size: int | None) -> ChecksumError:
    """A header whose checksum is wrong, with the reason where the bytes show it."""
    window.lost = True
    window.fill(512)
    head = bytes(window.buffer[window.start : min(window.end, window.start + 512)])
    length, stored = HEADER.unpack_from(head)
    computed = masked_crc(head[:8])
    sums = f"the checksum of the length is {computed:#010x}, stored is {stored:#010x}"
    rest = None if size is None or where.offset is None else size - where.offset
    reason = _writer_hint(head[:8], stored) if head.strip(b"\0") else None
    if reason is None and where.offset == 0:
        kind = foreign_kind(head)
        reason = f"this is no TFRecord file: it looks like {kind}" if kind else "is this a TFRecord file?"
    if reason is not None:
        return ChecksumError(where, f"{reason} ({sums})", length=rest)
    hint = f"The record header is corrupt (it claims {length} bytes)"
    hint += ", or bytes trail the last record." if head.strip(b"\0") else ": zeros trail the last record."
    return ChecksumError(where, f"{sums}. {hint}{RECOVER_HINT}", length=rest)


def _writer_hint(length: bytes, stored: int) -> str | None:
    """Names the mistake of a writer that computes another checksum."""
    # Zeros are a hole, and more than 1 TiB is not a length but the first bytes of another format.
    if stored == 0 and any(length) and not any(length[5:]):
        return "a checksum of 0: the writer left the checksums out; write the file again with a correct writer"
    if stored == crc32c(length):
        return "the checksum without its mask: the writer forgot to mask it"
    ieee = zlib.crc32(length)
    if stored in (ieee, (((ieee >> 15) | (ieee << 17)) + 0xA282EAD8) & 0xFFFFFFFF):
        return "the CRC-32 of zlib, not CRC-32C: the writer uses the wrong polynomial"
    return None
