"""The boxes of a record as four lists, however it stores them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.schema import Schema, present
from tfrecord_lite.spelling import option_of

_ORDERS = {"yxyx": (1, 0, 3, 2), "xyxy": (0, 1, 2, 3), "xywh": (0, 1, 2, 3), "cxcywh": (0, 1, 2, 3)}


class Sides(NamedTuple):
    """xmin, ymin, xmax, ymax of each object, in the record's unit; keys: the features that they come from."""

    lists: tuple[Sequence[float], Sequence[float], Sequence[float], Sequence[float]]
    keys: tuple[str, str, str, str]


def read_sides(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """The corner coordinates of a record's boxes: from one list, where the record has it, else from one a side.

    whole: whether coordinates may be any whole numbers (int64), as pixels may. Normalised ones may be 0 and 1 only:
        some scripts write the box of a whole image so.

    Raises:
        FeatureError: the lists do not fit each other.
    """
    if schema.box and (not (schema.xmin or schema.xcenter) or example.count(present(example, schema.box))):
        sides = _from_flat(example, schema, whole=whole)
    elif schema.outline_x and example.count(present(example, schema.outline_x)):
        sides = _from_outlines(example, schema)
    else:
        sides = _from_four(example, schema, whole=whole)
    if schema.flipped:
        x0, y0, x1, y1 = sides.lists
        sides = Sides((x0, [1 - value for value in y1], x1, [1 - value for value in y0]), sides.keys)
    return sides


def _fractions(example: Example, key: str) -> Sequence[float]:
    """The fractions in a feature, whole ones where they may be: as corners of the whole image."""
    values = example.numbers(key)
    if not values or type(values[0]) is float or set(values) <= {0, 1}:
        return values
    return example.floats(key)


def _from_four(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """One list for each side; or the first side or the centre, and the length."""
    keys = (
        present(example, schema.xcenter or schema.xmin),
        present(example, schema.ycenter or schema.ymin),
        present(example, schema.box_width or schema.xmax),
        present(example, schema.box_height or schema.ymax),
    )
    xmin, ymin, xmax, ymax = lists = [example.numbers(key) if whole else _fractions(example, key) for key in keys]
    if not len(xmin) == len(ymin) == len(xmax) == len(ymax):
        raise _uneven(example, schema, list(zip(_roles(schema), keys, lists, strict=True)))
    if schema.box_width:
        xmin, xmax = _spanned(xmin, xmax, centred=bool(schema.xcenter))
    if schema.box_height:
        ymin, ymax = _spanned(ymin, ymax, centred=bool(schema.ycenter))
    return Sides((xmin, ymin, xmax, ymax), keys)


def _roles(schema: Schema) -> tuple[str, str, str, str]:
    """The four roles that say where boxes are: of left, top, right and bottom side, or what replaces them."""
    return (
        "xcenter" if schema.xcenter else "xmin",
        "ycenter" if schema.ycenter else "ymin",
        "box_width" if schema.box_width else "xmax",
        "box_height" if schema.box_height else "ymax",
    )


def _spanned(starts: Sequence[float], lengths: Sequence[float], *, centred: bool) -> tuple[list[float], list[float]]:
    """First and last sides by the first side, or the centre, and the length."""
    pairs = list(zip(starts, lengths, strict=True))
    if not centred:
        return list(starts), [start + length for start, length in pairs]
    return [center - length / 2 for center, length in pairs], [center + length / 2 for center, length in pairs]


def _uneven(example: Example, schema: Schema, lists: Sequence[tuple[str, str, Sequence[float]]]) -> FeatureError:
    """What is wrong with four lists of different lengths; for an absent one also which key it could be."""
    problem = "the lengths of the box lists differ: " + ", ".join(
        f"{role} has {len(values)}" for role, _, values in lists
    )
    absent = [(role, key) for role, key, values in lists if not values]
    count = max(len(values) for _, _, values in lists)
    kinds = {example.kind(key) for _, key, values in lists if values}
    if len(absent) == 1 and all(len(values) in (0, count) for _, _, values in lists):
        (role, key), read = absent[0], schema.read_keys
        folder = key[: key.rfind("/") + 1]
        others = [
            other
            for other in sorted(example)
            if other not in read and other.startswith(folder) and example.count(other) == count
            if example.kind(other) in kinds and other.isprintable()
        ]
        problem += f". {role} is absent"
        if others:
            options = " or ".join(option_of(role, other) for other in others[:3])
            problem += f"; {shortened(others[0])} has as many values as the others: if that is it, say {options}"
    return FeatureError(example.where, lists[0][1], problem)


def _from_flat(example: Example, schema: Schema, *, whole: bool) -> Sides:
    """Four values an object in one list."""
    key = present(example, schema.box)
    values = example.numbers(key) if whole else _fractions(example, key)
    if len(values) % 4:
        raise FeatureError(example.where, key, f"the length of the box list is {len(values)}, expected a multiple of 4")
    x0, y0, x1, y1 = (values[start::4] for start in _ORDERS[schema.box_order])
    if schema.box_order in ("xywh", "cxcywh"):
        centred = schema.box_order == "cxcywh"
        (x0, x1), (y0, y1) = _spanned(x0, x1, centred=centred), _spanned(y0, y1, centred=centred)
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
