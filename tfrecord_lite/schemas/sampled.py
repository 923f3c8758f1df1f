"""What the first records of a file say together of keys that nothing reads.

A record alone leaves open what several decide: a list that is as long as another one in one record is so by chance, in
all of them for a reason; and numbers that are ordered corners inside the picture in every record are boxes, whatever
their key is called. Lists of one length in all records (embeddings, scores of classes, histograms, anchors) are none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tfrecord_lite.errors import DataError
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import image_format
from tfrecord_lite.schemas.box_order import fitting_orders
from tfrecord_lite.schemas.sampled_rows import row_table
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.suspects import Sampled
from tfrecord_lite.schemas.words import BOX, CLASS, NAME, SCORE, is_remark, words_of

_MANY = 4  # boxes that show by themselves that they are boxes
_SUM = 1e-3  # how far the sum of probabilities may be from 1
_LONGEST = 4096  # values of a list that is looked into: no picture has so many boxes


def sample(examples: Sequence[Example], schema: Schema | None, keys: Collection[str]) -> Sampled:
    """Looks into some records.

    Args:
        examples: the records.
        schema: how they are read; None where they follow none.
        keys: those that nothing reads.
    """
    counts = {key: tuple(example.count(key) for example in examples) for key in sorted(keys)}
    schema = schema or _of_picture(examples)
    objects = _objects(examples, schema)
    found = Sampled(counts, objects)
    orders, rows = {}, {}
    if not objects:
        for key in counts:
            if (fitting := _box_orders(key, examples, schema, found)) is not None:
                orders[key] = fitting
            elif not is_remark(words_of(key)) and (table := row_table(key, examples, schema)) is not None:
                rows[key] = table
    return found._replace(orders=orders, rows=rows)


def _of_picture(examples: Sequence[Example]) -> Schema:
    """A schema for the size of pictures alone: the first key that holds one."""
    for example in examples:
        for key in sorted(example):
            if example.kind(key) == "bytes" and example.count(key) == 1 and image_format(example.buffers(key)[0]):
                return Schema("custom", encoded=(key,))
    return Schema("custom")


def _objects(examples: Sequence[Example], schema: Schema) -> tuple[int, ...]:
    """How many objects each record has by the keys of its boxes; empty where there are none."""
    if schema.is_packed or schema.outline_x:
        return ()
    keys = [(key, 4 if key in schema.box else 1) for key in schema.geometry]
    counts = tuple(max((example.count(key) // per for key, per in keys), default=0) for example in examples)
    return counts if any(counts) else ()


def _box_orders(key: str, examples: Sequence[Example], schema: Schema, found: Sampled) -> tuple[str, ...] | None:
    """The orders that the boxes under a key allow; None where there are no boxes."""
    counts, words = found.counts[key], words_of(key)
    filled = [example for example in examples if example.count(key)]
    if not filled or any(count % 4 or count > _LONGEST for count in counts) or not words:
        return None
    if any(example.kind(key) == "bytes" for example in filled) or words[-1] in SCORE:
        return None
    schema = schema._replace(box=(key,))
    if any(word in BOX for word in words[-2:]):
        return fitting_orders(schema, filled)
    if is_remark(words) or any(abs(sum(_numbers(example, key)) - 1) < _SUM for example in filled):
        return None  # probabilities
    orders = fitting_orders(schema, filled, proof=True)
    corners = any(order in orders for order in ("xyxy", "yxyx"))
    return orders if orders and _are_boxes(key, filled, found, corners=corners) else None


def _are_boxes(key: str, filled: Sequence[Example], found: Sampled, *, corners: bool) -> bool:
    """Whether lists of numbers that can be boxes are some, by their lengths. corners: whether they can be corners."""
    counts = found.counts[key]
    sizes = tuple(count // 4 for count in counts)
    same = (other for other, each in found.counts.items() if each == sizes and other != key)
    beside = any(_counts_objects(other, filled) for other in same)
    lengths = {count for count in counts if count}
    differ = len({tuple(_numbers(example, key)) for example in filled}) > 1
    if len(filled) > 1 and len(lengths) == 1:  # one length: the same values are constants, others may be anything
        return differ and (beside or (corners and lengths == {4} and len(filled) >= _MANY))
    return (beside and sum(sizes) > 1) or (corners and sum(sizes) >= _MANY)


def _counts_objects(key: str, filled: Sequence[Example]) -> bool:
    """Whether a key may hold a value an object: what is no fraction, or is called a class."""
    named = any(word in CLASS | NAME for word in words_of(key)[-2:])
    return named or all(example.kind(key) != "float" for example in filled)


def _numbers(example: Example, key: str) -> Sequence[float]:
    """The numbers under a key; none where it holds something else."""
    try:
        return example.numbers(key)
    except DataError:
        return ()
