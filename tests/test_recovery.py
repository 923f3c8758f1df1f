"""Recovery: what a damaged file still gives, what it never gives, and that every byte of it is told of.

Records are built by tests/tfrecords.py from the specification alone. ``recovered`` checks of every file it reads that
each byte belongs to one event, that events are numbered in order, and that progress adds up to the file.

TFRECORD_DAMAGES=3000 asks for so many random damages instead of 300 (half a minute).
"""

from __future__ import annotations

import itertools
import os
import random
import struct
import tempfile
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import detection, example, frame, masked_crc, texts

from tfrecord_lite.errors import ChecksumError, RecordError, RecordSizeError, TruncatedRecordError
from tfrecord_lite.framing import MAX_RECORD_SIZE, Record
from tfrecord_lite.records import scan_records
from tfrecord_lite.recovery import Repair, recover_frames
from tfrecord_lite.resync import length_of_checksum

GOLDEN = Path(__file__).parent / "golden"
TRIALS = int(os.environ.get("TFRECORD_DAMAGES", "300"))
MIB = 1 << 20


@dataclass
class Outcome:
    """What a file gave."""

    events: list[Record | RecordError | Repair]

    @property
    def payloads(self) -> list[bytes]:
        return [event.payload for event in self.events if isinstance(event, Record)]

    @property
    def errors(self) -> list[RecordError]:
        return [event for event in self.events if isinstance(event, RecordError)]

    @property
    def repairs(self) -> list[Repair]:
        return [event for event in self.events if isinstance(event, Repair)]

    @property
    def losses(self) -> list[tuple[int | None, int | None]]:
        """Where something is lost, and how much."""
        return [(error.where.offset, error.length) for error in self.errors]


def recovered(data: bytes, *, size: int | None = None, max_record_size: int = MAX_RECORD_SIZE) -> Outcome:
    """Reads bytes as a file, and checks what holds of every file."""
    size = len(data) if size is None else size
    progress: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        Path(path).write_bytes(data)
        with FileIO(path) as file:
            events = list(
                recover_frames(file, "x", size=size, max_record_size=max_record_size, on_bytes=progress.append)
            )
    check_extents(events, size)
    assert sum(progress) == size
    assert all(count > 0 for count in progress)
    return Outcome(events)


def check_extents(events: Iterable[Record | RecordError | Repair], size: int) -> None:
    """Every byte belongs to one event."""
    offset = number = 0
    for event in events:
        assert event.where == ("x", number, offset)
        if isinstance(event, Repair):
            continue
        number += 1
        if isinstance(event, Record):
            offset += 16 + len(event.payload)
        else:
            assert event.contained
            assert event.length
            offset += event.length
    assert offset == size


def strict(data: bytes, folder: Path) -> list[Record | RecordError | Repair]:
    path = folder / "strict"
    path.write_bytes(data)
    return list(scan_records(str(path), "x"))


def as_values(events: Iterable[Record | RecordError | Repair]) -> list[object]:
    """Events in a form that can be compared."""
    return [
        (type(event), str(event), event.length, event.contained) if isinstance(event, RecordError) else event
        for event in events
    ]


def starts(contents: Iterable[bytes]) -> list[int]:
    """Where each record starts, and where the last one ends."""
    return list(itertools.accumulate((16 + len(content) for content in contents), initial=0))


def flipped(data: bytes, *offsets: int, bits: int = 0xFF) -> bytes:
    """The data with these bytes damaged."""
    changed = bytearray(data)
    for offset in offsets:
        changed[offset] ^= bits
    return bytes(changed)


def written(data: bytes, offset: int, new: bytes) -> bytes:
    """The data with other bytes at an offset."""
    return data[:offset] + new + data[offset + len(new) :]


CONTENTS = [b"first" * 20, b"second" * 30, b"", b"fourth" * 10, b"last" * 25]
DATA = b"".join(map(frame, CONTENTS))
STARTS = starts(CONTENTS)


