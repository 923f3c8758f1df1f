from __future__ import annotations

import io
import random
import re
import struct
import subprocess
import sys
import time
import tracemalloc
import warnings
import zlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from tfrecord_lite.decoding import decode_fully
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images import EXTENSIONS_OF, IMAGE_EXTENSIONS, ImageInfo, read_image_info

WHERE = Location("train.tfrecord", 17, 4096)
KEY = "image/encoded"
Image.init()
RARE = ["tiff", "ppm", "jpeg2000", *(["avif"] if "AVIF" in Image.SAVE else [])]  # Pillow has AVIF since 11.3
OWN = ["jpeg", "png", "gif", "bmp", "webp"]


def info(data: bytes) -> ImageInfo:
    return read_image_info(data, WHERE, KEY)


def info_or_problem(data: bytes) -> ImageInfo | str:
    try:
        return info(data)
    except FeatureError as error:
        return str(error)


def problem(data: bytes) -> str:
    with pytest.raises(FeatureError) as caught:
        info(data)
    assert caught.value.where == WHERE
    assert caught.value.key == KEY
    text = str(caught.value)
    assert text.startswith("train.tfrecord: record 17 at byte 4096: image/encoded: the image ")
    assert text.isprintable()
    return text.partition("image/encoded: ")[2]


def picture(width: int = 32, height: int = 24, mode: str = "RGB") -> Image.Image:
    """A picture that does not compress to nothing."""
    noise = random.Random(width * height).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), noise).convert(mode)


def encoded(image_format: str, width: int = 32, height: int = 24, mode: str = "RGB", **options: Any) -> bytes:
    """The picture as Pillow encodes it."""
    out = io.BytesIO()
    picture(width, height, mode).save(out, image_format, **options)
    return out.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker of a camera"
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def exif_block(orientation: int, order: str = "<", kind: int = 3, entries: int = 3) -> bytes:
    """A TIFF header and directory, by hand: Exif 2.3, section 4.5."""
    value = struct.pack(f"{order}I", orientation) if kind == 4 else struct.pack(f"{order}HH", orientation, 0)
    directory = struct.pack(f"{order}H", entries)
    for tag in range(0x0100, 0x0100 + entries - 1):
        directory += struct.pack(f"{order}HHII", tag, 4, 1, 77)
    directory += struct.pack(f"{order}HHI", 0x0112, kind, 1) + value + bytes(4)
    return {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 8) + directory


def segment(code: int, content: bytes) -> bytes:
    return bytes([0xFF, code]) + struct.pack(">H", len(content) + 2) + content


def frame(code: int, width: int, height: int, components: int = 3, bits: int = 8) -> bytes:
    parts = b"".join(bytes([number, 0x11, 0]) for number in range(components))
    return segment(code, struct.pack(">BHHB", bits, height, width, components) + parts)


SCAN = segment(0xDA, bytes(10)) + b"\x12\x34\xff\x00\x56"  # a scan header and a few coded bytes


def jpeg(*segments: bytes, end: bytes = b"\xff\xd9") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + SCAN + end


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, end: bytes | None = None) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    body = b"".join(chunks) + chunk(b"IDAT", zlib.compress(bytes(99)))
    return b"\x89PNG\r\n\x1a\n" + header + body + (chunk(b"IEND", b"") if end is None else end)


def bmp(width: int, height: int, *, header: int = 40, bits: int = 24, compression: int = 0, size: int = 0) -> bytes:
    rows = bytes((width * bits + 31) // 32 * 4 * abs(height)) if not compression else bytes(size)
    if header == 12:
        details = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        details = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, size, 0, 0, 0, 0)
        details = details.ljust(header, b"\0")
    pixels = 14 + len(details)
    return b"BM" + struct.pack("<IHHI", pixels + len(rows), 0, 0, pixels) + details + rows


def gif_frame(width: int, height: int, left: int = 0, top: int = 0, data: bytes = b"\x02\x44\x01") -> bytes:
    return b"," + struct.pack("<HHHHB", left, top, width, height, 0) + b"\x02" + data + b"\0"


