"""The categories of all COCO files that are packed -> one table of classes, with numbers that trainers take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.read.to_sample import Entry
from tfrecord_lite.errors import CocoFileError, LabelMapError, UsageError, printable, quoted
from tfrecord_lite.labels.category import item_of_category
from tfrecord_lite.labels.model import LabelItem, LabelMap, assemble

_OF_PIXELS = ("stuff", "panoptic")


class PackedClasses(NamedTuple):
    """Classes of records.

    items: by ascending id, as records have them. shift: what an id of a COCO file is raised by, 0 or 1.
    background: whether a category 0 is the background, which no object can have.
    groups: names of classes that a category 0 has as well, which is left out.
    numbers: by COCO file, what the ids become (before they are raised) that other files have for other classes.
    """

    items: tuple[LabelItem, ...]
    shift: int
    background: bool
    numbers: Mapping[str, Mapping[int, int]]
    groups: tuple[str, ...]

    @property
    def renumbered(self) -> Iterator[LabelItem]:
        """The classes that have another number than in one of the COCO files."""
        given = {number + self.shift for numbers in self.numbers.values() for number in numbers.values()}
        return (item for item in self.items if item.id in given)


def unite_classes(splits: Iterable[CocoSplit]) -> PackedClasses:
    """One table for all files. 0 is the background for trainers: where it is a class, all ids are raised by one.

    The categories of stuff and of segments may be numbered apart from those of objects. One of the same name is the
    same class, and gets its number; one that has the number of another class gets one that is free.

    Raises:
        CocoFileError: categories cannot be numbered classes. UsageError: two files disagree about one of an object.
    """
    by_id: dict[int, tuple[LabelItem, str]] = {}
    by_name: dict[str, tuple[int, str]] = {}
    zero_based = background = False
    others: list[tuple[str, LabelItem]] = []
    numbers: dict[str, dict[int, int]] = {}
    groups: set[str] = set()
    tables = [(task, each.files[task], table) for each in splits for task, table in each.tables.items() if table]
    for task, path, table in sorted(tables, key=lambda each: each[0] in _OF_PIXELS):  # objects first
        group = group_of(table)
        label_map = _label_map(path, table, group)
        zero_based |= label_map.zero_based
        background |= label_map.has_background or group is not None
        groups.update(() if group is None else (str(group["name"]),))
        for item in label_map.items:
            known, other = by_id.get(item.id, (item, path))
            number, another = by_name.get(item.name, (item.id, path))
            if (known.name, number) == (item.name, item.id):
                by_id[item.id] = _with_details(known, item), other
                by_name[item.name] = number, another
            elif task in _OF_PIXELS:
                others.append((path, item))
            else:
                said, where = (quoted(known.name), other) if known.name != item.name else (f"id {number}", another)
                text = f"{printable(path)}: category {item.id} is {quoted(item.name)}, but {said} in {printable(where)}"
                raise UsageError(f"{text}. Pack these files into folders of their own")
    free = (number for number in count(1) if number not in by_id)
    for path, item in others:
        if item.name not in by_name:
            number = next(free)
            by_id[number] = item._replace(id=number), path
            by_name[item.name] = number, path
        numbers.setdefault(path, {})[item.id] = by_name[item.name][0]
    shift = int(zero_based)
    sorted_items = (by_id[number][0] for number in sorted(by_id))
    items = tuple(item._replace(id=item.id + shift) if shift else item for item in sorted_items)
    return PackedClasses(items, shift, background, numbers, tuple(sorted(groups)))


def group_of(table: Sequence[Entry]) -> Entry | None:
    """The category 0 that is named like a class, as Roboflow has one for all classes together; None without one."""
    zero = next((each for each in table if each.get("id") == 0), None)
    is_twin = zero is not None and any(each is not zero and each.get("name") == zero.get("name") for each in table)
    return zero if is_twin else None


def _label_map(path: str, table: Sequence[Entry], group: Entry | None) -> LabelMap:
    """The classes of one file, without a group. Raises CocoFileError where they cannot be numbered classes."""
    try:
        entries = [item_of_category(path, place, dict(each)) for place, each in enumerate(table) if each is not group]
        return assemble(path, entries)
    except LabelMapError as error:
        raise CocoFileError(path, f"categories: {error.problem}") from None


def _with_details(known: LabelItem, item: LabelItem) -> LabelItem:
    """A class with what another file says more of it."""
    return known._replace(
        supercategory=known.supercategory or item.supercategory,
        keypoints=known.keypoints or item.keypoints,
        skeleton=known.skeleton or item.skeleton,
        frequency=known.frequency or item.frequency,
        instance_count=item.instance_count if known.instance_count is None else known.instance_count,
    )
