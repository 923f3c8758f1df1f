"""TFRecordWriter: what it writes is the format of the specification, and has its name only when it is complete."""

from __future__ import annotations

import os
import threading
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import frame

from tfrecord_lite import TFRecordWriter, read_records


@settings(deadline=None, max_examples=30)
@given(written=st.lists(st.binary(max_size=100), max_size=5))
def test_what_is_written_is_the_format_of_the_specification(
    written: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("written") / "x.tfrecord"
    with TFRecordWriter(path) as out:
        for content in written:
            out.write(content)
    assert path.read_bytes() == b"".join(map(frame, written))
    assert [record.payload for record in read_records(path)] == written


def test_a_writer_can_be_closed_by_hand(tmp_path: Path) -> None:
    out = TFRecordWriter(str(tmp_path / "x.tfrecord"))
    out.write(b"first")
    out.close()
    out.close()
    assert (tmp_path / "x.tfrecord").read_bytes() == frame(b"first")
    assert os.listdir(tmp_path) == ["x.tfrecord"]


@pytest.mark.parametrize(
    ("payload", "stored"),
    [
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"abcd"), b"abcd"),
        (memoryview(b"abcdefgh").cast("I"), b"abcdefgh"),
        (memoryview(b"abcdef").cast("B", (2, 3)), b"abcdef"),
        (memoryview(b"abcd")[::2], b"ac"),
        (array("H", b"abcd"), b"abcd"),
    ],
)
def test_a_record_is_the_bytes_of_its_payload(payload: Any, stored: bytes, tmp_path: Path) -> None:
    with TFRecordWriter(tmp_path / "x.tfrecord") as out:
        out.write(payload)
    assert (tmp_path / "x.tfrecord").read_bytes() == frame(stored)


@pytest.mark.parametrize("before", [None, b"what was there"])
def test_an_exception_leaves_what_was_there_before(before: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    if before is not None:
        path.write_bytes(before)

    def write_half() -> None:
        with TFRecordWriter(path) as out:
            out.write(b"first")
            raise KeyError("second")

    with pytest.raises(KeyError):
        write_half()
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([] if before is None else [before])


def test_until_it_is_complete_the_file_has_another_name(tmp_path: Path) -> None:
    with TFRecordWriter(tmp_path / "x.tfrecord") as out:
        out.write(b"first")
        assert not (tmp_path / "x.tfrecord").exists()
    assert os.listdir(tmp_path) == ["x.tfrecord"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "real.tfrecord").write_bytes(b"old")
    (tmp_path / "link.tfrecord").symlink_to("real.tfrecord")
    with TFRecordWriter(tmp_path / "link.tfrecord") as out:
        out.write(b"new")
    assert (tmp_path / "link.tfrecord").is_symlink()
    assert (tmp_path / "real.tfrecord").read_bytes() == frame(b"new")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_written_to_directly(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True)
    reader.start()
    with TFRecordWriter(tmp_path / "pipe") as out:
        out.write(b"first")
    reader.join(10)
    assert read == [frame(b"first")]
