"""Compression is recognised from the bytes, whatever a file is called, and every compressed byte is accounted for."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import itertools
import json
import lzma
import os
import struct
import tracemalloc
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import frame

from tfrecord_lite.errors import ChecksumError, CompressionError, RecordError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.tfrecord.compression import Snapshot, open_stream
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, read_frames
from tfrecord_lite.tfrecord.records import ignore_bytes

GOLDEN = Path(__file__).parents[1] / "golden"
MIB = 1 << 20
CONTENTS = [b"", b"first", bytes(range(256)) * 3, b"last"]
PLAIN = b"".join(map(frame, CONTENTS))
GZIP, ZLIB = 31, 15  # window bits
BGZIP_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # SAM specification, 4.1.2


class File(io.RawIOBase):
    """An unbuffered file over bytes that hands out at most ``at_once`` of them a read, as a slow pipe does."""

    def __init__(self, data: bytes, at_once: int = 1 << 30) -> None:
        self.data, self.at_once, self.at = data, at_once, 0

    def readinto(self, buffer: Any) -> int:
        part = self.data[self.at : self.at + min(len(buffer), self.at_once)]
        self.at += len(part)
        buffer[: len(part)] = part
        return len(part)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        assert whence == os.SEEK_CUR
        self.at += offset
        return self.at


def packed(data: bytes, window_bits: int, level: int = 6) -> bytes:
    """One gzip member or zlib stream."""
    packer = zlib.compressobj(level, zlib.DEFLATED, window_bits)
    return packer.compress(data) + packer.flush()


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def scan(
    data: bytes, at_once: int = 1 << 30, max_record_size: int = MAX_RECORD_SIZE
) -> tuple[str, list[Record | RecordError]]:
    stream, kind = open_stream(Snapshot(File(data, at_once), None, ignore_bytes), "x")
    return kind, list(read_frames(stream, "x", max_record_size=max_record_size))


def payloads(found: Iterable[Record | RecordError]) -> list[bytes]:
    return [event.payload for event in found if isinstance(event, Record)]


def sound(data: bytes, at_once: int = 1 << 30) -> tuple[str, list[bytes]]:
    """Compression and payloads of data that has no fault."""
    kind, found = scan(data, at_once)
    assert not [event for event in found if isinstance(event, RecordError)]
    return kind, payloads(found)


def damage(data: bytes) -> RecordError:
    """The one fault of the data, after all records."""
    _, found = scan(data)
    assert not [event for event in found[:-1] if isinstance(event, RecordError)]
    assert isinstance(found[-1], RecordError)
    return found[-1]


# ------------------------------------------------------------------------------------------------------ recognition
@pytest.mark.parametrize("at_once", [1, 3, 1 << 30])
@pytest.mark.parametrize("level", [0, 1, 6, 9])
@pytest.mark.parametrize(("kind", "window_bits"), [("gzip", GZIP), ("zlib", ZLIB), ("zlib", 9)])
def test_gzip_and_zlib_of_any_level_are_recognised(kind: str, window_bits: int, level: int, at_once: int) -> None:
    assert sound(packed(PLAIN, window_bits, level), at_once) == (kind, CONTENTS)


@pytest.mark.parametrize("at_once", [1, 1 << 30])
def test_a_file_that_is_not_compressed_is_left_alone(at_once: int) -> None:
    assert sound(PLAIN, at_once) == ("", CONTENTS)


@pytest.mark.parametrize(("name", "kind"), [("plain", ""), ("gzip", "gzip"), ("zlib", "zlib")])
def test_what_tensorflow_compressed_is_read(name: str, kind: str) -> None:
    truth = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"][f"{name}.tfrecord"]["records"]
    found, contents = sound((GOLDEN / f"{name}.tfrecord").read_bytes())
    assert found == kind
    assert [hashlib.sha256(content).hexdigest() for content in contents] == [record["sha256"] for record in truth]


@pytest.mark.parametrize("flags", ["name", "extra", "checksum of the header"])
def test_optional_fields_of_a_gzip_header_are_no_obstacle(flags: str) -> None:
    start, rest = b"\x1f\x8b\x08", gz(PLAIN)[10:]
    head = {
        "name": start + b"\x08" + bytes(6) + b"train.tfrecord\0",
        "extra": start + b"\x04" + bytes(6) + struct.pack("<H", 600) + bytes(600),
        "checksum of the header": start + b"\x02" + bytes(6),
    }[flags]
    if flags.startswith("checksum"):
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    assert sound(head + rest) == ("gzip", CONTENTS)


@pytest.mark.parametrize(
    ("length", "magic"), [(0x088B1F, b"\x1f\x8b\x08"), (0x8B1F, b"\x1f\x8b"), (0x9C78, b"\x78\x9c"), (0x0178, b"x\x01")]
)
def test_a_plain_file_may_start_with_the_magic_of_gzip_or_zlib(length: int, magic: bytes) -> None:
    data = frame(bytes(length)) + frame(b"next")
    assert data.startswith(magic)
    assert sound(data) == ("", [bytes(length), b"next"])


def test_a_file_of_nothing_compressed_has_no_records_and_no_fault() -> None:
    assert sound(packed(b"", GZIP)) == ("gzip", [])
    assert sound(packed(b"", ZLIB)) == ("zlib", [])
    assert sound(b"") == ("", [])


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (bz2.compress(PLAIN), "bzip2"),
        (lzma.compress(PLAIN), "xz"),
        (b"\x28\xb5\x2f\xfd\x24" + bytes(range(99)), "zstd"),
        (b"\xff\x06\x00\x00sNaPpY" + bytes(range(99)), "snappy"),
        (gz(gz(PLAIN)), "gzip"),
    ],
)
def test_other_compressions_are_named(data: bytes, named: str) -> None:
    error = damage(data)
    assert error.where.offset == 0
    assert named in str(error)


@pytest.mark.parametrize("window_bits", [GZIP, ZLIB])
def test_what_is_compressed_but_no_tfrecord_file_is_an_error(window_bits: int) -> None:
    error = damage(packed(b"image,xmin,ymin\n" * 30, window_bits))
    assert isinstance(error, ChecksumError)
    assert error.where.offset == 0


# ------------------------------------------------------------------------------------------------- members of gzip
@pytest.mark.parametrize("at_once", [1, 2, 3, 10, 1 << 30])
def test_every_record_may_be_a_member_of_its_own(at_once: int) -> None:
    assert sound(b"".join(gz(frame(content)) for content in CONTENTS), at_once) == ("gzip", CONTENTS)


def test_members_may_end_anywhere_inside_a_record() -> None:
    contents = [b"first", b"", b"second"]
    plain = b"".join(map(frame, contents))
    for cut in range(len(plain) + 1):
        assert sound(gz(plain[:cut]) + gz(plain[cut:])) == ("gzip", contents)
    assert sound(b"".join(gz(plain[at : at + 1]) for at in range(len(plain)))) == ("gzip", contents)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, len(PLAIN)), max_size=5).map(sorted), at_once=st.integers(1, 400))
def test_no_member_size_and_no_read_size_makes_a_difference(cuts: list[int], at_once: int) -> None:
    edges = [0, *cuts, len(PLAIN)]
    members = [gz(PLAIN[a:b]) for a, b in itertools.pairwise(edges)]
    assert sound(b"".join(members), at_once) == ("gzip", CONTENTS)


@pytest.mark.parametrize("empty", [gz(b""), BGZIP_END])
def test_empty_members_hold_no_records(empty: bytes) -> None:
    assert sound(gz(PLAIN) + empty) == ("gzip", CONTENTS)
    assert sound(empty + gz(PLAIN) + empty + empty) == ("gzip", CONTENTS)
    assert sound(empty) == ("gzip", [])


@pytest.mark.parametrize("count", [1, 2, 3, 511, 300_000])
def test_zero_padding_after_the_last_member_is_no_content(count: int) -> None:
    assert sound(gz(PLAIN) + bytes(count)) == ("gzip", CONTENTS)


@pytest.mark.parametrize("junk", [b"\n", b"junk", b"\0\0junk", b"\x1f", b"\x1f\x8b", PLAIN, packed(PLAIN, ZLIB)])
def test_junk_after_the_last_member_is_an_error(junk: bytes) -> None:
    _, found = scan(gz(PLAIN) + junk)
    assert payloads(found) == CONTENTS
    error = found[-1]
    assert isinstance(error, CompressionError)
    assert (error.where.record, error.where.offset) == (len(CONTENTS), len(PLAIN))
    assert "trail" in str(error)
    assert not error.contained


@pytest.mark.parametrize("junk", [b"\n", b"\0", packed(PLAIN, ZLIB)])
def test_anything_after_a_zlib_stream_is_an_error(junk: bytes) -> None:
    _, found = scan(packed(PLAIN, ZLIB) + junk)
    assert payloads(found) == CONTENTS
    assert isinstance(found[-1], CompressionError)


# ------------------------------------------------------------------------------------------------- cut and damaged
def whole_records(stream: bytes) -> int:
    """How many whole records these bytes start with."""
    at = count = 0
    while len(stream) - at >= 12:
        at += 16 + int(struct.unpack_from("<Q", stream, at)[0])
        if at > len(stream):
            break
        count += 1
    return count


@pytest.mark.parametrize("window_bits", [GZIP, ZLIB])
def test_a_stream_that_is_cut_anywhere_gives_the_whole_records_in_it_and_an_error(window_bits: int) -> None:
    data = packed(PLAIN, window_bits)
    for cut in range(1, len(data)):
        _, found = scan(data[:cut])
        count = whole_records(zlib.decompressobj(window_bits).decompress(data[:cut]))
        assert payloads(found) == CONTENTS[:count]
        assert isinstance(found[-1], RecordError), "TensorFlow takes a stream without its trailer for whole"
        assert len(found) == count + 1


def test_a_cut_costs_no_whole_record_though_zlib_holds_back_what_did_not_fit() -> None:
    data = gz(frame(b"q" * 500) * 2_500)
    inflater = zlib.decompressobj(GZIP)
    inflated = b""
    checked = 0
    for cut in range(1, len(data)):
        inflated += inflater.decompress(data[cut - 1 : cut])
        if MIB < len(inflated) < MIB + 1500:  # the output of one read was full before the input was used up
            assert len(payloads(scan(data[:cut])[1])) == whole_records(inflated)
            checked += 1
    assert checked


def test_a_cut_between_two_members_looks_like_an_end() -> None:
    assert sound(gz(frame(b"first"))) == ("gzip", [b"first"])


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
def test_a_cut_stream_says_so(kind: str) -> None:
    error = damage(packed(PLAIN, GZIP if kind == "gzip" else ZLIB)[:-2])
    assert isinstance(error, CompressionError)
    assert str(error).startswith(f"x: record {len(CONTENTS)} at byte {len(PLAIN)}: the {kind} stream is truncated")
    assert "still being written" in str(error)
    assert error.contained
    assert error.length is None


@pytest.mark.parametrize("at", range(1, 9))
def test_a_wrong_checksum_or_length_in_the_trailer_is_an_error(at: int) -> None:
    for kind, window_bits, trailer in (("gzip", GZIP, 8), ("zlib", ZLIB, 4)):
        if at > trailer:
            continue
        data = bytearray(packed(PLAIN, window_bits))
        data[-at] ^= 0x10
        _, found = scan(bytes(data))
        assert payloads(found) == CONTENTS[: len(found) - 1]
        assert isinstance(found[-1], CompressionError)
        assert not found[-1].contained
        assert f"the {kind} stream is corrupt" in str(found[-1])


@pytest.mark.parametrize("window_bits", [GZIP, ZLIB])
def test_no_flipped_bit_of_a_compressed_stream_invents_a_record(window_bits: int) -> None:
    contents = [b"first", bytes(range(200))]
    data = packed(b"".join(map(frame, contents)), window_bits)
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        _, found = scan(bytes(damaged))
        faults = [event for event in found if isinstance(event, RecordError)]
        if faults:
            assert all(isinstance(fault, ChecksumError | CompressionError | TruncatedRecordError) for fault in faults)
            assert all(payload in contents for payload in payloads(found))
        else:  # such as the time in a gzip header, or bits after the end of the last block
            assert payloads(found) == contents


@settings(deadline=None)
@given(data=st.binary(max_size=200), head=st.sampled_from([b"\x1f\x8b\x08", b"\x1f\x8b\x08\x00", b"\x78\x9c", b""]))
def test_any_bytes_are_records_or_damage(data: bytes, head: bytes) -> None:
    _, found = scan(head + data)
    assert all(isinstance(event, Record | RecordError) for event in found)


# ------------------------------------------------------------------------------------------------------------ bombs
@pytest.mark.parametrize("window_bits", [GZIP, ZLIB])
def test_a_few_bytes_that_inflate_to_gigabytes_cost_no_memory(window_bits: int) -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, window_bits)
    data = packer.compress(frame(b"", length=1 << 30)[:12])
    data += b"".join(packer.compress(bytes(MIB)) for _ in range(32)) + packer.flush()
    tracemalloc.start()
    try:
        _, found = scan(data, max_record_size=MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [type(event) for event in found] == [RecordSizeError]
    assert peak < 8 * MIB


def test_zero_padding_without_end_costs_no_memory() -> None:
    data = gz(PLAIN) + bytes(16 * MIB)
    tracemalloc.start()
    try:
        assert sound(data) == ("gzip", CONTENTS)
        assert tracemalloc.get_traced_memory()[1] < 8 * MIB
    finally:
        tracemalloc.stop()
