"""The classes of what is shown: their names, how they look, and which bones join their keypoints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tfrecord_lite.look.palette import Style, style_of

Bone = tuple[int, int]
"""The numbers of two keypoints, from 0."""

_LIMBS = (  # cocodataset.org, category person, field skeleton
    "ankle knee|knee hip|hip shoulder|shoulder elbow|elbow wrist|shoulder ear|ear eye|eye nose",
    "hip hip|shoulder shoulder|eye eye",  # from left to right
)
_WORD = re.compile(r"[a-z]+")


class Key(NamedTuple):
    """A class as a record has it.

    label, name: as in ``sample.Object``. keypoints: how many the object has; None without any. keypoint_names: theirs.
    """

    label: int | None
    name: str | None
    keypoints: int | None = None
    keypoint_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownClass:
    """One class.

    number: its id; name: as it is shown; style: how it is drawn.
    bones: pairs of keypoints that a line joins; None where only the names of the keypoints can show them.
    """

    number: int
    name: str
    style: Style
    bones: tuple[Bone, ...] | None = None


class Classes:
    """The table of classes, and which of them each object has.

    Args:
        rows: id, name, and bones (keypoint numbers from 0; None where they are not known) of each class.
        of: classes as records have them -> place in ``rows``.
        of_pixels: class number in a semantic label image -> place in ``rows``.
        of_segments: likewise in a panoptic image.
    """

    def __init__(
        self,
        rows: Iterable[tuple[int, str, Sequence[Bone] | None]],
        of: Mapping[Key, int],
        of_pixels: Mapping[int, int] | None = None,
        of_segments: Mapping[int, int] | None = None,
    ) -> None:
        self.rows = tuple(
            ShownClass(number, name, style_of(index), None if bones is None else tuple(bones))
            for index, (number, name, bones) in enumerate(rows)
        )
        self._of = {(key.label, key.name): place for key, place in of.items()}
        self._of_pixels = of_pixels or {}
        self._of_segments = of_segments or {}

    def index(self, label: int | None, name: str | None) -> int | None:
        """The place in ``rows`` of an object's class; None where it has none that is known."""
        return self._of.get((label, name))

    def index_of_pixels(self, number: int) -> int | None:
        """Likewise of a number in a semantic label image."""
        return self._of_pixels.get(number)

    def index_of_segment(self, number: int) -> int | None:
        """Likewise of a number in a panoptic image."""
        return self._of_segments.get(number)


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