def without(*numbers: int) -> list[bytes]:
    return [content for number, content in enumerate(CONTENTS) if number not in numbers]


# ------------------------------------------------------------------------------------------------ undamaged files
@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [0],
        [0, 0, 0],
        [1, 100, 3],
        [65_536 - 16, 65_536, 65_535, 5],  # around the first read
        [MIB - 16, 7, MIB - 15, MIB, 3 * MIB // 2],  # around a block
    ],
)
def test_an_undamaged_file_gives_what_the_strict_reader_gives(sizes: list[int], tmp_path: Path) -> None:
    source = random.Random(1)
    data = b"".join(frame(source.randbytes(size)) for size in sizes)
    assert recovered(data).events == strict(data, tmp_path)


@pytest.mark.parametrize("name", ["plain", "detection", "sequence"])
def test_files_that_tensorflow_wrote_give_what_the_strict_reader_gives(name: str, tmp_path: Path) -> None:
    data = (GOLDEN / f"{name}.tfrecord").read_bytes()
    outcome = recovered(data)
    assert outcome.events == strict(data, tmp_path)
    assert outcome.payloads


@settings(deadline=None)
@given(contents=st.lists(st.binary(max_size=60), max_size=8))
def test_undamaged_files_are_never_repaired(contents: list[bytes]) -> None:
    outcome = recovered(b"".join(map(frame, contents)))
    assert outcome.payloads == contents
    assert len(outcome.events) == len(contents)


# ------------------------------------------------------------------------------------------------ damaged headers
@pytest.mark.parametrize("number", range(len(CONTENTS)))
@pytest.mark.parametrize("place", range(12))
@pytest.mark.parametrize("bits", [0x01, 0xFF])
def test_a_header_with_any_byte_damaged_is_repaired(number: int, place: int, bits: int) -> None:
    outcome = recovered(flipped(DATA, STARTS[number] + place, bits=bits))
    assert outcome.payloads == CONTENTS
    assert not outcome.errors
    (repair,) = outcome.repairs
    assert repair.where == ("x", number, STARTS[number])
    assert "repaired" in repair.text
    assert isinstance(repair.error, ChecksumError)
    assert repair.error.length == STARTS[number + 1] - STARTS[number]


def test_a_repaired_record_keeps_the_checksum_that_is_stored() -> None:
    outcome = recovered(flipped(DATA, 3))
    first = next(event for event in outcome.events if isinstance(event, Record))
    assert first.checksum == masked_crc(CONTENTS[0])


@pytest.mark.parametrize("number", [0, 1, 3, 4])
@pytest.mark.parametrize("junk", [bytes(12), b"\xff" * 12, bytes(range(100, 112))])
def test_a_header_of_which_nothing_is_left_is_repaired_as_well(number: int, junk: bytes) -> None:
    outcome = recovered(written(DATA, STARTS[number], junk))
    assert outcome.payloads == CONTENTS
    assert not outcome.errors


@pytest.mark.parametrize("number", [0, 1, 3, 4])
@pytest.mark.parametrize("place", [1, 9])
def test_a_record_with_header_and_data_damaged_is_lost_alone(number: int, place: int) -> None:
    outcome = recovered(flipped(DATA, STARTS[number] + place, STARTS[number] + 20))
    assert outcome.payloads == without(number)
    assert outcome.losses == [(STARTS[number], 16 + len(CONTENTS[number]))]


@pytest.mark.parametrize("number", [0, 1, 3, 4])
def test_a_record_of_which_the_start_is_destroyed_is_lost_alone(number: int) -> None:
    outcome = recovered(written(DATA, STARTS[number], b"\xa5" * 30))
    assert outcome.payloads == without(number)
    assert outcome.losses == [(STARTS[number], 16 + len(CONTENTS[number]))]


