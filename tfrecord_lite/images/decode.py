"""Encoded image -> pixels, by Pillow, within the budgets of a record: to use them, to check or to show the image.

A decoder gets the image alone: texts, profiles, tags and further frames, which it would unpack, copy or follow, are
taken out before (``decodable`` of each format). What decoding will take is known from the header, and asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from tfrecord_lite.budgets import (
    DECODED_BYTES,
    DECODED_PIXELS,
    METADATA,
    PIXELS,
    SCANS,
    Budget,
    ExceededError,
    check,
    spend_of_input,
)
from tfrecord_lite.errors import BudgetError, ExhaustedError, FeatureError, Location, printable
from tfrecord_lite.images import gif, jpeg, pillow, png, tiff
from tfrecord_lite.images.buffer import Buffer, ViewFile
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.images.info import Decodable, ImageInfo

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_DECODABLE: Mapping[str, Callable[[Buffer, ImageInfo], Decodable]] = {
    "jpeg": jpeg.decodable,
    "png": png.decodable,
    "gif": gif.decodable,
    "tiff": tiff.decodable,
    "jpeg2000": pillow.decodable_jpeg2000,
    "avif": pillow.decodable_avif,
}
_KEPT = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}  # bytes a pixel in Pillow; others: 4
# How much longer a pixel of these takes than one of a gray PNG, until it is part of a mask; measured.
_GRAY = frozenset({"1", "L", "P"})
_COLOUR_WEIGHT = 8
_WEIGHTS = {"jpeg": 4, "gif": 2, "tiff": 4, "webp": 10, "avif": 8, "jpeg2000": 64}
_SHOWN_AS_IT_IS = frozenset({"L", "RGB"})  # modes that are scaled before they are converted
_PAPER = (255, 255, 255)  # what shows through transparent pixels
_TAKEN = {"webp": 18, "jpeg2000": 18, "avif": 10}  # bytes a pixel that these decoders take in all; measured


def decode_fully(data: Buffer, where: Location, key: str) -> None:
    """Check that an encoded image can be decoded to the last pixel; of an animation, its first frame.

    A JPEG is decoded at an eighth of its size: every coded bit is read all the same.

    Raises:
        FeatureError: as ``read_image_info`` does, or the image is damaged. BudgetError: it is too large to be checked.
    """
    info = read_image_info(data, where, key)
    eighth = max(1, info.width // 8), max(1, info.height // 8)
    with _opened(data, info, where, key, draft=eighth, advice=". Leave --verify-images out for this input") as image:
        image.load()


def decode_scaled(data: Buffer, size: tuple[int, int], where: Location, key: str) -> Image:
    """An encoded image as RGB pixels of the size that it is to be shown at; of an animation, its first frame.

    Gray values of more than 8 bits are spread over the whole range, or a scan of 12 bits would look black. EXIF
    orientation is not applied: boxes are those of the stored pixels. size: width and height in pixels.

    Raises:
        FeatureError: as ``decode_fully`` does.
    """
    info = read_image_info(data, where, key)
    # Of a JPEG: the eighth, the quarter or the half that is large enough.
    with _opened(data, info, where, key, draft=size) as image:
        from PIL import Image as Images  # noqa: PLC0415 - it is loaded by now

        if image.mode not in _SHOWN_AS_IT_IS:
            copies = 3 * 4 * image.size[0] * image.size[1]  # of four bytes a pixel, while it is converted
            check("showing the image", copies, DECODED_BYTES, "bytes of memory")
        image.load()
        if image.mode in _SHOWN_AS_IT_IS:
            return image.resize(size, Images.Resampling.LANCZOS, reducing_gap=3.0).convert("RGB")
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
    from PIL import Image  # noqa: PLC0415 - most calls decode nothing

    formats = None if image_format is None else (image_format.upper(),)
    return Image.open(BytesIO(data), formats=formats)


def decoded_image(
    data: Buffer,
    info: ImageInfo,
    where: Location,
    key: str,
    *,
    budget: Budget | None = None,
    reader: type[ImageFile] | None = None,
    advice: str = "",
) -> Image:
    """The pixels of an encoded image, as stored: orientation is not applied. Of an animation, the first frame.

    info: what the header of the image says. where, key: for messages.
    budget: of the pixels that are decoded for the record; None where this is its only image.
    reader: what opens it instead of Pillow's own class for the format.
    advice: what a message says to do where it takes too much; it begins with a full stop.

    Raises:
        FeatureError: the image is damaged. BudgetError: decoding it takes more than a record may.
    """
    with _opened(data, info, where, key, budget=budget, reader=reader, advice=advice) as image:
        image.load()
        return image


@contextmanager
def _opened(
    data: Buffer,
    info: ImageInfo,
    where: Location,
    key: str,
    *,
    budget: Budget | None = None,
    draft: tuple[int, int] | None = None,
    reader: type[ImageFile] | None = None,
    advice: str = "",
) -> Iterator[Image]:
    """An image that is ready to be loaded, within the budgets. Whatever is raised while it is open is a FeatureError.

    draft: width and height in pixels that are enough; a JPEG may be decoded in a size between this one and its own.
    """
    size = f"{info.width} x {info.height} pixels, {info.format}"
    what = f"decoding the image ({size})"

    try:
        given = _DECODABLE.get(info.format, _as_it_is)(data, info)
        check(what, given.scans, SCANS, "scans")
        check(what, given.metadata, METADATA, "bytes of tags")
        taken = given.held + given.pixels * _TAKEN.get(info.format, 0)
        check(what, taken, DECODED_BYTES, "bytes of memory")
        with pillow.silence():
            image = (reader or pillow.plugin(info.format))(cast("BinaryIO", ViewFile(given.data)))
            if image.size != (info.width, info.height):
                raise ValueError(f"the decoder sees {image.size[0]} x {image.size[1]} pixels")
            if draft is not None:
                image.draft(None, draft)
            weight = max(_WEIGHTS.get(info.format, 1), 1 if image.mode in _GRAY else _COLOUR_WEIGHT)
            (budget or Budget(DECODED_PIXELS, PIXELS)).spend(given.pixels * weight)
            if info.format not in _TAKEN:
                taken += image.size[0] * image.size[1] * _KEPT.get(image.mode, 4)
                check(what, taken, DECODED_BYTES, "bytes of memory")
            # Last, since it ends the run. A mask of one bit a pixel is decoded in half the time of other ones.
            is_light = budget and given.data[png.DEPTH] == 1 if info.format == "png" else image.mode == "1"
            spend_of_input(PIXELS, given.pixels * weight // (2 if is_light else 1), where)
            yield image
    except ExceededError as error:
        raise BudgetError(where, key, f"{error}{advice}") from None
    except ExhaustedError:
        raise
    except (struct.error, IndexError):
        raise FeatureError(where, key, f"the image cannot be decoded: {size}: it ends in its header") from None
    except Exception as error:  # noqa: BLE001 - on damaged bytes Pillow's plugins raise errors of any kind
        reason = printable(str(error) or type(error).__name__)
        raise FeatureError(where, key, f"the image cannot be decoded: {size}: {reason}") from None


def _as_it_is(data: Buffer, info: ImageInfo) -> Decodable:
    """An image of a format whose metadata costs a decoder nothing."""
    return Decodable(data, info.width * info.height)
