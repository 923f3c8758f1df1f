"""A label map file of any kind -> a label map. The contents decide what it is; the name only where they leave it open.

StringIntLabelMap   item { id: 1 name: "cat" }, or the same as binary    pbtxt
JSON                {"1": "cat"}, {"cat": 1}, ["cat", …], a COCO file    (here)
YAML                label_map: {1: cat}, names: [cat, …], 1: cat         yaml_names
table               1,cat or cat,1; also ; or tab; header or none        lists
numbered lines      0:cat, as slim writes them; 0  cat                   lists
names               one a line, numbered from 0                          lists
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import TypeGuard

import orjson

from tfrecord_lite.budgets import CLASSES
from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.inputs.storage import open_input, read_up_to
from tfrecord_lite.labels.category import is_list_of, item_of_category
from tfrecord_lite.labels.lists import is_numbered, is_table, parse_names, parse_numbered, parse_table, spoken_lines
from tfrecord_lite.labels.model import Entry, LabelMap, assemble, entries_from_names, entries_from_pairs
from tfrecord_lite.labels.pbtxt import has_items, parse_binary, parse_pbtxt
from tfrecord_lite.labels.yaml_names import has_label_section, parse_yaml

LARGEST_BYTES = 4 << 20  # ImageNet's 21,841 classes take 2 MB; a COCO file may be larger: its annotations come along
_LARGEST_COCO = 1 << 30  # read as a whole; train2017 of COCO has 450 MB
_BOM = b"\xef\xbb\xbf"
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r"))
_LONGEST_DICT = 1 << 16  # bytes; YAML is slow
_OF_PYTHON = re.compile(rb"'|[{,]\s*[0-9]+\s*:")  # {'cat': 1}, {1: "cat"}
_SECTIONS = ("categories", "label_map", "names", "classes", "labels", "id2label")
"""Where a JSON file has its classes. id2label: config.json of Hugging Face's transformers."""
_YAML_ENTRY = re.compile(r"(?:[0-9]+:|-)[ \t]+\S")
_YAML_NUMBER = re.compile(r"[^:]+:[ \t]+[0-9]+")

_Reader = Callable[[str, str], list[Entry]]


