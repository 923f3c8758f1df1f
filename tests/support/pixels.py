"""Pixels -> image files as records hold them, and what COCO holds -> pixels, by Pillow and pycocotools."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]


def saved(picture: Image.Image | NDArray[Any], image_format: str, **options: Any) -> bytes:
    """An image file as Pillow writes it. Options are Pillow's."""
    target = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(target, image_format, **options)
    return target.getvalue()


def as_png(picture: Image.Image | NDArray[Any], **options: Any) -> bytes:
    """The same as a PNG."""
    return saved(picture, "PNG", **options)


def halves(left: int, right: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """A label image of one number on the left and one on the right."""
    rows = np.full((size[1], size[0]), right, np.uint8)
    rows[:, : size[0] // 2] = left
    return as_png(rows)


def decoded(segmentation: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The pixels, 0 and 1, that pycocotools finds in a segmentation of any kind. size: width and height."""
    width, height = size
    if isinstance(segmentation, list):
        rle = pycoco.merge(pycoco.frPyObjects(segmentation, height, width))
    elif isinstance(segmentation["counts"], list):
        rle = pycoco.frPyObjects(segmentation, height, width)
    else:
        rle = segmentation
    pixels: NDArray[np.uint8] = pycoco.decode(rle)
    return pixels


def box_of(mask: NDArray[Any]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 around the foreground, ends exclusive."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
