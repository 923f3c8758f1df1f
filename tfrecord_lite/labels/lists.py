"""Label maps with one class a line -> entries: names, numbered lines, tables.

    cat        0:cat       0  cat       id,name     cat:128,0,0::
    dog        1:dog       1  dog       1,cat       dog:0,128,0::

Blank lines count for nothing, and so do lines that begin with ``# ``.

Sources: tensorflow_datasets/core/features/class_label_feature.py (tensorflow/datasets) for names,
research/slim/datasets/dataset_utils.py (tensorflow/models) for ``0:cat``,
official/vision/dataloaders/tf_example_label_map_decoder.py (tensorflow/models) for the table, and
cvat/apps/dataset_manager/formats (cvat-ai/cvat) for colours, in order of the classes' numbers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import pairwise

from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.labels.model import Entry, LabelItem, entries_from_names, whole_number

_LONGEST_NAME = 1000  # characters; the longest of ImageNet has 131
_COLON_NUMBER = re.compile(r"(?P<number>[0-9]+):\s*(?P<name>\S.*)")
_SLIM_NUMBER = re.compile(r"[0-9]+:\S")
_FORMS = (
    re.compile(r"(?P<number>[0-9]+)(?:[.)]|[ \t]+-)?[ \t]+(?P<name>\S.*)"),
    re.compile(r"(?P<name>[^=]*[^=\s])[ \t]*=[ \t]*(?P<number>[0-9]+)"),
)
"""Lines with a number and a name: 0 cat, 0. cat, 0 - cat; cat = 0."""

_BOX_COLUMNS = frozenset({"filename", "xmin", "ymin", "xmax", "ymax", "x1", "y1", "image_id", "image_path"})
_ID_COLUMNS = ("id", "class_id", "category_id", "label_id", "index", "number")
_NAME_COLUMNS = ("name", "class_name", "category_name", "label_name", "display_name", "class", "category", "label")

_COLOURED = (  # CVAT's labelmap.txt, cat:128,0,0:parts:actions; CamVid's label_colors.txt, 128 0 0 cat
    re.compile(r"(.+):(?:[0-9]+,[0-9]+,[0-9]+)?:[^:]*:[^:]*"),
    re.compile(r"[0-9]+[ \t]+[0-9]+[ \t]+[0-9]+[ \t]+([^0-9\s].*)"),
)

_NO_NAMES = (  # lines of other kinds of lists; each pattern is tried on one short line
    (re.compile(r".*\.(?:jpe?g|png|gif|bmp|tiff?|webp|tfrecords?)\b", re.IGNORECASE), "the name of a file"),
    (re.compile(r"[-+.0-9]+(?:[ \t,;]+[-+.0-9]+){3,}$"), "a row of numbers"),
    (re.compile(r"[^:]*:[0-9]+,[0-9]+,[0-9]+:"), "a line of a colour map"),
    (re.compile(r"<(?:\?xml|!doctype|html|annotation)\b", re.IGNORECASE), "markup"),
)


def spoken_lines(text: str) -> list[tuple[str, int]]:
    """The lines that say something, without the space around them, and their numbers from 1."""
    stripped = ((line.strip(), number) for number, line in enumerate(text.split("\n"), 1))
    return [(line, number) for line, number in stripped if line and line != "#" and not line.startswith(("# ", "#\t"))]


def parse_names(path: str, text: str) -> list[Entry]:
    """The classes of a list with one name a line, which may have a colour, numbered from 0.

    Raises:
        LabelMapError: a line is no name: too long, unprintable, or a line of another kind of list.
    """
    lines = spoken_lines(text)
    for pattern in _COLOURED:
        if all(matches := [pattern.fullmatch(line) for line, _ in lines]):
            lines = [(match[1], line) for match, (_, line) in zip(matches, lines, strict=True) if match]
    return _named(path, lines)


def _named(path: str, names: Sequence[tuple[str, int]]) -> list[Entry]:
    """The entries of names with their lines, where each can be the name of a class."""
    for name, line in names:
        what = f"a line of {len(name)} characters" if len(name) > _LONGEST_NAME else None
        what = what or next((what for pattern, what in _NO_NAMES if pattern.match(name)), None)
        if what or any(char < " " or char == "\x7f" for char in name):
            problem = f"{quoted(name)} is {what or 'not printable'}, expected the name of a class"
            raise LabelMapError(path, f"{problem}. Is this the right file?", line)
    return entries_from_names(names)


def is_numbered(lines: Sequence[str]) -> bool:
    """Whether these are lines such as ``0:cat``, or of a form in which names are counted."""
    return all(_SLIM_NUMBER.match(line) for line in lines) or _form_of(lines) is not None


def _form_of(lines: Sequence[str]) -> re.Pattern[str] | None:
    """The form that all lines have, with ascending numbers from 0 or 1 and different names; None if there is none."""
    if len(lines) < 2 or max(map(len, lines)) > _LONGEST_NAME:
        return None
    for form in _FORMS:
        matches = [form.fullmatch(line) for line in lines]
        numbers = [whole_number(match["number"]) or 0 for match in matches if match]
        names = {match["name"] for match in matches if match}
        if len(names) < len(lines) or any(name[0].isdigit() for name in names):
            continue
        if numbers[0] <= 1 and all(first < second for first, second in pairwise(numbers)):
            return form
    return None


def parse_numbered(path: str, text: str) -> list[Entry]:
    """The classes of a list with a number and a name a line.

    Raises:
        LabelMapError: a line has another form.
    """
    lines = spoken_lines(text)
    form = _form_of([line for line, _ in lines]) or _COLON_NUMBER
    entries = []
    for text_line, line in lines:
        match = form.fullmatch(text_line)
        number = whole_number(match["number"]) if match else None
        if not match or number is None:
            raise LabelMapError(path, f"{quoted(text_line)} found, expected a number and a name", line)
        entries.append(Entry(LabelItem(number, match["name"]), line))
    return entries


def is_table(text: str) -> bool:
    """Whether the text is a table of boxes, or one of two columns with numbers in one of them."""
    try:
        rows = _rows("", text)
    except LabelMapError:
        return False
    header = [cell.casefold() for cell in rows[0][0]] if rows else []
    if len(header) > 2:
        return len(_BOX_COLUMNS.intersection(header)) > 1 or _has_both_columns(header)
    body = rows[1:] if _is_header(header) else rows
    return (
        bool(body)
        and all(len(cells) == 2 for cells, _ in body)
        and any(all(whole_number(cells[column]) is not None for cells, _ in body) for column in (0, 1))
    )


def parse_table(path: str, text: str) -> list[Entry]:
    """The classes of a table with a column of ids and one of names, in either order, with or without a header.

    Raises:
        LabelMapError: there are no such columns, as in a table of boxes, or a row lacks a cell or a number.
    """
    rows = _rows(path, text)
    if not rows:
        return []
    header = [cell.casefold() for cell in rows[0][0]]
    if boxes := sorted(_BOX_COLUMNS.intersection(header)):
        problem = f"a table of boxes, with columns such as {quoted(boxes[0])}, expected the columns id and name"
        raise LabelMapError(path, problem, rows[0][1])
    body = rows[1:] if _is_header(header) else rows
    if len(header) == 1:
        return _named(path, [(", ".join(cells), line) for cells, line in body])
    id_column, name_column = _columns(path, header if len(body) < len(rows) else [], body or rows)
    entries = []
    for cells, line in body:
        if len(cells) <= max(id_column, name_column):
            raise LabelMapError(path, f"{len(cells)} columns found, expected at least {len(header)}", line)
        number = whole_number(cells[id_column])
        if number is None:
            raise LabelMapError(path, f"{quoted(cells[id_column])} found as an id, expected a whole number", line)
        entries.append(Entry(LabelItem(number, cells[name_column]), line))
    return entries


def _columns(path: str, header: Sequence[str], body: Sequence[tuple[list[str], int]]) -> tuple[int, int]:
    """The columns of ids and of names: by the header, else by where the numbers are."""
    id_column = next((header.index(name) for name in _ID_COLUMNS if name in header), None)
    name_column = next((header.index(name) for name in _NAME_COLUMNS if name in header), None)
    if id_column is not None and name_column is not None:
        return id_column, name_column
    width = len(body[0][0])
    if width == 2:
        for column in (0, 1):
            if all(len(cells) > column and whole_number(cells[column]) is not None for cells, _ in body):
                return column, 1 - column
        raise LabelMapError(path, "no column of whole numbers found, expected the columns id and name", body[0][1])
    raise LabelMapError(path, f"{width} columns found, expected two: id and name", body[0][1])


def _is_header(cells: Sequence[str]) -> bool:
    """Whether a first row names its columns."""
    return any(cell in _ID_COLUMNS + _NAME_COLUMNS for cell in cells) and all(
        whole_number(cell) is None for cell in cells
    )


def _has_both_columns(header: Sequence[str]) -> bool:
    """Whether a header names a column of ids and one of names."""
    return any(name in header for name in _ID_COLUMNS) and any(name in header for name in _NAME_COLUMNS)


def _rows(path: str, text: str) -> list[tuple[list[str], int]]:
    """The rows that say something, as cells without the space around them, and their line numbers from 1."""
    first = next((line for line, _ in spoken_lines(text)), "")
    delimiter = next((char for char in ",\t;" if char in first), ",")
    reader = csv.reader(text.split("\n"), delimiter=delimiter, skipinitialspace=True)
    rows = []
    try:
        for cells in reader:
            row = [cell.strip() for cell in cells]
            while row and not row[-1]:
                row.pop()  # of a delimiter at the end
            if row and not row[0].startswith("# "):
                rows.append((row, reader.line_num))
    except csv.Error as error:
        raise LabelMapError(path, f"not a table: {error}", reader.line_num) from None
    return rows
