"""Record files -> checked records: opens one file after the other and reads it to its end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tfrecord_lite.budgets import COMPRESSED, spend_of_input
from tfrecord_lite.errors import ChecksumError, DataError, Location, RecordError, UsageError, quoted, speaking
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.inputs.storage import open_input, status_of, status_of_open
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.spelling import Caller
from tfrecord_lite.tfrecord.compression import Snapshot, open_stream
from tfrecord_lite.tfrecord.framing import (
    HEADER_SIZE,
    MAX_RECORD_SIZE,
    OVERHEAD,
    RECOVER_HINT,
    Record,
    Repair,
    header_holds,
    read_frames,
)

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""One input or several: files, folders, globs, ``base@N`` specifications."""


def as_list(inputs: Paths) -> list[str | os.PathLike[str]]:
    """One input or several as a list."""
    return [inputs] if isinstance(inputs, str | os.PathLike) else list(inputs)


def ignore_bytes(count: int) -> None:
    """For callers without a progress bar."""


READING = Caller({"max_record_size", "allow_missing_shards", "on_error"})
"""Parameters of functions that read records one by one."""

_ON_ERROR = ("fail", "skip", "recover")
_COUNTED = 1024  # records of a compressed file that are counted at a time
_NOTHING_BEFORE = "Nothing comes before it, and only an uncompressed file can be searched."


class Span(NamedTuple):
    """Whole records of an uncompressed file: bytes ``offset`` to ``end``; number: of the first, from 0."""

    offset: int
    number: int
    end: int


def find_spans(path: str, size: int, target: int) -> Iterator[Span]:
    """Divides the first ``size`` bytes of an uncompressed file between records, into spans of about ``target`` bytes.

    Hops from header to header without reading what is between them. Where a header is damaged, the rest of the file
    is one span: only reading it shows what it holds. A file that cannot be divided is one span.
    """
    with open_input(path) as file:
        start = offset = first = number = 0
        if not file.seekable():
            offset = size
        while offset < size:
            file.seek(offset)
            head = file.read(HEADER_SIZE) or b""
            if not header_holds(head):
                offset = size
                break
            offset += OVERHEAD + int.from_bytes(head[:8], "little")
            number += 1
            if offset >= size:
                offset = size
            elif offset - start >= target:
                yield Span(start, first, offset)
                start, first = offset, number
        yield Span(start, first, offset)


def compression_of(path: str) -> str | None:
    """How a file is compressed: ``gzip``, ``zlib`` or an empty text; None for a pipe, which can be read only once.

    Raises:
        OSError: the file cannot be opened or read.
    """
    if not is_url(path) and status_of(path) is None:
        return None
    with open_input(path) as file:
        status = status_of_open(file, path)
        return None if status is None else open_stream(Snapshot(file, status.size, ignore_bytes), path)[1]


def scan_records(
    path: str,
    name: str,
    *,
    max_record_size: int = MAX_RECORD_SIZE,
    recover: bool = False,
    span: Span | None = None,
    on_bytes: Callable[[int], None] = ignore_bytes,
) -> Iterator[Record | RecordError | Repair]:
    """Reads every record of one file and reports every damage as a value, in the order of the file.

    path: the file, which may be a pipe; ``-`` for standard input. name: what messages call it.
    max_record_size: the largest payload to accept, in bytes.
    recover: look for records after damage. Only an uncompressed regular file can be searched; of another, what follows
        a damaged header stays lost.
    span: from ``find_spans``: the records to read; None for all.
    on_bytes: called with the number of bytes that each read took from the file.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with open_input(path, ahead=span is None) as file:
        if span is not None:
            file.seek(span.offset)
            yield from read_frames(
                Snapshot(file, span.end - span.offset, on_bytes),
                name,
                size=span.end,
                max_record_size=max_record_size,
                offset=span.offset,
                number=span.number,
            )
            return
        status = status_of_open(file, path)
        size = None if status is None else status.size
        stream, compression = open_stream(Snapshot(file, size, on_bytes), name)
        if recover and size is not None and not compression:
            from tfrecord_lite.tfrecord.recovery import recover_frames  # noqa: PLC0415 - few runs search

            yield from recover_frames(file, name, size=size, max_record_size=max_record_size, on_bytes=on_bytes)
            return
        frames = read_frames(stream, name, size=None if compression else size, max_record_size=max_record_size)
        if compression or size is None:
            counter = _Counter(name)
            counted = map(counter.note, frames) if compression else frames
            yield from map(partial(_as_unsearched, recover=recover), counted)
            counter.end()
        else:
            yield from frames


class _Counter:
    """Counts the records of a stream that may have any number of them in a few bytes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def note(self, event: Record | RecordError) -> Record | RecordError:
        """Counts an event, and passes it on without another name, which would keep a large record alive."""
        self._count += 1
        if self._count == _COUNTED:
            self.end(event.where)
        return event

    def end(self, where: Location | None = None) -> None:
        """Tells of what was counted since the last time. Raises ExhaustedError."""
        spend_of_input(COMPRESSED, self._count, where or Location(self._name))
        self._count = 0


