"""Encoded image -> whether it can be decoded: the check that a header cannot give, by Pillow, in bounded memory."""

from __future__ import annotations

from typing import BinaryIO, cast

from tfrecord_lite.errors import FeatureError, Location, printable
from tfrecord_lite.images.buffer import Buffer, ViewFile
from tfrecord_lite.images.header import read_image_info, silence

_MOST_DECODED = 200_000_000  # bytes of memory that checking one image may take
_BYTES_A_PIXEL = {"jpeg": 1, "progressive": 6, "jpeg2000": 18, "webp": 18, "avif": 10}  # measured; of all others 4


def decode_fully(data: Buffer, where: Location, key: str) -> None:
    """Check that an encoded image can be decoded to the last pixel; of an animation, its first frame.

    Takes up to 200 MB of memory; what would take more is refused by its header. A JPEG is decoded at an eighth of its
    size: every coded bit is read all the same.

    Raises:
        FeatureError: as ``read_image_info`` does, or the image is damaged, or too large to be checked.
    """
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
            image.draft(None, (max(1, info.width // 8), max(1, info.height // 8)))
            image.load()
    except Image.DecompressionBombError:
        problem = f"the image is too large to be decoded for a check: {size}. Leave the check out for this input"
        raise FeatureError(where, key, problem) from None
    except Exception as error:  # noqa: BLE001 - on damaged bytes Pillow's plugins raise errors of any kind
        reason = printable(str(error) or type(error).__name__)
        problem = f"the image cannot be decoded: {size}, {info.format}: {reason}"
        raise FeatureError(where, key, problem) from None
