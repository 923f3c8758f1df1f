"""The table of categories."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from tfrecord_lite.coco.read.json_elements import Block
from tfrecord_lite.coco.rules.document import Profile
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import check_gaps, check_id

RULES = (
    Rule(
        "E30",
        "the name of a category is missing, blank, or no text",
        "Give every category a name.",
        ("missing", "no text", "blank"),
    ),
    Rule("E31", "two categories have the same name", "Make them one, or give each a name of its own."),
    Rule("W31", "the names of two categories differ only in case", "Make them one, or give each a name of its own."),
    Rule(
        "W32",
        "a category has no supercategory",
        "Write one, the name of the category itself where there is no other.",
        ("missing", "no text"),
    ),
    Rule(
        "W33",
        "a category without annotations is the supercategory of others, and is taken for a group",
        "Remove it, or call the supercategory of the others by another name.",
    ),
    Rule("I34", "categories without annotations", "Nothing, where the table is shared with other splits."),
    Rule("I35", "categories with fewer than 10 annotations", "Add examples, or leave them out of the training."),
    Rule("W36", "a category looks like the background", "Remove it: what has no annotation is background."),
    Rule(
        "E37",
        "the keypoints or the skeleton of a category are not what they must be",
        "Write keypoints as a list of names, and skeleton as pairs of their numbers, counted from 1.",
        ("keypoints", "skeleton", "skeleton number"),
    ),
    Rule(
        "E73",
        "a category of a panoptic file has no isthing of 0 or 1",
        "Write isthing: 1 for what is counted, 0 for what is not.",
        ("missing", "not 0 or 1"),
    ),
    Rule(
        "I92",
        "a category has no frequency, which LVIS's own evaluation needs",
        "Write r, c or f: rare, common, frequent.",
    ),
    Rule("W92", "the frequency of a category is not r, c or f", "Write r, c or f: rare, common, frequent."),
)

FEW = 10
_BACKGROUND = {"background", "__background__", "_background_", "bg", "none", "unlabeled", "unlabelled"}
_FREQUENCIES = ("r", "c", "f")
_PLACEHOLDERS = {"none", "", "null"}


class Category(NamedTuple):
    """What other checks need of a category. keypoints: how many it has; None where it says nothing of them."""

    name: object
    supercategory: object
    keypoints: int | None


class Categories:
    """Checks categories. by_id: the first of each id."""

    def __init__(self, profile: Profile, found: Findings) -> None:
        self._profile = profile
        self._found = found
        self._names: set[str] = set()
        self._folded: dict[str, str] = {}
        self._blocks: list[Block] = []
        self.by_id: dict[int, Category] = {}

    def check(self, block: Block) -> None:
        """The categories of a block."""
        self._blocks.append(block)
        for number, category in enumerate(block.values):
            identity = category.get("id")
            if check_id("category", identity, number, self._found):
                if identity in self.by_id:
                    self._found.add("E12", "repeated", number, f"id {identity} came before")
                else:
                    self.by_id[identity] = self._category(category, number)
            self._check_name(category, number)
            if self._profile.panoptic:
                self._check_thing(category, number)
            if self._profile.lvis:
                frequency = category.get("frequency")
                if frequency not in _FREQUENCIES:
                    text = "no frequency" if frequency is None else f"frequency {shown(frequency)}"
                    self._found.add("I92" if frequency is None else "W92", "", number, text)
            else:
                self._check_supercategory(category, number)

    def finish(self) -> None:
        """What only the whole table shows."""
        check_gaps(self.by_id, self._found)

    def check_counts(self, counts: Counter[int]) -> None:
        """How many annotations has each category?"""
        groups = {
            category.supercategory
            for category in self.by_id.values()
            if type(category.supercategory) is str and category.supercategory != category.name
        } - _PLACEHOLDERS
        for block in self._blocks:
            self._found.enter("category", block)
            for number, value in enumerate(block.values):
                identity, name = value.get("id"), value.get("name")
                if type(identity) is not int:
                    continue
                count = counts[identity]
                if not count:
                    self._found.add("I34", "", number, f"no annotations of {shown(name)}")
                    if type(name) is str and name in groups:
                        self._found.add("W33", "", number, f"{shown(name)} is the supercategory of others")
                elif count < FEW:
                    self._found.add("I35", "", number, f"{count} of {shown(name)}")

    def _category(self, category: dict[str, Any], number: int) -> Category:
        """The category, with its keypoints checked."""
        names, bones = category.get("keypoints"), category.get("skeleton")
        count = None
        if names is not None:
            if type(names) is list and all(type(name) is str for name in names):
                count = len(names)
            else:
                self._found.add("E37", "keypoints", number, f"keypoints {shown(names)}")
        if bones is not None:
            if type(bones) is not list or not all(_is_bone(bone) for bone in bones):
                self._found.add("E37", "skeleton", number, f"skeleton {shown(bones)}")
            elif count is not None and (beyond := [each for bone in bones for each in bone if not 1 <= each <= count]):
                text = f"skeleton names keypoint {beyond[0]}, there are 1 to {count}"
                self._found.add("E37", "skeleton number", number, text)
        return Category(category.get("name"), category.get("supercategory"), count)

    def _check_name(self, category: dict[str, Any], number: int) -> None:
        name = category.get("name")
        if name is None:
            self._found.add("E30", "missing", number, "no name")
        elif type(name) is not str:
            self._found.add("E30", "no text", number, f"name {shown(name)}")
        elif not name.strip():
            self._found.add("E30", "blank", number, f"name {shown(name)}")
        else:
            before = self._folded.setdefault(name.casefold(), name)
            if name in self._names:
                self._found.add("E31", "", number, f"name {shown(name)} came before")
            elif before != name:
                self._found.add("W31", "", number, f"name {shown(name)}, and {shown(before)} before")
            self._names.add(name)
            if name.strip().casefold() in _BACKGROUND and category.get("id") == 0:
                self._found.add("W36", "", number, f"name {shown(name)}, id 0")

    def _check_supercategory(self, category: dict[str, Any], number: int) -> None:
        value = category.get("supercategory")
        if value is None:
            self._found.add("W32", "missing", number, "no supercategory")
        elif type(value) is not str:
            self._found.add("W32", "no text", number, f"supercategory {shown(value)}")

    def _check_thing(self, category: dict[str, Any], number: int) -> None:
        if "isthing" not in category:
            self._found.add("E73", "missing", number, "no isthing")
        elif category["isthing"] not in (0, 1):
            self._found.add("E73", "not 0 or 1", number, f"isthing {shown(category['isthing'])}")


def _is_bone(bone: object) -> bool:
    """Whether this is a pair of numbers."""
    return type(bone) is list and len(bone) == 2 and all(type(each) is int for each in bone)
