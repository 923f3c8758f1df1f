"""Checks record files without decoding them: files -> how many records are sound in each, and every damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.errors import (
    ChecksumError,
    CompressionError,
    RecordError,
    RecordSizeError,
    TruncatedRecordError,
    counted,
    printable,
    speaking,
)
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.options.console import envelope
from tfrecord_lite.options.reading import VERIFY_OPTIONS
from tfrecord_lite.spelling import Caller, in_shell
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, OVERHEAD, Record, Repair
from tfrecord_lite.tfrecord.records import Paths, as_list, compression_of, ignore_bytes, scan_records

MOST_DAMAGES = 1000  # of one file that are kept; the rest is counted

_CALLER = Caller({option.name for option in VERIFY_OPTIONS})
_OPTIONS = {option.spelling for option in VERIFY_OPTIONS}

_KINDS: dict[type[RecordError], str] = {
    TruncatedRecordError: "truncated",
    ChecksumError: "checksum",
    CompressionError: "compression",
    RecordSizeError: "size",
}


@dataclass(slots=True)
class FileReport:
    """What there is to say of one file.

    file: its name, as it was given or found.
    records: sound records in it.
    bytes: how many bytes of the uncompressed stream were looked at; of an uncompressed file, its size.
    compression: ``""``, ``"gzip"`` or ``"zlib"``; None where the input is a pipe, which cannot be looked at twice.
    damages: what is wrong, in the order of the file, the first thousand of them.
    damage_count: how many there are.
    """

    file: str
    compression: str | None
    records: int = 0
    bytes: int = 0
    damages: list[RecordError] = field(default_factory=list)
    damage_count: int = 0

    def add(self, event: Record | RecordError | Repair) -> None:
        """Counts what was read next. A record whose header had to be repaired is damage: other readers stop there."""
        if isinstance(event, Record):
            self.records += 1
            self.bytes += OVERHEAD + len(event.payload)
            return
        if isinstance(event, RecordError):
            self.bytes += event.length or 0
            damage: RecordError | None = event
        else:
            damage = event.error
            self.records -= damage is not None  # the record itself comes next
        if damage is not None:
            self.damage_count += 1
            if len(self.damages) < MOST_DAMAGES:
                damage.told_to(_CALLER)
                self.damages.append(damage)


def verify(
    inputs: Paths,
    *,
    max_record_size: int = MAX_RECORD_SIZE,
    allow_missing_shards: bool = False,
    on_bytes: Callable[[int], None] | None = None,
) -> Iterator[FileReport]:
    """Checks every length and checksum of record files, and finds every damage in them.

    After a damaged header the next record is looked for, so that one damage does not hide another. In compressed files
    and pipes that cannot be done: what follows is not checked.

    Args:
        inputs: files, folders, globs, ``base@N`` specifications, or ``-``.
        max_record_size: the largest record to accept, in bytes; a larger one counts as damage.
        allow_missing_shards: accept sets of shards with gaps.
        on_bytes: called with numbers of input bytes that reading advanced by.

    Yields:
        A report for each file, in natural order of the paths.

    Raises:
        InputError: an input is missing. OSError: a file cannot be read. ExhaustedError: a compressed file has far more
            records than bytes.
    """
    with speaking(_CALLER):
        shards = find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards).shards
    allowance = Allowance(0)
    told = on_bytes or ignore_bytes

    def note(count: int) -> None:
        allowance.size += count
        told(count)

    for shard in shards:
        report = FileReport(shard.name, compression_of(shard.path))
        with allowance.in_use():
            for event in scan_records(
                shard.path,
                shard.name,
                max_record_size=max_record_size,
                recover=report.compression == "",
                on_bytes=note,
            ):
                report.add(event)
                del event  # or a large record would stay while the next one is read
        yield report


def as_lines(report: FileReport) -> list[str]:
    """A report for people: a line for each damage, and one for the file."""
    name = printable(report.file)
    lines = [in_shell(damage.text, _OPTIONS) for damage in report.damages]
    if report.damage_count > len(lines):
        lines.append(f"{name}: and {counted(report.damage_count - len(lines), 'damaged place')} more")
    facts = [counted(report.records, "record")] + ([report.compression] if report.compression else [])
    if report.damage_count:
        facts.append(counted(report.damage_count, "damaged place"))
    else:
        facts.append("ok" if report.bytes else "ok: there is nothing in it")
    return [*lines, f"{name}: {', '.join(facts)}"]


def as_json(report: FileReport) -> dict[str, Any]:
    """A report for programs. A damage has the kind ``truncated``, ``checksum``, ``compression`` or ``size``."""
    problems = [in_shell(damage.text, _OPTIONS) for damage in report.damages]
    begin = envelope(exit_status=int(report.damage_count > 0), problems=problems, problem_count=report.damage_count)
    return begin | {
        "file": printable(report.file),
        "ok": not report.damage_count,
        "records": report.records,
        "bytes": report.bytes,
        "compression": report.compression,
        "damage_count": report.damage_count,
        "damages": [
            {
                "kind": _KINDS[type(damage)],
                "record": damage.where.record,
                "offset": damage.where.offset,
                "length": damage.length,
                "problem": in_shell(damage.problem, _OPTIONS),
            }
            for damage in report.damages
        ],
    }
