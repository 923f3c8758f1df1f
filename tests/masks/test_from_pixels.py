"""Masks in images of every kind: the run lengths are pycocotools' own."""

from __future__ import annotations

import math
import random
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from drawn_masks import COUNTS, SHAPE, counted, drawn, encoded, mask_of
from hypothesis import given, settings
from hypothesis import strategies as st
from image_files import chunk, packed, png_of_rows
from masks_read import KEY, WHERE, mask_in, masks_in
from PIL import Image
from pixels import saved
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.masks import from_pixels as mask_pixels
from tfrecord_lite.masks.mask import Mask


def shape_png(depth: int, colour: int, background: bytes | int, foreground: bytes | int, **options: bytes) -> bytes:
    """SHAPE as a PNG; the two pixels are bytes, or numbers of ``depth`` bits."""
    rows = []
    for line in SHAPE:
        if isinstance(background, bytes) and isinstance(foreground, bytes):
            rows.append(b"".join(foreground if pixel == "#" else background for pixel in line))
        else:
            assert isinstance(background, int)
            assert isinstance(foreground, int)
            rows.append(packed([foreground if pixel == "#" else background for pixel in line], depth))
    return png_of_rows(len(SHAPE[0]), len(SHAPE), depth, colour, rows, **options)


def shape_image(mode: str, background: Any, foreground: Any) -> Image.Image:
    image = Image.new(mode, (len(SHAPE[0]), len(SHAPE)), background)
    for y, line in enumerate(SHAPE):
        for x, pixel in enumerate(line):
            if pixel == "#":
                image.putpixel((x, y), foreground)
    return image


def jpeg(mode: str) -> bytes:
    """Two blocks of 8x8 pixels, black and white, which JPEG keeps exactly."""
    image = Image.new(mode, (16, 8))
    image.paste(Image.new(mode, (8, 8), "white"), (8, 0))
    return saved(image, "JPEG", quality=100, subsampling=0)


def test_a_mask_knows_its_area_and_its_box() -> None:
    mask = Mask(3, 5, COUNTS)
    assert mask.area == 8
    assert mask.bbox == (0, 0, 5, 3)
    assert Mask(4, 6, [9, 2, 2, 2, 9]).bbox == (2, 1, 2, 2)


