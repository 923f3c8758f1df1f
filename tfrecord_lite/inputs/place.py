"""A place where files are, and the file system as one.

Everything that opens, lists or looks at inputs goes through this interface. The web, object stores and what fsspec
knows are other places. The scheme of a path says which one it is in (``storage.place_of``).
"""

from __future__ import annotations

import glob
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Sequence
from io import FileIO, RawIOBase
from typing import Literal, NamedTuple

Kind = Literal["file", "folder", "nothing", "other"]
"""``other`` is a pipe, a device or a socket; ``nothing`` is no file at all, or a link to none."""


class Status(NamedTuple):
    """A regular file as it is now.

    size: in bytes. version: changes with the contents: of a local file the time of its last change, in nanoseconds; of
    an object its entity tag or generation; empty where it is unknown.
    """

    size: int
    version: int | str


class Entry(NamedTuple):
    """An entry of a folder. kind: of a link, that of what it leads to. status: where the listing gives it."""

    path: str
    name: str
    kind: Kind
    is_link: bool
    status: Status | None = None


class Place(ABC):
    """Where files are."""

    @abstractmethod
    def status(self, path: str) -> Status | None:
        """Size and version of a regular file; None for anything else. Raises OSError where there is nothing."""

    @abstractmethod
    def statuses(self, paths: Sequence[str]) -> list[Status | None]:
        """Those of many files, None for what is not there; with few requests where each is a round trip."""

    @abstractmethod
    def kind(self, path: str) -> Kind:
        """What a path leads to."""

    @abstractmethod
    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        """A file for unbuffered reading, which can seek unless it is a pipe or a stream. Raises OSError.

        ahead: it will be read from its start to its end, so that what comes may be fetched before it is asked for.
        """

    @abstractmethod
    def entries(self, folder: str) -> list[Entry]:
        """What a folder holds, by name. Raises OSError."""

    @abstractmethod
    def identity(self, path: str) -> object:
        """A value that is the same for every path of one file or folder. Raises OSError where there is nothing."""

    @abstractmethod
    def matches(self, pattern: str) -> list[str]:
        """The files that match a pattern with ``*``, ``?``, ``[…]`` and ``**``."""


class RemoteFile(RawIOBase):
    """An open file of another machine. status: None where its size is not known before its end."""

    status: Status | None = None

    def readable(self) -> bool:
        return True


class LocalFiles(Place):
    """The file system."""

    def status(self, path: str) -> Status | None:
        found = os.stat(path)
        return Status(found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None

    def statuses(self, paths: Sequence[str]) -> list[Status | None]:
        return [self.status(path) if self.kind(path) == "file" else None for path in paths]

    def kind(self, path: str) -> Kind:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):  # ValueError: a path that no system has, with a null character
            return "nothing"
        return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"

    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        """See Place. The system reads ahead by itself."""
        del ahead
        return FileIO(path)

    def _kind(self, entry: os.DirEntry[str]) -> Kind:
        """The kind of an entry, without asking the system again where the listing says it."""
        if entry.is_symlink():
            return self.kind(entry.path)
        return "file" if entry.is_file() else "folder" if entry.is_dir() else self.kind(entry.path)

    def entries(self, folder: str) -> list[Entry]:
        with os.scandir(folder or os.curdir) as found:
            entries = [
                Entry(os.path.join(folder, entry.name), entry.name, self._kind(entry), entry.is_symlink())
                for entry in found
            ]
        return sorted(entries, key=lambda entry: entry.name)

    def identity(self, path: str) -> object:
        found = os.stat(path)
        return (found.st_dev, found.st_ino) if found.st_ino else os.path.normcase(os.path.realpath(path))

    def matches(self, pattern: str) -> list[str]:
        return [path for path in glob.glob(pattern, recursive=True) if self.kind(path) == "file"]
