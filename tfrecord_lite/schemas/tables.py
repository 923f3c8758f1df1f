"""How the table of numbers in a bytes value is described: the type of the numbers, and what each column is."""

from __future__ import annotations

from tfrecord_lite.errors import UsageError, quoted

CODES = {"float16": "e", "float32": "f", "float64": "d", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i"}
CODES |= {"uint32": "I", "int64": "q"}  # of the struct module
ROLES = ("xmin", "ymin", "xmax", "ymax", "box_width", "box_height", "number", "area", "crowd", "group")
"""Columns that play the role of that name."""
_COLUMNS = (*ROLES, "x", "y", "-")


def tables(row_columns: str) -> list[list[str]]:
    """The columns of each table that a value can be."""
    return [table.split() for table in row_columns.split("|")]


def check_table(row_type: object, row_columns: object) -> None:
    """Refuses a description without a meaning. UsageError."""
    if row_type not in CODES:
        raise UsageError(f"row_type is {row_type!r}, expected one of {', '.join(CODES)}")
    for columns in tables(str(row_columns)):
        if not columns:
            raise UsageError("row_columns names no columns, expected such as 'xmin ymin xmax ymax number'")
        if unknown := [name for name in columns if name not in _COLUMNS]:
            raise UsageError(f"row_columns has a column {quoted(unknown[0])}, expected {', '.join(_COLUMNS)}")
        corners = [name for name in columns if name in ("x", "y")]
        if corners != ["x", "y"] * (len(corners) // 2) or any(columns.count(name) > 1 for name in ROLES):
            raise UsageError(f"row_columns is {quoted(' '.join(columns))}: a column comes twice, or an x without its y")
