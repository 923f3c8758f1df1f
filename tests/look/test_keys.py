"""Feature keys as they pass by: kinds, how many values, and an example that a person can read."""

from __future__ import annotations

import pytest
from tfrecords import example, floats, ints, jpeg, texts

from tfrecord_lite.errors import Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.look.keys import KeyCount, KeyTable


def counted(*records: dict[str, bytes]) -> KeyTable:
    table = KeyTable()
    for number, each in enumerate(records):
        table.add(Example.parse(example(each), Location("x", number, 0)))
    return table


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (ints(1, -2), "1, -2"),
        (ints(1, 2, 3, 4), "1, 2, 3, …"),
        (floats(0.1, 1e-7, float("nan")), "0.1, 1e-07, nan"),
        (texts("a\tb", ""), r"'a\tb', empty"),
        (texts("é" * 200), "'" + "é" * 60 + "…'"),
        (texts(b"\x00\x01"), "2 bytes"),
        (texts(b"\x00", b"\x01"), "1 bytes, …"),
        (texts(b"\x1b[2J"), "4 bytes"),
        (texts(b"\xff\xd8\xff"), "3 bytes"),
        (texts(jpeg()), f"jpeg 64 x 48, {len(jpeg()):,} bytes"),
        (texts(), ""),
    ],
)
def test_an_example_is_what_a_person_can_read(feature: bytes, said: str) -> None:
    assert counted({"key": feature}).keys["key"].example == said


def test_a_key_that_has_values_later_has_its_example_from_there() -> None:
    table = counted({"a": ints()}, {"a": ints(7), "b": ints(1)}, {"a": floats(0.5, 2)})
    assert table.keys["a"] == KeyCount(("int64", "float"), 0, 2, 3, "7")
    assert list(table.ordered()) == ["a", "b"]
