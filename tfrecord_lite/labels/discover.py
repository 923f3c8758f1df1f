"""Which files alongside record files may be their label map: candidates, best name first, each read.

Only the folder of a record file is searched and, where that is named like a split, the one above it. In order:

    <stem>_label_map.pbtxt                       Roboflow; the stem is the name without shard number and suffix
    *label_map*, *labelmap*                      .pbtxt .pb .yaml .yml .json .csv .txt; first those that share a word
                                                 with the record files, as pet_label_map.pbtxt and pet_train.record
    *.pbtxt                                      that has an ``item``
    *_metadata.yaml, *_meta_data.yaml            MediaPipe and TensorFlow Lite Model Maker
    classes.txt and its like, *.names            Darknet, labelImg
    labels.txt and its like                      slim
    *.labels.txt                                 TensorFlow Datasets: ``<feature>-<feature>.labels.txt``

The first two are label maps by their name, and so is a .pbtxt with an ``item``: what is wrong with one is reported. The
others prove nothing by their name, and count only if they can be read as one. Which candidate it is, is decided by
the classes of the records (``choose``).

Source: tensorflow_datasets/core/features/class_label_feature.py (tensorflow/datasets) for the last.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.inputs.names import split_of_folder, stem_of
from tfrecord_lite.inputs.storage import STDIN, is_file, kind_of, place_of, read_sidecar
from tfrecord_lite.inputs.urls import folder_of, is_url, join, name_of, split

if TYPE_CHECKING:
    from tfrecord_lite.labels.model import LabelMap

_MOST_FILES = 200  # in a folder; the rest is not looked at
_MAP_NAME = re.compile(r"labels?[-_ ]?maps?(?![a-z])")
_MAP_ENDS = (".pbtxt", ".pb", ".yaml", ".yml", ".json", ".csv", ".txt")
_METADATA_ENDS = ("_metadata.yaml", "_meta_data.yaml")
_CLASS_LISTS = ("classes.txt", "class_names.txt", "class_list.txt", "predefined_classes.txt")
_LABEL_LISTS = ("labels.txt", "label.txt", "names.txt", "categories.txt")
_TFDS_END = ".labels.txt"

# The features of TensorFlow Datasets that hold the class of a box, then those that hold the class of an image. Where
# Open Images has bobjects, its objects are classes of the whole image; kitti calls its class type.
_TFDS_FEATURES = ("bobjects-label", "objects-label", "panoptic_objects-label", "objects-type", "label", "labels")

_STEM, _SHARED_WORD, _MAP, _PBTXT, _STEM_METADATA, _METADATA, _CLASSES, _NAMES, _LABELS, TFDS = range(10)
_OTHER_FEATURE = TFDS + len(_TFDS_FEATURES)
_HINT_LISTS = ("classes", "class_names", "categories", "labels")
_HINT_FILES = (
    *("data.yaml", "data.yml", "dataset.yaml"),  # those of ultralytics
    *(name + end for name in _HINT_LISTS for end in (".csv", ".json")),
)
_HINT_FOLDERS = ("training", "annotations", "data", "label_map", "label_maps", "labels")


class Candidate(NamedTuple):
    """A file that may be the label map of record files; or several of one name, which agree with each other.

    paths: of the files. rank: how well they are named, 0 is best.
    label_map: None where the file cannot be read as one. problem: why.
    """

    paths: tuple[str, ...]
    rank: int
    label_map: LabelMap | None
    problem: LabelMapError | None = None

    @property
    def names_pixels(self) -> bool:
        """Whether it may name the numbers in label images: the files of TensorFlow Datasets name one feature each."""
        return self.rank % _ABOVE < TFDS

    @property
    def is_weak(self) -> bool:
        """Whether it names one feature of many, of which none is known to be the class of an object."""
        return self.rank % _ABOVE >= _OTHER_FEATURE


_ABOVE = 100  # what is added to the rank of a file in the folder above


def find_label_maps(record_files: Iterable[str]) -> list[Candidate]:
    """The candidates alongside record files, best name first; a folder is searched once for all files in it."""
    stems: dict[str, set[str]] = defaultdict(set)
    for path in record_files:
        if path != STDIN:
            folder, name = split(path)
            stems[folder].add(stem_of(name).casefold())
    found: dict[str, int] = {}
    for folder, names in stems.items():
        for path, rank in _ranked(folder, names):
            found[path] = min(rank, found.get(path, rank))
        if split_of_folder(folder):
            above = folder_of(folder) if folder else os.pardir
            for path, rank in _ranked(above, names):
                found[path] = min(rank + _ABOVE, found.get(path, rank + _ABOVE))
    by_place = sorted(found.items(), key=lambda item: (item[1], _end_of(item[0]), item[0]))
    return _joined([candidate for path, rank in by_place if (candidate := _read(path, rank)) is not None])


def find_panoptic_label_map(record_files: Iterable[str]) -> str | None:
    """The names of the panoptic classes that TensorFlow Datasets writes alongside record files, or None.

    Source: core/features/class_label_feature.py, for the feature ``panoptic_objects`` of object_detection/coco.py.
    """
    folders = dict.fromkeys(map(folder_of, record_files))
    paths = (join(folder, "panoptic_objects-label.labels.txt") for folder in folders)
    return next((path for path in paths if is_file(path)), None)


def find_hint(record_files: Iterable[str]) -> str | None:
    """A label map near record files that is not used, by its place or its name: only to be named in a message.

    Nothing is looked for on other machines: it would take many requests.
    """
    folders = dict.fromkeys(os.path.dirname(path) for path in record_files if path != STDIN and not is_url(path))
    for folder in folders:
        here, above = os.path.normpath(folder or os.curdir), os.path.normpath(os.path.join(folder, os.pardir))
        for near in (here, above, *(os.path.join(above, name) for name in _HINT_FOLDERS)):
            if kind_of(near) == "folder":
                found = list(_ranked(near, ())) if near != here else []
                found += [(path, _LABELS) for name in _HINT_FILES if is_file(path := os.path.join(near, name))]
                for path, rank in sorted(found, key=lambda item: (item[1], item[0])):
                    candidate = _read(path, rank) if rank < _OTHER_FEATURE else None
                    if candidate is not None and candidate.label_map is not None:
                        return os.path.normpath(path)
    return None


def _ranked(folder: str, stems: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The files of a folder that may be label maps by their names, with their ranks."""
    try:
        entries = place_of(folder).entries(folder)
    except OSError:
        return  # not readable, as a folder may be that has files which are
    words = {word for stem in stems for word in _words(stem)}
    left = _MOST_FILES
    for entry in entries:
        rank = None if entry.name.startswith(".") else _rank(entry.name.casefold(), stems, words)
        if rank is not None and entry.kind == "file" and left:
            left -= 1
            yield entry.path, rank