def test_where_two_neighbouring_headers_are_destroyed_both_records_are_one_loss() -> None:
    outcome = recovered(written(written(DATA, STARTS[0], bytes(12)), STARTS[1], bytes(12)))
    assert outcome.payloads == without(0, 1)
    assert outcome.losses == [(0, STARTS[2])]


def test_a_repaired_header_tells_where_the_record_before_it_ends() -> None:
    # The data of the one and the header of the next: what stands at the end of the one is a header, if a damaged one.
    outcome = recovered(flipped(DATA, STARTS[0] + 50, STARTS[1] + 2))
    assert outcome.payloads == without(0)
    assert outcome.losses == [(0, STARTS[1])]


# ------------------------------------------------------------------------------------------------ damaged data
@pytest.mark.parametrize("number", range(len(CONTENTS)))
def test_damaged_data_costs_exactly_its_record(number: int, tmp_path: Path) -> None:
    data = flipped(DATA, STARTS[number + 1] - 1)  # the checksum: every record has one
    outcome = recovered(data)
    assert outcome.payloads == without(number)
    assert as_values(outcome.events) == as_values(strict(data, tmp_path))


@pytest.mark.parametrize("count", [1, 3, 4, 11, 12, 13, 16, 17, 40, 1000])
@pytest.mark.parametrize("number", range(len(CONTENTS) + 1))
def test_bytes_inserted_between_records_cost_no_record(count: int, number: int) -> None:
    source = random.Random(count)
    for junk in (bytes(count), source.randbytes(count), b"\xff" * count):
        outcome = recovered(DATA[: STARTS[number]] + junk + DATA[STARTS[number] :])
        assert outcome.payloads == CONTENTS
        assert outcome.losses == [(STARTS[number], count)]


def test_a_header_is_found_wherever_it_stands_in_what_is_read_at_once() -> None:
    for count in [*range(4070, 4100), *range(20_450, 20_480)]:
        assert recovered(b"\xff" * count + DATA).payloads == CONTENTS


@pytest.mark.parametrize("count", [1, 4, 16, 76, 90, 120])
def test_bytes_missing_from_a_record_cost_no_other_record(count: int) -> None:
    # 16 and 76: as many as the next, or the next but one, has; the header then leads to the start of another record.
    outcome = recovered(DATA[: STARTS[1] + 20] + DATA[STARTS[1] + 20 + count :])
    assert outcome.payloads == without(1)
    assert sum(length or 0 for _, length in outcome.losses) == 196 - count


def test_bytes_missing_across_a_boundary_cost_the_two_records() -> None:
    outcome = recovered(DATA[: STARTS[1] - 10] + DATA[STARTS[1] + 30 :])
    assert outcome.payloads == without(0, 1)


def test_a_sector_of_zeros_across_a_boundary_costs_the_two_records() -> None:
    outcome = recovered(written(DATA, STARTS[1] - 20, bytes(60)))
    assert outcome.payloads == without(0, 1)
    assert sum(length or 0 for _, length in outcome.losses) == STARTS[2]


def test_a_shifted_header_that_happens_to_lead_to_another_hides_no_record() -> None:
    # Behind one byte more, a length of 1 reads as 256 plus that byte: 272 bytes and 7 from there on stands a header.
    contents = [b"a", b"b" * 100, b"c" * 129, b"d"]
    data = b"\x07" + b"".join(map(frame, contents))
    assert starts(contents)[3] + 1 == 272 + 7
    outcome = recovered(data)
    assert outcome.payloads == contents
    assert outcome.losses == [(0, 1)]
    outcome = recovered(written(data, 50, bytes(100)))  # of the records inside, only the first is left
    assert outcome.payloads == [contents[0], contents[3]]


