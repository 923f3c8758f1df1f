"""Whether records number their classes from 0 and their label map from 1, or the other way round.

VoTT, FiftyOne, yolov3-tf2 and many scripts write the position of a class in a list, from 0, while a label map begins at
1 because 0 is the background to the Object Detection API (object_detection/utils/label_map_util.py). And beside records
that follow the API there is often a plain list of names, whose lines count from 0. No single record shows which is
meant; all of them together nearly always do.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.errors import printable, quoted

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelItem, LabelMap

CLASS_BASE_UNCLEAR = "class-base-unclear"  # code of findings
_BACKGROUND = "it has a background at 0"


class ClassBase(NamedTuple):
    """How the class numbers of the records relate to the ids of their label map.

    differs: whether records and label map count from different numbers.
    against: why they do not: the first reason met; empty where there is none.
    step: from an id of the map to the number that records have for it, where they differ.
    edge: the number that the label map lacks if they differ.
    code: of the finding about that number. decision: what is decided where they differ, in words.
    unclear: why this is not certain, and what was taken; empty where it is.
    """

    differs: bool
    against: str
    step: int
    edge: int
    code: str
    decision: str
    unclear: str

    @property
    def told(self) -> str:
        """What is decided, and whether that is certain; empty where there was nothing to decide."""
        if not self.differs:
            return ""
        return f"{self.decision}. That is not certain: see {CLASS_BASE_UNCLEAR}" if self.unclear else self.decision

    def id_of(self, number: int) -> int:
        """The id that the label map has for the number of a record."""
        return number - self.step if self.differs else number


def decide_base(  # noqa: C901 - one branch a piece of evidence
    label_map: LabelMap, evidence: Iterable[tuple[int, LabelItem | None]], *, zero_based: bool
) -> ClassBase:
    """Decides what class numbers mean beside a label map of n classes.

    For different bases: a number without a text that the map lacks, 0 where it begins at 1, or n where it begins at 0;
    a text beside such a number as the other count gives it; a schema that says so. Against them: a map that does not
    run from 0 or 1 without a gap, or has a background; a number beyond the other count; a text beside any other number.

    A list of names has no numbers of its own, so that a number beyond the list proves nothing. Where nothing does, its
    first name is number 1, as the Object Detection API counts (object_detection/utils/label_map_util.py), and that is
    unclear.

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
    guessed = False
    for number, item in evidence:
        if against:
            break
        guessed = guessed or item is None
        if number not in possible and (label_map.numbered or number < possible.start):
            against = f"there are objects with the number {number}"
        elif item is None:
            differs = differs or number == edge
        elif number == item.id + step:
            differs = True
        else:
            against = f"there are objects with the number {number} and the text {quoted(item.title)}"
    theirs, ours, other = (0, 1, "higher") if first else (1, 0, "lower")
    unclear = ""
    if zero_based and first and against not in ("", _BACKGROUND):
        unclear = f"class numbers of this schema are indexes from 0, but of the label map: {against}"
        unclear += ". They are taken for its ids"
    elif guessed and not (label_map.numbered or differs or against):
        differs, name = True, label_map.items[0].title
        unclear = (
            f"the label map is a list of names, and neither 0 nor {edge} was met: whether class numbers count from 0 or"
            f" from 1 is not certain. They are taken to count from 1: 1 is {quoted(name)}. If they count from 0, write"
            f" the numbers into the list, as in 0:{printable(name)}"
        )
    return ClassBase(
        differs and not against,
        against,
        step,
        edge,
        "class-zero-based" if first else "class-one-based",
        f"class numbers count from {theirs}, the label map from {ours}: each stands for the entry one {other}",
        unclear,
    )
