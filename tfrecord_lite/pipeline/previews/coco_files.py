"""A COCO dataset, to be looked at: its samples by split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tfrecord_lite.coco.read.dataset import CocoPart, by_split
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.read.to_sample import Entry, names_of
from tfrecord_lite.errors import DataError, Location, counted, printable
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.look.classes import Bone, Classes, bones_of_category
from tfrecord_lite.look.survey import Fact, Survey
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.previews.looking import Dataset, title_of
from tfrecord_lite.sample import Sample


def is_about_records(reading: ReadOptions, label_map: LabelMapSource | None) -> bool:
    """Whether an option was given that means something to records alone."""
    image_root, pictures, recover, size = reading.image_root, reading.pictures, reading.recover, reading.max_record_size
    plain = ReadOptions(image_root=image_root, pictures=pictures, recover=recover, max_record_size=size)
    return label_map is not None or reading != plain


class CocoFiles(Dataset):
    """The samples of the splits of a COCO dataset. See ``looking.Dataset``."""

    def __init__(self, path: str, parts: Iterable[CocoPart]) -> None:
        self._parts = by_split(parts)
        self._splits = [CocoSplit(tasks) for tasks in self._parts.values()]
        self.title = title_of([path])
        self.count = len(self._splits)
        self.paths = [part.path for tasks in self._parts.values() for part in tasks.values()]
        self.pictures = sorted({split.pictures for split in self._splits if split.pictures is not None})

    def read(self, source: int, survey: Survey) -> Iterator[Sample | DataError]:
        """See Dataset. No file of an image is opened."""
        split = self._splits[source]
        there = 0
        for event in split.read(pictures=False):
            if isinstance(event, Sample):
                there += split.has_picture(event.image.filename)
            yield event
        survey.without_picture -= there  # none of them had one yet when it was counted

    def read_again(self, source: int, wanted: Mapping[int, Location]) -> Iterator[tuple[int, Sample]]:
        """See Dataset."""
        return self._splits[source].read_again(wanted)

    def name_classes(self, survey: Survey) -> Classes:
        """See Dataset. Ids are those of the dataset."""
        rows: list[tuple[int, str, tuple[Bone, ...] | None]] = []
        places: dict[tuple[int, str], int] = {}

        def place(entry: Entry, name: str) -> int:
            number = entry["id"]
            if (number, name) not in places:
                places[number, name] = len(rows)
                points = entry.get("keypoints")
                names = list(map(str, points)) if isinstance(points, list) else []
                rows.append((number, name, bones_of_category(entry.get("skeleton"), names)))
            return places[number, name]

        used = {(key.label, key.name) for key in survey.classes}
        objects, pixels, segments = ({}, {}, {})  # type: dict[int, int], dict[int, int], dict[int, int]
        for split in self._splits:
            for table, entries, met in (
                (objects, split.categories, {label for label, _ in used}),
                (pixels, split.stuff, survey.pixels_of.keys()),
                (segments, split.panoptic, survey.segments_of.keys()),
            ):
                names = names_of(entries).names
                for entry in entries:
                    if type(entry.get("id")) is int and entry["id"] in met:
                        table.setdefault(entry["id"], place(entry, names[entry["id"]]))
        of: dict[tuple[int | None, str | None], int] = {
            (label, name): places.get((label, name or ""), objects[label]) for label, name in used if label in objects
        }
        return Classes(rows, of, pixels, segments)

    def close(self) -> None:
        """See Dataset. Nothing is open."""

    def facts(self) -> list[Fact]:
        """See Dataset."""
        names = tuple(map(printable, self.paths))
        return [
            Fact("COCO files", counted(len(names), "file"), names),
            Fact("Splits", ", ".join(printable(split) or "one" for split in self._parts)),
            Fact("Image folders", ", ".join(map(printable, self.pictures)) or "none was found"),
        ]
