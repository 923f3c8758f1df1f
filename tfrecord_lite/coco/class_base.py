"""Whether records number their classes from 0 and their label map from 1, or the other way round.

VoTT, FiftyOne, yolov3-tf2 and many scripts write the position of a class in a list, from 0, while a label map begins at
1 because 0 is the background to the Object Detection API (object_detection/utils/label_map_util.py). And beside records
that follow the API there is often a plain list of names, whose lines count from 0. No single record tells which is
meant; all of them together nearly always do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tfrecord_lite.errors import quoted
from tfrecord_lite.labels.model import LabelItem, LabelMap

CLASS_BASE_UNCLEAR = "class-base-unclear"  # code of findings about a schema that counts from 0 and a map that does not
_BACKGROUND = "it has a background at 0"


class ClassBase(NamedTuple):
    """How the class numbers of the records relate to the ids of their label map.

    differs: whether records and label map count from different numbers.
    against: why they do not, the first reason met; empty where nothing speaks against it.
    step: from an id of the map to the number that records have for it, where they differ.
    edge: the number that the label map lacks if they differ.
    code: of the finding about that number. decision: what is decided where they differ, in words.
    unclear: whether the schema counts from 0, but the map has other ids than those from 1 to n, or too few.
    """

    differs: bool
    against: str
    step: int
    edge: int
    code: str
    decision: str
    unclear: bool

    def id_of(self, number: int) -> int:
        """The id that the label map has for the number of a record."""
        return number - self.step if self.differs else number


def decide_base(
    label_map: LabelMap, evidence: Iterable[tuple[int, LabelItem | None]], *, zero_based: bool
) -> ClassBase:
    """Decides what class numbers mean beside a label map of n classes.

    For different bases: a number without a text that the map lacks, 0 where it begins at 1, or n where it begins at 0;
    a text beside such a number as the other count gives it; a schema that says so. Against them: a map that does not
    run from 0 or 1 without a gap, or has a background; a number beyond the other count; a text beside any other number.

    Args:
        label_map: with one class or more.
        evidence: each number of the records, with the entry that the text beside it names, if any.
        zero_based: whether the schema says that its numbers are indexes from 0.
    """
    ids = [item.id for item in label_map.items]
    first = ids[0]
    step = -1 if first else 1
    possible = range(first + step, first + step + len(ids))
    edge = possible[0 if first else -1]
    against = ""
    if label_map.has_background:
        against = _BACKGROUND
    elif ids != list(range(first, first + len(ids))) or first > 1:
        against = "its ids do not run from 1 without a gap"
    elif zero_based and not first:
        against = "the schema counts from 0, as it does"
    differs = zero_based and bool(first)
    for number, item in evidence:
        if against:
            break
        if number not in possible:
            against = f"there are objects with the number {number}"
        elif item is None:
            differs = differs or number == edge
        elif number == item.id + step:
            differs = True
        else:
            against = f"there are objects with the number {number} and the text {quoted(item.title)}"
    theirs, ours, other = (0, 1, "higher") if first else (1, 0, "lower")
    return ClassBase(
        differs and not against,
        against,
        step,
        edge,
        "class-zero-based" if first else "class-one-based",
        f"class numbers count from {theirs}, the label map from {ours}: each stands for the entry one {other}",
        unclear=zero_based and bool(first) and against not in ("", _BACKGROUND),
    )
