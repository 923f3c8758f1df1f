"""Masks in any form: the same pixels are the same, and of others it is counted how many differ."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from tfrecord_lite.budgets import Budget
from tfrecord_lite.comparison.values import differing_pixels, runs_of, same_outline

SQUARE = [[1.0, 1, 3, 1, 3, 3, 1, 3]]
BITS = st.lists(st.booleans(), min_size=12, max_size=12)


def runs(pixels: list[bool]) -> list[int]:
    counts = [len(list(group)) for _, group in groupby(pixels)]
    return [0, *counts] if pixels[0] else counts


@given(BITS, BITS)
def test_pixels_that_differ_are_counted(a: list[bool], b: list[bool]) -> None:
    assert differing_pixels(runs(a), runs(b)) == sum(x != y for x, y in zip(a, b, strict=True))
    assert differing_pixels([], runs(a)) == sum(a)


def test_polygons_and_run_lengths() -> None:
    columns = Budget(100, "columns")
    assert runs_of(SQUARE, 4, 4, columns) == [5, 2, 2, 2, 5]
    assert runs_of("52203", 4, 4, columns) == [5, 2, 2, 2, 5]
    assert runs_of([[1.0, 1, 3]], 4, 4, columns) is None  # half a corner
    assert runs_of([[0.0, 0, 900, 0, 900, 900]], 1000, 1000, columns) is None  # beyond the budget


def test_polygons_are_the_same_if_their_corners_are() -> None:
    near = [[value + 0.004 for value in SQUARE[0]]]
    assert same_outline(SQUARE, near, 0.005)
    assert not same_outline(SQUARE, near, 0.003)
    assert not same_outline(SQUARE, SQUARE * 2, 0.005)
    assert not same_outline(SQUARE, "52203", 0.005)