def _as_unsearched(event: Record | RecordError, *, recover: bool) -> Record | RecordError:
    """An event of a stream that cannot be searched: under ``recover`` what comes before a damage is kept.

    An event is passed on without another name, which would keep a large record alive.
    """
    if isinstance(event, Record) or event.contained:
        return event
    problem = event.problem.removesuffix(RECOVER_HINT).rstrip(".")
    if isinstance(event, ChecksumError) and event.where.record == 0:  # there is nothing before it
        return type(event)(event.where, f"{problem}. {_NOTHING_BEFORE}", length=event.length)
    if not recover:
        advice = "--on-error=recover keeps what comes before it."
        return type(event)(event.where, f"{problem}. {advice}", length=event.length)
    loss = "What follows is lost: only an uncompressed file can be searched."
    return type(event)(event.where, f"{problem}. {loss}", length=event.length, contained=True)


class Policy:
    """What reading records one by one does about bad data.

    recovers: whether records after a damaged header are looked for.

    Raises:
        UsageError: there is no such policy.
    """

    def __init__(self, on_error: str, on_problem: Callable[[DataError], None] | None) -> None:
        if on_error not in _ON_ERROR:
            raise UsageError(f"on_error is {quoted(str(on_error))}, expected one of {', '.join(_ON_ERROR)}")
        self._fails = on_error == "fail"
        self.recovers = on_error == "recover"
        self._on_problem = on_problem

    def pass_over(self, problem: DataError) -> None:
        """Passes a problem over, or raises it."""
        if self._fails:
            raise problem
        if self._on_problem is not None:
            self._on_problem(problem)


def read_records(
    inputs: Paths,
    *,
    max_record_size: int = MAX_RECORD_SIZE,
    allow_missing_shards: bool = False,
    on_error: str = "fail",
    on_problem: Callable[[DataError], None] | None = None,
) -> Iterator[Record]:
    """Reads the records of files, folders, globs or ``base@N`` specifications, in natural order of the paths.

    Args:
        inputs: one or several of these.
        max_record_size: the largest record to accept, in bytes.
        allow_missing_shards: accept sets of shards with gaps.
        on_error: ``fail`` to raise at the first damage, ``skip`` to leave out what is damaged, ``recover`` to look for
            records after damaged headers as well.
        on_problem: called with each damage that is passed over.

    Yields:
        ``record.payload``, both checksums verified, and ``record.where``.

    Raises:
        RecordError: at the first damage. InputError: an input is missing. OSError: a file cannot be read.
    """
    with speaking(READING):
        policy = Policy(on_error, on_problem)
        for shard in find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards).shards:
            for event in scan_records(shard.path, shard.name, max_record_size=max_record_size, recover=policy.recovers):
                if isinstance(event, RecordError):
                    policy.pass_over(event)
                elif isinstance(event, Record):
                    yield event
