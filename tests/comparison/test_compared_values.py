"""How near is equal, and how values are shown."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.comparison.values import near, pixel_tolerance, same_number, same_value, shown, shown_numbers


def float32(value: float) -> float:
    number: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return number


@given(st.floats(0.0, 60_000.0), st.integers(1, 1 << 15))
def test_a_coordinate_survives_the_way_through_a_record(value: float, side: int) -> None:
    value = min(value, side)
    back = float32(value / side) * side
    assert near([value], [round(back, 2)], pixel_tolerance(side, 1))


@given(st.integers(0, 3_000_000), st.integers(1, 1 << 14))
def test_a_hundredth_is_a_difference(number: int, side: int) -> None:
    assert not near([number / 100], [(number + 1) / 100], pixel_tolerance(side, side))


@given(st.floats(1e-3, 1e9))
def test_a_number_is_the_same_as_float32(value: float) -> None:
    assert same_number(value, float32(value))
    assert not same_number(value, value * 1.000001)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1, 1.0, True),
        (True, 1, True),
        (0.1, float32(0.1), True),
        (1 << 40, (1 << 40) + 1, False),
        ([1, [2.5]], [1, [2.5]], True),
        ([1], [1, 2], False),
        ({"a": [0.1]}, {"a": [float32(0.1)]}, True),
        ({"a": 1}, {"b": 1}, False),
        ("1", 1, False),
        (None, 0, False),
        (None, None, True),
    ],
)
def test_values_of_any_json(a: Any, b: Any, same: bool) -> None:
    assert same_value(a, b) == same_value(b, a) == same


def test_values_are_shown_safely_and_in_short() -> None:
    assert shown("a\x1b[31m\n") == "a\\x1b[31m\\n"
    assert shown(None) == "none"
    assert shown(float32(0.1)) == "0.1"
    assert len(shown("x" * 1000)) == 81


def test_coordinates_are_shown_without_the_noise_of_float32() -> None:
    assert shown_numbers((401, 30.99998, 1234.5678, 1e300)) == "401, 31, 1234.568, 1e+300"
