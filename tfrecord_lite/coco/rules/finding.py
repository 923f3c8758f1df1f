"""Rules, and where files break them: counted, with the first places.

The letter of a code says what follows: E, a reader rejects the file or computes wrongly; W, a reader drops or changes
something; I, something worth knowing that breaks no reader.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import NamedTuple

from tfrecord_lite.coco.read.json_elements import Block
from tfrecord_lite.errors import printable

FIRST = 5  # places of each finding that are kept
_LONGEST = 70  # characters of a value in a text
_HUGE = 2**63
_SEVERITIES = {"E": "error", "W": "warning", "I": "info"}


class Rule(NamedTuple):
    """A rule.

    what: what it finds, as a heading. remedy: what to do about it, in the imperative.
    cases: the ways in which it is broken, each with a defect of its own in the tests; readers may differ by case.
    """

    code: str
    what: str
    remedy: str
    cases: tuple[str, ...] = ("",)

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return _SEVERITIES[self.code[0]]


class Place(NamedTuple):
    """Where a rule is broken.

    file: as it was named or found. kind: ``image``, ``annotation``, ``category``, or empty where it is the file itself.
    id: of the entry; a text where it is no integer. line, offset: where the entry starts, from line 1 and byte 0; None
    where the place is the file itself. text: what was found there.
    """

    file: str
    kind: str
    id: int | str | None
    line: int | None
    offset: int | None
    text: str


@dataclass(slots=True)
class Found:
    """How often one rule is broken in one file, how, and where first."""

    count: int = 0
    cases: dict[str, int] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


class Findings:
    """What was found in one file.

    Checks enter a block, and then name entries of it by their number in the block.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.by_code: dict[str, Found] = {}
        self._kind = ""
        self._block: Block | None = None

    def enter(self, kind: str, block: Block) -> None:
        """The findings that follow are in this block."""
        self._kind, self._block = kind, block

    def add(self, code: str, case: str, number: int, text: str) -> None:
        """An entry of the block breaks a rule."""
        found = self._counted(code, case)
        if len(found.places) < FIRST and self._block is not None:
            value = self._block.values[number]
            place = Place(self.file, self._kind, identity_of(value), None, self._block.offset_of(number), text)
            found.places.append(place)

    def wants(self, code: str) -> bool:
        """Whether another place of this rule would be kept."""
        return code not in self.by_code or len(self.by_code[code].places) < FIRST

    def add_place(self, code: str, case: str, place: Place | None) -> None:
        """A rule is broken at a place; None where it is one too many to be kept."""
        found = self._counted(code, case)
        if place is not None and len(found.places) < FIRST:
            found.places.append(place)

    def take(self, other: Findings) -> None:
        """Takes over all findings of another one for the same file; they share no code."""
        self.by_code.update(other.by_code)

    def add_at(self, code: str, case: str, offset: int | None, text: str) -> None:
        """The file breaks a rule, at a byte or as a whole."""
        self.add_place(code, case, Place(self.file, "", None, None, offset, text))

    def offsets(self) -> list[int]:
        """The bytes that places are at."""
        return [place.offset for found in self.by_code.values() for place in found.places if place.offset is not None]

    def set_lines(self, lines: dict[int, int]) -> None:
        """Sets the lines of places, by their bytes."""
        for found in self.by_code.values():
            found.places = [
                place if place.offset is None else place._replace(line=lines[place.offset]) for place in found.places
            ]

    def _counted(self, code: str, case: str) -> Found:
        found = self.by_code.get(code)
        if found is None:
            found = self.by_code[code] = Found()
        found.count += 1
        found.cases[case] = found.cases.get(case, 0) + 1
        return found


def identity_of(entry: object) -> int | str | None:
    """The id of an entry: its integer, or what there is instead as a text."""
    identity = entry.get("id") if isinstance(entry, dict) else None
    if identity is None or (type(identity) is int and -_HUGE <= identity < _HUGE):
        return identity
    return shown(identity)


def shown(value: object) -> str:
    """A value of the file for a text: as JSON, escaped, and cut to a length that fits on a line."""
    if isinstance(value, list | dict) and len(value) > _LONGEST:
        value = list(value)[:_LONGEST]
    try:
        text = printable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        text = "lists in lists in lists"
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
