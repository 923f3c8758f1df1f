"""A list in a JSON file, whatever its size -> its elements, parsed block by block in bounded memory.

A block is cut where an element ends, and parsed as a whole by one call. Where one ends is a guess: the last place in
the block that looks like the places between the elements before it, such as ``}, {"id":``. The guess proves itself: cut
anywhere else, the block has an open bracket or string, and is no JSON. Then, and at first, the block is divided bracket
by bracket, which takes about ten times as long.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from tfrecord_lite.coco.read.json_spans import BLOCK, STRING, OutlineError, Span, next_character, read_at
from tfrecord_lite.errors import quoted

LONGEST_ELEMENT = 1 << 26  # bytes; a mask of noise in the largest picture of any camera has fewer
_FLAT = rb'\[[^][{}"]*\]'
_MARK = re.compile(STRING + rb"|" + _FLAT + rb'|[][{}"]', re.DOTALL)
_SCALAR = re.compile(STRING + rb'|[^][{}", \t\r\n]+', re.DOTALL)
_BETWEEN = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_SPACE = re.compile(rb"[ \t\r\n]*")
_SPACE_OR_STRING = re.compile(STRING + rb"|[ \t\r\n]+", re.DOTALL)
_OPENED = re.compile(rb'\{[ \t\r\n]*(?:"[^"\\]*"[ \t\r\n]*:)?')


class Unreadable:
    """In place of an element that is not JSON.

    problem: what is wrong. offset: where, as a byte of the element from 0.
    value: what readers that are not strict make of it, such as of NaN; None where no reader can.
    """

    __slots__ = ("offset", "problem", "value")

    def __init__(self, problem: str, offset: int, value: Any = None) -> None:  # noqa: ANN401 - any JSON
        self.problem = problem
        self.offset = offset
        self.value = value


class Block:
    """Elements that follow each other.

    values: parsed; Unreadable where one cannot be. data: the bytes that they are in. offset: of these in the file.
    """

    __slots__ = ("_places", "data", "offset", "values")

    def __init__(self, offset: int, data: bytes, values: list[Any]) -> None:
        self.offset = offset
        self.data = data
        self.values = values
        self._places: list[tuple[int, int]] = []

    def offset_of(self, index: int) -> int:
        """Where in the file an element starts."""
        return self.offset + self._place_of(index)[0]

    def text_of(self, index: int) -> bytes:
        """An element as it is in the file."""
        start, end = self._place_of(index)
        return self.data[start:end]

    def _place_of(self, index: int) -> tuple[int, int]:
        if not self._places:
            self._places = list(_divided(self.data, whole=True))
        return self._places[index]

    def runs(self) -> Iterator[Block]:
        """The elements in blocks of their own: what is an object with those next to it, all others one by one."""
        places = list(_divided(self.data, whole=True))
        first = 0
        for index, value in enumerate(self.values, 1):
            if index == len(places) or type(value) is not dict or type(self.values[index]) is not dict:
                start, end = places[first][0], places[index - 1][1]
                yield Block(self.offset + start, self.data[start:end], self.values[first:index])
                first = index


def blocks(file: BinaryIO, span: Span) -> Iterator[Block]:
    """The elements of the list that is at ``span``, in order.

    Raises:
        OutlineError: between two elements there is something else than a comma; or an element is too large.
        OSError: the file cannot be read.
    """
    at, _ = next_character(file, span.start + 1)
    end = span.end - 1
    size = BLOCK
    boundary: bytes | None = b""  # what separates elements; None if elements also contain it
    while at < end:
        data = read_at(file, at, min(size, end - at))
        whole = at + len(data) == end
        cut = len(data) if whole else data.rfind(boundary) + 1 if boundary else 0
        values = _parsed(data[:cut]) if cut else None
        if values is None:
            found = list(_divided(data, whole=whole))
            if not found:
                size *= 2
                if size > LONGEST_ELEMENT or whole:
                    raise OutlineError(at, f"an element that does not end within {len(data)} bytes")
                continue
            cut = found[-1][1]
            values = _parsed(data[:cut]) or [read_value(data[start:stop]) for start, stop in found]
            boundary = None if boundary is None else _boundary(data, found, boundary)
        yield Block(at, data[:cut], values)
        size = BLOCK
        at, character = next_character(file, at + cut)
        if at < end:
            if character != b",":
                raise OutlineError(at, f"{quoted(read_at(file, at, 16))}, expected a comma between two elements")
            at, _ = next_character(file, at + 1)
            if at >= end:
                raise OutlineError(at, "the list ends after a comma, expected another element")


def _parsed(data: bytes) -> list[Any] | None:
    """Elements with commas between them; None where they are no JSON."""
    try:
        values: list[Any] = orjson.loads(b"[%b]" % data)
    except orjson.JSONDecodeError:
        return None
    return values


def _divided(data: bytes, *, whole: bool) -> Iterator[tuple[int, int]]:
    """Where each element of a block starts and ends; not the last one, unless the list ends with the block."""
    space = _SPACE.match(data)
    at = space.end() if space else 0
    while at < len(data):
        if data[at] in b"[{":
            end = _end_of_brackets(data, at)
        else:
            found = _SCALAR.match(data, at)
            end = found.end() if found and (whole or found.end() < len(data)) else 0
        if not end:
            return
        yield at, end
        comma = _BETWEEN.match(data, end)
        if comma is None:
            return
        at = comma.end()


def _end_of_brackets(data: bytes, at: int) -> int:
    """Where the brackets close that open here; 0 where they do not within the block."""
    depth = 0
    for mark in _MARK.finditer(data, at):
        character = mark.group()
        if character in (b"{", b"["):
            depth += 1
        elif character in (b"}", b"]"):
            depth -= 1
            if not depth:
                return mark.end()
        elif character == b'"':  # of a string that continues after the block
            return 0
        elif not depth:  # a list of numbers, which is one mark
            return mark.end()
    return 0


def _boundary(data: bytes, found: list[tuple[int, int]], before: bytes) -> bytes | None:
    """What the next blocks can be cut at: the end of an element, and the start of the next up to its first key."""
    if len(found) < 2:
        return before
    (_, end), (start, _) = found[-2:]
    opened = _OPENED.match(data, start)
    if opened is None or data[end - 1 : end] != b"}":
        return None
    boundary = data[end - 1 : opened.end()]
    return None if boundary == before else boundary


def on_one_line(data: bytes) -> str:
    """A value as it is in a file, to the last digit and escape, without the line breaks between its parts."""
    if b"\n" in data or b"\r" in data:
        data = _SPACE_OR_STRING.sub(lambda found: found[0] if found[0][:1] == b'"' else b"", data)
    return data.decode()


def read_value(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    """One value; Unreadable where it is no JSON."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        problem, position = error.msg, error.pos
    constants: list[str] = []

    def constant(name: str) -> float:
        constants.append(name)
        return float(name)

    value = None
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(text, parse_constant=constant)
    if constants:
        problem = f"{constants[0]}, which is no number of JSON"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable("bytes that are not UTF-8", error.start, value)
    return Unreadable(problem, len(text[:position].encode("utf-8")), value)
