"""JPEG: the header, the image without its metadata, and what a decoder will have to hold.

Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
import struct
from itertools import takewhile

from tfrecord_lite.images.buffer import Buffer, last_index
from tfrecord_lite.images.info import MOST_PARTS, Decodable, ImageInfo, NoImageError, orientation_in

_MARKER = re.compile(rb"\xff([^\x00\xff])")  # skips fill bytes and stray bytes before a marker, as libjpeg does
_SCAN = re.compile(rb"\xff\xda")
_SCAN_OR_END = re.compile(rb"\xff[\xda\xd9]")  # neither occurs inside a scan
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15; not DHT, JPG, DAC
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0 to RST7, SOI: markers without a length
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})  # DHT, DAC, DQT, DNL, DRI: what decoding needs
_APP0, _APP14 = 0xE0, 0xEE  # JFIF and Adobe: which colours the components are
_LONGEST_COLOURS = 64  # bytes of those two, without a thumbnail
_FRAME = struct.Struct(">HBHHB")  # length, bits a sample, height, width, components


def read(data: Buffer) -> ImageInfo:  # noqa: C901 - one branch a kind of segment
    """The segments up to the frame header (SOFn)."""
    position, orientation = 2, 1
    for _ in range(MOST_PARTS):
        code = data[position + 1]
        if data[position] == 0xFF and 0 < code < 0xFF:
            position += 2
        else:
            marker = _MARKER.search(data, position)
            if marker is None:
                raise IndexError
            position = marker.end()
            code = data[position - 1]
        if code in _BARE:
            continue
        if code in (0xD9, 0xDA):  # the image ends or its scan begins
            break
        length = data[position] << 8 | data[position + 1]
        if code in _FRAMES:
            _, _, height, width, components = _FRAME.unpack_from(data, position)
            if length != 8 + 3 * components:
                break
            if not height:
                raise NoImageError("the image is a JPEG that gives its height only after its pixels (DNL)")
            scan = _SCAN.search(data, position + length)
            complete = scan is not None and last_index(data, b"\xff\xd9", scan.end()) >= 0  # a scan holds no FF D9
            return ImageInfo("jpeg", width, height, orientation, False, complete)
        if length < 2:
            break
        if code == 0xE1 and orientation == 1 and data[position + 2 : position + 8] == b"Exif\0\0":
            orientation = orientation_in(bytes(data[position + 8 : position + length]))
        position += length
    raise NoImageError("the image is a damaged JPEG: no valid frame header comes before its pixels")


def decodable(data: Buffer, info: ImageInfo) -> Decodable:
    """The image without profiles, comments, Exif and thumbnails. IndexError where it ends before its first scan.

    Where a scan is of a part of the coefficients only, the decoder holds all of them, in 2 bytes each.
    """
    pieces: list[Buffer] = [data[:2]]
    position, frame, components = 2, 0, 1
    while True:
        marker = _MARKER.search(data, position)
        if marker is None:
            raise IndexError
        start, position = marker.end() - 2, marker.end()
        code = data[position - 1]
        if code in _BARE:
            continue
        end = position + (data[position] << 8 | data[position + 1])
        if code == 0xDA:
            break
        if code in _FRAMES and not frame:
            frame, components = code, data[position + 7]
            pieces.append(data[start:end])
        elif code in _TABLES or (code in (_APP0, _APP14) and end - start <= _LONGEST_COLOURS):
            pieces.append(data[start:end])
        position = end
    kept = sum(map(len, pieces))
    is_held = frame in _PROGRESSIVE or data[position + 2] < components
    scans = sum(1 for _ in takewhile(lambda found: found[0] == b"\xff\xda", _SCAN_OR_END.finditer(data, start)))
    pieces.append(data[start:])
    bare = data if kept == start else b"".join(pieces)
    pixels = info.width * info.height
    return Decodable(bare, pixels, 2 * components * pixels if is_held else 0, scans)
