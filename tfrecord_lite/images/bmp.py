"""BMP: the header. Source: BITMAPFILEHEADER and BITMAPINFOHEADER of the Windows GDI reference, and OS/2 1.x."""

from __future__ import annotations

import struct

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import ImageInfo

_INFO = struct.Struct("<iiHHII")  # width, height (negative: top row first), planes, bits, compression, pixel bytes


def read(data: Buffer) -> ImageInfo:
    """The two headers: of the file, and of the image, whose own size says of which system it is."""
    pixels, header = struct.unpack_from("<II", data, 10)
    if header == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        compression = size = 0
    else:
        width, height, _, bits, compression, size = _INFO.unpack_from(data, 18)
        height = abs(height)
    if compression in (0, 3, 6):  # not compressed: rows of whole 32-bit words
        size = (width * bits + 31) // 32 * 4 * height
    return ImageInfo("bmp", width, height, 1, animated=False, complete=len(data) >= pixels + size)
