"""Arrays that ``tf.io.serialize_tensor`` wrote into bytes -> plain features.

Pictures and masks stay raw pixels: their last dimensions are too large for a list of objects.
"""

from __future__ import annotations

from collections.abc import Iterable

from tfrecord_lite.example.example import Example
from tfrecord_lite.example.tensors import Tensor, parse_tensor
from tfrecord_lite.images.raw_shapes import CHANNELS

_LEAST_SIDE = 8  # pixels


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
