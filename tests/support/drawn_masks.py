"""Masks to read: one counted by hand, and many drawn at random, as pycocotools counts them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite.masks.mask import Mask

# The picture of most tests, and the same as run lengths, counted by hand: columns are .## ### .#. #.. ..#
SHAPE = (
    ".#.#.",
    "###..",
    "##..#",
)
COUNTS = [1, 5, 1, 1, 1, 1, 4, 1]


def drawn(seed: int, longest: int = 64) -> NDArray[np.uint8]:
    """A mask of zeros and ones: noise, discs, stripes, single pixels, rectangles, empty, full; a fifth are lines."""
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, longest + 1, 2))
    if seed % 5 == 0:
        height, width = ((1, width), (height, 1), (1, 1))[seed // 5 % 3]
    y, x = np.mgrid[:height, :width]
    kind = seed % 6
    mask = np.zeros((height, width), bool)
    if kind == 0:
        mask = rng.random((height, width)) < rng.choice([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
    elif kind == 1:
        for _ in range(rng.integers(1, 5)):
            radius = rng.integers(1, max(2, max(height, width) // 2))
            mask ^= (y - rng.integers(0, height)) ** 2 + (x - rng.integers(0, width)) ** 2 < radius**2
    elif kind == 2:
        mask = (y * rng.integers(0, 2) + x * rng.integers(0, 2)) // rng.integers(1, 5) % 2 == 0
    elif kind == 3:
        mask[rng.integers(0, height), rng.integers(0, width)] = True
        mask ^= bool(rng.integers(0, 2))
    elif kind == 4:
        for _ in range(rng.integers(1, 6)):
            top, left, tall, wide = rng.integers((0, 0, 1, 1), (height, width, 20, 20))
            mask[top : top + tall, left : left + wide] ^= True
    else:
        mask ^= bool(seed // 6 % 2)
    return mask.astype(np.uint8)


def encoded(mask: NDArray[np.uint8]) -> Any:
    """What pycocotools makes of a mask."""
    return pycoco.encode(np.asfortranarray(mask))


def counted(mask: NDArray[np.uint8]) -> list[int]:
    """Run lengths by their definition, pixel after pixel."""
    counts, value = [0], 0
    for pixel in mask.T.ravel().tolist():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return counts


def mask_of(pixels: NDArray[np.uint8]) -> Mask:
    height, width = pixels.shape
    return Mask(height, width, counted(pixels))
