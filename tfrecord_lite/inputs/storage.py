"""Opens, lists and looks at inputs. No other module does, so that inputs can be elsewhere than in a file system.

What a place has to offer for that is ``Place``: status, reading from any byte, listing. There is one so far, the local
file system, and ``place_of`` chooses.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO, RawIOBase
from typing import Literal, NamedTuple, Protocol

STDIN = "-"

LARGEST_SIDECAR = 4 << 20
"""Bytes of a file beside record files; as JSON it can take thirty times as much memory."""

Kind = Literal["file", "folder", "nothing", "other"]
"""``other`` is a pipe, a device or a socket; ``nothing`` what is not there, or a link to that."""


class Status(NamedTuple):
    """A regular file as it is now.

    size: in bytes. version: another one after the contents changed; of a local file the time of that, in nanoseconds.
    """

    size: int
    version: int | str


class Entry(NamedTuple):
    """What a folder holds under a name. kind: of what a link leads to. identity: see ``Place.identity``."""

    path: str
    name: str
    kind: Kind
    is_link: bool


class Place(Protocol):
    """Where inputs are."""

    def status(self, path: str) -> Status | None:
        """Size and version of a regular file; None for anything else. Raises OSError where there is nothing."""

    def kind(self, path: str) -> Kind:
        """What a path leads to."""

    def open(self, path: str) -> RawIOBase:
        """A file for unbuffered reading, which can seek unless it is a pipe. Raises OSError."""

    def entries(self, folder: str) -> list[Entry]:
        """What a folder holds, by name. Raises OSError."""

    def identity(self, path: str) -> object:
        """A value that is the same for every path of one file or folder. Raises OSError where there is nothing."""

    def matches(self, pattern: str) -> list[str]:
        """The paths that match a pattern with ``*``, ``?``, ``[…]`` and ``**``."""


class _LocalFiles:
    """The file system."""

    def status(self, path: str) -> Status | None:
        found = os.stat(path)
        return Status(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None

    def kind(self, path: str) -> Kind:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):  # ValueError: a path that no system has, with a null character
            return "nothing"
        return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"

    def open(self, path: str) -> RawIOBase:
        return FileIO(path)

    def _kind(self, entry: os.DirEntry[str]) -> Kind:
        """What a folder holds, without asking the system again where the listing tells."""
        if entry.is_symlink():
            return self.kind(entry.path)
        return "file" if entry.is_file() else "folder" if entry.is_dir() else self.kind(entry.path)

    def entries(self, folder: str) -> list[Entry]:
        with os.scandir(folder or os.curdir) as found:
            entries = [
                Entry(
                    os.path.join(folder, entry.name),
                    entry.name,
                    self._kind(entry),
                    entry.is_symlink(),
                )
                for entry in found
            ]
        return sorted(entries, key=lambda entry: entry.name)

    def identity(self, path: str) -> object:
        found = os.stat(path)
        return (found.st_dev, found.st_ino) if found.st_ino else os.path.normcase(os.path.realpath(path))

    def matches(self, pattern: str) -> list[str]:
        return glob.glob(pattern, recursive=True)


_LOCAL = _LocalFiles()


def place_of(path: str) -> Place:
    """The place that a path is in."""
    del path  # all are in the file system
    return _LOCAL


@contextmanager
def open_input(path: str) -> Iterator[RawIOBase]:
    """A file, or standard input, for unbuffered reading. Errors while it is read name it. Raises OSError."""
    try:
        with FileIO(0, closefd=False) if path == STDIN else place_of(path).open(path) as file:
            yield file
    except OSError as error:
        if error.filename is None:
            error.filename = "standard input" if path == STDIN else path
        raise


def status_of(path: str) -> Status | None:
    """Size and version of a regular file; None for standard input, a pipe or a device. Raises OSError."""
    return None if path == STDIN else place_of(path).status(path)


def kind_of(path: str) -> Kind:
    """What a path leads to."""
    return place_of(path).kind(path)


def read_up_to(file: RawIOBase, most: int) -> bytes:
    """The next bytes of a file, all of them where there are no more than ``most``. Raises OSError."""
    parts = []
    while most > 0 and (part := file.read(most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def read_start(path: str, most: int) -> bytes:
    """The first bytes of a file, all of them where there are no more than ``most``. Raises OSError."""
    with open_input(path) as file:
        return read_up_to(file, most)


def read_sidecar(path: str, largest: int = LARGEST_SIDECAR) -> bytes | None:
    """A file beside record files, which nobody named: None where it is no regular file, too large or unreadable."""
    try:
        status = status_of(path)
        if status is None or status.size > largest:
            return None
        data = read_start(path, largest + 1)
    except (OSError, ValueError):  # ValueError: see kind
        return None
    return data if len(data) <= largest else None


def find_below(root: str, path: str) -> str | None:
    """The regular file at a path below a folder; None where there is none, or the path or a link leads out of it.

    Args:
        root: a folder.
        path: relative to it.
    """
    inside = os.path.join(os.path.realpath(root), "")  # ends in a separator, as / and D:\\ do by themselves
    found = os.path.join(inside, path)
    if kind_of(found) == "file" and os.path.realpath(found).startswith(inside):
        return found
    return None