def read_label_map(path: str | os.PathLike[str]) -> LabelMap:
    """Read a label map of any kind that is known: pbtxt (text, binary), JSON, COCO, YAML, CSV, or names.

    Raises:
        LabelMapError: the contents are no label map, or an id or a name is missing, wrong or comes twice.
        OSError: the file cannot be read.
    """
    name = os.fsdecode(path)
    with open_input(name) as file:
        data = read_up_to(file, LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            if not _looks_like_json(data):
                limit = f"{LARGEST_BYTES >> 20} MiB"
                raise LabelMapError(name, f"larger than {limit}, the limit for all but COCO. Is this the right file?")
            data += read_up_to(file, _LARGEST_COCO + 1 - len(data))
            if len(data) > _LARGEST_COCO:
                raise LabelMapError(
                    name, f"larger than {_LARGEST_COCO >> 30} GiB. Write its categories to a file alone"
                )
    return parse_label_map(name, data)


def parse_label_map(path: str, data: bytes) -> LabelMap:
    """The label map that the contents of a file are.

    Raises:
        LabelMapError: see read_label_map.
    """
    if _looks_like_json(data):
        return assemble(path, _from_json(path, data))
    _check_count(path, max(data.count(b"\n"), data.count(b",")))
    contents = _contents(path, data)
    if isinstance(contents, list):
        return assemble(path, contents, zero_is_background=True)
    reader = _reader_by_contents(contents) or _reader_by_name(path)
    return assemble(path, reader(path, contents), zero_is_background=reader is parse_pbtxt)


def may_be_label_map(path: str, data: bytes) -> bool:
    """Whether a file alongside records is worth reading as a label map: other files end in .pbtxt and .yaml as well.

    UTF-16 counts, so that reading it reports what is wrong.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = data.decode(encoding, "ignore").replace("\r\n", "\n").replace("\r", "\n")
    if _extension(path) == ".pbtxt":
        return has_items(text)
    return _extension(path) not in (".yaml", ".yml") or has_label_section(text)  # "version: 1" would be a class


def _check_count(path: str, count: int) -> None:
    """Refuses what has more lines or elements than there can be classes, before they are made one by one."""
    if count > CLASSES:
        problem = f"more than {CLASSES} lines or elements, the budget of a label map. Is this the right file?"
        raise LabelMapError(path, problem)


def _looks_like_json(data: bytes) -> bool:
    """Whether a bracket comes first, and is not the length of the first item of a binary StringIntLabelMap."""
    head = data.removeprefix(_BOM).lstrip()[:256]
    return head[:1] in (b"{", b"[") and head.translate(None, _CONTROLS) == head


def _contents(path: str, data: bytes) -> str | list[Entry]:
    """The text of a file with newlines of one kind, or the entries of a binary StringIntLabelMap."""
    data = data.removeprefix(_BOM)
    head = data[:64]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or (len(head) > 1 and any(head[::2]) != any(head[1::2])):
        raise LabelMapError(path, "UTF-16 or UTF-32 found, expected UTF-8. Save it as UTF-8")
    if len(data.translate(None, _CONTROLS)) < len(data):  # a serialised id has one: its tag is 0x10
        if entries := parse_binary(path, data):
            return entries
        if b"\0" in data:
            raise LabelMapError(path, "neither text nor a binary StringIntLabelMap. Is this the right file?")
    try:
        return data.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        problem = f"byte 0x{data[error.start]:02x} is not UTF-8. Save the file as UTF-8"
        raise LabelMapError(path, problem, line, column) from None


def _reader_by_contents(text: str) -> _Reader | None:
    """What reads a text of this look; None where it may be anything, such as names one a line."""
    if has_items(text):
        return parse_pbtxt
    if has_label_section(text):
        return _from_yaml
    lines = [line for line, _ in spoken_lines(text)]
    if is_numbered(lines):
        return parse_numbered
    if all(_YAML_ENTRY.match(line) for line in lines) or all(_YAML_NUMBER.fullmatch(line) for line in lines):
        return _from_yaml
    return parse_table if is_table(text) else None


def _reader_by_name(path: str) -> _Reader:
    """What reads a file of this name, where its contents leave it open."""
    return {
        ".pbtxt": parse_pbtxt,
        ".pb": parse_pbtxt,
        ".textproto": parse_pbtxt,
        ".yaml": _from_yaml,
        ".yml": _from_yaml,
        ".csv": parse_table,
        ".tsv": parse_table,
        ".json": lambda path, text: _from_json(path, text.encode()),
    }.get(_extension(path), parse_names)


def _extension(path: str) -> str:
    """The extension of a file name, in lower case."""
    return os.path.splitext(path)[1].lower()


def _from_yaml(path: str, text: str) -> list[Entry]:
    """The entries of a label map in YAML."""
    pairs = parse_yaml(path, text)
    if pairs and pairs[0].key is None:
        return entries_from_names((pair.value, pair.line) for pair in pairs)
    return entries_from_pairs(path, pairs)


def _from_json(path: str, data: bytes) -> list[Entry]:
    """The entries of a label map in JSON, or of a COCO file."""
    try:
        value: object = orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError as error:
        is_yaml = _extension(path) in (".yaml", ".yml")
        if is_yaml or (len(data) <= _LONGEST_DICT and _OF_PYTHON.search(data)):  # {1: cat}
            with nullcontext() if is_yaml else suppress(LabelMapError):
                return _from_yaml(path, str(_contents(path, data)))
        raise LabelMapError(path, f"not JSON: {quoted(error.msg)}", error.lineno, error.colno) from None
    if _is_object(value):
        _check_count(path, len(value))
        if not any(isinstance(inner, dict | list) for inner in value.values()):
            pairs: list[tuple[str, object]] = json.loads(data.removeprefix(_BOM), object_pairs_hook=list)
            return entries_from_pairs(path, [(key, inner, None) for key, inner in pairs])  # with keys given twice
        inner = next((value[key] for key in _SECTIONS if key in value), None)
        if _is_object(inner):
            _check_count(path, len(inner))
            return entries_from_pairs(path, [(key, name, None) for key, name in inner.items()])
        value = inner
    _check_count(path, len(value) if isinstance(value, list) else 0)
    if is_list_of(value, str):
        return entries_from_names((name, None) for name in value)
    if is_list_of(value, dict):
        return [item_of_category(path, number, category) for number, category in enumerate(value)]
    raise LabelMapError(path, """no classes found, expected {"1": "cat"}, ["cat", "dog"] or the categories of COCO""")


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)