def test_an_empty_mask_has_no_area_and_no_box() -> None:
    assert Mask(4, 6, [24]).area == 0
    assert Mask(4, 6, [24]).bbox == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(shape_png(1, 0, 0, 1), id="gray, 1 bit"),
        pytest.param(shape_png(2, 0, 0, 1), id="gray, 2 bits"),
        pytest.param(shape_png(4, 0, 0, 1), id="gray, 4 bits"),
        pytest.param(shape_png(8, 0, b"\0", b"\1"), id="gray, 0 and 1"),
        pytest.param(shape_png(8, 0, b"\0", b"\xff"), id="gray, 0 and 255"),
        pytest.param(shape_png(16, 0, b"\0\0", b"\0\1"), id="gray, 16 bits, the low byte"),
        pytest.param(shape_png(16, 0, b"\0\0", b"\1\0"), id="gray, 16 bits, the high byte"),
        pytest.param(shape_png(16, 0, b"\0\0", b"\xff\xff"), id="gray, 16 bits, all of them"),
        pytest.param(shape_png(1, 3, 0, 1, palette=b"\xff\xff\xff\0\0\0"), id="palette, 1 bit, black on white"),
        pytest.param(shape_png(2, 3, 0, 2, palette=bytes(9)), id="palette, 2 bits, black on black"),
        pytest.param(shape_png(4, 3, 0, 3, palette=bytes(range(12))), id="palette, 4 bits"),
        pytest.param(shape_png(8, 3, b"\0", b"\2", palette=b"\x80" * 9), id="palette, 8 bits"),
        pytest.param(shape_png(8, 3, b"\0", b"\1", palette=b"abcdef", trns=b"\xff\0"), id="palette, transparent"),
        pytest.param(shape_png(8, 0, b"\0", b"\1", trns=b"\0\1"), id="gray, the foreground transparent"),
        pytest.param(shape_png(8, 4, b"\0\xff", b"\1\0"), id="gray and alpha"),
        pytest.param(shape_png(16, 4, b"\0\0\xff\xff", b"\1\0\0\0"), id="gray and alpha, 16 bits"),
        pytest.param(shape_png(8, 4, b"\0\0", b"\1\0"), id="gray, all of it transparent"),
        pytest.param(shape_png(8, 6, bytes(4), b"\1\0\0\0"), id="colour, all of it transparent"),
        pytest.param(shape_png(8, 2, b"\0\0\0", b"\1\0\0"), id="colour, red"),
        pytest.param(shape_png(8, 2, b"\0\0\0", b"\0\1\0"), id="colour, green"),
        pytest.param(shape_png(8, 2, b"\0\0\0", b"\0\0\1"), id="colour, blue"),
        pytest.param(shape_png(16, 2, bytes(6), b"\0\0\1\0\0\0"), id="colour, 16 bits"),
        pytest.param(shape_png(8, 6, b"\0\0\0\xff", b"\0\0\1\0"), id="colour and alpha"),
        pytest.param(saved(shape_image("1", 0, 1), "BMP"), id="BMP"),
        pytest.param(saved(shape_image("P", 0, 3), "GIF"), id="GIF"),
        pytest.param(saved(shape_image("P", 0, 3), "GIF", transparency=0), id="GIF, transparent"),
        pytest.param(saved(shape_image("L", 0, 1), "PPM"), id="PPM"),
        pytest.param(saved(shape_image("RGB", 0, (9, 9, 9)), "WEBP", lossless=True), id="WebP"),
        pytest.param(saved(shape_image("L", 0, 1), "TIFF"), id="TIFF"),
        pytest.param(saved(shape_image("I;16", 0, 256), "TIFF"), id="TIFF, 16 bits"),
        pytest.param(saved(shape_image("I", -7, 70000), "TIFF"), id="TIFF, 32 bits with a sign"),
        pytest.param(saved(shape_image("F", math.nan, 0.001), "TIFF"), id="TIFF, floats"),
        pytest.param(saved(shape_image("CMYK", (0, 0, 0, 255), (255, 255, 0, 0)), "TIFF"), id="TIFF, CMYK"),
        pytest.param(saved(shape_image("PA", (0, 255), (1, 0)), "TIFF"), id="TIFF, palette and alpha"),
        pytest.param(saved(shape_image("PA", (0, 0), (1, 0)), "TIFF"), id="TIFF, all of it transparent"),
    ],
)
def test_every_kind_of_image_gives_the_same_mask(data: bytes) -> None:
    assert mask_in(data) == Mask(3, 5, COUNTS)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_is_a_mask_too(mode: str) -> None:
    if mode == "CMYK":  # white ink is no ink
        image = Image.new("CMYK", (16, 8), (255, 255, 255, 255))
        image.paste(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), (8, 0))
        data = saved(image, "JPEG", quality=100)
    else:
        data = jpeg(mode)
    assert mask_in(data) == Mask(8, 16, [64, 64])


def test_an_interlaced_png_is_the_same_mask() -> None:
    # Adam7: seven passes, each from its own first pixel, with its own steps; a pass without pixels is left out.
    ink = [[pixel == "#" for pixel in line] for line in SHAPE]
    body = b""
    for x0, y0, dx, dy in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in ink[y0::dy]:
            body += b"\0" + bytes(row[x0::dx]) if row[x0::dx] else b""
    header = struct.pack(">IIBBBBB", 5, 3, 8, 0, 0, 0, 1)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    assert mask_in(data) == Mask(3, 5, COUNTS)


def test_the_orientation_that_exif_asks_for_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert mask_in(saved(shape_image("L", 0, 1), "PNG", exif=exif)) == Mask(3, 5, COUNTS)


def test_thousands_of_masks_are_bit_identical_to_pycocotools() -> None:
    for seed in range(2000):
        pixels = drawn(seed)
        rows = [row.tobytes() for row in pixels * (1, 255, 7)[seed % 3]]
        mask = mask_in(png_of_rows(pixels.shape[1], pixels.shape[0], 8, 0, rows))
        reference = encoded(pixels)
        assert (mask.height, mask.width) == pixels.shape
        assert mask.counts == counted(pixels), seed
        assert pycoco.frPyObjects({"size": list(pixels.shape), "counts": mask.counts}, *pixels.shape) == reference, seed
        assert mask.area == pycoco.area(reference), seed
        assert list(mask.bbox) == pycoco.toBbox(reference).tolist(), seed


def test_every_gray_but_0_is_foreground_in_masks_of_any_size() -> None:
    for seed in range(500):
        pixels = drawn(seed)
        grays = pixels * np.random.default_rng(seed).integers(1, 256, pixels.shape, np.uint8)
        mask = mask_in(png_of_rows(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in grays]))
        assert mask == mask_of(pixels), seed
        assert mask.bbox == mask_of(pixels).bbox, seed


