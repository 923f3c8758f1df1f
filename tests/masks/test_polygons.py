"""Polygons: pycocotools makes of them the mask they came from, and we make of polygons what pycocotools makes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from drawn_masks import counted, drawn, encoded, mask_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite.budgets import Budget, ExceededError
from tfrecord_lite.masks import polygons
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import from_polygons, trace


def picture(*rows: str) -> NDArray[np.uint8]:
    return np.array([[pixel == "#" for pixel in row] for row in rows], np.uint8)


def read_by_pycoco(shapes: list[Any], height: int, width: int) -> list[int]:
    """Run lengths of the mask that pycocotools makes of polygons."""
    return counted(pycoco.decode(pycoco.merge(pycoco.frPyObjects(shapes, height, width))))


def signed_area(polygon: list[int]) -> float:
    """Positive where the corners go clockwise, y pointing down."""
    xs, ys = polygon[0::2], polygon[1::2]
    return sum(x * v - u * y for x, y, u, v in zip(xs, ys, xs[1:] + xs[:1], ys[1:] + ys[:1], strict=True)) / 2


def regions(pixels: NDArray[np.uint8]) -> int:
    """How many regions there are of pixels that share an edge."""
    left = {(int(y), int(x)) for y, x in np.argwhere(pixels)}
    count = 0
    while left:
        count += 1
        ahead = [left.pop()]
        while ahead:
            y, x = ahead.pop()
            for place in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if place in left:
                    left.remove(place)
                    ahead.append(place)
    return count


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(["#"], [[0, 0, 1, 0, 1, 1, 0, 1]], id="one pixel is all"),
        pytest.param(["...", ".#.", "..."], [[1, 1, 2, 1, 2, 2, 1, 2]], id="one pixel"),
        pytest.param(["...", "...", "..#"], [[2, 2, 3, 2, 3, 3, 2, 3]], id="the last pixel"),
        pytest.param(["####"], [[0, 0, 4, 0, 4, 1, 0, 1]], id="one row"),
        pytest.param(["#", "#", "#"], [[0, 0, 1, 0, 1, 3, 0, 3]], id="one column"),
        pytest.param(["###", "###"], [[0, 0, 3, 0, 3, 2, 0, 2]], id="full"),
        pytest.param(["##.", ".#."], [[0, 0, 2, 0, 2, 2, 1, 2, 1, 1, 0, 1]], id="a corner inwards"),
        pytest.param(["#.", ".#"], [[0, 0, 1, 0, 1, 1, 0, 1], [1, 1, 2, 1, 2, 2, 1, 2]], id="touching, falling"),
        pytest.param([".#", "#."], [[0, 1, 1, 1, 1, 2, 0, 2], [1, 0, 2, 0, 2, 1, 1, 1]], id="touching, rising"),
        pytest.param(
            ["###", "#.#", "###"],
            # Along the top to x=1, down the cut, around the hole, up the cut, and on.
            [[0, 0, 1, 0, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 0, 3, 0, 3, 3, 0, 3]],
            id="a hole",
        ),
        pytest.param(
            ["#####", "#.#.#", "#####"],
            [
                [
                    *(0, 0, 1, 0, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1, 1, 0),
                    *(3, 0, 3, 1, 3, 2, 4, 2, 4, 1, 3, 1, 3, 0, 5, 0, 5, 3, 0, 3),
                ]
            ],
            id="two holes below one edge, from left to right",
        ),
        pytest.param(
            ["##.", "#.#", "###"],
            [[0, 0, 2, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2, 1, 3, 1, 3, 3, 0, 3]],
            id="a hole that touches the outside is none",
        ),
        pytest.param(["..", ".."], [], id="empty"),
    ],
)
def test_a_mask_is_traced_along_the_edges_of_its_pixels(rows: list[str], expected: list[list[int]]) -> None:
    pixels = picture(*rows)
    assert trace(mask_of(pixels)) == expected
    if expected:
        assert read_by_pycoco(expected, *pixels.shape) == counted(pixels)


RINGS = picture(
    "###########",
    "#.........#",
    "#.#######.#",
    "#.#.#.#.#.#",
    "#.#######.#",
    "#.##.#.##.#",
    "#.#######.#",
    "#.........#",
    "###########",
)


def test_regions_inside_of_holes_are_polygons_of_their_own() -> None:
    found = trace(mask_of(RINGS))
    assert len(found) == 2
    assert read_by_pycoco(found, *RINGS.shape) == counted(RINGS)


def test_holes_one_below_the_other_hang_on_one_another() -> None:
    pixels = picture("#####", "#.#.#", "#####", "#.#.#", "#####", "##.##", "#####")
    (found,) = trace(mask_of(pixels))
    assert read_by_pycoco([found], *pixels.shape) == counted(pixels)


def test_thousands_of_masks_come_back_from_their_polygons() -> None:
    for seed in range(2000):
        pixels = drawn(seed)
        found = trace(mask_of(pixels))
        if not pixels.any():
            assert found == []
            continue
        assert pycoco.merge(pycoco.frPyObjects(found, *pixels.shape)) == encoded(pixels), seed
        assert from_polygons(found, *pixels.shape) == mask_of(pixels), seed


@pytest.mark.parametrize("share", [0.05, 0.4, 0.6, 0.8, 0.98])
def test_noise_comes_back_with_holes_in_regions_in_holes(share: float) -> None:
    for height, width in ((200, 150), (3, 4000), (4000, 3)):
        pixels = (np.random.default_rng(height).random((height, width)) < share).astype(np.uint8)
        found = trace(mask_of(pixels))
        assert pycoco.merge(pycoco.frPyObjects(found, height, width)) == encoded(pixels)


def test_each_region_is_one_polygon_clockwise_with_the_area_of_its_pixels() -> None:
    for seed in range(300):
        pixels = drawn(seed, 24)
        found = trace(mask_of(pixels))
        assert len(found) == regions(pixels), seed
        assert sum(map(signed_area, found)) == pixels.sum(), seed
        assert all(signed_area(polygon) > 0 for polygon in found), seed


def test_polygons_are_corners_inside_of_the_image_and_never_twice_in_a_row() -> None:
    for seed in range(300):
        pixels = drawn(seed)
        for polygon in trace(mask_of(pixels)):
            corners = list(zip(polygon[0::2], polygon[1::2], strict=True))
            assert len(corners) >= 4
            assert all(0 <= x <= pixels.shape[1] and 0 <= y <= pixels.shape[0] for x, y in corners)
            for (x, y), (next_x, next_y) in zip(corners, corners[1:] + corners[:1], strict=True):
                assert (x == next_x) != (y == next_y)


@given(
    st.integers(1, 12).flatmap(
        lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1)
    )
)
@settings(deadline=None, max_examples=300)
def test_any_small_mask_comes_back_from_its_polygons(rows: list[list[bool]]) -> None:
    pixels = np.array(rows, np.uint8)
    found = trace(mask_of(pixels))
    assert (read_by_pycoco(found, *pixels.shape) == counted(pixels)) if found else not pixels.any()


def test_a_huge_full_mask_costs_no_more_than_a_small_one() -> None:
    assert trace(Mask(10**9, 10**9, [0, 10**18])) == [[0, 0, 10**9, 0, 10**9, 10**9, 0, 10**9]]
    ends = [1, 10**18 - 2, 1]
    assert trace(Mask(10**9, 10**9, ends)) == [
        [0, 1, 1, 1, 1, 0, 10**9, 0, 10**9, 10**9 - 1, 10**9 - 1, 10**9 - 1, 10**9 - 1, 10**9, 0, 10**9]
    ]


def test_a_deep_nest_of_holes_needs_no_recursion() -> None:
    pixels = np.ones((6001, 3), np.uint8)
    pixels[1::2, 1] = 0
    (found,) = trace(mask_of(pixels))
    assert read_by_pycoco([found], *pixels.shape) == counted(pixels)


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param([[1, 1, 5, 1, 5, 4, 1, 4]], id="whole pixels"),
        pytest.param([[1.5, 1.5, 5.5, 1.5, 5.5, 4.5, 1.5, 4.5]], id="half pixels"),
        pytest.param([[0.1, 0.1, 7.9, 0.2, 3.3, 7.7]], id="a triangle"),
        pytest.param([[4, 0, 8, 4, 4, 8, 0, 4]], id="a diamond"),
        pytest.param([[0, 0, 8, 8, 8, 0, 0, 8]], id="crossing itself"),
        pytest.param([[-20, -20, 30, -20, 30, 30, -20, 30]], id="around the image"),
        pytest.param([[-20, 3, -10, 3, -10, 30]], id="beside the image"),
        pytest.param([[1, 1, 5, 1, 5, 5, 1, 5], [3, 3, 7, 3, 7, 7, 3, 7]], id="overlapping"),
        pytest.param([[1, 1, 5, 1, 5, 5, 1, 5], [1, 1, 5, 1, 5, 5, 1, 5]], id="twice the same"),
        pytest.param([[1, 1, 3, 1, 3, 8, 1, 8], [3, 0, 5, 0, 5, 5, 3, 5]], id="side by side"),
        pytest.param([[2, 2, 2, 2, 2, 2]], id="one point"),
        pytest.param([[2, 2, 6, 2, 6, 2, 6, 2, 6, 6, 2, 6, 2, 6]], id="corners twice"),
        pytest.param([[1, 2, 7, 2, 4, 2]], id="a line"),
        pytest.param([[0, 0, 8, 0, 8, 8, 0, 8]], id="full"),
        pytest.param([[-3.7, -2.2, 5.1, 9.9, 12.4, -0.3, 3.3, 3.3]], id="mostly outside"),
    ],
)
def test_a_polygon_fills_the_pixels_that_pycocotools_fills(shapes: list[list[float]]) -> None:
    for height, width in ((8, 8), (1, 8), (8, 1), (1, 1), (5, 11)):
        assert from_polygons(shapes, height, width) == Mask(height, width, read_by_pycoco(shapes, height, width))


COORDINATE = (
    st.floats(-30, 90)
    | st.integers(-10, 70)
    | st.integers(-100, 600).map(lambda tenth: tenth / 10)
    | st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 0.9, -0.1, -0.5, 1e-9])
)
POLYGON = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12).map(lambda corners: sum(corners, ()))


@given(st.lists(POLYGON, min_size=1, max_size=4), st.integers(1, 64), st.integers(1, 64))
@settings(deadline=None, max_examples=400)
def test_any_polygons_fill_the_pixels_that_pycocotools_fills(
    shapes: list[tuple[float, ...]], height: int, width: int
) -> None:
    expected = read_by_pycoco([list(shape) for shape in shapes], height, width)
    assert from_polygons(shapes, height, width) == Mask(height, width, expected)


def test_thousands_of_outlines_fill_the_pixels_that_pycocotools_fills() -> None:
    rng = np.random.default_rng(7)
    for _ in range(600):
        height, width = (int(side) for side in rng.integers(1, 200, 2))
        angles = np.sort(rng.random(rng.integers(3, 40))) * 2 * math.pi
        radius = rng.random() * max(height, width) * (0.7 + 0.3 * rng.random(len(angles)))
        corners = np.stack((width / 2 + radius * np.cos(angles), height / 2 + radius * np.sin(angles)), 1)
        shapes = [np.round(corners, int(rng.integers(0, 4))).ravel().tolist()]
        assert from_polygons(shapes, height, width).counts == read_by_pycoco(shapes, height, width), shapes


def test_no_polygons_are_an_empty_mask() -> None:
    assert from_polygons([], 3, 4) == Mask(3, 4, [12])


@pytest.mark.parametrize(
    ("shapes", "problem"),
    [
        ([[1, 1, 5, 1]], "polygon 0 has 4 numbers, expected an even number of at least 6"),
        ([[1, 1, 5, 1, 5, 5], []], "polygon 1 has 0 numbers, expected an even number of at least 6"),
        ([[1, 1, 5, 1, 5, 5, 9]], "polygon 0 has 7 numbers, expected an even number of at least 6"),
        ([[1, 1, 5, math.nan, 5, 5]], "polygon 0 has a corner beyond 429496728, expected pixels"),
        ([[1, 1, math.inf, 1, 5, 5]], "polygon 0 has a corner beyond 429496728, expected pixels"),
        ([[1, 1, 5, 429496729, 5, 5]], "polygon 0 has a corner beyond 429496728, expected pixels"),
        ([[1, 1, 5, -429496729, 5, 5]], "polygon 0 has a corner beyond 429496728, expected pixels"),
    ],
)
def test_what_is_no_polygon_is_an_error(shapes: list[list[float]], problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        from_polygons(shapes, 8, 8)
    assert str(caught.value) == problem


def test_the_farthest_corners_are_read_without_walking_to_them() -> None:
    far = 2**31 // 5 - 1
    assert from_polygons([[-far, -far, far, -far, far, far, -far, far]], 8, 9) == Mask(8, 9, [0, 72])
    assert from_polygons([[-far, -far + 3, far, far + 0.0, -far, far]], 8, 9).area > 0


def test_a_tangle_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polygons, "_MOST_AT_ONCE", 30)
    assert from_polygons([[0, 0, 10, 0, 10, 9, 0, 9]], 9, 10).area == 90  # passes 20 columns
    with pytest.raises(ExceededError, match=r"takes 40 polygon columns for one object, the budget of a record is 30$"):
        from_polygons([[0, 0, 10, 0, 10, 9, 0, 9]] * 2, 9, 10)
    with pytest.raises(ExceededError, match=r"takes \d+ polygon columns"):
        from_polygons([[0, 0, 10**8, 0, 10**8, 9]], 1, 10**9)


def test_the_polygons_of_a_record_share_a_budget() -> None:
    budget = Budget(50, "polygon columns")
    square = [[0, 0, 10, 0, 10, 9, 0, 9]]
    assert from_polygons(square, 9, 10, budget) == from_polygons(square, 9, 10, budget)
    with pytest.raises(ExceededError, match=r"^the record takes 60 polygon columns, the budget of a record is 50$"):
        from_polygons(square, 9, 10, budget)


def test_steep_edges_are_walked_to_the_last_step_before_a_column() -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        height, width = int(rng.integers(1, 3000)), int(rng.integers(1, 9))
        corners = rng.random((int(rng.integers(3, 7)), 2)) * (width + 2, height * 1.5) - (1, height / 4)
        shapes = [np.round(corners, int(rng.integers(0, 5))).ravel().tolist()]
        assert from_polygons(shapes, height, width).counts == read_by_pycoco(shapes, height, width), shapes