def gif(width: int, height: int, *blocks: bytes, end: bytes = b";") -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"".join(blocks) + end


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP"
    for kind, content in chunks:
        body += kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# ---------------------------------------------------------------------------------------- size and format


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 7), (13, 1), (31, 57), (300, 200)])
@pytest.mark.parametrize("image_format", [*OWN, *RARE])
def test_size_and_format_are_those_that_pillow_reads(image_format: str, width: int, height: int) -> None:
    options: dict[str, Any] = {"num_resolutions": 1} if image_format == "jpeg2000" else {}  # else it wants more pixels
    found = info(encoded(image_format, width, height, **options))
    assert found == ImageInfo(image_format, width, height, orientation=1, animated=False, complete=True)
    assert found.extension in EXTENSIONS_OF[image_format]


@pytest.mark.parametrize(
    ("image_format", "mode", "options"),
    [
        ("jpeg", "L", {}),
        ("jpeg", "CMYK", {}),
        ("jpeg", "RGB", {"progressive": True}),
        ("jpeg", "RGB", {"subsampling": 0, "optimize": True, "restart_marker_rows": 1}),
        ("jpeg", "RGB", {"comment": b"a comment \xff\xd9\xff\xda\xff\xc0", "icc_profile": bytes(200_000)}),
        ("png", "1", {}),
        ("png", "P", {}),
        ("png", "LA", {}),
        ("png", "RGBA", {"icc_profile": bytes(200_000)}),
        ("png", "I;16", {}),
        ("gif", "L", {"interlace": 1}),
        ("bmp", "1", {}),
        ("bmp", "P", {}),
        ("bmp", "RGBA", {}),
        ("webp", "RGB", {"lossless": True}),
        ("webp", "RGBA", {}),
        ("webp", "RGBA", {"lossless": True, "icc_profile": bytes(200)}),
        ("tiff", "RGB", {"compression": "tiff_lzw"}),
        ("tiff", "RGB", {"big_tiff": True}),
        ("tiff", "CMYK", {"compression": "jpeg"}),
        ("ppm", "L", {}),
        ("ppm", "1", {}),
    ],
)
def test_every_kind_of_pixel_is_read(image_format: str, mode: str, options: dict[str, Any]) -> None:
    if mode == "I;16":
        out = io.BytesIO()
        Image.frombytes("I;16", (32, 24), bytes(32 * 24 * 2)).save(out, image_format)
        data = out.getvalue()
    else:
        data = encoded(image_format, mode=mode, **options)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (32, 24)
    assert info(data) == ImageInfo(image_format, 32, 24, orientation=1, animated=False, complete=True)


@pytest.mark.parametrize("code", [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF])
def test_every_kind_of_jpeg_frame_is_a_frame(code: int) -> None:
    assert info(jpeg(frame(code, 65500, 3)))[:3] == ("jpeg", 65500, 3)


@pytest.mark.parametrize("code", [0xC4, 0xC8, 0xCC])
def test_tables_that_are_numbered_like_frames_are_none(code: int) -> None:
    table = segment(code, struct.pack(">BHHB", 8, 9, 9, 3) + bytes(9))
    assert info(jpeg(table, frame(0xC0, 4, 5)))[:3] == ("jpeg", 4, 5)


@pytest.mark.parametrize(
    "before",
    [
        b"\xff" * 9,  # fill bytes
        b"\0\0\x12\x34",  # stray bytes, which libjpeg skips with a warning
        b"\xff\x00\xff\x00",
        b"\xff\x01\xff\xd0",  # markers without a length
        b"".join(segment(0xE2, bytes(65533)) for _ in range(255)),  # the largest colour profile
        b"".join(segment(0xFE, b"") for _ in range(3000)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"\xff\xd9\xff\xda" * 2000),
        segment(0xE1, b"Exif\0\0" + jpeg(frame(0xC0, 160, 120))),  # a thumbnail
    ],
)
def test_what_stands_before_a_jpeg_frame_is_skipped(before: bytes) -> None:
    jfif = segment(0xE0, b"JFIF\0\1\1" + bytes(7))
    assert info(jpeg(jfif, before, frame(0xC0, 640, 480))) == ImageInfo(
        "jpeg", 640, 480, 1, animated=False, complete=True
    )


