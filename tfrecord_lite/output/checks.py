"""Checks of a path before anything is written to it: whether it is free, and whether a file or folder can be made."""

from __future__ import annotations

import errno
import os

from tfrecord_lite.errors import OutputError
from tfrecord_lite.inputs.urls import is_url


def refuse_url(path: str) -> None:
    """Refuses a URL where files alone are written. Raises OutputError."""
    if is_url(path):
        raise OutputError(path, "this is written to files of this machine. Name a path, and copy what comes of it")


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
