"""Encoded pictures -> digests of their pixels, strip by strip: beside the decoded picture there is no copy of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.sample import Panoptic

if TYPE_CHECKING:
    from PIL.Image import Image

_ROWS = 64  # of a strip
_NUMBERS = 1 << 24  # that three bytes of a pixel can be
_SAME_PIXELS = re.compile(rb"(...)\1*", re.DOTALL)


def picture_digest(data: Buffer, where: Location) -> str | None:
    """A digest of the size and the pixels of a picture, as stored; None where they cannot be decoded."""
    image = _decoded(data, where, "image")
    if image is None:
        return None
    mode = image.mode if image.mode.startswith(("I", "F")) else "RGBA"  # those have more than 8 bits
    digest = blake2b(f"{mode} {image.size}".encode(), digest_size=16)
    for strip in _strips(image, mode):
        digest.update(strip)
    return digest.hexdigest()


def segment_digests(panoptic: Panoptic, where: Location) -> Mapping[int, str]:
    """A digest of the pixels of each segment, by its number; none where they cannot be decoded."""
    image = _decoded(panoptic.png, where, "panoptic") if panoptic.png else None
    if image is None:
        return {}
    numbers = {each.number for each in panoptic.segments if 0 <= each.number < _NUMBERS}
    digests = {number.to_bytes(3, "little"): blake2b(digest_size=8) for number in numbers}
    tell: dict[bytes, Callable[[bytes], None]] = {number: digest.update for number, digest in digests.items()}
    for number, strip in enumerate(_strips(image, "RGB")):
        for run in _SAME_PIXELS.finditer(strip):
            if (update := tell.get(run[1])) is not None:
                update(b"%d-%d-%d " % (number, *run.span()))
    return {int.from_bytes(number, "little"): digest.hexdigest() for number, digest in digests.items()}


def _decoded(data: Buffer, where: Location, key: str) -> Image | None:
    try:
        return decoded_image(data, read_image_info(data, where, key), where, key)
    except FeatureError:
        return None


def _strips(image: Image, mode: str) -> Iterator[bytes]:
    """The pixels of an image from the top on, some rows at a time."""
    width, height = image.size
    for top in range(0, height, _ROWS):
        strip = image.crop((0, top, width, min(height, top + _ROWS)))
        yield (strip if strip.mode == mode else strip.convert(mode)).tobytes()
