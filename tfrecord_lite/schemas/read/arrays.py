"""Masks and label images as the bytes of an array: of any type of number, which their length shows."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.example.tensors import parse_tensor
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.raw import raw_as_png
from tfrecord_lite.images.signatures import image_format

_FLOATS = {4: "f", 8: "d"}
_ONES = {4: (0x80, 0x3F), 8: (0xF0, 0x3F)}  # the last two bytes of 1.0; all others are 0
_SIZES = (1, 2, 4, 8)  # bytes of a number
_LARGEST_LABEL = 0xFFFF  # the largest value of a pixel in a PNG


def array_bytes(data: Buffer) -> Buffer:
    """The bytes of an array, also where ``tf.io.serialize_tensor`` wrote its shape before them."""
    tensor = parse_tensor(data)
    return data if tensor is None else tensor.data


def is_array(data: Buffer, numbers: int) -> bool:
    """Whether bytes are an array of so many numbers, and not an encoded image of that length by chance."""
    return numbers > 0 and _size_of_number(data, numbers) is not None and image_format(data) is None


def are_masks(data: Buffer, numbers: int) -> bool:
    """Whether bytes are an array of so many numbers that are masks: 0 and one of 1 to 255; of floats, 0 and 1.

    Without that, twice as many masks of bytes would pass for masks of numbers twice as wide.
    """
    size = _size_of_number(data, numbers)
    if size is None or numbers == 0 or image_format(data) is not None:
        return False
    plain = bytes(data)
    planes = [plain[place::size] for place in range(size)]
    if not any(plane.strip(b"\0") for plane in planes[1:]):
        return True
    if size not in _ONES or any(plane.strip(b"\0") for plane in planes[:-2]):
        return False
    low, high = _ONES[size]
    return planes[-1].count(0) + planes[-1].count(high) == numbers and (
        planes[-2] == planes[-1].replace(bytes((high,)), bytes((low,)))
    )


def mask_planes(data: Buffer, masks: int, pixels: int) -> Iterator[bytes]:
    """The masks of an array one after the other, a byte a pixel: 0 where the number is 0."""
    size = _size_of_number(data, masks * pixels) or 1
    for start in range(0, len(data), size * pixels):
        plane = bytes(data[start : start + size * pixels])
        if size == 1:
            yield plane
            continue
        # A number is 0 where all its bytes are: its bytes are or-ed, those of all pixels at once as one large integer.
        joined = 0
        for place in range(size):
            joined |= int.from_bytes(plane[place::size], "little")
        yield joined.to_bytes(pixels, "little")


def label_png(data: Buffer, size: tuple[int, int], where: Location, key: str) -> bytes:
    """A label image as an array of width x height numbers, as a PNG.

    Raises:
        FeatureError: a number is not that of a class: negative, beyond 65535, or a fraction.
    """
    pixels = size[0] * size[1]
    width = _size_of_number(data, pixels) or 1
    plain = bytes(data)
    if width == 1:
        return raw_as_png(plain, "L", size)
    if any(plain[place::width].strip(b"\0") for place in range(2, width)):
        plain, width = _from_floats(plain, width, where, key), 2
    pairs = bytearray(2 * pixels)
    pairs[0::2], pairs[1::2] = plain[0::width], plain[1::width]
    return raw_as_png(bytes(pairs), "I;16", size)


def _from_floats(data: bytes, width: int, where: Location, key: str) -> bytes:
    """Floats that are whole numbers, as numbers of 16 bits."""
    values = struct.unpack(f"<{len(data) // width}{_FLOATS[width]}", data)
    if not all(0 <= value <= _LARGEST_LABEL and value == int(value) for value in values):
        problem = f"an array of numbers of {width} bytes, expected class numbers from 0 to {_LARGEST_LABEL}"
        raise FeatureError(where, key, problem)
    return struct.pack(f"<{len(values)}H", *map(int, values))


def _size_of_number(data: Buffer, numbers: int) -> int | None:
    """Bytes of a number, by the length of the array; None where it has another number of them."""
    return next((size for size in _SIZES if len(data) == size * numbers), None)
