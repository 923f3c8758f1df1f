"""Sample -> the entries of COCO files, field by field.

The fields are those of cocodataset.org/#format-data, in one fixed order, so that the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, cast
from zlib import crc32

import orjson

from tfrecord_lite.coco.draft.numbers import Precision, rounded, rounded_boxes, shortest, shortest_of_each
from tfrecord_lite.errors import Location
from tfrecord_lite.sample import Image, Objects, Segment, Value

INFO = {"description": "Converted from TFRecord files by tfrecord2coco"}  # no clock, no host: same input, same bytes

CATEGORY_LISTS = {"neg_category_ids", "not_exhaustive_category_ids"}  # of LVIS images: numbered like the classes

IMAGE_KEYS = {"id", "width", "height", "file_name", "source_id", "original_file_name"}  # which metadata cannot have


class ImageFragments(NamedTuple):
    """The entry of an image without its id and file name.

    width, height: in pixels. original: the file name as the record has it; empty where it has none.
    source_id: the JSON text from the comma before its key on; empty where there is none.
    metadata: likewise what else the record says of the image. Class numbers in it are on lines of their own, every
        second line, for ``fill_image_classes``.
    """

    width: int
    height: int
    original: str
    source_id: bytes
    metadata: bytes


def image_fragments(image: Image) -> ImageFragments:
    """The entry of an image without its id and file name."""
    source_id = b"" if image.source_id is None else b',"source_id":' + orjson.dumps(image.source_id)
    metadata = _metadata(image.metadata) if image.metadata else b""
    return ImageFragments(image.width, image.height, image.filename, source_id, metadata)


def image_entry(fragments: ImageFragments, number: int, file_name: str) -> bytes:
    """The entry of an image, with lines for class numbers as in its metadata.

    file_name: where its bytes are, below the image folder.
    """
    width, height, original, source_id, metadata = fragments
    name = orjson.dumps(file_name)
    if original and original != file_name:
        source_id += b',"original_file_name":' + orjson.dumps(original)
    entry = (number, width, height, name, source_id, metadata)
    return b'{"id":%d,"width":%d,"height":%d,"file_name":%b%b%b}' % entry


def fact_marks(fragments: ImageFragments) -> Iterator[tuple[str, int]]:
    """What a record says of its image: each name with a checksum of the value, for comparing it with another record."""
    width, height, original, _, metadata = fragments
    facts: dict[str, Any] = {"width": width, "height": height}
    if original:
        facts["filename"] = original
    if metadata:
        facts |= orjson.loads(b"{%b}" % fill_image_classes(metadata, int, {})[1:])
    for name, value in facts.items():
        yield name, crc32(orjson.dumps(value))


def _metadata(metadata: Mapping[str, Value]) -> bytes:
    """What the record says of the image, in lines."""
    pieces = [b""]
    for key, value in metadata.items():
        pieces[-1] += b",%b:" % orjson.dumps(f"record_{key}" if key in IMAGE_KEYS else key)
        if key in CATEGORY_LISTS and isinstance(value, list):
            _add_category_list(pieces, value)
        elif key == "labels" and isinstance(value, list):
            _add_image_labels(pieces, value)
        else:
            pieces[-1] += orjson.dumps(_json_value(value))
    return b"\n".join(pieces)


def _add_category_list(pieces: list[bytes], numbers: Sequence[Any]) -> None:
    """A list of class numbers: anything else in it stays as it is."""
    separator = b"["
    for number in numbers:
        pieces[-1] += separator
        separator = b","
        if isinstance(number, int):
            pieces += b"%d" % number, b""
        else:
            pieces[-1] += orjson.dumps(_json_value(number))
    pieces[-1] += b"]" if numbers else b"[]"


def _add_image_labels(pieces: list[bytes], labels: Sequence[Any]) -> None:
    """The classes of an image as a whole. One without a text gets that of its number at its end."""
    separator = b"["
    for label in labels:
        pieces[-1] += separator
        separator = b","
        number = label.get("label") if isinstance(label, dict) else None
        if not isinstance(number, int):
            pieces[-1] += orjson.dumps(label)
            continue
        before = b"{"
        for key, value in label.items():
            pieces[-1] += b"%b%b:" % (before, orjson.dumps(key))
            before = b","
            if key == "label":
                pieces += b"%d" % number, b""
            else:
                pieces[-1] += orjson.dumps(value)
        if "text" not in label:
            pieces += b"text %d" % number, b""
        pieces[-1] += b"}"
    pieces[-1] += b"]" if labels else b"[]"


def fill_image_classes(entry: bytes, id_of: Callable[[int], int], titles: Mapping[int, str]) -> bytes:
    """The entry of an image with the ids of categories in place of class numbers.

    Args:
        entry: from ``image_entry``.
        id_of: the id of the category that a class number means.
        titles: names of categories, by id.
    """
    pieces = entry.split(b"\n")
    for place in range(1, len(pieces), 2):
        kind, _, digits = pieces[place].rpartition(b" ")
        number = id_of(int(digits))
        if not kind:
            pieces[place] = b"%d" % number
        else:
            pieces[place] = b',"text":' + orjson.dumps(titles[number]) if number in titles else b""
    return b"".join(pieces)


def annotation_fragments(
    objects: Objects, image: Image, precision: Precision, masks: str, where: Location
) -> tuple[list[dict[str, Any]], dict[int, str], list[int]]:
    """What the annotations of a sample's objects say after their ids.

    Returns:
        The entries, one an object; why objects cannot be written, by number; and the numbers of those whose masks are
        written as run lengths, since their polygons would be huge and useless.
    """
    boxes = rounded_boxes(objects.boxes, precision)
    crowds: Iterable[int] = repeat(0) if objects.crowds is None else map(int, objects.crowds)
    areas, are_given = _areas(objects, boxes, precision)
    fragments: list[dict[str, Any]] = [
        {"bbox": box, "area": area, "iscrowd": crowd, "segmentation": []}
        for box, area, crowd in zip(boxes, areas, crowds)  # noqa: B905 - zeros without end
    ]
    faults: dict[int, str] = {}
    noisy: list[int] = []
    if objects.masks is not None or objects.polygons is not None or not are_given:
        from tfrecord_lite.coco.draft.segmentation import add_shapes  # noqa: PLC0415 - many records have neither

        faults, noisy = add_shapes(fragments, objects, image, precision, masks, where)
    if objects.keypoints is not None:
        for points, rest in zip(objects.keypoints, fragments, strict=True):
            if points is not None:
                rest["keypoints"] = [rounded(value, precision) for value in points]
                rest["num_keypoints"] = sum(visibility > 0 for visibility in points[2::3])
    if objects.dense_pose is not None:
        for pose, rest in zip(objects.dense_pose, fragments, strict=True):
            rest.update({name: _json_value(values) for name, values in (pose or {}).items()})
    if objects.attributes is not None:
        for attributes, rest in zip(objects.attributes, fragments, strict=True):
            if attributes:
                rest["attributes"] = {name: _json_value(value) for name, value in attributes.items()}
    return fragments, faults, noisy


def _areas(objects: Objects, boxes: Sequence[Sequence[float]], precision: Precision) -> tuple[Sequence[float], bool]:
    """The record's areas, where it has one for each object; else width times height of the boxes as they are written.

    Returns:
        The areas; and whether they are final, without a look at single objects.
    """
    given = objects.areas
    if given and None not in given:
        return shortest_of_each(cast("Sequence[float]", given)), True
    doubled = precision if precision is None else 2 * precision
    return [rounded(box[2] * box[3], doubled) for box in boxes], not given


def segment_fragment(segment: Segment) -> bytes:
    """A segment of a panoptic image, with ``%d`` in place of ``category_id`` and ``iscrowd``."""
    box = orjson.dumps(segment.box)
    head = b'{"id":%d,"category_id":%%d,"area":%d,"bbox":%b,"iscrowd":%%d}'
    return head % (segment.number, segment.area, box)


def _json_value(value: Value) -> Value:
    """A value of a record as it is written: float32 without the noise of its format."""
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, list):
        return [_json_value(item) if isinstance(item, float) else item for item in value]
    return value
