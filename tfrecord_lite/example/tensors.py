"""What ``tf.io.serialize_tensor`` wrote into a bytes feature -> its shape and its numbers, as plain features.

Scripts store arrays so because a feature only holds a list. Source: tensorflow/core/framework/tensor.proto (dtype is
field 1, the shape field 2, the bytes of the array field 4, texts field 8), types.proto, tensor_shape.proto; the
operation writes the bytes of the array, little endian, in row-major order (core/kernels/serialize_tensor_op.cc).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tfrecord_lite.example.example import Example
from tfrecord_lite.example.wire import read_varint
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.raw import CHANNELS

_CODES = {1: "f", 2: "d", 3: "i", 4: "B", 5: "h", 6: "b", 9: "q", 10: "?", 17: "H", 19: "e", 22: "I", 23: "Q"}
_TEXTS = 7  # dtype of strings
_MOST_DIMENSIONS = 8
_LONGEST_SHAPE = 256  # bytes
_LEAST_SIDE = 8  # pixels of a picture, which is no list of objects and stays raw pixels


class Tensor(NamedTuple):
    """An array.

    code: type of its numbers in Python's struct module; ``s`` for texts. shape: its dimensions.
    data: the bytes of the numbers; texts: where it holds texts.
    """

    code: str
    shape: tuple[int, ...]
    data: Buffer
    texts: tuple[bytes, ...] = ()

    def values(self) -> list[bytes] | list[float] | list[int]:
        """All values, row by row."""
        if self.code == "s":
            return list(self.texts)
        count = len(self.data) // struct.calcsize(f"<{self.code}")
        values = struct.unpack(f"<{count}{self.code}", self.data)
        return list(map(int, values)) if self.code == "?" else list(values)


def parse_tensor(data: Buffer) -> Tensor | None:
    """The tensor in the bytes; None where they are not one. Its size must be that of its shape to the byte."""
    if len(data) < 4 or data[0] != 0x08 or data[1] > 0x7F or data[2] != 0x12:
        return None  # the fields in the order of their numbers, as every writer has them
    try:
        return _parsed(data)
    except (IndexError, ValueError):
        return None


def _parsed(data: Buffer) -> Tensor | None:
    dtype = data[1]
    shape: tuple[int, ...] = ()
    content = data[:0]
    texts: list[bytes] = []
    for field, value in _fields(data, 2):
        if field == 2 and len(value) <= _LONGEST_SHAPE:
            shape = _shape(value)
        elif field == 4:
            content = value
        elif field == 8 and dtype == _TEXTS:
            texts.append(bytes(value))
        else:
            return None
    count = 1
    for size in shape:
        count *= size
    if dtype == _TEXTS:
        return Tensor("s", shape, b"", tuple(texts)) if len(texts) == count else None
    code = _CODES.get(dtype)
    if code is None or len(content) != count * struct.calcsize(f"<{code}"):
        return None
    return Tensor(code, shape, content)


def _shape(data: Buffer) -> tuple[int, ...]:
    """The dimensions. ValueError where they are not all known."""
    sizes: list[int] = []
    for field, dimension in _fields(data, 0):
        if field != 2 or len(sizes) >= _MOST_DIMENSIONS:
            raise ValueError
        sizes.append(read_varint(bytes(dimension), 1)[0] if dimension and dimension[0] == 0x08 else 0)
    return tuple(sizes)


def _fields(data: Buffer, at: int) -> Iterator[tuple[int, Buffer]]:
    """Number and content of each field of a length from ``at`` on. ValueError where there is another kind of field."""
    while at < len(data):
        tag = data[at]
        if tag & 7 != 2 or tag > 0x7F:
            raise ValueError
        head = bytes(data[at + 1 : at + 11])
        length, used = read_varint(head, 0)
        start = at + 1 + used
        if start + length > len(data):
            raise ValueError
        yield tag >> 3, data[start : start + length]
        at = start + length


def find_tensors(example: Example) -> frozenset[str]:
    """The keys of a record that hold an array of numbers or texts."""
    return frozenset(key for key in example if _tensor(example, key) is not None)


def with_tensors(example: Example, keys: Iterable[str]) -> Example:
    """The record with these arrays as plain features."""
    found = {key: tensor for key in keys if (tensor := _tensor(example, key)) is not None}
    return example.with_features({key: tensor.values() for key, tensor in found.items()}) if found else example


def _tensor(example: Example, key: str) -> Tensor | None:
    """The array under a key, where it is one and not a picture."""
    if example.kind(key) != "bytes" or example.count(key) != 1:
        return None
    tensor = parse_tensor(example.buffers(key)[0])
    return None if tensor is None or _is_raster(tensor.shape) else tensor


def _is_raster(shape: tuple[int, ...]) -> bool:
    """Whether an array of this shape is rows of pixels, with or without channels after them."""
    sides = shape[:-1] if len(shape) == 3 and shape[-1] in CHANNELS else shape
    return len(sides) > 1 and min(sides[-2:]) >= _LEAST_SIDE
