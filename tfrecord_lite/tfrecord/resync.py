"""Finds records where nothing says where they start: bytes -> headers, chains of records, ends that checksums prove.

Two facts make this fast and sure (``framing`` describes the format). The upper half of a length below 4 GiB is four
zero bytes, and those are found at the speed of ``bytes.find``. And a length of 32 bits and its checksum determine each
other, so that whichever of the two is left of a damaged header gives the length.
"""

from __future__ import annotations

import errno
import functools
import re
import struct
from io import RawIOBase

from tfrecord_lite.tfrecord.crc import crc32c
from tfrecord_lite.tfrecord.framing import FOOTER_SIZE, HEADER, HEADER_SIZE, OVERHEAD, header_holds, masked_crc

_CHECKSUM = struct.Struct("<I")
_SHORT_HEADER = struct.Struct("<I4xI")  # a header whose length is below 4 GiB
_ZEROS = b"\0\0\0\0"  # the upper half of such a length
_ZERO_RUN = re.compile(rb"\0+")
_BLOCK_SIZE = 1 << 20  # bytes read at once
_FIRST_BLOCK_SIZE = 4 << 10  # bytes read first, since what is looked for is often near
_PAGE_SIZE = 1 << 10  # bytes read for a few of them, since the next ones asked for are often near
_LOOK_AHEAD = 64 << 20  # bytes after a destroyed header that may be its record, although others were found in them
_MOST_CHAINS = 8  # chains of records after it that may be its contents
_CANDIDATE = 256  # bytes of work that checking a header, or following it in a chain, counts as
_LEAST_PATIENCE = 16 << 20  # bytes of work that any file is granted: enough for every damage of a small one
_MOST_REMEMBERED = 1000  # results of searches
_POLYNOMIAL = 0x82F63B78  # CRC-32C, bits reversed
_BYTES_VALUE = re.compile(rb"\x0a([\x80-\xff]{0,4}[\x00-\x7f])\Z")  # protobuf's tag and length before a bytes value


