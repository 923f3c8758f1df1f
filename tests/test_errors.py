"""What an error says, and what can be asked of it."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite import errors
from tfrecord_lite.errors import (
    ChecksumError,
    DataError,
    FeatureError,
    InputError,
    LabelMapError,
    Location,
    OutputError,
    RecordError,
    RejectedInputError,
    TFRecordLiteError,
    printable,
    quoted,
)

ERRORS = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, TFRecordLiteError)]


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    shown: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"[ │├└─]*(\w+Error)\b", line):
            depth = match.start(1)
            above = [entry for entry in above if entry[0] < depth]
            shown[match[1]] = above[-1][1] if above else None
            above.append((depth, match[1]))
    real: dict[str, str | None] = {error.__name__: error.__mro__[1].__name__ for error in ERRORS}
    real["TFRecordLiteError"] = None
    assert shown == real


def test_every_error_of_the_package_can_be_caught_as_one() -> None:
    assert len(ERRORS) > 10
    assert not any(issubclass(error, OSError) for error in ERRORS)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Location("x.tfrecord"), "x.tfrecord"),
        (Location("x.tfrecord", 17, 1048576), "x.tfrecord: record 17 at byte 1048576"),
        (Location("x.tfrecord", 0, 0), "x.tfrecord: record 0 at byte 0"),
        (Location("x.tfrecord", None, 5), "x.tfrecord: byte 5"),
        (Location("a\x1b[31m\nb", 1, 2), "a\\x1b[31m\\nb: record 1 at byte 2"),
    ],
)
def test_a_place_reads_as_file_record_and_byte(where: Location, text: str) -> None:
    assert str(where) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zürich, 東京 🐈", "Zürich, 東京 🐈"),
        ("\x1b[2J", "\\x1b[2J"),
        ("one\ntwo\r\ttab", "one\\ntwo\\r\\ttab"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("abc\u202egpj.exe", "abc\\u202egpj.exe"),  # turns the rest of the line around
        ("\u2028", "\\u2028"),
        ("\udc80", "\\udc80"),  # a byte of a file name that is no UTF-8
    ],
)
def test_what_would_move_the_cursor_or_reorder_the_line_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@settings(deadline=None)
@given(st.text())
def test_no_text_gets_control_of_the_terminal(text: str) -> None:
    assert printable(text).isprintable()
    assert quoted(text).isprintable()
    assert quoted(text.encode("utf-8", "surrogatepass")).isprintable()


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_bytes_that_are_no_text_are_shown_all_the_same(value: bytes) -> None:
    shown = quoted(value)
    assert shown.isprintable()
    assert len(shown) < 70
    assert shown[0] == shown[-1] == "'"


def test_a_long_value_is_cut_and_says_so() -> None:
    assert quoted("a" * 60) == f"'{'a' * 60}'"
    assert quoted("a" * 61) == f"'{'a' * 60}…'"
    assert quoted(b"a" * 1_000_000) == f"'{'a' * 60}…'"
    assert quoted(b"caf\xe9") == "'caf\\xe9'"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (InputError("a\x07b", "no such file"), "a\\x07b: no such file"),
        (OutputError("out", "this already exists"), "out: this already exists"),
        (LabelMapError("map.pbtxt", "expected {", 3, 7), "map.pbtxt:3:7: label map: expected {"),
        (LabelMapError("map.pbtxt", "expected {", 3), "map.pbtxt:3: label map: expected {"),
        (LabelMapError("map.pbtxt", "it is empty"), "map.pbtxt: label map: it is empty"),
        (DataError(Location("x", 1, 2), "is bad"), "x: record 1 at byte 2: is bad"),
        (FeatureError(Location("x", 1, 2), "a\nkey", "is bad"), "x: record 1 at byte 2: a\\nkey: is bad"),
    ],
)
def test_messages_name_the_place_first(error: TFRecordLiteError, text: str) -> None:
    assert str(error) == text


def test_what_a_message_says_can_be_asked_for_too() -> None:
    where = Location("x", 3, 400)
    damage = ChecksumError(where, "is bad", length=20, contained=True)
    assert (damage.where, damage.problem, damage.length, damage.contained) == (where, "is bad", 20, True)
    assert (RecordError(where, "is bad").length, RecordError(where, "is bad").contained) == (None, False)
    assert FeatureError(where, "image/width", "is bad").key == "image/width"
    assert (LabelMapError("m", "is bad", 3, 7).line, LabelMapError("m", "is bad", 3, 7).column) == (3, 7)
    assert InputError("in", "is bad").path == "in"
    assert OutputError("out", "is bad").path == "out"


def test_a_rejected_input_lists_the_first_problems_and_counts_the_rest() -> None:
    problems = [DataError(Location("x", number, 0), "is bad") for number in range(3)]
    rejected = RejectedInputError(problems, 50)
    assert rejected.problems == tuple(problems)
    assert rejected.count == 50
    assert str(rejected).splitlines() == [*(str(problem) for problem in problems), "and 47 more like these"]
    assert "more" not in str(RejectedInputError(problems, 3))
