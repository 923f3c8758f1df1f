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
_KEY = "panoptic"
_RUN = re.compile(rb"\xff+")


def segment_masks(panoptic: Panoptic, where: Location) -> Iterator[tuple[Segment, Mask]]:
    """The mask of each segment, the largest first; nothing where the image cannot be decoded."""
    try:
        info = read_image_info(panoptic.png, where, _KEY)
        image = decoded_image(panoptic.png, info, where, _KEY).convert("RGB")
    except FeatureError:
        return
    channels = image.split()
    for segment in sorted(panoptic.segments, key=lambda each: -each.area)[:_MOST_SEGMENTS]:
        digits = (segment.number & 0xFF, segment.number >> 8 & 0xFF, segment.number >> 16)
        here = Image.new("L", image.size, 255)
        for channel, digit in zip(channels, digits, strict=True):
            here = ImageChops.darker(here, channel.point([255 * (value == digit) for value in range(256)]))
        yield segment, _mask(here)


def _mask(picture: Image.Image) -> Mask:
    """The mask whose foreground is 255."""
    columns = picture.transpose(Image.Transpose.TRANSPOSE).tobytes()
    counts: list[int] = []
    end = 0
    for run in _RUN.finditer(columns):
        counts += (run.start() - end, run.end() - run.start())
        end = run.end()
    if end < len(columns):
        counts.append(len(columns) - end)
    return Mask(picture.height, picture.width, counts)
