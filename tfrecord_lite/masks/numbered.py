"""Panoptic images in COCO's encoding: runs of pixels with one number, R + 256 G + 65536 B."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from tfrecord_lite.masks.from_pixels import equal_runs


def number_runs(image: Image.Image) -> Iterator[tuple[int, int]]:
    """Number and length of each run of equal pixels of a colour image, row by row. None goes on in the next row."""
    width, height = image.size
    red, green, blue = planes = [channel.tobytes() for channel in image.split()]
    even_and_odd = ((bytes(width) + b"\1" * width) * height)[: width * height]  # so that rows differ
    place = 0
    for length in equal_runs((*planes, even_and_odd), image.size):
        yield red[place] | green[place] << 8 | blue[place] << 16, length
        place += length
