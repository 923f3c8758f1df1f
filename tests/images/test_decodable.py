"""What a decoder is given: the same pixels as the whole file has, and nothing else of it."""

from __future__ import annotations

import io
import itertools
import struct
from typing import Any

import pytest
from image_files import OWN, RARE, SCAN, chunk, encoded, frame, gif, gif_frame, jpeg, picture, png, segment
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from tfrecord_lite.errors import BudgetError, FeatureError, Location
from tfrecord_lite.images import gif as gif_files
from tfrecord_lite.images import jpeg as jpeg_files
from tfrecord_lite.images import png as png_files
from tfrecord_lite.images import tiff as tiff_files
from tfrecord_lite.images.decode import decode_fully, decoded_image
from tfrecord_lite.images.header import read_image_info

WHERE = Location("train.tfrecord", 17, 4096)
KEY = "image/object/mask"


def decoded(data: bytes) -> Image.Image:
    return decoded_image(data, read_image_info(data, WHERE, KEY), WHERE, KEY)


def refused(data: bytes) -> str:
    with pytest.raises(BudgetError) as caught:
        decoded(data)
    return caught.value.problem.removeprefix(f"{KEY}: ")


def turned(**tags: Any) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    for name, value in tags.items():
        exif[ExifTags.Base[name]] = value
    return exif


TEXTS = PngInfo()
TEXTS.add_text("prompt", "a harbour " * 1000, zip=True)
TEXTS.add(b"prIv", bytes(99))


@pytest.mark.parametrize(
    ("image_format", "mode", "options"),
    [
        *(pytest.param(name, "RGB", {}, id=name) for name in (*OWN, *RARE)),
        pytest.param("jpeg", "L", {"comment": b"\xff\xd8\xff\xda" * 99, "icc_profile": bytes(200_000)}, id="profile"),
        pytest.param("jpeg", "CMYK", {"exif": turned(Make="a maker")}, id="Adobe"),
        pytest.param("jpeg", "RGB", {"progressive": True, "exif": turned()}, id="progressive"),
        pytest.param("jpeg", "RGB", {"subsampling": 2, "restart_marker_blocks": 1, "optimize": True}, id="restarts"),
        pytest.param("png", "P", {"pnginfo": TEXTS, "transparency": 3, "exif": turned()}, id="palette"),
        pytest.param("png", "LA", {"icc_profile": bytes(200_000)}, id="alpha"),
        pytest.param("png", "1", {"pnginfo": TEXTS}, id="bilevel"),
        pytest.param("png", "I;16", {}, id="16 bits"),
        pytest.param("gif", "P", {"transparency": 3, "comment": b"a comment"}, id="transparent"),
        pytest.param("tiff", "L", {"compression": "tiff_lzw", "description": "a text"}, id="LZW"),
        pytest.param("tiff", "RGB", {"compression": "tiff_adobe_deflate", "big_tiff": True}, id="BigTIFF"),
        pytest.param("tiff", "RGB", {"compression": "jpeg", "quality": 90}, id="JPEG in TIFF"),
        pytest.param("tiff", "1", {"compression": "group4"}, id="Group 4"),
        pytest.param("tiff", "P", {"icc_profile": bytes(20_000)}, id="TIFF with a palette"),
        pytest.param("tiff", "RGBA", {"strip_size": 99}, id="strips"),
        pytest.param("tiff", "CMYK", {"dpi": (300, 300)}, id="resolution"),
        pytest.param("tiff", "F", {}, id="floats"),
        pytest.param("webp", "RGBA", {"lossless": True, "exif": turned(), "xmp": b"<x/>"}, id="lossless"),
        pytest.param("ppm", "1", {}, id="PBM"),
        pytest.param("jpeg2000", "L", {"irreversible": True}, id="gray"),
    ],
)
def test_pixels_are_those_of_the_whole_file(image_format: str, mode: str, options: dict[str, Any]) -> None:
    if mode == "I;16":
        out = io.BytesIO()
        Image.frombytes("I;16", (60, 40), bytes(range(240)) * 20).save(out, image_format)
        data = out.getvalue()
    else:
        data = encoded(image_format, 60, 40, mode, **options)
    found = decoded(data)
    with Image.open(io.BytesIO(data)) as expected:
        assert (found.mode, found.size) == (expected.mode, expected.size)
        assert found.tobytes() == expected.tobytes()
        assert found.getpalette() == expected.getpalette()


