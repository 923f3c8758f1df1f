"""The summaries of all splits -> what their classes come to: every decision that depends on more than one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from tfrecord_lite.coco.choose_classes import ClassChoice, choose_classes
from tfrecord_lite.coco.distinct import Distinct
from tfrecord_lite.coco.kept_table import KeptTable, keep_table
from tfrecord_lite.coco.part_summary import PartSummary
from tfrecord_lite.coco.resolve_classes import ResolvedClasses, resolve_classes
from tfrecord_lite.coco.resolve_segments import Naming, ResolvedPanoptic, ResolvedStuff, resolve_panoptic, resolve_stuff
from tfrecord_lite.labels.choose import Choice
from tfrecord_lite.labels.chosen import LabelMaps

_Value = TypeVar("_Value")


class Resolved(NamedTuple):
    """What the classes of objects, of stuff and of panoptic segments come to, for all splits alike.

    label_map: which one is used, and why no other. warnings: what the user should know of all that.
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
    if choice is not None:
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
