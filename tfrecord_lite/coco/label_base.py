"""Whether records number their classes from 0 and their label map from 1, or the other way round.

VoTT, FiftyOne, yolov3-tf2 and many a script of one's own write the place of a class in a list, from 0, while a label
map begins at 1 because 0 is the background to the Object Detection API (object_detection/utils/label_map_util.py). And
beside records by its rules there is often a plain list of names, whose lines count from 0. No single record tells which
is meant; all of them together nearly always do.
"""

from __future__ import annotations

from tfrecord_lite.errors import quoted
from tfrecord_lite.labels.model import LabelItem, LabelMap

CLASS_BASE_UNCLEAR = "class-base-unclear"  # code of findings about a schema that counts from 0 and a map that does not
_BACKGROUND = "it has a background at 0"


class LabelBase:
    """The evidence, gathered over all objects of a conversion. n: how many classes the label map has.

    For it: a number without a text that the map lacks, 0 where it begins at 1, or n where it begins at 0; a text beside
    such a number as the other count gives it; a schema that says so. Against it: a map that does not run from 0 or 1
    without a gap, or has a background; a number beyond the other count; a text beside any other number.

    code: of findings about the number that the map lacks. decision: what is decided then, in words.
    edge: that number.
    """

    def __init__(self, label_map: LabelMap | None) -> None:
        ids = [item.id for item in label_map.items] if label_map is not None else []
        first = ids[0] if ids else 1
        self._step = -1 if first else 1  # of the number from the id of its entry
        self._range = range(first + self._step, first + self._step + len(ids))
        self._for = self._expected = False
        self._against = "there is no label map"
        self.edge = self._range[0 if first else -1] if ids else 0
        self.code = "class-zero-based" if first else "class-one-based"
        theirs, ours = (0, 1) if first else (1, 0)
        other = "higher" if first else "lower"
        self.decision = (
            f"class numbers count from {theirs}, the label map from {ours}: each stands for the entry one {other}"
        )
        if label_map is not None:
            self._against = ""
            if label_map.has_background:
                self._against = _BACKGROUND
            elif ids != list(range(first, first + len(ids))) or first > 1:
                self._against = "its ids do not run from 1 without a gap"

    @property
    def is_possible(self) -> bool:
        """Whether nothing speaks against it so far."""
        return not self._against

    @property
    def is_other(self) -> bool:
        """Whether, by all that was seen, records and label map count differently."""
        return self._for and not self._against

    @property
    def shift(self) -> int:
        """What makes a number the id of its category, where they count differently."""
        return 1 if self._step < 0 else 0

    @property
    def is_unclear(self) -> bool:
        """Whether the schema counts from 0, but the label map has other ids than those from 1 to n, or too few."""
        return self._expected and self._step < 0 and self._against not in ("", _BACKGROUND)

    @property
    def against(self) -> str:
        """The first thing that spoke against it; empty where there is none."""
        return self._against

    def expect_zero(self) -> None:
        """A schema says that its numbers are indexes from 0."""
        self._expected = True
        if self._step < 0:
            self._for = True
        else:
            self._against = self._against or "the schema counts from 0, as it does"

    def see(self, number: int, item: LabelItem | None) -> None:
        """Takes a number as evidence. item: what the text beside it names in the map, if anything."""
        if self._against:
            return
        if number not in self._range:
            self._against = f"there are objects with the number {number}"
        elif item is None:
            self._for = self._for or number == self.edge
        elif number == item.id + self._step:
            self._for = True
        else:
            self._against = f"there are objects with the number {number} and the text {quoted(item.title)}"