@pytest.mark.parametrize("data", [png(65500, 65500), png(2**31 - 1, 1)])
def test_a_huge_png_is_only_a_header(data: bytes) -> None:
    assert info(data).complete


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_a_png_with_a_bomb_in_a_text_or_profile_is_read(kind: bytes) -> None:
    bomb = chunk(kind, b"x\0\0" + zlib.compress(bytes(50_000_000), 9))
    assert info(png(7, 8, bomb, bits=16)) == ImageInfo("png", 7, 8, 1, animated=False, complete=True)


@pytest.mark.parametrize("height", [24, -24])
@pytest.mark.parametrize("header", [40, 52, 56, 64, 108, 124])
def test_every_bmp_header_is_read_whichever_row_is_first(header: int, height: int) -> None:
    assert info(bmp(33, height, header=header)) == ImageInfo("bmp", 33, 24, 1, animated=False, complete=True)


def test_the_bmp_header_of_os2_is_read() -> None:
    assert info(bmp(33, 40_000, header=12, bits=1)) == ImageInfo("bmp", 33, 40_000, 1, animated=False, complete=True)


@pytest.mark.parametrize(
    ("screen", "place", "size"),
    [((9, 8), (9, 8, 0, 0), (9, 8)), ((9, 8), (4, 9, 6, 0), (10, 9)), ((0, 0), (5, 6, 0, 0), (5, 6))],
)
def test_the_size_of_a_gif_is_its_screen_grown_to_hold_its_frame(
    screen: tuple[int, int], place: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    data = gif(*screen, gif_frame(*place))
    assert info(data)[1:3] == size
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == size


@pytest.mark.parametrize(("width", "height"), [(1, 1), (65_537, 3), (3, 65_537), (2**24, 2**24)])
def test_the_canvas_of_an_extended_webp_has_24_bits(width: int, height: int) -> None:
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    assert info(riff((b"VP8X", canvas), (b"ALPH", b"abc")))[1:3] == (width, height)


def test_the_scale_in_a_webp_key_frame_is_no_part_of_its_size() -> None:
    key_frame = bytes([0x10, 0, 0]) + b"\x9d\x01\x2a" + struct.pack("<HH", 0x4000 | 176, 0xC000 | 144)
    assert info(riff((b"VP8 ", key_frame)))[1:3] == (176, 144)


# ---------------------------------------------------------------------------------------- orientation


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp", "tiff"])
def test_orientation_is_told_and_not_applied(image_format: str, orientation: int) -> None:
    found = info(encoded(image_format, 32, 24, exif=turned(orientation)))
    assert found == ImageInfo(image_format, 32, 24, orientation, animated=False, complete=True)


@pytest.mark.parametrize("kind", [3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_read_in_both_byte_orders(order: str, kind: int) -> None:
    block = exif_block(8, order, kind)
    assert info(jpeg(segment(0xE1, b"Exif\0\0" + block), frame(0xC0, 4, 4))).orientation == 8
    assert info(png(4, 4, chunk(b"eXIf", block))).orientation == 8
    canvas = struct.pack("<I", 0x08) + bytes(6)
    for head in (b"", b"Exif\0\0"):
        assert info(riff((b"VP8X", canvas), (b"VP8 ", b"odd"), (b"EXIF", head + block))).orientation == 8


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"not an Exif block",
        exif_block(0),
        exif_block(9),
        exif_block(70_000, kind=4),
        exif_block(6)[:-8],  # cut before the value
        exif_block(6)[:8],
        b"II*\0\xff\xff\xff\xff",  # a directory far behind the end
        b"II*\0\x08\0\0\0\xff\xff",  # with more entries than there are bytes
        b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0110, 3, 1, 6, 0),
    ],
)
def test_a_damaged_exif_block_means_no_orientation(block: bytes) -> None:
    expected = (4, 4, 1)
    assert info(jpeg(segment(0xE1, b"Exif\0\0" + block), frame(0xC0, 4, 4)))[1:4] == expected
    assert info(png(4, 4, chunk(b"eXIf", block)))[1:4] == expected
    canvas = struct.pack("<I", 0x08) + bytes([3, 0, 0, 3, 0, 0])
    assert info(riff((b"VP8X", canvas), (b"EXIF", block)))[1:4] == expected
    assert info(riff((b"VP8X", canvas)))[1:4] == expected  # announced, and not there