def test_records_that_run_to_the_very_end_of_another_are_no_contents() -> None:
    # As many bytes are missing from the first as the second has, and nothing is left of the third's header.
    contents = [b"first" * 20, b"second" * 5, b"third" * 20, b"fourth"]
    data = b"".join(map(frame, contents))
    short = data[:30] + data[30 + 46 :]
    outcome = recovered(written(short, 116, bytes(12)))
    assert outcome.payloads == contents[1:]
    assert outcome.losses == [(0, 70)]


@pytest.mark.parametrize("zeros", [1, 2, 3])
def test_headers_are_found_whatever_zeros_their_checksum_starts_with(zeros: int) -> None:
    # Each is the header of a record that the file ends in: it tells where the one before it ends.
    lengths = [length_of_checksum(top << 8 * zeros) for top in range(1, 256)]
    short = [length for length in lengths if length <= MAX_RECORD_SIZE]
    assert short
    for length in short:
        assert header(length)[8 : 8 + zeros] == bytes(zeros)
        outcome = recovered(written(frame(b"whole" * 9), 0, b"\xa5" * 12) + header(length) + b"cut")
        assert outcome.payloads == [b"whole" * 9]


# ------------------------------------------------------------------------------------------------ records in records
INNER = [b"within" * 9, b"inside" * 7, b"deep" * 12]
NESTED = example(detection() | {"debug/blob": texts(b"".join(map(frame, INNER))), "z": texts(b"behind" * 20)})
AROUND = [b"before" * 20, NESTED, b"after" * 30, b"end" * 9]
AROUND_DATA = b"".join(map(frame, AROUND))
AROUND_STARTS = starts(AROUND)


@pytest.mark.parametrize("place", range(12))
def test_records_inside_a_record_with_a_damaged_header_are_never_taken_out_of_it(place: int) -> None:
    assert recovered(flipped(AROUND_DATA, AROUND_STARTS[1] + place)).payloads == AROUND


@pytest.mark.parametrize("wrap", [b"", b"x", b"some other format "])
@pytest.mark.parametrize("destroyed", [bytes(12), b"\xa5" * 12])
def test_records_inside_a_record_with_a_destroyed_header_are_never_taken_out_of_it(
    wrap: bytes, destroyed: bytes
) -> None:
    whole = wrap + b"".join(map(frame, INNER)) + wrap
    contents = [b"before" * 20, whole, b"after" * 30]
    data = b"".join(map(frame, contents))
    for kept in (data, data[: -len(frame(contents[2]))]):  # another record behind it, and the end of the file
        outcome = recovered(written(kept, len(frame(contents[0])), destroyed))
        assert outcome.payloads == contents[: 3 if kept is data else 2]


def test_records_inside_a_record_with_damaged_data_are_lost_with_it() -> None:
    outcome = recovered(flipped(AROUND_DATA, AROUND_STARTS[1] + 15))
    assert outcome.payloads == [AROUND[0], *AROUND[2:]]
    assert outcome.losses == [(AROUND_STARTS[1], len(frame(NESTED)))]


@pytest.mark.parametrize("place", range(12))
def test_records_inside_a_record_with_header_and_data_damaged_are_lost_with_it(place: int) -> None:
    outcome = recovered(flipped(AROUND_DATA, AROUND_STARTS[1] + place, AROUND_STARTS[1] + 15))
    assert outcome.payloads == [AROUND[0], *AROUND[2:]]
    assert outcome.losses == [(AROUND_STARTS[1], len(frame(NESTED)))]


