"""The segments of a panoptic image -> the pixels of each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PIL import Image, ImageChops

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Panoptic, Segment

_MOST_SEGMENTS = 400  # of one image
_MOST_PIXELS = 1 << 27  # that are looked at for one image, segment by segment
_KEY = "panoptic"
_RUN = re.compile(rb"\xff+")


def segment_masks(panoptic: Panoptic, where: Location) -> Iterator[tuple[Segment, Mask]]:
    """The mask of each segment, the largest first; nothing where the image cannot be decoded."""
    try:
        info = read_image_info(panoptic.png, where, _KEY)
        image = decoded_image(panoptic.png, info, where, _KEY).convert("RGB")
    except FeatureError:
        return
    left = _MOST_PIXELS
    for segment in sorted(panoptic.segments, key=lambda each: -each.area)[:_MOST_SEGMENTS]:
        x, y, width, height = segment.box
        box = max(0, x), max(0, y), min(image.width, x + width), min(image.height, y + height)
        left -= image.width * image.height
        if left < 0:
            return
        if box[0] < box[2] and box[1] < box[3]:
            yield segment, _mask(image, box, segment.number)


def _mask(image: Image.Image, box: tuple[int, int, int, int], number: int) -> Mask:
    """The pixels in a box that have a number."""
    digits = (number & 0xFF, number >> 8 & 0xFF, number >> 16)
    here = Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)
    for channel, digit in zip(image.crop(box).split(), digits, strict=True):
        here = ImageChops.darker(here, channel.point([255 * (value == digit) for value in range(256)]))
    whole = Image.new("L", image.size)
    whole.paste(here, box)
    columns = whole.transpose(Image.Transpose.TRANSPOSE).tobytes()
    counts: list[int] = []
    end = 0
    for run in _RUN.finditer(columns):
        counts += (run.start() - end, run.end() - run.start())
        end = run.end()
    if end < len(columns):
        counts.append(len(columns) - end)
    return Mask(image.height, image.width, counts)
