"""A COCO dataset, to be looked at: its samples by split."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from tfrecord_lite.coco.read.dataset import CocoPart, find_parts
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.read.to_sample import Entry, names_of
from tfrecord_lite.errors import DataError, InputError, Location, counted, printable
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.inputs.storage import kind_of, place_of
from tfrecord_lite.inputs.urls import folder_of, is_web, name_of, without_query
from tfrecord_lite.look.classes import Bone, Classes, bones_of_category
from tfrecord_lite.look.survey import Fact, Survey
from tfrecord_lite.pipeline.previews.looking import title_of
from tfrecord_lite.sample import Sample


def find_dataset(path: str, pictures: str | None = None) -> list[CocoPart] | None:
    """The parts of a COCO dataset; None where the path is none.

    It is one if it ends in ``.json``, if COCO files are at their usual places in it (see ``coco.dataset``), or if there
    are JSON files and no record files in it.

    Raises:
        InputError: it has no COCO file, or the folder of pictures is not there.
    """
    if without_query(path)[0].lower().endswith(".json") and kind_of(path) == "file":
        return find_parts(path, pictures) if is_web(path) else _with_its_pictures(path, pictures)
    if kind_of(path) != "folder" or is_web(path):
        return None
    try:
        parts = find_parts(path, pictures)
    except InputError:
        return None
    if any(folder_of(part.path) != path.rstrip("/" + os.sep) or _is_roboflow(part.path) for part in parts):
        return parts
    try:
        find_sources([path], allow_missing_shards=True)
    except InputError:
        return parts
    return None


def _with_its_pictures(path: str, pictures: str | None) -> list[CocoPart]:
    """A COCO file, with the pictures that it has as a part of its dataset."""
    folder, name = folder_of(path), name_of(path)
    root = folder_of(folder) if name_of(folder) == "annotations" else folder
    beside = (part for part in find_parts(root or os.curdir, pictures) if name_of(part.path) == name)
    identity = place_of(path).identity
    ours = [part for part in beside if identity(part.path) == identity(path)]
    return [part._replace(path=path) for part in ours] or find_parts(path, pictures)


def _is_roboflow(path: str) -> bool:
    return path.endswith("_annotations.coco.json")


class CocoFiles:
    """The samples of the splits of a COCO dataset. See ``looking.Dataset``."""

    def __init__(self, path: str, parts: Iterable[CocoPart]) -> None:
        self._parts = by_split(parts)
        self._splits = [open_split(tasks) for tasks in self._parts.values()]
        self.title = title_of([path])
        self.count = len(self._splits)
        self.paths = [part.path for tasks in self._parts.values() for part in tasks.values()]
        folders = (_pictures(tasks) for tasks in self._parts.values())
        self.pictures = sorted({folder for folder in folders if folder is not None})

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
        numbers = sorted(wanted)
        for number, event in zip(numbers, self._splits[source].read(wanted=wanted.keys()), strict=True):
            if isinstance(event, Sample):
                yield number, event

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
        """See Dataset. There is nothing to clear up."""

    def limits(self) -> list[str]:
        """See Dataset. All of it is read."""
        return []

    def facts(self) -> list[Fact]:
        """See Dataset."""
        names = tuple(map(printable, self.paths))
        return [
            Fact("COCO files", counted(len(names), "file"), names),
            Fact("Splits", ", ".join(printable(split) or "one" for split in self._parts)),
            Fact("Image folders", ", ".join(map(printable, self.pictures)) or "none was found"),
        ]


def by_split(parts: Iterable[CocoPart]) -> dict[str, dict[str, CocoPart]]:
    """The COCO files of each split by task. Of several for one task the first one counts."""
    splits: dict[str, dict[str, CocoPart]] = {}
    for part in parts:
        splits.setdefault(part.split, {}).setdefault(part.task, part)
    return splits


def open_split(tasks: Mapping[str, CocoPart]) -> CocoSplit:
    """The samples of one split. tasks: its COCO files by task."""
    panoptic = tasks.get("panoptic")
    files = {task: part.path for task, part in tasks.items()}
    return CocoSplit(files, _pictures(tasks), None if panoptic is None else panoptic.segments)


def _pictures(tasks: Mapping[str, CocoPart]) -> str | None:
    """The folder of the pictures of a split."""
    return next((part.pictures for part in tasks.values() if part.pictures is not None), None)
