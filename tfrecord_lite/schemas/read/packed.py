"""Features that hold many numbers in one value -> plain features, one list a column.

Some writers keep the boxes of a record as the bytes of an array, or the corners of a polygon as a text. What such a
value holds is data, too (``row_type`` and ``row_columns`` of a schema), and every role can be played by a column of it:
readers of roles see a column as any other feature, called ``key[column]``.

Sources: CharlesShang/FastMaskRCNN libs/datasets/download_and_convert_coco.py and DetectionTeamUCAS/FPN_Tensorflow
data/io/convert_data_to_tfrecord.py (``array.tostring()``: row by row, in the byte order of the machine, which is little
endian on every machine that such networks are trained on); for texts of corners tensorflow/models
official/projects/unified_detector/data_conversion/utils.py; for quadrangles ZJULearning/pixel_link
datasets/dataset_utils.py.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

from tfrecord_lite.errors import FeatureError, UsageError, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.schema import Schema, present

_WHOLE = ("number", "crowd", "group")  # roles that other schemas keep in int64 features
_LARGEST_WHOLE = float(1 << 53)

_CODES = {"float16": "e", "float32": "f", "float64": "d", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i"}
_CODES |= {"uint32": "I", "int64": "q"}  # of the struct module
_SIDES = ("xmin", "ymin", "xmax", "ymax", "xcenter", "ycenter", "box_width", "box_height")
_ROLES = (*_SIDES, "number", "area", "crowd", "group")
"""Columns that play the role of that name."""
_COLUMNS = (*_ROLES, "x", "y", "-")

Numbers = dict[str, Sequence[float]]


def with_columns(schema: Schema) -> Schema:
    """The schema with the columns of its rows and texts in the roles that they play."""
    changes: dict[str, Any] = {}
    if schema.rows:
        names = {name for columns in _tables(schema.row_columns) for name in columns}
        changes = {role: (_name(schema.rows[0], role),) for role in _ROLES if role in names} | {"box": ()}
        if "x" in names:
            changes |= _outline(schema.rows[0])
    if schema.vertices:
        changes |= _outline(schema.vertices[0])
    if schema.corners:
        changes |= _outline(schema.corners)
    return schema._replace(**changes) if changes else schema


def unpack(example: Example, schema: Schema) -> Example:
    """A record with the columns of its rows and texts as features of their own.

    Raises:
        FeatureError: a value is not a whole number of rows, or a text not a list of corners.
    """
    columns: Numbers = {}
    if schema.rows:
        columns |= _read_rows(example, schema)
    if schema.vertices and example.count(key := present(example, schema.vertices)):
        columns |= _read_corners(example, schema.vertices[0], key)
    if schema.corners:
        columns |= _read_quadrangles(example, schema)
    return example.with_features(columns) if columns else example


def _name(key: str, column: str) -> str:
    """What a column is called."""
    return f"{key}[{column}]"


def _outline(key: str) -> dict[str, tuple[str]]:
    """The roles of the corners of polygons."""
    names = {"outline_x": "x", "outline_y": "y", "outline_object": "object"}
    return {role: (_name(key, name),) for role, name in names.items()}


def _read_rows(example: Example, schema: Schema) -> Numbers:
    """The columns of a table of numbers, which are a list or the bytes of an array."""
    key = present(example, schema.rows)
    values: Sequence[float]
    if example.kind(key) in ("float", "int64"):
        values = example.numbers(key)
        columns = _choose_table(example, schema, key, len(values), 1)
    else:
        blobs = example.blobs(key)
        if len(blobs) > 1:
            raise FeatureError(example.where, key, f"the feature holds {len(blobs)} values, expected one table")
        data = blobs[0] if blobs else b""
        code = _CODES[schema.row_type]
        size = struct.calcsize(f"<{code}")
        columns = _choose_table(example, schema, key, len(data), size)
        values = struct.unpack(f"<{len(data) // size}{code}", data)
    base, width = schema.rows[0], len(columns)
    read: Numbers = {}
    for place, column in enumerate(columns):
        if column in _ROLES:
            role = values[place::width]
            read[_name(base, column)] = list(map(float, role)) if column not in _WHOLE else _whole(example, key, role)
    corners = [place for place, column in enumerate(columns) if column in ("x", "y")]
    if corners:
        starts = range(0, len(values), width)
        points = [float(values[start + place]) for start in starts for place in corners]
        read |= _corners(base, points[::2], points[1::2], [len(corners) // 2] * len(starts))
    return read


def _choose_table(example: Example, schema: Schema, key: str, length: int, size: int) -> list[str]:
    """The columns of the table that fits the length of a value and the number of its rows."""
    choices = _tables(schema.row_columns)
    count_key = present(example, schema.row_count)
    counts = example.ints(count_key)
    for columns in choices:
        if counts[:1] == [length / (size * len(columns))] or (not counts and length % (size * len(columns)) == 0):
            return columns
    row = " or ".join(str(len(columns)) for columns in choices)
    rows = f"{counts[0]} rows ({count_key})" if counts else "whole rows"
    unit, kind = ("bytes", f"{schema.row_type} ") if example.kind(key) == "bytes" else ("numbers", "")
    problem = f"the value has {length} {unit}, expected {rows} of {row} {kind}numbers"
    raise FeatureError(example.where, key, problem)


def _whole(example: Example, key: str, values: Sequence[float]) -> list[int]:
    """Whole numbers, however they are stored."""
    for value in values:
        if not abs(value) <= _LARGEST_WHOLE or value != int(value):
            raise FeatureError(example.where, key, f"the value holds {value:g}, expected a whole number")
    return list(map(int, values))


def _read_corners(example: Example, base: str, key: str) -> Numbers:
    """The corners of polygons, each a text ``x0,y0,x1,y1,...``."""
    xs: list[float] = []
    ys: list[float] = []
    sizes = []
    for number, text in enumerate(example.blobs(key)):
        try:
            values = [float(part) for part in text.split(b",")] if text.strip() else []
        except ValueError:
            values = [math.nan]
        if len(values) % 2:
            problem = f"object {number} has the corners {quoted(text)}, expected x,y,x,y,..."
            raise FeatureError(example.where, key, problem)
        xs += values[::2]
        ys += values[1::2]
        sizes.append(len(values) // 2)
    return _corners(base, xs, ys, sizes)


def _read_quadrangles(example: Example, schema: Schema) -> Numbers:
    """The corners of quadrangles, each coordinate of each corner a feature."""
    keys = schema.corner_keys
    lists = [example.floats(key) for key in keys]
    if len({len(values) for values in lists}) > 1:
        lengths = ", ".join(f"{key[len(schema.corners) :]} has {len(x)}" for key, x in zip(keys, lists, strict=True))
        raise FeatureError(example.where, keys[0], f"the lengths of the corner lists differ: {lengths}")
    points = [value for corners in zip(*lists, strict=True) for value in corners]
    return _corners(schema.corners, points[::2], points[1::2], [len(keys) // 2] * len(lists[0]))


def _corners(base: str, xs: list[float], ys: list[float], sizes: Sequence[int]) -> Numbers:
    """The columns of the corners of polygons. sizes: corners of each object."""
    objects = [number for number, size in enumerate(sizes) for _ in range(size)]
    return {_name(base, "x"): xs, _name(base, "y"): ys, _name(base, "object"): objects}


def _tables(row_columns: str) -> list[list[str]]:
    """The columns of each table that a value can be."""
    return [table.split() for table in row_columns.split("|")]


def check_table(row_type: object, row_columns: object) -> None:
    """Refuses a description without a meaning. UsageError."""
    if row_type not in _CODES:
        raise UsageError(f"row_type is {row_type!r}, expected one of {', '.join(_CODES)}")
    for columns in _tables(str(row_columns)):
        if not columns:
            raise UsageError("row_columns names no columns, expected such as 'xmin ymin xmax ymax number'")
        if unknown := [name for name in columns if name not in _COLUMNS]:
            raise UsageError(f"row_columns has a column {quoted(unknown[0])}, expected {', '.join(_COLUMNS)}")
        corners = [name for name in columns if name in ("x", "y")]
        if corners != ["x", "y"] * (len(corners) // 2) or any(columns.count(name) > 1 for name in _ROLES):
            raise UsageError(f"row_columns is {quoted(' '.join(columns))}: a column comes twice, or an x without its y")
