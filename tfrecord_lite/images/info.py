"""What the header of an encoded image says, as a plain value, and what an Exif block says of its orientation."""

from __future__ import annotations

import contextlib
import struct
from typing import NamedTuple

from tfrecord_lite.images.buffer import Buffer

MOST_PARTS = 100_000  # segments, chunks or blocks that one header may have: 25 MB of GIF data, 6 GB of JPEG segments
LONGEST_EXIF = 1 << 16  # bytes of an Exif block that are looked at: a JPEG cannot hold more
_ORIENTATION = 0x0112  # Exif 2.3, section 4.6.4


class ImageInfo(NamedTuple):
    """What the header of an encoded image says.

    format: a key of ``header.EXTENSIONS_OF``, such as ``jpeg``.
    width, height: in pixels as stored, at least 1; orientation is not applied.
    orientation: Exif orientation, 1 to 8; 1 where there is none or it is not one of these.
    animated: whether there is more than one frame (or page, of a TIFF).
    complete: whether the bytes reach as far as the format says they must. False means cut off; True does not mean that
        the image can be decoded. True also where only decoding would show it (PPM, JPEG 2000, AVIF).
    """

    format: str
    width: int
    height: int
    orientation: int
    animated: bool
    complete: bool


class NoImageError(Exception):
    """The bytes are not a usable image; the text says why."""


def orientation_in(exif: bytes) -> int:
    """The orientation in an Exif block, which is a TIFF header and a directory of entries of 12 bytes; else 1."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    with contextlib.suppress(struct.error):  # the block may end inside the directory
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(f"{order}HH", exif, entry)
            if tag == _ORIENTATION:
                (value,) = struct.unpack_from(f"{order}{'I' if kind == 4 else 'H'}", exif, entry + 8)
                return known_orientation(value)
    return 1


def known_orientation(value: int) -> int:
    """An orientation that Exif knows; 1, which turns nothing, for any other number."""
    return value if 1 <= value <= 8 else 1


class Decodable(NamedTuple):
    """An encoded image as a decoder is to get it, and what that will cost, as far as the bytes show it.

    data: the first image with nothing but what decoding needs: no texts, profiles, previews or further frames, which
        decoders would unpack, copy or follow.
    pixels: how many are decoded: those of the image, and of tiles that reach beyond it.
    held: bytes of memory that the decoder takes beside the pixels themselves.
    scans: how often it goes over the image.
    metadata: bytes of tags that it unpacks.
    """

    data: Buffer
    pixels: int
    held: int = 0
    scans: int = 1
    metadata: int = 0
