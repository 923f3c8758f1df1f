"""A dataset folder, or one COCO file -> the COCO files in it, and where their pictures are.

annotations/instances_<split>.json    beside images/<split>/, images/, or <split>/: what COCO itself and convert have
<split>/_annotations.coco.json        beside the pictures: Roboflow's
*.json                                beside data/ or images/, or the pictures themselves: FiftyOne's, and others
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import InputError
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.inputs.storage import is_file, is_folder, kind_of, place_of
from tfrecord_lite.inputs.urls import folder_of, is_web, join, name_of, without_query

TASKS = ("instances", "person_keypoints", "stuff", "panoptic", "captions", "image_info")
_NAMED = re.compile(rf"({'|'.join(TASKS)})_(.+)")
_ROBOFLOW = "_annotations.coco.json"


class CocoPart(NamedTuple):
    """One COCO file of a dataset.

    path: of the file. task: one of TASKS; ``instances`` where the name does not say. split: such as ``train``.
    pictures: the folder that names of pictures are relative to; None where there is none.
    segments: the folder of the PNGs of a panoptic file, whether it exists or not.
    """

    path: str
    task: str
    split: str
    pictures: str | None
    segments: str


def find_parts(path: str, pictures: str | None = None) -> list[CocoPart]:
    """The COCO files of a dataset, in a fixed order.

    Args:
        path: a file, or a dataset folder.
        pictures: where the pictures are; None to look at the usual places beside the files of a folder.

    Raises:
        InputError: there is nothing at the path, or no COCO file in the folder.
    """
    if pictures is not None and not is_folder(pictures):
        raise InputError(pictures, "no such folder, expected the pictures")
    kind = kind_of(path)
    if kind == "file":
        return [_part(path, [pictures] if pictures else [])]
    if kind != "folder":
        raise InputError(path, "no such file or folder")
    parts = [*_of_coco(path, pictures), *_of_roboflow(path, pictures)] or _beside(path, pictures)
    if not parts:
        expected = f"annotations/*.json, <split>/{_ROBOFLOW} or *.json"
        problem = f"there is no COCO file in this folder, expected {expected}"
        raise InputError(path, f"{problem}. TFRecord files are converted to COCO by the command convert")
    return sorted(parts, key=lambda part: (TASKS.index(part.task), part.split, part.path))


def find_dataset(path: str, pictures: str | None = None) -> list[CocoPart] | None:
    """The parts of a COCO dataset; None where the path is none.

    It is one if it ends in ``.json``, if COCO files are at their usual places in it, or if there
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
    if any(folder_of(part.path) != path.rstrip("/" + os.sep) or part.path.endswith(_ROBOFLOW) for part in parts):
        return parts
    try:
        find_sources([path], allow_missing_shards=True)
    except InputError:
        return parts
    return None


def by_split(parts: Iterable[CocoPart]) -> dict[str, dict[str, CocoPart]]:
    """The COCO files of each split by task. Of several for one task the first one counts."""
    splits: dict[str, dict[str, CocoPart]] = {}
    for part in parts:
        splits.setdefault(part.split, {}).setdefault(part.task, part)
    return splits


def _with_its_pictures(path: str, pictures: str | None) -> list[CocoPart]:
    """A COCO file, with the pictures that it has as a part of its dataset."""
    folder, name = folder_of(path), name_of(path)
    root = folder_of(folder) if name_of(folder) == "annotations" else folder
    beside = (part for part in find_parts(root or os.curdir, pictures) if name_of(part.path) == name)
    identity = place_of(path).identity
    ours = [part for part in beside if identity(part.path) == identity(path)]
    return [part._replace(path=path) for part in ours] or find_parts(path, pictures)


def _of_coco(root: str, pictures: str | None) -> list[CocoPart]:
    """Files in ``annotations/``."""
    parts = []
    for name in _json_files(join(root, "annotations")):
        split = _task_and_split(name)[1]
        roots = [pictures] if pictures else [join(root, "images"), root]
        places = [join(each, split) for each in roots] + roots[:1]
        parts.append(_part(join(root, "annotations", name), places))
    return parts


def _of_roboflow(root: str, pictures: str | None) -> list[CocoPart]:
    """Files beside the pictures of each split."""
    folders = [root, *(entry.path for entry in place_of(root).entries(root) if entry.kind == "folder")]
    found = [(folder, join(folder, _ROBOFLOW)) for folder in folders]
    return [
        CocoPart(path, "instances", "" if folder == root else name_of(folder), pictures or folder, "")
        for folder, path in found
        if is_file(path)
    ]


def _beside(root: str, pictures: str | None) -> list[CocoPart]:
    """Files in the folder itself."""
    places = [pictures] if pictures else [join(root, "data"), join(root, "images"), root]
    return [_part(join(root, name), places) for name in _json_files(root)]


def _part(path: str, places: Sequence[str]) -> CocoPart:
    """A file, whose pictures are in the first of these places that is there."""
    task, split = _task_and_split(name_of(path))
    pictures = next((place for place in places if is_folder(place)), None)
    return CocoPart(path, task, split, pictures, os.path.splitext(without_query(path)[0])[0])


def _task_and_split(name: str) -> tuple[str, str]:
    """What the name of a file says."""
    stem = os.path.splitext(name)[0]
    found = _NAMED.fullmatch(stem)
    return (found[1], found[2]) if found else ("instances", stem)


def _json_files(folder: str) -> list[str]:
    """The names of the JSON files in a folder; none where there is no such folder."""
    if not is_folder(folder):
        return []
    names = (entry.name for entry in place_of(folder).entries(folder))
    return [name for name in names if name.endswith(".json") and not name.startswith(".")]
