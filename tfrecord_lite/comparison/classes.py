"""The categories of two datasets -> what differs, by name."""

from __future__ import annotations

from collections import Counter
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
        for key, one, other in _facts_of_both(a, b, name):
            if _is_known(key, one, other, a, b) and not same_value(one, other):
                yield Difference("category", shortened(name), f"{key}: {shown(one)}", f"{key}: {shown(other)}")


def untold_facts(a: ClassTable, b: ClassTable) -> Counter[str]:
    """Facts that one dataset says of a class and the other has no place for: of how many classes."""
    return Counter(
        key
        for name in sorted(a.facts.keys() & b.facts.keys())
        for key, one, other in _facts_of_both(a, b, name)
        if not _is_known(key, one, other, a, b) and (one, other) not in ((name, None), (None, name))  # its own parent
    )


def _facts_of_both(a: ClassTable, b: ClassTable, name: str) -> Iterator[tuple[str, object, object]]:
    """What is said of a class in either dataset; None where nothing is. In a COCO file it is its own parent then."""
    here, there = a.facts[name], b.facts[name]
    for key in sorted(here.keys() | there.keys()):
        one, other = (None if value in ([], "") else value for value in (here.get(key), there.get(key)))
        if key == "supercategory":
            one, other = (value or (name if side.is_coco else None) for value, side in ((one, a), (other, b)))
        if one is not None or other is not None:
            yield key, one, other


def _is_known(key: str, one: object, other: object, a: ClassTable, b: ClassTable) -> bool:
    """Whether both datasets say something: a COCO file that does not say it means that it is not so.

    Whether a class is a thing is said by panoptic files alone.
    """
    if key == "isthing":
        return one is not None and other is not None
    return (one is not None or a.is_coco) and (other is not None or b.is_coco)
