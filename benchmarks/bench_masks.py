"""From an encoded mask to its COCO run lengths: tfrecord_lite against Pillow + numpy + pycocotools.

    python benchmarks/bench_masks.py [--rounds 30]

Both sides get the bytes of a PNG and give the compressed string, the area and the box. The results are compared first;
then both are timed in turn, and the table shows medians. A ratio above 1 means that tfrecord_lite is faster.
"""

from __future__ import annotations

import io
import math
import random
import sys
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np
import PIL
from harness import arguments, print_results, table, timed
from PIL import Image, ImageChops, ImageDraw
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite.errors import Location
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks import rle
from tfrecord_lite.masks.from_pixels import mask_from_image
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import trace

Result = tuple[str, int, list[float]]

SIZES = {"640x480": (640, 480), "1920x1080": (1920, 1080)}
WHERE = Location("benchmark", 0, 0)
KEY = "image/object/mask"


def read(data: bytes) -> Mask:
    return mask_from_image(data, read_image_info(data, WHERE, KEY), WHERE, KEY)


def ours(data: bytes) -> Result:
    mask = read(data)
    return rle.compress(mask.counts), mask.area, [float(side) for side in mask.bbox]


def theirs(data: bytes) -> Result:
    pixels = np.asfortranarray(np.asarray(Image.open(io.BytesIO(data))) > 0).view(np.uint8)
    encoded = pycoco.encode(pixels)
    return encoded["counts"].decode(), int(pycoco.area(encoded)), pycoco.toBbox(encoded).tolist()


def blob(width: int, height: int, share: float) -> Image.Image:
    """One object with a wavy outline that covers this share of the image."""
    image = Image.new("L", (width, height))
    radius = math.sqrt(share * width * height / math.pi)
    outline = []
    for step in range(200):
        angle = math.tau * step / 200
        reach = radius * (1 + 0.15 * math.sin(3 * angle) + 0.03 * math.sin(17 * angle))
        outline.append((width * 0.45 + reach * math.cos(angle), height * 0.55 + reach * math.sin(angle)))
    ImageDraw.Draw(image).polygon(outline, fill=255)
    return image


def ellipses(width: int, height: int, count: int) -> Image.Image:
    """A crowd: many ellipses, all in one mask."""
    rng = random.Random(count)
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y, wide, tall = rng.randrange(width), rng.randrange(height), rng.randrange(4, width // 20), height // 30
        draw.ellipse((x - wide, y - tall, x + wide, y + tall), fill=255)
    return image


def noise(width: int, height: int) -> Image.Image:
    """Every pixel by chance: more runs than any object has."""
    return Image.frombytes("L", (width, height), bytes(random.Random(0).choices((0, 255), k=width * height)))


PICTURES: dict[str, Callable[[int, int], Image.Image]] = {
    "empty": lambda width, height: Image.new("L", (width, height)),
    "full": lambda width, height: Image.new("L", (width, height), 255),
    "object, 0.1 %": lambda width, height: blob(width, height, 0.001),
    "object, 1 %": lambda width, height: blob(width, height, 0.01),
    "object, 10 %": lambda width, height: blob(width, height, 0.1),
    "object, 40 %": lambda width, height: blob(width, height, 0.4),
    "all but 10 %": lambda width, height: ImageChops.invert(blob(width, height, 0.1)),
    "30 ellipses": lambda width, height: ellipses(width, height, 30),
    "300 ellipses": lambda width, height: ellipses(width, height, 300),
    "noise": noise,
}


def main() -> None:
    options = arguments(__doc__, rounds=30).parse_args()
    rows, ordinary = [], []
    for size, (width, height) in SIZES.items():
        for name, picture in PICTURES.items():
            for mode, bits in (("L", "8-bit"), ("1", "1-bit")):
                file = io.BytesIO()
                picture(width, height).convert(mode, dither=Image.Dither.NONE).save(file, "PNG")
                data = file.getvalue()
                if ours(data) != theirs(data):
                    sys.exit(f"{name}, {size}, {bits}: the results differ")
                mask = read(data)
                steps = [timed(partial(ours, data)), timed(partial(theirs, data)), timed(partial(trace, mask))]
                rounds = [[step() for step in steps] for _ in range(options.rounds)]
                mine, other, traced = (1e3 * median(taken) for taken in zip(*rounds, strict=True))
                if len(mask.counts) < 1000:
                    ordinary.append(other / mine)
                numbers = (f"{mine:.3f}", f"{other:.3f}", f"{other / mine:.2f}", f"{traced:.3f}")
                rows.append((f"{name}, {size}, {bits}", str(len(mask.counts)), *numbers))
    head = ("mask", "runs", "ours, ms", "theirs, ms", "ratio", "polygon, ms")
    summary = f"Masks of fewer than 1,000 runs: {min(ordinary):.2f} to {max(ordinary):.2f} times as fast."
    versions = f"Pillow {PIL.__version__}, numpy {np.__version__}"
    print_results(table(head, rows), summary, note=f"{versions}, medians of {options.rounds} rounds")


if __name__ == "__main__":
    main()