def test_the_first_orientation_of_a_jpeg_counts() -> None:
    blocks = [segment(0xE1, b"Exif\0\0" + exif_block(orientation)) for orientation in (3, 6)]
    assert info(jpeg(*blocks, frame(0xC0, 4, 4))).orientation == 3


# ---------------------------------------------------------------------------------------- animation


@pytest.mark.parametrize("frames", [1, 2, 5])
@pytest.mark.parametrize("image_format", ["gif", "png", "webp", "tiff"])
def test_more_than_one_frame_is_an_animation(image_format: str, frames: int) -> None:
    pictures = [picture(32, 24 - number).resize((32, 24)) for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, image_format, save_all=True, append_images=pictures[1:])
    assert info(out.getvalue()) == ImageInfo(image_format, 32, 24, 1, animated=frames > 1, complete=True)


@pytest.mark.parametrize(("frames", "animated"), [(0, False), (1, False), (2, True), (256, True)])
def test_an_animation_of_one_png_frame_is_none(frames: int, animated: bool) -> None:
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    assert info(png(4, 4, control)).animated == animated
    assert info(png(4, 4, chunk(b"gAMA", bytes(4)), chunk(b"tEXt", b"a\0acTL"), control)).animated == animated


def test_gif_extensions_are_no_frames() -> None:
    comment = b"!\xfe\x03,;!\x00"
    looped = b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    assert not info(gif(4, 4, comment, looped, gif_frame(4, 4), comment)).animated
    assert info(gif(4, 4, gif_frame(4, 4), comment, gif_frame(4, 4))).animated


def test_a_zero_too_many_behind_a_gif_frame_is_skipped() -> None:
    assert info(gif(4, 4, b"\0", gif_frame(4, 4), b"\0\0")) == ImageInfo("gif", 4, 4, 1, animated=False, complete=True)
    assert info(gif(4, 4, gif_frame(4, 4), b"\0", gif_frame(4, 4))).animated


# ---------------------------------------------------------------------------------------- completeness


@pytest.mark.parametrize("image_format", OWN)
def test_a_cut_image_is_incomplete_or_has_no_header(image_format: str) -> None:
    data = encoded(image_format, 60, 40)
    found = [info_or_problem(data[:length]) for length in range(1, len(data))]
    headless = sum(isinstance(cut, str) for cut in found)
    assert 10 < headless < 800  # a GIF's colours and a JPEG's tables stand before the size of a frame
    for cut in found[:headless]:
        assert isinstance(cut, str)
        assert "the image ends inside its header" in cut
    assert set(found[headless:]) == {ImageInfo(image_format, 60, 40, 1, animated=False, complete=False)}


@pytest.mark.parametrize("image_format", ["jpeg", "png", "gif", "bmp", "webp"])
@pytest.mark.parametrize("junk", [b"\0", b"junk" * 9, b"\xff" * 5000, b"\r\n"])
def test_bytes_behind_the_end_do_not_matter(image_format: str, junk: bytes) -> None:
    assert info(encoded(image_format) + junk).complete


def test_zeros_in_place_of_the_rest_are_no_end() -> None:
    # what an interrupted download into a file of full size leaves
    for image_format in ("jpeg", "png", "gif"):
        data = encoded(image_format, 60, 40)
        half = len(data) // 2
        assert not info(data[:half] + bytes(len(data) - half)).complete


