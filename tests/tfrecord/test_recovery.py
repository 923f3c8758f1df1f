"""Recovery: what a damaged file still gives, what it never gives, and that every byte of it is told of.

Records are built by tests/support/tfrecords.py from the specification alone.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

import pytest
from damages import flipped, header, starts, written
from hypothesis import given, settings
from hypothesis import strategies as st
from recovering import CONTENTS, DATA, STARTS, recovered, without
from tfrecords import frame, masked_crc

from tfrecord_lite.errors import ChecksumError, RecordError, TruncatedRecordError
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, Repair
from tfrecord_lite.tfrecord.records import scan_records
from tfrecord_lite.tfrecord.recovery import recover_frames
from tfrecord_lite.tfrecord.resync import length_of_checksum

GOLDEN = Path(__file__).parents[1] / "golden"
MIB = 1 << 20


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


def test_a_repaired_header_says_where_the_record_before_it_ends() -> None:
    # The data of the one and the header of the next: at the end of the one is a header, if a damaged one.
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


def test_a_header_is_found_wherever_it_is_in_what_is_read_at_once() -> None:
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
    # After one byte more, a length of 1 reads as 256 plus that byte: 272 bytes and 7 from there is a header.
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


# ------------------------------------------------------------------------------------------------ facts of the format
@given(length=st.integers(0, (1 << 32) - 1))
def test_the_checksum_of_a_length_below_4_gib_shows_the_length(length: int) -> None:
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
            [f"{CORRUPT}. It was repaired: the checksum of the 180 bytes of data after it holds"],
        ),
        (
            flipped(DATA, STARTS[1] + 1, STARTS[1] + 30, bits=4),
            [
                f"{CORRUPT}, and so is its data. Lost: 196 bytes, up to the next record at byte 312.",
                "record 2 at byte 312: reading goes on here, after 196 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            DATA[: STARTS[1] + 50] + frame(b"new"),
            [
                "record 1 at byte 116: this record of 180 bytes is cut. Was a writer killed here, and more appended? "
                "Lost: 50 bytes, up to the next record at byte 166.",
                "record 2 at byte 166: reading goes on here, after 50 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            SHORT,
            [
                f"record 1 at byte 116: the checksum of the data is {masked_crc(SHORT[128:308]):#010x}, stored is "
                f"0x{SHORT[308:312][::-1].hex()}: the 180 bytes of this record are corrupt, and it does not end where "
                "its header says. Lost: 195 bytes, up to the next record at byte 311.",
                "record 2 at byte 311: reading goes on here, after 195 bytes that were passed over from byte 116 on",
            ],
        ),
        (
            DATA + bytes(500),
            [
                "record 5 at byte 520: the checksum of the length is 0x07980329, stored is 0x00000000. The record "
                "header is corrupt (it claims 0 bytes): zeros trail the last record. Lost: 500 bytes, to the end of "
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
