"""Raw pixels without any format: what a picture can be by its bytes and their number; and such pixels as a PNG."""

from __future__ import annotations

import struct
from io import BytesIO
from math import isqrt
from typing import NamedTuple

from tfrecord_lite.images.buffer import Buffer

CHANNELS = (1, 3, 4)
"""Bytes a pixel of gray, RGB and RGBA."""
_LEAST_SIDE = 8  # pixels; hardly any picture has fewer
_MOST_SIZES = 4  # that are worth a place in a message
_LOOK = 1 << 14  # bytes that show whether they are floats
_SMALLEST, _LARGEST = 1e-6, 255.0  # a pixel as a float, unless it is 0
_ROUNDEST = 4  # sides of pictures that are not square are multiples of this


class Shape(NamedTuple):
    """Width, height and channels."""

    width: int
    height: int
    channels: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}x{self.channels}"


def channels_of(length: int, width: int, height: int) -> int | None:
    """How many bytes a pixel has, where ``length`` bytes are a picture of this size; None where they are not."""
    pixels = width * height
    return next((channels for channels in CHANNELS if pixels and length == channels * pixels), None)


def are_floats(data: Buffer) -> bool:
    """Whether bytes are pixels as float32: bytes of pixels would hardly all be numbers of such a size."""
    if len(data) % 4 or not data:
        return False
    middle = max(0, len(data) - _LOOK) // 2 & ~3
    part = bytes(data[middle : middle + _LOOK])
    values = struct.unpack(f"<{len(part) // 4}f", part)
    return any(values) and all(value == 0 or _SMALLEST <= abs(value) <= _LARGEST for value in values)


def likely_shapes(length: int) -> list[Shape]:
    """Pictures with this number of bytes, the likeliest first: squares, then those of no more than twice the width.

    Of each kind colours before gray. None where the number says nothing.
    """
    squares, others = [], []
    for channels in (3, 1, 4):
        pixels, rest = divmod(length, channels)
        if rest:
            continue
        side = isqrt(pixels)
        if side >= _LEAST_SIDE and side * side == pixels:
            squares.append(Shape(side, side, channels))
        for height in range(side - side % _ROUNDEST, max(_LEAST_SIDE, isqrt(pixels // 2)) - 1, -_ROUNDEST):
            if pixels % height == 0 and (width := pixels // height) != height and width % _ROUNDEST == 0:
                others.append(Shape(width, height, channels))
                break
    return [*squares, *others][:_MOST_SIZES]


def raw_as_png(data: bytes, mode: str, size: tuple[int, int]) -> bytes:
    """Raw pixels, row by row, as a PNG. mode: Pillow's, ``L``, ``RGB`` or ``RGBA``; size: width and height."""
    from PIL import Image  # noqa: PLC0415 - few inputs have raw pixels

    png = BytesIO()
    Image.frombytes(mode, size, data).save(png, "PNG")
    return png.getvalue()
