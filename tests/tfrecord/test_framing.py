"""The TFRecord format: what is read from a stream of bytes, whole, cut or damaged in any way.

The bytes are built by tests/support/tfrecords.py from the specification, or were written by TensorFlow (tests/golden).
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
import tfrecords
from damages import starts
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import Source, events, only_error, payloads

from tfrecord_lite.errors import ChecksumError, Location, RecordError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, frame, header_holds, masked_crc, read_frames

GOLDEN = Path(__file__).parents[1] / "golden"
MIB = 1 << 20
PAYLOADS = st.lists(st.binary(max_size=40), max_size=6)


# ------------------------------------------------------------------------------------------------------ sound files
def test_the_published_record_of_foo_is_written_and_read() -> None:
    published = base64.b64decode("AwAAAAAAAACwmUkOZm9vYYq+/g==")  # apache/beam, sdks/python tfrecordio_test.py
    assert frame(b"foo") == published
    assert events(published) == [Record(b"foo", Location("x", 0, 0), 0xFEBE8A61)]


@pytest.mark.parametrize(
    ("content", "checksum"), [(bytes(32), 0x0FD7FFFA), (b"\xff" * 32, 0xF909B029), (b"foo", 0xFEBE8A61)]
)
def test_checksums_are_the_published_ones(content: bytes, checksum: int) -> None:
    assert masked_crc(content) == checksum


@pytest.mark.parametrize("name", ["plain.tfrecord", "detection.tfrecord", "sequence.tfrecord"])
def test_what_tensorflow_wrote_is_read(name: str) -> None:
    truth = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"][name]["records"]
    found = payloads(events((GOLDEN / name).read_bytes()))
    assert [(len(payload), hashlib.sha256(payload).hexdigest()) for payload in found] == [
        (record["length"], record["sha256"]) for record in truth
    ]


@pytest.mark.parametrize("name", ["plain.tfrecord", "detection.tfrecord", "sequence.tfrecord"])
def test_what_is_written_is_what_tensorflow_writes(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    assert b"".join(frame(payload) for payload in payloads(events(data))) == data


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_one_frame_is_that_of_the_specification(content: bytes) -> None:
    assert frame(content) == tfrecords.frame(content)


@settings(deadline=None)
@given(contents=PAYLOADS, at_once=st.integers(1, 50), sized=st.booleans())
def test_records_come_out_as_they_went_in_however_small_the_reads(
    contents: list[bytes], at_once: int, sized: bool
) -> None:
    data = b"".join(map(tfrecords.frame, contents))
    assert events(data, sized=sized, at_once=at_once) == [
        Record(content, Location("x", number, offset), tfrecords.masked_crc(content))
        for number, (content, offset) in enumerate(zip(contents, starts(contents), strict=False))
    ]


def test_a_stream_without_a_byte_has_no_records_and_no_fault() -> None:
    assert events(b"") == []
    assert events(b"", sized=False) == []


def test_records_of_no_bytes_are_records() -> None:
    found = events(tfrecords.frame(b"") * 3)
    assert payloads(found) == [b"", b"", b""]
    assert [event.where.offset for event in found] == [0, 16, 32]


@pytest.mark.parametrize("length", [MIB - 17, MIB - 16, MIB - 15, MIB - 4, MIB, MIB + 1, 2 * MIB + 5])
def test_records_around_the_size_of_one_read_are_whole(length: int) -> None:
    large = (b"0123456789abcdefghijklmnopqrstuvwxyz" * (length // 36 + 1))[:length]
    contents = [b"before", large, b"after"]
    data = b"".join(map(tfrecords.frame, contents))
    for sized in (True, False):
        for at_once in (1 << 30, 65_537):
            found = events(data, sized=sized, at_once=at_once)
            assert payloads(found) == contents
            assert [event.where.offset for event in found] == starts(contents)[:-1]


def test_a_record_that_begins_anywhere_before_the_end_of_a_read_is_whole() -> None:
    after = tfrecords.frame(b"after")
    for gap in range(30):
        filling = tfrecords.frame(bytes(1000)) * ((MIB - gap) // 1016)
        rest = MIB - gap - len(filling)
        if rest >= 16:
            filling += tfrecords.frame(bytes(rest - 16))
        assert payloads(events(filling + after))[-1] == b"after"


# -------------------------------------------------------------------------------------------------------- cut files
SMALL = [b"", b"ab", b"0123456789", b""]


@pytest.mark.parametrize("at_once", [1, 5, 1 << 30])
@pytest.mark.parametrize("sized", [True, False])
def test_every_prefix_gives_exactly_the_whole_records_in_it(sized: bool, at_once: int) -> None:
    data = b"".join(map(tfrecords.frame, SMALL))
    for cut in range(len(data) + 1):
        check_prefix(SMALL, data, cut, sized=sized, at_once=at_once)


@settings(deadline=None)
@given(contents=PAYLOADS, where=st.floats(0, 1), at_once=st.integers(1, 100), sized=st.booleans())
def test_any_prefix_of_any_file_gives_the_whole_records_in_it(
    contents: list[bytes], where: float, at_once: int, sized: bool
) -> None:
    data = b"".join(map(tfrecords.frame, contents))
    check_prefix(contents, data, round(where * len(data)), sized=sized, at_once=at_once)


def check_prefix(contents: Sequence[bytes], data: bytes, cut: int, *, sized: bool, at_once: int) -> None:
    """A clean end on a boundary; else an error that says in which record, and where that starts."""
    places = starts(contents)
    whole = sum(place <= cut for place in places) - 1
    found = events(data[:cut], sized=sized, at_once=at_once)
    assert payloads(found) == list(contents[:whole])
    if cut == places[whole]:
        assert len(found) == whole
        return
    error = found[-1]
    assert len(found) == whole + 1
    assert isinstance(error, TruncatedRecordError)
    assert error.where == Location("x", whole, places[whole])
    assert error.length == cut - places[whole]
    assert error.contained


@pytest.mark.parametrize("cut", [MIB - 1, MIB, MIB + 1, MIB + 12, 2 * MIB + 40])
@pytest.mark.parametrize("sized", [True, False])
def test_a_large_record_that_is_cut_anywhere_is_truncated(cut: int, sized: bool) -> None:
    data = tfrecords.frame(b"first") + tfrecords.frame(bytes(2 * MIB + 16))
    error = events(data[:cut], sized=sized)[-1]
    assert isinstance(error, TruncatedRecordError)
    assert error.where == Location("x", 1, 21)
    assert error.length == cut - 21
    assert f"{cut - 21 - 12} of {2 * MIB + 20} bytes" in str(error)


@pytest.mark.parametrize("count", range(1, 12))
def test_stray_bytes_at_the_end_are_an_error_though_tensorflow_passes_over_them(count: int) -> None:
    found = events(tfrecords.frame(b"first") + b"\n" * count)
    assert payloads(found) == [b"first"]
    assert isinstance(found[1], TruncatedRecordError)
    assert f"x: record 1 at byte 21: the file ends inside a record header ({count} of 12 bytes)" in str(found[1])


# ---------------------------------------------------------------------------------------------------- damaged files
def test_every_single_bit_flip_is_caught_and_takes_only_what_it_hit() -> None:
    contents = [b"", b"ab", b"0123456789"]
    data = b"".join(map(tfrecords.frame, contents))
    places = starts(contents)
    for bit in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        hit = sum(place <= bit // 8 for place in places) - 1
        in_header = bit // 8 - places[hit] < 12
        for sized in (True, False):
            found = events(bytes(damaged), sized=sized)
            error = only_error(found)
            assert isinstance(error, ChecksumError)
            assert error.where == Location("x", hit, places[hit])
            # Behind a damaged header nothing says where the next record starts.
            assert error.contained is not in_header
            assert payloads(found) == contents[:hit] + ([] if in_header else contents[hit + 1 :])


@settings(deadline=None)
@given(data=st.binary(max_size=300), at_once=st.integers(1, 400))
def test_any_bytes_at_all_are_records_or_damage_and_none_is_unaccounted_for(data: bytes, at_once: int) -> None:
    check_accounting(data, at_once)


@settings(deadline=None)
@given(contents=st.lists(st.binary(max_size=30), min_size=1, max_size=4), seed=st.randoms(use_true_random=False))
def test_whatever_is_done_to_a_file_every_byte_is_accounted_for(contents: list[bytes], seed: object) -> None:
    data = bytearray(b"".join(map(tfrecords.frame, contents)))
    for _ in range(seed.randint(1, 3)):  # type: ignore[attr-defined]
        at = seed.randrange(len(data) + 1)  # type: ignore[attr-defined]
        match seed.randrange(3):  # type: ignore[attr-defined]
            case 0:
                data[at : at + 1] = b"\xa5"
            case 1:
                del data[at : at + 5]
            case 2:
                data[at:at] = b"inserted"
    check_accounting(bytes(data), 1 << 30)


def check_accounting(data: bytes, at_once: int) -> None:
    at = 0
    for event in events(data, at_once=at_once):
        assert event.where.offset == at
        if isinstance(event, Record):
            assert tfrecords.frame(event.payload) == data[at : at + 16 + len(event.payload)]
            at += 16 + len(event.payload)
        else:
            assert event.length is not None
            at += event.length
    assert at == len(data)


@pytest.mark.parametrize("length", [2**31, 2**32, 2**40, 2**62, 2**63, 2**64 - 1, 2**64 - 12])
@pytest.mark.parametrize("sized", [True, False])
def test_an_absurd_length_is_refused_before_anything_is_allocated(length: int, sized: bool) -> None:
    data = tfrecords.frame(b"first") + tfrecords.frame(b"second", length=length)
    peak, found = measured(data, sized=sized)
    assert payloads(found) == [b"first"]
    error = only_error(found)
    assert isinstance(error, TruncatedRecordError if sized else RecordSizeError)
    assert error.where == Location("x", 1, 21)
    assert str(length) in str(error)
    assert peak < 4 * MIB


def test_a_length_within_the_limit_costs_no_more_than_what_arrives() -> None:
    peak, found = measured(tfrecords.frame(b"few", length=200 * MIB), sized=False)
    assert isinstance(only_error(found), TruncatedRecordError)
    assert peak < 4 * MIB
    peak, found = measured(tfrecords.frame(b"few", length=2**62), sized=False, max_record_size=2**63)
    assert isinstance(only_error(found), TruncatedRecordError)
    assert peak < 4 * MIB


def measured(
    data: bytes, *, sized: bool, max_record_size: int = MAX_RECORD_SIZE
) -> tuple[int, list[Record | RecordError]]:
    """The peak of memory that reading takes, and what it gives."""
    tracemalloc.start()
    try:
        found = events(data, sized=sized, max_record_size=max_record_size)
        return tracemalloc.get_traced_memory()[1], found
    finally:
        tracemalloc.stop()


# ------------------------------------------------------------------------------------------------------- the limit
def test_a_record_of_exactly_the_limit_is_read_and_one_byte_more_is_not() -> None:
    assert payloads(events(tfrecords.frame(b"12345678"), max_record_size=8)) == [b"12345678"]
    error = only_error(events(tfrecords.frame(b"123456789"), max_record_size=8))
    assert isinstance(error, RecordSizeError)
    assert "a record of 9 bytes exceeds the limit of 8 bytes" in str(error)
    assert "max_record_size" in str(error)


def test_reading_goes_on_after_an_oversized_record_that_is_surely_there() -> None:
    contents = [b"first", bytes(3 * MIB), b"third"]
    data = b"".join(map(tfrecords.frame, contents))
    source = Source(data)
    found = list(read_frames(source, "x", size=len(data), max_record_size=100))
    assert payloads(found) == [b"first", b"third"]
    error = only_error(found)
    assert (error.contained, error.length) == (True, 3 * MIB + 16)
    assert found[2].where == Location("x", 2, 21 + 3 * MIB + 16)
    assert source.taken < 2 * MIB, "what is passed over is not read"


def test_after_an_oversized_record_of_a_pipe_nothing_is_certain() -> None:
    found = events(tfrecords.frame(bytes(200)) + tfrecords.frame(b"next"), sized=False, max_record_size=100)
    assert len(found) == 1
    assert isinstance(found[0], RecordSizeError)
    assert not found[0].contained


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_the_checksum_of_the_first_header_is_the_magic_number(head: bytes) -> None:
    truth = len(head) >= 12 and struct.pack("<I", tfrecords.masked_crc(head[:8])) == head[8:12]
    assert header_holds(head) is truth
    assert header_holds(tfrecords.frame(head))
    assert header_holds(tfrecords.frame(head)[:12])
    assert not header_holds(tfrecords.frame(head)[:11])
