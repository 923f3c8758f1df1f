"""Masks: whatever way a record gives them, the run lengths are pycocotools' own."""

from __future__ import annotations

import io
import math
import random
import struct
import warnings
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped]

from tfrecord_lite import masks
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.masks import Mask, mask_from_image, mask_from_points, masks_by_value, masks_from_floats

WHERE = Location("train.tfrecord", 3, 1024)
KEY = "image/object/mask"

# The picture of most tests, and the same as run lengths, counted by hand: columns are .## ### .#. #.. ..#
SHAPE = (
    ".#.#.",
    "###..",
    "##..#",
)
COUNTS = [1, 5, 1, 1, 1, 1, 4, 1]


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, depth: int, colour: int, rows: list[bytes], *, palette: bytes = b"", trns: bytes = b""
) -> bytes:
    """A PNG by its specification (ISO/IEC 15948): no filter, no interlacing."""
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)),
            chunk(b"PLTE", palette) if palette else b"",
            chunk(b"tRNS", trns) if trns else b"",
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))),
            chunk(b"IEND", b""),
        )
    )


def packed(values: list[int], depth: int) -> bytes:
    """Samples of 1, 2 or 4 bits in bytes, the first one highest, rows filled up with zeros."""
    bits = "".join(f"{value:0{depth}b}" for value in values)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


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
    return png(len(SHAPE[0]), len(SHAPE), depth, colour, rows, **options)


def shape_image(mode: str, background: Any, foreground: Any) -> Image.Image:
    image = Image.new(mode, (len(SHAPE[0]), len(SHAPE)), background)
    for y, line in enumerate(SHAPE):
        for x, pixel in enumerate(line):
            if pixel == "#":
                image.putpixel((x, y), foreground)
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(mode: str) -> bytes:
    """Two blocks of 8x8 pixels, black and white, which JPEG keeps exactly."""
    image = Image.new(mode, (16, 8))
    image.paste(Image.new(mode, (8, 8), "white"), (8, 0))
    return saved(image, "JPEG", quality=100, subsampling=0)


