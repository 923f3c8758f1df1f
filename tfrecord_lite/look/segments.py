"""The segments of a panoptic image -> the pixels of each."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image, ImageChops

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.from_pixels import mask_of_pixels
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Panoptic, Segment

_MOST_SEGMENTS = 400  # of one image
_MOST_PIXELS = 1 << 27  # that are looked at for one image, segment by segment
_KEY = "panoptic"


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
            try:
                mask = _mask(image, box, segment.number, where)
            except FeatureError:  # noise, of which nothing could be seen
                continue
            yield segment, mask


def _mask(image: Image.Image, box: tuple[int, int, int, int], number: int, where: Location) -> Mask:
    """The pixels in a box that have a number."""
    digits = (number & 0xFF, number >> 8 & 0xFF, number >> 16)
    here = Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)
    for channel, digit in zip(image.crop(box).split(), digits, strict=True):
        here = ImageChops.darker(here, channel.point([255 * (value == digit) for value in range(256)]))
    whole = Image.new("L", image.size)
    whole.paste(here, box)
    return mask_of_pixels(whole, where, _KEY)
