"""The class numbers of semantic and panoptic label images -> categories of stuff and panoptic files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfrecord_lite.labels.model import LabelMap


class LabelTable:
    """The classes that label images of a conversion have, over all its splits.

    A class number is the category id, all one higher where 0 is among them. A class is a thing as soon as one of its
    segments is an instance (number above 0), else stuff; unless ``things`` names them.
    """

    def __init__(self, label_map: LabelMap | None, things: frozenset[str] | None = None) -> None:
        self.things = things
        self.zero_based = label_map is not None and label_map.zero_based
        self._label_map = label_map
        self._numbers: set[int] = set()
        self._things: set[int] = set()

    def add(self, number: int, instance: int = 0) -> None:
        """Notes a class, and whether this is an instance of it."""
        self._numbers.add(number)
        if instance:
            self._things.add(number)

    def final(self, number: int) -> int:
        """The category id of a class number, once every image was met."""
        return number + (self.zero_based or 0 in self._numbers)

    def is_thing(self, number: int) -> bool:
        """Whether a class has instances; where the names of the things are known, whether it is one of them."""
        if self.things is None:
            return number in self._things
        return self._name(number, {}) in self.things

    def entries(self, names: Mapping[int, str], *, panoptic: bool) -> list[dict[str, Any]]:
        """The categories by id, named by the label map where it has them, else by ``names``, else by number."""
        entries = []
        taken: set[str] = set()
        for number in sorted(self._numbers):
            name = self._name(number, names)
            while name in taken:
                name = f"{name} ({self.final(number)})"  # readers look categories up by name
            taken.add(name)
            entry: dict[str, Any] = {"id": self.final(number), "name": name, "supercategory": name}
            if panoptic:
                entry["isthing"] = int(self.is_thing(number))
            entries.append(entry)
        return entries

    def _name(self, number: int, names: Mapping[int, str]) -> str:
        item = self._label_map.by_id(number) if self._label_map else None
        return item.title if item else names.get(number, str(number))
