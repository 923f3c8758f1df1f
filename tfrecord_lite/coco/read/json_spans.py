"""Where the values of a JSON file's top object are, found without parsing them.

A COCO file may be gigabytes on one line, with its keys in any order. To know where each of its lists ends, only quotes
and brackets count. Block by block, everything else is deleted by one call; so are quotes with nothing between them, and
then brackets with nothing between them, again and again. What is left of ``..."x":[1,2]}],"y":[{...`` is ``}][{``: two
brackets closed that were opened before, two opened for what follows. Only the block in which a value ends is looked at
bracket by bracket.

Only the outline is checked here: the inside of a value is checked where it is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import orjson

from tfrecord_lite.errors import quoted

BLOCK = 1 << 18  # bytes that are looked at at once
_LONGEST_KEY = 1 << 12  # bytes of a key, or of a value without brackets, of the top object
_MOST_KEYS = 1_000  # of the top object, of which a COCO file has ten: a block is looked at for each
_MOST_ROUNDS = 16  # in which pairs of brackets are deleted
_OUTLINE = b'[]{}"'
_REST = bytes(set(range(256)) - set(_OUTLINE))
_OPENING = b"[{"
_CLOSING = b"]}"
STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_STRING = re.compile(STRING, re.DOTALL)
_STRING_END = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MARK = re.compile(STRING + rb'|[][{}"]', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*")
_SCALAR = re.compile(rb"[^][{}\",: \t\r\n]+")


class Span(NamedTuple):
    """A value of the top object: from the byte ``start`` to before the byte ``end`` of the file."""

    key: str
    start: int
    end: int


class OutlineError(Exception):
    """The file is not JSON, as far as its outline shows: byte from the start of the file, and what is wrong there."""

    def __init__(self, offset: int, problem: str) -> None:
        super().__init__(problem)
        self.offset = offset
        self.problem = problem


def spans(file: BinaryIO, start: int = 0) -> Iterator[Span]:
    """The values of the one object that the file holds from ``start`` on, in the order of the file.

    Raises:
        OutlineError: it holds something else; or brackets or quotes do not close; or something follows the object.
        OSError: the file cannot be read.
    """
    at, character = next_character(file, start)
    if character != b"{":
        raise OutlineError(at, f"{_shown(file, at)}, expected an object: {{")
    at, character = next_character(file, at + 1)
    count = 0
    while character != b"}":
        count += 1
        if count > _MOST_KEYS:
            raise OutlineError(at, f"more than {_MOST_KEYS:,} keys in the top object, expected the ten of a COCO file")
        key, at = _key(file, at)
        at, character = next_character(file, at)
        if character != b":":
            raise OutlineError(at, f"{_shown(file, at)}, expected a colon after a key")
        at, character = next_character(file, at + 1)
        end = _end_of_value(file, at, character)
        yield Span(key, at, end)
        at, character = next_character(file, end)
        if character == b",":
            at, character = next_character(file, at + 1)
            if character == b"}":
                raise OutlineError(at, "the object ends after a comma, expected another key")
        elif character != b"}":
            raise OutlineError(at, f"{_shown(file, at)}, expected a comma or the end of the object: }}")
    at, character = next_character(file, at + 1)
    if character:
        raise TrailingDataError(at, f"{_shown(file, at)} after the end of the object, expected nothing")


class TrailingDataError(OutlineError):
    """The object is whole, but something follows it."""


def read_at(file: BinaryIO, offset: int, size: int) -> bytes:
    """Bytes of the file; fewer at its end."""
    file.seek(offset)
    return file.read(size)


def next_character(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """Where the next byte that is no space is, and this byte; none at the end of the file."""
    while data := read_at(file, offset, _LONGEST_KEY):
        space = _SPACE.match(data)
        length = space.end() if space else 0
        offset += length
        if length < len(data):
            return offset, data[length : length + 1]
    return offset, b""


def _key(file: BinaryIO, offset: int) -> tuple[str, int]:
    """A key, and where it ends."""
    found = _STRING.match(read_at(file, offset, _LONGEST_KEY))
    if found is None:
        raise OutlineError(offset, f"{_shown(file, offset)}, expected a key in quotes")
    try:
        key: str = orjson.loads(found.group())
    except orjson.JSONDecodeError as error:
        raise OutlineError(offset, f"a key that is no JSON: {error.msg}") from None
    return key, offset + found.end()


def _end_of_value(file: BinaryIO, offset: int, character: bytes) -> int:
    """Where the value that starts here ends."""
    if character and character in _OPENING:
        return _end_of_brackets(file, offset)
    if character == b'"':
        return _end_of_string(file, offset)
    found = _SCALAR.match(read_at(file, offset, _LONGEST_KEY))
    if found is None:
        raise OutlineError(offset, f"{_shown(file, offset)}, expected a value")
    return offset + found.end()


def _end_of_string(file: BinaryIO, offset: int) -> int:
    """Where a string of any length ends."""
    at = offset + 1
    while data := _whole_escapes(read_at(file, at, BLOCK)):
        if found := _STRING_END.match(data):
            return at + found.end()
        at += len(data)
    raise OutlineError(offset, "a string that does not end before the end of the file")


def _end_of_brackets(file: BinaryIO, offset: int) -> int:
    """Where the list or object that starts here ends."""
    at, depth, in_string = offset + 1, 1, False
    while data := _whole_escapes(read_at(file, at, BLOCK)):
        outline, ends_in_string = _outline(data, in_string=in_string)
        opened = outline.lstrip(_CLOSING)
        closed = len(outline) - len(opened)
        if closed >= depth or opened.strip(_OPENING):
            return at + _end_in_block(data, depth, at, in_string=in_string)
        depth += len(opened) - closed
        in_string = ends_in_string
        at += len(data)
    raise OutlineError(at, f"the file ends inside of a list or object that began at byte {offset}: it was cut off")


def _whole_escapes(data: bytes) -> bytes:
    """A block without the beginning of an escape at its end, which would be cut in two."""
    backslashes = len(data) - len(data.rstrip(b"\\"))
    return data[:-1] if backslashes % 2 and len(data) > 1 else data


def _outline(data: bytes, *, in_string: bool) -> tuple[bytes, bool]:
    """The brackets of a block that do not close within it, and whether it ends in a string."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = data.translate(None, _REST)
    if in_string:
        marks = b'"' + marks
    ends_in_string = marks.count(b'"') % 2 == 1
    if ends_in_string:
        marks += b'"'
    outline = marks.replace(b'""', b"")
    if b'"' in outline:  # strings with brackets in them
        outline = re.sub(rb'"[^"]*"', b"", marks)
    for _ in range(_MOST_ROUNDS):
        length = len(outline)
        outline = outline.replace(b"[]", b"").replace(b"{}", b"")
        if len(outline) == length:
            return outline, ends_in_string
    return _closed_up(outline), ends_in_string


def _closed_up(outline: bytes) -> bytes:
    """Brackets without those that close within: bracket by bracket, for what is nested deeper than any data."""
    closed, opened = bytearray(), bytearray()
    for bracket in outline:
        if bracket in _OPENING:
            opened.append(bracket)
        elif opened:
            opened.pop()
        else:
            closed.append(bracket)
    return bytes(closed + opened)


def _end_in_block(data: bytes, depth: int, offset: int, *, in_string: bool) -> int:
    """Where in a block the brackets close that ``depth`` were opened of before it."""
    first = _STRING_END.match(data) if in_string else None
    for mark in _MARK.finditer(data, first.end() if first else 0):
        character = mark.group()
        if character in (b"[", b"{"):
            depth += 1
        elif character in (b"]", b"}"):
            depth -= 1
            if not depth:
                return mark.end()
    raise OutlineError(offset, "a list that is closed as an object, or an object that is closed as a list")


def _shown(file: BinaryIO, offset: int) -> str:
    """What is at a place, for a message."""
    data = read_at(file, offset, 16)
    return quoted(data) if data else "the end of the file"
