"""Publishes one file, or a folder of files, as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.checks import check_access, refuse_existing, refuse_no_file, refuse_url
from tfrecord_lite.output.files import write_new
from tfrecord_lite.output.renames import is_real_folder
from tfrecord_lite.output.stage import INSIDE, FolderStage, Stage, clear_left, publish


def check_file(path: str, *, overwrite: bool) -> None:
    """Refuses a path that ``write_whole`` would refuse, as far as can be seen before. Raises OutputError, OSError."""
    refuse_url(path)
    refuse_no_file(path)
    if not overwrite:
        refuse_existing(path)
    check_access(os.path.dirname(os.path.abspath(path)))


def write_whole(path: str, content: bytes, *, overwrite: bool) -> None:
    """Writes a file, and the folders above it.

    Raises:
        OutputError: something is there already, and is not to be replaced; or another run writes to it.
        OSError: it cannot be written.
    """
    check_file(path, overwrite=overwrite)
    folder, name = os.path.split(os.path.abspath(path))
    stage = Stage(folder, name, path)
    try:
        write_new(stage.new, name, content)
        publish([stage.part([name], replaces=overwrite)], path)
    finally:
        stage.discard()


@contextlib.contextmanager
def whole_folder(path: str) -> Iterator[str]:
    """Gives a folder to write files to, which are in the folder ``path`` once all of them are written.

    path: new, or an empty folder.

    Raises:
        OutputError: something is there already, or another run writes to it. OSError: the file system refuses.
    """
    refuse_filled(path)
    stage = FolderStage(path)
    try:
        os.makedirs(stage.content, exist_ok=True)
        yield stage.content
        stage.publish(sorted(os.listdir(stage.content)), replaces=False)
    finally:
        stage.discard()


def refuse_filled(path: str) -> None:
    """Refuses what is there, unless it is an empty folder, or has only what a killed run left. Raises OutputError."""
    folder = os.path.realpath(path)
    if is_real_folder(folder):
        clear_left(folder, INSIDE, path)
    if os.path.lexists(path) and (not is_real_folder(folder) or os.listdir(folder)):
        raise OutputError(path, "this is no empty folder. Name a new one: nothing is written among other files")
