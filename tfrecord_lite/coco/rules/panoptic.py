"""Panoptic segmentation: every pixel belongs to one segment, whose number is its colour, R + 256 G + 65536 B.

An annotation describes all segments of an image; their pixels are in a PNG, in a folder that is called like the JSON
file. Colour 0 is no segment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tfrecord_lite.coco.rules.columns import is_box, is_number
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import ImageTable
from tfrecord_lite.coco.rules.pictures import find_picture
from tfrecord_lite.errors import BudgetError, FeatureError, Location
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.inputs.storage import is_folder, read_start
from tfrecord_lite.masks.from_pixels import equal_runs

RULES = (
    Rule(
        "E70",
        "the PNG of an image's segments is missing, cannot be read, or has another size",
        "Put a PNG of the size of the image into the folder that is called like the JSON file.",
        ("no folder", "no name", "missing", "unreadable", "size"),
    ),
    Rule(
        "E71",
        "the segments of a PNG are not those of segments_info",
        "Write an entry for each colour of the PNG, and none without pixels.",
        ("without pixels", "without entry"),
    ),
    Rule(
        "E72",
        "the area or the bbox of a segment is not that of its pixels",
        "Write the number of its pixels, and the box around them.",
        ("area", "bbox"),
    ),
    Rule(
        "E74",
        "segments_info is no list of segments, each with an id of its own",
        "Write a list of objects with id, category_id, area, bbox and iscrowd.",
        ("no list", "no object", "no id", "repeated id"),
    ),
    Rule("E75", "an image has segments twice", "Write one annotation for each image."),
)

_LARGEST = 1 << 28  # bytes of a PNG
_KEY = "PNG"
_PIXELS_AT_ONCE = 1 << 22  # pixels that are decoded to bytes together
Extent = tuple[int, tuple[int, int, int, int]]
"""Number of pixels, and the box around them: x, y, width, height."""


class Panoptic:
    """Checks the annotations of a panoptic file. folder: of the PNGs. counts: segments by category."""

    def __init__(self, folder: str, images: ImageTable, categories: frozenset[int], found: Findings) -> None:
        self._folder = folder
        self._images = images
        self._categories = categories
        self._found = found
        self._seen: set[int] = set()
        self.counts: Counter[int] = Counter()
        self._has_folder = is_folder(folder)
        if not self._has_folder:
            found.add_at("E70", "no folder", None, f"no folder {shown(folder)}")

    def check(self, annotations: Sequence[dict[str, Any]]) -> None:
        """The annotations of a block."""
        for number, annotation in enumerate(annotations):
            place = self._image(annotation.get("image_id"), number)
            segments = self._segments(annotation.get("segments_info"), number)
            name = annotation.get("file_name")
            if type(name) is not str or not name.strip():
                self._found.add("E70", "no name", number, f"file_name {shown(name)}")
            elif self._has_folder:
                self._check_png(name, place, segments, number)

    def _image(self, identity: object, number: int) -> int:
        """The image's number in the table; -1 where there is none."""
        place = self._images.place_of(identity)
        if identity is None:
            self._found.add("E18", "image missing", number, "no image_id")
        elif place < 0:
            self._found.add("E18", "image", number, f"image_id {shown(identity)}, which no image has")
        elif place in self._seen:
            self._found.add("E75", "", number, f"image_id {shown(identity)} came before")
        else:
            self._seen.add(place)
            self._images.use([place])
        return place

    def _segments(self, value: object, number: int) -> dict[int, dict[str, Any]]:
        """The segments by id, as far as they have one."""
        segments: dict[int, dict[str, Any]] = {}
        if type(value) is not list:
            self._found.add("E74", "no list", number, f"segments_info {shown(value)}")
            return segments
        for segment in value:
            if type(segment) is not dict:
                self._found.add("E74", "no object", number, f"segment {shown(segment)}")
                continue
            identity, category = segment.get("id"), segment.get("category_id")
            if type(identity) is not int or not 0 < identity < 1 << 24:
                self._found.add("E74", "no id", number, f"a segment with the id {shown(identity)}")
            elif identity in segments:
                self._found.add("E74", "repeated id", number, f"two segments with the id {identity}")
            else:
                segments[identity] = segment
            self._check_segment(segment, category, number)
        return segments

    def _check_segment(self, segment: dict[str, Any], category: object, number: int) -> None:
        name = f"segment {shown(segment.get('id'))}"
        if type(category) is not int or category not in self._categories:
            self._found.add("E18", "category", number, f"{name}: category_id {shown(category)}, which no category has")
        else:
            self.counts[category] += 1
        if not is_box(segment.get("bbox")):
            case = "missing" if "bbox" not in segment else "no list"
            self._found.add("E40", case, number, f"{name}: bbox {shown(segment.get('bbox'))}")
        if not is_number(segment.get("area")):
            case = "missing" if "area" not in segment else "no number"
            self._found.add("E47", case, number, f"{name}: area {shown(segment.get('area'))}")
        if segment.get("iscrowd") not in (0, 1):
            case = "missing" if "iscrowd" not in segment else "not 0 or 1"
            self._found.add("E4A", case, number, f"{name}: iscrowd {shown(segment.get('iscrowd'))}")

    def _check_png(self, name: str, place: int, segments: Mapping[int, dict[str, Any]], number: int) -> None:
        path = find_picture(self._folder, name)
        if path is None:
            self._found.add("E70", "missing", number, f"{shown(name)} is not in the folder")
            return
        try:
            size, extents = extents_of(read_start(path, _LARGEST), name)
        except OSError as error:
            self._found.add("E70", "missing", number, f"{shown(name)}: {error.strerror}")
            return
        except (FeatureError, BudgetError) as error:
            self._found.add("E70", "unreadable", number, f"{shown(name)}: {error.problem}")
            return
        if place >= 0 and (wanted := self._images.size(place)) not in ((0, 0), size):
            text = f"{shown(name)} has {size[0]} x {size[1]} pixels, the image {wanted.width} x {wanted.height}"
            self._found.add("E70", "size", number, text)
        for identity in extents.keys() - segments.keys() - {0}:
            self._found.add(
                "E71", "without entry", number, f"{shown(name)}: {extents[identity][0]} pixels of {identity}"
            )
        for identity, segment in segments.items():
            if identity not in extents:
                self._found.add("E71", "without pixels", number, f"{shown(name)}: no pixel of segment {identity}")
                continue
            area, box = extents[identity]
            if is_number(segment.get("area")) and segment["area"] != area:
                text = f"segment {identity}: area {shown(segment['area'])}, it has {area} pixels"
                self._found.add("E72", "area", number, text)
            if is_box(segment.get("bbox")) and any(abs(a - b) > 1 for a, b in zip(segment["bbox"], box, strict=True)):
                text = f"segment {identity}: bbox {shown(segment['bbox'])}, its pixels are in {list(box)}"
                self._found.add("E72", "bbox", number, text)


