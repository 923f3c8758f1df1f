"""Whether two values or masks mean the same, and what a person is shown of them.

Tolerances have two reasons alone. COCO files have pixels rounded to hundredths, half a hundredth off at most. TFRecord
files have numbers as float32, 24 bits of precision, and coordinates as fractions of the image's sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from tfrecord_lite.budgets import Budget
from tfrecord_lite.errors import printable
from tfrecord_lite.masks.polygons import from_polygons
from tfrecord_lite.masks.rle import decompress

Outline = str | list[list[float]]
"""A mask: a string of run lengths, or polygons."""

_ROUNDED = 0.005  # pixels
_FLOAT32 = 2.0**-22  # of a value: that of a float32, of its reciprocal and of a product
_LONGEST = 80  # characters of a value that is shown


def pixel_tolerance(width: int, height: int) -> float:
    """By how many pixels coordinates in an image of this size may differ."""
    return _ROUNDED + max(width, height) * _FLOAT32


def near(a: Sequence[float], b: Sequence[float], tolerance: float) -> bool:
    """Whether coordinates are the same."""
    return len(a) == len(b) and all(abs(x - y) <= tolerance for x, y in zip(a, b, strict=True))


def same_number(a: float, b: float, tolerance: float = 0.0) -> bool:
    """Whether two numbers are the same as float32. tolerance: what they may differ by besides."""
    return a == b or abs(a - b) <= tolerance + _FLOAT32 * max(abs(a), abs(b))


def same_value(a: object, b: object) -> bool:
    """Whether two values of any JSON are the same: whole numbers to the last digit, others as float32."""
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b if isinstance(a, int) and isinstance(b, int) else same_number(a, b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same_value(value, b[key]) for key, value in a.items())
    return a == b


def shown(value: Any) -> str:  # noqa: ANN401 - any JSON
    """A value in few characters."""
    if value is None:
        return "none"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = printable(text[: _LONGEST + 1])
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def shown_numbers(numbers: Sequence[float]) -> str:
    """Coordinates in few characters: to a thousandth of a pixel, which is less than the tolerance."""
    return ", ".join(f"{round(number, 3):.10g}" for number in numbers)


# ---------------------------------------------------------------------------------------------- masks
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
