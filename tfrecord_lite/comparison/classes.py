"""The categories of two datasets -> what differs, by name."""

from __future__ import annotations

from collections.abc import Iterator

from tfrecord_lite.comparison.difference import Difference
from tfrecord_lite.comparison.names import ClassTable
from tfrecord_lite.comparison.values import same_value, shown
from tfrecord_lite.errors import shortened


def class_differences(a: ClassTable, b: ClassTable) -> Iterator[Difference]:
    """Classes that only one dataset has, and facts that both can say and that differ."""
    for name in sorted(a.facts.keys() | b.facts.keys()):
        if name not in a.facts or name not in b.facts:
            if a.is_whole and b.is_whole:
                texts = ("is there", "none") if name in a.facts else ("none", "is there")
                yield Difference("category", shortened(name), *texts)
            continue
        here, there = a.facts[name], b.facts[name]
        for key in sorted(here.keys() | there.keys()):
            one, other = (None if value in ([], "") else value for value in (here.get(key), there.get(key)))
            is_known = (one is not None or a.is_coco) and (other is not None or b.is_coco)
            if is_known and not same_value(one, other):
                yield Difference("category", shortened(name), f"{key}: {shown(one)}", f"{key}: {shown(other)}")
