"""The boxes of a record as four lists, however it stores them."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.schema import Schema, present

NAMES = ("xmin", "ymin", "xmax", "ymax")
_ORDERS = {"yxyx": (1, 0, 3, 2), "xyxy": (0, 1, 2, 3), "xywh": (0, 1, 2, 3)}


class Sides(NamedTuple):
    """xmin, ymin, xmax, ymax of each object, in the record's unit; keys: the features that they come from."""

    lists: tuple[Sequence[float], Sequence[float], Sequence[float], Sequence[float]]
    keys: tuple[str, str, str, str]


def read_sides(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """The corner coordinates of a record's boxes.

    whole: whether coordinates may be any whole numbers (int64), as pixels may. Normalised ones may be 0 and 1 only:
        some scripts write the box of a whole image so.

    Raises:
        FeatureError: the lists do not fit each other.
    """
    if schema.box:
        sides = _from_flat(example, schema, whole=whole)
    elif schema.outline_x and example.count(present(example, schema.outline_x)):
        sides = _from_outlines(example, schema)
    else:
        sides = _from_four(example, schema, whole=whole)
    if schema.flipped:
        x0, y0, x1, y1 = sides.lists
        sides = Sides((x0, [1 - value for value in y1], x1, [1 - value for value in y0]), sides.keys)
    return sides


def _numbers(example: Example, key: str, *, whole: bool) -> Sequence[float]:
    """The numbers of a feature, whole ones where they may be: in pixels, or as corners of the whole image."""
    values = example.numbers(key)
    if whole or not values or type(values[0]) is float or set(values) <= {0, 1}:
        return values
    return example.floats(key)


def _from_four(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """One list a side."""
    right, bottom = (schema.box_width, schema.box_height) if schema.box_width else (schema.xmax, schema.ymax)
    x0, y0 = present(example, schema.xmin), present(example, schema.ymin)
    x1, y1 = present(example, right), present(example, bottom)
    xmin, ymin = _numbers(example, x0, whole=whole), _numbers(example, y0, whole=whole)
    xmax, ymax = _numbers(example, x1, whole=whole), _numbers(example, y1, whole=whole)
    if not len(xmin) == len(ymin) == len(xmax) == len(ymax):
        lists = zip(NAMES, (xmin, ymin, xmax, ymax), strict=True)
        lengths = ", ".join(f"{side} has {len(values)}" for side, values in lists)
        raise FeatureError(example.where, x0, f"the lengths of the box lists differ: {lengths}")
    if schema.box_width:
        xmax, ymax = list(map(add, xmin, xmax)), list(map(add, ymin, ymax))
    return Sides((xmin, ymin, xmax, ymax), (x0, y0, x1, y1))


def _from_flat(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """Four values an object in one list."""
    key = present(example, schema.box)
    values = _numbers(example, key, whole=whole)
    if len(values) % 4:
        raise FeatureError(example.where, key, f"the length of the box list is {len(values)}, expected a multiple of 4")
    x0, y0, x1, y1 = (values[start::4] for start in _ORDERS[schema.box_order])
    if schema.box_order == "xywh":
        x1 = [x + width for x, width in zip(x0, x1, strict=True)]
        y1 = [y + height for y, height in zip(y0, y1, strict=True)]
    return Sides((x0, y0, x1, y1), (key, key, key, key))


def read_outlines(example: Example, schema: Schema, count: int) -> list[list[float]]:
    """The corners of each object's polygon, x0, y0, x1, y1, ... Raises FeatureError where the lists do not fit."""
    x_key, y_key = present(example, schema.outline_x), present(example, schema.outline_y)
    number_key = present(example, schema.outline_object)
    xs, ys, numbers = example.floats(x_key), example.floats(y_key), example.ints(number_key)
    if not len(xs) == len(ys) == len(numbers) or (numbers and not 0 <= min(numbers) <= max(numbers) < count):
        problem = f"the lengths of the polygon lists differ: {len(xs)} x, {len(ys)} y, {len(numbers)} object numbers"
        raise FeatureError(example.where, x_key, f"{problem} for {count} objects")
    outlines: list[list[float]] = [[] for _ in range(count)]
    for x, y, number in zip(xs, ys, numbers, strict=True):
        if x - x or y - y:
            raise FeatureError(example.where, x_key, f"a polygon has the corner ({x}, {y}), expected finite numbers")
        outlines[number] += [x, y]
    return outlines


def _from_outlines(example: Example, schema: Schema) -> Sides:
    """The boxes around polygons."""
    numbers = example.ints(present(example, schema.outline_object))
    classes = max(example.count(present(example, schema.text)), example.count(present(example, schema.number)))
    outlines = read_outlines(example, schema, classes or max(numbers, default=-1) + 1)
    key = present(example, schema.outline_x)
    if not all(outlines):
        raise FeatureError(example.where, key, f"object {outlines.index([])} has no corners")
    x0, y0 = [min(each[::2]) for each in outlines], [min(each[1::2]) for each in outlines]
    x1, y1 = [max(each[::2]) for each in outlines], [max(each[1::2]) for each in outlines]
    return Sides((x0, y0, x1, y1), (key, key, key, key))
