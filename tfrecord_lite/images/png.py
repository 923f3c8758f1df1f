"""PNG: the header, and the image without its metadata. Source: W3C PNG, third edition."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tfrecord_lite.errors import quoted
from tfrecord_lite.images.buffer import Buffer, last_index
from tfrecord_lite.images.info import LONGEST_EXIF, MOST_PARTS, Decodable, ImageInfo, NoImageError, orientation_in

DEPTH = 24
"""Which byte of a PNG has the bits of a sample: the third field of IHDR."""
_SIGNATURE_SIZE = 8
_HEADER = struct.Struct(">I4sIIBBBBBI")  # length 13, "IHDR", width, height, depth, colour, three methods, CRC
_END = b"IEND\xaeB`\x82"  # type and CRC of the last chunk, which is empty
_CHUNK = struct.Struct(">I4s")
_CHUNK_OVERHEAD = 12  # bytes of a chunk beside its content: length, type, CRC
_NEEDED = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def read(data: Buffer) -> ImageInfo:
    """IHDR, then the chunks up to the first IDAT."""
    length, kind, width, height, *_ = _HEADER.unpack_from(data, _SIGNATURE_SIZE)
    if (length, kind) != (13, b"IHDR"):
        raise NoImageError(f"the image is a damaged PNG: its first chunk is {quoted(kind)}, expected 'IHDR'")
    position, orientation, animated = 33, 1, False
    for _ in range(MOST_PARTS):
        if position + 8 > len(data):
            break
        length, kind = _CHUNK.unpack_from(data, position)
        if kind == b"IDAT":
            break
        if kind == b"acTL":
            animated = bytes(data[position + 8 : position + 12]) > b"\0\0\0\1"  # number of frames
        elif kind == b"eXIf":
            orientation = orientation_in(bytes(data[position + 8 : position + 8 + min(length, LONGEST_EXIF)]))
        position += _CHUNK_OVERHEAD + length
    complete = last_index(data, _END, position) >= 0
    return ImageInfo("png", width, height, orientation, animated, complete)


def decodable(data: Buffer, info: ImageInfo) -> Decodable:
    """The image with nothing but the chunks that decoding needs: no texts, profiles, or frames of an animation."""
    if all(kind in _NEEDED for kind, _, _ in _chunks(data)):
        return Decodable(data, info.width * info.height)
    needed = [data[start:end] for kind, start, end in _chunks(data) if kind in _NEEDED]
    return Decodable(b"".join((data[:_SIGNATURE_SIZE], *needed)), info.width * info.height)


def _chunks(data: Buffer) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each chunk to the last of the image; the end may lie beyond the data."""
    position, kind = _SIGNATURE_SIZE, b""
    while position + 8 <= len(data) and kind != b"IEND":
        start = position
        length, kind = _CHUNK.unpack_from(data, start)
        position += _CHUNK_OVERHEAD + length
        yield kind, start, position
