"""Records of a few megabytes at most that would take far more memory or time: what budgets are for.

``OVER`` has records that exceed a budget, and what the error says; ``WITHIN`` those that come near one, or would be
costly if they were read carelessly. ``file_of`` makes a file of a record.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Mapping

import crc32c
from image_files import SCAN, chunk, frame, jpeg, segment
from PIL import Image
from tfrecords import delimited, detection, example, floats, ints, sequence_example, texts
from tfrecords import frame as record_frame

Record = Mapping[str, bytes] | bytes
SIZE = (64, 48)
BOX = (4.0, 4.0, 20.0, 30.0)
MASK = "image/object/mask"
LABEL, TEXT = "image/object/class/label", "image/object/class/text"


def file_of(record: Record) -> bytes:
    """A file of this record. Its checksum is the library's, since that of ``tfrecords`` takes seconds for megabytes."""
    payload = record if isinstance(record, bytes) else example(record)
    crc = crc32c.crc32c(payload)
    return record_frame(payload, data_crc=((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def packed_ints(count: int) -> bytes:
    """A Feature of as many ones."""
    return delimited(3, delimited(1, b"\1" * count))


def packed_floats(value: float, count: int) -> bytes:
    return delimited(2, delimited(1, struct.pack("<f", value) * count))


def many_texts(text: bytes, count: int) -> bytes:
    return delimited(1, delimited(1, text) * count)


def boxes(count: int) -> dict[str, bytes]:
    """The features of as many equal boxes."""
    sides = {"xmin": 0.1, "ymin": 0.1, "xmax": 0.5, "ymax": 0.5}
    return {f"image/object/bbox/{side}": packed_floats(value, count) for side, value in sides.items()} | {
        LABEL: packed_ints(count)
    }


def with_features(more: dict[str, bytes], count: int = 1) -> dict[str, bytes]:
    """A record of an image with ``count`` boxes, and more."""
    return detection("a.jpg", SIZE, boxes=[BOX]) | (boxes(count) if count > 1 else {}) | more


def gray_png(width: int, height: int, depth: int = 1, row: bytes = b"\x0f", *chunks: bytes) -> bytes:
    """A PNG of equal rows: ``row`` over and over."""
    size = (width * depth + 7) // 8
    line = b"\0" + (row * size)[:size]
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(line * min(64, height - y)) for y in range(0, height, 64)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    )


def masked(size: tuple[int, int], *masks: bytes) -> dict[str, bytes]:
    """A record of as many objects with these masks, and of an image that is no more than a header of that size."""
    image = claimed(*size)
    return detection("a.png", size, boxes=[BOX] * len(masks), image=image) | {MASK: texts(*masks)}


def claimed(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)
    return out.getvalue()


def polygons(width: int, count: int) -> dict[str, bytes]:
    """Triangles over the whole of a wide image."""
    corners = struct.pack("<6f", 0, 0, width, 0, width / 2, 1000) * count
    return detection("a.png", (width, 1000), boxes=[BOX] * count, image=claimed(width, 1000)) | {
        "image/object/segmentation_v": delimited(2, delimited(1, corners)),
        "image/object/segmentation_sep": ints(*range(0, 6 * count + 1, 6)),
    }


def checkered(side: int, count: int) -> Record:
    """Masks of single pixels, each of which has as many runs as an outline may have."""
    rows = b"".join(b"\0" + (b"\xaa" if y % 2 else b"\x55") * (-(-side // 8)) for y in range(side))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return masked((side, side), *[png] * count)


def colour_png(side: int) -> bytes:
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(b"\0" + b"\1\2\3\4" * side) for _ in range(side)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def bloated_exif(entries: int) -> bytes:
    """An Exif block, each of whose entries has all of it as its value."""
    size = 8 + 2 + 12 * entries + 4
    tags = b"".join(struct.pack("<HHII", 0x9C9B + number, 7, size, 0) for number in range(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + tags + bytes(4)


def tiff(tags: list[tuple[int, int, int, int]], tail: bytes) -> bytes:
    """A TIFF of 64 x 48 gray pixels with more tags: (tag, type, number of values, value or offset)."""
    gray = [(256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted([*gray, *tags]))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(gray) + len(tags)) + entries + bytes(4) + tail


def heavy_tiff() -> bytes:
    """Two thousand tags, all of them the same megabyte."""
    strips = [(273, 4, 1, 900_000), (278, 4, 1, 48), (279, 4, 1, 64 * 48)]
    return tiff([*strips, *((40_000 + number, 1, 1 << 20, 8) for number in range(2000))], bytes(1 << 20))


def commented_gif() -> bytes:
    gif = saved(Image.new("P", SIZE, 1), "GIF")
    colours = 13 + (3 << (gif[10] & 7) + 1)
    return gif[:colours] + b"!\xfe" + (b"\xff" + b"a" * 255) * 30_000 + b"\0" + gif[colours:]


def annotated_jpeg() -> bytes:
    plain = saved(Image.new("L", SIZE, 9), "JPEG")
    return plain[:2] + segment(0xE1, b"Exif\0\0" + bloated_exif(5400)) * 60 + plain[2:]


def annotated_avif() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow, which reads the block to write it
        return saved(Image.new("RGB", SIZE), "AVIF", exif=b"Exif\0\0" + bloated_exif(20_000))


def texted_png() -> bytes:
    return gray_png(*SIZE, 8, b"\x0f", *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20), 9))] * 60)


def video(frames: int, context: bytes) -> bytes:
    about = {"image/encoded": texts(context), "image/filename": texts("a")}
    return sequence_example(about, {"frame": [b""] * frames})


OVER: Mapping[str, tuple[Callable[[], Record], str]] = {
    "many numbers": (
        lambda: with_features({"image/seq_id": packed_ints(9_000_000)}),
        "image/seq_id: the record has 9000008 values",
    ),
    "many numbers of no use": (
        lambda: with_features({"own": packed_ints(9_000_000)}),
        "own: the record has 9000008 values",
    ),
    "many texts": (
        lambda: with_features({TEXT: many_texts(b"", 4_500_000)}),
        "image/object/class/text: the record has 4500008 values",
    ),
    "many features": (
        lambda: example([*detection("a.jpg", SIZE).items(), *((f"{i:x}", ints(1)) for i in range(300_000))]),
        "features",
    ),
    "many boxes": (lambda: with_features({}, 300_000), "300000 boxes"),
    "many keypoints": (
        lambda: with_features({f"image/object/keypoint/{axis}": packed_floats(0.3, 1_100_000) for axis in "xy"}),
        "1100000 keypoints",
    ),
    "many attributes": (
        lambda: with_features({f"image/object/a{i}": packed_ints(60_000) for i in range(20)}, 60_000),
        "bytes of attributes",
    ),
    "an attribute of a long name": (
        lambda: with_features({"image/object/" + "n" * 8000: packed_ints(60_000)}, 60_000),
        "bytes of attributes",
    ),
    "many classes of the image": (lambda: with_features({"image/class/label": packed_ints(70_000)}), "70000 classes"),
    "many captions": (lambda: with_features({"image/caption": many_texts(b"a", 70_000)}), "70000 captions"),
    "a long caption": (lambda: with_features({"image/caption": texts(b"\1" * 9_000_000)}), "9000000 bytes of text"),
    "a long name of a class": (lambda: with_features({TEXT: texts(b"\1" * 9_000_000)}), "9000000 bytes of text"),
    "masks of 100 megapixels": (
        lambda: masked((11_585, 8_688), *[gray_png(11_585, 8_688)] * 43),
        "decoded pixels, the budget of an input of ",
    ),
    "masks in colour": (lambda: masked((5_000, 5_000), *[colour_png(5_000)] * 22), "the budget of an input of "),
    "a mask beyond all memory": (lambda: masked((65_500, 65_500), claimed(65_500, 65_500)), "bytes of memory"),
    "a mask of many scans": (lambda: masked(SIZE, jpeg(frame(0xC2, *SIZE, 1), SCAN * 5000)), "5001 scans"),
    "a tile of a gigabyte": (
        lambda: masked(SIZE, tiff([(322, 4, 1, 32_768), (323, 4, 1, 32_768), (324, 4, 1, 8), (325, 4, 1, 9)], b"")),
        "bytes of memory",
    ),
    "masks of single pixels": (lambda: checkered(120, 200), "runs of masks"),
    "wide triangles": (lambda: polygons(1 << 20, 8), "polygon columns"),
    "more triangles": (lambda: polygons(1 << 18, 100), "polygon columns"),
    "a panoptic image beyond memory": (
        lambda: (
            masked((14_000, 14_000))
            | dict.fromkeys(
                ("image/panoptic/category_mask", "image/panoptic/instance_mask"), texts(gray_png(14_000, 64, 8))
            )
        ),
        "bytes of panoptic pixels",
    ),
    "many frames": (lambda: video(1_000_000, b""), "features in its frames"),
    "frames with large contexts": (lambda: video(100_000, bytes(4_000_000)), "bytes of context"),
}
"""Records beyond a budget, and what the error says of it."""

WITHIN: Mapping[str, Callable[[], Record]] = {
    "as many boxes as may be": lambda: with_features({}, 65_536),
    "boxes that are all odd": lambda: with_features(
        boxes(65_536) | {"image/object/bbox/xmin": packed_floats(0.9, 65_536)}
    ),
    "as many attributes as may be": lambda: with_features(
        {f"image/object/a{i}": packed_floats(0.1234567, 7_000) for i in range(90)}, 7_000
    ),
    "as many numbers as may be": lambda: with_features({"image/seq_id": packed_ints(2_090_000)}),
    "as many keypoints as may be": lambda: with_features(
        {f"image/object/keypoint/{axis}": packed_floats(0.3, 1 << 19) for axis in "xy"}
    ),
    "as many captions as may be": lambda: with_features({"image/caption": many_texts(b"\1" * 31, 65_536)}),
    "as much text as may be": lambda: with_features({"image/filename": texts(b"\1" * 2_090_000)}),
    "masks of 100 megapixels": lambda: masked((11_585, 8_688), *[gray_png(11_585, 8_688)] * 8),
    "a mask of 200 megapixels": lambda: masked((14_100, 14_100), gray_png(14_100, 14_100, 8, b"\0" * 9 + b"\1")),
    "masks of a million runs": lambda: checkered(120, 70),
    "a triangle of a million columns": lambda: polygons(500_000, 1),
    "tags of two gigabytes": lambda: masked(SIZE, heavy_tiff()),
    "a GIF with a long comment": lambda: masked(SIZE, commented_gif()),
    "a JPEG with Exif of gigabytes": lambda: masked(SIZE, annotated_jpeg()),
    "a PNG with texts of 60 MB": lambda: masked(SIZE, texted_png()),
    "an AVIF with Exif of gigabytes": lambda: with_features({"image/encoded": texts(annotated_avif())}),
    "a label image of 100 megapixels": lambda: (
        masked((10_000, 10_000))
        | {"image/segmentation/class/encoded": texts(gray_png(10_000, 10_000, 8, bytes(60) + b"\1" * 90))}
    ),
    "long polygons": lambda: with_features(
        {
            "image/object/segmentation_v": packed_floats(10.25, 2_000_000),
            "image/object/segmentation_sep": ints(0, 2_000_000),
        }
    ),
    "large floats": lambda: with_features({"image/object/is_crowd": floats(), "own": packed_floats(0.3, 2_400_000)}),
}
"""Records that are read: at the edge of a budget, or with much that is never unpacked."""
