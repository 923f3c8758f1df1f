"""Whether a folder of images is what an earlier conversion put there, so that a later one may replace it as a whole."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from io import BufferedReader

from tfrecord_lite.errors import OutputError, printable
from tfrecord_lite.inputs.storage import open_at_hand, read_start
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.output.files import count_files

OF_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that macOS and Windows leave in folders that somebody looked into."""
DATA_HEAD = "# Class numbers count from 0; reports/ says which categories of COCO they are."
"""The first line of a ``data.yaml`` of ours."""
_END = b"],"  # of the list of images


def is_earlier_result(json_path: str, folder: str) -> bool:
    """Whether a folder holds the images that a COCO file of ours names, and nothing but that file else.

    What operating systems leave in a folder does not count. Names are unique, so finding each one and counting is
    enough, and memory does not grow with their number.
    """
    own = int(os.path.dirname(json_path) == folder and os.path.isfile(json_path))
    try:
        return _count_named(json_path, folder) + own == count_files(folder, OF_SYSTEMS)
    except (OSError, ValueError, KeyError, TypeError):  # not a file of ours, or an image is missing
        return False


def _count_named(json_path: str, folder: str) -> int:
    """How many images a COCO file names. Raises OSError where one is missing, ValueError where the file is not ours."""
    count = 0
    with open(json_path, "rb") as lines:
        for name in named_images(lines):
            if not stat.S_ISREG(os.lstat(os.path.join(folder, *name.split("/"))).st_mode):
                raise ValueError(name)
            count += 1
    return count


def named_images(lines: Iterable[bytes]) -> Iterator[str]:
    """The names of the images in a COCO file of ours, one a line (coco/write/json_writer). ValueError of any other."""
    lines = iter(lines)
    if not next(lines, b"").startswith(b'{"info":'):
        raise ValueError("no COCO file of ours")
    for line in lines:
        if line.startswith(_END):
            return
        yield json.loads(line.rstrip(b",\n"))["file_name"]
    raise ValueError("no end of the images")


def labels_of(report: str) -> tuple[str, int] | None:
    """What the YOLO labels of a split are, as its report says.

    Returns:
        ``detect``, ``segment`` or ``pose``, and the number of keypoints, 0 where it is not said. None where the report
        is missing, not one of ours, or says nothing of labels.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with BufferedReader(open_at_hand(report)) as file:
            found = json.load(file)["yolo"]
        task, keypoints = found["task"], found.get("keypoints", 0)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return (task, keypoints) if isinstance(task, str) and isinstance(keypoints, int) else None


def refuse_to_part(report: str, split: str) -> None:
    """Refuses to replace the images of labels without the labels, which would belong to others then.

    Raises:
        OutputError: the split that is replaced has labels. OSError: its report cannot be read.
    """
    if labels_of(report):
        problem = f"the split {printable(split)} has YOLO labels, which would be left beside other images"
        raise OutputError(report, f"{problem}. Convert with --layout=yolo, or name another output")


def is_data_file(path: str) -> bool:
    """Whether a file is a ``data.yaml`` of ours, by its first line. Raises OSError: it cannot be read."""
    if not is_url(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        return False
    return read_start(path, len(DATA_HEAD)) == DATA_HEAD.encode()
