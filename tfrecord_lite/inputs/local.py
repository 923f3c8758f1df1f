"""The file system as a place."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Sequence
from io import FileIO, RawIOBase

from tfrecord_lite.inputs.place import Entry, Kind, Status


class LocalFiles:
    """See Place."""

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
