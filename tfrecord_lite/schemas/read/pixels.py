"""What the key of the image may hold other than an encoded image: raw pixels, an array, base64, a path.

An encoded image is never touched. Raw pixels become a PNG, without loss; whatever was done is reported.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError, Location, shortened
from tfrecord_lite.example.tensors import parse_tensor
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import IMAGE_EXTENSIONS
from tfrecord_lite.images.raw import are_floats, channels_of, likely_shapes, raw_as_png
from tfrecord_lite.images.signatures import image_format

_BASE64 = bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123)) + b"+/-_=\r\n"
_LONGEST_PATH = 1024  # bytes
_LEAST_PIXELS = 64
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
FLOATS = "they look like pixels as float32, which no option reads. Write them as bytes from 0 to 255, or as PNG"
Size = tuple[int, int]


class Encoded(NamedTuple):
    """An image. code, text: of what was done to get it; empty where nothing was."""

    data: Buffer
    code: str = ""
    text: str = ""


def as_encoded(data: Buffer, size: Size | None, order: str, key: str) -> Encoded:
    """The image as an encoded one; bytes of an unknown kind come back unchanged.

    size: where it is known. order: of the channels of raw pixels, ``rgb`` or ``bgr``. key: for messages.
    """
    if image_format(data) is not None:
        return Encoded(data)
    tensor = parse_tensor(data)
    if tensor is not None and tensor.code == "B" and len(tensor.shape) in (2, 3):
        height, width = tensor.shape[:2]
        data, size = tensor.data, (width, height)
    if size is not None and (channels := channels_of(len(data), *size)) and not (channels == 4 and are_floats(data)):
        return _from_raw(bytes(data), size, channels, order)
    if (decoded := _from_base64(data)) is not None:
        return Encoded(decoded, "image-base64", f"{shortened(key)} holds the image in base64: it is decoded")
    return Encoded(data)


def pixels_of_numbers(values: Sequence[float]) -> bytes | None:
    """Numbers from 0 to 255 as the bytes of raw pixels; None where they are others, or too few for an image."""
    if len(values) >= _LEAST_PIXELS and all(0 <= value <= 255 and value == int(value) for value in values):
        return bytes(map(int, values))
    return None


def path_in(data: Buffer) -> str | None:
    """The path or URL of an image, in place of its bytes; None where it is neither."""
    if not 0 < len(data) <= _LONGEST_PATH:
        return None
    try:
        text = bytes(data).decode().strip()
    except UnicodeDecodeError:
        return None
    is_one = text.lower().endswith(tuple(IMAGE_EXTENSIONS)) or "/" in text or "\\" in text
    return text if is_one and text.isprintable() and _from_base64(data) is None else None


def why_unread(data: Buffer, size: Size | None, where: Location, key: str) -> FeatureError | None:
    """What is wrong with raw pixels that are floats, or of unknown size; None where the bytes are something else."""
    if image_format(data) is not None or path_in(data) is not None:
        return None
    if are_floats(data):
        return FeatureError(where, key, f"{len(data)} bytes that are no encoded image: {FLOATS}")
    if size is not None or not (shapes := likely_shapes(len(data))):
        return None
    fitting = ", ".join(map(str, shapes))
    problem = f"{len(data)} bytes that are no encoded image: raw pixels, whose size the record does not give?"
    advice = f"Width x height x channels of so many bytes: {fitting}. Say --image-size {shapes[0].width}x"
    return FeatureError(where, key, f"{problem} {advice}{shapes[0].height} if it is that")


def several_images(count: int) -> str:
    """What is wrong where one feature holds several images."""
    return f"the feature holds {count} images, expected one. Choose which with --image-index N; the first image is 0"


def _from_raw(data: bytes, size: Size, channels: int, order: str) -> Encoded:
    """Raw pixels, a byte a channel, as a PNG."""
    text = f"the image is a raw buffer of {size[0]}x{size[1]} pixels: it is written as PNG, without loss"
    if channels == 3:
        text += f". It is taken for {order}; the other order is --map raw_channels={order[::-1]}"
        data = data if order == "rgb" else _reversed_channels(data)
    return Encoded(raw_as_png(data, _MODES[channels], size), "image-raw", text)


def _from_base64(data: Buffer) -> bytes | None:
    """An encoded image in base64, of either alphabet, as a data URL or bare; None if it is not one."""
    head = bytes(data[:64])
    start = 0
    if head.startswith(b"data:image/"):
        start = head.find(b";base64,") + len(b";base64,")
        if start < len(b";base64,"):
            return None
    first = _decoded(bytes(data[start : start + 16]))
    if first is None or image_format(first) is None:
        return None
    return _decoded(bytes(data[start:]))


def _decoded(text: bytes) -> bytes | None:
    """Base64 without its line ends, padded or not."""
    if text.translate(None, _BASE64):
        return None
    bare = text.translate(bytes.maketrans(b"-_", b"+/"), b"=\r\n")
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return None


def _reversed_channels(data: bytes) -> bytes:
    """Pixels of three channels with the first and the last exchanged."""
    pixels = bytearray(data)
    pixels[0::3], pixels[2::3] = data[2::3], data[0::3]
    return bytes(pixels)
