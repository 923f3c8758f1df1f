"""Recovery within bounds: records above the limit, memory, and work that is linear in the size of a file."""

from __future__ import annotations

import os
import random
import struct
import tempfile
import tracemalloc
from io import FileIO
from pathlib import Path

import pytest
from damages import flipped, header, written
from recovering import DATA, STARTS, check_extents, recovered, without
from tfrecords import frame, masked_crc

from tfrecord_lite.errors import RecordSizeError
from tfrecord_lite.tfrecord.framing import Record
from tfrecord_lite.tfrecord.recovery import recover_frames

MIB = 1 << 20


# ------------------------------------------------------------------------------------------------ large records
def test_a_record_above_the_limit_is_passed_over() -> None:
    outcome = recovered(DATA, max_record_size=150)
    assert outcome.payloads == without(1)
    assert [type(error) for error in outcome.errors] == [RecordSizeError]


def test_a_record_above_the_limit_is_passed_over_even_if_the_next_header_is_damaged() -> None:
    data = written(DATA, STARTS[2], b"\xa5" * 16)
    outcome = recovered(data, max_record_size=150)
    assert outcome.payloads == without(1, 2)
    assert outcome.losses == [(STARTS[1], 196), (STARTS[2], 16)]


@pytest.mark.parametrize("place", [1, 9])
def test_a_record_above_the_limit_is_not_repaired_but_passed_over(place: int) -> None:
    outcome = recovered(flipped(DATA, STARTS[1] + place), max_record_size=150)
    assert outcome.payloads == without(1)
    assert outcome.losses == [(STARTS[1], 196)]
    assert "exceed the limit of 150 bytes" in str(outcome.errors[0])


def test_a_record_above_the_limit_whose_header_is_destroyed_is_lost() -> None:
    outcome = recovered(written(DATA, STARTS[1], bytes(12)), max_record_size=150)
    assert outcome.payloads == without(1)
    assert outcome.losses == [(STARTS[1], 196)]


def test_a_header_that_only_claims_a_large_record_hides_nothing() -> None:
    claims = struct.pack("<Q", 300)
    fake = claims + struct.pack("<I", masked_crc(claims))
    outcome = recovered(fake + DATA, max_record_size=150)
    assert outcome.payloads == without(1)


def test_memory_holds_one_record_not_the_file() -> None:
    size = 6 * MIB
    one = frame(bytes([7]) * size)
    damaged = written(one, 0, bytes(12))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        path.write_bytes(one + damaged + one + b"\xa5" * 20 + one)
        with FileIO(path) as file:
            tracemalloc.start()
            count = 0
            for event in recover_frames(file, "x", size=path.stat().st_size):
                count += isinstance(event, Record)
                del event
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert count == 4
    assert peak < size + 5 * MIB


# ------------------------------------------------------------------------------------------------ files of nothing
class Counting(FileIO):
    """A file that counts the bytes read from it."""

    taken = 0

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        count = super().readinto(buffer)
        self.taken += count or 0
        return count

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size) or b""
        self.taken += len(data)
        return data


def small_integers() -> bytes:
    return b"".join(struct.pack("<Q", number % 97) for number in range(40_000))


@pytest.mark.parametrize(
    ("data", "times"),
    [
        pytest.param(b"\xa5" * 500_000, 2, id="one byte over and over"),
        pytest.param(random.Random(2).randbytes(500_000), 2, id="random bytes"),
        pytest.param(small_integers(), 2, id="small integers of 64 bits"),
        pytest.param(b"\xa5" * 12 + b"".join(header(30_000 - 12 * n) for n in range(2000)), 400, id="headers alone"),
        pytest.param(b"".join(header(12 * n) for n in range(2000)), 400, id="headers that lead to headers"),
        pytest.param((b"\xa5" * 12 + header(5) * 8 + frame(b"")) * 500, 600, id="headers before each of many records"),
        pytest.param((b"\xa5" * 12 + frame(b"") * 7) * 500, 600, id="chains that break"),
    ],
)
def test_work_is_linear_in_the_size_of_the_file(data: bytes, times: int) -> None:
    def taken(copies: int) -> int:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "x")
            path.write_bytes(data * copies)
            with Counting(path) as file:
                check_extents(recover_frames(file, "x", size=len(data) * copies), len(data) * copies)
                return file.taken

    for copies in (1, 4):
        assert taken(copies) <= times * copies * len(data) + 100_000


def test_a_large_file_of_nothing_is_one_loss_soon_found_and_needs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "hole"
    path.touch()
    os.truncate(path, 100 * MIB)
    tracemalloc.start()
    with Counting(path) as file:
        events = list(recover_frames(file, "x", size=100 * MIB))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    check_extents(events, 100 * MIB)
    assert len(events) == 1
    assert file.taken < 201 * MIB  # looked at once, and summed up once in case it is one record
    assert peak < 8 * MIB


def test_a_record_above_the_limit_is_passed_over_unread(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(header(1 << 30))
    os.truncate(path, 16 + (1 << 30))
    with Counting(path) as file:
        events = list(recover_frames(file, "x", size=16 + (1 << 30)))
    assert [type(event) for event in events] == [RecordSizeError]
    assert file.taken < MIB


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"image,xmin,ymin\n" * 20, "it looks like text"),
        (b"\xff\xd8\xff\xe0" + bytes(range(100)), "a JPEG picture"),
        (frame(b"x" * 50, length_crc=0, data_crc=0), "left the checksums out"),
        (bytes(1000), "zeros"),
    ],
)
def test_a_file_that_is_no_tfrecord_file_is_one_loss_and_named(data: bytes, said: str) -> None:
    outcome = recovered(data)
    assert outcome.losses == [(0, len(data))]
    assert said in str(outcome.errors[0])
    assert not outcome.errors[0].contained, "a run cannot go on as if nothing were wrong"
