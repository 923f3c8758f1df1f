"""The file as a whole: is it JSON, has it the parts of a COCO file, and of which kind is it?"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tfrecord_lite.coco.read.json_elements import Block, Unreadable
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.errors import CocoFileError, quoted
from tfrecord_lite.inputs.storage import read_start

RULES = (
    Rule(
        "E01",
        "the file is no JSON",
        "Write it again with a JSON library: UTF-8, no byte order mark, no NaN or Infinity.",
        ("cut off", "syntax", "NaN", "byte order mark", "not UTF-8", "not text"),
    ),
    Rule("E02", "the file holds no JSON object", "Write one object with the keys images, annotations and categories."),
    Rule(
        "E03",
        "images or annotations are missing, or no list of objects",
        "Write both as lists of objects, empty ones where there is nothing.",
        ("missing", "no list", "no object"),
    ),
    Rule("I03", "there are no annotations, as in the official files for tests", "Nothing, if this is intended."),
    Rule(
        "E04",
        "categories are missing, or no list of objects",
        "Write the list of categories, with the id and the name of each.",
        ("missing", "no list", "no object"),
    ),
    Rule("I04", "captions without categories, as in the official files", "Nothing."),
    Rule("W05", "info or licenses are missing", 'Write "info": {} and "licenses": [].', ("info", "licenses")),
    Rule("E06", "something follows the JSON object", "Cut the file off where the object ends."),
    Rule(
        "W06",
        "a key comes twice in one object: the last one counts, without a word",
        "Keep one of them.",
        ("file", "entry"),
    ),
)

LISTS = ("images", "annotations", "categories")
_COLON = re.compile(rb'"[ \t\r\n]*:')
_MOST_STRANGERS = 100_000  # entries of a list that are no objects; each is a block of its own
_UNREADABLE = {"no number of JSON": "NaN", "not UTF-8": "not UTF-8"}  # cases by words of a problem
_KIND_OF = {"images": "image", "annotations": "annotation", "categories": "category"}


class Profile(NamedTuple):
    """What kind of COCO file this is, as far as rules depend on it.

    captions: annotations are sentences. panoptic: annotations are lists of segments. lvis: as LVIS has it, without
    iscrowd and with categories that were looked for image by image. images_only: there is nothing but images.
    """

    captions: bool = False
    panoptic: bool = False
    lvis: bool = False
    images_only: bool = False


def open_checked(path: str, found: Findings) -> CocoFile | None:
    """Opens a file; None if it is so broken that nothing can be checked."""
    try:
        coco = CocoFile(path)
    except CocoFileError as error:
        head = read_start(path, 4096)
        _not_an_object(head, error, found)
        return None
    if coco.has_bom:
        found.add_at("E01", "byte order mark", 0, "a byte order mark before the object, expected nothing")
    if coco.trailing is not None:
        found.add_at("E06", "", coco.trailing.where.offset, coco.trailing.problem)
    for span in coco.repeated:
        found.add_at("W06", "file", span.start, f"the key {quoted(span.key)} comes again later")
    return coco


def _not_an_object(head: bytes, error: CocoFileError, found: Findings) -> None:
    """Reports what a file is that holds no object."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    offset = error.where.offset
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.add_at("E01", "not UTF-8", 0, "a text in UTF-16, expected UTF-8")
    elif head.startswith(b"\x1f\x8b"):
        found.add_at("E01", "not text", 0, "a gzip file, expected JSON: unpack it first")
    elif head.startswith(b"PK\x03\x04"):
        found.add_at("E01", "not text", 0, "a zip file, expected JSON: unpack it first")
    elif start and start in b'["-0123456789tfn' and error.line == 1 and start != b"{":
        what = "a list, such as the detections of a model" if start == b"[" else "a single value"
        found.add_at("E02", "", offset, f"{what}, expected an object")
    elif b"\0" in head:
        found.add_at("E01", "not text", 0, "a binary file, expected JSON")
    else:
        case = "cut off" if "end of the file" in error.problem or "cut off" in error.problem else "syntax"
        found.add_at("E01", case, offset, error.problem)


def profile_of(coco: CocoFile) -> Profile:
    """What kind of file this is, by its name and its first entries."""
    task = os.path.basename(coco.path)
    annotation, image = _first(coco, "annotations"), _first(coco, "images")
    captions = "caption" in annotation and "bbox" not in annotation
    panoptic = "segments_info" in annotation
    return Profile(
        captions or (not annotation and task.startswith("captions_")),
        panoptic or (not annotation and task.startswith("panoptic_")),
        "neg_category_ids" in image or "not_exhaustive_category_ids" in image,
        "annotations" not in coco and task.startswith("image_info"),
    )


