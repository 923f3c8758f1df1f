"""Renames that replace nothing, and how to move a folder that cannot be renamed as a whole.

Sources: rename(2) of Linux for RENAME_NOREPLACE; "Overlay Filesystem" of the Linux kernel's documentation for folders
of a lower layer, such as those of a container's image: they cannot be renamed, but the files in them can.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

_AT_FDCWD = -100  # paths that are relative are so to the current folder
_RENAME_NOREPLACE = 1
_HAS_NO_SUCH_RENAME = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}


def rename_new(source: str, goal: str) -> None:
    """Renames to a name that is free.

    Linux and Windows look at the name and take it in one step; elsewhere, and on file systems that cannot (NFS), it is
    looked at just before.

    Raises:
        FileExistsError: it is not free; nothing was changed.
        OSError: the file system refuses.
    """
    if sys.platform == "linux" and (renameat2 := _renameat2()) is not None:
        import ctypes  # noqa: PLC0415 - not every Python has it

        sys.audit("os.rename", source, goal, -1, -1)  # as os.rename does, for audit hooks
        if not renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(goal), _RENAME_NOREPLACE):
            return
        number = ctypes.get_errno()
        if number not in _HAS_NO_SUCH_RENAME:
            raise OSError(number, os.strerror(number), goal)
    if is_there(goal):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), goal)
    os.rename(source, goal)


@cache
def _renameat2() -> Any:  # noqa: ANN401 - a function of C
    """The system's call; None where the C library has none."""
    try:
        import ctypes  # noqa: PLC0415 - likewise

        return ctypes.CDLL(None, use_errno=True).renameat2
    except (ImportError, AttributeError, OSError):
        return None


def move_aside(source: str, goal: str) -> None:
    """Moves a file or folder into a folder of ours, where nothing is called ``goal`` yet. A link is moved itself."""
    try:
        os.rename(source, goal)
    except OSError as error:
        if error.errno != errno.EXDEV or not is_real_folder(source):
            raise
        os.mkdir(goal)
        for name in names_in(source):
            move_aside(os.path.join(source, name), os.path.join(goal, name))
        os.rmdir(source)


def move_back(source: str, goal: str) -> None:
    """Takes ``move_aside`` back, also one that was interrupted.

    Raises:
        FileExistsError: something else has the name by now; it stays, and so does what is at ``source``.
    """
    try:
        rename_new(source, goal)
    except FileExistsError:
        if not (is_real_folder(source) and is_real_folder(goal)):
            raise
        for name in names_in(source):
            move_back(os.path.join(source, name), os.path.join(goal, name))
        os.rmdir(source)


def names_in(folder: str) -> Iterator[str]:
    """The names in a folder, each of which must be gone when the next is asked for.

    Reading a folder while entries are taken out of it may leave out others, so it is read again until it is empty.
    There is no list of all: there may be millions.
    """
    goes_on = True
    while goes_on:
        goes_on = False
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_there(entry.path):  # some file systems also name what is gone
                    goes_on = True
                    yield entry.name


def is_there(path: str) -> bool:
    """Whether something has this name. Unlike os.path.lexists, which takes any failure for a no, it raises OSError."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def is_real_folder(path: str) -> bool:
    """Whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_empty_folder(path: str) -> bool:
    """Whether there is a folder, and no link to one, with nothing in it."""
    if not is_real_folder(path):
        return False
    with os.scandir(path) as entries:
        return next(entries, None) is None
