"""COCO file -> its parts, in any order and any number of times, in bounded memory.

The keys may come in any order, on one line or many: where the values are is found first (``json_spans``), in about a
second a gigabyte. Then each list is read block by block (``json_elements``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tfrecord_lite.budgets import CLASSES
from tfrecord_lite.coco.read.json_elements import LONGEST_ELEMENT, Block, Unreadable, blocks, on_one_line, read_value
from tfrecord_lite.coco.read.json_spans import BLOCK, OutlineError, Span, TrailingDataError, read_at, spans
from tfrecord_lite.errors import CocoFileError, quoted
from tfrecord_lite.inputs.storage import open_at_hand

if TYPE_CHECKING:
    from types import TracebackType

_BOM = b"\xef\xbb\xbf"


class Element(NamedTuple):
    """An entry of a COCO file, with its place: ``block`` holds it as its element ``number``."""

    value: Any
    block: Block
    number: int

    @property
    def offset(self) -> int:
        """The byte of the file that it starts at, from 0."""
        return self.block.offset_of(self.number)

    @property
    def text(self) -> str:
        """What the file has, on one line. Numbers of any size and with all their digits are only there."""
        return on_one_line(self.block.text_of(self.number))


class CocoFile:
    """A COCO file that is open for reading; close it, or use it in a ``with``.

    path: as it was given. size: in bytes.
    parts: the values of the top object by key, in the order of the file. If a key comes twice, the last one counts,
    as with every common parser.
    repeated: the others. has_bom: whether the file starts with a byte order mark, which most parsers refuse.
    trailing: what follows the object, which most parsers refuse, too; None where nothing does.

    Raises:
        CocoFileError: it is not a JSON object, as far as its outline shows: no COCO file, or one that was cut off.
        OSError: it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path = os.fspath(path)
        self.parts: dict[str, Span] = {}
        self.repeated: list[Span] = []
        self.trailing: CocoFileError | None = None
        self._file = open_at_hand(path)
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            self.has_bom = read_at(self._file, 0, len(_BOM)) == _BOM
            self._check_encoding()
            self._find_parts()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> CocoFile:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __contains__(self, key: str) -> bool:
        return key in self.parts

    def is_list(self, key: str) -> bool:
        """Whether there is a list under a key."""
        span = self.parts.get(key)
        return span is not None and read_at(self._file, span.start, 1) == b"["

    def value(self, key: str) -> Any:  # noqa: ANN401 - any JSON
        """A small value, such as ``info``; None if there is none.

        Raises:
            CocoFileError: it is no JSON, or larger than 64 MiB.
        """
        found = self._read(key)
        return None if found is None else found[0]

    def text(self, key: str) -> str:
        """Its text in the file, on one line; empty if there is none. Raises CocoFileError likewise."""
        found = self._read(key)
        return "" if found is None else on_one_line(found[1])

    def _read(self, key: str) -> tuple[Any, bytes] | None:
        """A small value, and the bytes that it is read from."""
        span = self.parts.get(key)
        if span is None:
            return None
        if span.end - span.start > LONGEST_ELEMENT:
            raise self.error(span.start, f"{quoted(key)} of {span.end - span.start} bytes, expected fewer")
        data = read_at(self._file, span.start, span.end - span.start)
        value = read_value(data)
        if isinstance(value, Unreadable):
            raise self.error(span.start + value.offset, value.problem)
        return value, data

    def blocks(self, key: str) -> Iterator[Block]:
        """The elements of the list under a key, in order, many at a time; none if there is no list.

        An element that is no JSON is an Unreadable; the caller decides what becomes of it.

        Raises:
            CocoFileError: not even the outline is that of a list.
        """
        if not self.is_list(key):
            return
        try:
            yield from blocks(self._file, self.parts[key])
        except OutlineError as error:
            raise self.error(error.offset, error.problem) from None

    def elements(self, key: str) -> Iterator[Element]:
        """The elements of the list under a key, in order; none if there is no list.

        Raises:
            CocoFileError: one of them is no JSON, or no object; or there is something else than a list.
        """
        if key in self.parts and not self.is_list(key) and self.value(key) is not None:
            raise self.error(self.parts[key].start, f"{key} is no list, expected one of objects")
        for block in self.blocks(key):
            for index, value in enumerate(block.values):
                if type(value) is not dict:
                    offset = block.offset_of(index)
                    if isinstance(value, Unreadable):
                        raise self.error(offset + value.offset, value.problem)
                    raise self.error(offset, f"{key} holds something that is no object")
                yield Element(value, block, index)

    def element_at(self, key: str, start: int, number: int) -> Element | None:
        """The element ``number``, from 0, of those that start at this byte of the list; None where there is none."""
        if key in self.parts:
            for block in blocks(self._file, Span(key, start - 1, self.parts[key].end)):
                if number < len(block.values):
                    return Element(block.values[number], block, number)
                number -= len(block.values)
        return None

    def categories(self) -> Iterator[Element]:
        """The elements of ``categories``. Raises CocoFileError where there are more than one conversion may have."""
        for number, element in enumerate(self.elements("categories")):
            if number == CLASSES:
                raise self.error(element.offset, f"more than {CLASSES} categories, the budget of a dataset")
            yield element

    def lines(self, offsets: Iterable[int]) -> dict[int, int]:
        """The line, from 1, that each of these bytes is on: one pass over the file."""
        found: dict[int, int] = {}
        line, start, data = 1, 0, b""
        for offset in sorted(set(offsets)):
            while start + len(data) <= offset and (more := read_at(self._file, start + len(data), BLOCK)):
                line += data.count(b"\n")
                start, data = start + len(data), more
            found[offset] = line + data.count(b"\n", 0, offset - start)
        return found

    def _check_encoding(self) -> None:
        """Refuses files that other programs take for JSON."""
        start = read_at(self._file, 0, 2)
        if start == b"\x1f\x8b":
            raise self.error(0, "the file is compressed with gzip, expected JSON. Decompress it first")
        if start in (b"\xff\xfe", b"\xfe\xff"):
            raise self.error(0, "UTF-16 found, expected UTF-8. Save it as UTF-8")

    def _find_parts(self) -> None:
        """Where the values are."""
        try:
            for span in spans(self._file, len(_BOM) if self.has_bom else 0):
                if span.key in self.parts:
                    self.repeated.append(self.parts.pop(span.key))
                self.parts[span.key] = span
        except TrailingDataError as error:
            self.trailing = self.error(error.offset, error.problem)
        except OutlineError as error:
            raise self.error(error.offset, error.problem) from None

    def error(self, offset: int, problem: str) -> CocoFileError:
        """What is wrong at a byte of the file."""
        return CocoFileError(self.path, problem, self.lines([offset])[offset], offset)
