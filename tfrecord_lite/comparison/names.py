"""What the classes of a dataset are called: of objects, of stuff, of panoptic segments and of images as a whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClassTable:
    """The categories of a dataset by name.

    is_whole: whether it has classes that no object has, as COCO files and label maps do.
    is_coco: whether what is not said of a class is not so; a label map has no place for some of it.
    facts: what is said of each class beside its name, by field; not that it is its own supercategory.
    """

    is_whole: bool
    is_coco: bool
    facts: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Names:
    """How the classes of one split are called.

    objects, stuff, segments: by the indexes of descriptions; of a segment also whether it is a group that was not told
    apart. None for an object whose class cannot be said, which was told before.
    ids: of objects' categories, by the same indexes.
    id_of: the category that a class number of a whole image means. titles: names of categories, by id.
    """

    objects: Sequence[str | None]
    ids: Sequence[int | None]
    stuff: Sequence[str]
    segments: Sequence[tuple[str, bool]]
    id_of: Callable[[int], int]
    titles: Mapping[int, str]
    labels: Mapping[int, str] = field(default_factory=dict)
