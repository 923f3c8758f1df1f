"""Headers of images that are cut, damaged, or of something else: whole or not, named, and never slow."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
import tracemalloc
import warnings

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from image_files import (
    OWN,
    RARE,
    SCAN,
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
from PIL import Image

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.header import EXTENSIONS_OF, read_image_info
from tfrecord_lite.images.info import ImageInfo

WHERE = Location("train.tfrecord", 17, 4096)
KEY = "image/encoded"


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


# ---------------------------------------------------------------------------------------- completeness


@pytest.mark.parametrize("image_format", OWN)
def test_a_cut_image_is_incomplete_or_has_no_header(image_format: str) -> None:
    data = encoded(image_format, 60, 40)
    found = [info_or_problem(data[:length]) for length in range(1, len(data))]
    headless = sum(isinstance(cut, str) for cut in found)
    assert 10 < headless < 800  # a GIF's colours and a JPEG's tables come before the size of a frame
    for cut in found[:headless]:
        assert isinstance(cut, str)
        assert "the image ends inside its header" in cut
    assert set(found[headless:]) == {ImageInfo(image_format, 60, 40, 1, animated=False, complete=False)}


@pytest.mark.parametrize("image_format", ["jpeg", "png", "gif", "bmp", "webp"])
@pytest.mark.parametrize("junk", [b"\0", b"junk" * 9, b"\xff" * 5000, b"\r\n"])
def test_bytes_after_the_end_do_not_matter(image_format: str, junk: bytes) -> None:
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
    if last == len(data):  # the directory comes before the pixels
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
        (bytes(128) + b"DICM\2\0\0\0", "(a DICOM file?)"),
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
        (jpeg(frame(0xC0, 4, 0)), "a JPEG that gives its height only after its pixels (DNL)"),
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
        assert found.format in EXTENSIONS_OF


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
    ids=["fill", "stuffed", "stray", "segments", "PNG chunks", "GIF blocks", "GIF extensions", "WebP chunks"],
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
        "from tfrecord_lite.images.header import read_image_info\n"
        "found = read_image_info(sys.stdin.buffer.read(), Location('f'), 'k')\n"
        "print(found.width, any(name == 'PIL' or name.startswith('PIL.') for name in sys.modules))\n"
    )
    for image_format, expected in (("jpeg", [b"32", b"False"]), ("tiff", [b"32", b"False"]), ("ppm", [b"32", b"True"])):
        done = subprocess.run(
            [sys.executable, "-c", script], input=encoded(image_format), check=True, capture_output=True
        )
        assert done.stdout.split() == expected