class FileBytes:
    """The bytes of a file by their offsets, up to the size that it had when it was opened."""

    def __init__(self, file: RawIOBase, name: str, size: int) -> None:
        self.size = size
        self._file = file
        self._name = name
        self._buffer = memoryview(bytearray(_BLOCK_SIZE))
        self._page = b""
        self._page_start = 0

    def readinto(self, offset: int, buffer: memoryview) -> int:
        """Fills the buffer; with fewer bytes only at the end of the file. OSError where the file became shorter."""
        count = min(len(buffer), self.size - offset)
        if count <= 0:
            return 0
        have = 0
        self._file.seek(offset)
        while have < count:
            got = self._file.readinto(buffer[have:count])
            if not got:
                raise OSError(errno.EIO, "the file became shorter while it was read", self._name)
            have += got
        return count

    def read(self, offset: int, count: int) -> bytes:
        """These bytes, fewer at the end of the file."""
        count = min(count, self.size - offset)
        if count <= 0:  # a corrupt length may point farther than a file can reach
            return b""
        self._file.seek(offset)
        data = self._file.read(count) or b""
        if len(data) < count:  # an operating system may give less than it was asked for
            rest = bytearray(count - len(data))
            self.readinto(offset + len(data), memoryview(rest))
            data += rest
        return data

    def peek(self, offset: int, count: int) -> bytes:
        """A few bytes, fewer at the end of the file: they are read together with those around them."""
        at = offset - self._page_start
        if not 0 <= at <= len(self._page) - count:
            if offset >= self.size:  # a corrupt length may point anywhere
                return b""
            self._page_start = max(0, offset - _PAGE_SIZE // 4)
            self._page = self.read(self._page_start, _PAGE_SIZE)
            at = offset - self._page_start
        return self._page[at : at + count]

    def crc(self, start: int, stop: int, crc: int = 0) -> int:
        """The CRC-32C of these bytes, or of more, where ``crc`` is that of what comes before them."""
        while start < stop:
            count = self.readinto(start, self._buffer[: stop - start])
            crc = crc32c(self._buffer[:count], crc)
            start += count
        return crc


@functools.cache
def _undoing() -> tuple[int, ...]:
    """What running the register back by eight bits makes of its upper byte, by that byte."""
    table: list[int] = []
    for upper in range(256):
        register = upper << 24
        for _ in range(8):
            register = (register ^ _POLYNOMIAL) << 1 | 1 if register >> 31 else register << 1
        table.append(register)
    return tuple(table)


def length_of_checksum(stored: int) -> int:
    """The one length below 4 GiB whose (masked) checksum is ``stored``: the CRC-32C register, run backwards."""
    register = (stored - 0xA282EAD8) & 0xFFFFFFFF
    register = ~(register << 15 | register >> 17) & 0xFFFFFFFF
    table = _undoing()
    for _ in range(8):  # the bytes of the length, of which the upper 4 are 0
        register = (register << 8 & 0xFFFFFFFF) ^ table[register >> 24]
    return ~register & 0xFFFFFFFF


class Search:
    """Finds record headers in the bytes of a file, and says how far they can be believed.

    limit: the largest payload of a record, in bytes.
    """

    def __init__(self, data: FileBytes, limit: int) -> None:
        self._data = data
        self._limit = limit
        self._block = bytearray(_BLOCK_SIZE)
        self._block_start = self._block_stop = 0  # the bytes of the file that are in it
        self._patience = 4 * data.size + _LEAST_PATIENCE  # bytes to read again: a hostile file must not cost more
        self._last_head = (-1, b"")
        self._headers: dict[int, int] = {}
        self._chains: dict[int, int] = {}  # those that break

    # ------------------------------------------------------------------------------------------ one record
    def ends(self, start: int) -> tuple[int | None, int | None]:
        """The end of a record by the checksum in its damaged header, and by the length, where something confirms it.

        The latter may be a coincidence: of a header that is shifted by a byte, the length is another, if small, number.
        """
        head = self._head(start)
        if len(head) < HEADER_SIZE:
            return None, None
        length, stored = HEADER.unpack(head)
        by_checksum, by_length = start + OVERHEAD + length_of_checksum(stored), start + OVERHEAD + length
        return by_checksum if self._is_sound(by_checksum) else None, by_length if self._is_sound(by_length) else None

    def data_holds(self, start: int, end: int) -> bool:
        """Whether the data of a record with this extent is what its checksum says."""
        return self._stores(end, self._data.crc(start + HEADER_SIZE, end - FOOTER_SIZE))

    def is_boundary(self, offset: int) -> bool:
        """Whether a record starts there, if with a damaged header, or the file ends."""
        return self._is_sound(offset) or self._known_end(offset) is not None

    def _known_end(self, start: int) -> int | None:
        """The end of a record with a damaged header, if that is sure."""
        by_checksum, by_length = self.ends(start)
        if by_checksum is None and by_length is not None and self._data_confirms(start, by_length):
            return by_length
        return by_checksum

    def _data_confirms(self, start: int, end: int) -> bool:
        """Whether the data of a record holds, its extent being uncertain."""
        return self._spend(end - start) and self.data_holds(start, end)

    def _spend(self, count: int) -> bool:
        """Whether there is patience left to read so many bytes once more."""
        self._patience -= count
        return self._patience > 0

    def _is_sound(self, offset: int) -> bool:
        """Whether a sound header, or the end of the file, is there."""
        return offset == self._data.size or (offset < self._data.size and self._claimed_end(offset) > 0)

    def _claimed_end(self, start: int) -> int:
        """The end of a record by its sound header, which may lie beyond the file's; 0 where the header is not sound."""
        head = self._head(start)
        return int(start + OVERHEAD + HEADER.unpack(head)[0]) if header_holds(head) else 0

    def _head(self, offset: int) -> bytes:
        """The 12 bytes there, fewer at the end of the file."""
        if self._last_head[0] != offset:
            self._last_head = (offset, self._data.peek(offset, HEADER_SIZE))
        return self._last_head[1]

    def _stores(self, end: int, crc: int) -> bool:
        """Whether a record that ends there has data of this CRC-32C."""
        return self._data.peek(end - FOOTER_SIZE, FOOTER_SIZE) == _CHECKSUM.pack(masked_crc(b"", crc))

    # ------------------------------------------------------------------------------------------ many records
    def find_end(self, start: int) -> tuple[int | None, bool]:
        """Looks after a destroyed header for the end of its record, then for the next record.

        Returns:
            The end of the record, and True, where its data proves that; otherwise where the next record starts, None
            where there is none, and False.
        """
        size, far = self._data.size, start + _LOOK_AHEAD
        crc, done = 0, start + HEADER_SIZE
        first, chains, at = None, 0, start
        while True:
            stop = size if first is None else min(size, far)
            found = self._next_header(at, stop)
            end = found if found is not None else size if stop == size else start
            # Up to the next record every byte is read once. Beyond it, many damages may look at the same bytes.
            if first is not None and not self._spend((stop if found is None else found) - at + _CANDIDATE):
                return first, False
            if OVERHEAD <= end - start <= OVERHEAD + self._limit:
                crc = self._data.crc(done, end - FOOTER_SIZE, crc)
                done = end - FOOTER_SIZE
                if self._stores(end, crc):
                    return end, True
            if found is None:
                return first, False
            at = self._chain_end(found, far)
            if at == found:
                at += 1
                continue
            if self._is_value(found):
                continue
            if first is None:
                first = found
            chains += 1
            # Contents of this record would end before it does, so they never run to the end of the file.
            if at > far or at == size or chains > _MOST_CHAINS:
                return first, False

    def record_inside(self, start: int, end: int) -> int | None:
        """Where in a record, whose data is damaged, or cut with the file, another starts that is none of its contents.

        None where there is no sign of one. end: by the header of the record; it may be beyond the end of the file.
        """
        size = self._data.size
        stop = min(end, size)
        if not self._spend(stop - start):
            return None
        confirmed = end <= size and self.is_boundary(end)
        first = None
        at = start + 1
        while (found := self._next_header(at, stop)) is not None:
            at = self._chain_end(found, stop)
            if at == found:
                at += 1
                if not self._spend(_CANDIDATE):
                    return None
                continue
            if self._is_value(found, end):
                continue
            if first is None:
                first = found
            # Content would be between the header and the checksum at the end.
            if found < start + HEADER_SIZE or at >= end:
                return first
        if first is None or confirmed or (end < size and self.find_end(end)[1]):
            return None
        return first

    def _chain_end(self, start: int, stop: int) -> int:
        """Where a chain of records ends that starts there, followed to beyond ``stop``; start where there is none."""
        if start in self._chains:
            return self._chains[start]
        offset = start
        while offset <= stop:
            self._patience -= _CANDIDATE
            end = self._claimed_end(offset) or self._known_end(offset)
            if not end or end > self._data.size or not (self.is_boundary(end) or self._data_confirms(offset, end)):
                _remember(self._chains, start, offset)
                break
            offset = end
        return offset

    def _is_value(self, start: int, end: int = 0) -> bool:
        """Whether a chain of records is a bytes value of some record: its length precedes it, as in protobuf.

        start: of the chain. end: of the record that may be cut together with the value.
        """
        match = _BYTES_VALUE.search(self._data.peek(max(0, start - 6), min(6, start)))
        if match is None:
            return False
        value_end: int = start + sum((byte & 0x7F) << 7 * place for place, byte in enumerate(match[1]))
        if value_end > self._data.size:
            return value_end <= end - FOOTER_SIZE
        return self._chain_end(start, value_end - 1) == value_end

    def _next_header(self, start: int, stop: int) -> int | None:
        """The first sound header from ``start`` on, if before ``stop``."""
        found = self._headers.get(start)
        if found is None:
            found = self._scan(start, stop)
            if found is None:
                return None
            _remember(self._headers, start, found)
        return found if found < stop else None

    def _scan(self, start: int, stop: int) -> int | None:
        """Looks for that header in the bytes, perhaps a block too far."""
        block, view, most = self._block, memoryview(self._block), max(self._limit, self._data.size)
        wanted = _FIRST_BLOCK_SIZE
        while start < stop:
            if not self._block_start <= start <= self._block_stop - HEADER_SIZE:
                self._block_start, self._block_stop = start, start + self._data.readinto(start, view[:wanted])
                wanted = min(4 * wanted, _BLOCK_SIZE)
            first, count = self._block_start, self._block_stop - self._block_start
            zeros = block.find(_ZEROS, start - first + 4, count)
            while zeros >= 0:
                run = _ZERO_RUN.match(block, zeros, count)
                after = run.end() if run else zeros + 1
                # A checksum is not 0, so it ends after the zeros: four places are enough for a run of any length.
                # (It is 0 for one length out of 2**32, of 222 MiB.)
                for at in range(max(zeros, after - 7) - 4, min(after - 8, count - HEADER_SIZE) + 1):
                    length, stored = _SHORT_HEADER.unpack_from(block, at)
                    if length <= most and masked_crc(view[at : at + 8]) == stored:
                        return first + at
                zeros = block.find(_ZEROS, after, count)
            if self._block_stop >= self._data.size:
                break
            start = self._block_stop - HEADER_SIZE + 1
        return None


def _remember(results: dict[int, int], key: int, result: int) -> None:
    """Keeps a result, since the same place is asked about again when reading gets there."""
    if len(results) >= _MOST_REMEMBERED:
        results.clear()
    results[key] = result
