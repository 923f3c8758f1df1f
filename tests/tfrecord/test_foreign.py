"""What a file is instead, where it is no TFRecord file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import jpeg, png

from tfrecord_lite import RejectedInputError, convert
from tfrecord_lite.tfrecord.foreign import foreign_kind

DATA = bytes(range(256)) * 4
# What every file of array_record 0.8 and of Riegeli begins with: google/riegeli doc/riegeli_records_file_format.md.
RIEGELI = bytes.fromhex("83af70d10d884a3f0000000000000000400000000000000091bac23c9287e1a9")


def tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.tfrecord"))
    return target.getvalue()


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("x.tfrecord", DATA)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (gzip.compress(DATA, mtime=0), "gzip"),
        (bz2.compress(DATA), "bzip2"),
        (lzma.compress(DATA), "xz"),
        (b"\x28\xb5\x2f\xfd" + DATA, "zstd"),
        (b"\xff\x06\x00\x00sNaPpY" + DATA, "snappy"),
        (b"\x04\x22\x4d\x18" + DATA, "lz4"),
        (b"7z\xbc\xaf\x27\x1c" + DATA, "7z"),
        (zipped(), "zip"),
        (tar(), "tar"),
        (b"PAR1" + DATA, "Parquet"),
        (b"ARROW1\0\0" + DATA, "Arrow"),
        (b"ORC\x0a" + DATA, "ORC"),
        (b"SEQ\x06\x19org.apache.hadoop" + DATA, "SequenceFile"),
        (RIEGELI + DATA, "ArrayRecord or Riegeli"),
        (b"\x93NUMPY\x01\x00v\x00" + DATA, "NumPy"),
        (b"\x89HDF\r\n\x1a\n" + DATA, "HDF5"),
        (b"Obj\x01" + DATA, "Avro"),
        (b"SQLite format 3\x00" + DATA, "SQLite"),
        (jpeg(), "JPEG"),
        (png(), "PNG"),
        (b"GIF89a" + DATA, "GIF"),
        (b"%PDF-1.7\n" + DATA, "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "git lfs pull"),
        (b"\x80\x04\x95" + DATA, "pickle"),
        (b"<!DOCTYPE html><html><head><title>403 Forbidden</title>", "web page or XML"),
        (b"\n  <HTML>", "web page or XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "web page or XML"),
        (b"<Error><Code>AccessDenied</Code></Error>", "web page or XML"),
        (b'{"images": []}', "JSON"),
        (b'\n[\n{"image": 1}]', "JSON"),
        (b"image,xmin,ymin\n1,2,3\n", "text"),
        (bytes(512), "zeros"),
    ],
)
def test_what_the_first_bytes_say_is_named(content: bytes, kind: str) -> None:
    found = foreign_kind(content[:512])
    assert found is not None
    assert kind.lower() in found.lower()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(RIEGELI, "ArrayRecord"), (b"ARROW1\0\0\xff\xff\xff\xff", "Arrow"), (b"PAR1\x15\x04", "Parquet")],
)
def test_a_file_of_another_format_is_named_in_the_one_line_that_a_user_sees(
    content: bytes, kind: str, tmp_path: Path
) -> None:
    """Zeros where a TFRecord file has its checksum must not be taken for one that was left out."""
    path = tmp_path / "coco-train.array_record-00000-of-00001"
    path.write_bytes(content + DATA)
    with pytest.raises(RejectedInputError) as told:
        convert(path, tmp_path / "out")
    (line,) = str(told.value).splitlines()
    reason, _, sums = line.partition(" (the checksum of the length is ")
    assert "this is no TFRecord file" in reason
    assert kind in reason
    assert sums


@pytest.mark.parametrize(
    "content", [b"", b"\x01\x02\x03", bytes(range(8, 40)), b"\x00\x00\x00\x07", b"\xff", b"\xe9\xff"]
)
def test_bytes_that_say_nothing_are_not_guessed_at(content: bytes) -> None:
    assert foreign_kind(content) is None


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_are_fine_and_what_is_said_fits_into_a_message(content: bytes) -> None:
    kind = foreign_kind(content)
    assert kind is None or (kind.isprintable() and len(kind) < 100)