def _first(coco: CocoFile, key: str) -> dict[str, Any]:
    """The first object of a list; an empty one where there is none."""
    try:
        block = next(coco.blocks(key), None)
    except CocoFileError:
        return {}
    value = block.values[0] if block else None
    return value if type(value) is dict else {}


def check_parts(coco: CocoFile, profile: Profile, found: Findings) -> None:
    """Are the parts of a COCO file there, and are they what they must be?"""
    for key in ("info", "licenses"):
        if key not in coco:
            found.add_at("W05", key, None, f"no key {key}")
        else:
            try:
                coco.value(key)
            except CocoFileError as error:
                found.add_at("E01", "syntax", error.where.offset, error.problem)
    for key in LISTS:
        code = "E04" if key == "categories" else "E03"
        if key not in coco:
            if key == "categories" and profile.captions:
                found.add_at("I04", "", None, "no key categories")
            elif key == "annotations" and profile.images_only:
                found.add_at("I03", "", None, "no key annotations")
            else:
                found.add_at(code, "missing", None, f"no key {key}")
        elif not coco.is_list(key):
            found.add_at(code, "no list", coco.parts[key].start, f"{key} is no list")


def sound_blocks(
    coco: CocoFile, key: str, found: Findings, on_bytes: Callable[[int], None] = lambda _: None
) -> Iterator[Block]:
    """The objects of a list, block by block; what is no object is reported and left out."""
    kind = _KIND_OF[key]
    reader = coco.blocks(key)
    strangers = 0
    while True:
        try:
            block = next(reader, None)
        except CocoFileError as error:
            found.add_at("E01", "syntax", error.where.offset, error.problem)
            return
        if block is None:
            return
        on_bytes(len(block.data))
        found.enter(kind, block)
        values = block.values
        if list(map(type, values)).count(dict) == len(values):
            _check_keys(block, found)
            yield block
            continue
        _take_unreadable(block, found)
        code = "E04" if key == "categories" else "E03"
        for run in block.runs():
            found.enter(kind, run)
            value = run.values[0]
            if type(value) is dict:
                yield run
            elif value is not None:
                strangers += 1
                found.add(code, "no object", 0, f"{shown(value)} in {key}" if found.wants(code) else "")
        if strangers > _MOST_STRANGERS:
            found.add_at("E01", "syntax", block.offset, f"{strangers:,} entries that are no objects: no more is read")
            return


def _take_unreadable(block: Block, found: Findings) -> None:
    """Reports what is no JSON, and puts in its place what readers that are not strict make of it."""
    for number, value in enumerate(block.values):
        if isinstance(value, Unreadable):
            case = next((each for words, each in _UNREADABLE.items() if words in value.problem), "syntax")
            offset = block.offset_of(number) + value.offset if found.wants("E01") else None
            found.add_at("E01", case, offset, value.problem)
            block.values[number] = value.value


def _check_keys(block: Block, found: Findings) -> None:
    """Does a key come twice in one object? Parsers keep the last one, so the bytes have to be asked.

    Every key is followed by a colon. As long as there are as many of those as there are keys in what was parsed, no key
    came twice; where there are more, each object is parsed once more, with an eye on its keys.
    """
    colons = block.data.count(b'":')
    keys = sum(map(len, block.values))
    if colons == keys:
        return
    keys += sum([len(value) for entry in block.values for value in entry.values() if type(value) is dict])
    if colons == keys or colons == (keys := _keys_in(block.values)):
        return
    if colons < keys and len(_COLON.findall(block.data)) == keys:  # there are spaces before colons
        return
    for number in range(len(block.values)):
        if repeated := _repeated_keys(block.text_of(number)):
            found.add("W06", "entry", number, f"the key {quoted(repeated[0])} comes twice")


def _keys_in(values: list[Any]) -> int:
    """How many keys all objects have in these values, at any depth."""
    keys = 0
    lists = [values]
    while lists:
        for value in lists.pop():
            kind = type(value)
            if kind is dict:
                keys += len(value)
                lists.append(list(value.values()))
            elif kind is list and value and type(value[0]) in (dict, list):
                lists.append(value)
    return keys


def _repeated_keys(text: bytes) -> list[str]:
    """Keys that come twice in an object of this JSON."""
    repeated: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entry = dict(pairs)
        if len(entry) < len(pairs):
            keys = [key for key, _ in pairs]
            repeated.append(next(key for key in keys if keys.count(key) > 1))
        return entry

    with contextlib.suppress(ValueError, RecursionError):
        json.loads(text, object_pairs_hook=note)
    return repeated
