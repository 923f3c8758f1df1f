"""Label maps as values: what a class number or a class text of a record means.

A label map comes out of a file (``load``) or from the caller's own mapping. Either way its entries are checked
here as a whole and ordered by id; after that it does not change.
"""

from __future__ import annotations

import operator
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, SupportsIndex

from tfrecord_lite.errors import LabelMapError, quoted

_LARGEST_ID = 2**31 - 1  # StringIntLabelMapItem.id is an int32
_LONGEST_NUMBER = 20  # characters; int() of a longer text is slow, and is no id
_BACKGROUND = frozenset({"background", "__background__"})  # the second: Pascal VOC detectors, torchvision
_PLACEHOLDERS = frozenset({"???", "n/a"})  # numbers without a class: TensorFlow Lite's and torchvision's COCO lists


class LabelItem(NamedTuple):
    """One class of a label map.

    id: as the file numbers it.
    name: as the file has it; in Open Images this is the machine id, such as ``/m/01g317``.
    display_name: the name for people, if the file has one as well as ``name``.
    supercategory, skeleton: only a COCO file has them; a bone is a pair of keypoint numbers, from 1.
    keypoints: names of the keypoints, in the order of their ids.
    frequency: LVIS: ``f`` (frequent), ``c`` (common) or ``r`` (rare).
    instance_count: LVIS: objects of this class in the training set.
    """

    id: int
    name: str
    display_name: str | None = None
    supercategory: str | None = None
    keypoints: tuple[str, ...] = ()
    skeleton: tuple[tuple[int, int], ...] = ()
    frequency: str | None = None
    instance_count: int | None = None

    @property
    def title(self) -> str:
        """The name to show, and to give a category: ``display_name`` where there is one, else ``name``."""
        return self.display_name or self.name


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The classes that records refer to, by number or by text.

    source: the file or files it came from, for messages and reports.
    items: in ascending order of their ids, which are unique; the background is left out.
    zero_based: whether 0 is a class of its own, as where a file numbers its lines from 0. COCO ids are then id + 1.
    has_background: whether the file itself says that 0 is the background.
    numbered: whether the file gives the numbers. Those of a list of names are places in it, counted from 0, and the
        records may count from 1.
    """

    source: str
    items: tuple[LabelItem, ...]
    zero_based: bool
    has_background: bool = field(default=False, repr=False, compare=False)
    numbered: bool = field(default=True, repr=False, compare=False)
    _ids: dict[int, LabelItem] = field(init=False, repr=False, compare=False, default_factory=dict)
    _texts: dict[str, LabelItem] = field(init=False, repr=False, compare=False, default_factory=dict)
    _similar: dict[str, LabelItem | None] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.items:  # ascending: where two items have one text, the larger id stays
            self._ids[item.id] = item
            self._texts[item.name] = item
            if item.display_name:
                self._texts[item.display_name] = item

    def by_id(self, number: int) -> LabelItem | None:
        """The class of this number, as the file numbers it; None where there is none."""
        return self._ids.get(number)

    def by_text(self, text: str) -> LabelItem | None:
        """The class whose ``name`` or ``display_name`` is exactly this text; None where there is none.

        Where the text is the name of one class and the display name of another, the larger id wins, whichever it is:
        ``max(name match, display_name match)``. An empty text is no class.

        Source: object_detection/data_decoders/tf_example_decoder.py, lines 121-128 (tensorflow/models).
        """
        return self._texts.get(text)

    def by_similar_text(self, text: str) -> LabelItem | None:
        """The only class whose ``name`` or ``display_name`` is this text in some spelling; else None.

        Case, white space and what cannot be printed do not count. A text of plain ASCII also matches a name that
        differs from it by other characters only, because Datumaro and CVAT drop those from class/text.
        """
        if not self._similar:
            self._fill_similar()
        return self._similar.get(_spelling(text))

    def _fill_similar(self) -> None:
        """Index every spelling, at first use: most records match exactly. None marks one that is not unique."""
        stripped: dict[str, LabelItem | None] = {}
        for item in self.items:
            for text in {item.name, item.title}:
                _claim(self._similar, _spelling(text), item)
                if not text.isascii():
                    _claim(stripped, _spelling("".join(c for c in text if c.isascii())), item)
        for spelling, owner in stripped.items():  # after the true spellings, which have precedence
            self._similar.setdefault(spelling, owner)
        self._similar[""] = None  # nothing is left of a text that is all white space


class Entry(NamedTuple):
    """One class as a file has it, and where: line and column from 1, None where they are not known.

    numbered: whether the file gives its number, which else is its place in a list, from 0.
    """

    item: LabelItem
    line: int | None = None
    column: int | None = None
    numbered: bool = True


def assemble(source: str, entries: Iterable[Entry], *, zero_is_background: bool = False) -> LabelMap:
    """The checked label map of these entries: ids in range, ids and names unique, at least one class.

    An entry with id 0 called ``background`` is left out.

    entries: in the order of the file. zero_is_background: whether 0 may be nothing but the background, as in a
    StringIntLabelMap.

    Raises:
        LabelMapError: one of these does not hold.

    Source: object_detection/utils/label_map_util.py, lines 34-48 (tensorflow/models).
    """
    by_id: dict[int, Entry] = {}
    by_name: dict[str, Entry] = {}
    for entry in entries:
        item, where = entry.item, (entry.line, entry.column)
        _check_item(source, entry)
        if twin := by_id.get(item.id):
            both = " and ".join(f"{quoted(each.item.name)}{_on_line(each)}" for each in (twin, entry))
            raise LabelMapError(source, f"id {item.id} is given to both {both}. Number them apart", *where)
        if twin := by_name.get(item.name):
            names = f"{quoted(item.name)} is the name of both id {twin.item.id}{_on_line(twin)} and id {item.id}"
            raise LabelMapError(source, f"{names}. Give each class a name of its own", *where)
        if item.id == 0 and zero_is_background and not (is_background(item.name) or is_background(item.title)):
            problem = f"id 0 is {quoted(item.name)}, and is reserved for 'background'. Number the classes from 1"
            raise LabelMapError(source, problem, *where)
        by_id[item.id] = by_name[item.name] = entry
    has_background = 0 in by_id and any(map(is_background, (by_id[0].item.name, by_id[0].item.title)))
    if has_background:
        del by_id[0]
    if not by_id:
        what = "there is nothing but the background" if by_name else "it is empty"
        raise LabelMapError(source, f"{what}, expected at least one class. Is this the right file?")
    items = tuple(by_id[number].item for number in sorted(by_id))
    numbered = all(entry.numbered for entry in by_id.values())
    return LabelMap(source, items, zero_based=0 in by_id, has_background=has_background, numbered=numbered)


def entries_from_names(names: Iterable[tuple[str, int | None]]) -> list[Entry]:
    """Entries of a list of (name, line), numbered by position from 0. ``???`` and ``N/A`` only take up a number.

    A list that begins with one of them, as TensorFlow Lite's do, says thereby that its next name is number 1.
    """
    entries = [
        Entry(LabelItem(number, name), line, numbered=False)
        for number, (name, line) in enumerate(names)
        if name.casefold() not in _PLACEHOLDERS
    ]
    return [entry._replace(numbered=True) for entry in entries] if entries and entries[0].item.id else entries


def entries_from_pairs(source: str, pairs: Sequence[tuple[object, object, int | None]]) -> list[Entry]:
    """Entries of (key, value, line) with numbers on one side and names on the other, whichever side that is.

    Raises:
        LabelMapError: neither side is all numbers, or the other side has something that is no text.
    """
    swapped = not all(isinstance(key, int) for key, _, _ in pairs) and all(
        isinstance(value, int) and not isinstance(value, bool) for _, value, _ in pairs
    )  # {"1": 2}: JSON has no number as a key, so that the value is the id
    if not swapped and any(whole_number(key) is None for key, _, _ in pairs):
        swapped = all(whole_number(value) is not None for _, value, _ in pairs)
    entries = []
    for key, value, line in pairs:
        number, name = (value, key) if swapped else (key, value)
        id_ = whole_number(number)
        if id_ is None or not isinstance(name, str):
            shown = f"{quoted(str(key))}: {quoted(str(value))}"
            raise LabelMapError(source, f"{shown}, expected a whole number and a name, such as 1: cat", line)
        entries.append(Entry(LabelItem(id_, name), line))
    return entries


def whole_number(value: object) -> int | None:
    """The whole number that a value is, or that a text spells in ASCII digits; None where it is none."""
    if isinstance(value, str):
        digits = value[1:] if value[:1] in ("-", "+") else value
        plain = digits.isascii() and digits.isdigit() and len(value) <= _LONGEST_NUMBER
        return int(value) if plain else None
    return operator.index(value) if isinstance(value, SupportsIndex) and not isinstance(value, bool) else None


def label_map_from_mapping(mapping: Mapping[int, str] | Sequence[str]) -> LabelMap:
    """The label map that a caller gives in Python: ``{1: "cat", 2: "dog"}``, or names in the order of their numbers.

    ``{"1": "cat"}`` and ``{"cat": 1}``, as they come out of JSON, are understood as well.

    Raises:
        LabelMapError: it is neither, is empty, or an id or a name is wrong or comes twice.
    """
    source = "label_map"
    if isinstance(mapping, Mapping):
        return assemble(source, entries_from_pairs(source, [(key, value, None) for key, value in mapping.items()]))
    if isinstance(mapping, str | bytes) or not all(isinstance(name, str) for name in mapping):
        raise LabelMapError(source, "expected a mapping such as {1: 'cat'}, or a sequence of names")
    return assemble(source, entries_from_names((name, None) for name in mapping))


def merge_label_maps(maps: Sequence[LabelMap]) -> LabelMap:
    """One label map of several that describe the same classes, as where each split brings its own.

    A class may be missing from some, and a detail such as the display name too; what two of them say must be equal.

    Raises:
        LabelMapError: there is none to merge, or two disagree about an id or a name.
    """
    if not maps:
        raise LabelMapError("label_map", "there is none to merge, expected at least one")
    sources = list(dict.fromkeys(one.source for one in maps))
    by_id: dict[int, tuple[LabelItem, str]] = {}
    by_name: dict[str, int] = {}
    for one in maps:
        for item in one.items:
            known, source = by_id.get(item.id, (item, one.source))
            by_id[item.id] = _union(known, source, item, one.source), source
            number = by_name.setdefault(item.name, item.id)
            if number != item.id:
                problem = f"{quoted(item.name)} has id {item.id}, but id {number} in {quoted(by_id[number][1])}"
                raise LabelMapError(one.source, f"{problem}. Choose one file with --label-map")
    items = tuple(by_id[number][0] for number in sorted(by_id))
    return LabelMap(
        ", ".join(sources),
        items,
        zero_based=any(one.zero_based for one in maps),
        has_background=any(one.has_background for one in maps),
        numbered=any(one.numbered for one in maps),
    )


def _union(known: LabelItem, source: str, item: LabelItem, item_source: str) -> LabelItem:
    """Both descriptions of one id in one; LabelMapError where they disagree."""
    if known == item:
        return known
    missing: dict[str, Any] = {}
    for detail, ours, theirs in zip(LabelItem._fields, known, item, strict=True):
        if theirs in (None, (), ours):
            continue
        if ours in (None, ()):
            missing[detail] = theirs
        else:
            problem = f"{detail} of id {item.id} is {quoted(str(theirs))}"
            other = f"{quoted(str(ours))} in {quoted(source)}"
            raise LabelMapError(item_source, f"{problem}, but {other}. Choose one file with --label-map")
    return known._replace(**missing)


def _check_item(source: str, entry: Entry) -> None:
    """LabelMapError where one entry by itself cannot be a class."""
    item, where = entry.item, (entry.line, entry.column)
    if not 0 <= item.id <= _LARGEST_ID:
        problem = f"id {item.id} of {quoted(item.name)} is out of range, expected 0 to {_LARGEST_ID}"
        raise LabelMapError(source, f"{problem}. Number the classes from 1", *where)
    if not item.name.strip():
        raise LabelMapError(source, f"id {item.id} has no name, expected a text that is not blank", *where)
    try:
        item.name.encode()
    except UnicodeEncodeError:
        problem = f"the name {quoted(item.name)} of id {item.id} has half a surrogate pair, which UTF-8 cannot say"
        raise LabelMapError(source, problem, *where) from None


def is_background(name: str) -> bool:
    """Whether a class of this name is the background."""
    return name.casefold() in _BACKGROUND


def _on_line(entry: Entry) -> str:
    """Where an entry is, for a message."""
    return f" (line {entry.line})" if entry.line else ""


def _spelling(text: str) -> str:
    """What is left of a text that is compared without regard to case, white space and what cannot be printed."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isprintable() and not c.isspace())


def _claim(index: dict[str, LabelItem | None], spelling: str, item: LabelItem) -> None:
    """Enter an item under a spelling; None where another item has it already."""
    index[spelling] = item if index.get(spelling, item) is item else None
