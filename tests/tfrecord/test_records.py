"""Record files: opened one after the other, read to the end they had when they were opened, errors with their name."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
import zlib
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from tfrecords import frame

from tfrecord_lite.errors import ChecksumError, InputError, RecordError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.inputs import place
from tfrecord_lite.tfrecord.records import read_records, scan_records

GOLDEN = Path(__file__).parents[1] / "golden"
CONTENTS = [b"first", b"", b"third"]
DATA = b"".join(map(frame, CONTENTS))
needs_fifo = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")


def contents(path: object, **options: Any) -> list[bytes]:
    return [record.payload for record in read_records(str(path), **options)]


@pytest.mark.parametrize("name", ["plain", "gzip", "zlib", "detection", "sequence"])
def test_files_that_tensorflow_wrote_are_read(name: str) -> None:
    path = GOLDEN / f"{name}.tfrecord"
    truth = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"][path.name]["records"]
    assert [hashlib.sha256(content).hexdigest() for content in contents(path)] == [each["sha256"] for each in truth]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.tfrecord.gz", DATA),
        ("gzip.tfrecord", gzip.compress(DATA, mtime=0)),
        ("gzip.tfrecord.zz", gzip.compress(DATA, mtime=0)),
        ("zlib.tfrecord.gz", zlib.compress(DATA)),
        ("zlib", zlib.compress(DATA)),
    ],
)
def test_a_name_proves_nothing_about_compression(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert contents(tmp_path / name) == CONTENTS


def test_records_say_where_they_are_in_the_uncompressed_stream(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    for data in (DATA, gzip.compress(DATA)):
        path.write_bytes(data)
        found = [record.where for record in read_records(path)]
        assert found == [(str(path), 0, 0), (str(path), 1, 21), (str(path), 2, 37)]


def test_several_files_are_read_in_natural_order_of_their_names(tmp_path: Path) -> None:
    for number in (10, 9, 1):
        (tmp_path / f"x-{number}.tfrecord").write_bytes(frame(b"%d" % number))
    expected = [b"1", b"9", b"10"]
    assert contents(tmp_path) == expected
    assert contents(tmp_path / "*.tfrecord") == expected
    paths = [tmp_path / f"x-{number}.tfrecord" for number in (10, 1, 9)]
    assert [record.payload for record in read_records(paths)] == expected


def test_the_first_damage_is_raised_after_the_records_before_it(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(frame(b"first") + frame(b"second", data_crc=1) + frame(b"third"))
    reading = read_records(path)
    assert next(reading).payload == b"first"
    with pytest.raises(ChecksumError, match="record 1 at byte 21"):
        next(reading)


def test_scanning_goes_on_after_damage_of_certain_extent(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(frame(b"first") + frame(b"second", data_crc=1) + frame(b"third"))
    first, second, third = scan_records(str(path), "shown")
    assert (getattr(first, "payload", None), getattr(third, "payload", None)) == (b"first", b"third")
    assert isinstance(second, RecordError)
    assert second.where.file == "shown"


def test_what_is_missing_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        next(read_records(tmp_path / "x.tfrecord"))
    (tmp_path / "x-00000-of-00003").write_bytes(DATA)
    (tmp_path / "x-00002-of-00003").write_bytes(DATA)
    with pytest.raises(InputError, match="00001"):
        next(read_records(tmp_path))
    assert contents(tmp_path, allow_missing_shards=True) == CONTENTS * 2


def test_the_limit_of_a_record_can_be_set(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(DATA)
    assert contents(path, max_record_size=5) == CONTENTS
    with pytest.raises(RecordSizeError, match="5 bytes exceeds the limit of 4 bytes"):
        contents(path, max_record_size=4)


@pytest.mark.parametrize("added", [frame(b"added"), frame(b"added")[:9]])
def test_a_file_that_grows_is_read_up_to_the_size_it_had(added: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    large = [bytes([number]) * 300_000 for number in range(8)]  # more than is read at once
    path.write_bytes(b"".join(map(frame, large)))
    reading = scan_records(str(path), "x")
    found = [next(reading)]
    with path.open("ab") as file:
        file.write(added)
    found += reading
    assert [getattr(event, "payload", event) for event in found] == large


def test_a_file_that_shrinks_is_a_cut_file(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(b"".join(frame(bytes(300_000)) for _ in range(8)))
    reading = scan_records(str(path), "x")
    found = [next(reading)]
    os.truncate(path, 2_000_000)
    found += reading
    assert [type(event).__name__ for event in found] == ["Record"] * 6 + ["TruncatedRecordError"]


@needs_fifo
@pytest.mark.parametrize("data", [DATA, gzip.compress(DATA, mtime=0), zlib.compress(DATA), DATA[:-1], b""])
def test_a_named_pipe_is_read_like_a_file(data: bytes, tmp_path: Path) -> None:
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    file.write_bytes(data)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    found = [getattr(event, "payload", type(event)) for event in scan_records(str(pipe), "x")]
    writer.join()
    assert found == [getattr(event, "payload", type(event)) for event in scan_records(str(file), "x")]


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="needs /dev/fd")
def test_a_pipe_of_the_shell_is_an_input() -> None:
    # What bash puts in the place of <(command): a symbolic link to a pipe.
    receiver, sender = os.pipe()
    os.write(sender, DATA)
    os.close(sender)
    try:
        assert contents(f"/dev/fd/{receiver}") == CONTENTS
    finally:
        os.close(receiver)


READ_STDIN = """
from tfrecord_lite import read_records
for record in read_records("-"):
    print(record.payload, record.where)
