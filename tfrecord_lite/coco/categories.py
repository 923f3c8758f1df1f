"""The classes of objects -> the category table that all splits of one conversion share.

A record names a class by number, by text, or by both. Text beats number, as in the Object Detection API's decoder
(data_decoders/tf_example_decoder.py): numbers are 0-based here and 1-based there, texts mean themselves. The ids are

* those of the label map, gaps and all, where there is one; numbers without a text that count from 0 beside a map from
  1, or the other way round (``label_base``), stand for the neighbouring entry;
* else the numbers of the records;
* for what has a text only, the next free ids in the order of first appearance;
* all one higher where 0 is among them: to COCO's readers 0 means "no category".

What an id is can thus be open until the last record. Until then a category has a provisional id, which is nearly always
the final one; ``renumbering`` says where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tfrecord_lite.coco.label_base import LabelBase
from tfrecord_lite.errors import quoted
from tfrecord_lite.labels.model import LabelItem, LabelMap

LARGEST_ID = (1 << 53) - 1  # the largest integer that every JSON reader keeps exactly
_SECOND = -(1 << 40)  # provisional ids from here down are the second ones of entries of the label map


class Resolution(NamedTuple):
    """What the class of an object comes to.

    category: provisional id; None where the object has no class that COCO could say.
    code, text: a finding about it, or (without a category) the reason; empty where there is nothing to say.
    """

    category: int | None
    code: str = ""
    text: str = ""


class _Category:
    """One category in the making."""

    __slots__ = ("item", "number", "provisional", "text")

    def __init__(self, provisional: int, number: int | None, text: str | None, item: LabelItem | None = None) -> None:
        self.provisional = provisional
        self.number = number  # the id that it claims, before any shift
        self.text = text
        self.item = item


class CategoryTable:
    """The categories of a conversion, met object by object.

    zero_based: whether class numbers are indexes from 0, met or not, so that every id is one higher.
    base: where there is a label map: whether the records count from 0 and it from 1, or the other way round.
    """

    def __init__(self, label_map: LabelMap | None = None) -> None:
        self.zero_based = label_map is not None and label_map.zero_based
        self.base = LabelBase(label_map)
        self._bare: dict[int, int] = {}  # provisional ids of numbers without a text -> these
        self._told: dict[int, int] = {}  # provisional ids of texts -> ids in the label map
        self._label_map = label_map
        self._categories: list[_Category] = []
        self._provisionals: set[int] = set()
        self._keypoints: dict[int, tuple[str, ...]] = {}
        self._by_number: dict[int, _Category] = {}
        self._by_text: dict[str, _Category] = {}
        self._resolutions: dict[tuple[int | None, str | None], Resolution] = {}
        if self.base.is_possible:
            self._provisionals.add(self.base.edge)
        for item in label_map.items if label_map else ():
            self._add(_Category(item.id, item.id, item.title, item))

    def resolve_each(self, numbers: Sequence[int | None], texts: Sequence[str | None]) -> list[Resolution]:
        """The categories of the objects of a record."""
        known = self._resolutions
        return [known.get(each) or self.resolve(*each) for each in zip(numbers, texts, strict=True)]

    def resolve(self, number: int | None, text: str | None) -> Resolution:
        """The category of an object by what its record says."""
        known = self._resolutions.get((number, text))
        if known is None:
            was_possible = self.base.is_possible
            known = self._resolve(number, text)
            if was_possible and not self.base.is_possible:
                self._read_by_the_map()
            self._resolutions[number, text] = known
        return known

    def _read_by_the_map(self) -> None:
        """What was left open about numbers is decided: they mean what the label map says of them."""
        self._resolutions.clear()
        edge = self.base.edge
        if edge and edge in self._bare:
            self._add(_Category(edge, edge, None))

    def expect_zero(self) -> None:
        """A schema says that class numbers are indexes from 0, whether 0 is met or not."""
        was_possible = self.base.is_possible
        self.base.expect_zero()
        if was_possible and not self.base.is_possible:
            self._read_by_the_map()
        if self._label_map is None:
            self.zero_based = True  # else the ids are those of the map, whatever the numbers

    def _resolve(self, number: int | None, text: str | None) -> Resolution:
        if not text:
            return self._resolve_number(number, text_left_out=text is not None)
        if self._label_map is not None:
            return self._look_up(self._label_map, number, text)
        if (category := self._by_text.get(text)) is None:
            holder = None if number is None else self._by_number.get(number)
            if holder is not None and holder.text is None:
                self._name(holder, text)  # its number was met before its text
                return Resolution(holder.provisional)
            claim = number if holder is None and _is_id(number) else None
            category = self._add(_Category(self._provisional(claim), claim, text))
            if holder is not None:
                said = f"the number {number} stands for {quoted(holder.text or '')} and for {quoted(text)}"
                return Resolution(category.provisional, "class-number-shared", f"{said}; the text counts")
        elif number is not None and number != category.number:
            said = f"{quoted(text)} has the number {number} here and {category.number} elsewhere"
            return Resolution(category.provisional, "class-disagrees", f"{said}; the text counts")
        return Resolution(category.provisional)

    def _look_up(self, label_map: LabelMap, number: int | None, text: str) -> Resolution:
        """The category of a text where there is a label map."""
        item = label_map.by_text(text)
        if number is not None:
            self.base.see(number, item or label_map.by_similar_text(text))
        if item is not None:
            category = self._by_told_text(item)
            if number is None or number == item.id:
                return Resolution(category)
            said = f"the number is {number}, but the label map has {quoted(text)} at {item.id}"
            return Resolution(category, "class-disagrees", f"{said}; the text counts")
        if (item := label_map.by_similar_text(text)) is not None:
            return Resolution(
                self._by_told_text(item),
                "class-spelling",
                f"{quoted(text)} is taken for {quoted(item.title)} of the label map",
            )
        if "\ufffd" in text and number is not None and label_map.by_id(number) is not None:
            # An undecodable text is no better than the number beside it.
            return self._resolve_number(number, text_left_out=False)
        if (known := self._by_text.get(text)) is None:
            known = self._add(_Category(self._provisional(None), None, text))
        return Resolution(known.provisional, "class-not-in-label-map", f"{quoted(text)} is not in the label map")

    def _by_told_text(self, item: LabelItem) -> int:
        """The provisional id of an entry of the label map that a text names."""
        if not self.base.is_possible:
            return item.id
        # Bare numbers may turn out to mean the entry one higher: they cannot share an id with the texts.
        provisional = _SECOND - item.id if item.id in self._bare else item.id
        self._told[provisional] = item.id
        return provisional

    def _by_bare_number(self, number: int) -> Resolution:
        """The class of a number without a text, while it is open whether numbers count from 0 or from 1."""
        provisional = _SECOND - number if number in self._told else number
        self._bare[provisional] = number
        if number != self.base.edge:
            return Resolution(provisional)
        return Resolution(provisional, self.base.code, f"the label map has no number {number}: {self.base.decision}")

    def _resolve_number(self, number: int | None, *, text_left_out: bool) -> Resolution:
        """The category of an object whose record gives no text."""
        if number is None or (number == 0 and text_left_out):
            return Resolution(None, text="the object has no class label: neither a text nor a number above 0")
        if number < 0:
            return Resolution(None, text=f"the class label is {number}, expected 0 or more (negative means unknown)")
        if number > LARGEST_ID:
            return Resolution(None, text=f"the class label {number} is larger than any id that JSON keeps exactly")
        self.base.see(number, None)
        if self.base.is_possible:
            return self._by_bare_number(number)
        if (category := self._by_number.get(number)) is not None:
            return Resolution(category.provisional)
        if self._label_map is None:
            return Resolution(self._add(_Category(self._provisional(number), number, None)).provisional)
        if number == 0:
            return Resolution(None, text=self.why_zero_is_none())
        category = self._add(_Category(self._provisional(number), number, None))
        return Resolution(
            category.provisional, "class-not-in-label-map", f"the number {number} is not in the label map"
        )

    def why_zero_is_none(self) -> str:
        """Why the number 0 is no class of the label map."""
        items = self._label_map.items if self._label_map else ()
        ids = f"{items[0].id} to {items[-1].id}" if items else "none"
        said = f"the class label is 0 (background), the label map has the ids {ids}"
        return f"{said}. 0 is not taken for the first of them: {self.base.against}"

    def _provisional(self, claim: int | None) -> int:
        """The id that is likely to be final; a negative one where another category holds that already."""
        likely = claim
        if likely is None:
            likely = max(self._by_number, default=0) + 1 + len(self._categories) - len(self._by_number)
        return -1 - len(self._categories) if likely in self._provisionals else likely

    def _add(self, category: _Category) -> _Category:
        self._categories.append(category)
        self._provisionals.add(category.provisional)
        if category.number is not None:
            self._by_number[category.number] = category
        if category.text is not None:
            self._by_text.setdefault(category.text, category)
        return category

    def _name(self, category: _Category, text: str) -> None:
        category.text = text
        self._by_text[text] = category

    def expect_keypoints(self, provisional: int, count: int, names: Sequence[str]) -> Sequence[str]:
        """The keypoints that the objects of a category have: as the label map says, else as its first object.

        Args:
            provisional: the category, by its provisional id.
            count: keypoints of the object at hand.
            names: theirs, where the record has them.
        """
        known = self._keypoints.get(provisional)
        if known is None:
            known = self._keypoints_of_map(provisional)
            if not known:
                known = tuple(names) or tuple(f"keypoint_{number}" for number in range(1, count + 1))
            self._keypoints[provisional] = known
        return known

    def _keypoints_of_map(self, provisional: int) -> tuple[str, ...]:
        """The keypoints that the label map gives a category; where two entries are possible, the likelier's."""
        if self._label_map is None:
            return ()
        number = self._bare.get(provisional, self._told.get(provisional, provisional))
        steps = [0]
        if provisional in self._bare and self.base.is_possible:
            other = 1 if self.base.edge == 0 else -1
            steps = [other, 0] if self.base.is_other else [0, other]
        items = (self._label_map.by_id(number + step) for step in steps)
        return next((item.keypoints for item in items if item and item.keypoints), ())

    @property
    def shift(self) -> int:
        """How much higher every id is than the number that the records have."""
        return self.base.shift if self.base.is_other else int(self._shift_all)

    @property
    def _shift_all(self) -> bool:
        """Whether every id is one higher than its number, that of the label map too."""
        return self.zero_based or any(category.number == 0 for category in self._categories)

    def label_titles(self) -> dict[int, str]:
        """The names that the label map gives, by final id; none without one."""
        items = self._label_map.items if self._label_map is not None else ()
        return {item.id + self._shift_all: item.title for item in items}

    def names(self) -> dict[int, str]:
        """The texts of class numbers, as far as records and label map give them."""
        return {number: category.text for number, category in self._by_number.items() if category.text is not None}

    def _final(self) -> dict[int, int]:
        """Provisional ids of the categories -> final ids."""
        claimed = [category.number for category in self._categories if category.number is not None]
        shift = int(self._shift_all)
        free = max(claimed, default=0 - shift) + shift
        final = {}
        for category in self._categories:
            if category.number is None:
                free += 1
                final[category.provisional] = free
            else:
                final[category.provisional] = category.number + shift
        return final

    def renumbering(self) -> dict[int, int]:
        """Provisional ids -> final ids, once every object was met. 0 for a class that turned out to be none."""
        shift, ours = self.shift, int(self._shift_all)
        bare = {provisional: number + shift for provisional, number in self._bare.items()}
        # A text that comes when numbers are known to be ids shares a provisional id with them, and the final one.
        return self._final() | bare | {provisional: number + ours for provisional, number in self._told.items()}

    def entries(self) -> list[dict[str, Any]]:
        """The COCO categories by id, unused entries of the label map included."""
        final, renumbering = self._final(), self.renumbering()
        keypoints = {renumbering[provisional]: names for provisional, names in self._keypoints.items()}
        names: set[str] = set()
        entries = []
        for category in sorted(self._categories, key=lambda category: final[category.provisional]):
            number = final[category.provisional]
            name = str(category.number) if category.text is None else category.text
            while name in names:
                name = f"{name} ({number})"  # readers look categories up by name
            names.add(name)
            entries.append(_entry(number, name, category.item, keypoints.get(number)))
        return entries


def _is_id(number: int | None) -> bool:
    """Whether a class number can be a category id."""
    return number is not None and 0 <= number <= LARGEST_ID


def _entry(number: int, name: str, item: LabelItem | None, keypoints: Sequence[str] | None) -> dict[str, Any]:
    """One COCO category. A category without a parent is its own supercategory, as ``person`` is in the COCO files."""
    entry: dict[str, Any] = {"id": number, "name": name, "supercategory": name}
    if item is not None:
        if item.supercategory:
            entry["supercategory"] = item.supercategory
        keypoints = item.keypoints or keypoints
        if item.frequency:
            entry["frequency"] = item.frequency
        if item.instance_count is not None:
            entry["instance_count"] = item.instance_count
    if keypoints:
        entry["keypoints"] = list(keypoints)
        entry["skeleton"] = [list(edge) for edge in item.skeleton] if item else []
    return entry


def is_identity(renumbering: Mapping[int, int]) -> bool:
    """Whether every provisional id is final already, so that nothing has to be written again."""
    return all(old == new != 0 for old, new in renumbering.items())
