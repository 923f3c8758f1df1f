"""The COCO files of one split -> a sample of each image: its objects, captions, stuff and panoptic segments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack

from tfrecord_lite.coco.draft.entries import INFO
from tfrecord_lite.coco.read.dataset import CocoPart
from tfrecord_lite.coco.read.join import Joined, join
from tfrecord_lite.coco.read.reader import CocoFile
from tfrecord_lite.coco.read.to_sample import Entry, names_of, names_of_file, to_sample
from tfrecord_lite.errors import DataError, FeatureError, Location, bare, printable, quoted
from tfrecord_lite.inputs.storage import find_below, read_below
from tfrecord_lite.sample import Finding, Sample

CLASS_FACTS = ("supercategory", "keypoints", "skeleton", "isthing", "frequency", "instance_count")
"""Facts of a class, beside its name, that label maps or objects have a place for."""
_OF_CLASS = {"id", "name", *CLASS_FACTS}
_LISTS = {"images", "annotations", "categories"}
_NOTHING: tuple[object, ...] = (None, [], {}, "")
_LARGEST_PICTURE = 1 << 30  # bytes of a file
_OBJECTS = ("instances", "person_keypoints", "image_info")  # whose list of images counts: the first there is


class CocoSplit:
    """The samples of one split of a COCO dataset, which can be read any number of times.

    files: the paths of its COCO files by task. main: the task of the file whose list of images counts.
    pictures: the folder that file names are relative to; None where there is none.
    tables: the categories of each file, by its task, lean. categories: of objects, of all files; stuff, panoptic: of
        others. names: what those of objects are called.

    Args:
        tasks: its COCO files by task, as ``dataset.by_split`` gives them.

    Raises:
        CocoFileError: a file is no COCO file. OSError: it cannot be read.
    """

    def __init__(self, tasks: Mapping[str, CocoPart]) -> None:
        self.files = {task: part.path for task, part in tasks.items()}
        self.main = next((task for task in _OBJECTS if task in tasks), next(iter(tasks)))
        self.pictures = next((part.pictures for part in tasks.values() if part.pictures is not None), None)
        self._segments = tasks["panoptic"].segments if "panoptic" in tasks else None
        self.tables = tables = dict[str, list[Entry]]()
        for task, path in self.files.items():
            with CocoFile(path) as file:
                tables[task] = [_lean(element.value) for element in file.categories()]
        self.categories = [entry for task in _OBJECTS for entry in tables.get(task, ())]
        self.stuff, self.panoptic = tables.get("stuff", []), tables.get("panoptic", [])
        self.names = names_of(self.categories)

    def beside(self) -> list[str]:
        """Keys that no record has a place for, such as ``info`` and ``categories/color``, sorted. Raises as above."""
        keys = {
            f"categories/{key}"
            for table in self.tables.values()
            for category in table
            for key, value in category.items()
            if value not in _NOTHING and (key not in _OF_CLASS or (key == "supercategory" and type(value) is not str))
        }
        for path in self.files.values():
            with CocoFile(path) as file:
                keys |= {
                    key
                    for key in file.parts.keys() - _LISTS
                    if key not in ("info", "licenses") or file.value(key) not in (*_NOTHING, INFO)
                }
        return sorted(keys)

    def read(self, *, pictures: bool = True) -> Iterator[Sample | DataError]:
        """Images in the order of the file, or why one cannot be read.

        Args:
            pictures: whether the files of the images are read. Without, ``sample.image.data`` is None.

        Raises:
            CocoFileError: a file is damaged.
        """
        return (event for event, _ in self.read_joined(pictures=pictures, segments=pictures))

    def read_again(self, wanted: Collection[int]) -> Iterator[tuple[int, Sample]]:
        """Some images of those that ``read`` gave, each with its number. wanted: their numbers, from 0."""
        for number, (event, _) in zip(sorted(wanted), self.read_joined(wanted=wanted), strict=True):
            if isinstance(event, Sample):
                yield number, event

    def read_joined(
        self, *, pictures: bool = True, segments: bool = True, wanted: Collection[int] | None = None
    ) -> Iterator[tuple[Sample | DataError, Joined]]:
        """Each image with the entries that it is made of. segments: whether panoptic PNGs are read."""
        with ExitStack() as stack:
            opened: dict[str, CocoFile] = {
                task: stack.enter_context(CocoFile(path)) for task, path in self.files.items()
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
            png = self._png(joined, where, findings) if with_png else b""
            sample = to_sample(entry, joined.annotations, self.names, where, data, png)
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

    def _png(self, joined: Joined, where: Location, findings: list[Finding]) -> bytes | None:
        """The bytes of the PNG of an image's segments; None where there are no segments, or it is not there."""
        for entry in joined.annotations.get("panoptic", ())[:1]:
            name = str(entry.get("file_name", ""))
            png = _read_below(self._segments, name)
            if png is None:
                text = f"there is no file {quoted(name)} in the folder of panoptic images"
                findings.append(Finding("panoptic-missing", where, text))
            return png
        return None

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


def _lean(category: Entry) -> Entry:
    """A category without values that are not read and may be large: True stands for them."""
    others = {key: True for key, value in category.items() if key not in _OF_CLASS and value not in _NOTHING}
    return {key: value for key, value in category.items() if key in _OF_CLASS} | others


def _read_below(folder: str | None, name: str) -> bytes | None:
    """A file in a folder; None where it is not there, where its name leads out of it, or where it is too large."""
    picture = None if folder is None or not name else read_below(folder, name, _LARGEST_PICTURE)
    return None if picture is None else picture.data