RAW = [b"before" * 20, b"in no format " + b"".join(map(frame, INNER)) + b" known", b"after" * 30, b"end" * 9]
RAW_DATA = b"".join(map(frame, RAW))
RAW_STARTS = starts(RAW)


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(flipped(RAW_DATA, RAW_STARTS[1] + 15), id="the data"),
        pytest.param(flipped(RAW_DATA, RAW_STARTS[1] + 15, RAW_STARTS[1] + 1), id="the length and the data"),
        pytest.param(flipped(RAW_DATA, RAW_STARTS[1] + 15, RAW_STARTS[1] + 9), id="the checksum and the data"),
        pytest.param(flipped(RAW_DATA, RAW_STARTS[1] + 15, RAW_STARTS[2] + 1), id="the data and the next length"),
        pytest.param(
            written(flipped(RAW_DATA, RAW_STARTS[1] + 15), RAW_STARTS[2], bytes(12)), id="and the next header"
        ),
    ],
)
def test_contents_are_lost_with_their_record_wherever_its_extent_is_known(damaged: bytes) -> None:
    outcome = recovered(damaged)
    assert outcome.payloads == [RAW[0], *RAW[2:]]
    assert outcome.losses == [(RAW_STARTS[1], len(frame(RAW[1])))]


def test_contents_are_lost_with_their_record_where_the_length_of_the_next_and_its_data_are_damaged_too() -> None:
    outcome = recovered(flipped(RAW_DATA, RAW_STARTS[1] + 15, RAW_STARTS[2] + 1, RAW_STARTS[2] + 50))
    assert outcome.payloads == [RAW[0], RAW[3]]


def test_contents_of_a_record_above_the_limit_are_passed_over_with_it() -> None:
    data = written(RAW_DATA, RAW_STARTS[2], b"\xa5" * 40)
    assert recovered(data, max_record_size=140).payloads == [RAW[0], RAW[3]]


def test_a_tfrecord_file_in_a_feature_is_known_by_its_length_where_nothing_else_is_left() -> None:
    # Header, start of the data and the next header destroyed: no checksum can speak for the extent.
    data = written(AROUND_DATA, AROUND_STARTS[1], b"\xa5" * 20)
    data = written(data, AROUND_STARTS[2], b"\xa5" * 20)
    assert recovered(data).payloads == [AROUND[0], AROUND[3]]


def test_a_tfrecord_file_in_a_feature_is_no_record_where_the_file_is_cut_behind_it() -> None:
    cut = AROUND_DATA[: AROUND_DATA.index(INNER[2]) + 10]
    outcome = recovered(cut)
    assert outcome.payloads == [AROUND[0]]
    assert [type(error) for error in outcome.errors] == [TruncatedRecordError]


# ------------------------------------------------------------------------------------------------ cut files
def test_a_file_cut_at_any_byte_gives_what_the_strict_reader_gives(tmp_path: Path) -> None:
    for end in range(len(DATA)):
        assert as_values(recovered(DATA[:end]).events) == as_values(strict(DATA[:end], tmp_path))


@pytest.mark.parametrize("kept", [1, 11, 12, 13, 100, 195])
@pytest.mark.parametrize("appended", [[b"new"], [b"new", b"newer" * 10, b""], [b"new" * 500]])
def test_what_was_appended_to_a_cut_file_is_found(kept: int, appended: list[bytes]) -> None:
    outcome = recovered(DATA[: STARTS[1] + kept] + b"".join(map(frame, appended)))
    assert outcome.payloads == [CONTENTS[0], *appended]
    assert outcome.losses == [(STARTS[1], kept)]


def test_a_header_is_repaired_before_a_record_that_the_file_ends_in() -> None:
    outcome = recovered(flipped(DATA[:-30], STARTS[3] + 1, STARTS[3] + 9))
    assert outcome.payloads == CONTENTS[:-1]
    assert [type(error) for error in outcome.errors] == [TruncatedRecordError]


@pytest.mark.parametrize("junk", [b"\n", b"\r\n", bytes(11), bytes(12), bytes(16), bytes(200_000), b"# end of shard\n"])
def test_what_trails_the_last_record_is_one_loss(junk: bytes) -> None:
    outcome = recovered(DATA + junk)
    assert outcome.payloads == CONTENTS
    assert outcome.losses == [(len(DATA), len(junk))]


def test_only_the_bytes_that_were_there_when_the_file_was_opened_are_read() -> None:
    outcome = recovered(DATA + b"being written", size=len(DATA))
    assert outcome.payloads == CONTENTS
    assert not outcome.errors


