"""The objects of an image in two datasets -> which is which, and what differs.

Their order says nothing. An object is taken for one of the same class and box, else for the nearest one of its class
that it overlaps, else for one of another class in the same place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from tfrecord_lite.comparison.description import GIVEN, OF_BOX
from tfrecord_lite.comparison.image import Compared, Object
from tfrecord_lite.comparison.result import Difference
from tfrecord_lite.comparison.values import (
    Outline,
    differing_pixels,
    near,
    pixel_tolerance,
    runs_of,
    same_number,
    same_outline,
    same_value,
    shown,
    shown_numbers,
)
from tfrecord_lite.errors import counted, shortened

_SAME_PLACE = 0.5  # of what two boxes cover, that they share, for one object to have two classes
_OVERLAP = 0.1  # likewise, to be the same object of one class
_NEIGHBOURS = 64  # boxes to the left and to the right, among which the nearest is looked for
_MOST_CANDIDATES = 100_000  # pairs that are looked at for one image, more or less

Pairs = list[tuple[Object, Object]]


def object_differences(a: Compared, b: Compared, *, ids: bool) -> Iterator[Difference]:
    """What differs between the objects of an image. ids: whether their ids count."""
    pairs, lacking, extra = pair_objects(a.objects, b.objects, pixel_tolerance(a.width, a.height))
    for one, other in pairs:
        yield from _differences(a, b, one, other, ids=ids)
    for objects, in_b in ((lacking, True), (extra, False)):
        yield from (Difference.lacking("object", title(obj), in_b=in_b) for obj in objects)


def title(obj: Object) -> str:
    """An object in words."""
    return f"{shortened(obj.name)} at {shown_numbers(obj.box)}"


# ---------------------------------------------------------------------------------------------- pairing
def pair_objects(
    a: Sequence[Object], b: Sequence[Object], tolerance: float
) -> tuple[Pairs, list[Object], list[Object]]:
    """Pairs of objects; and the objects of either side that are in none.

    tolerance: of coordinates, in pixels.
    """
    pairs: Pairs = []
    for key in (_order, _by_box):
        a, b = _pair_equal(a, b, key, pairs)
    for least, by_class in ((-1.0, True), (_OVERLAP, True), (_SAME_PLACE, False)):
        if a and b:
            a, b = _pair_near(a, b, least, tolerance, pairs, by_class=by_class)
    pairs.sort(key=lambda pair: (pair[0].name, tuple(pair[0].box)))
    return pairs, sorted(a, key=_order), sorted(b, key=_order)


def _order(obj: Object) -> tuple[object, ...]:
    """All that copies have in common. Lists are sorted by it, whatever the order of the dataset is."""
    keypoints = () if obj.keypoints is None else tuple(obj.keypoints)
    attributes = repr(sorted(obj.attributes.items(), key=repr))
    return *_by_box(obj), obj.area, keypoints, attributes, obj.mask or ""


def _by_box(obj: Object) -> tuple[object, ...]:
    """Class and box, in hundredths of a pixel."""
    return obj.name, tuple(round(value * 100) for value in obj.box), obj.crowd


def _pair_equal(
    a: Sequence[Object], b: Sequence[Object], key: Callable[[Object], object], pairs: Pairs
) -> tuple[list[Object], list[Object]]:
    """Pairs objects with equal keys. Returns what is left."""
    waiting: dict[object, list[Object]] = {}
    for obj in sorted(b, key=_order, reverse=True):
        waiting.setdefault(key(obj), []).append(obj)
    left = []
    for obj in sorted(a, key=_order):
        if found := waiting.get(key(obj)):
            pairs.append((obj, found.pop()))
        else:
            left.append(obj)
    return left, list(chain.from_iterable(waiting.values()))


def _pair_near(
    a: Sequence[Object], b: Sequence[Object], least: float, tolerance: float, pairs: Pairs, *, by_class: bool
) -> tuple[list[Object], list[Object]]:
    """Pairs objects by what their boxes share, the most alike first. Returns what is left.

    least: what they share at least; below 0 for boxes that are the same within the tolerance.
    """
    groups: dict[str, list[Object]] = {}
    for obj in b:
        groups.setdefault(obj.name if by_class else "", []).append(obj)
    for group in groups.values():
        group.sort(key=lambda obj: obj.box[0])
    found: list[tuple[float, int, tuple[object, ...], tuple[object, ...], Object, Object]] = []
    reach = max(2, min(_NEIGHBOURS, _MOST_CANDIDATES // len(a)))
    for one in a:
        group = groups.get(one.name if by_class else "", [])
        middle = bisect_left(group, one.box[0], key=lambda obj: obj.box[0])
        for other in group[max(0, middle - reach) : middle + reach]:
            shared = _shared(one.box, other.box)
            if shared >= least if least >= 0 else near(one.box, other.box, tolerance):
                unlike = _unlikeness(one, other)
                found.append((-shared, unlike, _order(one), _order(other), one, other))
    found.sort(key=lambda each: each[:4])
    taken: set[int] = set()
    for *_, one, other in found:
        if id(one) not in taken and id(other) not in taken:
            taken |= {id(one), id(other)}
            pairs.append((one, other))
    return [obj for obj in a if id(obj) not in taken], [obj for obj in b if id(obj) not in taken]


def _unlikeness(a: Object, b: Object) -> int:
    """How unlike two objects are that share a box: roughly the number of fields that differ."""
    return (
        (a.crowd != b.crowd)
        + (a.mask != b.mask)
        + (not same_number(a.area, b.area))
        + (a.keypoints != b.keypoints)
        + (not same_value(dict(a.attributes), dict(b.attributes)))
    )


def _shared(a: Sequence[float], b: Sequence[float]) -> float:
    """What two boxes share of what both cover together: intersection over union."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 1.0 if list(a) == list(b) else 0.0
    both = width * height
    return both / (a[2] * a[3] + b[2] * b[3] - both)