def test_a_cut_animation_is_incomplete() -> None:
    pictures = [picture(32, 24 - number).resize((32, 24)) for number in range(4)]
    out = io.BytesIO()
    pictures[0].save(out, "gif", save_all=True, append_images=pictures[1:])
    data = out.getvalue()
    assert info(data).complete
    assert info(data + b"\0\0").complete
    assert [info(data[:-length]).complete for length in (1, 2, 10, 100)] == [False] * 4
    assert info(data[:-100]).animated


def test_the_end_of_a_thumbnail_is_not_the_end_of_a_jpeg() -> None:
    thumbnail = segment(0xE1, b"Exif\0\0" + jpeg(frame(0xC0, 16, 12)))
    assert not info(jpeg(thumbnail, frame(0xC0, 64, 48), end=b"")).complete
    assert not info(jpeg(thumbnail, frame(0xC0, 64, 48))[: -len(SCAN)]).complete


def test_a_jpeg_without_a_scan_is_incomplete() -> None:
    assert not info(b"\xff\xd8" + frame(0xC0, 64, 48) + b"\xff\xd9").complete


@pytest.mark.parametrize("compression", [1, 2])
def test_a_compressed_bmp_is_as_long_as_its_header_says(compression: int) -> None:
    data = bmp(8, 8, bits=8, compression=compression, size=50)
    assert info(data).complete
    assert not info(data[:-1]).complete


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_tiff_is_as_long_as_its_strips_say(compression: str) -> None:
    data = encoded("tiff", 60, 40, compression=compression)
    strips = Image.open(io.BytesIO(data)).tag_v2  # type: ignore[attr-defined]
    last = max(start + size for start, size in zip(strips[273], strips[279], strict=True))
    if last == len(data):  # the directory stands before the pixels
        assert not info(data[:-1]).complete
    assert info(data).complete


