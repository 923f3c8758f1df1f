"""What is known of a part of the input once it was read: small, whatever the part's size.

A part may be anything from a span of one file to all files of a split. Summaries of parts merge in input order into
that of the whole, by which everything is decided that depends on more than one record.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.budgets import CLASSES
from tfrecord_lite.coco.distinct import Distinct, ObjectClasses, SegmentClass
from tfrecord_lite.errors import BudgetError, Location
from tfrecord_lite.report import Tally


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
    """What there is to know of the records of a part.

    files: in order. dropped_records, dropped_objects: what was left out because it was damaged or could not be said.
    not_chosen: images that the user did not want, or records of them.
    implied: keys that only repeat what others say, or the images.
    effects: of options, as samples tell them.
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
