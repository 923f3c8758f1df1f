"""Whether records number their classes from 0 although their label map numbers them from 1.

VoTT, FiftyOne, yolov3-tf2 and many a script of one's own write the place of a class in a list, from 0, while a label
map begins at 1 because 0 is the background to the Object Detection API (object_detection/utils/label_map_util.py). No
single record tells which is meant; all of them together nearly always do.
"""

from __future__ import annotations

from tfrecord_lite.errors import quoted
from tfrecord_lite.labels import LabelItem, LabelMap

CLASS_ZERO_BASED = "class-zero-based"  # rule of findings about a 0 that is taken for the first class
CLASS_BASE_UNCLEAR = "class-base-unclear"  # and about a layout that counts from 0 beside a map that does not fit
DECISION = "class numbers count from 0, the label map from 1: each number stands for the entry one higher"

_BACKGROUND = "it has a background at 0"


class LabelBase:
    """The evidence, gathered over all objects of a conversion.

    For it: the number 0 without a text, a text beside the number one lower than its id in the map, a layout that says
    so. Against it: a map that does not run from 1 to n without a gap or has a background, a number beyond n - 1, a text
    beside any other number.
    """

    def __init__(self, label_map: LabelMap | None) -> None:
        items = label_map.items if label_map is not None else ()
        ids = [item.id for item in items]
        self._largest = len(ids) - 1
        self._for = self._expected = False
        self._against = "there is no label map"
        if label_map is not None:
            self._against = ""
            if label_map.has_background:
                self._against = _BACKGROUND
            elif ids != list(range(1, len(ids) + 1)):
                self._against = "its ids do not run from 1 without a gap"

    @property
    def is_possible(self) -> bool:
        """Whether nothing speaks against it so far."""
        return not self._against

    @property
    def counts_from_zero(self) -> bool:
        """Whether, by all that was seen, the class of a number is the one that the map has one higher."""
        return self._for and not self._against

    @property
    def is_unclear(self) -> bool:
        """Whether the layout says so, but the label map has other ids than those from 1 to n, or too few."""
        return self._expected and self._against not in ("", _BACKGROUND)

    @property
    def against(self) -> str:
        """The first thing that spoke against it; empty where there is none."""
        return self._against

    def expect(self) -> None:
        """A layout says that its numbers are indexes from 0."""
        self._for = self._expected = True

    def see(self, number: int, item: LabelItem | None) -> None:
        """Takes a number as evidence. item: what the text beside it names in the map, if anything."""
        if self._against:
            return
        if not 0 <= number <= self._largest:
            self._against = f"there are objects with the number {number}"
        elif item is None:
            self._for = self._for or number == 0
        elif number == item.id - 1:
            self._for = True
        else:
            self._against = f"there are objects with the number {number} and the text {quoted(item.title)}"
