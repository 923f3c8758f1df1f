"""Label images: numbers drawn at random, and as records hold them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pixels import as_png
from tfrecords import detection

Numbers = NDArray[np.int64]

SIZE = (40, 30)
SEMANTIC, FORMAT = "image/segmentation/class/encoded", "image/segmentation/class/format"


def gray(numbers: Numbers) -> bytes:
    """A PNG of these values, of 8 bits, or of 16 where they need them."""
    return as_png(Image.fromarray(numbers.astype(np.uint8 if numbers.max() < 256 else np.uint16)))


def raw(numbers: Numbers) -> bytes:
    """DeepLab2's buffer: google-research/deeplab2, data/data_utils.py."""
    return numbers.astype("<i4").tobytes()


def drawn(seed: int, values: Sequence[int], size: tuple[int, int] = SIZE) -> Numbers:
    """Boxes of these values on the first of them, and some loose pixels; each value occurs."""
    chance = np.random.default_rng(seed)
    width, height = size
    numbers = np.full((height, width), values[0], np.int64)
    for value in values[1:]:
        x, y = chance.integers(0, width - 8), chance.integers(0, height - 8)
        numbers[y : y + chance.integers(2, 9), x : x + chance.integers(2, 9)] = value
    numbers[chance.integers(0, height, 20), chance.integers(0, width, 20)] = chance.choice(values, 20)
    for place, value in enumerate(values):
        numbers[height - 1, place] = value
    return numbers


# A type checker takes the values of **{...} for values of the named arguments too; hence Any for them here.
def record(name: Any = "a.jpg", size: Any = SIZE, **features: bytes) -> dict[str, bytes]:
    return detection(name, size, **features)
