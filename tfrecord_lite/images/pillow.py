"""Pillow, kept silent and asked for one format by name: headers of rare formats, and images that are ready to decode.

Its plugins are called directly. ``Image.open`` would try others that a file asks for, and warns of sizes that are fine
here or refuses them; what may be decoded is decided in ``decode``.
"""

from __future__ import annotations

import contextlib
import importlib
import re
import struct
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from tfrecord_lite.errors import printable
from tfrecord_lite.images.buffer import Buffer, ViewFile
from tfrecord_lite.images.info import Decodable, ImageInfo, NoImageError, orientation_in

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_PLUGINS = {  # format -> module and class of Pillow
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "ppm": ("PIL.PpmImagePlugin", "PpmImageFile"),
    "jpeg2000": ("PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
}
_EXIF_ITEM = re.compile(rb"(?:(?<=infe.{8})|(?<=infe.{10}))Exif", re.DOTALL)  # ISO/IEC 14496-12: a box, its item type
_HELD_A_TILE = 6 << 10  # bytes that OpenJPEG keeps for each tile, and again a quarter of it for each component of one


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep Pillow from writing to the terminal: its errors are reported by us, once.

    Python's filters of warnings apply to the whole process, until 3.14: warnings of other threads are lost meanwhile,
    which is better than a library that writes into the middle of an output.
    """
    import logging  # noqa: PLC0415 - Pillow imports it, and nothing else does

    log = logging.getLogger("PIL")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # handlers that the application has set still get everything
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def plugin(image_format: str) -> type[ImageFile]:
    """The class that reads a format. ImportError where this Pillow has none."""
    module, name = _PLUGINS[image_format]
    return cast("type[ImageFile]", getattr(importlib.import_module(module), name))


def read(data: Buffer, image_format: str) -> ImageInfo:
    """The header of a rare format: PPM, JPEG 2000 or AVIF."""
    try:
        with silence():
            bare = _without_exif(data) if image_format == "avif" else data
            image = plugin(image_format)(cast("BinaryIO", ViewFile(bare)))
    except Exception as error:  # noqa: BLE001 - on damaged bytes Pillow's plugins raise errors of any kind
        reason = printable(str(error) or type(error).__name__)
        raise NoImageError(f"the image cannot be read as {image_format.upper()}: {reason}") from None
    exif = image.info.get("exif", b"")
    animated = bool(getattr(image, "is_animated", False))
    return ImageInfo(image_format, *image.size, orientation_in(exif.removeprefix(b"Exif\0\0")), animated, complete=True)


def decodable_jpeg2000(data: Buffer, info: ImageInfo) -> Decodable:
    """A JPEG 2000 as it is. Raises struct.error or IndexError where its header is cut.

    Source: ITU-T T.800, annex A.5.1: length, capabilities; sizes and offsets of image, then of tiles; components.
    """
    start = bytes(data).find(b"\xff\x4f\xff\x51")  # SOC and SIZ
    if start < 0:
        raise IndexError
    _, _, width, height, _, _, across, down, left, top, components = struct.unpack_from(">HH8IH", data, start + 4)
    tiles = -(-(width - left) // max(1, across)) * -(-(height - top) // max(1, down))
    return Decodable(data, info.width * info.height, tiles * _HELD_A_TILE * (4 + components) // 4)


def decodable_avif(data: Buffer, info: ImageInfo) -> Decodable:
    """An AVIF without its Exif blocks."""
    return Decodable(_without_exif(data), info.width * info.height)


def _without_exif(data: Buffer) -> Buffer:
    """An AVIF whose Exif blocks are called something else: Pillow reads every tag of one when it opens a file.

    A decoder turns an AVIF by properties of its own (``irot``, ``imir``), which Pillow reports as an orientation.
    """
    return _EXIF_ITEM.sub(b"exif", data) if _EXIF_ITEM.search(data) else data