def _rank(name: str, stems: Iterable[str], words: set[str]) -> int | None:  # noqa: PLR0911 - one return a reason to pass a file over
    """How well a name, in small letters, fits record files with these stems; None where it is of something else."""
    if name.endswith(_MAP_ENDS) and (found := _MAP_NAME.search(name)):
        if name.endswith("_label_map.pbtxt") and name.removesuffix("_label_map.pbtxt") in stems:
            return _STEM
        return _SHARED_WORD if words.intersection(_words(name[: found.start()])) else _MAP
    if name.endswith(".pbtxt"):
        return _PBTXT
    if name.endswith(_METADATA_ENDS):
        return _STEM_METADATA if name in {stem + end for stem in stems for end in _METADATA_ENDS} else _METADATA
    if name in _CLASS_LISTS:
        return _CLASSES
    if name.endswith((".names", "darknet.labels")):
        return _NAMES
    if name in _LABEL_LISTS:
        return _LABELS
    if not name.endswith(_TFDS_END):
        return None
    feature = name.removesuffix(_TFDS_END)
    if feature in _TFDS_FEATURES:
        return TFDS + _TFDS_FEATURES.index(feature)
    return _OTHER_FEATURE + (not feature.endswith("-label"))


def _words(name: str) -> set[str]:
    """The words of a name that say what it is about."""
    return {word for word in re.split(r"[^a-z]+", name) if len(word) > 2 and split_of_folder(word) is None}


def _end_of(path: str) -> int:
    """The place of a file's ending among those of label maps."""
    end = os.path.splitext(path)[1].casefold()
    return _MAP_ENDS.index(end) if end in _MAP_ENDS else len(_MAP_ENDS)


def _read(path: str, rank: int) -> Candidate | None:
    """The candidate that a file is; None where its name proves nothing and it cannot be read as a label map."""
    # Few inputs have such files alongside them.
    from tfrecord_lite.labels.load import LARGEST_BYTES, may_be_label_map, parse_label_map  # noqa: PLC0415

    data = read_sidecar(path, LARGEST_BYTES)
    by_name = rank % _ABOVE <= _MAP
    if data is None:
        problem = LabelMapError(path, f"it cannot be read, or is larger than {LARGEST_BYTES >> 20} MiB")
        return Candidate((path,), rank, None, problem) if by_name else None
    if not by_name and not may_be_label_map(path, data):
        return None
    try:
        return Candidate((path,), rank, parse_label_map(path, data))
    except LabelMapError as error:
        return Candidate((path,), rank, None, error) if rank % _ABOVE <= _PBTXT else None


def _joined(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those of one name joined where they agree with each other, as where each split brings its own."""
    joined: dict[object, Candidate] = {}
    for candidate in candidates:
        name = name_of(candidate.paths[0]).casefold()
        key: object = "stem" if candidate.rank == _STEM else name
        known = joined.get(key)
        if known is None or known.label_map is None or candidate.label_map is None:
            joined[key if known is None else candidate.paths] = candidate
            continue
        from tfrecord_lite.labels.model import merge_label_maps  # noqa: PLC0415 - it is loaded by now

        try:
            merged = merge_label_maps([known.label_map, candidate.label_map])
        except LabelMapError:
            joined[candidate.paths] = candidate
        else:
            joined[key] = Candidate((*known.paths, *candidate.paths), known.rank, merged)
    return list(joined.values())
