"""The contact sheet: rows that fill it, proportions that stay, everything in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from looked_at import classes
from PIL import Image

from tfrecord_lite.look.fonts import Fonts
from tfrecord_lite.look.sheet import Sheet

FONTS = Fonts()
LEGEND = [(row, 3) for row in classes().rows]


def sheet(*sizes: tuple[int, int]) -> Sheet:
    return Sheet(sizes, "title", "subtitle", LEGEND, FONTS)


def test_rows_are_as_wide_as_the_sheet() -> None:
    cells = sheet(*[(640, 480)] * 9)._cells
    rows = sorted({cell.y for cell in cells})
    assert len(rows) == 2
    for y in rows[:-1]:
        row = [cell for cell in cells if cell.y == y]
        assert row[0].x == 32
        assert abs(row[-1].x + row[-1].width - (1600 - 32)) <= 1


SIDE = st.integers(1, 10_000)


@given(st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=30))
def test_pictures_keep_their_proportions_and_do_not_meet(sizes: list[tuple[int, int]]) -> None:
    made = sheet(*sizes)
    for (width, height), (drawn_width, drawn_height) in zip(sizes, made.sizes, strict=True):
        ratio = width / height
        assert drawn_width <= ratio * (drawn_height + 1) + 1
        assert drawn_height <= (drawn_width + 1) / ratio + 1
    for number, cell in enumerate(made._cells):
        assert cell.x >= 0
        assert cell.x + cell.width <= 1600
        for other in made._cells[:number]:
            assert other.y + other.height <= cell.y or other.x + other.width <= cell.x


def test_a_picture_is_put_in_its_place_with_its_name_below() -> None:
    made = sheet((640, 480), (640, 480))
    for number in (1, 0):
        made.add(number, Image.new("RGB", made.sizes[number], (number, 9, 9)), "a.jpg", "box-outside-image")
    for number in (0, 1):
        cell = made._cells[number]
        assert made.picture.getpixel((cell.x + 5, cell.y + 5)) == (number, 9, 9)
        below = made.picture.crop((cell.x, cell.y + cell.height, cell.x + cell.width, cell.y + cell.height + 22))
        assert len(below.getcolors(1000) or ()) > 2


@pytest.mark.parametrize("name", ["a" * 500, "猫" * 500, "\U0010ffff" * 50, ""])
def test_a_long_name_is_cut(name: str) -> None:
    made = sheet((640, 480))
    cell = made._cells[0]
    made.add(0, Image.new("RGB", made.sizes[0]), name)
    right = made.picture.crop((cell.x + cell.width + 1, cell.y, 1600, cell.y + cell.height + 30))
    assert len(right.getcolors() or ()) == 1


def test_what_is_extremely_long_is_shown_small() -> None:
    assert sheet((10_000, 10)).sizes[0][1] >= 1
