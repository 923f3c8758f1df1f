"""Records of objects with masks, and the same masks in the COCO file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pixels import as_png, box_of, decoded
from tfrecords import detection, texts

Pixels = NDArray[np.uint8]
SIZE = (64, 48)  # width, height
MASKS = ("coco", "polygon", "rle", "rle-uncompressed")
MASK = "image/object/mask"


def drawn(seed: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A mask of 0 and 1: two overlapping boxes, a hole, and loose pixels, some of them at the border."""
    chance = np.random.default_rng(seed)
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    for value in (1, 1, 0):
        x0, x1 = sorted(chance.integers(0, width + 1, 2).tolist())
        y0, y1 = sorted(chance.integers(0, height + 1, 2).tolist())
        mask[y0:y1, x0:x1] = value
    mask[chance.integers(0, height, 9), chance.integers(0, width, 9)] ^= 1
    mask[0, seed % width] = mask[height - 1, width - 1 - seed % width] = 1
    return mask


MASKS_DRAWN = [drawn(seed) for seed in (1, 2, 3)]


def gray(mask: Pixels, value: int = 255) -> bytes:
    """An 8-bit PNG of 0 and ``value``."""
    return as_png(Image.fromarray(mask * np.uint8(value)))


# A type checker takes the values of **{...} for values of the named arguments too; hence Any for them here.
def record(masks: Sequence[Pixels], name: Any = "a.jpg", **features: bytes) -> dict[str, bytes]:
    """A picture whose objects have these masks, and the boxes around them."""
    height, width = masks[0].shape
    return detection(name, (width, height), [box_of(mask) for mask in masks], **features)


def with_masks(masks: Sequence[Pixels], encode: Any = gray, **more: bytes) -> dict[str, bytes]:
    return record(masks, **{MASK: texts(*map(encode, masks)), **more})


def assert_pixels(done: Any, expected: Sequence[Pixels]) -> None:
    annotations = done.coco["annotations"]
    assert len(annotations) == len(expected)
    for number, (annotation, mask) in enumerate(zip(annotations, expected, strict=True)):
        assert np.array_equal(decoded(annotation["segmentation"], SIZE), mask), number


def kind_of(annotation: dict[str, Any]) -> str:
    segmentation = annotation["segmentation"]
    if isinstance(segmentation, list):
        return "polygon" if segmentation else "none"
    return "rle-uncompressed" if isinstance(segmentation["counts"], list) else "rle"
