"""Numbers as they are written: pixels as COCO rounds them, float32 values without the noise of their format."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.coco.draft.numbers import rounded_boxes, shortest, shortest_of_each

FLOAT32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
SIDE = st.integers(1, 65_536)


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        (6.400000095367432, 6.4),
        (0.10000000149011612, 0.1),
        (702.1057739257812, 702.1058),
        (1.5, 1.5),
        (12.0, 12.0),
        (-0.30000001192092896, -0.3),
        (3.4028234663852886e38, 3.4028234663852886e38),
        (1e-45, 1e-45),
        (0.0, 0.0),
        (7, 7),
        (2**62, 2**62),
    ],
)
def test_a_float32_is_written_with_the_fewest_digits_that_mean_it(stored: float, written: float) -> None:
    assert np.float32(shortest(stored)) == np.float32(stored)
    if abs(stored) >= 1e-37:
        assert shortest(stored) == written


@settings(deadline=None)
@given(FLOAT32)
def test_no_float32_is_changed_and_none_is_longer_than_numpy_writes_it(value: float) -> None:
    written = shortest(value)
    assert np.float32(written) == np.float32(value)
    if abs(value) >= 2.0**-126 and not value.is_integer():  # below, float32 has fewer digits
        assert len(repr(written)) <= len(repr(float(str(np.float32(value)))))


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_no_float32_is_left_alone_or_changed_by_less_than_float32_can_show(value: float) -> None:
    assert math.isclose(shortest(value), value, rel_tol=1e-7, abs_tol=1e-45)


AREA = st.floats(width=32, min_value=2.0**-126, max_value=2.0**62)


@settings(deadline=None)
@given(st.lists(AREA | st.floats(1, 1e5, width=32)))
def test_many_numbers_are_written_as_each_of_them_is(values: list[float]) -> None:
    assert shortest_of_each(values) == [shortest(value) for value in values]


def hundredths(limit: int) -> st.SearchStrategy[float]:
    return st.integers(0, 100 * limit).map(lambda hundredth: hundredth / 100)


@settings(deadline=None, max_examples=200)
@given(data=st.data(), width=SIDE, height=SIDE)
def test_numbers_of_coco_files_come_back_exactly_from_normalised_float32(
    data: st.DataObject, width: int, height: int
) -> None:
    x, y = data.draw(hundredths(width)), data.draw(hundredths(height))
    w = round(data.draw(st.integers(1, 100 * width)) / 100, 2)
    h = round(data.draw(st.integers(1, 100 * height)) / 100, 2)
    if x + w > width or y + h > height:
        x, y = 0.0, 0.0
    # As object_detection/dataset_tools/create_coco_tf_record.py (tensorflow/models) writes them.
    xmin, xmax = (float(np.float32(value / width)) for value in (x, x + w))
    ymin, ymax = (float(np.float32(value / height)) for value in (y, y + h))
    box = (xmin * width, ymin * height, (xmax - xmin) * width, (ymax - ymin) * height)
    assert rounded_boxes([box], 2)[0] == [x, y, w, h]


@settings(deadline=None)
@given(box=st.tuples(*[st.floats(0, 1e6)] * 4), precision=st.integers(0, 6))
def test_rounding_moves_nothing_by_more_than_half_a_step_and_no_positive_side_becomes_zero(
    box: tuple[float, float, float, float], precision: int
) -> None:
    (written,) = rounded_boxes([box], precision)
    for before, after in zip(box, written, strict=True):
        assert abs(before - after) <= 0.5000001 * 10**-precision
    for before, after in zip(box[2:], written[2:], strict=True):
        assert (after > 0) == (before > 0)


def test_exact_means_exact() -> None:
    box = (0.1 + 0.2, 1 / 3, 1e-9, 123456.789012345)
    assert rounded_boxes([box], None) == [list(box)]
