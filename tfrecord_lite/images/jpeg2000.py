"""JPEG 2000: what a decoder will have to hold. The header is read by Pillow. Source: ITU-T T.800, annex A.5.1."""

from __future__ import annotations

import struct

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import Decodable, ImageInfo

_START = b"\xff\x4f\xff\x51"  # SOC and SIZ
_SIZ = struct.Struct(">HH8IH")  # length, capabilities; sizes and offsets of image, then of tiles; components
_HELD_A_TILE = 6 << 10  # bytes that OpenJPEG keeps for each tile, and again a quarter of it for each component of one


def decodable(data: Buffer, info: ImageInfo) -> Decodable:
    """The image as it is. struct.error where its header is cut."""
    start = bytes(data).find(_START)
    if start < 0:
        raise IndexError
    siz = _SIZ.unpack_from(data, start + len(_START))
    width, height, _, _, across, down, left, top, components = siz[2:]
    tiles = -(-(width - left) // max(1, across)) * -(-(height - top) // max(1, down))
    return Decodable(data, info.width * info.height, tiles * _HELD_A_TILE * (4 + components) // 4)