def extents_of(png: bytes, name: str) -> tuple[tuple[int, int], dict[int, Extent]]:
    """The size of a PNG, and where the pixels of each number are.

    Raises:
        FeatureError, BudgetError: it cannot be decoded, or is too large to be.
    """
    where = Location(name)
    image = decoded_image(png, read_image_info(png, where, _KEY), where, _KEY).convert("RGB")
    width, height = image.size
    found: dict[int, list[int]] = {}
    rows = max(1, _PIXELS_AT_ONCE // width)
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(top + rows, height)))
        red, green, blue = planes = [channel.tobytes() for channel in band.split()]
        odd_rows = ((bytes(width) + b"\1" * width) * band.height)[: width * band.height]  # so that rows differ
        at = 0
        for length in equal_runs((*planes, odd_rows), band.size):
            number = red[at] | green[at] << 8 | blue[at] << 16
            y, left = divmod(at, width)
            y, right = y + top, left + length
            extent = found.get(number)
            if extent is None:
                found[number] = [length, left, y, right, y]
            else:
                extent[0] += length
                extent[1] = min(extent[1], left)
                extent[3] = max(extent[3], right)
                extent[4] = y
            at += length
    return image.size, {
        number: (area, (left, top, right - left, bottom - top + 1))
        for number, (area, left, top, right, bottom) in found.items()
    }
