"""The classes of what is shown: their names, how they look, and which bones join their keypoints.

Colours are those that the colour-blind can distinguish: Okabe and Ito, "Color Universal Design" (2008). Black text on
them has a contrast of 5.4:1 or more, white text on blue 5.2:1; WCAG 2.1 asks for 4.5:1. From the ninth class on colours
come again with another dash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

Bone = tuple[int, int]
"""The numbers of two keypoints, from 0."""

_LIMBS = (  # cocodataset.org, category person, field skeleton
    "ankle knee|knee hip|hip shoulder|shoulder elbow|elbow wrist|shoulder ear|ear eye|eye nose",
    "hip hip|shoulder shoulder|eye eye",  # from left to right
)
_WORD = re.compile(r"[a-z]+")

_BLACK, _WHITE = "#000000", "#ffffff"
_COLOURS = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", _BLACK)
_WHITE_ON = frozenset({"#0072b2", _BLACK})
_DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2), (8, 2, 2, 2))


class Key(NamedTuple):
    """A class as a record has it.

    label, name: as in ``sample.Object``. keypoints: how many the object has; None without any. keypoint_names: theirs.
    """

    label: int | None
    name: str | None
    keypoints: int | None = None
    keypoint_names: tuple[str, ...] = ()


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


class ShownClass(NamedTuple):
    """One class.

    number: its id; name: as it is shown; style: how it is drawn.
    bones: pairs of keypoints that a line joins; None where only the names of the keypoints can show them.
    """

    number: int
    name: str
    style: Style
    bones: tuple[Bone, ...] | None = None


class Classes:
    """The table of classes, and which of them everything has: the places in ``rows`` of what records name.

    Args:
        rows: id, name, and bones (keypoint numbers from 0; None where they are not known) of each class.
        of: number and text of the class of an object, as records have them.
        of_pixels: class numbers in semantic label images.
        of_segments: class numbers in panoptic images.
    """

    def __init__(
        self,
        rows: Iterable[tuple[int, str, Sequence[Bone] | None]],
        of: Mapping[tuple[int | None, str | None], int],
        of_pixels: Mapping[int, int] = MappingProxyType({}),
        of_segments: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.rows = tuple(
            ShownClass(number, name, style_of(index), None if bones is None else tuple(bones))
            for index, (number, name, bones) in enumerate(rows)
        )
        self.of, self.of_pixels, self.of_segments = of, of_pixels, of_segments


def bones_of_category(skeleton: object, names: Sequence[str]) -> tuple[Bone, ...] | None:
    """The bones of a category: its own, else those that the names of its keypoints imply; None where it has none.

    skeleton: pairs of keypoint numbers from 1, as COCO has them; what is none is left out.
    """
    bones = tuple(
        (pair[0] - 1, pair[1] - 1)
        for pair in (skeleton if isinstance(skeleton, list | tuple) else ())
        if isinstance(pair, list | tuple) and len(pair) == 2 and all(type(end) is int and end > 0 for end in pair)
    )
    return bones or (bones_of_names(names) if names else None)


def bones_of_names(names: Sequence[str]) -> tuple[Bone, ...]:
    """The bones of a person whose keypoints have these names, in COCO's words; none where they have others."""
    place = {" ".join(sorted(_WORD.findall(name.lower()))): index for index, name in enumerate(names)}

    def of(part: str, side: str) -> int | None:
        return place.get(" ".join(sorted((part, side))), place.get(part))

    along = [pair.split() for pair in _LIMBS[0].split("|")]
    across = [pair.split() for pair in _LIMBS[1].split("|")]
    ends = [(of(first, side), of(second, side)) for side in ("left", "right") for first, second in along]
    ends += [(of(first, "left"), of(second, "right")) for first, second in across]
    return tuple(dict.fromkeys((a, b) for a, b in ends if a is not None and b is not None and a != b))
