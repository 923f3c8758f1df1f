"""verify: what is said of sound and of damaged files, for people and for programs."""

from __future__ import annotations

import gzip
import json
import os
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from damages import flipped
from tfrecords import frame

from tfrecord_lite.errors import ChecksumError, InputError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.pipeline.verify import MOST_DAMAGES, FileReport, as_json, as_lines, verify

GOLDEN = Path(__file__).parents[1] / "golden"
CONTENTS = [b"no Example" * 9, b"", b"nor this" * 30, b"last" * 9]
DATA = b"".join(map(frame, CONTENTS))
STARTS = [0, 106, 122, 378, 430]

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file, and returns its path."""

    def write(data: bytes, name: str = "x.tfrecord") -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write


def only(path: object, max_record_size: int = 1 << 28) -> FileReport:
    (report,) = verify(str(path), max_record_size=max_record_size)
    return report


# ------------------------------------------------------------------------------------------------ sound files
@pytest.mark.parametrize(
    ("data", "compression", "line"),
    [
        (DATA, "", "4 records, ok"),
        (frame(b"one"), "", "1 record, ok"),
        (gzip.compress(DATA, mtime=0), "gzip", "4 records, gzip, ok"),
        (gzip.compress(DATA[:122], mtime=0) + gzip.compress(DATA[122:], mtime=0), "gzip", "4 records, gzip, ok"),
        (zlib.compress(DATA), "zlib", "4 records, zlib, ok"),
        (b"", "", "0 records, ok: there is nothing in it"),
        (gzip.compress(b"", mtime=0), "gzip", "0 records, gzip, ok: there is nothing in it"),
    ],
)
def test_a_sound_file_is_one_line(data: bytes, compression: str, line: str, write: Write) -> None:
    path = write(data)
    report = only(path)
    assert as_lines(report) == [f"{path}: {line}"]
    assert (report.compression, report.damages, report.damage_count) == (compression, [], 0)


def test_bytes_are_those_of_the_uncompressed_stream(write: Write) -> None:
    assert only(write(DATA)).bytes == only(write(gzip.compress(DATA))).bytes == len(DATA)


@pytest.mark.parametrize("name", ["plain", "gzip", "zlib", "detection", "sequence"])
def test_files_that_tensorflow_wrote_are_sound(name: str) -> None:
    truth = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"][f"{name}.tfrecord"]
    report = only(GOLDEN / f"{name}.tfrecord")
    assert (report.records, report.damage_count) == (len(truth["records"]), 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_is_checked_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    feeder = threading.Thread(target=path.write_bytes, args=(flipped(DATA, 20),))
    feeder.start()
    report = only(path)
    feeder.join()
    assert (report.records, report.damage_count, report.compression) == (3, 1, None)
    assert as_lines(report)[-1] == f"{path}: 3 records, 1 damaged place"


# ------------------------------------------------------------------------------------------------ damaged files
def test_every_damage_is_a_line_with_its_place_and_cause(write: Write) -> None:
    # Data, a header whose record is whole, and a cut: one damage does not hide another.
    path = write(flipped(DATA, 50, STARTS[2] + 1)[:-1])
    report = only(path)
    assert [type(damage) for damage in report.damages] == [ChecksumError, ChecksumError, TruncatedRecordError]
    data, header, cut, last = as_lines(report)
    assert data.startswith(f"{path}: record 0 at byte 0: the checksum of the data is ")
    assert header.startswith(f"{path}: record 2 at byte 122: the checksum of the length is ")
    assert header.endswith("--on-error=recover repairs it.")
    assert cut.startswith(f"{path}: record 3 at byte 378: the file ends inside a record of 36 bytes")
    assert last == f"{path}: 1 record, 3 damaged places"
    assert report.bytes == 429


def test_a_record_whose_header_must_be_repaired_is_damaged_not_sound(write: Write) -> None:
    report = only(write(flipped(DATA, STARTS[2] + 9)))
    assert (report.records, report.damage_count, report.bytes) == (3, 1, len(DATA))


def test_a_destroyed_header_is_one_damage_with_its_extent(write: Write) -> None:
    report = only(write(flipped(DATA, *range(STARTS[2], STARTS[2] + 40))))
    assert [(damage.where.offset, damage.length) for damage in report.damages] == [(122, 256)]
    assert report.records == 3


def test_the_first_thousand_damages_of_a_file_are_listed_and_the_rest_is_counted(write: Write) -> None:
    path = write(frame(b"", data_crc=0) * (MOST_DAMAGES + 5) + frame(b"sound"))
    report = only(path)
    assert (len(report.damages), report.damage_count, report.records) == (MOST_DAMAGES, MOST_DAMAGES + 5, 1)
    assert as_lines(report)[-2:] == [
        f"{path}: and 5 damaged places more",
        f"{path}: 1 record, {MOST_DAMAGES + 5:,} damaged places",
    ]
    assert as_json(report)["damage_count"] == MOST_DAMAGES + 5


def test_a_record_above_the_limit_is_damage(write: Write) -> None:
    report = only(write(DATA), max_record_size=100)
    assert [type(damage) for damage in report.damages] == [RecordSizeError]
    assert report.records == 3


@pytest.mark.parametrize(
    ("data", "kind", "records"),
    [
        (gzip.compress(DATA, mtime=0)[:-4], "compression", 4),
        (gzip.compress(DATA, mtime=0) + b"junk", "compression", 4),
        (gzip.compress(flipped(DATA, 50), mtime=0), "checksum", 3),
        (gzip.compress(flipped(DATA, STARTS[2]), mtime=0), "checksum", 2),  # what follows cannot be searched
        (gzip.compress(DATA[:-1], mtime=0), "truncated", 3),
    ],
)
def test_damage_in_compressed_files_is_found(data: bytes, kind: str, records: int, write: Write) -> None:
    report = only(write(data))
    assert [damage["kind"] for damage in as_json(report)["damages"]] == [kind]
    assert report.records == records


# ------------------------------------------------------------------------------------------------ for programs
def test_json_has_the_place_the_kind_and_the_cause_of_every_damage(write: Write) -> None:
    path = write(flipped(DATA, 50)[:-1])
    found = json.loads(orjson.dumps(as_json(only(path, max_record_size=100))))
    data, size, cut = found.pop("damages")
    assert [text.split(": ")[0] for text in found.pop("problems")["first"]] == [path] * 3
    assert found == {
        "status": "done",
        "exit_status": 1,
        "warnings": {},
        "file": path,
        "ok": False,
        "records": 1,
        "bytes": len(DATA) - 1,
        "compression": "",
        "damage_count": 3,
    }
    assert (data["kind"], data["record"], data["offset"], data["length"]) == ("checksum", 0, 0, 106)
    assert data["problem"].startswith("the checksum of the data is ")
    assert (size["kind"], size["record"], size["offset"], size["length"]) == ("size", 2, 122, 256)
    assert (cut["kind"], cut["record"], cut["offset"], cut["length"]) == ("truncated", 3, 378, 51)


def test_json_of_a_sound_file_says_so(write: Write) -> None:
    found = as_json(only(write(gzip.compress(DATA))))
    assert (found["ok"], found["damages"], found["compression"]) == (True, [], "gzip")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of any bytes are of Linux")
def test_names_that_move_the_cursor_or_are_no_text_are_escaped(tmp_path: Path) -> None:
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"a\x1b[2J\xff.tfrecord"))
    Path(path).write_bytes(DATA[:-1])
    report = only(path)
    for text in [*as_lines(report), orjson.dumps(as_json(report)).decode()]:
        assert r"a\x1b[2J\udcff.tfrecord" in text.replace(r"\\", "\\")
        assert "\x1b" not in text


# ------------------------------------------------------------------------------------------------ many files
def test_files_come_in_natural_order_each_with_a_report(write: Write, tmp_path: Path) -> None:
    for number in (10, 2, 1):
        write(DATA if number != 2 else DATA[:-1], f"x-{number}.tfrecord")
    reports = list(verify(str(tmp_path)))
    assert [(os.path.basename(report.file), report.damage_count) for report in reports] == [
        ("x-1.tfrecord", 0),
        ("x-2.tfrecord", 1),
        ("x-10.tfrecord", 0),
    ]


def test_a_missing_shard_is_an_error_unless_it_is_allowed(write: Write, tmp_path: Path) -> None:
    write(DATA, "x-00000-of-00003")
    write(DATA, "x-00002-of-00003")
    with pytest.raises(InputError, match="1 of 3 shards are missing"):
        list(verify(str(tmp_path)))
    assert len(list(verify(str(tmp_path), allow_missing_shards=True))) == 2


def test_progress_adds_up_to_the_bytes_of_the_files(write: Write) -> None:
    paths = [write(flipped(DATA, 50, STARTS[2]), "a.tfrecord"), write(gzip.compress(DATA), "b.tfrecord")]
    counts: list[int] = []
    list(verify(paths, on_bytes=counts.append))
    assert sum(counts) == sum(map(os.path.getsize, paths))
