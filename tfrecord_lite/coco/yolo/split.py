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


class LabelFiles:
    """Writes the label files of one split.

    tally: what labels cannot say.

    Args:
        split: what was collected.
        classes: what its classes come to.
        numbers: of each category, from 0.
        task: what the labels are.
        folder: where the files go; None to write none.
    """

    def __init__(
        self,
        split: Collector,
        classes: ResolvedClasses,
        numbers: Mapping[int, int],
        task: Task,
        folder: str | None,
    ) -> None:
        self.tally = Tally()
        self._split = split
        self._task = task
        self._folder = folder
        self._all_numbers = [numbers.get(classes.ids.get(each, 0)) for each in split.summary.classes]
        if folder is not None:
            os.makedirs(folder, exist_ok=True)

    def write(self, wanted: ImagesWithObjects | None) -> None:
        """Writes all of them. wanted: the images that are; None for all."""
        known: Sequence[int | None] = self._all_numbers
        places: dict[int, _Place] = {}  # of images that several records can belong to
        for frame in self._split:
            if isinstance(frame, Tables):
                known = [self._all_numbers[index] for index in frame.classes]
                continue
            number, entry, indexes, objects, _ = frame
            if wanted is not None and number not in wanted:
                continue
            place = _Place.of(entry) if entry else places[number]
            if self._split.has_merged:
                places[number] = place
            self._add(place, [known[index] for index in indexes_of(indexes)], objects, is_new=bool(entry))
        for name, count in sorted(self._split.tasks.items()):
            if count:
                text = "captions, stuff and panoptic segments are in the COCO files, and not in the labels"
                self.tally.add_finding(Finding("yolo-tasks", Location(name), text), count)

    def _add(self, place: _Place, numbers: Sequence[int | None], objects: bytes, *, is_new: bool) -> None:
        """Writes the labels of one record. numbers: of the class of each object; None of one that is not wanted."""
        where = Location(place.name)
        if is_new and not place.name.lower().endswith(_READ):
            self.tally.add_finding(Finding("yolo-image", where, "ultralytics reads no images of this format"))
        lines = []
        for number, text in zip(numbers, lines_of(objects), strict=True):
            if number is None:
                continue
            line, lost = label(orjson.loads(text), number, place.size, self._task)
            lines.append(line)
            self.tally.add_findings(Finding(code, where, why) for code, why in lost)
        if self._folder is not None:
            put = write_new if is_new else append_to
            put(self._folder, with_ending(place.name, ".txt"), "".join(lines).encode())


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
