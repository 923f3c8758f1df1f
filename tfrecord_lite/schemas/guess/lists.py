"""Whether lists and arrays under keys that nothing reads are boxes, by the values of the first records of a file.

A record alone leaves open what several decide: a list that is as long as another one in one record is so by chance, in
all of them for a reason; and numbers that are ordered corners inside the image in every record are boxes, whatever
their key is called. Lists of one length in all records (embeddings, scores of classes, histograms, anchors) are none.
Training scripts keep what a network is to say as rows of five numbers, a class before or after a box, or as the bytes
of an array: whole numbers in the column of the class, next to boxes inside the image, tell these from other numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence

from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import image_format
from tfrecord_lite.schemas.detect.box_order import fitting_orders
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION
from tfrecord_lite.schemas.detect.suspects import LONGEST_ARRAY, Boxes, Suspects
from tfrecord_lite.schemas.detect.words import BOX, CLASS, MASK, NAME, SCORE, is_remark, words_of
from tfrecord_lite.schemas.schema import Schema

_LONGEST_LIST = 4096  # values of a list: no image has so many boxes
_MANY = 4  # boxes that show by themselves that they are boxes
_LEAST_NAMED = 2  # rows of a table, where the name says that there is something to find
_SUM = 1e-3  # how far the sum of probabilities may be from 1
_TYPES = {"float32": "f", "int32": "i", "float64": "d", "int64": "q"}
_ROWS = (("{} number", 5, 0, 4), ("number {}", 5, 1, 0), ("{} number -", 6, 0, 4), ("{}", 4, 0, None))
"""Columns, how many, where the box begins, and where the class is."""
_PIXELS = ("xyxy", "xywh", "cxcywh", "yxyx")  # which is likelier
_FRACTIONS = ("xyxy", "cxcywh", "xywh", "yxyx")
_YOLO = ("cxcywh", "xyxy", "xywh", "yxyx")
_SMALLEST = 1e-6  # a smaller number shows that the bytes are of another type
_MOST_CLASSES = 100_000
_Rows = list[Sequence[float]]


def look_at(examples: Sequence[Example], schema: Schema, keys: Collection[str]) -> Suspects:
    """What records show of these keys together. schema: how they are read otherwise."""
    if not schema.encoded:
        schema = schema._replace(encoded=_image_keys(examples))  # for the size of images
    counts = {key: tuple(example.count(key) for example in examples) for key in sorted(keys)}
    objects = _objects(examples, schema)
    boxes = {} if objects else dict(_boxes_by_key(examples, schema, counts))
    return Suspects(counts=counts, objects=objects, boxes=boxes)


def _image_keys(examples: Sequence[Example]) -> tuple[str, ...]:
    """The first key that holds an image."""
    for example in examples:
        for key in sorted(example):
            if example.kind(key) == "bytes" and example.count(key) == 1 and image_format(example.buffers(key)[0]):
                return (key,)
    return ()


def _objects(examples: Sequence[Example], schema: Schema) -> tuple[int, ...]:
    """How many objects each record has by the keys of its boxes; empty where there are none."""
    if schema.is_packed or schema.outline_x:
        return ()
    keys = [(key, 4 if key in schema.box else 1) for key in schema.geometry]
    counts = tuple(max((example.count(key) // per for key, per in keys), default=0) for example in examples)
    return counts if any(counts) else ()


def _boxes_by_key(
    examples: Sequence[Example], schema: Schema, counts: dict[str, tuple[int, ...]]
) -> Iterator[tuple[str, Boxes]]:
    """The keys that hold boxes in one list or array in these records.

    schema: for the size of images. counts: how many values each key has in each record.
    """
    for key, values in counts.items():
        if (orders := _orders_of_list(key, examples, schema, counts)) is not None:
            yield key, Boxes(orders, tuple(count // 4 for count in values))
        elif not is_remark(words_of(key)) and (table := _table(key, examples, schema)) is not None:
            yield key, table


# ------------------------------------------------------------------------------------------------ lists of four numbers
def _orders_of_list(
    key: str, examples: Sequence[Example], schema: Schema, counts: dict[str, tuple[int, ...]]
) -> tuple[str, ...] | None:
    """The orders that the boxes under a key allow; None where there are no boxes."""
    words = words_of(key)
    filled = [example for example in examples if example.count(key)]
    if not filled or any(count % 4 or count > _LONGEST_LIST for count in counts[key]) or not words:
        return None
    if any(example.kind(key) == "bytes" for example in filled) or words[-1] in SCORE:
        return None
    schema = schema._replace(box=(key,))
    if any(word in BOX for word in words[-2:]):
        return fitting_orders(schema, filled)
    if is_remark(words) or any(abs(sum(example.numbers(key)) - 1) < _SUM for example in filled):
        return None  # probabilities
    orders = fitting_orders(schema, filled, proof=True)
    corners = any(order in orders for order in ("xyxy", "yxyx"))
    return orders if orders and _are_boxes(key, filled, counts, corners=corners) else None


def _are_boxes(key: str, filled: Sequence[Example], counts: dict[str, tuple[int, ...]], *, corners: bool) -> bool:
    """Whether lists of numbers that can be boxes are some, by their lengths. corners: whether they can be corners."""
    sizes = tuple(count // 4 for count in counts[key])
    beside = any(_counts_objects(other, filled) for other, each in counts.items() if each == sizes and other != key)
    lengths = {count for count in counts[key] if count}
    if len(filled) > 1 and len(lengths) == 1:  # one length: the same values are constants, others may be anything
        differ = len({tuple(example.numbers(key)) for example in filled}) > 1
        return differ and (beside or (corners and lengths == {4} and len(filled) >= _MANY))
    return (beside and sum(sizes) > 1) or (corners and sum(sizes) >= _MANY)


def _counts_objects(key: str, filled: Sequence[Example]) -> bool:
    """Whether a key may hold a value an object: what is no fraction, or is called a class."""
    named = any(word in CLASS | NAME for word in words_of(key)[-2:])
    return named or all(example.kind(key) != "float" for example in filled)


# ------------------------------------------------------------------------------------------------ tables, a row a box
def _table(key: str, examples: Sequence[Example], schema: Schema) -> Boxes | None:
    """The table under a key, or None."""
    # Labels that are whole numbers are classes; others are more.
    names = BOX | MASK | (CLASS if any(example.kind(key) == "float" for example in examples) else frozenset())
    least = _LEAST_NAMED if any(word in names for word in words_of(key)[-2:]) else _MANY
    for row_type, lists in _numbers(key, examples):
        for columns, width, start, number in _ROWS:
            if (number is None and not row_type) or any(len(each) % width for each in lists):
                continue
            tables = [[each[at : at + width] for at in range(0, len(each), width)] for each in lists]
            filled = [[row for row in rows if len(set(row)) > 1] for rows in tables]  # others pad a table
            if sum(map(len, filled)) < least or (number is not None and not _are_classes(filled, number)):
                continue
            boxes = [[row[start : start + 4] for row in rows] for rows in filled]
            orders = _orders_of_rows(key, examples, boxes, schema)
            if number is None and (not {"xyxy", "yxyx"} & {*orders} or len({*map(len, tables)}) < 2):
                continue
            if orders:
                in_pixels = max(value for rows in boxes for box in rows for value in box) > LARGEST_FRACTION
                usual = _PIXELS if in_pixels else _YOLO if number == 0 else _FRACTIONS
                return Boxes(tuple(sorted(orders, key=usual.index)), tuple(map(len, tables)), columns, row_type)
    return None


def _numbers(key: str, examples: Sequence[Example]) -> Iterator[tuple[str, _Rows]]:
    """The numbers of each record: of a list, which has no type; else the bytes as each type of number."""
    kinds = {example.kind(key) for example in examples if example.count(key)}
    if kinds in ({"float"}, {"int64"}):
        yield "", [example.numbers(key) for example in examples]
    if kinds != {"bytes"} or any(example.count(key) > 1 for example in examples):
        return
    data = [example.blobs(key)[0] if example.count(key) else b"" for example in examples]
    for name, code in _TYPES.items():
        size = struct.calcsize(f"<{code}")
        if all(len(each) <= LONGEST_ARRAY and len(each) % size == 0 for each in data):
            lists: _Rows = [struct.unpack(f"<{len(each) // size}{code}", each) for each in data]
            if not any(0 < abs(value) < _SMALLEST for numbers in lists for value in numbers):
                yield name, lists


def _are_classes(tables: Sequence[_Rows], number: int) -> bool:
    """Whether a column can be that of classes."""
    column = [row[number] for rows in tables for row in rows]
    return min(column) >= 0 and max(column) <= _MOST_CLASSES and not any(value % 1 for value in column)


def _orders_of_rows(key: str, examples: Sequence[Example], boxes: Sequence[_Rows], schema: Schema) -> tuple[str, ...]:
    """The orders of four numbers that all boxes allow."""
    lists = [
        example.with_features({key: [float(value) for box in rows for value in box]})
        for example, rows in zip(examples, boxes, strict=True)
        if rows
    ]
    return fitting_orders(schema._replace(box=(key,)), lists, proof=True)
