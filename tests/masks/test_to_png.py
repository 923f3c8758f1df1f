"""Masks as PNG: every decoder gives their pixels back as 0 and 1."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from masks_read import mask_in
from PIL import Image

from tfrecord_lite.masks.mask import Mask, from_spans
from tfrecord_lite.masks.rle import without_zeros
from tfrecord_lite.masks.to_png import draw_mask, mask_png


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    edges = sorted(draw(st.lists(st.integers(0, height * width), max_size=9)))
    counts = [after - before for before, after in zip([0, *edges], [*edges, height * width], strict=True)]
    return Mask(height, width, without_zeros(counts))


@given(masks())
def test_a_mask_comes_back(mask: Mask) -> None:
    png = mask_png(mask)
    with Image.open(io.BytesIO(png)) as image:
        pixels = image.transpose(Image.Transpose.TRANSPOSE).tobytes()
        assert (image.mode, image.size) == ("L", (mask.width, mask.height))
    kinds = b"".join(bytes([number % 2]) * count for number, count in enumerate(mask.counts))
    assert pixels == kinds
    if mask.area:
        assert mask_in(png) == mask


def test_an_empty_mask_has_no_pixels() -> None:
    with Image.open(io.BytesIO(mask_png(from_spans((), 5, 7)))) as image:
        assert (image.size, image.getextrema()) == ((7, 5), (0, 0))


@pytest.mark.parametrize("value", [1, 9])
def test_overlaps_are_told(value: int) -> None:
    picture = Image.new("L", (4, 3))
    mask = Mask(3, 4, [3, 3, 6])
    assert not draw_mask(mask, picture, value)
    assert picture.getextrema() == (0, value)
    assert draw_mask(mask, picture, 2)
