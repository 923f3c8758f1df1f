"""Files and folders in a stage: written where nothing is, and removed without following a link."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Container

from tfrecord_lite.images.buffer import Buffer

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)  # a folder, and no link to one
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def report_of(split: str) -> str:
    """Where the report of a split is, below an output folder."""
    return os.path.join("reports", f"{split}.json")


def write_new(folder: str, name: str, data: Buffer) -> None:
    """Writes a file that must not exist yet, and the folders above it; synced with the stage as a whole.

    folder: where it goes; name: the file's, ``/`` between its parts. It is written in UTF-8, whatever the locale says.
    """
    path = _path_in(folder, name)
    try:
        descriptor = os.open(path, _NEW_FILE, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor = os.open(path, _NEW_FILE, 0o666)
    try:
        written = os.write(descriptor, data)
        if written < len(data):
            rest = memoryview(data)[written:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
    except OSError as error:
        error.filename = os.path.join(folder, name)
        raise
    finally:
        os.close(descriptor)


def append_to(folder: str, name: str, data: bytes) -> None:
    """Adds to the end of a file that ``write_new`` wrote."""
    with open(_path_in(folder, name), "ab") as file:
        file.write(data)


def move_new(source: str, folder: str, name: str) -> None:
    """Moves a file of the same stage to where no other one is, as ``write_new`` would write it.

    Raises:
        FileExistsError: there is one. Only this process writes to a stage, so that looking first is enough.
    """
    path = _path_in(folder, name)
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.path.join(folder, name))
    try:
        os.rename(source, path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.rename(source, path)


def move_over(source: str, folder: str, name: str) -> None:
    """Moves a file of the same file system to where the same one may be already, from an earlier attempt."""
    path = _path_in(folder, name)
    try:
        os.replace(source, path)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.replace(source, path)


def remove_file(folder: str, name: str) -> bool:
    """Removes a file that ``write_new`` or ``move_new`` put there. Returns whether there was one."""
    try:
        os.unlink(_path_in(folder, name))
    except FileNotFoundError:
        return False
    return True


def _path_in(folder: str, name: str) -> str | bytes:
    """A path below a folder as the system is to have it: in UTF-8, whatever the locale says."""
    if os.name == "nt":
        return os.path.join(folder, *name.split("/"))
    return b"%b/%b" % (os.fsencode(folder), name.encode())


def make_folders(path: str) -> list[str]:
    """Makes a folder and those above it. Returns the ones that were made, innermost first."""
    missing: list[str] = []
    made: list[str] = []
    parent = path
    while not os.path.lexists(parent):
        missing.append(parent)
        parent = os.path.dirname(parent)
    for folder in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another run has just made it
            os.mkdir(folder)
            made.insert(0, folder)
    if not os.path.isdir(path):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
    return made


def count_files(folder: str, besides: Container[str] = ()) -> int:
    """How many files are in a folder and those in it, except files of these names.

    Raises:
        ValueError: something is neither file nor folder.
    """
    count = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                count += entry.name not in besides
            elif entry.is_dir(follow_symlinks=False):
                count += count_files(entry.path, besides)
            else:
                raise ValueError(entry.path)
    return count


def remove_tree(path: str) -> None:
    """Removes a folder of ours as far as possible, entry by entry: shutil.rmtree holds a list of all files of a folder.

    Like rmtree it goes from folder to folder by descriptors, where the system can, so that a link cannot lead it away.
    """
    if not shutil.rmtree.avoids_symlink_attacks:
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        _empty(os.open(path, _FOLDER))
        os.rmdir(path)


def _empty(folder: int) -> None:
    """Removes all that is in an open folder, and closes it."""
    goes_on = True
    try:
        while goes_on:  # a folder out of which entries are taken while it is read may leave out others
            goes_on = False
            with os.scandir(folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        if entry.is_dir(follow_symlinks=False):
                            _empty(os.open(entry.name, _FOLDER, dir_fd=folder))
                            os.rmdir(entry.name, dir_fd=folder)
                        else:
                            os.unlink(entry.name, dir_fd=folder)
                        goes_on = True
    finally:
        os.close(folder)
