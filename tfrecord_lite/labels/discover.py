"""Which file beside a record file is its label map.

Only the folder of the record file is searched and, where that is named like a split, the one above it. In order:

    <stem>_label_map.pbtxt                       Roboflow; the stem is the name without shard number and suffix
    *label_map*.{pbtxt,pb,txt,yaml,yml,csv,json}
    *.pbtxt                                      that starts with ``item``
    *_metadata.yaml, *_meta_data.yaml            MediaPipe and TensorFlow Lite Model Maker
    classes.txt, then *.names, then labels.txt   Darknet, slim
    *.labels.txt                                 TensorFlow Datasets: ``<feature>-<feature>.labels.txt``

The first two are label maps by their name, and are not opened. The others prove nothing by their name, so that they
count only if they can be read as one. Two files of one rank with different contents cannot be chosen between.

Source: tensorflow_datasets/core/features/class_label_feature.py (tensorflow/datasets) for the last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import LabelMapError, quoted
from tfrecord_lite.inputs.names import split_of_folder, stem_of
from tfrecord_lite.inputs.storage import kind_of, place_of, read_start, status_of

_HEAD_BYTES = 64 << 10  # never more than this is read of a file to decide what it is
_LABEL_MAP_EXTENSIONS = (".pbtxt", ".pb", ".txt", ".yaml", ".yml", ".csv", ".json")
_METADATA_ENDS = ("_metadata.yaml", "_meta_data.yaml")
_TFDS_END = ".labels.txt"
_ANY_ENDS = (*_LABEL_MAP_EXTENSIONS, ".names")

# The features of TensorFlow Datasets that hold the class of a box, then those that hold the class of an image. Where
# Open Images has bobjects, its objects are classes of the whole image; kitti calls its class type.
_TFDS_FEATURES = ("bobjects-label", "objects-label", "panoptic_objects-label", "objects-type", "label", "labels")


class _Rank(NamedTuple):
    """Names that have the same right to be the label map."""

    fits: Callable[[str], bool]  # of a name in lower case
    proof: Callable[[str, bytes, bool], bool] | None  # of path, head and whether that is all; None: the name proves it
    must_be_one: bool = True  # whether two different files are an error; else they are passed over


def find_label_maps(record_files: Iterable[str]) -> list[str]:
    """The label maps that lie beside record files, each once; a folder is searched once for all shards of a set."""
    sets: dict[tuple[str, str], str] = {}
    for record_file in record_files:
        folder, name = os.path.split(record_file)
        sets.setdefault((folder, stem_of(name).casefold()), record_file)
    return list(dict.fromkeys(path for each in sets.values() if (path := find_label_map(each))))


def find_panoptic_label_map(record_files: Iterable[str]) -> str | None:
    """The names of the panoptic classes that TensorFlow Datasets writes beside record files; None if it is not there.

    Source: core/features/class_label_feature.py, for the feature ``panoptic_objects`` of object_detection/coco.py.
    """
    folders = dict.fromkeys(map(os.path.dirname, record_files))
    paths = (os.path.join(folder, "panoptic_objects-label.labels.txt") for folder in folders)
    return next((path for path in paths if kind_of(path) == "file"), None)


def find_label_map(record_file: str) -> str | None:
    """The path of the label map that lies beside a record file; None where there is none.

    The answer is the same for all shards of a set: it depends on the folder, and on the name without its shard number.

    Args:
        record_file: path of a local file; for anything else, such as ``-``, the answer is None.

    Raises:
        LabelMapError: two different files have the same right to be it. The message names both.
        OSError: a file that may be it cannot be read.
    """
    folder, name = os.path.split(record_file)
    ranks = _ranks(stem_of(name).casefold())
    found = _find_in(folder, ranks)
    if found is None and split_of_folder(folder):
        found = _find_in(os.path.dirname(folder) if folder else os.pardir, ranks)
    return found


def _ranks(stem: str) -> list[_Rank]:
    """What may be the label map of the record files with this stem, best first."""
    return [
        _Rank(lambda name: name == f"{stem}_label_map.pbtxt", None),
        _Rank(lambda name: "label_map" in name and name.endswith(_LABEL_MAP_EXTENSIONS), None),
        _Rank(lambda name: name.endswith(".pbtxt"), _starts_with_item),
        _Rank(lambda name: name in [stem + end for end in _METADATA_ENDS], _can_be_read),
        _Rank(lambda name: name.endswith(_METADATA_ENDS), _can_be_read),
        _Rank(lambda name: name == "classes.txt", _can_be_read),
        _Rank(lambda name: name.endswith(".names"), _can_be_read),
        _Rank(lambda name: name == "labels.txt", _can_be_read),
        *(_Rank((feature + _TFDS_END).__eq__, _can_be_read) for feature in _TFDS_FEATURES),
        _Rank(lambda name: name.endswith("-label" + _TFDS_END), _can_be_read, must_be_one=False),
        _Rank(lambda name: name.endswith(_TFDS_END), _can_be_read, must_be_one=False),
    ]


def _find_in(folder: str, ranks: Sequence[_Rank]) -> str | None:
    """The label map in one folder: the only file of the best rank that has any."""
    try:
        entries = place_of(folder).entries(folder)
    except OSError:
        return None  # no folder: standard input
    names = [entry.name for entry in entries if entry.kind == "file" and not entry.name.startswith(".")]
    names = [name for name in names if name.casefold().endswith(_ANY_ENDS)]
    for rank in ranks:
        paths = [os.path.join(folder, name) for name in names if rank.fits(name.casefold())]
        if rank.proof:
            paths = [path for path in paths if rank.proof(path, *_head(path))]
        if len(paths) > 1 and not _are_equal(paths):
            if not rank.must_be_one:
                return None
            first, second = (quoted(os.path.basename(path)) for path in paths[:2])
            problem = f"{first} and {second} differ, expected one. Choose with --label-map"
            raise LabelMapError(folder or os.curdir, problem)
        if paths:
            return paths[0]
    return None


def _head(path: str) -> tuple[bytes, bool]:
    """The first bytes of a file, and whether they are all."""
    head = read_start(path, _HEAD_BYTES)
    status = status_of(path)
    return head, status is not None and len(head) == status.size


def _are_equal(paths: Sequence[str]) -> bool:
    """Whether these files are small and hold the same bytes."""
    heads = {_head(path) for path in paths}
    return len(heads) == 1 and all(whole for _, whole in heads)


def _starts_with_item(path: str, head: bytes, whole: bool) -> bool:
    """Whether a .pbtxt is a label map and no other message; UTF-16 counts, so that reading it tells what is wrong."""
    del path, whole
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    from tfrecord_lite.labels.pbtxt import has_items  # noqa: PLC0415 - few inputs have such files beside them

    return has_items(head.decode(encoding, "ignore"))


def _can_be_read(path: str, head: bytes, whole: bool) -> bool:
    """Whether a file is a label map, as far as its head goes."""
    from tfrecord_lite.labels.load import is_label_map  # noqa: PLC0415 - likewise

    return is_label_map(path, head, whole=whole)
