"""Publishes one file, or a folder of files, as a whole or not at all; and the checks of a path to write to."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

from tfrecord_lite.errors import OutputError
from tfrecord_lite.output.files import refuse_url, write_new
from tfrecord_lite.output.renames import is_folder
from tfrecord_lite.output.stage import INSIDE, FolderStage, Stage, clear_left, publish


def refuse_existing(path: str) -> None:
    """Refuses a path that is not free, where nothing is to be replaced. Raises OutputError."""
    if os.path.lexists(path):
        raise already_there(path)


def already_there(path: str) -> OutputError:
    """The refusal of a path that is not free."""
    return OutputError(path, "this exists already. Replace it with --overwrite, or name another output")


def refuse_no_file(path: str) -> None:
    """Refuses what a file cannot, or must not, replace: a folder, a device, a pipe. Raises OutputError."""
    if os.path.exists(path) and not os.path.isfile(path):
        kind = "a folder" if os.path.isdir(path) else "no regular file, and is not replaced"
        raise OutputError(path, f"this is {kind}. Name another output")


def check_access(folder: str) -> None:
    """Refuses a folder that cannot be written to, or made. Raises OSError as the attempt would."""
    above = os.path.realpath(folder)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if not os.path.isdir(above):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), above)
    if not os.access(above, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), above)


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
    if is_folder(folder):
        clear_left(folder, INSIDE, path)
    if os.path.lexists(path) and (not is_folder(folder) or os.listdir(folder)):
        raise OutputError(path, "this is no empty folder. Name a new one: nothing is written among other files")
