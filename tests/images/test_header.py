"""Headers of images: size, format, orientation and animation, as Pillow reads them."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import pytest
from image_files import (
    OWN,
    RARE,
    bmp,
    chunk,
    encoded,
    exif_block,
    frame,
    gif,
    gif_frame,
    jpeg,
    picture,
    png,
    riff,
    segment,
)
from PIL import ExifTags, Image

from tfrecord_lite.errors import Location
from tfrecord_lite.images.header import EXTENSIONS_OF, IMAGE_EXTENSIONS, read_image_info
from tfrecord_lite.images.info import ImageInfo

WHERE = Location("train.tfrecord", 17, 4096)
KEY = "image/encoded"
Image.init()


def info(data: bytes) -> ImageInfo:
    return read_image_info(data, WHERE, KEY)


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker of a camera"
    exif[ExifTags.Base.Orientation] = orientation
    return exif


# ---------------------------------------------------------------------------------------- size and format


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 7), (13, 1), (31, 57), (300, 200)])
@pytest.mark.parametrize("image_format", [*OWN, *RARE])
def test_size_and_format_are_those_that_pillow_reads(image_format: str, width: int, height: int) -> None:
    options: dict[str, Any] = {"num_resolutions": 1} if image_format == "jpeg2000" else {}  # else it wants more pixels
    found = info(encoded(image_format, width, height, **options))
    assert found == ImageInfo(image_format, width, height, orientation=1, animated=False, complete=True)


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
def test_what_comes_before_a_jpeg_frame_is_skipped(before: bytes) -> None:
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
def test_orientation_is_reported_and_not_applied(image_format: str, orientation: int) -> None:
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
        b"II*\0\xff\xff\xff\xff",  # a directory far beyond the end
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


def test_a_zero_too_many_after_a_gif_frame_is_skipped() -> None:
    assert info(gif(4, 4, b"\0", gif_frame(4, 4), b"\0\0")) == ImageInfo("gif", 4, 4, 1, animated=False, complete=True)
    assert info(gif(4, 4, gif_frame(4, 4), b"\0", gif_frame(4, 4))).animated


def test_endings_of_formats_are_lower_case_and_belong_to_one_format() -> None:
    endings = [ending for of_format in EXTENSIONS_OF.values() for ending in of_format]
    assert len(endings) == len(set(endings)) == len(IMAGE_EXTENSIONS)
    assert all(re.fullmatch(r"\.[a-z0-9]+", ending) for ending in endings)
    assert [EXTENSIONS_OF[name][0] for name in OWN] == [".jpg", ".png", ".gif", ".bmp", ".webp"]