# ---------------------------------------------------------------------------------------- what is no image


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "the image is empty (0 bytes)"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n",
            "starts with 25 21 50 53 2d 41 64 6f (an EPS or PostScript file?), expected JPEG",
        ),
        (b"%PDF-1.7", "(a PDF document?)"),
        (b"SIMPLE  =                    T", "(a FITS file?)"),
        (b"8BPS\0\1", "(a Photoshop file?)"),
        (b"\xff\x0a\xfa\x1f", "(JPEG XL?)"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "(HEIC or a video?)"),
        (b"\x93NUMPY\1\0", "(a NumPy array?)"),
        (b"<svg xmlns=", "(a web page, SVG or other XML?)"),
        (b"/9j/4AAQSkZJRgABAQ", "(a JPEG in base64: decode it first?)"),
        (b"iVBORw0KGgoAAAANSUhEUg", "(a PNG in base64: decode it first?)"),
        (b"gs://bucket/images/1.jpg", "starts with 67 73 3a 2f 2f 62 75 63 (the text 'gs://bucket/images/1.jpg'?)"),
        (bytes(8), "starts with 00 00 00 00 00 00 00 00 (zeros?)"),
        (bytes(100), "starts with 00 00 00 00 00 00 00 00 (zeros?)"),
        (b"\x01\x02\x03\x1b[2J", "starts with 01 02 03 1b 5b 32 4a, expected JPEG, PNG, GIF, BMP, WebP"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "starts with 52 49 46 46 24 00 00 00, expected"),
        (b"BMW is not a bitmap, and its header size is nonsense", "starts with 42 4d 57"),
        (b"\xff\xd8\x00\x10JFIF", "starts with ff d8 00 10"),
        (riff((b"ANIM", bytes(20))), "a damaged WebP: its first chunk is 'ANIM', expected 'VP8'"),
        (riff((b"VP8 ", bytes(20))), "a damaged WebP: its data does not start with a key frame"),
        (
            riff((b"VP8 ", b"\x11\0\0\x9d\x01\x2a" + bytes(20))),
            "a damaged WebP: its data does not start with a key frame",
        ),
        (riff((b"VP8L", bytes(20))), "a damaged WebP: its lossless data has a wrong signature"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"CgBI", bytes(4)) + bytes(30), "a damaged PNG: its first chunk is 'CgBI'"),
        (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(12)) + bytes(30), "a damaged PNG: its first chunk is 'IHDR'"),
        (gif(4, 4), "a GIF without a frame"),
        (gif(4, 4, end=b"\x77"), "a GIF without a frame"),
        (b"\xff\xd8\xff\xd9", "a damaged JPEG: no valid frame header"),
        (b"\xff\xd8" + SCAN + frame(0xC0, 4, 4), "a damaged JPEG: no valid frame header"),
        (b"\xff\xd8\xff\xe0\0\1" + frame(0xC0, 4, 4), "a damaged JPEG: no valid frame header"),
        (jpeg(segment(0xC0, struct.pack(">BHHB", 8, 4, 4, 3) + bytes(8))), "a damaged JPEG: no valid frame header"),
        (jpeg(frame(0xC0, 4, 0)), "a JPEG that tells its height only behind its pixels (DNL)"),
        (jpeg(frame(0xC0, 0, 4)), "has a size of 0 x 4 pixels, expected at least 1 x 1"),
        (png(0, 7), "has a size of 0 x 7 pixels"),
        (png(7, 0), "has a size of 7 x 0 pixels"),
        (png(2**31, 1), "has a size of 2147483648 x 1 pixels"),
        (gif(0, 0, gif_frame(0, 0)), "has a size of 0 x 0 pixels"),
        (bmp(0, 5), "has a size of 0 x 5 pixels"),
        (bmp(1, 1)[:18] + struct.pack("<i", -3) + bmp(1, 1)[22:], "has a size of -3 x 1 pixels"),
        (b"II*\0\x08\0\0\0\0\0\0\0\0\0", "cannot be read as TIFF: "),
        (b"P6\n\x1b[2J", "cannot be read as PPM: "),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "cannot be read as JPEG2000: "),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "cannot be read as AVIF: "),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "cannot be read as AVIF: "),
    ],
)
def test_what_is_no_image_is_named(data: bytes, expected: str) -> None:
    assert expected in problem(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xff\xff",
        b"\x89PNG",
        encoded("png")[:32],
        b"GIF8",
        gif(4, 4, end=b""),
        gif(4, 4, gif_frame(4, 4)[:7], end=b""),
        gif(4, 4, b"!\xfe\x03a", end=b""),
        b"B",
        b"BM",
        bmp(4, 4)[:30],
        b"RIFF",
        b"RIFF\0\0\0\0WE",
        encoded("webp")[:29],
        encoded("webp", lossless=True)[:24],
        encoded("jpeg")[:30],
    ],
)
def test_an_image_that_is_cut_in_its_header_is_called_so(data: bytes) -> None:
    assert problem(data) == f"the image ends inside its header, after {len(data)} bytes: it was cut off"


@settings(deadline=None, max_examples=400)
@given(
    start=st.sampled_from([*(encoded(image_format, 40, 33) for image_format in (*OWN, *RARE)), b""]),
    edits=st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=6),
    length=st.integers(0, 5000),
)
@example(start=b"II*\0" + b"\xff" * 40, edits=[], length=5000)
def test_damaged_bytes_are_an_image_or_a_fault_of_the_data(
    start: bytes, edits: list[tuple[int, bytes]], length: int
) -> None:
    data = bytearray(start)
    for position, change in edits:
        data[position : position + len(change)] = change
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = info_or_problem(bytes(data[:length]))
    if isinstance(found, str):
        assert "image/encoded: the image " in found
        assert found.isprintable()
    else:
        assert found.width > 0
        assert found.height > 0
        assert found.orientation in range(1, 9)
        assert found.extension in IMAGE_EXTENSIONS


