"""Masks in any form -> whether they have the same pixels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from tfrecord_lite.budgets import Budget
from tfrecord_lite.comparison.image import Outline
from tfrecord_lite.comparison.values import near
from tfrecord_lite.masks.polygons import from_polygons
from tfrecord_lite.masks.rle import decompress


def same_outline(a: Outline | None, b: Outline | None, tolerance: float) -> bool:
    """Whether two masks are the same as they are written. Polygons are, if their corners are, one by one.

    tolerance: of corners, in pixels.
    """
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(near(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return a == b


def runs_of(outline: Outline, height: int, width: int, columns: Budget) -> list[int] | None:
    """The run lengths of a mask in an image of this size; None where its polygons cannot be drawn within the budget."""
    if isinstance(outline, str):
        return decompress(outline)
    try:
        return from_polygons(outline, height, width, columns).counts
    except ValueError:
        return None


def differing_pixels(a: Sequence[int], b: Sequence[int]) -> int:
    """How many pixels only one of two masks has, by their run lengths."""
    # A pixel differs where an odd number of changes, of both masks together, come before it.
    ends = [*accumulate(a)][: len(a) // 2 * 2] + [*accumulate(b)][: len(b) // 2 * 2]
    ends.sort()
    return sum(end - start for start, end in zip(ends[0::2], ends[1::2], strict=True))
