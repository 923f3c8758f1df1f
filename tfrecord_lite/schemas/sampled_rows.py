"""Tables of boxes under keys that nothing reads: a row an object, its class among the columns or not.

Training scripts keep what a network is to say as rows of five numbers, a class before or after a box, and boxes as the
bytes of an array. Whole numbers in the column of the class, and boxes inside the picture beside them, tell such tables
from other numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import DataError
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.box_order import fitting_orders
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.suspects import LONGEST_TABLE, RowTable

_TYPES = {"float32": "f", "int32": "i", "float64": "d", "int64": "q"}
_COLUMNS = {
    "xyxy": "xmin ymin xmax ymax",
    "yxyx": "ymin xmin ymax xmax",
    "xywh": "xmin ymin box_width box_height",
    "cxcywh": "xcenter ycenter box_width box_height",
}
_LAYOUTS = (
    ("{} number", 5, slice(0, 4), 4),
    ("number {}", 5, slice(1, 5), 0),
    ("{} number -", 6, slice(0, 4), 4),
    ("{}", 4, slice(0, 4), None),
)
"""Columns, how many, which of them are the box, and which is the class."""
_PIXELS = ("xyxy", "xywh", "cxcywh", "yxyx")  # which is likelier
_FRACTIONS = ("xyxy", "cxcywh", "xywh", "yxyx")
_YOLO = ("cxcywh", "xyxy", "xywh", "yxyx")
_LARGEST_FRACTION = 2.0  # a larger coordinate is one of pixels
_SMALLEST = 1e-6  # a smaller number shows that the bytes are of another type
_MANY = 4  # rows that show by themselves what they are
_MOST_CLASSES = 100_000


def row_table(key: str, examples: Sequence[Example], schema: Schema) -> RowTable | None:
    """The table under a key; None where there is none. schema: for the size of pictures."""
    for row_type, tables in _numbers(key, examples):
        for columns, width, box, number in _LAYOUTS:
            is_list = row_type == ""
            if (number is None and is_list) or any(len(table) % width for table in tables):
                continue
            rows = [[table[at : at + width] for at in range(0, len(table), width)] for table in tables]
            filled = [[row for row in each if len(set(row)) > 1] for each in rows]  # others pad a table
            if sum(map(len, filled)) < _MANY or not _are_classes(filled, number):
                continue
            orders = _orders(key, examples, [[row[box] for row in each] for each in filled], schema)
            if number is None and (not {"xyxy", "yxyx"} & {*orders} or len({*map(len, rows)}) < 2):
                continue
            if orders:
                in_pixels = max(value for each in filled for row in each for value in row[box]) > _LARGEST_FRACTION
                usual = _PIXELS if in_pixels else _YOLO if number == 0 else _FRACTIONS
                found = tuple(columns.format(_COLUMNS[order]) for order in sorted(orders, key=usual.index))
                return RowTable(row_type, found, tuple(map(len, rows)))
    return None


def _numbers(key: str, examples: Sequence[Example]) -> Iterator[tuple[str, list[Sequence[float]]]]:
    """The numbers of each record: of a list, whose type is no text; else the bytes as each type of number."""
    kinds = {example.kind(key) for example in examples if example.count(key)}
    if kinds in ({"float"}, {"int64"}):
        yield "", [example.numbers(key) for example in examples]
        return
    if kinds != {"bytes"} or any(example.count(key) > 1 for example in examples):
        return
    try:
        data = [example.blobs(key)[0] if example.count(key) else b"" for example in examples]
    except DataError:
        return
    for name, code in _TYPES.items():
        size = struct.calcsize(f"<{code}")
        if all(len(each) <= LONGEST_TABLE and len(each) % size == 0 for each in data):
            tables: list[Sequence[float]] = [struct.unpack(f"<{len(each) // size}{code}", each) for each in data]
            if not any(0 < abs(value) < _SMALLEST for table in tables for value in table):
                yield name, tables


def _are_classes(rows: Sequence[Sequence[Sequence[float]]], number: int | None) -> bool:
    """Whether a column can be that of classes."""
    if number is None:
        return True
    column = [row[number] for each in rows for row in each]
    return min(column) >= 0 and max(column) <= _MOST_CLASSES and not any(value % 1 for value in column)


def _orders(
    key: str, examples: Sequence[Example], boxes: Sequence[Sequence[Sequence[float]]], schema: Schema
) -> tuple[str, ...]:
    """The orders of four numbers that all rows allow."""
    flat = [
        example.with_features({key: [float(value) for row in rows for value in row]})
        for example, rows in zip(examples, boxes, strict=True)
        if rows
    ]
    return fitting_orders(schema._replace(box=(key,)), flat, proof=True)
