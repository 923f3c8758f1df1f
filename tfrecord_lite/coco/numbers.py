"""Numbers as they are written: pixels rounded as COCO rounds them, float32 values without the noise of their format."""

from __future__ import annotations

import struct

_FLOAT32 = struct.Struct("<f")
Precision = int | None
"""Decimals of pixel coordinates; None to write them exactly."""
_MOST_SCALED = 4  # decimals up to which a scaled coordinate is far from what a float holds exactly
_SCALES = tuple(10.0**decimals for decimals in range(_MOST_SCALED + 1))


def shortest(value: float) -> float:
    """The number with the fewest digits that is the same float32: 6.4 for what prints as 6.400000095367432."""
    if isinstance(value, int) or value.is_integer():
        return value
    # From 1 on, a decimal of up to 7 digits is the only one of that length that is near enough to be meant.
    for digits in range(7 if value >= 1 else 6, 9):
        candidate = float(f"{value:.{digits}g}")
        if _FLOAT32.unpack(_FLOAT32.pack(candidate))[0] == value:
            return candidate
    return value


def rounded(value: float, precision: Precision) -> float:
    """A pixel coordinate as it is written."""
    if precision is None or isinstance(value, int):
        return value
    if precision > _MOST_SCALED:
        return round(value, precision)
    # A quarter of the time of rounding decimals, and the same but where binary fractions come next to a tie.
    scale = _SCALES[precision]
    return round(value * scale) / scale


def rounded_box(box: tuple[float, float, float, float], precision: Precision) -> list[float]:
    """A box with its coordinates rounded. No positive side becomes zero: it keeps two significant digits instead.

    Two decimals give back the numbers of the COCO files exactly after a round trip through normalised float32, for
    images of up to 65,536 pixels a side.
    """
    x, y, width, height = box
    if precision is None:
        return [x, y, width, height]
    if precision > _MOST_SCALED:
        numbers = [round(x, precision), round(y, precision), round(width, precision), round(height, precision)]
    else:
        scale = _SCALES[precision]  # as in rounded, whose calls would cost more than the rounding
        numbers = [round(x * scale) / scale, round(y * scale) / scale]
        numbers += [round(width * scale) / scale, round(height * scale) / scale]
    if not (numbers[2] and numbers[3]):
        for side in (2, 3):
            if not numbers[side] and box[side] > 0:
                numbers[side] = float(f"{box[side]:.2g}")
    return numbers
