"""GIF: the header, and the first frame alone. Source: GIF89a specification."""

from __future__ import annotations

import struct

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import MOST_PARTS, Decodable, ImageInfo, NoImageError

_FRAME, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_CONTROL = 0xF9  # label of the extension that says which colour of the next frame is transparent
_SCREEN_SIZE = 13  # bytes of signature and screen


def read(data: Buffer) -> ImageInfo:
    """The screen, grown to hold the first frame as Pillow does, and whether a second frame follows."""
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = _SCREEN_SIZE + _colours(flags)
    frames, kind, inside = 0, -1, False
    try:
        for _ in range(MOST_PARTS):
            if inside:  # a block of data: its length, then as many bytes; length 0 ends the row of blocks
                length = data[position]
                position += 1 + length
                inside = length > 0
                continue
            kind = data[position]
            if kind == _FRAME and not frames:  # a frame: its place, its colours, the code size of its data
                left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, position + 1)
                width, height = max(width, left + frame_width), max(height, top + frame_height)
                position += 11 + _colours(flags)
                frames = 1
            elif kind == _EXTENSION:  # and its label
                position += 2
            elif kind == 0:  # one zero too many after a row of blocks, as some writers leave it
                position += 1
                continue
            else:
                break
            inside = True
    except IndexError:
        if not frames:
            raise
        return ImageInfo("gif", width, height, 1, animated=False, complete=False)
    if not frames:
        raise NoImageError("the image is a GIF without a frame")
    ends = kind == _END or bytes(data[-64:]).rstrip(b"\0\r\n ").endswith(b"\0;")
    return ImageInfo("gif", width, height, 1, animated=kind == _FRAME and not inside, complete=ends)


def decodable(data: Buffer, info: ImageInfo) -> Decodable:
    """Screen, colours and first frame, without comments and whatever else comes before or after it."""
    flags = data[10]
    position = screen = _SCREEN_SIZE + _colours(flags)
    control: Buffer = b""
    while (kind := data[position]) != _FRAME:
        start = position
        if kind == _EXTENSION:
            position = _after_blocks(data, position + 2)
            if data[start + 1] == _CONTROL:
                control = data[start:position]
        else:
            position += 1
    return Decodable(b"".join((data[:screen], control, data[position:])), info.width * info.height)


def _after_blocks(data: Buffer, position: int) -> int:
    """Where a row of blocks ends that starts here. IndexError where the data ends before."""
    while length := data[position]:
        position += 1 + length
    return position + 1


def _colours(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
