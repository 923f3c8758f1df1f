"""Keys that nothing reads -> keypoints and masks: which roles they probably play, by the values of one record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tfrecord_lite.errors import DataError
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.rle import decompress
from tfrecord_lite.schemas.held import Held
from tfrecord_lite.schemas.read.arrays import are_masks, array_bytes
from tfrecord_lite.schemas.words import MASK, POINT, SCORE

_POINT_PARTS = {"x": "keypoint_x", "y": "keypoint_y", "v": "keypoint_visibility", "visibility": "keypoint_visibility"}
_MOST_VALUES = 3
_POINT_PLACES = ("x", "y")
_LEAST_CORNERS = 3
_POLYGON = frozenset({"contour", "contours", "polygon", "polygons"})
_LARGEST_FRACTION = 2.0  # a larger coordinate is one of pixels
_LONGEST_RUNS = 1 << 16  # bytes of run lengths that are tried
Roles = dict[str, Held]


class Objects(NamedTuple):
    """What is known of the objects of a record.

    number: of them; pixel: whether their boxes are pixels, None where that is open.
    size: width and height of the image, None where they are not known.
    agrees: whether a key has so many values an object in the other records, too.
    """

    number: int
    pixel: bool | None
    size: tuple[int, int] | None
    agrees: Callable[[str, int], bool]

    def per_object(self, each: Held) -> int:
        """How many values of a key belong to one object; 0 where their number does not fit."""
        if not self.number or each.values % self.number:
            return 0
        per = each.values // self.number
        return per if self.agrees(each.key, per) else 0


def keypoint_roles(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """A key for x, one for y; else pairs or triples in one list. None that are in another unit than the boxes."""
    groups: dict[tuple[str, ...], Roles] = defaultdict(dict)
    for each in left:
        if each.is_number and each.words[-1:] and each.words[-1] in _POINT_PARTS:
            groups[each.words[:-1]][_POINT_PARTS[each.words[-1]]] = each
    for words, parts in groups.items():
        if {"keypoint_x", "keypoint_y"} <= parts.keys() and len({each.values for each in parts.values()}) == 1:
            per = objects.per_object(parts["keypoint_x"])
            named = not POINT.isdisjoint(words) and (per > 0 or not objects.number)
            if (named or per > 1) and _is_unit(example, parts["keypoint_x"], objects):
                return parts
    for each in left:
        if each.is_number and not each.ends_in(SCORE) and (role := _role_of_points(example, each, objects)):
            return {role: each}
    return {}


def _role_of_points(example: Example, each: Held, objects: Objects) -> str:
    """What a list of numbers can be, if it is one of keypoints; empty where it is none."""
    named = each.ends_in(POINT)
    per = objects.per_object(each) if objects.number or not named else each.values  # without boxes: of one object
    if not per:
        return ""
    values = example.numbers(each.key)
    seen = {*values[2::3]}
    if per % 3 == 0 and seen <= {0, 1, 2}:
        points = [value for place, value in enumerate(values) if place % 3 < 2]
        in_image = max(points) > _LARGEST_FRACTION and _are_inside(points, objects.size)
        if named or (per > 3 and 2 in seen and in_image):
            return "keypoint_triples"
    return "keypoint_pairs" if named and per % 2 == 0 and _is_unit(example, each, objects) else ""


def points_of_another_unit(example: Example, left: Sequence[Held], objects: Objects) -> list[Held]:
    """Keys that are called keypoints, and are pixels where the boxes are fractions, or the reverse."""
    named = [each for each in left if each.is_number and not POINT.isdisjoint(each.words) and objects.per_object(each)]
    named = [each for each in named if each.words[-1] in (*_POINT_PLACES, *POINT)]
    return [each for each in named if not _is_unit(example, each, objects)]


def _is_unit(example: Example, each: Held, objects: Objects) -> bool:
    """Whether coordinates have the unit of the boxes."""
    in_pixels = max(map(abs, example.numbers(each.key))) > _LARGEST_FRACTION
    return objects.pixel in (None, in_pixels)


def mask_roles(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """One mask an object: images, run lengths, arrays or polygons; without objects a label image."""
    pixels = objects.size[0] * objects.size[1] if objects.size else 0
    for each in left:
        if each.ends_in(MASK) and (role := _role_of_mask(each, pixels, objects.number)):
            return {role: each}
    if not objects.number:
        return {}
    ways = (_images, _arrays, _run_lengths, _polygons)
    return next((roles for way in ways if (roles := way(example, left, objects))), {})


def _role_of_mask(each: Held, pixels: int, count: int) -> str:
    """What a key can be that is called a mask; empty where it can be none. pixels: of the image, 0 if unknown."""
    is_single = each.kind == "bytes" and each.values == 1
    is_raw = is_single and pixels > 0 and each.size > 0 and each.size % (pixels * max(1, count)) == 0
    if not count:
        return "semantic" if is_single and (each.is_image or is_raw) else ""
    if each.values == (count if each.is_image else count * pixels) and each.kind in ("bytes", "float"):
        return "mask"
    return "mask_bytes" if is_raw else ""


def _images(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """An image of the size of the picture for each object, whatever its key is called."""
    for each in left:
        if each.is_image and objects.per_object(each) == 1 and (objects.number > 1 or each.ends_in(MASK)):
            try:
                info = read_image_info(example.buffers(each.key)[0], example.where, each.key)
            except DataError:
                continue
            if (info.width, info.height) == objects.size:
                return {"mask": each}
    return {}


def _arrays(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """As many numbers an object as the picture has pixels, 0 and one other: in bytes, or in a list of floats."""
    pixels = objects.size[0] * objects.size[1] if objects.size else 0
    for each in left:
        if not pixels or each.is_text or each.is_image:
            continue
        if each.kind == "float":
            if each.values == objects.number * pixels and set(example.float_view(each.key)) <= {0.0, 1.0}:
                return {"mask": each}
        elif each.kind == "bytes" and (each.values == 1 or objects.per_object(each) == 1):
            blobs = [array_bytes(blob) for blob in example.buffers(each.key)]
            numbers = pixels * (objects.number if each.values == 1 else 1)
            if all(are_masks(blob, numbers) and _are_two(blob) for blob in blobs):
                return {"mask_bytes" if each.values == 1 else "mask": each}
    return {}


def _are_two(data: Buffer) -> bool:
    """Whether bytes are zeros and one or two others, as those of masks of any type of number are."""
    return len(set(bytes(data))) <= _MOST_VALUES


def _run_lengths(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """A text an object that counts as many pixels as the picture has; its size, where a key has that."""
    if objects.size is None:
        return {}
    width, height = objects.size
    for each in left:
        if each.kind != "bytes" or objects.per_object(each) != 1 or each.size > _LONGEST_RUNS:
            continue
        try:
            counts = [decompress(text.decode("ascii")) for text in example.blobs(each.key)]
        except ValueError:
            continue
        if all(sum(runs) == width * height for runs in counts):
            sizes = [
                other
                for other in left
                if other.kind == "int64" and objects.per_object(other) == 2
                if example.ints(other.key) == [height, width] * objects.number
            ]
            return {"rle_counts": each} | ({"rle_size": sizes[0]} if sizes else {})
    return {}


def _polygons(example: Example, left: Sequence[Held], objects: Objects) -> Roles:
    """A list of corners in pixels, and one that says where those of each object end, or how many values they have."""
    for each, ends in _cut_lists(example, left, objects):
        values = example.numbers(each.key)
        if max(values) > _LARGEST_FRACTION and _are_inside(values, objects.size):
            return {"polygon": each, "polygon_ends": ends}
    return {}


def polygons_of_no_option(example: Example, left: Sequence[Held], objects: Objects) -> list[tuple[Held, str]]:
    """Lists that are polygons by their name or values, and why no option reads them."""
    if not objects.number:
        named = [each for each in left if each.is_number and not _POLYGON.isdisjoint(each.words[-1:])]
        lists = [each for each in named if each.values >= 2 * _LEAST_CORNERS]
        return [(each, "holds polygons in records without boxes, which no option reads") for each in lists]
    floats = [each for each, _ in _cut_lists(example, left, objects) if each.kind == "float"]
    fractions = [each for each in floats if all(0 <= value <= 1 for value in example.floats(each.key))]
    return [(each, "has polygons as fractions of the image, and options read pixels") for each in fractions]


def _cut_lists(example: Example, left: Sequence[Held], objects: Objects) -> Iterator[tuple[Held, Held]]:
    """Lists of numbers, each with one that says where the values of each object end, or how many they are."""
    for ends in left:
        if ends.kind != "int64" or ends.values not in (objects.number, objects.number + 1):
            continue
        numbers = example.ints(ends.key)
        if ends.values == objects.number:
            total, least = sum(numbers), min(numbers)
        else:
            total, least = numbers[-1], min(b - a for a, b in pairwise(numbers))
            if numbers[0] != 0:
                continue
        if least < _LEAST_CORNERS:
            continue
        for each in left:
            is_split = each.values == total or (ends.values == objects.number and each.values == 2 * total)
            if each.is_number and each is not ends and is_split:
                yield each, ends


def _are_inside(values: Sequence[float], size: tuple[int, int] | None) -> bool:
    """Whether x, y, x, y, ... are in the image. -2 and -1 part and end polygons."""
    if size is None:
        return min(values) >= -2
    return all(
        -2 <= value <= side * 1.05
        for side, axis in zip(size, (values[::2], values[1::2]), strict=True)
        for value in axis
    )