def test_a_file_that_shrinks_while_it_is_read_is_an_error_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(DATA)
    with FileIO(path) as file, pytest.raises(OSError, match="became shorter") as caught:
        list(recover_frames(file, "shrunk", size=len(DATA) + 1))
    assert caught.value.filename == "shrunk"


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


def header(length: int) -> bytes:
    """A sound record header."""
    data = struct.pack("<Q", length)
    return data + struct.pack("<I", masked_crc(data))


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

    once = taken(1)
    assert once <= times * len(data) + 100_000
    assert taken(4) <= 6 * once


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


PIECES = st.one_of(
    st.binary(max_size=30),
    st.binary(max_size=30).map(frame),
    st.integers(0, 200).map(header),
    st.integers(0, 20).map(bytes),
    st.lists(st.binary(max_size=9), max_size=3).map(lambda inner: frame(b"".join(map(frame, inner)))),
)


@settings(deadline=None, max_examples=300)
@given(pieces=st.lists(PIECES, max_size=8), cut=st.integers(0, 40), limit=st.sampled_from([10, 60, 1 << 28]))
def test_whatever_a_file_holds_every_byte_is_told_of(pieces: list[bytes], cut: int, limit: int) -> None:
    data = b"".join(pieces)
    recovered(data[: max(0, len(data) - cut)], max_record_size=limit)


