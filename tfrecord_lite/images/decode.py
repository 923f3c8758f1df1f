"""Encoded image -> pixels, by Pillow, in bounded memory: to check that it can be decoded, or to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from tfrecord_lite.errors import FeatureError, Location, printable
from tfrecord_lite.images.buffer import Buffer, ViewFile
from tfrecord_lite.images.header import read_image_info, silence

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_DECODED = 200_000_000  # bytes of memory that decoding one image may take
_BYTES_A_PIXEL = {"jpeg": 1, "progressive": 6, "jpeg2000": 18, "webp": 18, "avif": 10}  # measured; of all others 4
_PAPER = (255, 255, 255)  # what shows through transparent pixels


def decode_fully(data: Buffer, where: Location, key: str) -> None:
    """Check that an encoded image can be decoded to the last pixel; of an animation, its first frame.

    Takes up to 200 MB of memory; what would take more is refused by its header. A JPEG is decoded at an eighth of its
    size: every coded bit is read all the same.

    Raises:
        FeatureError: as ``read_image_info`` does, or the image is damaged, or too large to be checked.
    """
    with _opened(data, where, key, "for a check", ". Leave the check out for this input") as image:
        image.draft(None, (max(1, image.width // 8), max(1, image.height // 8)))
        image.load()


def decode_scaled(data: Buffer, size: tuple[int, int], where: Location, key: str) -> Image:
    """An encoded image as RGB pixels of the size that it is to be shown at; of an animation, its first frame.

    Gray values of more than 8 bits are spread over the whole range, or a scan of 12 bits would look black. EXIF
    orientation is not applied: boxes are those of the stored pixels.

    Args:
        data: the encoded image.
        size: width and height in pixels.
        where: the record that it is from.
        key: the feature that it is from.

    Raises:
        FeatureError: as ``decode_fully`` does.
    """
    with _opened(data, where, key, "to be shown") as image:
        image.draft(None, size)  # of a JPEG: the eighth, the quarter or the half that is large enough
        image.load()
        from PIL import Image as Images  # noqa: PLC0415 - it is loaded by now

        if image.mode.startswith(("I", "F")):
            low, high = cast("tuple[float, float]", image.getextrema())
            scale = 255 / (high - low) if high > low else 0
            gray = image.convert("F").point(lambda value: value * scale - low * scale)
            return gray.convert("L").resize(size, Images.Resampling.LANCZOS).convert("RGB")
        if image.has_transparency_data:
            colours = image.convert("RGBA")
            flat = Images.new("RGB", image.size, _PAPER)
            flat.paste(colours, mask=colours)
        else:
            flat = image.convert("RGB")
        return flat.resize(size, Images.Resampling.LANCZOS, reducing_gap=3.0)


def open_image(data: Buffer, image_format: str | None) -> Image:
    """An encoded image as Pillow has it: only its header is read yet.

    image_format: the one that Pillow is to take it for, so that no bytes get to choose another decoder; None for any.

    Raises:
        OSError: Pillow finds no such image in the bytes.
    """
    from PIL import Image  # noqa: PLC0415 - as below

    formats = None if image_format is None else (image_format.upper(),)
    return Image.open(BytesIO(data), formats=formats)


@contextmanager
def _opened(data: Buffer, where: Location, key: str, purpose: str, advice: str = "") -> Iterator[Image]:
    """An image of which the header is read; whatever decoding it raises becomes a FeatureError."""
    info = read_image_info(data, where, key)
    from PIL import Image  # noqa: PLC0415 - a run that decodes nothing does not wait for Pillow

    pixels = info.width * info.height
    size = f"{info.width} x {info.height} pixels"
    try:
        if pixels * _BYTES_A_PIXEL.get(info.format, 4) > _MOST_DECODED:
            raise Image.DecompressionBombError
        with silence(), Image.open(cast("BinaryIO", ViewFile(data)), formats=(info.format.upper(),)) as image:
            if "progressive" in image.info and pixels * _BYTES_A_PIXEL["progressive"] > _MOST_DECODED:
                raise Image.DecompressionBombError
            yield image
    except Image.DecompressionBombError:
        problem = f"the image is too large to be decoded {purpose}: {size}{advice}"
        raise FeatureError(where, key, problem) from None
    except Exception as error:  # noqa: BLE001 - on damaged bytes Pillow's plugins raise errors of any kind
        reason = printable(str(error) or type(error).__name__)
        problem = f"the image cannot be decoded: {size}, {info.format}: {reason}"
        raise FeatureError(where, key, problem) from None
