"""Encoded images -> pixels, where the header promises that they fit into memory; raw pixels -> an encoded image.

These are masks, label images and buffers without a format. The image of a record never gets here: it is copied.
"""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

from tfrecord_lite.errors import FeatureError, Location, printable

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")  # rasters only: EPS would start another program
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 2**27  # of a decoded mask in memory: 11,585 x 11,585 gray pixels
_LONGEST_SIDE = 65_535  # pixels; what JPEG can say, and more than anyone's masks have
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}  # in Pillow; others: 4


class _ForegroundPng(PngImageFile):
    """A PNG of which gray bytes are decoded to mode 1, as foreground and background."""

    def _open(self) -> None:  # how plugins say what the decoder is to do: handbook/writing-your-own-image-plugin
        super()._open()
        if [tile[3] for tile in self.tile] == ["L"]:
            self._mode = "1"
            self.tile = [(*self.tile[0][:3], "1;8")]  # type: ignore[list-item]


def decoded_image(data: bytes, where: Location, key: str, *, foreground: bool = False) -> Image.Image:
    """The image in the bytes, decoded; its size is checked before its pixels are.

    foreground: whether it does not matter which value a pixel has, if it is not 0.
    """
    try:
        image = _opened(data, foreground=foreground)
        width, height = image.size
        size = width * height * _BYTES_PER_PIXEL.get(image.mode, 4)
        if 0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE and size <= _MOST_BYTES:
            image.load()
            return image
    except UnidentifiedImageError:  # its text holds an address, which differs from run to run
        problem = f"{len(data)} bytes that are no image, expected a PNG or another raster image."
        raise FeatureError(where, key, problem) from None
    except Exception as error:  # damaged bytes make Pillow raise far more than OSError
        problem = printable(str(error)) or type(error).__name__
        raise FeatureError(where, key, f"an image that cannot be decoded ({problem}), expected a whole one.") from error
    problem = f"expected 1 to {_LONGEST_SIDE} pixels a side and at most {_MOST_BYTES} bytes."
    raise FeatureError(where, key, f"an image of {width}x{height} pixels, {size} bytes when decoded, {problem}")


def raw_as_png(data: bytes, mode: str, size: tuple[int, int]) -> bytes:
    """Raw pixels, row by row, as a PNG. mode: Pillow's, ``L``, ``RGB`` or ``RGBA``; size: width and height."""
    png = BytesIO()
    Image.frombytes(mode, size, data).save(png, "PNG")
    return png.getvalue()


def _opened(data: bytes, *, foreground: bool) -> Image.Image:
    """The image in the bytes, of which only the header is read."""
    if data.startswith(_PNG_SIGNATURE):  # not through Image.open, which warns of sizes that are fine here
        return (_ForegroundPng if foreground else PngImageFile)(BytesIO(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(BytesIO(data), formats=_FORMATS)
