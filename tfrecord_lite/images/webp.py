"""WebP: the header. Source: RFC 9649."""

from __future__ import annotations

import struct

from tfrecord_lite.errors import quoted
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import LONGEST_EXIF, MOST_PARTS, ImageInfo, NoImageError, orientation_in


def read(data: Buffer) -> ImageInfo:
    """VP8, VP8L, or VP8X and what it announces."""
    riff_size, kind = struct.unpack_from("<I4x4s", data, 4)
    flags, orientation = 0, 1
    if kind == b"VP8 ":
        tag, start, width, height = struct.unpack_from("<3s3sHH", data, 20)
        if tag[0] & 1 or start != b"\x9d\x01\x2a":
            raise NoImageError("the image is a damaged WebP: its data does not start with a key frame")
        width, height = width & 0x3FFF, height & 0x3FFF  # the upper two bits are a scale for showing it
    elif kind == b"VP8L":
        signature, bits = struct.unpack_from("<BI", data, 20)
        if signature != 0x2F:
            raise NoImageError("the image is a damaged WebP: its lossless data has a wrong signature")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8X":
        flags, _, width, width_high, height, height_high = struct.unpack_from("<B3sHBHB", data, 20)
        width, height = (width | width_high << 16) + 1, (height | height_high << 16) + 1
        orientation = _orientation(data) if flags & 0x08 else 1
    else:
        raise NoImageError(f"the image is a damaged WebP: its first chunk is {quoted(kind)}, expected 'VP8'")
    complete = len(data) >= 8 + riff_size
    return ImageInfo("webp", width, height, orientation, animated=bool(flags & 0x02), complete=complete)


def _orientation(data: Buffer) -> int:
    """The orientation in the EXIF chunk, which comes after the pixels and is reached by the lengths of the chunks."""
    position = 30
    for _ in range(MOST_PARTS):
        if position + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            exif = bytes(data[position + 8 : position + 8 + min(length, LONGEST_EXIF)])
            return orientation_in(exif.removeprefix(b"Exif\0\0"))
        position += 8 + length + (length & 1)  # chunks start at even bytes
    return 1
