"""Keys that nothing reads -> the sides of boxes, by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tfrecord_lite.example.example import Example
from tfrecord_lite.schemas.held import Held
from tfrecord_lite.schemas.words import PREDICTED, side_of

_FORMS = (
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


def side_roles(keys: Iterable[Held]) -> dict[str, Held]:
    """Four keys of one group that are a box, as roles; none where there are none. What a model predicted comes last."""
    groups: dict[tuple[str, ...], dict[str, Held]] = defaultdict(dict)
    for each in keys:
        if found := side_of(each.words):
            groups[found[1]].setdefault(found[0], each)
    ordered = sorted(groups, key=lambda words: not PREDICTED.isdisjoint(words))
    for form in _FORMS:
        for sides in (groups[words] for words in ordered):
            roles = {role: sides[side] for role, side in form.items() if side in sides}
            if len(roles) == 4 and len({(each.values, each.kind) for each in roles.values()}) == 1:
                return roles
    return {}


def holds_json_boxes(example: Example, each: Held) -> bool:
    """Whether a key holds a JSON text with the names of boxes in it."""
    if not each.is_json:
        return False
    start = bytes(example.buffers(each.key)[0][:_LONGEST_LOOK])
    return any(word in start for word in _IN_JSON)
