"""What a record layout is: data that says which feature key plays which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Layout:
    """The feature keys of a family of records.

    Of the keys of one role the first that a record holds counts.

    name: what ``--schema`` and the report call it.
    encoded, filename, source_id, format: one bytes value a record. source_id may be int64.
    width, height: one int64 value a record, in pixels.
    xmin, ymin, xmax, ymax: one float value an object, normalised or in pixels.
    number, text: the class of each object, int64 and bytes.
    area: one float value an object, in square pixels or normalised.
    crowd, group: one int64 value an object, 0 or 1. group counts where a record has no crowd.
    attribute_prefix: keys below it that hold one value an object become attributes, named by the rest of the key.
    no_attributes: keys below it that mean something else.
    facts: keys of single values that go into the COCO image, and the name they get there.
    implied: keys that only repeat what the image bytes say themselves.
    predictions: prefixes of keys that hold a model's output, never ground truth.
    """

    name: str
    encoded: tuple[str, ...]
    filename: tuple[str, ...]
    source_id: tuple[str, ...]
    format: tuple[str, ...]
    width: tuple[str, ...]
    height: tuple[str, ...]
    xmin: tuple[str, ...]
    ymin: tuple[str, ...]
    xmax: tuple[str, ...]
    ymax: tuple[str, ...]
    number: tuple[str, ...]
    text: tuple[str, ...]
    area: tuple[str, ...]
    crowd: tuple[str, ...]
    group: tuple[str, ...]
    attribute_prefix: str
    no_attributes: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    implied: frozenset[str] = frozenset()
    predictions: tuple[str, ...] = ()

    @property
    def boxes(self) -> tuple[tuple[str, ...], ...]:
        """The four roles of a box, in the order xmin, ymin, xmax, ymax."""
        return self.xmin, self.ymin, self.xmax, self.ymax

    @property
    def read_keys(self) -> frozenset[str]:
        """Every key that a role, a fact or an implied value takes."""
        roles = (self.encoded, self.filename, self.source_id, self.format, self.width, self.height, *self.boxes)
        roles += (self.number, self.text, self.area, self.crowd, self.group)
        return frozenset(key for keys in roles for key in keys) | self.facts.keys() | self.implied
