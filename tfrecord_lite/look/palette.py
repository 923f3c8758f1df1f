"""How a class looks: a colour that the colour-blind can distinguish, a text colour that can be read on it, and a dash.

Colours: Okabe and Ito, "Color Universal Design" (2008). Black text on them has a contrast of 5.4:1 or more, white text
on blue 5.2:1; WCAG 2.1 asks for 4.5:1. From the ninth class on colours come again with another dash.
"""

from __future__ import annotations

from typing import NamedTuple

_BLACK, _WHITE = "#000000", "#ffffff"
_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", _BLACK)
_WHITE_ON = frozenset({"#0072b2", _BLACK})
_DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 2, 2, 2))


class Style(NamedTuple):
    """How the objects of a class are drawn.

    colour: of boxes, masks and keypoints, as ``#rrggbb``. ink: of text on it.
    dash: lengths of line and gap in turn, in widths of the line; empty for a line without gaps.
    """

    colour: str
    ink: str
    dash: tuple[int, ...]


def style_of(index: int) -> Style:
    """The style of the class at ``index``, from 0, in the table of classes."""
    colour = _COLOURS[index % len(_COLOURS)]
    dash = _DASHES[index // len(_COLOURS) % len(_DASHES)]
    return Style(colour, _WHITE if colour in _WHITE_ON else _BLACK, dash)
