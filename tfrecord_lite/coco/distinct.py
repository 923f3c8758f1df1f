"""Distinct values, counted, with the place of the first of each: what is decided on once every record was read.

A draft refers to the class of an object by its index here, so that a decision is made once for each class
and looked up for each object.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from tfrecord_lite.errors import Location

Value = TypeVar("Value")


class ObjectClass(NamedTuple):
    """What a record says of the class of an object.

    label, name: a number and a text, None where it has none. An empty name is one that was left out.
    keypoints: how many the object has; None without any. keypoint_names: in their order, where the record has them.
    """

    label: int | None
    name: str | None
    keypoints: int | None = None
    keypoint_names: tuple[str, ...] = ()


class SegmentClass(NamedTuple):
    """What a record says of the class of a panoptic segment.

    label: the number of its class. is_instance: whether it is told apart from others of its class.
    is_crowd: whether the record says that it is a group.
    """

    label: int
    is_instance: bool
    is_crowd: bool


class Distinct(dict[Value, int]):
    """Values -> their indexes, in the order of their first appearance.

    counts, places: by index, how often a value was met and where first.
    """

    __slots__ = ("counts", "places")

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []
        self.places: list[Location] = []

    def __missing__(self, value: Value) -> int:
        index = self[value] = len(self)
        return index

    def note(self, values: Iterable[Value], where: Location) -> array[int]:
        """Counts values that were met at a place. Returns their indexes."""
        indexes = [*map(self.__getitem__, values)]
        counts = self.counts
        for _ in range(len(counts), len(self)):
            counts.append(0)
            self.places.append(where)
        for index in indexes:
            counts[index] += 1
        return array("I", indexes)

    def discount(self, indexes: Iterable[int]) -> None:
        """Takes back what was counted of something that is left out as a whole."""
        for index in indexes:
            self.counts[index] -= 1

    def merge(self, other: Distinct[Value]) -> array[int]:
        """Adds what comes after all of this. Returns the indexes here of the other's values, by their indexes there."""
        indexes = array("I", map(self.__getitem__, other))
        known = len(self.counts)
        for index, count, place in zip(indexes, other.counts, other.places, strict=True):
            if index < known:
                self.counts[index] += count
            else:
                self.counts.append(count)
                self.places.append(place)
        return indexes

    def used(self) -> Iterator[tuple[Value, int, Location]]:
        """Each value that is not left out altogether, with its count and first place."""
        for value, count, place in zip(self, self.counts, self.places, strict=True):
            if count:
                yield value, count, place


class ObjectClasses(Distinct[ObjectClass]):
    """Distinct classes of objects, which may be looked up by plain tuples: one is made for each object of a record.

    origins: by index, the number of the first object of the class in its record, and the feature that says its class.
    """

    __slots__ = ("origins",)

    def __init__(self) -> None:
        super().__init__()
        self.origins: list[tuple[int, str]] = []

    def __missing__(self, value: tuple[int | None, str | None, int | None, tuple[str, ...]]) -> int:
        index = self[ObjectClass(*value)] = len(self)
        return index

    def note_objects(
        self, values: Iterable[ObjectClass], where: Location, numbers: Sequence[int] | None, key: str
    ) -> array[int]:
        """Counts the classes of a record's objects. numbers: of the objects; None where they are in order."""
        indexes = self.note(values, where)
        if len(self.origins) < len(self.counts):
            firsts = {index: place for place, index in reversed([*enumerate(indexes)])}
            for index in range(len(self.origins), len(self.counts)):
                first = firsts[index]
                self.origins.append((first if numbers is None else numbers[first], key))
        return indexes

    def merge(self, other: Distinct[ObjectClass]) -> array[int]:
        """As of all distinct values, with their origins."""
        indexes = super().merge(other)
        if isinstance(other, ObjectClasses):
            known = len(self.origins)
            self.origins += [origin for index, origin in zip(indexes, other.origins, strict=True) if index >= known]
        return indexes