def test_only_the_first_frame_of_an_animation_is_given_to_a_decoder() -> None:
    pictures = [picture(9, 7 + number).resize((9, 7)) for number in range(3)]
    for image_format, file in (("gif", gif_files), ("png", png_files), ("tiff", tiff_files)):
        out = io.BytesIO()
        pictures[0].save(out, image_format, save_all=True, append_images=pictures[1:])
        data = out.getvalue()
        info = read_image_info(data, WHERE, KEY)
        assert info.animated
        given = bytes(file.decodable(data, info).data)
        if image_format != "gif":  # what follows the first frame of a GIF is never reached
            assert not read_image_info(given, WHERE, KEY).animated
        with Image.open(io.BytesIO(data)) as expected:
            assert decoded(data).tobytes() == expected.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_a_tiff_is_not_turned(compression: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    plain = decoded(encoded("tiff", 60, 40, compression=compression))
    found = decoded(encoded("tiff", 60, 40, compression=compression, exif=exif))
    assert found.size == (60, 40)
    assert found.tobytes() == plain.tobytes()


# ---------------------------------------------------------------------------------------- what is taken out


def bloated_exif(entries: int) -> bytes:
    """An Exif block, each of whose entries has all of it as its value."""
    size = 8 + 2 + 12 * entries + 4
    tags = b"".join(struct.pack("<HHII", 0x9C9B + number, 7, size, 0) for number in range(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + tags + bytes(4)


BLOATED = bloated_exif(5000)


def test_a_jpeg_keeps_its_tables_and_the_marks_of_its_colours() -> None:
    jfif, adobe = segment(0xE0, b"JFIF\0\1\1" + bytes(7)), segment(0xEE, b"Adobe\0d\0\0\0\0\2")
    table = segment(0xDB, bytes(65))
    thrown_away = [
        segment(0xE1, b"Exif\0\0" + BLOATED[:60_000]),
        segment(0xE2, b"MPF\0" + bytes(99)),
        segment(0xED, b"Photoshop 3.0\0" + bytes(99)),
        segment(0xFE, b"a comment"),
        segment(0xE0, b"JFXX\0\x10" + bytes(9000)),
        b"\0\0junk",
        frame(0xC2, 9999, 9999),
    ]
    for order in itertools.islice(itertools.permutations(thrown_away), 0, 5040, 97):
        data = jpeg(jfif, adobe, table, frame(0xC0, 64, 48), *order)
        given = jpeg_files.decodable(data, read_image_info(data, WHERE, KEY))
        assert given.data == jpeg(jfif, adobe, table, frame(0xC0, 64, 48))
    plain = jpeg(jfif, frame(0xC0, 64, 48))
    assert jpeg_files.decodable(plain, read_image_info(plain, WHERE, KEY)).data is plain


def test_a_png_keeps_what_its_pixels_need() -> None:
    needed = (chunk(b"PLTE", bytes(9)), chunk(b"tRNS", b"\0"))
    noise = (chunk(b"tEXt", bytes(99)), chunk(b"iCCP", bytes(99)), chunk(b"eXIf", BLOATED), chunk(b"fdAT", bytes(9)))
    data = png(8, 8, noise[0], needed[0], *noise[1:], needed[1])
    assert png_files.decodable(data, read_image_info(data, WHERE, KEY)).data == png(8, 8, *needed)
    plain = png(8, 8, *needed)
    assert png_files.decodable(plain, read_image_info(plain, WHERE, KEY)).data is plain


def test_a_gif_keeps_its_first_frame_and_which_colour_of_it_is_transparent() -> None:
    control, comment = b"!\xf9\4\1\0\0\1\0", b"!\xfe" + (b"\xff" + bytes(255)) * 99 + b"\0"
    first = gif_frame(8, 8)
    data = gif(8, 8, comment, control, comment, b"\0", first)
    given = gif_files.decodable(data, read_image_info(data, WHERE, KEY)).data
    assert given == gif(8, 8, control, first)


# ---------------------------------------------------------------------------------------- budgets


def directory(tags: list[tuple[int, int, int, int]], tail: bytes, *, big: bool = False) -> bytes:
    """A little-endian TIFF by hand: (tag, type, number of values, value or offset), and bytes after the directory."""
    entry, count, offset = ("<HHQQ", "<Q", "<Q") if big else ("<HHII", "<H", "<I")
    head = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" if big else b"II*\0\x08\0\0\0"
    return b"".join(
        (
            head,
            struct.pack(count, len(tags)),
            *(struct.pack(entry, *tag) for tag in sorted(tags)),
            bytes(struct.calcsize(offset)),
            tail,
        )
    )


GRAY = [(256, 4, 1, 64), (257, 4, 1, 48), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]


@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_a_thousand_tags_with_one_value_is_no_more_than_its_pixels(*, big: bool) -> None:
    strips = [(273, 4, 1, 30_000), (278, 4, 1, 48), (279, 4, 1, 64 * 48)]
    tags = [*GRAY, *strips, *((40_000 + number, 7, 30_000, 8) for number in range(1000))]
    data = directory(tags, bytes(40_000), big=big)
    given = tiff_files.decodable(data, read_image_info(data, WHERE, KEY))
    assert len(given.data) < len(data) + 300
    assert given.metadata < 100
    assert decoded(data).size == (64, 48)


def test_a_tiff_whose_palette_and_strips_are_the_same_million_bytes_is_refused() -> None:
    strips = [(273, 4, 300_000, 8), (278, 4, 1, 1), (279, 4, 300_000, 8)]
    data = directory([*GRAY, *strips], bytes(1 << 21))
    assert "takes 2400020 bytes of tags, the budget of a record is 1048576" in refused(data)


@pytest.mark.parametrize(
    ("across", "down", "reason"),
    [
        (16_384, 16_384, "takes 268435456 bytes of memory, the budget of a record is 200000000"),
        (1, 1 << 27, "takes 34359738368 decoded pixels, the budget of a record is 4294967296"),
    ],
)
def test_a_tile_that_is_larger_than_its_tiff_counts_in_full(across: int, down: int, reason: str) -> None:
    tiles = [(322, 4, 1, across), (323, 4, 1, down), (324, 4, 1, 8), (325, 4, 1, 8)]
    assert reason in refused(directory([*GRAY, *tiles], b""))


def test_tiles_of_usual_size_are_decoded() -> None:
    tiles = [(322, 4, 1, 256), (323, 4, 1, 256), (324, 4, 1, 200), (325, 4, 1, 1 << 16)]
    assert decoded(directory([*GRAY, *tiles], bytes(1 << 17))).size == (64, 48)


def test_a_jpeg_of_more_than_a_hundred_scans_is_refused() -> None:
    assert "takes 101 scans, the budget of a record is 100" in refused(jpeg(frame(0xC2, 64, 48), SCAN * 100))
    with pytest.raises(FeatureError, match="cannot be decoded: 64 x 48 pixels, jpeg: "):
        decoded(jpeg(frame(0xC2, 64, 48), SCAN * 99))


def test_what_follows_the_end_of_a_jpeg_is_no_scan() -> None:
    # a phone's film, or a second picture
    assert decoded(encoded("jpeg", 60, 40) + b"\xff\xda" * 5000).size == (60, 40)


def test_a_jpeg_whose_scans_are_of_one_component_is_held_whole() -> None:
    partial = segment(0xDA, b"\1" + bytes(5)) + b"\x12\x34"
    data = b"\xff\xd8" + frame(0xC0, 5_000, 5_000) + partial + b"\xff\xd9"
    assert "takes 250000000 bytes of memory, the budget of a record is 200000000" in refused(data)


def tiled_jpeg2000(tile: int) -> bytes:
    """SOC and SIZ of an image of 3,000 x 3,000 pixels, and no more."""
    siz = struct.pack(">HH8IH", 41, 0, 3_000, 3_000, 0, 0, tile, tile, 0, 0, 1) + b"\7\1\1"
    return b"\xff\x4f\xff\x51" + siz + b"\xff\x52" + struct.pack(">H", 12) + bytes(10) + b"\xff\xd9"


def test_a_jpeg2000_of_a_hundred_thousand_tiles_is_refused() -> None:
    assert "bytes of memory, the budget of a record is 200000000" in refused(tiled_jpeg2000(8))


def test_advice_is_to_leave_the_check_out() -> None:
    with pytest.raises(BudgetError, match=r"budget of a record is 100\. Leave verify_images=True out for this input$"):
        decode_fully(jpeg(frame(0xC2, 64, 48), SCAN * 100), WHERE, KEY)
