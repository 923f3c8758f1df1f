"""The COCO files of one split -> its samples: objects, captions, stuff and panoptic segments of each image together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from tfrecord_lite.coco.read.beside import lean
from tfrecord_lite.coco.read.join import Joined, join
from tfrecord_lite.coco.read.reader import CocoFile, open_coco
from tfrecord_lite.coco.read.to_sample import About, Entry, names_of, names_of_file, to_sample
from tfrecord_lite.errors import DataError, FeatureError, Location, bare, printable, quoted
from tfrecord_lite.inputs.storage import find_below, read_below
from tfrecord_lite.sample import Finding, Sample

_Identity = tuple[int | str | None, int, tuple[float, ...]]

_LARGEST_PICTURE = 1 << 30  # bytes of a file
_OBJECTS = ("instances", "person_keypoints", "image_info")  # which list of images counts, the first that is there


class CocoSplit:
    """The samples of one split of a COCO dataset, which can be read any number of times.

    files: COCO files by task, as in ``dataset.TASKS``. pictures: the folder that file names are relative to.
    segments: the folder of the panoptic PNGs.

    main: the task of the file whose list of images counts.
    tables: the categories of each file, by its task, as ``lean`` makes them. categories: of objects, of all files;
        stuff, panoptic: of others. names: what those of objects are called.

    Raises:
        CocoFileError: a file is no COCO file. OSError: it cannot be read.
    """

    def __init__(self, files: Mapping[str, str], pictures: str | None, segments: str | None = None) -> None:
        self.files = dict(files)
        self.main = next((task for task in _OBJECTS if task in files), next(iter(files)))
        self.pictures, self._segments = pictures, segments
        self.tables = tables = dict[str, list[Entry]]()
        for task, path in files.items():
            with open_coco(path) as file:
                tables[task] = [lean(element.value) for element in file.categories()]
        self.categories = [entry for task in _OBJECTS for entry in tables.get(task, ())]
        self.stuff, self.panoptic = tables.get("stuff", []), tables.get("panoptic", [])
        self.names = names_of(self.categories)

    def read(self, *, pictures: bool = True, wanted: Collection[int] | None = None) -> Iterator[Sample | DataError]:
        """Images in the order of the file, or why one cannot be read.

        Args:
            pictures: whether the files of the images are read. Without, ``sample.image.data`` is None.
            wanted: numbers of the images that are wanted, from 0; None for all.

        Raises:
            CocoFileError: a file is damaged.
        """
        return (event for event, _ in self.read_joined(pictures=pictures, segments=pictures, wanted=wanted))

    def read_joined(
        self, *, pictures: bool = True, segments: bool = True, wanted: Collection[int] | None = None
    ) -> Iterator[tuple[Sample | DataError, Joined]]:
        """The same, each with the entries that it is made of. segments: whether panoptic PNGs are read."""
        with ExitStack() as stack:
            opened: dict[str, CocoFile] = {
                task: stack.enter_context(open_coco(path)) for task, path in self.files.items()
            }
            for joined in join(opened[self.main], opened, wanted):
                yield self.sample(joined, with_picture=pictures, with_png=segments), joined

    def sample(self, joined: Joined, *, with_picture: bool = True, with_png: bool = True) -> Sample | DataError:
        """The sample of an image with its annotations by task, or why there is none."""
        entry = joined.image
        where = self.place_of(entry)
        findings: list[Finding] = []
        try:
            data = self._picture(entry, where, findings) if with_picture else None
            about = self._about(joined.annotations, where, findings, with_png=with_png)
            sample = to_sample(entry, about, self.names, where, data)
        except DataError as error:
            return bare(error)
        return sample._replace(findings=(*findings, *sample.findings)) if findings else sample

    def place_of(self, image: Entry) -> Location:
        """Where an image is, for messages."""
        return Location(f"{self.files[self.main]}: image {image.get('id')}")

    def picture_of(self, image: Entry) -> str | None:
        """The path of an image's file; None where it is not there."""
        folder, names = self.pictures or "", names_of_file(image) if self.pictures is not None else ()
        return next((path for name in names if name and (path := find_below(folder, name)) is not None), None)

    def has_picture(self, file_name: str) -> bool:
        """Whether an image has its file."""
        return self.pictures is not None and bool(file_name) and find_below(self.pictures, file_name) is not None

    def _about(
        self,
        annotations: Mapping[str, list[dict[str, Any]]],
        where: Location,
        findings: list[Finding],
        *,
        with_png: bool,
    ) -> About:
        """What there is to say of one image."""
        panoptic = None
        for entry in annotations.get("panoptic", ())[:1]:
            name = str(entry.get("file_name", ""))
            png = _read_below(self._segments, name) if with_png else b""
            if png is None:
                text = f"there is no file {quoted(name)} in the folder of panoptic images"
                findings.append(Finding("panoptic-missing", where, text))
            else:
                panoptic = entry, png
        return About(
            object_entries(annotations),
            annotations.get("captions", ()),
            annotations.get("stuff", ()),
            panoptic,
        )

    def _picture(self, entry: Entry, where: Location, findings: list[Finding]) -> bytes | None:
        """The bytes of the file of an image; None where it is not there."""
        name = next(iter(names_of_file(entry)), "")
        found = (_read_below(self.pictures, each) for each in names_of_file(entry))
        data = next((data for data in found if data is not None), None)
        if data is None:
            findings.append(Finding("image-missing", where, f"there is no file {quoted(name)} in the image folder"))
        elif not data:
            raise FeatureError(where, "file_name", f"the file {printable(name)} is empty, expected an image")
        return data


def object_entries(annotations: Mapping[str, list[dict[str, Any]]]) -> list[Entry]:
    """The annotations of an image that are objects, in the order of its sample."""
    return _united(annotations.get("instances", ()), annotations.get("person_keypoints", ()))


def _united(objects: Iterable[Entry], keypoints: Iterable[Entry]) -> list[Entry]:
    """Objects with what a keypoints file says of the same ones; others of it follow.

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


def _read_below(folder: str | None, name: str) -> bytes | None:
    """A file in a folder; None where it is not there, where its name leads out of it, or where it is too large."""
    picture = None if folder is None or not name else read_below(folder, name, _LARGEST_PICTURE)
    return None if picture is None else picture.data
