"""Colours that the colour-blind tell apart, and text that can be read on them."""

from __future__ import annotations

import re

from tfrecord_lite.look.classes import style_of


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_the_contrast_that_wcag_asks_for() -> None:
    for index in range(8):
        style = style_of(index)
        assert re.fullmatch("#[0-9a-f]{6}", style.colour)
        lighter, darker = sorted((luminance(style.colour), luminance(style.ink)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, style


def test_text_is_black_on_all_but_blue_and_black() -> None:
    assert [style_of(index).colour for index in range(8) if style_of(index).ink == "#ffffff"] == ["#0072b2", "#000000"]


def test_beyond_eight_classes_the_dash_tells_them_apart() -> None:
    assert len({style_of(index).colour for index in range(8)}) == 8
    assert len({style_of(index) for index in range(32)}) == 32
    assert all(style_of(index).dash == () for index in range(8))
    assert style_of(8).dash
    assert style_of(8).colour == style_of(0).colour
