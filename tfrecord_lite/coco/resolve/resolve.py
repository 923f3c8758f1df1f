"""The summaries of all splits -> categories: every decision that depends on more than one record.

In stuff and panoptic files a class number is the category id, all one higher where 0 is among them. A class is a thing
as soon as one of its segments is an instance, else stuff; unless the names of the things are known.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tfrecord_lite.coco.draft.part_summary import Distinct, PartSummary, SegmentClass
from tfrecord_lite.coco.resolve.category_ids import ClassChoice, ResolvedClasses, resolve_classes, unique_names
from tfrecord_lite.coco.resolve.kept_table import KeptTable, keep_table
from tfrecord_lite.labels.choose import Choice, LabelMaps

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelMap

_Value = TypeVar("_Value")


class Resolved(NamedTuple):
    """The categories of objects, of stuff and of panoptic segments, for all splits alike.

    label_map: which one is used, and why no other. warnings: what the user should know about these decisions.
    """

    label_map: Choice
    warnings: tuple[str, ...]
    classes: ResolvedClasses
    stuff: ResolvedStuff
    panoptic: ResolvedPanoptic


def resolve(
    summaries: Sequence[PartSummary],
    label_maps: LabelMaps,
    kept: KeptTable | None = None,
    choice: ClassChoice | None = None,
) -> Resolved:
    """Decides the categories of a conversion.

    Args:
        summaries: of all splits, in order.
        label_maps: those that can be used. Where panoptic segments have one of their own beside that of the objects,
            the things are the classes that objects can have.
        kept: the categories of the dataset that splits are added to.
        choice: which classes of objects are wanted, and what they are called.

    Raises:
        LabelMapError: the classes have no names, and it is open which label map is theirs.
        OutputError: the categories cannot agree with those that are there.
        UsageError: the choice names a class that does not exist.
    """
    zero_based = any(file.zero_based for summary in summaries for file in summary.files)
    used = _used(each.classes for each in summaries)
    found = label_maps.choose(dict.fromkeys((label, name) for label, name, _, _ in used))
    label_map, panoptic_map = found.label_map, label_maps.panoptic
    classes = resolve_classes(label_map, used, zero_based=zero_based)
    warnings = found.warnings
    if choice:
        from tfrecord_lite.coco.resolve.choose_classes import choose_classes  # noqa: PLC0415 - most runs take all

        classes = choose_classes(classes, choice)
    if kept is not None:
        classes, more = keep_table(classes, kept)
        warnings += more
    things = {item.title for item in label_map.items} if panoptic_map is not None and label_map is not None else None
    # Panoptic masks have the numbers of the objects' classes; semantic ones can have numbers of their own.
    panoptic = Naming(panoptic_map or label_map, classes.label_names, things, zero_based)
    return Resolved(
        found,
        warnings,
        classes,
        resolve_stuff(_used(each.stuff for each in summaries), Naming(found.pixels, zero_based=zero_based)),
        resolve_panoptic(_used(each.segments for each in summaries), panoptic),
    )


def _used(tables: Iterable[Distinct[_Value]]) -> list[_Value]:
    """The values of all tables, each once, in the order of their first appearance."""
    return list(dict.fromkeys(value for value, _, _ in chain.from_iterable(table.used() for table in tables)))


class Naming(NamedTuple):
    """Where the names of class numbers come from.

    label_map: asked first. label_names: asked where it has none; a class without either is named by its number.
    things: names of the classes that have instances; None where only the segments show them.
    zero_based: whether class numbers are indexes from 0, whether 0 was met or not.
    """

    label_map: LabelMap | None = None
    label_names: Mapping[int, str] | None = None
    things: Container[str] | None = None
    zero_based: bool = False

    def shift(self, labels: Container[int]) -> int:
        """How much higher every id is than the class number: 0 or 1."""
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


def _categories(labels: Sequence[int], shift: int, naming: Naming) -> list[dict[str, Any]]:
    """The COCO categories of class numbers, each with a name of its own."""
    named = [(label + shift, naming.name(label)) for label in labels]
    entries = zip(named, unique_names(named), strict=True)
    return [{"id": id_, "name": name, "supercategory": name} for (id_, _), name in entries]
