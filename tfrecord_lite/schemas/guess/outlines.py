"""Keys that nothing reads -> keypoints and masks: which roles they probably play, by the values of one record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tfrecord_lite.errors import DataError
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.rle import decompress
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION
from tfrecord_lite.schemas.detect.words import CLASS, KEYPOINTS, MASK, MASKS, POINT, SCORE
from tfrecord_lite.schemas.guess.guess import Guess
from tfrecord_lite.schemas.guess.held import Held
from tfrecord_lite.schemas.read.arrays import are_masks, array_bytes, is_array

_POINT_PARTS = {"x": "keypoint_x", "y": "keypoint_y", "v": "keypoint_visibility", "visibility": "keypoint_visibility"}
_MOST_VALUES = 3  # of bytes of masks: zeros and one or two others, for any type of number
_POINT_PLACES = ("x", "y")
_LEAST_CORNERS = 3
_POLYGON = frozenset({"contour", "contours", "polygon", "polygons"})
_LONGEST_RUNS = 1 << 16  # bytes of run lengths that are tried
Roles = dict[str, Held]
Size = tuple[int, int]


def guess_keypoints(guess: Guess) -> None:
    """A key for x, one for y; else pairs or triples in one list. None that are in another unit than the boxes."""
    if roles := _keypoint_roles(guess):
        guess.take(KEYPOINTS, roles)
        return
    named = [
        each for each in guess.left if each.is_number and not POINT.isdisjoint(each.words) and guess.per_object(each)
    ]
    for each in named:
        is_list = each.words[-1] in POINT and guess.per_object(each) > 1  # a single number is a class of poses
        if (is_list or each.words[-1] in _POINT_PLACES) and not _is_unit(each, guess):
            units = ("pixels", "fractions")[:: 1 if guess.pixel else -1]
            guess.tell(KEYPOINTS, each, f"is in {units[1]} and the boxes in {units[0]}, which no option reads")


def guess_masks(guess: Guess) -> None:
    """One mask an object: images, run lengths, arrays or polygons; without objects a label image."""
    roles = _mask_roles(guess)
    if (label := roles.get("semantic")) and max(guess.suspects.counts.get(label.key, (1,))) > 1:
        guess.tell(MASKS, label, "has several in a record without boxes, which no option reads")
    elif roles:
        guess.take(MASKS, roles)
    elif (unread := _unread_polygons(guess) or _unread_label_image(guess)) is not None:
        guess.tell(MASKS, *unread)


def _keypoint_roles(guess: Guess) -> Roles:
    groups: dict[tuple[str, ...], Roles] = defaultdict(dict)
    for each in guess.left:
        if each.is_number and each.words[-1:] and each.words[-1] in _POINT_PARTS:
            groups[each.words[:-1]][_POINT_PARTS[each.words[-1]]] = each
    for words, parts in groups.items():
        if {"keypoint_x", "keypoint_y"} <= parts.keys() and len({each.values for each in parts.values()}) == 1:
            per = guess.per_object(parts["keypoint_x"])
            named = not POINT.isdisjoint(words) and (per > 0 or not guess.objects)
            if (named or per > 1) and _is_unit(parts["keypoint_x"], guess):
                return parts
    for each in guess.left:
        if each.is_number and not each.ends_in(SCORE) and (role := _role_of_points(each, guess)):
            return {role: each}
    return {}


def _role_of_points(each: Held, guess: Guess) -> str:
    """The role of a list of keypoints; empty for any other list."""
    named = each.ends_in(POINT)
    per = guess.per_object(each) if guess.objects or not named else each.values  # without boxes: of one object
    if not per:
        return ""
    values = each.numbers
    seen = {*values[2::3]}
    if per % 3 == 0 and seen <= {0, 1, 2}:
        points = [value for place, value in enumerate(values) if place % 3 < 2]
        in_image = max(points) > LARGEST_FRACTION and _are_inside(points, guess.image_size)
        if named or (per > 3 and 2 in seen and in_image):
            return "keypoint_triples"
    return "keypoint_pairs" if named and per % 2 == 0 and _is_unit(each, guess) else ""


def _is_unit(each: Held, guess: Guess) -> bool:
    """Whether coordinates have the unit of the boxes."""
    return guess.pixel in (None, each.are_pixels)


def _mask_roles(guess: Guess) -> Roles:
    size = guess.image_size
    pixels = size[0] * size[1] if size else 0
    for each in guess.left:
        if each.ends_in(MASK) and (role := _role_of_mask(each, pixels, guess.objects)):
            return {role: each}
    if not guess.objects:
        labels = (each for each in guess.left if each.ends_in(CLASS) and _is_label_image(each, size))
        return {"semantic": label} if (label := next(labels, None)) else {}
    if size is None:
        return _polygons(guess, None)
    ways = (_images, _arrays, _run_lengths, _polygons)
    return next((roles for way in ways if (roles := way(guess, size))), {})


def _role_of_mask(each: Held, pixels: int, count: int) -> str:
    """The role of a key that is called a mask; empty if it cannot be one. pixels: of the image, 0 if unknown."""
    is_single = each.kind == "bytes" and each.values == 1
    is_raw = is_single and pixels > 0 and each.size > 0 and each.size % (pixels * max(1, count)) == 0
    if not count:
        return "semantic" if is_single and (each.is_image or is_raw) else ""
    if each.values == (count if each.is_image else count * pixels) and each.kind in ("bytes", "float"):
        return "mask"
    return "mask_bytes" if is_raw else ""


def _is_label_image(each: Held, size: Size | None) -> bool:
    """Whether a single value is a second image of the same size, or an array with a number for each pixel."""
    if size is None or each.kind != "bytes" or each.values != 1:
        return False
    if each.is_image:
        return _size_of(each) == size
    return is_array(array_bytes(each.example.buffers(each.key)[0]), size[0] * size[1])


def _size_of(each: Held) -> Size | None:
    """Width and height of the first image under a key."""
    try:
        info = read_image_info(each.example.buffers(each.key)[0], each.example.where, each.key)
    except DataError:
        return None
    return info.width, info.height


def _images(guess: Guess, size: Size) -> Roles:
    """An image for each object, as large as that of the record, whatever its key is called."""
    for each in guess.left:
        may_be = each.is_image and guess.per_object(each) == 1 and (guess.objects > 1 or each.ends_in(MASK))
        if may_be and _size_of(each) == size:
            return {"mask": each}
    return {}


def _arrays(guess: Guess, size: Size) -> Roles:
    """As many numbers an object as the image has pixels, 0 and one other: in bytes, or in a list of floats."""
    pixels = size[0] * size[1]
    for each in guess.left:
        if each.is_text or each.is_image:
            continue
        if each.kind == "float":
            if each.values == guess.objects * pixels and set(guess.example.float_view(each.key)) <= {0.0, 1.0}:
                return {"mask": each}
        elif each.kind == "bytes" and (each.values == 1 or guess.per_object(each) == 1):
            blobs = [array_bytes(blob) for blob in guess.example.buffers(each.key)]
            numbers = pixels * (guess.objects if each.values == 1 else 1)
            if all(are_masks(blob, numbers) and len(set(bytes(blob))) <= _MOST_VALUES for blob in blobs):
                return {"mask_bytes" if each.values == 1 else "mask": each}
    return {}


def _run_lengths(guess: Guess, size: Size) -> Roles:
    """A text an object that counts as many pixels as the image has; its size, where a key has that."""
    width, height = size
    for each in guess.left:
        if each.kind != "bytes" or guess.per_object(each) != 1 or each.size > _LONGEST_RUNS:
            continue
        try:
            counts = [decompress(text.decode("ascii")) for text in guess.example.blobs(each.key)]
        except ValueError:
            continue
        if all(sum(runs) == width * height for runs in counts):
            sizes = [
                other
                for other in guess.left
                if other.kind == "int64" and guess.per_object(other) == 2
                if other.numbers == [height, width] * guess.objects
            ]
            return {"rle_counts": each} | ({"rle_size": sizes[0]} if sizes else {})
    return {}


def _polygons(guess: Guess, size: Size | None) -> Roles:
    """A list of corners in pixels, and one that says where those of each object end, or how many values they have."""
    for each, ends in _cut_lists(guess):
        values = each.numbers
        if max(values) > LARGEST_FRACTION and _are_inside(values, size):
            return {"polygon": each, "polygon_ends": ends}
    return {}


def _unread_polygons(guess: Guess) -> tuple[Held, str] | None:
    """A list of polygons by its name or values, and why no option reads it."""
    for each, _ in _cut_lists(guess) if guess.objects else ():
        if each.kind == "float" and all(0 <= value <= 1 for value in each.numbers):
            return each, "has polygons as fractions of the image, and options read pixels"
    for each in guess.left:
        if each.is_number and not _POLYGON.isdisjoint(each.words[-1:]) and each.values >= 2 * _LEAST_CORNERS:
            if guess.objects:
                return each, "holds polygons, and no key says where those of each object end, which options need"
            return each, "holds polygons in records without boxes, which no option reads"
    return None


def _unread_label_image(guess: Guess) -> tuple[Held, str] | None:
    """A list with a number for each pixel, which is called a class or a mask."""
    size = guess.image_size if not guess.objects else None
    for each in guess.left if size else ():
        if each.kind == "int64" and each.ends_in(CLASS, MASK) and size and each.values == size[0] * size[1]:
            return each, "has a number for each pixel, and options read label images from bytes only"
    return None


def _cut_lists(guess: Guess) -> Iterator[tuple[Held, Held]]:
    """Lists of numbers, each with one that says where the values of each object end, or how many they are."""
    for ends in guess.left:
        if ends.kind != "int64" or ends.values not in (guess.objects, guess.objects + 1):
            continue
        numbers = ends.numbers
        if ends.values == guess.objects:
            total, least = sum(numbers), min(numbers)
        else:
            total, least = numbers[-1], min(b - a for a, b in pairwise(numbers))
            if numbers[0] != 0:
                continue
        if least < _LEAST_CORNERS:
            continue
        for each in guess.left:
            is_split = each.values == total or (ends.values == guess.objects and each.values == 2 * total)
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
