r"""StringIntLabelMap, the label map of the TensorFlow Object Detection API, as text and as binary -> entries.

    item {
      name: "/m/01g317"          # "…" or '…'; \n \" \303\274 \xfc \u00fc \U0001f600
      id: 1                      # a comma, a semicolon or nothing before the next field
      display_name: "person"
      keypoints { id: 0 label: "nose" }
      frequency: COMMON          # or its number
      instance_count: 17
    }
    item: < id: 2, name: 'dog' >

Two comments are read, which ``to_pbtxt`` writes for what COCO says of a category and the message has no field for.

Protobuf's own parser decides what the text means. A field of another name may hold anything, and is passed over.

One dialect is read besides: Datumaro and CVAT write a name as it is between two apostrophes, as in ``name: 'dog's'``
and ``name: 'back\slash'`` (plugins/data_formats/tf_detection_api/exporter.py, openvinotoolkit/datumaro). In a text
that Datumaro wrote, and in one that protobuf refuses, a name alone on its line goes from the first quote to the last.

Source: object_detection/protos/string_int_label_map.proto (tensorflow/models).
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import NoReturn

from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.example.messages import (
    DecodeError,
    LabelMapItemMessage,
    StringIntLabelMap,
    TextFormatError,
    parse_text,
)
from tfrecord_lite.labels.category import item_of_category
from tfrecord_lite.labels.model import Entry, LabelItem
from tfrecord_lite.labels.tokens import Tokens

_FREQUENCIES = (None, "f", "c", "r")  # LVISFrequency by number, in the letters of LVIS
_TEXT, _INTEGER, _MESSAGE = "a text in quotes", "a whole number up to 2147483647", "a message { … }"
_FIELDS = {
    "item": _MESSAGE,
    "item.name": _TEXT,
    "item.id": _INTEGER,
    "item.display_name": _TEXT,
    "item.frequency": "FREQUENT, COMMON or RARE",
    "item.instance_count": _INTEGER,
    "item.keypoints": _MESSAGE,
    "item.keypoints.id": _INTEGER,
    "item.keypoints.label": _TEXT,
    "item.ancestor_ids": _INTEGER,
    "item.descendant_ids": _INTEGER,
}
_VALUES = {path.rpartition(".")[2]: value for path, value in _FIELDS.items()}
_NO_VALUES = ("}", ">", ",", ";")
_BRACKETS = {"[": "a list", "{": "a message", "<": "a message"}

_ITEM = re.compile(r"(?:\A\s*|^)item\s*(?::\s*)?[{<\[]", re.MULTILINE)
_DATUMARO = re.compile(r"item \{\n\tid: [0-9]+\n\tname: '")
_FACT = re.compile(r"^[ \t]*# item (-?[0-9]{1,10}) (supercategory|skeleton): (.+)$", re.MULTILINE)
_NAME_ALONE = re.compile(
    r"^(?P<field>[ \t]*(?:display_)?name[ \t]*:[ \t]*)"
    r"(?P<quote>['\"])(?P<name>.*)(?P=quote)(?P<end>[ \t]*[,;]?[ \t]*)$",
    re.MULTILINE,
)


def has_items(text: str) -> bool:
    """Whether the text, or one of its lines, starts with ``item {``, ``item: <`` or ``item [``."""
    return _ITEM.search(text) is not None


def parse_pbtxt(path: str, text: str) -> list[Entry]:
    r"""The items of a label map in protobuf's text format. text: with ``\n`` as the end of a line.

    Raises:
        LabelMapError: the text is not of this format, or an item lacks its id or its name; with line and column.
    """
    if "\\" in text and _DATUMARO.match(text):
        text = _with_names_as_they_are(text)
    try:
        return _parse(path, text)
    except LabelMapError as error:
        plain = _with_names_as_they_are(text)
        if plain == text:
            raise
        try:
            return _parse(path, plain)
        except LabelMapError as other:  # what is wrong is where the reading that got further ends
            raise max(error, other, key=lambda each: each.line or 0) from None


def parse_binary(path: str, data: bytes) -> list[Entry] | None:
    """The items of a serialised StringIntLabelMap; None where the bytes are not one.

    Raises:
        LabelMapError: an item lacks its id or its name, or a text in it is not UTF-8.
    """
    message = StringIntLabelMap()
    try:
        message.ParseFromString(data)
        items = list(message.item)
    except (DecodeError, UnicodeError, RecursionError):  # the last: groups, in old pure-Python protobuf
        return None
    entries = []
    for number, item in enumerate(items, 1):
        texts: list[object] = [item.name, item.display_name, *(keypoint.label for keypoint in item.keypoints)]
        if not all(isinstance(text, str) for text in texts):  # in proto2, upb gives out what is not UTF-8 as bytes
            raise LabelMapError(path, f"item {number} holds a text that is not UTF-8. Is this the right file?")
        problem, _ = _fault_of(item)
        if problem:
            raise LabelMapError(path, f"item {number} {problem}")
        entries.append(Entry(_label_item(item)))
    return entries or None


def _parse(path: str, text: str) -> list[Entry]:
    """The items of a text by protobuf's own rules."""
    tokens, message = Tokens(path, text), StringIntLabelMap()
    try:
        parse_text(tokens.lines(), message)
    except TextFormatError as error:
        _explain(tokens, str(error))
    if not message.item and (name := next((field for field in tokens.fields if field not in _FIELDS), None)):
        problem = f"{quoted(name)} is no field of a label map, expected item {{ id: 1 name: 'cat' }}"
        tokens.fail(problem, tokens.fields[name])
    entries: list[Entry] = []
    keypoints = iter(tokens.messages.get("item.keypoints", ()))
    facts = _facts(text)
    for item, start in zip(message.item, tokens.messages.get("item", ()), strict=True):
        places = [start, *(next(keypoints) for _ in item.keypoints)]
        problem, at = _fault_of(item)
        if problem:
            tokens.fail(f"item {len(entries) + 1} {problem}{_unknown_after(tokens, start)}", places[at])
        entries.append(Entry(_with_facts(_label_item(item), facts), *tokens.line_and_column(start)))
    return entries


def _facts(text: str) -> dict[int, dict[str, object]]:
    """What comments say of items by their ids, as ``to_pbtxt`` writes them; other comments do not count."""
    facts: dict[int, dict[str, object]] = {}
    for number, name, value in _FACT.findall(text):
        with contextlib.suppress(ValueError, RecursionError):
            facts.setdefault(int(number), {})[name] = json.loads(value)
    return facts


def _with_facts(item: LabelItem, facts: dict[int, dict[str, object]]) -> LabelItem:
    """An item with what comments say of it."""
    if item.id in facts:
        with contextlib.suppress(LabelMapError):
            said = item_of_category("", 0, {"id": item.id, "name": item.name, **facts[item.id]}).item
            return item._replace(supercategory=said.supercategory, skeleton=said.skeleton)
    return item


def _fault_of(item: LabelMapItemMessage) -> tuple[str, int]:
    """What an item lacks, empty for nothing, and in which of its keypoints, from 1; 0 for the item itself."""
    if not item.HasField("id"):
        return "has no id, expected one such as id: 1", 0
    if not (item.name or item.display_name):
        return "has no name, expected one such as name: 'cat'", 0
    known = set()
    for number, keypoint in enumerate(item.keypoints, 1):
        if not keypoint.HasField("id") or not keypoint.label:
            return f"has a keypoint without {'a label' if keypoint.HasField('id') else 'an id'}", number
        if keypoint.id in known:
            return f"has two keypoints with id {keypoint.id}. Number them apart", number
        known.add(keypoint.id)
    return "", 0


def _label_item(item: LabelMapItemMessage) -> LabelItem:
    """The class that a sound item describes."""
    keypoints = sorted(item.keypoints, key=lambda keypoint: keypoint.id)
    return LabelItem(
        id=item.id,
        name=item.name or item.display_name,
        display_name=item.display_name or None,
        keypoints=tuple(keypoint.label for keypoint in keypoints),
        frequency=_FREQUENCIES[item.frequency],
        instance_count=item.instance_count if item.HasField("instance_count") else None,
    )


def _unknown_after(tokens: Tokens, start: int) -> str:
    """A field of an item that is not known, for a message about what the item lacks."""
    unknown = [(at, field) for field, at in tokens.fields.items() if field not in _FIELDS and at >= start]
    if not unknown:
        return ""
    at, field = min(unknown)
    return f"; {quoted(field.rpartition('.')[2])} of line {tokens.line_and_column(at)[0]} is no field of an item"


def _explain(tokens: Tokens, said: str) -> NoReturn:
    """Raise LabelMapError about what protobuf's parser refused, in terms of a label map.

    The parser looks one token ahead, so that the last one is nearly always what it did not expect.
    """
    recent = [*tokens.recent]
    if again := re.search(r'multiple "(\w+)" fields', said):
        place = next(token.position for token in reversed(recent) if token.text == again[1])
        tokens.fail(f"this is the second {again[1]} of one item. Is the closing bracket of the first missing?", place)
    if "parse string" in said:
        text = next(token for token in reversed(recent) if _is_text(token.text))
        tokens.fail(f"the text {quoted(text.text[1:-1])} is not UTF-8. Check its escapes", text.position)
    found, position = ("", len(tokens.text)) if tokens.at_end else recent.pop()
    before = [token.text for token in recent[-2:]]
    has_colon = before[-1:] == [":"]
    field = before[0] if has_colon else before[-1] if before else ""
    value = _VALUES.get(field)
    shown = quoted(found) if found else "the end of the file"
    if value is None or found in _NO_VALUES:
        expected = re.search(r'Expected (?:"(.)"|identifier)', said)
        what = "a value" if expected is None else "the name of a field"
        what = f"{quoted(expected[1])} after {quoted(field)}" if expected and expected[1] else what
        tokens.fail(f"{shown} found, expected {what}", position)
    if found in _BRACKETS:
        tokens.fail(f"{field} is {_BRACKETS[found]}, expected {value}", position)
    if not has_colon or not found:
        tokens.fail(f"{shown} found, expected {'{' if value == _MESSAGE else ':'!r} after {quoted(field)}", position)
    if _is_text(found):
        tokens.fail(f"{field} is the text {quoted(found[1:-1])}, expected {value}", position)
    if value == _TEXT:
        tokens.fail(f"{field} is {shown} without quotes. Write {field}: {shown}", position)
    tokens.fail(f"{field} is {shown}, expected {value}", position)


def _is_text(token: str) -> bool:
    """Whether a token is a text in quotes."""
    return token[0] in "\"'"


def _with_names_as_they_are(text: str) -> str:
    """The text with the names that are alone on their lines escaped, so that they mean what is between the quotes."""

    def escaped(line: re.Match[str]) -> str:
        name = re.sub(r"\\(?=['\"])", "", line["name"]).replace("\\", r"\\").replace('"', r"\"")
        return f'{line["field"]}"{name}"{line["end"]}'

    return _NAME_ALONE.sub(escaped, text)
