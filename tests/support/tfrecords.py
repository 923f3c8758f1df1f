"""TFRecord files byte by byte, from the specification alone: what the tests hold the package against.

Nothing here uses protobuf, a CRC library or the package itself, so that an error in one of them cannot hide in the
bytes that are to reveal it. Pictures are made with Pillow. From the ground up:

    crc32c, masked_crc                       the checksum
    frame                                    payload -> one record of a TFRecord file, whole or damaged on purpose
    varint, number, fixed32, delimited       fields of any protobuf message, for what no Example should hold
    floats, ints, texts, no_kind             values -> tf.train.Feature
    example, sequence_example                features -> payload
    jpeg, png                                a picture of one colour
    detection                                boxes in pixels -> the features that the Object Detection API writes
    shard                                    several of these -> a file

    path.write_bytes(shard(detection("a.jpg", boxes=[(4, 4, 20, 30)]), detection("b.png", size=(10, 10))))

Sources: frame and mask: openxla/xla ``xla/tsl/lib/io/record_writer.h`` and ``xla/tsl/lib/hash/crc32c.h``. CRC-32C: RFC
3720, section 12.1 and appendix B.4. Wire format: https://protobuf.dev/programming-guides/encoding. Messages:
tensorflow/tensorflow ``tensorflow/core/example/{example,feature}.proto``. Keys: tensorflow/models
``research/object_detection/dataset_tools/create_pascal_tf_record.py``.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, overload

from PIL import Image

Key: TypeAlias = "str | bytes"  # bytes where a key shall not be UTF-8
Features: TypeAlias = "Mapping[str, bytes] | Iterable[tuple[Key, bytes]]"  # pairs where a key shall come twice
Box: TypeAlias = "tuple[float, float, float, float]"  # x0, y0, x1, y1 in pixels, the upper ends exclusive

_CASTAGNOLI = 0x82F63B78  # the polynomial 0x1EDC6F41 with its bits reversed, as data is taken low bit first


def _remainder(byte: int) -> int:
    """CRC-32C of one byte, bit by bit."""
    for _ in range(8):
        byte = byte >> 1 ^ (_CASTAGNOLI if byte & 1 else 0)
    return byte


_TABLE = [_remainder(byte) for byte in range(256)]


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli) of data. Slow, about 10 MB a second."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked_crc(data: bytes) -> int:
    """The checksum as records store it: CRC-32C, rotated right by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(
    payload: bytes, *, length: int | None = None, length_crc: int | None = None, data_crc: int | None = None
) -> bytes:
    """One record: length, its checksum, payload, its checksum.

    A part that is given replaces the true one. The checksum of a false length holds, unless it is given too.
    """
    header = struct.pack("<Q", len(payload) if length is None else length)
    return b"".join(
        (
            header,
            struct.pack("<I", masked_crc(header) if length_crc is None else length_crc),
            payload,
            struct.pack("<I", masked_crc(payload) if data_crc is None else data_crc),
        )
    )


def varint(value: int) -> bytes:
    """An integer in groups of seven bits, lowest first. A negative one takes ten bytes, as an int64 does."""
    value &= 0xFFFFFFFF_FFFFFFFF
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


def number(field: int, value: int) -> bytes:
    """A field of wire type 0: an integer."""
    return varint(field << 3 | 0) + varint(value)


def delimited(field: int, content: bytes) -> bytes:
    """A field of wire type 2: a string, a message, or packed numbers."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def fixed32(field: int, content: bytes) -> bytes:
    """A field of wire type 5: four bytes."""
    return varint(field << 3 | 5) + content


def _utf8(text: str | bytes) -> bytes:
    """Bytes as they are, text as UTF-8."""
    return text.encode() if isinstance(text, str) else text


def texts(*values: str | bytes) -> bytes:
    """A Feature with a BytesList: text (written as UTF-8) or any bytes, such as an encoded image."""
    return _bytes_list(values)


def _bytes_list(values: Iterable[str | bytes]) -> bytes:
    """The same, for where ``texts`` is the name of an argument."""
    return delimited(1, b"".join(delimited(1, _utf8(value)) for value in values))


def floats(*values: float, packed: bool = True) -> bytes:
    """A Feature with a FloatList, values rounded to 32 bits. Not packed: a field a value, which readers must accept."""
    singles = [struct.pack("<f", value) for value in values]
    if packed:
        return delimited(2, delimited(1, b"".join(singles)) if singles else b"")
    return delimited(2, b"".join(fixed32(1, single) for single in singles))


def ints(*values: int, packed: bool = True) -> bytes:
    """A Feature with an Int64List. Not packed: a field a value, which readers must accept."""
    if packed:
        return delimited(3, delimited(1, b"".join(map(varint, values))) if values else b"")
    return delimited(3, b"".join(number(1, value) for value in values))


def no_kind() -> bytes:
    """A Feature that is no list of any kind. Readers take it for a missing one."""
    return b""


def _map(entries: Features) -> bytes:
    """The one field of a map: an entry for each key and its message, in the order given."""
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    return b"".join(delimited(1, delimited(1, _utf8(key)) + delimited(2, message)) for key, message in pairs)


def example(features: Features, extra: bytes = b"") -> bytes:
    """A tf.train.Example, its features in the order given, with extra bytes (such as unknown fields) after them.

    Two Examples one after the other are, by the rules of protobuf, one Example with the features of both.
    """
    return delimited(1, _map(features)) + extra


def sequence_example(context: Features, lists: Mapping[str, Sequence[bytes]], extra: bytes = b"") -> bytes:
    """A tf.train.SequenceExample: features of the whole, and lists of one feature a frame."""
    feature_lists = {key: b"".join(delimited(1, feature) for feature in frames) for key, frames in lists.items()}
    return delimited(1, _map(context)) + delimited(2, _map(feature_lists)) + extra


def _picture(
    image_format: str, width: int, height: int, colour: int | tuple[int, ...], options: dict[str, Any]
) -> bytes:
    """One colour everywhere, encoded by Pillow: gray from a number, RGB or RGBA from a tuple."""
    mode = "L" if isinstance(colour, int) else {3: "RGB", 4: "RGBA"}[len(colour)]
    target = io.BytesIO()
    Image.new(mode, (width, height), colour).save(target, image_format, **options)
    return target.getvalue()


def jpeg(width: int = 64, height: int = 48, colour: int | tuple[int, ...] = (200, 120, 40), **options: Any) -> bytes:
    """A JPEG of one colour. Options are Pillow's, such as ``progressive=True`` or ``exif=...``."""
    return _picture("JPEG", width, height, colour, options)


