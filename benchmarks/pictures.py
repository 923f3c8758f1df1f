"""Pictures of a wanted size in bytes, and masks, from a seed: what the records of the corpus hold.

The JPEGs are whole and decode to something like a photograph, coarse shapes under fine grain, so that a program that
decodes and encodes them again does honest work. Their bytes depend on the seed and on Pillow's JPEG library alone.
"""

from __future__ import annotations

import io
import math
import random
from typing import NamedTuple

from PIL import Image, ImageDraw

_BYTES_OF_VGA = 94_000  # of a photograph of 640 x 480: a third of a byte a pixel
_GRAY_BELOW = 4000  # bytes: three channels alone need 600 bytes of tables
_LONGEST_COMMENT = 65_533  # bytes, without marker and length


class Picture(NamedTuple):
    """An encoded picture and its size in pixels."""

    data: bytes
    width: int
    height: int


def draw_pictures(chance: random.Random, count: int, mean_bytes: int) -> list[Picture]:
    """JPEGs between 3/4 and 5/4 of the mean size, landscape and portrait in turn."""
    scale = math.sqrt(mean_bytes / _BYTES_OF_VGA)
    long, short = max(16, round(640 * scale)), max(12, round(480 * scale))
    pictures = []
    for index in range(count):
        size = (long, short) if index % 2 == 0 else (short, long)
        share = 0.75 + (0.5 * index / (count - 1) if count > 1 else 0.25)
        pictures.append(Picture(_jpeg(chance, size, round(share * mean_bytes)), *size))
    return pictures


def numbered(picture: Picture, number: int) -> bytes:
    """The picture with a number in a comment, so that no two records hold the same bytes."""
    return picture.data[:2] + _comment(b"%012d" % number) + picture.data[2:]


def draw_mask(chance: random.Random, size: tuple[int, int], box: tuple[float, float, float, float]) -> bytes:
    """A blob that fills the box (x0, y0, x1, y1 in pixels), 1 on 0, as a PNG of the size of the whole picture."""
    x0, y0, x1, y1 = box
    phase, waves = chance.uniform(0, math.tau), chance.randrange(2, 7)
    outline = []
    for step in range(48):
        angle = math.tau * step / 48
        reach = 0.45 + 0.05 * math.sin(waves * angle + phase)
        x, y = 0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle)
        outline.append((x0 + (x1 - x0) * x, y0 + (y1 - y0) * y))
    image = Image.new("L", size)
    ImageDraw.Draw(image).polygon(outline, fill=1)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _jpeg(chance: random.Random, size: tuple[int, int], length: int) -> bytes:
    """A JPEG of exactly this many bytes: the best quality that fits, and a comment for the rest."""
    mode, channels = ("L", 1) if length < _GRAY_BELOW else ("RGB", 3)
    coarse = (size[0] // 16 + 1, size[1] // 16 + 1)
    shapes = Image.frombytes(mode, coarse, chance.randbytes(coarse[0] * coarse[1] * channels))
    grain = Image.frombytes(mode, size, chance.randbytes(size[0] * size[1] * channels))
    picture = Image.blend(shapes.resize(size, Image.Resampling.BICUBIC), grain, 0.2)
    best, low, high = b"", 1, 95
    while low <= high:
        quality = (low + high) // 2
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        if file.tell() <= length:
            best, low = file.getvalue(), quality + 1
        else:
            high = quality - 1
    if not best:
        raise ValueError(f"no JPEG of {size[0]}x{size[1]} pixels has {length} bytes or fewer: ask for larger images")
    padding = b""
    while (missing := length - len(best) - len(padding)) >= 4:
        padding += _comment(b" " * min(missing - 4, _LONGEST_COMMENT))
    return best[:-2] + padding + best[-2:]


def _comment(text: bytes) -> bytes:
    """A comment segment (ITU-T T.81, B.2.4.5): its length counts itself, not the marker."""
    return b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
