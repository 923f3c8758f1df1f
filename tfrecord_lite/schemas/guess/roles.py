"""A record -> the roles that its keys probably play: the clearest first.

A name says what a key may be, the values what it can be. What they leave open, such as the order of the four numbers of
a box, is said in words beside the options.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tfrecord_lite.errors import shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import image_format
from tfrecord_lite.schemas.detect.suspects import MOST_KEYS, NO_SUSPECTS, Boxes, Suspects, keys_left
from tfrecord_lite.schemas.detect.words import BOX, BOXES, CLASSES, CONTENT, IMAGE, KEYPOINTS, MASKS
from tfrecord_lite.schemas.guess.boxes import boxes_by_key, holds_json_boxes, sides_of_boxes
from tfrecord_lite.schemas.guess.classes import guess_classes, guess_classes_of_image
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.guess.image import guess_facts, guess_image
from tfrecord_lite.schemas.guess.outlines import guess_keypoints, guess_masks
from tfrecord_lite.schemas.schema import Schema

_MOST_NEW = 40  # keys that no record had before, and that are looked into by their values
_COLUMNS = {
    "xyxy": "xmin ymin xmax ymax",
    "yxyx": "ymin xmin ymax xmax",
    "xywh": "xmin ymin box_width box_height",
    "cxcywh": "xcenter ycenter box_width box_height",
}


def guess_roles(
    example: Example,
    schema: Schema | None,
    wanted: Collection[str] = CONTENT,
    objects: int = 0,
    suspects: Suspects = NO_SUSPECTS,
    *,
    pixel: bool | None = None,
) -> Guess:
    """The roles that keys of a record are likely to play.

    schema: how it is read otherwise; None where it follows none, so that all its roles are asked for. wanted: which
    content is missing. objects: how many it is known to have. pixel: whether its boxes are pixels; None where none is
    read.
    """
    known = schema or Schema("custom")
    left = [Held.of(example, key) for key in keys_left(example, known)[:MOST_KEYS] if example.count(key)]
    guess = Guess(example, known, left, objects, pixel, suspects, suspects.objects)
    if BOXES in wanted:
        _guess_boxes(guess, schema)
        if schema is None and not guess.objects:
            guess.unclear.append("No keys look like boxes by their names or values")
    if KEYPOINTS in wanted:
        guess_keypoints(guess)
    if schema is None:
        guess_facts(guess)
    if IMAGE in wanted:
        guess_image(guess)
    if MASKS in wanted:
        guess_masks(guess)
    if CLASSES in wanted and guess.objects and "number" not in guess.roles.get("row_columns", ""):
        guess_classes(guess)
    if CLASSES in wanted and not guess.objects and schema is None:
        guess_classes_of_image(guess)
    return guess


def _guess_boxes(guess: Guess, schema: Schema | None) -> None:
    """Four keys of one group, else one list or array of all; what a model predicted comes last."""
    counts, known = guess.suspects.counts, guess.suspects.boxes
    if sides := sides_of_boxes(guess.left):
        first = sides.get("xmin") or sides["xcenter"]
        guess.settle_objects(first.values, counts.get(first.key, ()))
        guess.pixel = first.are_pixels
        guess.take(BOXES, sides)
        return
    if any(
        each.is_number and each.key not in counts for each in guess.left
    ):  # no record had it that was looked at first
        alone = look_at([guess.example], schema, [each.key for each in guess.left[:_MOST_NEW]])
        known = {**{key: boxes for key, boxes in alone.boxes.items() if key not in counts}, **known}
    found = [(each, known[each.key]) for each in guess.left if each.key in known]
    found.sort(key=lambda item: (bool(item[1].columns), item[0].is_predicted, not item[0].ends_in(BOX)))
    if not found:
        if each := next(filter(holds_json_boxes, guess.left), None):
            guess.tell(BOXES, each, "holds boxes as JSON, which no option reads: records have them in lists")
    elif found[0][1].columns:
        _take_table(guess, *found[0])
    else:
        _take_list(guess, *found[0])
        if others := [shortened(each.key) for each, boxes in found[1:] if not boxes.columns]:
            told = f"{', '.join(others)} may be boxes, too: {shortened(found[0][0].key)} is one set of several"
            guess.unclear.append(told)


def _take_list(guess: Guess, each: Held, boxes: Boxes) -> None:
    """Four numbers an object."""
    guess.settle_objects(each.values // 4, boxes.counts)
    guess.pixel = each.are_pixels
    guess.take(BOXES, {"box": each})
    orders = boxes.orders
    guess.roles["box_order"] = orders[0] if orders else "xyxy"
    fit = f"the values also fit {' and '.join(orders[1:])}" if orders[1:] else "no other order fits the values"
    fit = fit if orders else "no order fits the values"
    guess.unclear.append(f"{shortened(each.key)} does not say in which order its four numbers are: {fit}")


def _take_table(guess: Guess, each: Held, boxes: Boxes) -> None:
    """A row of numbers an object."""
    columns = [boxes.columns.format(_COLUMNS[order]) for order in boxes.orders]
    width = len(columns[0].split())
    number_size = 8 if boxes.row_type.endswith("64") else 4
    guess.settle_objects((each.values if each.is_number else each.size // number_size) // width, boxes.counts)
    guess.take(BOXES, {"rows": each})
    if boxes.row_type not in ("", "float32"):
        guess.roles["row_type"] = boxes.row_type
    guess.roles["row_columns"] = columns[0]
    also = f": {' or '.join(map(repr, columns[1:]))} would fit, too" if columns[1:] else ""
    said = f"{shortened(each.key)} looks like a table of {width} columns, of which nothing says what they are{also}"
    guess.unclear.append(said)


def look_at(examples: Sequence[Example], schema: Schema | None, keys: Collection[str]) -> Suspects:
    """What records show of these keys together. schema: how they are read; None where they follow none."""
    schema = schema or _of_image(examples)
    counts = {key: tuple(example.count(key) for example in examples) for key in sorted(keys)}
    objects = _objects(examples, schema)
    boxes = {} if objects else dict(boxes_by_key(examples, schema, counts))
    return Suspects(counts=counts, objects=objects, boxes=boxes)


def _of_image(examples: Sequence[Example]) -> Schema:
    """A schema for the size of images alone: the first key that holds one."""
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


def find_suspects(
    schema: Schema, examples: Sequence[Example], keys: Sequence[str], wanted: Sequence[Collection[str]], *, pixel: bool
) -> Suspects:
    """Which of these keys hold content that the first records lack.

    wanted: the content that each of them lacks. pixel: whether boxes are pixels, where there are any.
    """
    suspects = look_at(examples, schema, keys)
    found: set[str] = set()
    for place, (example, contents) in enumerate(zip(examples, wanted, strict=True)):
        objects = suspects.objects[place] if suspects.objects else 0
        guess = guess_roles(example, schema, contents, objects, suspects, pixel=pixel if objects else None)
        found.update(key for kinds in guess.found.values() for key in kinds)
    return suspects._replace(cleared=frozenset(keys) - found)
