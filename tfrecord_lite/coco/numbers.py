"""Numbers as they are written: pixels rounded as COCO rounds them, float32 values without the noise of their format."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_FLOAT32 = struct.Struct("<f")
_FORMS = ("%.6g", "%.7g", "%.8g")  # with nine digits every float32 is itself
Precision = int | None
"""Decimals of pixel coordinates; None to write them exactly."""
_MOST_SCALED = 4  # decimals up to which a scaled coordinate is far from what a float holds exactly
_SCALES = tuple(10.0**decimals for decimals in range(_MOST_SCALED + 1))


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
    """``shortest`` of each value, in half the time: most areas have 7 or 8 digits."""
    pack = struct.Struct(f"<{len(values)}f")
    short = [float("%.7g" % value) for value in values]  # noqa: UP031 - half the time of format
    if (again := pack.unpack(pack.pack(*short))) == tuple(values) and min(values) >= 1:
        return short
    longer = [float("%.8g" % value) for value in values]  # noqa: UP031 - likewise
    return [
        seven if same == value >= 1 else eight if same8 == value >= 1 else shortest(value)
        for seven, same, eight, same8, value in zip(
            short, again, longer, pack.unpack(pack.pack(*longer)), values, strict=True
        )
    ]


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