@given(
    st.integers(1, 9).flatmap(
        lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width), min_size=1)
    )
)
@settings(deadline=None)
def test_any_small_mask_is_counted_by_the_definition(rows: list[list[bool]]) -> None:
    pixels = np.array(rows, np.uint8)
    data = png_of_rows(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
    assert mask_in(data) == mask_of(pixels)


@pytest.mark.parametrize("at_once", [1, 40, 300])
def test_a_mask_is_read_in_pieces_without_a_seam(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_pixels, "_PIXELS_AT_ONCE", at_once)
    for seed in range(300):
        pixels = drawn(seed)
        data = png_of_rows(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
        expected = mask_of(pixels)
        assert mask_in(data) == expected
        assert masks_in(data).get(1, mask_of(pixels * 0)) == expected


def test_a_mask_may_be_as_long_as_an_image() -> None:
    assert mask_in(png_of_rows(70_000, 1, 8, 0, [bytes(69_999) + b"\1"])) == Mask(1, 70_000, [69_999, 1])
    assert mask_in(png_of_rows(1, 70_000, 8, 0, [b"\1"] + [b"\0"] * 69_999)) == Mask(70_000, 1, [0, 1, 69_999])


def test_a_mask_of_ninety_million_pixels_is_read_without_a_warning() -> None:
    row, last = bytes(1250), bytes(1249) + b"\1"
    data = png_of_rows(10_000, 9_000, 1, 0, [row] * 8_999 + [last])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mask = mask_in(data)
    assert mask == Mask(9_000, 10_000, [89_999_999, 1])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the image is empty (0 bytes)"),
        (b"no image at all", "the image starts with 6e 6f 20 69 6d 61 67 65 (the text 'no image at all'?), expected"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "the image starts with 25 21 50 53 2d 41 64 6f (an EPS"),
        (
            shape_png(8, 0, b"\0", b"\1")[:-30],
            "the image cannot be decoded: 5 x 3 pixels, png: image file is",
        ),
        (shape_png(8, 0, b"\0", b"\1")[:20], "the image ends inside its header, after 20 bytes: it was cut off"),
        (
            png_of_rows(65_500, 65_500, 8, 0, []),
            "decoding the image (65500 x 65500 pixels, png) takes 4290250000 bytes of memory, the budget of a",
        ),
        (
            png_of_rows(10_000, 10_000, 8, 2, []),
            "decoding the image (10000 x 10000 pixels, png) takes 400000000 bytes of memory, the budget of a record is",
        ),
        (b"P5 70000 70000 255\n", "the record takes 4900000000 decoded pixels, the budget of a record is 4294967296"),
    ],
    ids=["empty", "text", "PostScript", "cut", "cut header", "bomb", "colour bomb", "PPM bomb"],
)
@pytest.mark.parametrize("reader", [mask_in, masks_in])
def test_an_image_that_cannot_be_read_is_an_error_that_says_why(reader: Any, data: bytes, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        reader(data)
    assert str(caught.value).startswith(f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}")
    assert caught.value.key == KEY


def test_a_cut_png_gives_an_error_or_the_whole_mask_but_never_a_part() -> None:
    pixels = drawn(0)
    data = png_of_rows(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
    without_pixels = len(data) - 24  # the checksums and the end, which hold none
    for length in range(len(data)):
        try:
            mask = mask_in(data[:length])
        except FeatureError:
            continue
        assert length >= without_pixels
        assert mask == mask_of(pixels)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG", "PPM"])
def test_a_damaged_image_is_a_mask_or_one_of_our_errors(kind: str) -> None:
    sound = saved(shape_image("L", 0, 200), kind)
    rng = random.Random(kind)
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own, of metadata
            for reader in (mask_in, masks_in):
                try:
                    reader(bytes(data))
                except FeatureError as error:
                    assert error.where is WHERE  # noqa: PT017  # most damage is none to the pixels
                    assert " at 0x" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("reader", [mask_in, masks_in])
def test_noise_is_refused_before_it_fills_the_memory(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_pixels, "_MOST_EDGES", 40)
    board = [bytes((x + y) % 2 for x in range(10)) for y in range(10)]
    with pytest.raises(FeatureError, match="image/object/mask: noise: more than 40 runs, expected a mask of connected"):
        reader(png_of_rows(10, 10, 8, 0, board))
