"""What a difference is, and the table of them: kinds, counts and the first places of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

MOST_PLACES = 5  # of a kind that are kept

KINDS: Mapping[str, str] = MappingProxyType(
    {
        # the dataset
        "split": "a split that the other dataset lacks",
        "category": "a class, or a fact of one, that the other dataset lacks or has otherwise",
        # images
        "image": "an image that the other dataset lacks",
        "image-size": "the width or the height of an image",
        "picture": "the picture itself: other pixels, or none on one side",
        "image-fact": "what is said of an image, such as its date",
        "image-class": "a class of an image as a whole",
        "caption": "a caption",
        "stuff": "the pixels of a class in a semantic label image",
        "segment": "a segment of a panoptic image: its class, whether it is a group, its area or its pixels",
        # objects
        "object": "an object that the other dataset lacks",
        "class": "the class of an object, by name",
        "box": "the box of an object",
        "crowd": "whether an object is a group that was not told apart (iscrowd)",
        "area": "the area of an object",
        "mask": "the mask of an object, pixel by pixel",
        "keypoints": "the keypoints of an object",
        "dense-pose": "the DensePose points of an object",
        "attribute": "what else is said of an object",
        # with --ids
        "id": "the id of an image, an object or a category; with --ids",
        # lesser ones
        "picture-bytes": "other bytes of a picture with equal pixels",
        "file-name": "the folder or the ending of a picture's file name",
    }
)
"""Kind and one line."""
LESSER = frozenset({"picture-bytes", "file-name"})
"""Kinds that leave the meaning of a dataset as it is."""


class Difference(NamedTuple):
    """One difference. object: the object, in words; empty where it is about the image or the dataset as a whole.

    a, b: what either dataset has, in words.
    """

    kind: str
    object: str
    a: str
    b: str


class Place(NamedTuple):
    """A difference with its place. split, image: empty where it is about more than one."""

    split: str
    image: str
    object: str
    a: str
    b: str


@dataclass(slots=True)
class Counted:
    """The differences of one kind: how many, and the first places."""

    kind: str
    count: int = 0
    first: list[Place] = field(default_factory=list)

    @property
    def is_lesser(self) -> bool:
        """Whether the meaning is the same."""
        return self.kind in LESSER


class Table:
    """Differences by kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, Counted] = {}

    def add(self, difference: Difference, split: str = "", image: str = "") -> None:
        """Counts a difference."""
        kind, *what = difference
        known = self._kinds.setdefault(kind, Counted(kind))
        known.count += 1
        if len(known.first) < MOST_PLACES:
            known.first.append(Place(split, image, *what))

    def rows(self) -> tuple[Counted, ...]:
        """The kinds that were met, in their own order."""
        return tuple(self._kinds[kind] for kind in KINDS if kind in self._kinds)
