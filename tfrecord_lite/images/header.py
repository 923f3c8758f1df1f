"""Encoded image -> its format, size and orientation, from the header alone.

The headers of JPEG, PNG, GIF, BMP, WebP and TIFF are read here, and nothing after them is ever decoded: no profile,
text, tag or pixel bomb can cost time or memory. Rarer formats are left to Pillow, by name, so that no file gets to
choose a decoder that runs other programs (EPS) or unpacks archives (FITS).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from tfrecord_lite.errors import FeatureError, Location, quoted
from tfrecord_lite.images import jpeg, png
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import ImageInfo, NoImageError
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format, is_cut_signature

EXTENSIONS_OF: Mapping[str, tuple[str, ...]] = {
    "jpeg": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "png": (".png", ".apng"),
    "gif": (".gif",),
    "bmp": (".bmp", ".dib"),
    "webp": (".webp",),
    "tiff": (".tif", ".tiff"),
    "ppm": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "jpeg2000": (".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"),
    "avif": (".avif", ".avifs"),
}
"""File name endings that mean a format, lower case with the dot; the first is the one to give."""

IMAGE_EXTENSIONS: frozenset[str] = frozenset(ending for endings in EXTENSIONS_OF.values() for ending in endings)
"""Every known file name ending of an image, lower case with the dot."""

_KNOWN = "JPEG, PNG, GIF, BMP, WebP, TIFF, PPM, JPEG 2000 or AVIF"
_LARGEST_SIDE = 2**31 - 1  # pixels; PNG's limit, and no other format's is higher
_READERS: Mapping[str, Callable[[Buffer], ImageInfo]] = {"jpeg": jpeg.read, "png": png.read}
_GUESSES = (
    (b"%!PS", "an EPS or PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop file"),
    (b"SIMPLE  =", "a FITS file"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"PK\x03\x04", "a zip archive"),
    (b"<", "a web page, SVG or other XML"),
    (b"/9j/", "a JPEG in base64: decode it first"),
    (b"iVBORw0KGgo", "a PNG in base64: decode it first"),
    (b"version https://git-lfs", "a Git LFS pointer"),
    (bytes(8), "zeros"),
)


def read_image_info(data: Buffer, where: Location, key: str) -> ImageInfo:
    """Format, size and orientation of an encoded image, without decoding it.

    Bytes after the end of the image are ignored. The record and the feature that it is from are for messages only.

    Raises:
        FeatureError: the bytes are no image of a known format, end inside the header, or say that it has no size.
    """
    try:
        info = _read_header(data)
        if not (0 < info.width <= _LARGEST_SIDE and 0 < info.height <= _LARGEST_SIDE):
            raise NoImageError(f"the image has a size of {info.width} x {info.height} pixels, expected at least 1 x 1")
    except NoImageError as error:
        raise FeatureError(where, key, str(error)) from None
    except (struct.error, IndexError):  # a read past the last byte
        problem = f"the image ends inside its header, after {len(data)} bytes: it was cut off"
        raise FeatureError(where, key, problem) from None
    return info


def _read_header(data: Buffer) -> ImageInfo:
    """The header, by its first bytes."""
    found = image_format(data)
    if found is not None:
        return _READERS[found](data) if found in _READERS else _read_rarer(data, found)
    head = bytes(data[:HEAD_SIZE])
    if not head:
        raise NoImageError("the image is empty (0 bytes)")
    if is_cut_signature(head):
        raise IndexError  # ends inside its first bytes
    guess = next((kind for start, kind in _GUESSES if head.startswith(start)), "")
    if bytes(data[128:132]) == b"DICM":  # PS3.10, 7.1
        guess = "a DICOM file"
    if not guess and head[4:8] == b"ftyp":
        guess = "HEIC or a video"
    if not guess and head.isascii() and head.decode("ascii").isprintable():
        guess = f"the text {quoted(head)}"
    start = head[:8].hex(" ")
    raise NoImageError(f"the image starts with {start}{f' ({guess}?)' if guess else ''}, expected {_KNOWN}")


def _read_rarer(data: Buffer, found: str) -> ImageInfo:
    """The header of a format that few datasets have: their readers, and Pillow, are imported when one is met."""
    from tfrecord_lite.images import bmp, gif, pillow, tiff, webp  # noqa: PLC0415 - as said above

    readers = {"gif": gif.read, "bmp": bmp.read, "webp": webp.read, "tiff": tiff.read}
    return readers[found](data) if found in readers else pillow.read(data, found)
