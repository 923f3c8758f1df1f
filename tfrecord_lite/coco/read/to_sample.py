"""The entries of a COCO file about one image -> a Sample: the inverse of ``entries``, field by field.

An object that cannot be drawn or written is refused with a reason, as when records are read: a box without four
finite numbers, a segmentation that does not fit the image, half a keypoint. Fields that COCO does not define become
attributes of the object and metadata of the image.

Source: cocodataset.org/#format-data; pycocotools common/maskApi.c for run lengths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from tfrecord_lite.budgets import MASK_RUNS, OBJECTS, POINTS, VALUES
from tfrecord_lite.errors import FeatureError, Location, quoted
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.masks.mask import Mask, union
from tfrecord_lite.masks.rle import decompress, without_zeros
from tfrecord_lite.sample import Box, Finding, Image, Object, Objects, Panoptic, Sample, Segment, Value

Entry = Mapping[str, Any]
"""An image, an annotation or a category of a COCO file."""

_LARGEST_SIDE = 1 << 31  # pixels
_LARGEST_NUMBER = 1e300  # more is no coordinate; NaN and infinity are not below it either
_MOST_PIXELS = 2**32 - 1  # of a mask: readers keep run lengths as 32-bit numbers
_OF_IMAGE = frozenset({"id", "width", "height", "file_name", "source_id"})
_OF_OBJECT = frozenset(
    {
        "id",
        "image_id",
        "category_id",
        "bbox",
        "area",
        "iscrowd",
        "segmentation",
        "keypoints",
        "num_keypoints",
        "attributes",
        "caption",
        "segments_info",
        "file_name",
    }
)
_Identity = tuple[int | str | None, int, tuple[float, ...]]
_DENSE_POSE = ("dp_I", "dp_x", "dp_y", "dp_U", "dp_V")


class Names(NamedTuple):
    """What the categories of a COCO file are called.

    names: by id. keypoints: the names of an object's keypoints, by the id of its category, where it has some.
    """

    names: Mapping[int, str]
    keypoints: Mapping[int, tuple[str, ...]]


class _FaultError(Exception):
    """An object that cannot be read; the arguments are the field at fault, and why."""


def names_of_file(image: Entry) -> tuple[str, ...]:
    """Names that the file of an image may have: its own; of LVIS images, which have an address, the end of that.

    With one it comes second: ``train2017/000000391895.jpg``. Likewise a path that Windows wrote, with slashes.
    """
    name, address = image.get("file_name"), image.get("coco_url")
    if name is not None:
        return tuple(dict.fromkeys((str(name), str(name).replace("\\", "/"))))
    if not isinstance(address, str):
        return ()
    parts = address.split("/")[-2:]
    return parts[-1], "/".join(parts)


def names_of(categories: Iterable[Entry]) -> Names:
    """The names of categories; anything else is skipped."""
    sound = [entry for entry in categories if type(entry.get("id")) is int]
    lists = {entry["id"]: entry.get("keypoints") for entry in sound if "keypoints" in entry}
    keypoints = {number: tuple(map(str, names)) for number, names in lists.items() if isinstance(names, list) and names}
    return Names({entry["id"]: str(entry.get("name", entry["id"])) for entry in sound}, keypoints)


def to_sample(
    image: Entry,
    annotations: Mapping[str, Sequence[Entry]],
    names: Names,
    where: Location,
    data: Buffer | None = None,
    png: bytes | None = None,
) -> Sample:
    """The sample of one image.

    Args:
        image: its entry.
        annotations: its annotations, by task.
        names: what the categories of its objects are called.
        where: the place of the image in its file, for messages.
        data: the bytes of its file, which then give its size; None where it is not there.
        png: those of the PNG of its segments; None where that is not there.

    Raises:
        FeatureError: it has no size, or too many annotations; or the bytes are no image.
    """
    for task, entries in annotations.items():
        if len(entries) > OBJECTS:
            problem = f"{len(entries):,} of {task} for one image, the budget of a record is {OBJECTS:,}"
            raise FeatureError(where, "annotations", problem)
    findings: list[Finding] = []
    refused: list[FeatureError] = []
    read = _image(image, data, where, findings)
    objects: list[Object] = []
    keypoint_names: tuple[str, ...] = ()
    for entry in object_entries(annotations):
        try:
            obj = _object(entry, read, names)
            _check_crowd(entry, where, findings)
            if obj.area is None and entry.get("area") is not None:
                text = f"an area of {quoted(str(entry['area']))}: that of mask or box counts"
                findings.append(Finding("area-implausible", where, text))
        except _FaultError as fault:
            field, problem = fault.args
            refused.append(FeatureError(where, field, f"of annotation {quoted(str(entry.get('id')))} {problem}"))
        else:
            objects.append(obj)
            keypoint_names = keypoint_names or names.keypoints.get(entry["category_id"], ())
    stuff = _stuff(annotations.get("stuff", ()), read, where, refused)
    panoptic = None
    if png is not None and annotations.get("panoptic"):
        panoptic = _panoptic(annotations["panoptic"][0], png, where, findings, refused)
    columns = Objects.of(objects)
    return Sample(
        where,
        b"",
        read,
        columns,
        tuple(refused),
        tuple(findings),
        (),
        keypoint_names if columns.keypoints is not None else (),
        tuple(str(entry.get("caption", "")) for entry in annotations.get("captions", ())),
        stuff,
        panoptic,
    )


def object_entries(annotations: Mapping[str, Sequence[Entry]]) -> list[Entry]:
    """The annotations of an image that are objects, in the order of its sample."""
    return _united(annotations.get("instances", ()), annotations.get("person_keypoints", ()))


def _united(objects: Iterable[Entry], keypoints: Iterable[Entry]) -> list[Entry]:
    """Objects with what a keypoints file says of them, then those that only this file has.

    The same have an equal category and box, and an equal id where the keypoints file gives one: files may be numbered
    independently of each other.
    """
    more = dict(enumerate(keypoints))
    numbers: dict[_Identity | None, list[int]] = {}
    for number, entry in reversed(more.items()):
        numbers.setdefault(_identity(entry), []).append(number)
    united = []
    for entry in objects:
        same = None
        if more and (identity := _identity(entry)):
            same = numbers.get(identity) or numbers.get((None, *identity[1:]))
        united.append({**entry, **more.pop(same.pop()), "id": entry.get("id")} if same else entry)
    return [*united, *more.values()]


def _identity(entry: Entry) -> _Identity | None:
    """The id, if there is one, the category and the box of an annotation; None without a category or a box."""
    number, category, box = entry.get("id"), entry.get("category_id"), entry.get("bbox")
    if type(category) is not int or not isinstance(box, list) or len(box) != 4:
        return None
    if not all(isinstance(value, int | float) for value in box):
        return None
    return number if isinstance(number, int | str) else None, category, tuple(box)


def _image(entry: Entry, data: Buffer | None, where: Location, findings: list[Finding]) -> Image:
    """The image. Its size is that of its own bytes, if they are there."""
    width, height = entry.get("width"), entry.get("height")
    size = (int(width), int(height)) if _is_side(width) and _is_side(height) else None
    image_format = None
    if data is not None:
        info = read_image_info(data, where, "file_name")
        image_format, found = info.format, (info.width, info.height)
        if size not in (None, found):
            text = f"the file says {width}x{height} pixels, the image has {found[0]}x{found[1]}"
            findings.append(Finding("size-wrong", where, text))
        size = found
        if not info.complete:
            findings.append(Finding("image-cut", where, f"the {info.format} image ends too early: its end is missing"))
        if info.orientation != 1:
            text = f"EXIF orientation {info.orientation} is not applied, nor do trainers apply it: do boxes fit?"
            findings.append(Finding("exif-orientation", where, text))
    if size is None:
        raise FeatureError(
            where,
            "width",
            f"the size is {quoted(str(width))} by {quoted(str(height))}, expected two numbers of 1 or more",
        )
    source = entry.get("source_id")
    return Image(
        data,
        image_format,
        *size,
        next(iter(names_of_file(entry)), ""),
        None if source is None else str(source),
        {key: value for key, value in entry.items() if key not in _OF_IMAGE and value is not None},
    )


def _object(entry: Entry, image: Image, names: Names) -> Object:
    """An object. Raises _FaultError where it is none."""
    category = _integer(entry, "category_id")
    polygons, mask = _segmentation(entry.get("segmentation"), image)
    area = entry.get("area")
    return Object(
        _box(entry, polygons, mask),
        category,
        names.names.get(category),
        entry.get("iscrowd") == 1,
        float(area) if _is_number(area) and area >= 0 else None,
        _attributes(entry),
        mask,
        polygons,
        _keypoints(entry),
        _dense_pose(entry),
    )


# ---------------------------------------------------------------------------------------------- fields of an object
def _box(entry: Entry, polygons: Sequence[Sequence[float]] | None, mask: Mask | None) -> Box:
    """The box of an object: its own, else that of its mask."""
    box = entry.get("bbox")
    if box in (None, []) and mask is not None:
        x, y, width, height = mask.bbox
        return float(x), float(y), float(width), float(height)
    if box in (None, []) and polygons:
        xs = [x for polygon in polygons for x in polygon[0::2]]
        ys = [y for polygon in polygons for y in polygon[1::2]]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
        raise _FaultError("bbox", f"is {quoted(str(box))}, expected x, y, width and height, all finite")
    x, y, width, height = box
    return x, y, width, height


def _segmentation(value: object, image: Image) -> tuple[list[list[float]] | None, Mask | None]:
    """Polygons or a mask; neither if the object has no segmentation."""
    if value in (None, [], {}):
        return None, None
    if isinstance(value, dict):
        return None, _mask(value, image)
    if not isinstance(value, list) or not all(_is_polygon(polygon) for polygon in value):
        raise _FaultError("segmentation", "is no list of polygons, each of three corners or more, and no run lengths")
    _check_length("segmentation", sum(map(len, value)), VALUES)
    return value, None


def _is_polygon(polygon: object) -> bool:
    """Whether this is three corners or more."""
    return isinstance(polygon, list) and len(polygon) >= 6 and len(polygon) % 2 == 0 and all(map(_is_number, polygon))


def _mask(value: object, image: Image) -> Mask:
    """A mask that is given as run lengths, compressed or not."""
    if not isinstance(value, dict):
        raise _FaultError("segmentation", "is missing, expected run lengths")
    size, counts = value.get("size"), value.get("counts")
    if not isinstance(size, list) or size != [image.height, image.width]:
        raise _FaultError("segmentation", f"is for {quoted(str(size))}, the image has [{image.height}, {image.width}]")
    if isinstance(counts, str):
        try:
            counts = decompress(counts)
        except ValueError as error:
            raise _FaultError("segmentation", f"holds no run lengths: {error}") from None
    if not isinstance(counts, list) or not all(type(count) is int and count >= 0 for count in counts):
        raise _FaultError("segmentation", "holds no run lengths, expected whole numbers of 0 or more")
    _check_length("segmentation", len(counts), MASK_RUNS)
    pixels = image.height * image.width
    if sum(counts) != pixels or pixels > _MOST_PIXELS:
        raise _FaultError("segmentation", f"has runs of {sum(counts)} pixels, the image has {pixels}")
    return Mask(image.height, image.width, without_zeros(counts))


def _check_length(field: str, length: int, most: int) -> None:
    """Refuses a list that would be refused in a record, too."""
    if length > most:
        raise _FaultError(field, f"has {length} values, the budget of a record is {most}")


def _keypoints(entry: Entry) -> list[float] | None:
    """x, y and visibility of each keypoint; None where the object has none."""
    points = entry.get("keypoints")
    if points in (None, []):
        return None
    if not isinstance(points, list) or len(points) % 3 or not all(map(_is_number, points)):
        raise _FaultError("keypoints", "are no list of x, y, visibility")
    if not all(visibility in (0, 1, 2) for visibility in points[2::3]):
        raise _FaultError("keypoints", "have a visibility that is not 0, 1 or 2")
    _check_length("keypoints", len(points) // 3, POINTS)
    return points


def _attributes(entry: Entry) -> dict[str, Value]:
    """The other facts of an object."""
    given = entry.get("attributes")
    attributes = {str(name): value for name, value in given.items()} if isinstance(given, dict) else {}
    others = {name: value for name, value in entry.items() if name not in _OF_OBJECT and name not in _DENSE_POSE}
    return {name: value for name, value in {**others, **attributes}.items() if value is not None}


def _dense_pose(entry: Entry) -> dict[str, list[float]] | None:
    """The points of DensePose; None where the object has none, or not all that belongs to them."""
    lists = {name: entry.get(name) for name in _DENSE_POSE}
    found = {name: each for name, each in lists.items() if isinstance(each, list) and all(map(_is_number, each))}
    counts = {len(each) for each in found.values()}
    return found if len(found) == len(_DENSE_POSE) and len(counts) == 1 and counts != {0} else None


def _stuff(entries: Sequence[Entry], image: Image, where: Location, refused: list[FeatureError]) -> dict[int, Mask]:
    """The masks of stuff by category."""
    found: dict[int, list[Mask]] = {}
    for entry in entries:
        try:
            category, mask = _integer(entry, "category_id"), _mask(entry.get("segmentation"), image)
        except _FaultError as fault:
            refused.append(FeatureError(where, *fault.args))
        else:
            found.setdefault(category, []).append(mask)
    return {category: union(masks) for category, masks in found.items()}


def _panoptic(
    entry: Entry, png: bytes, where: Location, findings: list[Finding], refused: list[FeatureError]
) -> Panoptic:
    """The panoptic segmentation of an image."""
    segments = []
    infos = entry.get("segments_info") or ()
    for info in infos if isinstance(infos, list) else [infos]:
        if not isinstance(info, dict):
            refused.append(FeatureError(where, "segments_info", f"holds {quoted(str(info))}, expected segments"))
            continue
        box, area = info.get("bbox"), info.get("area")
        sides = [each for each in box if _is_below(each, _LARGEST_SIDE)] if isinstance(box, list) else []
        if box != sides or len(sides) != 4 or not _is_below(area, _LARGEST_SIDE**2):
            problem = f"segment {quoted(str(info.get('id')))} has no bbox and area that an image can have"
            refused.append(FeatureError(where, "segments_info", problem))
            continue
        try:
            number, category = _integer(info, "id"), _integer(info, "category_id")
        except _FaultError as fault:
            refused.append(FeatureError(where, *fault.args))
            continue
        x, y, width, height = map(round, sides)
        _check_crowd(info, where, findings)
        segments.append(Segment(number, category, 0, round(area), (x, y, width, height), info.get("iscrowd") == 1))
    return Panoptic(png, tuple(segments))


# ---------------------------------------------------------------------------------------------- values
def _check_crowd(entry: Entry, where: Location, findings: list[Finding]) -> None:
    crowd = entry.get("iscrowd")
    if crowd not in (0, 1, None):
        text = f"iscrowd is {quoted(str(crowd))}, expected 0 or 1: it is taken for 0"
        findings.append(Finding("crowd-unclear", where, text))


def _integer(entry: Entry, field: str) -> int:
    value = entry.get(field)
    if type(value) is float and value.is_integer() and abs(value) < _LARGEST_SIDE:
        return int(value)  # as exports of tables have it: 1.0
    if type(value) is not int:
        raise _FaultError(field, f"is {quoted(str(value))}, expected a whole number")
    return value


def _is_number(value: object) -> TypeGuard[float]:
    """Whether this is a finite number; JSON's true is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_NUMBER


def _is_below(value: object, limit: int) -> TypeGuard[float]:
    """Whether this is a number of a smaller amount than the limit."""
    return _is_number(value) and abs(value) < limit


def _is_side(value: object) -> TypeGuard[float]:
    """Whether this is a width or height in pixels."""
    return _is_number(value) and 1 <= value < _LARGEST_SIDE
