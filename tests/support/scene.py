"""The picture of the tests of schemas: its size, a cat and a dog in it, and rectangles of whole pixels."""

from __future__ import annotations

from PIL import Image
from tfrecords import Box

WIDTH, HEIGHT = 64, 48
CAT, DOG = (4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0)


def whole(box: Box) -> tuple[int, int, int, int]:
    """A box of whole pixels as Pillow takes it."""
    x0, y0, x1, y1 = map(int, box)
    return x0, y0, x1, y1


def painted(box: Box, value: int = 1, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A gray picture of 0 with one rectangle of whole pixels."""
    picture = Image.new("L", size)
    picture.paste(value, whole(box))
    return picture