# ------------------------------------------------------------------------------------------------ random damages
@cache
def many(seed: int) -> tuple[list[bytes], bytes]:
    """200 records of all sizes, each another, and the file of them."""
    source = random.Random(seed)
    contents = []
    for number in range(200):
        length = int(2 ** source.uniform(0, 10))
        body = source.randbytes(length) if number % 3 else struct.pack("<Q", length) * (length // 8)
        contents.append(body + struct.pack("<I", number))
    return contents, b"".join(map(frame, contents))


class Damaged:
    """A file that is damaged step by step, and where the records are that none of it touched."""

    def __init__(self, contents: Sequence[bytes], data: bytes) -> None:
        self.data = bytearray(data)
        self.intact = dict(enumerate(starts(contents)[:-1]))
        self._sizes = [16 + len(content) for content in contents]

    def replace(self, start: int, stop: int, new: bytes) -> None:
        """Puts other bytes, more or fewer, in the place of some."""
        self.data[start:stop] = new
        for number, offset in list(self.intact.items()):
            if offset < stop and start < offset + self._sizes[number]:
                del self.intact[number]
            elif offset >= stop:
                self.intact[number] += len(new) - (stop - start)

    def damage(self, source: random.Random) -> None:
        """Does one damage of any kind, often near a boundary."""
        size = len(self.data)
        offset = source.randrange(size)
        if self.intact and source.random() < 0.4:
            offset = min(size - 1, max(0, source.choice(list(self.intact.values())) + source.randrange(-16, 17)))
        count = source.randrange(1, source.choice((2, 5, 13, 100, 600, 3000)))
        stop = min(size, offset + count)
        kind = source.choice(("bit", "zeros", "junk", "cut", "deletion", "insertion"))
        if kind == "bit":
            self.replace(offset, offset + 1, bytes([self.data[offset] ^ 1 << source.randrange(8)]))
        elif kind == "zeros":
            self.replace(offset, stop, bytes(stop - offset))
        elif kind == "junk":
            self.replace(offset, stop, source.randbytes(stop - offset))
        elif kind == "cut" and source.random() < 0.5:
            self.replace(offset, size, b"")
        elif kind == "deletion":
            self.replace(offset, stop, b"")
        else:
            self.replace(offset, offset, source.randbytes(count))


def damaged_files(damages: int) -> Iterator[tuple[int, list[bytes], Damaged]]:
    for trial in range(TRIALS):
        source = random.Random(1000 * damages + trial)
        contents, data = many(trial % 3)
        file = Damaged(contents, data)
        for _ in range(source.randrange(1, damages + 1)):
            if file.data:
                file.damage(source)
        yield trial, contents, file


@pytest.mark.parametrize("damages", [1, 6], ids=["one", "up to six"])
def test_random_damages_cost_no_intact_record_and_invent_none(damages: int) -> None:
    for trial, contents, file in damaged_files(damages):
        outcome = recovered(bytes(file.data))
        found = [(struct.unpack("<I", payload[-4:])[0], payload) for payload in outcome.payloads]
        assert all(contents[number] == payload for number, payload in found), f"trial {trial} invents a record"
        numbers = [number for number, _ in found]
        assert numbers == sorted(set(numbers)), f"trial {trial} gives a record twice, or out of order"
        places = {event.where.offset for event in outcome.events if isinstance(event, Record)}
        assert set(file.intact.values()) <= places, f"trial {trial} misses an intact record"


# ------------------------------------------------------------------------------------------------ facts of the format
@given(length=st.integers(0, (1 << 32) - 1))
def test_the_checksum_of_a_length_below_4_gib_tells_the_length(length: int) -> None:
    assert length_of_checksum(masked_crc(struct.pack("<Q", length))) == length


def test_the_one_length_whose_checksum_is_zero_is_far_above_any_picture() -> None:
    assert length_of_checksum(0) >> 20 == 222


# ------------------------------------------------------------------------------------------------ what people read
SHORT = DATA[: STARTS[1] + 50] + DATA[STARTS[1] + 51 :]  # a byte is missing
CLAIMED = f"{masked_crc(struct.pack('<Q', 180 ^ 4 << 8)):#010x}"
STORED = f"{masked_crc(struct.pack('<Q', 180)):#010x}"
CORRUPT = (
    f"record 1 at byte 116: the checksum of the length is {CLAIMED}, stored is {STORED}: the record header is corrupt "
    "(it claims 1204 bytes)"
)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (
            flipped(DATA, STARTS[1] + 1, bits=4),
            [f"{CORRUPT}. It was repaired: the checksum of the 180 bytes of data behind it holds"],
        ),
        (
            flipped(DATA, STARTS[1] + 1, STARTS[1] + 30, bits=4),
            [
                f"{CORRUPT}, and so is its data. Lost are 196 bytes, up to the next record at byte 312.",
                "record 2 at byte 312: reading goes on here, behind 196 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            DATA[: STARTS[1] + 50] + frame(b"new"),
            [
                "record 1 at byte 116: this record of 180 bytes is cut. Was a writer killed here, and more appended? "
                "Lost are 50 bytes, up to the next record at byte 166.",
                "record 2 at byte 166: reading goes on here, behind 50 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            SHORT,
            [
                f"record 1 at byte 116: the checksum of the data is {masked_crc(SHORT[128:308]):#010x}, stored is "
                f"0x{SHORT[308:312][::-1].hex()}: the 180 bytes of this record are corrupt, and it does not end where "
                "its header says. Lost are 195 bytes, up to the next record at byte 311.",
                "record 2 at byte 311: reading goes on here, behind 195 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            DATA + bytes(500),
            [
                "record 5 at byte 520: the checksum of the length is 0x07980329, stored is 0x00000000. The record "
                "header is corrupt (it claims 0 bytes): zeros trail the last record. Lost are 500 bytes, to the end of "
                "the file."
            ],
        ),
    ],
    ids=["repaired", "lost", "cut", "short", "trailing"],
)
def test_messages_say_where_what_was_lost_and_where_reading_goes_on(data: bytes, lines: list[str]) -> None:
    said = [
        str(event) if isinstance(event, RecordError) else f"{event.where}: {event.text}"
        for event in recovered(data).events
        if not isinstance(event, Record)
    ]
    assert said == [f"x: {line}" for line in lines]
