"""The summaries of all splits -> what their classes come to: every decision that depends on more than one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple, TypeVar

from tfrecord_lite.coco.distinct import Distinct
from tfrecord_lite.coco.part_summary import PartSummary
from tfrecord_lite.coco.resolve_classes import ResolvedClasses, resolve_classes
from tfrecord_lite.coco.resolve_segments import Naming, ResolvedPanoptic, ResolvedStuff, resolve_panoptic, resolve_stuff
from tfrecord_lite.labels.model import LabelMap

_Value = TypeVar("_Value")


class Resolved(NamedTuple):
    """What the classes of objects, of stuff and of panoptic segments come to, for all splits alike."""

    classes: ResolvedClasses
    stuff: ResolvedStuff
    panoptic: ResolvedPanoptic


def resolve(
    summaries: Sequence[PartSummary], label_map: LabelMap | None = None, panoptic_map: LabelMap | None = None
) -> Resolved:
    """Decides the categories of a conversion.

    Args:
        summaries: of all splits, in order.
        label_map: of the objects; None where the records have to name their classes.
        panoptic_map: of panoptic segments, where they have one of their own. Where both are there, the things are the
            classes that objects can have.
    """
    zero_based = any(file.zero_based for summary in summaries for file in summary.files)
    classes = resolve_classes(label_map, _used(each.classes for each in summaries), zero_based=zero_based)
    things = {item.title for item in label_map.items} if panoptic_map is not None and label_map is not None else None
    # Panoptic masks have the numbers of the objects' classes; semantic ones can have numbers of their own.
    panoptic = Naming(panoptic_map or label_map, classes.label_names, things, zero_based)
    return Resolved(
        classes,
        resolve_stuff(_used(each.stuff for each in summaries), Naming(label_map, zero_based=zero_based)),
        resolve_panoptic(_used(each.segments for each in summaries), panoptic),
    )


def _used(tables: Iterable[Distinct[_Value]]) -> list[_Value]:
    """The values of all tables, each once, in the order of their first appearance."""
    return list(dict.fromkeys(value for value, _, _ in chain.from_iterable(table.used() for table in tables)))
