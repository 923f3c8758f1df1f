"""Arrays that ``tf.io.serialize_tensor`` wrote into bytes -> plain features.

Those of bytes with two dimensions or more, which are pictures and masks, stay what they are: raw pixels.
"""

from __future__ import annotations

from collections.abc import Iterable

from tfrecord_lite.example.example import Example
from tfrecord_lite.example.tensors import Tensor, parse_tensor


def find_tensors(example: Example) -> frozenset[str]:
    """The keys of a record that hold an array of numbers or texts."""
    return frozenset(key for key in example if _tensor(example, key) is not None)


def with_tensors(example: Example, keys: Iterable[str]) -> Example:
    """The record with these arrays as plain features."""
    found = {key: tensor for key in keys if (tensor := _tensor(example, key)) is not None}
    return example.with_features({key: tensor.values() for key, tensor in found.items()}) if found else example


def _tensor(example: Example, key: str) -> Tensor | None:
    """The array under a key, where it is one and no picture."""
    if example.kind(key) != "bytes" or example.count(key) != 1:
        return None
    tensor = parse_tensor(example.buffers(key)[0])
    return None if tensor is None or (tensor.code == "B" and len(tensor.shape) > 1) else tensor