HEADER = struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 5, 5, 8, 2, 0, 0, 0, 0)
MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + b"\xff" * 16 * MEGABYTE,
        b"\xff\xd8" + b"\xff\0" * 8 * MEGABYTE,
        b"\xff\xd8\xff\xe0\0\2" + bytes(16 * MEGABYTE),
        b"\xff\xd8" + b"\xff\xe0\0\2" * 4 * MEGABYTE,
        b"\x89PNG\r\n\x1a\n" + HEADER + struct.pack(">I4sI", 0, b"tEXt", 0) * MEGABYTE,
        gif(5, 5, gif_frame(5, 5, data=b"\1" * 16 * MEGABYTE)),
        gif(5, 5, b"!\xfe\0" * 5 * MEGABYTE),
        riff((b"VP8X", struct.pack("<I", 8) + bytes(6)), *([(b"JUNK", b"")] * (MEGABYTE // 4))),
    ],
    ids=[
        "fill bytes",
        "stuffed bytes",
        "stray bytes",
        "segments",
        "png chunks",
        "gif blocks",
        "gif extensions",
        "webp chunks",
    ],
)
def test_no_header_takes_long(data: bytes) -> None:
    start = time.perf_counter()
    info_or_problem(data)
    assert time.perf_counter() - start < 10  # seconds; what grows with the square of the size would take hours


def test_a_header_of_too_many_parts_is_not_followed_to_its_end() -> None:
    assert info(jpeg(segment(0xFE, b"") * 99_000, frame(0xC0, 4, 4))).complete
    assert "a damaged JPEG" in problem(jpeg(segment(0xFE, b"") * 100_000, frame(0xC0, 4, 4)))


def test_a_header_takes_no_memory_of_its_own() -> None:
    block = exif_block(6) + bytes(10 * MEGABYTE)
    canvas = struct.pack("<I", 0x08) + bytes(6)
    for data in (png(4, 4, chunk(b"eXIf", block)), riff((b"VP8X", canvas), (b"EXIF", block))):
        tracemalloc.start()
        try:
            assert info(data).orientation == 6
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < MEGABYTE


def test_pillow_is_not_imported_for_the_usual_formats() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.errors import Location\n"
        "from tfrecord_lite.images import read_image_info\n"
        "found = read_image_info(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "print(found.width, any(name == 'PIL' or name.startswith('PIL.') for name in sys.modules))\n"
    )
    for image_format, expected in (("jpeg", [b"32", b"False"]), ("tiff", [b"32", b"True"])):
        done = subprocess.run(
            [sys.executable, "-c", script], input=encoded(image_format), check=True, capture_output=True
        )
        assert done.stdout.split() == expected


# ---------------------------------------------------------------------------------------- decoding


@pytest.mark.parametrize(
    ("image_format", "options"),
    [*((name, {}) for name in (*OWN, *RARE)), ("jpeg", {"progressive": True}), ("webp", {"lossless": True})],
)
def test_a_sound_image_decodes(image_format: str, options: dict[str, Any]) -> None:
    decode_fully(encoded(image_format, 300, 200, **options), WHERE, KEY)


def undecodable(data: bytes) -> str:
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        with pytest.raises(FeatureError) as caught:
            decode_fully(data, WHERE, KEY)
    assert leaked == []
    assert caught.value.where == WHERE
    assert caught.value.key == KEY
    assert str(caught.value).isprintable()
    return caught.value.problem


