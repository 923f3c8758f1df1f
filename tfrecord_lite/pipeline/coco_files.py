"""A COCO dataset, to be looked at: its samples by split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tfrecord_lite.coco.samples import CocoSplit
from tfrecord_lite.coco.to_sample import Entry, names_of
from tfrecord_lite.errors import DataError, counted, printable
from tfrecord_lite.look.classes import Bone, Classes, Key, bones_of_names
from tfrecord_lite.look.facts import Fact
from tfrecord_lite.look.survey import Survey
from tfrecord_lite.pipeline.class_names import NamedClasses
from tfrecord_lite.sample import Sample


@dataclass(frozen=True, slots=True)
class SplitFiles:
    """The files of one split: by task, with the folders of its images and panoptic images."""

    split: str
    files: Mapping[str, str]
    pictures: str | None
    segments: str | None


class CocoFiles:
    """The samples of the splits of a COCO dataset. See ``looking.Dataset``."""

    def __init__(self, title: str, splits: Iterable[SplitFiles]) -> None:
        self._files = tuple(splits)
        self._splits = [CocoSplit(each.files, each.pictures, each.segments) for each in self._files]
        self.title = title
        self.count = len(self._splits)
        self.paths = [path for each in self._files for path in each.files.values()]
        folders = (folder for each in self._files for folder in (each.pictures, each.segments))
        self.pictures = sorted({folder for folder in folders if folder is not None})

    def read(self, source: int, survey: Survey | None = None) -> Iterator[Sample | DataError]:
        """See Dataset. Files of images are read for the pictures that are shown only."""
        split = self._splits[source]
        there = 0
        for event in split.read(pictures=survey is None):
            if survey is not None and isinstance(event, Sample):
                there += split.has_picture(event.image.filename)
            yield event
        if survey is not None:
            survey.without_picture -= there  # none of them had one yet when it was counted

    def name_classes(self, survey: Survey) -> NamedClasses:
        """See Dataset. Ids are those of the dataset."""
        rows: list[tuple[int, str, tuple[Bone, ...] | None]] = []
        places: dict[tuple[int, str], int] = {}

        def place(entry: Entry, name: str) -> int:
            number = entry["id"]
            if (number, name) not in places:
                places[number, name] = len(rows)
                rows.append((number, name, _bones(entry)))
            return places[number, name]

        of: dict[Key, int] = {}
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
                    if entry.get("id") in names and entry["id"] in met:
                        table.setdefault(entry["id"], place(entry, names[entry["id"]]))
        for key in survey.classes:
            if key.label in objects:
                of[key] = places.get((key.label, key.name or ""), objects[key.label])
        return NamedClasses(Classes(rows, of, pixels, segments), {})

    def facts(self) -> list[Fact]:
        """See Dataset."""
        names = tuple(printable(path) for each in self._files for path in each.files.values())
        splits = ", ".join(printable(each.split) for each in self._files)
        pictures = sorted({printable(each.pictures) for each in self._files if each.pictures})
        return [
            Fact("COCO files", counted(len(names), "file"), names),
            Fact("Splits", splits),
            Fact("Image folders", ", ".join(pictures) or "none was found"),
        ]


def _bones(entry: Entry) -> tuple[Bone, ...] | None:
    """The bones of a category: its own, else those that the names of its keypoints tell; None where it has none."""
    names, skeleton = entry.get("keypoints"), entry.get("skeleton")
    pairs = skeleton if isinstance(skeleton, list) else []
    bones = tuple(
        (pair[0] - 1, pair[1] - 1)
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and all(type(end) is int and end > 0 for end in pair)
    )
    if bones:
        return bones
    return bones_of_names([str(name) for name in names]) if isinstance(names, list) and names else None
