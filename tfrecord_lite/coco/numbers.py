"""Numbers as they are written: pixels rounded as COCO rounds them, float32 values without the noise of their format."""

from __future__ import annotations

import struct

_FLOAT32 = struct.Struct("<f")
Precision = int | None
"""Decimals of pixel coordinates; None to write them exactly."""


def shortest(value: float) -> float:
    """The number with the fewest digits that is the same float32: 6.4 for what prints as 6.400000095367432."""
    if isinstance(value, int) or value.is_integer():
        return value
    for digits in range(6, 9):
        candidate = float(f"{value:.{digits}g}")
        if _FLOAT32.unpack(_FLOAT32.pack(candidate))[0] == value:
            return candidate
    return value


def rounded(value: float, precision: Precision) -> float:
    """A pixel coordinate as it is written."""
    return value if precision is None else round(value, precision)


def rounded_box(box: tuple[float, float, float, float], precision: Precision) -> list[float]:
    """A box with its coordinates rounded. No positive side becomes zero: it keeps two significant digits instead.

    Two decimals give back the numbers of the COCO files exactly after a round trip through normalised float32, for
    images of up to 65,536 pixels a side.
    """
    if precision is None:
        return list(box)
    x, y, width, height = box
    numbers = [round(x, precision), round(y, precision), round(width, precision), round(height, precision)]
    for side in (2, 3):
        if not numbers[side] and box[side] > 0:
            numbers[side] = float(f"{box[side]:.2g}")
    return numbers