"""


@pytest.mark.parametrize("data", [DATA, gzip.compress(DATA, mtime=0)])
def test_a_dash_means_standard_input(data: bytes) -> None:
    done = subprocess.run([sys.executable, "-c", READ_STDIN], input=data, capture_output=True, check=True)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [b"b'first'", b"b''", b"b'third'"]
    assert b"standard input" in done.stdout


@pytest.mark.parametrize("limit", [1 << 30, 1000])
def test_reading_counts_every_byte_of_the_file_for_the_progress_bar(limit: int, tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    large = frame(b"a") + frame(bytes(3 << 20)) + frame(b"b")
    for data in (large, gzip.compress(large))[: 2 if limit > 1000 else 1]:  # an oversized record ends a stream
        path.write_bytes(data)
        counts: list[int] = []
        list(scan_records(str(path), "x", max_record_size=limit, on_bytes=counts.append))
        assert sum(counts) == len(data)


def fail_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every read of a record file fail as on a broken disk, without a file name in the error."""

    class Broken(FileIO):
        def readinto(self, *_: Any) -> int:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def read(self, *_: Any) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(place, "FileIO", Broken)


def test_a_disk_that_fails_is_an_os_error_with_the_name_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(DATA)
    fail_to_read(monkeypatch)
    with pytest.raises(OSError, match="Input/output error") as caught:
        list(scan_records(str(path), "x"))
    assert caught.value.errno == errno.EIO
    assert caught.value.filename == str(path)


def test_a_file_that_cannot_be_opened_is_an_os_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        list(scan_records(str(tmp_path), "x"))
    assert caught.value.filename == str(tmp_path)
    with pytest.raises(FileNotFoundError):
        list(scan_records(str(tmp_path / "gone"), "x"))


def test_one_input_file_is_open_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_now: list[int] = []
    most = 0

    class Counted(FileIO):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            nonlocal most
            super().__init__(*arguments, **options)
            open_now.append(1)
            most = max(most, len(open_now))

        def close(self) -> None:
            if not self.closed:
                open_now.pop()
            super().close()

    for number in range(20):
        (tmp_path / f"x-{number}.tfrecord").write_bytes(DATA)
    monkeypatch.setattr(place, "FileIO", Counted)
    assert contents(tmp_path) == CONTENTS * 20
    assert most == 1
    assert not open_now


def test_a_cut_file_is_told_from_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    for cut in range(len(DATA)):
        path.write_bytes(DATA[:cut])
        if cut in (0, 21, 37):
            assert len(contents(path)) == (0, 21, 37).index(cut)
        else:
            with pytest.raises(TruncatedRecordError):
                contents(path)
