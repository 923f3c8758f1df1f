"""A category of a COCO file -> an entry of a label map. Source: https://cocodataset.org/#format-data."""

from __future__ import annotations

from typing import TypeGuard, TypeVar

from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.labels.model import Entry, LabelItem

_T = TypeVar("_T")


def item_of_category(path: str, position: int, category: dict[str, object]) -> Entry:
    """The entry of one category; frequency and instance_count are LVIS's.

    Raises:
        LabelMapError: it has no id or no name, or keypoints of another kind.
    """
    number, name = category.get("id"), category.get("name")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(name, str):
        found = f"category {position} has id {quoted(str(number))} and name {quoted(str(name))}"
        raise LabelMapError(path, f"{found}, expected a whole number and a text")
    keypoints, skeleton = category.get("keypoints") or [], category.get("skeleton") or []
    if not is_list_of(keypoints, str):
        raise LabelMapError(path, f"keypoints of category {quoted(name)} found that are no list of names")
    if not is_list_of(skeleton, list) or not all(is_list_of(bone, int) and len(bone) == 2 for bone in skeleton):
        raise LabelMapError(path, f"skeleton of category {quoted(name)} found that is no list of pairs of numbers")
    supercategory, frequency = category.get("supercategory"), category.get("frequency")
    instance_count = category.get("instance_count")
    item = LabelItem(
        id=number,
        name=name,
        supercategory=supercategory if isinstance(supercategory, str) else None,
        keypoints=tuple(keypoints),
        skeleton=tuple((first, second) for first, second in skeleton),
        frequency=frequency if isinstance(frequency, str) else None,
        instance_count=instance_count if isinstance(instance_count, int) else None,
    )
    return Entry(item)


def is_list_of(value: object, kind: type[_T]) -> TypeGuard[list[_T]]:
    """Whether a JSON value is a list of values of one kind."""
    return isinstance(value, list) and all(isinstance(element, kind) for element in value)
