"""What is known about a part of the input after it was read: small, whatever the size of the part.

A part is anything from a span of one file to all files of a split. Summaries of parts merge, in the order of the input,
into that of the whole, which decides everything that depends on more than one record.

Each distinct class is counted, and its first place is kept. A draft names the class of an object by its index here: a
decision is made once for each class, and looked up for each object.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from tfrecord_lite.budgets import CLASSES
from tfrecord_lite.errors import BudgetError, Location
from tfrecord_lite.report import Tally

Value = TypeVar("Value")


class FileSummary(NamedTuple):
    """How the piece of a file that is in the part was read.

    schema: None where no record decided it. pixel: whether boxes are pixels; None where there are none.
    absent: keys given to roles that its first records lack, with the nearest.
    """

    file: str
    records: int
    schema: str | None = None
    pixel: bool | None = None
    zero_based: bool = False
    evidence: tuple[str, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


class Tables(NamedTuple):
    """The indexes that the classes of a part have in a larger one, by their indexes in the part."""

    classes: array[int]
    stuff: array[int]
    segments: array[int]


class PartSummary(Tally):
    """What is known about the records of a part.

    files: in order. dropped_records, dropped_objects: what was left out because it was damaged or could not be said.
    not_chosen: images that the user did not want, or records of them.
    implied: keys that only repeat what others say, or the images.
    effects: of options, as samples report them.
    classes: of objects. stuff: class numbers of semantic label images, once an image. segments: classes of panoptic
    segments.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: list[FileSummary] = []
        self.dropped_records = 0
        self.dropped_objects = 0
        self.not_chosen = 0
        self.classes = ObjectClasses()
        self.stuff: Distinct[int] = Distinct()
        self.segments: Distinct[SegmentClass] = Distinct()
        self.effects: set[str] = set()
        self.implied: set[str] = set()

    @property
    def records(self) -> int:
        """Sound records."""
        return sum(file.records for file in self.files)

    @property
    def distinct(self) -> int:
        """Distinct classes of every kind."""
        return len(self.classes) + len(self.stuff) + len(self.segments)

    def add_file(self, file: FileSummary) -> None:
        """Adds a file that was read, or what comes next of the last one."""
        if self.files and self.files[-1].file == file.file:
            file = file._replace(records=self.files.pop().records + file.records)
        self.files.append(file)

    def add_part(self, other: PartSummary) -> Tables:
        """Adds the part that comes after all of this."""
        self.merge(other)
        for file in other.files:
            self.add_file(file)
        self.dropped_records += other.dropped_records
        self.dropped_objects += other.dropped_objects
        self.not_chosen += other.not_chosen
        self.effects |= other.effects
        self.implied |= other.implied
        return Tables(
            self.classes.merge(other.classes), self.stuff.merge(other.stuff), self.segments.merge(other.segments)
        )


def check_classes(summaries: Collection[PartSummary]) -> None:
    """Refuses more distinct classes than one conversion may have. Raises BudgetError, the same for every division."""
    kinds: dict[str, Sequence[Distinct[Any]]] = {
        "objects": [each.classes for each in summaries],
        "stuff": [each.stuff for each in summaries],
        "panoptic segments": [each.segments for each in summaries],
    }
    for kind, tables in kinds.items():
        if sum(map(len, tables)) > CLASSES and len(set[object]().union(*tables)) > CLASSES:
            problem = f"{kind} have more distinct classes than {CLASSES}, the budget of a conversion"
            raise BudgetError(Location("the input"), "classes", f"{problem}. Are they names of single things?")


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

    label: the number of its class. is_instance: whether it is annotated apart from others of its class.
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