def drawn(seed: int, longest: int = 64) -> NDArray[np.uint8]:
    """A mask of zeros and ones: noise, discs, stripes, single pixels, rectangles, empty, full; a fifth are lines."""
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, longest + 1, 2))
    if seed % 5 == 0:
        height, width = ((1, width), (height, 1), (1, 1))[seed // 5 % 3]
    y, x = np.mgrid[:height, :width]
    kind = seed % 6
    mask = np.zeros((height, width), bool)
    if kind == 0:
        mask = rng.random((height, width)) < rng.choice([0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
    elif kind == 1:
        for _ in range(rng.integers(1, 5)):
            radius = rng.integers(1, max(2, max(height, width) // 2))
            mask ^= (y - rng.integers(0, height)) ** 2 + (x - rng.integers(0, width)) ** 2 < radius**2
    elif kind == 2:
        mask = (y * rng.integers(0, 2) + x * rng.integers(0, 2)) // rng.integers(1, 5) % 2 == 0
    elif kind == 3:
        mask[rng.integers(0, height), rng.integers(0, width)] = True
        mask ^= bool(rng.integers(0, 2))
    elif kind == 4:
        for _ in range(rng.integers(1, 6)):
            top, left, tall, wide = rng.integers((0, 0, 1, 1), (height, width, 20, 20))
            mask[top : top + tall, left : left + wide] ^= True
    else:
        mask ^= bool(seed // 6 % 2)
    return mask.astype(np.uint8)


def encoded(mask: NDArray[np.uint8]) -> Any:
    """What pycocotools makes of a mask."""
    return pycoco.encode(np.asfortranarray(mask))


def counted(mask: NDArray[np.uint8]) -> list[int]:
    """Run lengths by their definition, pixel after pixel."""
    counts, value = [0], 0
    for pixel in mask.T.ravel().tolist():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return counts


def mask_of(pixels: NDArray[np.uint8]) -> Mask:
    height, width = pixels.shape
    return Mask(height, width, counted(pixels))


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
    assert mask_from_image(data, WHERE, KEY) == Mask(3, 5, COUNTS)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_is_a_mask_too(mode: str) -> None:
    if mode == "CMYK":  # white ink is no ink
        image = Image.new("CMYK", (16, 8), (255, 255, 255, 255))
        image.paste(Image.new("CMYK", (8, 8), (0, 0, 0, 0)), (8, 0))
        data = saved(image, "JPEG", quality=100)
    else:
        data = jpeg(mode)
    assert mask_from_image(data, WHERE, KEY) == Mask(8, 16, [64, 64])


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
    assert mask_from_image(data, WHERE, KEY) == Mask(3, 5, COUNTS)


def test_the_orientation_that_exif_asks_for_is_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert mask_from_image(saved(shape_image("L", 0, 1), "PNG", exif=exif), WHERE, KEY) == Mask(3, 5, COUNTS)


def test_thousands_of_masks_are_bit_identical_to_pycocotools() -> None:
    for seed in range(2000):
        pixels = drawn(seed)
        rows = [row.tobytes() for row in pixels * (1, 255, 7)[seed % 3]]
        mask = mask_from_image(png(pixels.shape[1], pixels.shape[0], 8, 0, rows), WHERE, KEY)
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
        mask = mask_from_image(
            png(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in grays]), WHERE, KEY
        )
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
    data = png(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
    assert mask_from_image(data, WHERE, KEY) == mask_of(pixels)


@pytest.mark.parametrize("at_once", [1, 40, 300])
def test_a_mask_is_read_in_pieces_without_a_seam(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_PIXELS_AT_ONCE", at_once)
    for seed in range(300):
        pixels = drawn(seed)
        data = png(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
        expected = mask_of(pixels)
        assert mask_from_image(data, WHERE, KEY) == expected
        assert masks_by_value(data, WHERE, KEY).get(1, mask_of(pixels * 0)) == expected


def test_a_mask_of_ninety_million_pixels_is_read_without_a_warning() -> None:
    row, last = bytes(1250), bytes(1249) + b"\1"
    data = png(10_000, 9_000, 1, 0, [row] * 8_999 + [last])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mask = mask_from_image(data, WHERE, KEY)
    assert mask == Mask(9_000, 10_000, [89_999_999, 1])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "0 bytes that are no image, expected a PNG or another raster image."),
        (b"no image at all", "15 bytes that are no image, expected a PNG or another raster image."),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "47 bytes that are no image, expected a PNG"),
        (shape_png(8, 0, b"\0", b"\1")[:-30], "an image that cannot be decoded (image file is truncated"),
        (shape_png(8, 0, b"\0", b"\1")[:20], "an image that cannot be decoded ("),
        (png(65_500, 65_500, 8, 0, []), "an image of 65500x65500 pixels, 4290250000 bytes when decoded, expected 1 to"),
        (png(10_000, 10_000, 8, 2, []), "an image of 10000x10000 pixels, 400000000 bytes when decoded, expected 1 to"),
        (png(65_536, 1, 8, 0, [bytes(65_536)]), "an image of 65536x1 pixels, 65536 bytes when decoded, expected 1 to"),
        (png(1, 65_536, 8, 0, [b"\0"] * 65_536), "an image of 1x65536 pixels, 65536 bytes when decoded, expected 1 to"),
        (b"P5 70000 70000 255\n", "an image that cannot be decoded (Image size (4900000000 pixels) exceeds limit"),
    ],
    ids=["empty", "text", "PostScript", "cut", "cut header", "bomb", "colour bomb", "too wide", "too tall", "PPM bomb"],
)
@pytest.mark.parametrize("reader", [mask_from_image, masks_by_value])
def test_an_image_that_cannot_be_read_is_an_error_that_says_why(reader: Any, data: bytes, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        reader(data, WHERE, KEY)
    assert str(caught.value).startswith(f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}")
    assert caught.value.key == KEY


def test_a_cut_png_gives_an_error_or_the_whole_mask_but_never_a_part() -> None:
    pixels = drawn(0)
    data = png(pixels.shape[1], pixels.shape[0], 8, 0, [row.tobytes() for row in pixels])
    without_pixels = len(data) - 24  # the checksums and the end, which hold none
    for length in range(len(data)):
        try:
            mask = mask_from_image(data[:length], WHERE, KEY)
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
            for reader in (mask_from_image, masks_by_value):
                try:
                    reader(bytes(data), WHERE, KEY)
                except FeatureError as error:
                    assert error.where is WHERE  # noqa: PT017  # most damage is none to the pixels
                    assert " at 0x" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("reader", [mask_from_image, masks_by_value])
def test_noise_is_refused_before_it_fills_the_memory(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_MOST_EDGES", 40)
    board = [bytes((x + y) % 2 for x in range(10)) for y in range(10)]
    with pytest.raises(FeatureError, match="image/object/mask: noise: more than 40 runs, expected a mask of connected"):
        reader(png(10, 10, 8, 0, board), WHERE, KEY)


def test_floats_are_masks_row_by_row_and_one_after_the_other() -> None:
    first = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0]
    second = [1.0] * 15
    assert list(masks_from_floats(first + second, 2, 3, 5, WHERE, KEY)) == [Mask(3, 5, COUNTS), Mask(3, 5, [0, 15])]


@pytest.mark.parametrize(
    ("value", "foreground"),
    [
        (0.0, False),
        (-0.0, False),
        (-1.0, False),
        (math.nan, False),
        (-math.inf, False),
        (1.0, True),
        (0.4, True),
        (1.4e-45, True),
        (math.inf, True),
    ],
)
def test_a_float_is_foreground_where_it_is_greater_than_0(value: float, foreground: bool) -> None:
    assert list(masks_from_floats([value], 1, 1, 1, WHERE, KEY)) == [Mask(1, 1, [0, 1] if foreground else [1])]


def test_no_objects_have_no_masks_even_where_the_size_is_unknown() -> None:
    assert list(masks_from_floats([], 0, 0, 0, WHERE, KEY)) == []


@pytest.mark.parametrize("at_once", [1, 150, 10**6])
@pytest.mark.parametrize("view", [False, True], ids=["a list", "a view of memory"])
def test_masks_of_floats_equal_pycocotools(at_once: int, view: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masks, "_PIXELS_AT_ONCE", at_once)
    background = np.array([0.0, -0.0, -1.5, math.nan, -math.nan, -math.inf], np.float32)
    foreground = np.array([1.0, 1e-45, 0.3, 3e38, math.inf], np.float32)
    for seed in range(100):
        pixels = drawn(seed, 20)
        rng = np.random.default_rng(seed)
        # Every other one without NaN: they are told apart from foreground in a way of their own.
        off = rng.choice(background if seed % 2 else background[:3], pixels.shape)
        numbers = np.where(pixels, rng.choice(foreground, pixels.shape), off)
        both = np.concatenate([numbers.ravel(), numbers[::-1].ravel()])
        values: Any = memoryview(both.tobytes()).cast("f") if view else both.tolist()
        found = list(masks_from_floats(values, 2, pixels.shape[0], pixels.shape[1], WHERE, KEY))
        assert found == [mask_of(pixels), mask_of(pixels[::-1])], seed


@pytest.mark.parametrize(
    ("count", "height", "width", "problem"),
    [
        (2, 2, 3, "6 values, expected 12: 2 masks of 3x2 pixels."),
        (0, 2, 3, "6 values, expected 0: 0 masks of 3x2 pixels."),
        (1, 0, 3, "masks of 3x0 pixels, expected 1 to 4294967295 pixels."),
        (1, 70_000, 70_000, "masks of 70000x70000 pixels, expected 1 to 4294967295 pixels."),
    ],
)
def test_floats_that_are_no_masks_of_that_size_are_an_error(count: int, height: int, width: int, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        masks_from_floats([1.0] * 6, count, height, width, WHERE, KEY)
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"


def test_points_are_rows_and_columns_in_any_order() -> None:
    points = [(y, x) for y, line in enumerate(SHAPE) for x, pixel in enumerate(line) if pixel == "#"]
    assert mask_from_points(points[::-1] + points[:2], 3, 5, WHERE, KEY) == Mask(3, 5, COUNTS)
    assert mask_from_points([], 3, 5, WHERE, KEY) == Mask(3, 5, [15])
    assert mask_from_points(iter([(2, 4)]), 3, 5, WHERE, KEY) == Mask(3, 5, [14, 1])


def test_a_few_points_need_no_memory_for_the_rest() -> None:
    assert mask_from_points([(0, 1)], 60_000, 60_000, WHERE, KEY).counts == [60_000, 1, 3_599_939_999]


@pytest.mark.parametrize("point", [(3, 0), (0, 5), (-1, 0), (0, -1)])
def test_a_point_outside_is_an_error(point: tuple[int, int]) -> None:
    with pytest.raises(FeatureError) as caught:
        mask_from_points([(0, 0), point], 3, 5, WHERE, KEY)
    problem = f"point y={point[0]}, x={point[1]} lies outside, expected rows from 0 to 2, columns to 4."
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"


def test_points_in_a_mask_without_size_are_an_error() -> None:
    with pytest.raises(FeatureError, match="masks of 5x0 pixels, expected 1 to"):
        mask_from_points([], 0, 5, WHERE, KEY)


def test_every_label_of_an_image_has_its_mask_in_ascending_order() -> None:
    data = png(3, 2, 8, 0, [b"\x07\x00\xff", b"\x07\x07\x00"])
    found = masks_by_value(data, WHERE, KEY)
    assert list(found.items()) == [
        (0, Mask(2, 3, [2, 1, 2, 1])),
        (7, Mask(2, 3, [0, 2, 1, 1, 2])),
        (255, Mask(2, 3, [4, 1, 1])),
    ]


LABELS = [[0, 1, 1, 3], [2, 2, 1, 0]]


@pytest.mark.parametrize(
    ("data", "values"),
    [
        pytest.param(png(4, 2, 1, 0, [b"\x60", b"\xe0"]), {0, 1}, id="gray, 1 bit"),
        pytest.param(png(4, 2, 2, 0, [packed(row, 2) for row in LABELS]), {0, 1, 2, 3}, id="gray, 2 bits"),
        pytest.param(png(4, 2, 4, 0, [packed(row, 4) for row in LABELS]), {0, 1, 2, 3}, id="gray, 4 bits"),
        pytest.param(png(4, 2, 8, 0, [bytes(row) for row in LABELS]), {0, 1, 2, 3}, id="gray"),
        pytest.param(
            png(4, 2, 16, 0, [struct.pack(">4H", *(v * 257 for v in row)) for row in LABELS]),
            {0, 257, 514, 771},
            id="gray, 16 bits",
        ),
        pytest.param(
            png(4, 2, 16, 0, [struct.pack(">4H", *(v * 256 for v in row)) for row in LABELS]),
            {0, 256, 512, 768},
            id="gray, 16 bits, the high byte alone",
        ),
        pytest.param(
            png(4, 2, 2, 3, [packed(row, 2) for row in LABELS], palette=bytes(12)), {0, 1, 2, 3}, id="palette"
        ),
        pytest.param(
            png(4, 2, 8, 4, [bytes(b for v in row for b in (v, 9 - v)) for row in LABELS]),
            {0, 1, 2, 3},
            id="gray, alpha",
        ),
        pytest.param(png(4, 2, 8, 2, [bytes(v for v in row for _ in "rgb") for row in LABELS]), {0, 1, 2, 3}, id="RGB"),
        pytest.param(
            png(4, 2, 8, 6, [bytes(b for v in row for b in (v, v, v, 9 - v)) for row in LABELS]),
            {0, 1, 2, 3},
            id="RGBA",
        ),
    ],
)
def test_labels_are_the_numbers_in_the_file(data: bytes, values: set[int]) -> None:
    found = masks_by_value(data, WHERE, KEY)
    assert set(found) == values
    if len(values) == 4:
        shown = [sorted(values)[label] for row in zip(*LABELS, strict=True) for label in row]
        for value, mask in found.items():
            assert mask == mask_of(np.array([label == value for label in shown], np.uint8).reshape(4, 2).T)


def test_masks_by_value_equal_pycocotools() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        wide = seed % 2 == 1
        low = drawn(seed).astype(np.uint16)
        labels = low * rng.integers(1, 65_535 if wide else 255) + np.roll(low, 1)
        stored = labels.astype(">u2") if wide else labels.astype(np.uint8)
        data = png(labels.shape[1], labels.shape[0], 16 if wide else 8, 0, [row.tobytes() for row in stored])
        found = masks_by_value(data, WHERE, KEY)
        assert list(found) == np.unique(stored).tolist()
        for value, mask in found.items():
            assert mask == mask_of((stored == value).astype(np.uint8))
        assert sum(mask.area for mask in found.values()) == labels.size


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (png(1, 1, 8, 2, [b"\1\2\3"]), "an image of colours, expected labels: one whole number a pixel."),
        (png(1, 1, 8, 6, [b"\1\1\3\0"]), "an image of colours, expected labels: one whole number a pixel."),
        (saved(Image.new("F", (2, 2)), "TIFF"), "an image of mode F, expected labels: one whole number a pixel."),
        (saved(Image.new("I", (2, 2), 65_536), "TIFF"), "a label that is no 16-bit number, expected 0 to 65535."),
        (saved(Image.new("I", (2, 2), -1), "TIFF"), "a label that is no 16-bit number, expected 0 to 65535."),
    ],
    ids=["RGB", "RGBA", "floats", "too large", "negative"],
)
def test_an_image_of_something_else_holds_no_labels(data: bytes, problem: str) -> None:
    with pytest.raises(FeatureError) as caught:
        masks_by_value(data, WHERE, KEY)
    assert str(caught.value) == f"train.tfrecord: record 3 at byte 1024: image/object/mask: {problem}"
