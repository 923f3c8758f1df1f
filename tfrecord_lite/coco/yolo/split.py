"""Collected images and what was resolved -> the YOLO labels of one split, and what these cannot say."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from tfrecord_lite.coco.draft.draft import indexes_of, lines_of
from tfrecord_lite.coco.draft.part_summary import Tables
from tfrecord_lite.coco.resolve.category_ids import ResolvedClasses
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.write.empty_images import ImagesWithObjects
from tfrecord_lite.coco.yolo.labels import Task, label
from tfrecord_lite.errors import Location
from tfrecord_lite.output.filenames import with_ending
from tfrecord_lite.output.files import append_to, write_new
from tfrecord_lite.report import Tally
from tfrecord_lite.sample import Finding

_ENTRY = re.compile(rb'\{"id":\d+,"width":(\d+),"height":(\d+),"file_name":("(?:[^"\\]|\\.)*")')  # of an image
_READ = (".bmp", ".dng", ".heic", ".jp2", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")
"""Endings of images that ultralytics reads (ultralytics/data/utils.py, ``IMG_FORMATS``)."""


def write_labels(
    split: Collector,
    classes: ResolvedClasses,
    numbers: Mapping[int, int],
    task: Task,
    folder: str | None,
    wanted: ImagesWithObjects | None,
    report: Tally,
) -> None:
    """Writes the label files of one split.

    Args:
        split: what was collected.
        classes: what its classes were resolved to.
        numbers: of each category, from 0.
        task: what the labels are.
        folder: where the files go; None to write none.
        wanted: the images that are wanted; None for all.
        report: gets what labels cannot say.
    """
    if folder is not None:
        os.makedirs(folder, exist_ok=True)
    all_numbers = [numbers.get(classes.ids.get(each, 0)) for each in split.summary.classes]
    known: Sequence[int | None] = all_numbers
    places: dict[int, _Place] = {}  # of images that several records can belong to
    for frame in split:
        if isinstance(frame, Tables):
            known = [all_numbers[index] for index in frame.classes]
            continue
        image, entry, indexes, objects, _ = frame
        if wanted is not None and image not in wanted:
            continue
        place = _Place.of(entry) if entry else places[image]
        if split.has_merged:
            places[image] = place
        if entry and not place.name.lower().endswith(_READ):
            text = "ultralytics reads no images of this format"
            report.add_finding(Finding("yolo-image", Location(place.name), text))
        lines = _lines([known[index] for index in indexes_of(indexes)], objects, place, task, report)
        if folder is not None:
            put = write_new if entry else append_to
            put(folder, with_ending(place.name, ".txt"), lines.encode())
    for name, count in sorted(split.tasks.items()):
        if count:
            text = "captions, stuff and panoptic segments are in the COCO files, and not in the labels"
            report.add_finding(Finding("yolo-tasks", Location(name), text), count)


def _lines(numbers: Sequence[int | None], objects: bytes, place: _Place, task: Task, report: Tally) -> str:
    """The labels of one record. numbers: of the class of each object; None of one that is not wanted."""
    lines = []
    for number, text in zip(numbers, lines_of(objects), strict=True):
        if number is not None:
            line, lost = label(orjson.loads(text), number, place.size, task)
            lines.append(line)
            report.add_findings(Finding(code, Location(place.name), why) for code, why in lost)
    return "".join(lines)


class _Place(NamedTuple):
    """The name of an image, and its width and height."""

    name: str
    size: tuple[int, int]

    @classmethod
    def of(cls, entry: bytes) -> _Place:
        """Of the entry of an image, whose lists of classes need not be filled yet."""
        match = _ENTRY.match(entry)
        if match is None:
            raise ValueError(entry)
        return cls(orjson.loads(match[3]), (int(match[1]), int(match[2])))
