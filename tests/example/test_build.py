"""A plain mapping becomes an Example that every reader takes; what cannot be in one is refused by its key."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tfrecords import example, floats, ints, texts

from tfrecord_lite import Example, Location, TFRecordWriter, UsageError, build_example, read_examples
from tfrecord_lite.example.messages import Example as Message

WHERE = Location("x")


def same(payload: bytes, features: dict[str, bytes]) -> bool:
    """Whether a payload says what the independent builder says."""
    return bool(Message.FromString(payload) == Message.FromString(example(features)))


@pytest.mark.parametrize(
    ("value", "feature"),
    [
        (b"\xff\x00", texts(b"\xff\x00")),
        ("größe", texts("größe")),
        (["a", b"b"], texts("a", b"b")),
        (bytearray(b"x"), texts("x")),
        (memoryview(b"x"), texts("x")),
        (7, ints(7)),
        (True, ints(1)),
        ([-(1 << 63), (1 << 63) - 1], ints(-(1 << 63), (1 << 63) - 1)),
        (0.5, floats(0.5)),
        ([1, 0.5], floats(1, 0.5)),
        ((0.25,), floats(0.25)),
        (float("inf"), floats(float("inf"))),
        (range(3), ints(0, 1, 2)),
        ((n / 2 for n in range(2)), floats(0, 0.5)),
        (np.arange(3), ints(0, 1, 2)),
        (np.array([0.5], np.float32), floats(0.5)),
        (np.int64(5), ints(5)),
        (np.float32(0.5), floats(0.5)),
    ],
)
def test_a_value_becomes_a_feature_of_its_kind(value: Any, feature: bytes) -> None:
    assert same(build_example({"key": value}), {"key": feature})


def test_the_order_of_keys_does_not_matter() -> None:
    assert build_example({"a": 1, "b": 2}) == build_example({"b": 2, "a": 1})


def test_a_key_without_values_is_there_and_of_no_kind() -> None:
    found = Example.parse(build_example({"none": [], "some": 1}), WHERE)
    assert found.keys() == ["none", "some"]
    assert found.kind("none") is None


numbers = st.floats(width=32, allow_nan=False)
values = st.one_of(
    st.lists(st.binary(), min_size=1),
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1),
    st.lists(numbers, min_size=1),
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), values, min_size=1))
def test_what_was_written_is_read(features: dict[str, list[Any]]) -> None:
    found = Example.parse(build_example(features), WHERE)
    assert {key: list(found.values(key)) for key in found} == features


@pytest.mark.parametrize(
    ("features", "told"),
    [
        ({"image/width": None}, "image/width: None is no value of a feature"),
        ({"key": [None]}, "key: the values are of type NoneType, expected bytes, str or numbers, of one kind"),
        ({"key": [1, "a"]}, "key: the values are of the types int, str"),
        ({"key": [[1, 2], [3, 4]]}, "key: the values are of type list"),
        ({"key": 1j}, "key: 1j is no value"),
        ({"key": 1 << 63}, "key: 9223372036854775808 has more than 64 bits"),
        ({"key": 1e39}, "key: 1e+39 is more than a float of 32 bits can be"),
        ({"key": [0.5, 10**400]}, "is more than a float"),
        ({"key": "\ud800"}, "key: '\\ud800' has lone surrogates"),
        ({"a\x1b": "\ud800"}, "a\\x1b: "),
        ({5: 1}, "the feature key 5 is no str"),
    ],
)
def test_what_no_example_can_hold_is_refused_by_its_key(features: Any, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_example(features)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_largest_float_is_one() -> None:
    (largest,) = struct.unpack("<f", b"\xff\xff\x7f\x7f")
    assert same(build_example({"key": largest}), {"key": floats(largest)})


def test_records_are_written_as_a_user_would(tmp_path: Any) -> None:
    with TFRecordWriter(tmp_path / "x.tfrecord") as out:
        for number in range(3):
            out.write(build_example({"image/source_id": str(number), "image/object/bbox/xmin": [0.1, 0.4]}))
    assert [found.blobs("image/source_id") for found in read_examples(tmp_path)] == [[b"0"], [b"1"], [b"2"]]
