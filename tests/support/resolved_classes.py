"""Classes as records have them -> what they come to, for tests to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfrecord_lite.coco.draft.part_summary import ObjectClass
from tfrecord_lite.coco.resolve.category_ids import category_entry, resolve_classes
from tfrecord_lite.labels.model import label_map_from_mapping

Class = tuple[int | None, str | None]


class Outcome:
    """What some classes, met in this order, come to. ids: of each, None where it has none. names: by id."""

    def __init__(
        self,
        classes: Sequence[Class],
        label_map: Mapping[int, str] | Sequence[str] | None = None,
        *,
        zero_based: bool = False,
    ) -> None:
        distinct = list(dict.fromkeys(ObjectClass(*each) for each in classes))
        known = None if label_map is None else label_map_from_mapping(label_map)
        self.resolved = resolve_classes(known, distinct, zero_based=zero_based)
        rows = [ObjectClass(*each) for each in classes]
        self.ids = [self.resolved.ids.get(row) for row in rows]
        self.refusals = [self.resolved.refusals.get(row, "") for row in rows]
        notes = [self.resolved.notes.get(row, ()) for row in rows]
        self.codes = [each[0].code if each else "" for each in notes]
        self.texts = [each[0].text if each else "" for each in notes]
        self.shifted = self.resolved.shift == 1
        self.entries = [category_entry(category) for category in self.resolved.categories]
        self.names = {entry["id"]: entry["name"] for entry in self.entries}
