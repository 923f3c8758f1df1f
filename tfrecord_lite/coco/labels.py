"""The class numbers of semantic and panoptic label images -> categories of stuff and panoptic files."""

from __future__ import annotations

from typing import Any

from tfrecord_lite.labels import LabelMap


class LabelTable:
    """The classes that label images of a conversion have, over all its splits.

    A class number is the category id, all one higher where 0 is among them. A class is a thing as soon as one of its
    segments is an instance (number above 0), else stuff.
    """

    def __init__(self, label_map: LabelMap | None) -> None:
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
        """Whether a class has instances."""
        return number in self._things

    def entries(self, *, panoptic: bool) -> list[dict[str, Any]]:
        """The categories by id, named by the label map where it has them."""
        entries = []
        for number in sorted(self._numbers):
            item = self._label_map.by_id(number) if self._label_map else None
            name = item.title if item else str(number)
            entry: dict[str, Any] = {"id": self.final(number), "name": name, "supercategory": name}
            if panoptic:
                entry["isthing"] = int(number in self._things)
            entries.append(entry)
        return entries
