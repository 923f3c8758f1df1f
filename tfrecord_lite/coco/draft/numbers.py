"""Numbers as they are written: pixels rounded as COCO rounds them, float32 values without the noise of their format."""

from __future__ import annotations

import struct
from array import array
from bisect import bisect
from collections.abc import Sequence

from tfrecord_lite.sample import Box

_FLOAT32 = struct.Struct("<f")
_FORMS = ("%.6g", "%.7g", "%.8g")  # with nine digits every float32 is itself
Precision = int | None
"""Decimals of pixel coordinates; None to write them exactly."""
_MOST_SCALED = 4  # decimals up to which a scaled coordinate is far from what a float holds exactly
_SCALES = tuple(10.0**decimals for decimals in range(_MOST_SCALED + 1))
_WHOLE = 1.5 * 2.0**52  # adding this to a number below 2**51 rounds off its fraction: a fast round()
_POWERS = tuple(10.0**exponent for exponent in range(7))
_SEVEN_DIGITS = (1.0, *reversed(_POWERS))  # the scale that makes it 7 digits, by how many of _POWERS a number reaches


def shortest(value: float) -> float:
    """The number with the fewest digits that is the same float32: 6.4 for what prints as 6.400000095367432."""
    if isinstance(value, int) or value.is_integer():
        return value
    # From 1 on, a decimal of 7 digits is never longer than one of 6 that is the same float32.
    for form in _FORMS if value < 1 else _FORMS[1:]:
        candidate = float(form % value)
        if _FLOAT32.unpack(_FLOAT32.pack(candidate))[0] == value:
            return candidate
    return value


def shortest_of_each(values: Sequence[float]) -> list[float]:
    """``shortest`` of each value, in a third of the time, since most areas have 7 or 8 digits."""
    scales = [_SEVEN_DIGITS[bisect(_POWERS, value)] for value in values]
    found = _round_off(values, scales)
    # From 1 on, a decimal of 7 digits is never longer than one of 6 that is the same float32.
    left = [i for i, same in enumerate(array("f", found)) if not same == values[i] >= 1]
    if left:
        longer = _round_off([values[i] for i in left], [10 * scales[i] for i in left])
        for i, candidate, same in zip(left, longer, array("f", longer), strict=True):
            value = values[i]
            # From 1 on, where 8 digits are too few, ``shortest`` leaves the number as it is.
            found[i] = shortest(value) if value < 1 else candidate if same == value else value
    return found


def _round_off(values: Sequence[float], scales: Sequence[float]) -> list[float]:
    """Each float32 rounded to 1 / scale. As a double it can be multiplied by 10**7 without losing a bit."""
    return [(value * scale + _WHOLE - _WHOLE) / scale for value, scale in zip(values, scales, strict=True)]


def rounded(value: float, precision: Precision) -> float:
    """A pixel coordinate as it is written."""
    if precision is None or isinstance(value, int):
        return value
    if precision > _MOST_SCALED:
        return round(value, precision)
    # Takes a quarter of the time of round(value, precision); differs only where a binary fraction is next to a tie.
    scale = _SCALES[precision]
    return round(value * scale) / scale


def rounded_boxes(boxes: Sequence[Box], precision: Precision) -> list[list[float]]:
    """Boxes with their coordinates rounded. No positive side becomes zero: it keeps two significant digits instead.

    Two decimals give back the numbers of the COCO files exactly after a round trip through normalised float32, for
    images of up to 65,536 pixels a side.
    """
    if precision is None:
        return list(map(list, boxes))
    if precision > _MOST_SCALED:
        rows = [[round(value, precision) for value in box] for box in boxes]
    else:
        scale, whole = _SCALES[precision], _WHOLE  # as in rounded, inlined: the calls would cost more than the rest
        rows = [
            [
                (x * scale + whole - whole) / scale,
                (y * scale + whole - whole) / scale,
                (width * scale + whole - whole) / scale,
                (height * scale + whole - whole) / scale,
            ]
            for x, y, width, height in boxes
        ]
    for place in [place for place, (_, _, width, height) in enumerate(rows) if not (width and height)]:
        for side in (2, 3):
            if not rows[place][side] and boxes[place][side] > 0:
                rows[place][side] = float(f"{boxes[place][side]:.2g}")
    return rows
