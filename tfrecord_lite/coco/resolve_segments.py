"""The distinct class numbers of semantic and panoptic label images -> the categories of stuff and panoptic files.

A class number is the category id, all one higher where 0 is among them. A class is a thing as soon as one of its
segments is an instance, else stuff; unless the names of the things are known.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.coco.distinct import SegmentClass
from tfrecord_lite.labels.model import LabelMap


class Naming(NamedTuple):
    """Where the names of class numbers come from.

    label_map: asked first. label_names: asked where it has none; a class without either is named by its number.
    things: names of the classes that have instances; None where only the segments tell.
    zero_based: whether class numbers are indexes from 0, whether 0 was met or not.
    """

    label_map: LabelMap | None = None
    label_names: Mapping[int, str] | None = None
    things: Container[str] | None = None
    zero_based: bool = False

    def shift(self, labels: Container[int]) -> int:
        """How much higher every id is than the class number."""
        declared = self.zero_based or (self.label_map is not None and self.label_map.zero_based)
        return int(declared or 0 in labels)

    def name(self, label: int) -> str:
        """The name of a class number."""
        return self._known(label) or (self.label_names or {}).get(label) or str(label)

    def is_thing(self, label: int, instances: Container[int]) -> bool:
        """Whether a class has instances. instances: the class numbers of segments that are instances."""
        return label in instances if self.things is None else (self._known(label) or str(label)) in self.things

    def _known(self, label: int) -> str | None:
        item = self.label_map.by_id(label) if self.label_map is not None else None
        return item.title if item else None


class ResolvedStuff(NamedTuple):
    """The category id of each class number, and the COCO categories by id."""

    ids: dict[int, int]
    categories: list[dict[str, Any]]


class ResolvedPanoptic(NamedTuple):
    """The category id and the iscrowd of each class of segments, and the COCO categories by id."""

    meanings: dict[SegmentClass, tuple[int, int]]
    categories: list[dict[str, Any]]


def resolve_stuff(labels: Iterable[int], naming: Naming) -> ResolvedStuff:
    """Decides the categories of semantic label images by the class numbers that they have."""
    ordered = sorted(set(labels))
    shift = naming.shift(ordered)
    return ResolvedStuff({label: label + shift for label in ordered}, _categories(ordered, shift, naming))


def resolve_panoptic(classes: Sequence[SegmentClass], naming: Naming) -> ResolvedPanoptic:
    """Decides the categories of panoptic images, and which segments are groups, by the classes that segments have."""
    ordered = sorted({each.label for each in classes})
    instances = {each.label for each in classes if each.is_instance}
    shift = naming.shift(ordered)
    things = {label for label in ordered if naming.is_thing(label, instances)}
    categories = _categories(ordered, shift, naming)
    for label, entry in zip(ordered, categories, strict=True):
        entry["isthing"] = int(label in things)
    meanings = {}
    for each in classes:
        # In a class with instances, a segment that is not an instance is a group of them.
        is_group = each.is_crowd or (not each.is_instance and each.label in things)
        meanings[each] = each.label + shift, int(is_group)
    return ResolvedPanoptic(meanings, categories)


def _categories(labels: Iterable[int], shift: int, naming: Naming) -> list[dict[str, Any]]:
    """The COCO categories of class numbers, each with a name of its own: readers look categories up by name."""
    taken: set[str] = set()
    entries = []
    for label in labels:
        name = naming.name(label)
        while name in taken:
            name = f"{name} ({label + shift})"
        taken.add(name)
        entries.append({"id": label + shift, "name": name, "supercategory": name})
    return entries
