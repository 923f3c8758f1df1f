"""First bytes -> the format of an encoded image: the magic numbers, which the whole package has from here.

Sources: the specifications that the readers of these formats name. A BMP differs from other bytes that start with "BM"
by the size of its second header; an AVIF is known by its brands (ISO/IEC 14496-12, ``ftyp``).
"""

from __future__ import annotations

import re

from tfrecord_lite.images.buffer import Buffer

HEAD_SIZE = 64
"""Bytes that are enough to recognise any format."""

_STARTS = {
    "jpeg": rb"\xff\xd8\xff",
    "png": rb"\x89PNG\r\n\x1a\n",
    "gif": rb"GIF8[79]a",
    "webp": rb"RIFF.{4}WEBP",
    "bmp": rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0",
    "tiff": rb"II[*+]\0|MM\0[*+]",  # with +: BigTIFF
    "ppm": rb"P[1-6Ff][\s#]",
    "jpeg2000": rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n",
    "avif": rb".{4}ftyp(?:.{8}(?:.{4}){0,7})?avi[fs]",
}
_ANY = re.compile(b"|".join(b"(?P<%b>%b)" % (name.encode(), start) for name, start in _STARTS.items()), re.DOTALL)
_CUT = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF", b"BM")
_CUT_SIZES = {b"RIFF": 12, b"BM": 18}  # bytes that these formats are recognised by


def image_format(head: Buffer) -> str | None:
    """The format of an encoded image that starts with these bytes, such as ``jpeg``; None where none does.

    It is one of jpeg, png, gif, webp, bmp, tiff, ppm, jpeg2000 and avif.
    """
    match = _ANY.match(head[:HEAD_SIZE])
    return match.lastgroup if match else None


def is_cut_signature(data: bytes) -> bool:
    """Whether these bytes, which are all that there are, end before it is certain which image they start."""
    return any(
        start.startswith(data) or (data.startswith(start) and len(data) < _CUT_SIZES.get(start, 0)) for start in _CUT
    )
