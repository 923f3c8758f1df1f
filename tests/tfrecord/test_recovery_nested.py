"""Recovery of files whose records hold records: what is inside of one is never taken for one of the file."""

from __future__ import annotations

import pytest
from damages import flipped, starts, written
from recovering import recovered
from tfrecords import detection, example, frame, texts

from tfrecord_lite.errors import TruncatedRecordError

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
    for kept in (data, data[: -len(frame(contents[2]))]):  # another record after it, and the end of the file
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


def test_a_tfrecord_file_in_a_feature_is_no_record_where_the_file_is_cut_after_it() -> None:
    cut = AROUND_DATA[: AROUND_DATA.index(INNER[2]) + 10]
    outcome = recovered(cut)
    assert outcome.payloads == [AROUND[0]]
    assert [type(error) for error in outcome.errors] == [TruncatedRecordError]
