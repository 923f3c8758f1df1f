"""Outlines: the shape stays, what cannot be seen goes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw

from tfrecord_lite.look.outlines import outline_of_mask, outline_of_polygons
from tfrecord_lite.masks.mask import Mask

NUMBER = re.compile(r"-?\d+")


def corners(path: str) -> list[list[tuple[int, int]]]:
    """The corners of each closed outline of a path, by SVG's rules for the commands that are used."""
    outlines = []
    for part in path.split("z")[:-1]:
        start, steps = part.split("l")
        assert start.startswith("M")
        x, y = map(int, NUMBER.findall(start))
        points = [(x, y)]
        numbers = list(map(int, NUMBER.findall(steps)))
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        outlines.append(points)
    return outlines


def filled(path: str, size: tuple[int, int]) -> Image.Image:
    """The pixels in a path by the rule that canvas and SVG have: outlines in turn add and cut out."""
    result = Image.new("1", size)
    for outline in corners(path):
        part = Image.new("1", size)
        if len(outline) > 2:
            ImageDraw.Draw(part).polygon(outline, fill=1)
        result = ImageChops.logical_xor(result, part)
    return result


def mask_of(picture: Image.Image) -> Mask:
    """Run lengths by their definition."""
    counts, value = [0], 0
    for pixel in picture.convert("L").transpose(Image.Transpose.TRANSPOSE).tobytes():
        if bool(pixel) != bool(value):
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return Mask(picture.height, picture.width, counts)


def disc(radius: int, hole: int = 0) -> Image.Image:
    picture = Image.new("1", (2 * radius + 20, 2 * radius + 20))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((10, 10, 2 * radius + 10, 2 * radius + 10), fill=1)
    if hole:
        pen.ellipse((10 + radius - hole, 10 + radius - hole, 10 + radius + hole, 10 + radius + hole), fill=0)
    return picture


def test_polygons_are_whole_numbers_without_repeated_points() -> None:
    path = outline_of_polygons([[1.2, 1.2, 1.4, 1.3, 9.6, 1, 9.6, 9, 1, 9, 1, 9], [20, 20, 30, 20, 30, 30]])
    assert path == "M1 1l9 0 0 8-9 0zM20 20l10 0 0 10z"


@pytest.mark.parametrize(
    "polygon", [[], [1, 1], [1, 1, 2, 2], [1, 1, 1.2, 1.2, 0.9, 1], [float("nan")] * 8, [1e30, 1, 2, 2, 3, 3]]
)
def test_what_encloses_nothing_has_no_outline(polygon: list[float]) -> None:
    assert outline_of_polygons([polygon]) == ""


def test_a_disc_has_few_corners_and_keeps_its_shape() -> None:
    picture = disc(60)
    path = outline_of_mask(mask_of(picture), 140)
    (outline,) = corners(path)
    assert len(outline) < 60
    wrong = ImageChops.logical_xor(filled(path, picture.size), picture).convert("L").histogram()[255]
    assert wrong < 0.06 * picture.convert("L").histogram()[255]


def test_a_hole_is_an_outline_of_its_own_without_a_seam() -> None:
    picture = disc(60, hole=25)
    outlines = corners(outline_of_mask(mask_of(picture), 140))
    assert len(outlines) == 2
    across = sorted(max(x for x, _ in outline) - min(x for x, _ in outline) for outline in outlines)
    assert abs(across[0] - 51) <= 2
    assert abs(across[1] - 121) <= 2
    inside = filled(outline_of_mask(mask_of(picture), 140), picture.size)
    assert not inside.getpixel((70, 70))
    assert inside.getpixel((70, 20))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(1, 30), st.integers(1, 30)), max_size=8))
def test_large_rectangles_in_any_order_are_covered(rectangles: list[tuple[int, int, int, int]]) -> None:
    picture = Image.new("1", (100, 100))
    pen = ImageDraw.Draw(picture)
    for x, y, width, height in rectangles:
        pen.rectangle((x, y, x + width, y + height), fill=1)
    for outline in corners(outline_of_mask(mask_of(picture), 100)):
        assert len(set(outline)) == len(outline) > 2
        for x, y in outline:
            assert 0 <= x <= 100
            assert 0 <= y <= 100


def test_noise_has_no_outline() -> None:
    assert outline_of_mask(Mask(400, 400, [1] * 160_000), 400) == ""
    assert outline_of_mask(Mask(4, 4, [16]), 4) == ""
