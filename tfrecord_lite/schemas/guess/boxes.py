"""Keys that nothing reads -> boxes: by the names of their sides, else by what lists, arrays and JSON hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tfrecord_lite.errors import shortened
from tfrecord_lite.schemas.detect.suspects import Boxes
from tfrecord_lite.schemas.detect.words import BOX, BOXES, PREDICTED, side_of
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.guess.lists import look_at

_SIDES = (
    {"xmin": "xmin", "ymin": "ymin", "xmax": "xmax", "ymax": "ymax"},
    {"xmin": "x0", "ymin": "y0", "xmax": "x1", "ymax": "y1"},
    {"xmin": "x1", "ymin": "y1", "xmax": "x2", "ymax": "y2"},
    {"xcenter": "xcenter", "ycenter": "ycenter", "box_width": "width", "box_height": "height"},
    {"xmin": "xmin", "ymin": "ymin", "box_width": "width", "box_height": "height"},
    {"xmin": "x", "ymin": "y", "box_width": "width", "box_height": "height"},
)
"""What four keys of one group can be a box by: the role of each, and what its name says."""
_IN_JSON = (b'"bbox', b'"box', b'"xmin', b'"x_min', b'"rect')
_LONGEST_LOOK = 4096  # bytes of a text
_MOST_NEW = 40  # keys that no record had before, and that are looked into by their values
_COLUMNS = {
    "xyxy": "xmin ymin xmax ymax",
    "yxyx": "ymin xmin ymax xmax",
    "xywh": "xmin ymin box_width box_height",
    "cxcywh": "xcenter ycenter box_width box_height",
}


def guess_boxes(guess: Guess) -> None:
    """Four keys of one group, else one list or array of all; what a model predicted comes last."""
    counts, known = guess.suspects.counts, guess.suspects.boxes
    if sides := _sides(guess.left):
        first = sides.get("xmin") or sides["xcenter"]
        guess.settle_objects(first.values, counts.get(first.key, ()))
        guess.pixel = first.are_pixels
        guess.take(BOXES, sides)
        return
    if any(each.is_number and each.key not in counts for each in guess.left):  # none of the first records had it
        alone = look_at([guess.example], guess.schema, [each.key for each in guess.left[:_MOST_NEW]])
        known = {**{key: boxes for key, boxes in alone.boxes.items() if key not in counts}, **known}
    found = [(each, known[each.key]) for each in guess.left if each.key in known]
    found.sort(key=lambda item: (bool(item[1].columns), item[0].is_predicted, not item[0].ends_in(BOX)))
    if not found:
        if each := next(filter(_holds_json, guess.left), None):
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


def _sides(keys: Iterable[Held]) -> dict[str, Held]:
    """Four keys of one group that are a box, as roles; none where there are none. What a model predicted comes last."""
    groups: dict[tuple[str, ...], dict[str, Held]] = defaultdict(dict)
    for each in keys:
        if each.is_number and (found := side_of(each.words)):
            groups[found[1]].setdefault(found[0], each)
    ordered = sorted(groups, key=lambda words: not PREDICTED.isdisjoint(words))
    for form in _SIDES:
        for sides in (groups[words] for words in ordered):
            roles = {role: sides[side] for role, side in form.items() if side in sides}
            if len(roles) == 4 and len({(each.values, each.kind) for each in roles.values()}) == 1:
                return roles
    return {}


def _holds_json(each: Held) -> bool:
    """Whether a key holds a JSON text with the names of boxes in it."""
    if each.kind != "bytes" or each.values != 1 or each.head[:1] not in (b"[", b"{"):
        return False
    start = bytes(each.example.buffers(each.key)[0][:_LONGEST_LOOK])
    return any(word in start for word in _IN_JSON)