# ---------------------------------------------------------------------------------------------- one object
def _differences(a: Compared, b: Compared, one: Object, other: Object, *, ids: bool) -> Iterator[Difference]:
    """What differs between two objects that are taken for one."""
    named = title(one)
    tolerance = pixel_tolerance(a.width, a.height)
    if one.name != other.name:
        yield Difference("class", named, shortened(one.name), shortened(other.name))
    if not near(one.box, other.box, tolerance):
        yield Difference("box", named, shown_numbers(one.box), shown_numbers(other.box))
    if one.crowd != other.crowd:
        yield Difference("crowd", named, str(int(one.crowd)), str(int(other.crowd)))
    if not _same_area(one, other, tolerance):
        yield Difference("area", named, shown(one.area), shown(other.area))
    if one.mask != other.mask:
        yield from _mask_difference(a, b, one, other)
    if (texts := _unlike_keypoints(one.keypoints, other.keypoints, tolerance)) is not None:
        yield Difference("keypoints", named, *texts)
    if not same_value(one.dense_pose, other.dense_pose):
        yield Difference("dense-pose", named, *(_points(each.dense_pose) for each in (one, other)))
    yield from attribute_differences("attribute", named, one.attributes, other.attributes)
    if ids and one.category != other.category and one.name == other.name:
        yield Difference("id", named, f"category {one.category}", f"category {other.category}")
    if ids and one.number != other.number and None not in (one.number, other.number):
        yield Difference("id", named, f"annotation {shown(one.number)}", f"annotation {shown(other.number)}")


def attribute_differences(
    kind: str, named: str, a: Mapping[str, object], b: Mapping[str, object]
) -> Iterator[Difference]:
    """What differs between what else is said of two objects or images."""
    for key in sorted(a.keys() | b.keys()):
        if not same_value(a.get(key), b.get(key)):
            name = shortened(key)
            yield Difference(kind, named, f"{name}: {shown(a.get(key))}", f"{name}: {shown(b.get(key))}")


def _same_area(a: Object, b: Object, tolerance: float) -> bool:
    """Whether areas are the same. One that follows from a box is as exact as its sides are."""
    sources = (a.area_from, b.area_from)
    if GIVEN not in sources:
        return True  # box or mask say it all
    slack = tolerance * (a.box[2] + a.box[3] + tolerance) if OF_BOX in sources else 0.0
    return same_number(a.area, b.area, slack)


def _mask_difference(a: Compared, b: Compared, one: Object, other: Object) -> Iterator[Difference]:
    """The difference of two masks, if there is one: they may be written otherwise and have the same pixels."""
    outlines = a.outline_of(one), b.outline_of(other)
    if same_outline(*outlines, pixel_tolerance(a.width, a.height)):
        return
    here, there = (
        None if outline is None else runs_of(outline, image.height, image.width, image.columns)
        for outline, image in zip(outlines, (a, b), strict=True)
    )
    drawn = [runs is not None or outline is None for runs, outline in zip((here, there), outlines, strict=True)]
    if all(drawn) and not sum((here or [])[1::2]) and not sum((there or [])[1::2]):
        return  # a mask without any pixel says no more than none
    if not all(drawn) or (a.width, a.height) != (b.width, b.height):
        yield Difference("mask", title(one), _pixels(outlines[0], here), _pixels(outlines[1], there))
        return
    count = differing_pixels(here or [], there or [])
    if count:
        texts = _pixels(outlines[0], here), f"{_pixels(outlines[1], there)}, {count:,} differ"
        yield Difference("mask", title(one), *texts)


def _pixels(outline: Outline | None, runs: Sequence[int] | None) -> str:
    """A mask in words."""
    if outline is None:
        return "none"
    return "polygons that cannot be drawn" if runs is None else counted(sum(runs[1::2]), "pixel")


def _unlike_keypoints(a: Sequence[float] | None, b: Sequence[float] | None, tolerance: float) -> tuple[str, str] | None:
    """The first keypoint that differs, as both have it; None where none does.

    What is not labelled has no place, and where nothing is, nothing is said.
    """
    if not any((a or ())[2::3]) and not any((b or ())[2::3]):
        return None
    if a is None or b is None or len(a) != len(b):
        here, there = ("none" if each is None else counted(len(each) // 3, "keypoint") for each in (a, b))
        return here, there
    for place in range(0, len(a), 3):
        one, other = a[place : place + 3], b[place : place + 3]
        if one[2] != other[2] or (one[2] and not near(one[:2], other[:2], tolerance)):
            number = f"number {place // 3 + 1} at"
            return f"{number} {shown_numbers(one)}", f"{number} {shown_numbers(other)}"
    return None


def _points(pose: Mapping[str, Sequence[float]] | None) -> str:
    """DensePose in words."""
    return "none" if pose is None else counted(len(next(iter(pose.values()))), "point")