@pytest.mark.parametrize("image_format", [name for name in (*OWN, *RARE) if name != "avif"])
def test_a_cut_image_does_not_decode(image_format: str) -> None:
    data = encoded(image_format, 300, 200)
    text = undecodable(data[: len(data) * 2 // 3])
    assert re.search(r"image (cannot be decoded: 300 x 200 pixels|cannot be read as)", text)


def test_a_damaged_png_does_not_decode() -> None:
    data = bytearray(encoded("png", 300, 200))
    data[len(data) // 2] ^= 0xFF
    assert "the image cannot be decoded: 300 x 200 pixels, png: " in undecodable(bytes(data))


def test_what_is_no_image_does_not_decode() -> None:
    assert "(an EPS or PostScript file?)" in undecodable(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")


@pytest.mark.parametrize(
    "data", [png(65500, 65500), png(10_000, 9_500), gif(60_000, 60_000, gif_frame(60_000, 60_000)), bmp(1, 1, size=9)]
)
def test_an_image_that_would_fill_the_memory_is_refused(data: bytes) -> None:
    if data.startswith(b"BM"):
        data = data[:18] + struct.pack("<ii", 30_000, 30_000) + data[26:]
    text = undecodable(data)
    assert re.fullmatch(
        r"image/encoded: the image is too large to be decoded for a check: \d+ x \d+ pixels. Leave .*", text
    )


@pytest.mark.parametrize(("width", "height", "refused"), [(3_300, 3_300, False), (3_400, 3_400, True)])
def test_a_webp_takes_more_memory_than_others(width: int, height: int, *, refused: bool) -> None:
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    text = undecodable(riff((b"VP8X", canvas)))
    assert ("is too large to be decoded" in text) == refused
    assert (f"cannot be decoded: {width} x {height} pixels, webp: " in text) != refused


def test_a_progressive_jpeg_takes_more_memory_than_another() -> None:
    assert "is too large to be decoded" in undecodable(jpeg(frame(0xC2, 6_500, 6_500)))
    assert "cannot be decoded: 6500 x 6500 pixels, jpeg: " in undecodable(jpeg(frame(0xC0, 6_500, 6_500)))


def large_photograph() -> bytes:
    out = io.BytesIO()
    Image.new("L", (12_000, 7_000)).save(out, "jpeg", quality=20)  # 84 megapixels
    return out.getvalue()


def test_a_large_photograph_is_decoded_all_the_same() -> None:
    data = large_photograph()
    decode_fully(data, WHERE, KEY)
    assert "cannot be decoded: 12000 x 7000" in undecodable(data[:-1000])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_large_photograph_is_never_held_whole() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.errors import Location\n"
        "from tfrecord_lite.decoding import decode_fully\n"
        "decode_fully(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=large_photograph(), check=True, capture_output=True)
    assert int(done.stdout) < 80_000  # kilobytes, of which Python and Pillow take half


@pytest.mark.parametrize("image_format", [*OWN, *RARE])
def test_only_the_decoder_of_the_format_is_asked(image_format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    opened = Image.open

    def watched(stream: io.BytesIO, *, formats: tuple[str, ...]) -> Image.Image:
        asked.extend(formats)
        return opened(stream, formats=formats)

    monkeypatch.setattr(Image, "open", watched)
    decode_fully(encoded(image_format, 64, 64), WHERE, KEY)
    assert asked == [image_format.upper()]


def test_pillow_writes_nothing_to_the_terminal_by_itself() -> None:
    script = (
        "import sys\n"
        "from tfrecord_lite.errors import FeatureError, Location\n"
        "from tfrecord_lite.decoding import decode_fully\n"
        "try:\n"
        "    decode_fully(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "except FeatureError as error:\n"
        "    print(error)\n"
    )
    entries = [(256, 3, 1, 4), (257, 3, 1, 4), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 120)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    data = b"II*\0\x08\0\0\0" + directory  # 120 samples a pixel, which Pillow logs as an error
    done = subprocess.run([sys.executable, "-c", script], input=data, check=True, capture_output=True)
    assert done.stdout.startswith(b"f: k: the image cannot be read as TIFF: ")
    assert done.stderr == b""


def test_decoding_leaves_the_warnings_of_the_caller_alone() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        decode_fully(encoded("gif"), WHERE, KEY)
        assert list(warnings.filters) == before


def test_endings_of_formats_are_lower_case_and_belong_to_one_format() -> None:
    endings = [ending for of_format in EXTENSIONS_OF.values() for ending in of_format]
    assert len(endings) == len(set(endings)) == len(IMAGE_EXTENSIONS)
    assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in endings)
    assert [EXTENSIONS_OF[name][0] for name in OWN] == [".jpg", ".png", ".gif", ".bmp", ".webp"]
