"""Reads on after damage: a damaged file -> its sound records, what was repaired, and every byte that was lost.

The format has no mark to find a record by, but a record carries two checksums of 32 bits each, and the next one starts
where it ends. A position is believed only where two checksums agree, which happens by chance once in 2**64 places:

* The header is sound, the data is damaged, and at the end that the header gives there is another header or the end of
  the file: exactly this record is lost, with whatever is inside it.
* The header is damaged, but its length or the checksum of it is intact: either gives the record's end, and what is
  found there confirms it. If the checksum of the data holds as well, the header is repaired and nothing is lost.
* The header is destroyed: the end is tried at every sound header that follows, and at the end of the file. Where the
  checksum of the data matches, nothing is lost; records met before (a TFRecord file in a feature) are content.
* Else reading goes on at the next record: a sound header with another header at its end, or with a data checksum that
  matches.

Inside damaged data a sound header may start a record (bytes are missing before it, or a writer was killed and more was
appended) or be content of the damaged one (a TFRecord file in a feature). Content lies between the header and the last
checksum: records that start earlier, or reach the very end or beyond it, are not content. Records that directly follow
a protobuf length of exactly their size are. Where neither shows, the record's extent is believed if a header or the end
of the file is at its end, else what was found inside it. Each time a Repair says where reading went on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from io import RawIOBase
from itertools import takewhile

from tfrecord_lite.errors import ChecksumError, Location, RecordError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.tfrecord.framing import (
    FOOTER_SIZE,
    HEADER,
    HEADER_SIZE,
    MAX_RECORD_SIZE,
    NO_RECORD_HINT,
    OVERHEAD,
    RECOVER_HINT,
    Record,
    Repair,
    masked_crc,
    read_frames,
)
from tfrecord_lite.tfrecord.resync import FileBytes, Search

_FIRST_BLOCK_SIZE = 64 << 10  # bytes read first where reading goes on: the next damage may be near
_REPAIR_HINT = " --on-error=recover repairs it."


def recover_frames(
    file: RawIOBase,
    name: str,
    *,
    size: int,
    max_record_size: int = MAX_RECORD_SIZE,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[Record | RecordError | Repair]:
    """Reads every record of a file that can be found, also after damage.

    An undamaged file gives what ``framing.read_frames`` gives. Of any file, every byte belongs to exactly one Record
    (``where.offset`` and the 16 + ``len(payload)`` bytes from there) or RecordError (``where.offset`` and the
    ``length`` bytes from there). Work is linear in the size of the file; memory holds a few blocks and one record.

    Yields, in the order of the file, a Record; a RecordError in place of what was lost; a Repair before a record whose
    header was repaired, or with which reading goes on after damage.

    file: an uncompressed regular file, opened unbuffered, of this size in bytes. name: what messages call it.
    max_record_size: the largest payload to accept, in bytes.
    on_bytes: called with numbers of bytes that reading advanced by; their sum is ``size``.

    Raises:
        OSError: the file cannot be read, or became shorter.
    """
    data = FileBytes(file, name, size)
    progress = _Progress(on_bytes)
    recovery = _Recovery(data, max_record_size)
    damage: list[RecordError] = []

    def is_record(event: Record | RecordError) -> bool:
        if isinstance(event, Record):
            return True
        damage.append(event)
        return False

    offset = number = 0
    while offset < size:
        stream = _Stream(data, offset, progress)
        frames = read_frames(stream, name, size=size, max_record_size=max_record_size, offset=offset, number=number)
        resumed = None
        while resumed is None:
            # No loop here: its variable would keep a large record alive while it is parsed and the next one is read.
            yield from takewhile(is_record, frames)
            if not damage:
                resumed = size
                break
            event = damage.pop()
            resumed = yield from recovery.resolve(event)
            number = (event.where.record or 0) + 1
        offset = resumed
        progress.reach(offset)


class _Progress:
    """Reports how far reading has come. Bytes that are read again are not counted again."""

    def __init__(self, on_bytes: Callable[[int], None] | None) -> None:
        self._on_bytes = on_bytes
        self._reached = 0

    def reach(self, offset: int) -> None:
        """Everything before ``offset`` was read."""
        if offset > self._reached:
            if self._on_bytes is not None:
                self._on_bytes(offset - self._reached)
            self._reached = offset


class _Stream:
    """The bytes of a file from an offset on, as ``read_frames`` reads them."""

    def __init__(self, data: FileBytes, offset: int, progress: _Progress) -> None:
        self._data = data
        self._offset = offset
        self._progress = progress
        self._wanted = _FIRST_BLOCK_SIZE

    def readinto(self, buffer: memoryview) -> int:
        count = self._data.readinto(self._offset, buffer[: self._wanted])
        self._offset += count
        self._wanted *= 2
        self._progress.reach(self._offset)
        return count

    def skip(self, count: int) -> None:
        self._offset += count

    def read(self, size: int) -> bytes:
        data = self._data.read(self._offset, size)
        self._offset += size
        self._progress.reach(self._offset)
        return data


_Decision = Generator[Record | RecordError | Repair, None, int | None]


class _Recovery:
    """Decides what a damage costs, and where reading goes on."""

    def __init__(self, data: FileBytes, limit: int) -> None:
        self._data = data
        self._search = Search(data, limit)
        self._limit = limit

    def resolve(self, event: RecordError) -> _Decision:
        """Yields what replaces the damage; returns where to go on, None where the strict reader knows."""
        if not event.contained:
            return (yield from self._after_header(event))
        start = event.where.offset or 0
        head = self._data.read(start, HEADER_SIZE)
        length = HEADER.unpack(head)[0] if len(head) == HEADER_SIZE else 0
        end = start + OVERHEAD + length
        found = None
        if not (isinstance(event, RecordSizeError) and self._is_whole(start, end)):
            found = self._search.record_inside(start, end)
        if found is None:
            yield event
        else:
            problem = f"{event.problem.rstrip('.')}, and it does not end where its header says."
            if isinstance(event, TruncatedRecordError):
                problem = f"this record of {length} bytes is cut. Was a writer killed here, and more appended?"
            yield from self._lose(event, problem, found)
        return found

    def _is_whole(self, start: int, end: int) -> bool:
        """Whether what was skipped without being read is a record."""
        return self._search.is_boundary(end) or self._search.data_holds(start, end)

    def _after_header(self, event: RecordError) -> _Decision:
        """The header is damaged: yields the record with its header repaired, else the loss up to the next record."""
        data, search, where = self._data, self._search, event.where
        start = where.offset or 0
        head = data.read(start, HEADER_SIZE)
        length, stored = HEADER.unpack(head)
        problem = (
            f"the checksum of the length is {masked_crc(head[:8]):#010x}, stored is {stored:#010x}: "
            f"the record header is corrupt (it claims {length} bytes)"
        )
        end, proven = self._end(start)
        if end is None:
            end, proven = search.find_end(start)
        elif end - start - OVERHEAD > self._limit:
            problem += f", and the record's {end - start - OVERHEAD} bytes exceed the limit of {self._limit} bytes"
        elif not proven:
            found = search.record_inside(start, end)
            if found is None:
                problem += ", and so is its data"
            else:
                end = found
        if end is None or (end == data.size and not proven):  # nothing follows: the strict reader's message is right
            end, problem = data.size, event.problem.removesuffix(RECOVER_HINT)
        if not proven:
            yield from self._lose(event, f"{problem.rstrip('.')}.", end)
            return end
        length = end - start - OVERHEAD
        text = f"{problem}. It was repaired: the checksum of the {length} bytes of data after it holds"
        yield Repair(where, text, ChecksumError(where, f"{problem}.{_REPAIR_HINT}", length=end - start, contained=True))
        checksum = int.from_bytes(data.read(end - FOOTER_SIZE, FOOTER_SIZE), "little")
        yield Record(data.read(start + HEADER_SIZE, length), where, checksum)
        return end

    def _end(self, start: int) -> tuple[int | None, bool]:
        """The end of a record by what is left of its damaged header, and whether its data proves that."""
        by_checksum, by_length = self._search.ends(start)
        for end in (by_checksum, by_length):
            if end is not None and end - start - OVERHEAD <= self._limit and self._search.data_holds(start, end):
                return end, True
        return by_length if by_checksum is None else by_checksum, False

    def _lose(self, event: RecordError, problem: str, stop: int) -> Iterator[RecordError | Repair]:
        """What is lost from the damage to ``stop``, where reading goes on."""
        where, start = event.where, event.where.offset or 0
        lost = stop - start
        if lost == self._data.size:  # of another format, or wholly lost: an error, since the user named it
            yield type(event)(where, f"{problem} {NO_RECORD_HINT}", length=lost)
            return
        if stop == self._data.size:
            text = f"{problem} Lost: {lost} bytes, to the end of the file."
            yield type(event)(where, text, length=lost, contained=True)
            return
        text = f"{problem} Lost: {lost} bytes, up to the next record at byte {stop}."
        yield type(event)(where, text, length=lost, contained=True)
        after = Location(where.file, (where.record or 0) + 1, stop)
        yield Repair(after, f"reading goes on here, after {lost} bytes that were passed over from byte {start} on")
