"""The order of the four numbers of a box, where no schema gives it: what their values allow.

Corners must be in order, and the box inside its image. That seldom leaves only one order, so a finding says which was
taken and which others would fit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import DataError, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION, known_size
from tfrecord_lite.schemas.detect.words import words_of
from tfrecord_lite.schemas.schema import BOX_ORDERS, Schema, present

_OVERSHOOT = 1.05  # of normalised coordinates
_MOST_BOXES = 1000  # that are looked at
_SAID = {
    "yxyx": {"yxyx"},
    "xyxy": {"xyxy", "voc"},
    "xywh": {"xywh", "coco"},
    "cxcywh": {"cxcywh", "yolo", "center", "centers", "centre", "centres"},
}
"""Words of a key that say an order."""
_Four = tuple[float, float, float, float]


def settle_box_order(schema: Schema, examples: Sequence[Example]) -> tuple[Schema, str]:
    """The schema with an order for its boxes, and in words that it is a guess; no words where it is known.

    TensorFlow Datasets have y before x unless features.json says otherwise: there only another order is a guess.
    """
    if not schema.box or schema.box_order:
        return schema, ""
    fitting = fitting_orders(schema, examples)
    order = fitting[0] if fitting else BOX_ORDERS[0]
    schema = schema._replace(box_order=order)
    if schema.name == "tfds" and order == BOX_ORDERS[0]:
        return schema, ""
    text = f"{shortened(schema.box[0])}: nothing says what the four numbers of a box are; they are taken for {order}"
    others = [each for each in fitting if each != order]
    fit = f", but {' and '.join(others)} would fit, too" if others else ", which alone fits" if fitting else ""
    return schema, f"{text}{fit}. Say which with --map box_order={order}" + "".join(f" or {each}" for each in others)


def fitting_orders(schema: Schema, examples: Sequence[Example], *, proof: bool = False) -> tuple[str, ...]:
    """The orders in which every box of these records is valid, the usual first: y before x only for fractions.

    proof: whether the values are to show that they are boxes at all: each has an area, none begins outside its image,
    and the size of the image is known where that would show.
    """
    boxes = []
    for example in examples:
        boxes += list(_boxes(example, schema))
        if len(boxes) > _MOST_BOXES:
            break
    if proof:
        boxes = [(box, size) for box, size in boxes if len(set(box)) > 1 or box[0] > 0]  # others pad a list
    if not boxes:
        return ()
    in_pixels = any(max(box) > LARGEST_FRACTION for box, _ in boxes)
    usual = ("xyxy", "xywh", "yxyx", "cxcywh") if in_pixels else BOX_ORDERS
    words = words_of(schema.box[0])
    orders = tuple(sorted(usual, key=lambda order: _SAID[order].isdisjoint(words)))  # what the name says comes first
    found = (order for order in orders if all(_fits(order, box, size, in_pixels=in_pixels) for box, size in boxes))
    if not proof:
        return tuple(found)
    return tuple(order for order in found if all(_proves(order, *each, in_pixels=in_pixels) for each in boxes))


def _boxes(example: Example, schema: Schema) -> Iterator[tuple[_Four, tuple[float, float] | None]]:
    """The four numbers of each box, and the size of the image where the record gives it."""
    try:
        values = example.numbers(present(example, schema.box))
    except DataError:
        return
    size = known_size(example, schema)
    for start in range(0, len(values) - 3, 4):
        a, b, c, d = values[start : start + 4]
        yield (a, b, c, d), size


def _proves(order: str, box: _Four, size: tuple[float, float] | None, *, in_pixels: bool) -> bool:
    """Whether four numbers that fit are almost certainly a box."""
    x, y, right, bottom = box
    if order in ("xyxy", "yxyx"):
        return min(x, y) >= 0 and right > x and bottom > y
    return min(box) >= 0 and min(right, bottom) > 0 and (size is not None or not in_pixels)


def _fits(order: str, box: _Four, size: tuple[float, float] | None, *, in_pixels: bool) -> bool:
    """Whether four numbers in this order are a box in an image."""
    x0, y0, x1, y1 = box
    if order == "yxyx":
        x0, y0, x1, y1 = y0, x0, y1, x1
    elif order == "xywh":
        x1, y1 = x0 + x1, y0 + y1
    elif order == "cxcywh":
        x0, y0, x1, y1 = x0 - x1 / 2, y0 - y1 / 2, x0 + x1 / 2, y0 + y1 / 2
        if min(x0, y0) < (1 - _OVERSHOOT) * (min(size or (0, 0)) if in_pixels else 1):
            return False
    if not (x0 <= x1 and y0 <= y1):
        return False
    if not in_pixels:
        return max(x1, y1) <= _OVERSHOOT
    return size is None or (x1 <= size[0] * _OVERSHOOT and y1 <= size[1] * _OVERSHOOT)
