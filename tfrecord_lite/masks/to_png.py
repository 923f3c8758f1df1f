"""Run lengths in, a PNG out: one gray byte a pixel, 1 for foreground.

Not 255, which pictures have for white: the Model Garden's decoder takes the values as they are (official/vision/
dataloaders/tf_example_decoder.py, ``_decode_masks``), and what its own writer makes is 0 and 1. Not one bit a pixel,
which ``tf.io.decode_png`` stretches to 255.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

from tfrecord_lite.masks.mask import Mask

_LEVEL = 1  # of deflate: long runs of one value are small anyway, and the others take up to four times as long
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def mask_png(mask: Mask) -> bytes:
    """A mask as a PNG whose rows are not filtered: Pillow tries five filters on each, none of which helps here.

    Source: https://www.w3.org/TR/png-3/, 11.2 (chunks) and 9.2 (each row is preceded by the number of its filter).
    """
    rows = Image.new("L", (mask.width + 1, mask.height))  # the first column is that number, 0 for none
    draw_mask(mask, rows, 1, left=1)
    header = struct.pack(">IIBBBBB", mask.width, mask.height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)), (b"IEND", b""))
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
        for kind, data in chunks
    )


def draw_mask(mask: Mask, picture: Image.Image, value: int, left: int = 0) -> bool:
    """Sets the foreground of a mask to a value, in a gray picture. Whether anything was there already.

    left: where the mask begins in the picture.
    """
    x, y, width, height = mask.bbox
    if not width:
        return False
    columns = _columns(mask, x, x + width)
    stencil = Image.frombytes("L", (mask.height, width), columns).transpose(Image.Transpose.TRANSPOSE)
    stencil = stencil.crop((0, y, width, y + height))
    place = (left + x, y, left + x + width, y + height)
    before = picture.crop(place)
    ours = Image.new("L", stencil.size)
    ours.paste(before, (0, 0), stencil)
    picture.paste(value, place, stencil)
    return ours.getbbox() is not None


def as_png(picture: Image.Image) -> bytes:
    """A picture as PNG."""
    png = BytesIO()
    picture.save(png, "PNG", compress_level=_LEVEL)
    return png.getvalue()


def _columns(mask: Mask, first: int, end: int) -> bytes:
    """The pixels of some columns, one after the other: 255 for foreground. Nothing is in the columns outside."""
    counts = list(mask.counts)
    if not len(counts) % 2:
        counts.append(0)  # so that the last one is background
    counts[0] -= first * mask.height
    counts[-1] -= (mask.width - end) * mask.height
    kinds = (b"\0", b"\xff")
    return b"".join([kinds[number & 1] * count for number, count in enumerate(counts)])
