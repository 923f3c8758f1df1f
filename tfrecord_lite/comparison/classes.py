"""What the classes of two datasets are called, and what differs between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tfrecord_lite.comparison.result import Difference
from tfrecord_lite.comparison.values import same_value, shown
from tfrecord_lite.errors import shortened


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


def class_differences(a: ClassTable, b: ClassTable) -> Iterator[Difference]:
    """Classes that only one dataset has, and facts that both can say and that differ."""
    for name in sorted(a.facts.keys() | b.facts.keys()):
        if name not in a.facts or name not in b.facts:
            if a.is_whole and b.is_whole:
                yield Difference.lacking("category", shortened(name), in_b=name in a.facts)
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