def png(width: int = 64, height: int = 48, colour: int | tuple[int, ...] = (200, 120, 40), **options: Any) -> bytes:
    """A PNG of one colour. Options are Pillow's, such as ``pnginfo=...``."""
    return _picture("PNG", width, height, colour, options)


@overload
def detection(
    name: str = ...,
    size: tuple[int, int] = ...,
    boxes: Sequence[Box] = ...,
    labels: Sequence[int] | None = ...,
    texts: Sequence[str | bytes] | None = ...,
    *,
    image: bytes | None = ...,
    drop: Collection[str] = ...,
) -> dict[str, bytes]: ...


# A type checker takes the values of **{...} for values of the named arguments too; hence Any for them here.
@overload
def detection(
    name: Any = ...,
    size: Any = ...,
    boxes: Any = ...,
    labels: Any = ...,
    texts: Any = ...,
    *,
    image: Any = ...,
    drop: Any = ...,
    **features: bytes,
) -> dict[str, bytes]: ...


def detection(
    name: str = "picture.jpg",
    size: tuple[int, int] = (64, 48),
    boxes: Sequence[Box] = (),
    labels: Sequence[int] | None = None,
    texts: Sequence[str | bytes] | None = None,
    *,
    image: bytes | None = None,
    drop: Collection[str] = (),
    **features: bytes,
) -> dict[str, bytes]:
    """The features of one picture with boxes, as the TensorFlow Object Detection API writes them.

    Args:
        name: image/filename and image/source_id; ``.png`` at its end makes the drawn picture a PNG.
        size: width and height in pixels.
        boxes: corners in pixels; they are written divided by the size, as 32-bit floats.
        labels: image/object/class/label. Where neither labels nor texts are given, every box has label 1.
        texts: image/object/class/text.
        image: image/encoded; else a picture of one colour is drawn, of another colour for another name. image/format
            says png where it is one, else jpeg.
        drop: keys to leave out.
        **features: what to write for other keys, or instead of the above: ``**{"image/object/area": floats(12.5)}``.

    Raises:
        KeyError: a key to drop is not there.
    """
    width, height = size
    if image is None:
        red, green, blue, _ = struct.pack("<I", zlib.crc32(name.encode()))
        draw = png if name.endswith(".png") else jpeg
        image = draw(width, height, (red, green, blue))
    if labels is None and texts is None:
        labels = [1] * len(boxes)
    record = {
        "image/height": ints(height),
        "image/width": ints(width),
        "image/filename": _bytes_list([name]),
        "image/source_id": _bytes_list([name]),
        "image/key/sha256": _bytes_list([hashlib.sha256(image).hexdigest()]),
        "image/encoded": _bytes_list([image]),
        "image/format": _bytes_list(["png" if image.startswith(b"\x89PNG") else "jpeg"]),
        "image/object/bbox/xmin": floats(*(box[0] / width for box in boxes)),
        "image/object/bbox/xmax": floats(*(box[2] / width for box in boxes)),
        "image/object/bbox/ymin": floats(*(box[1] / height for box in boxes)),
        "image/object/bbox/ymax": floats(*(box[3] / height for box in boxes)),
    }
    if texts is not None:
        record["image/object/class/text"] = _bytes_list(texts)
    if labels is not None:
        record["image/object/class/label"] = ints(*labels)
    record.update(features)
    for key in drop:
        del record[key]
    return record


def shard(*examples: Mapping[str, bytes] | bytes) -> bytes:
    """A TFRecord file of these records: features (as ``detection`` gives them), or payloads as they are."""
    return b"".join(frame(item if isinstance(item, bytes) else example(item)) for item in examples)
