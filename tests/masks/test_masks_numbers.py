"""Masks of numbers, floats and points: the run lengths are pycocotools' own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from drawn_masks import COUNTS, SHAPE, drawn, mask_of

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.masks import from_pixels as mask_pixels
from tfrecord_lite.masks.from_pixels import mask_from_points, masks_from_floats
from tfrecord_lite.masks.mask import Mask

WHERE = Location("train.tfrecord", 3, 1024)
KEY = "image/object/mask"


def test_floats_are_masks_row_by_row_and_one_after_the_other() -> None:
    first = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]
    second = [1.0] * 15
    assert list(masks_from_floats(first + second, 2, 3, 5, WHERE, KEY)) == [Mask(3, 5, COUNTS), Mask(3, 5, [0, 15])]


@pytest.mark.parametrize(
    ("value", "foreground"),
    [
        (0.0, False),
        (-0.0, False),
        (-1.0, False),
        (math.nan, False),
        (-math.inf, False),
        (1.0, True),
        (0.4, True),
        (1.4e-45, True),
        (math.inf, True),
    ],
)
def test_a_float_is_foreground_where_it_is_greater_than_0(value: float, foreground: bool) -> None:
    assert list(masks_from_floats([value], 1, 1, 1, WHERE, KEY)) == [Mask(1, 1, [0, 1] if foreground else [1])]


def test_no_objects_have_no_masks_even_where_the_size_is_unknown() -> None:
    assert list(masks_from_floats([], 0, 0, 0, WHERE, KEY)) == []


@pytest.mark.parametrize("at_once", [1, 150, 10**6])
@pytest.mark.parametrize("view", [False, True], ids=["a list", "a view of memory"])
def test_masks_of_floats_equal_pycocotools(at_once: int, view: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_pixels, "_PIXELS_AT_ONCE", at_once)
    background = np.array([0.0, -0.0, -1.5, math.nan, -math.nan, -math.inf], np.float32)
    foreground = np.array([1.0, 1e-45, 0.3, 3e38, math.inf], np.float32)
    for seed in range(100):
        pixels = drawn(seed, 20)
        rng = np.random.default_rng(seed)
        # Every other one without NaN: they are told apart from foreground in a way of their own.
        off = rng.choice(background if seed % 2 else background[:3], pixels.shape)
        numbers = np.where(pixels, rng.choice(foreground, pixels.shape), off)
        both = np.concatenate([numbers.ravel(), numbers[::-1].ravel()])
        values: Any = memoryview(both.tobytes()).cast("f") if view else both.tolist()
        found = list(masks_from_floats(values, 2, pixels.shape[0], pixels.shape[1], WHERE, KEY))
        assert found == [mask_of(pixels), mask_of(pixels[::-1])], seed


@pytest.mark.parametrize(
    ("count", "height", "width", "problem"),
    [
        (2, 2, 3, "6 values, expected 12: 2 masks of 3x2 pixels."),
        (0, 2, 3, "6 values, expected 0: 0 masks of 3x2 pixels."),
        (1, 0, 3, "masks of 3x0 pixels, expected 1 to 4294967295 pixels."),
        (1, 70_000, 70_000, "masks of 70000x70000 pixels, expected 1 to 4294967295 pixels."),
    ],
)
def test_floats_that_are_no_masks_of_that_size_are_an_error(count: int, height: int, width: int, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        masks_from_floats([1.0] * 6, count, height, width, WHERE, KEY)
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"


def test_points_are_rows_and_columns_in_any_order() -> None:
    points = [(y, x) for y, line in enumerate(SHAPE) for x, pixel in enumerate(line) if pixel == "#"]
    assert mask_from_points(points[::-1] + points[:2], 3, 5, WHERE, KEY) == Mask(3, 5, COUNTS)
    assert mask_from_points([], 3, 5, WHERE, KEY) == Mask(3, 5, [15])
    assert mask_from_points(iter([(2, 4)]), 3, 5, WHERE, KEY) == Mask(3, 5, [14, 1])


def test_a_few_points_need_no_memory_for_the_rest() -> None:
    assert mask_from_points([(0, 1)], 60_000, 60_000, WHERE, KEY).counts == [60_000, 1, 3_599_939_999]


@pytest.mark.parametrize("point", [(3, 0), (0, 5), (-1, 0), (0, -1)])
def test_a_point_outside_is_an_error(point: tuple[int, int]) -> None:
    with pytest.raises(FeatureError) as caught:
        mask_from_points([(0, 0), point], 3, 5, WHERE, KEY)
    problem = f"point y={point[0]}, x={point[1]} lies outside, expected rows from 0 to 2, columns to 4."
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"


def test_points_in_a_mask_without_size_are_an_error() -> None:
    with pytest.raises(FeatureError, match="masks of 5x0 pixels, expected 1 to"):
        mask_from_points([], 0, 5, WHERE, KEY)
