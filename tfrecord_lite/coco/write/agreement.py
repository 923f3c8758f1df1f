"""A last check of what was staged, before it is published: COCO files, pictures and report agree in number."""

from __future__ import annotations

import os
from typing import NamedTuple

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.files import count_files
from tfrecord_lite.output.target import SplitPaths


class Counted(NamedTuple):
    """What was counted while a split was written.

    images: in the report. pictures: files that were written; pngs: likewise for the panoptic file.
    """

    paths: SplitPaths
    images: int
    pictures: int
    pngs: int


def check_numbers(root: str, counted: Counted) -> None:
    """Compares the files of a split with what was counted. root: the folder that the paths are relative to.

    Raises:
        OutputError: they do not agree, because of a fault of this program, or because something else changed the files.
    """
    paths, images, pictures, pngs = counted
    json = os.path.join(root, paths.json)
    _compare(json, "images", count_entries(json, "images"), images)
    if paths.images is not None:
        folder = os.path.join(root, paths.images)
        beside = os.path.dirname(json) == os.path.normpath(folder)  # the COCO file lies among its pictures
        _compare(folder, "files", count_files(folder) - beside, pictures)
    if paths.labels is not None:
        folder = os.path.join(root, paths.labels)
        _compare(folder, "files", count_files(folder), images)
    if pngs:
        json = os.path.join(root, paths.tasks["panoptic"])
        folder = os.path.splitext(json)[0]
        _compare(json, "entries", count_entries(json, "annotations"), pngs)
        _compare(folder, "files", count_files(folder), pngs)


def _compare(path: str, what: str, found: int, expected: int) -> None:
    if found != expected:
        problem = f"this holds {found} {what}, expected {expected}, as many as were written"
        raise OutputError(path, f"{problem}. Did another program change it? Nothing was published")


def count_entries(path: str, key: str) -> int:
    """How long a list of a COCO file is. ``json_writer`` wrote it, an entry a line."""
    opening = b'"%b":[\n' % key.encode()
    with open(path, "rb") as lines:
        for line in lines:
            if line.endswith(opening):
                break
        count = 0
        for line in lines:
            if line.startswith(b"]"):
                break
            count += 1
    return count
