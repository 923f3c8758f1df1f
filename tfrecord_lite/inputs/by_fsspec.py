"""Every other scheme as a place, through fsspec, where the user has it installed.

Ranges are read as in the other places, and not through fsspec's own caches, which fetch one block at a time. Few of its
file systems give a version with a range: size and version are compared again after the last one.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from io import RawIOBase
from typing import Any

from tfrecord_lite.errors import InputError, printable
from tfrecord_lite.inputs.object_place import ObjectPlace
from tfrecord_lite.inputs.place import Entry, Kind, Status
from tfrecord_lite.inputs.ranged import FIRST, RANGE, RangedFile, Ranges
from tfrecord_lite.inputs.retries import Retries, TransientError, as_os_errors, changed, first_line
from tfrecord_lite.inputs.urls import join, scheme_of

_VERSIONS = ("ETag", "etag", "generation", "mtime", "LastModified", "last_modified", "updated", "created")


def _file_system(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. Raises InputError where there is none."""
    scheme = scheme_of(url)
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - most inputs are files

        system, path = url_to_fs(url)
    except ModuleNotFoundError as error:
        if error.name != "fsspec":
            raise InputError(url, f"{scheme}:// needs the package {error.name}") from None
        install = f"{sys.executable} -m pip install fsspec"
        raise InputError(url, f"{scheme}:// needs the package fsspec. Install it: {install}") from None
    except (ValueError, ImportError) as error:
        raise InputError(url, f"fsspec cannot read {scheme}:// ({error})") from None
    except Exception as error:
        with _errors(url):
            raise error from None
    return system, path


def _errors(url: str) -> AbstractContextManager[None]:
    """Turns the errors of fsspec's file systems, each of which has its own, into OSError."""
    return as_os_errors(url, (PermissionError,), (FileExistsError,), (Exception,))


def _version(info: dict[str, Any]) -> str:
    return next((str(info[key]) for key in _VERSIONS if info.get(key)), "")


class FsspecFiles(ObjectPlace):
    """What fsspec knows, as a place."""

    def __init__(self) -> None:
        self._making = threading.Lock()
        self._made: set[tuple[int, str]] = set()

    def status(self, path: str) -> Status | None:
        system, name = _file_system(path)
        with _errors(path):
            info = system.info(name)
        if info.get("type") == "directory" or info.get("size") is None:
            return None
        return Status(int(info["size"]), _version(info))

    def kind(self, path: str) -> Kind:
        system, name = _file_system(path)
        try:
            with _errors(path):
                return "folder" if system.info(name).get("type") == "directory" else "file"
        except FileNotFoundError:
            return "nothing"

    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        status = self.status(path)
        if status is None:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), printable(path))
        return RangedFile(_File(path, status), status, RANGE if ahead else FIRST, ahead=ahead)

    def entries(self, folder: str) -> list[Entry]:
        system, name = _file_system(folder)
        found = []
        with _errors(folder):
            infos = system.ls(name, detail=True) if system.exists(name) else []
        for info in infos:
            base = info["name"].rstrip("/").rpartition("/")[2]
            is_folder = info.get("type") == "directory"
            status = None if is_folder or info.get("size") is None else Status(int(info["size"]), _version(info))
            found.append(Entry(join(folder, base), base, "folder" if is_folder else "file", False, status))
        return sorted(found, key=lambda entry: entry.name)

    def write(self, path: str, source: str, *, new: bool) -> None:
        """See ObjectPlace. Whether a file appears whole or not at all is up to its file system."""
        system, name = _file_system(path)
        with _errors(path):
            if new and system.exists(name):
                raise FileExistsError(name)
            self._make_folder(system, name.rpartition("/")[0])
            system.put_file(source, name)

    def _make_folder(self, system: Any, folder: str) -> None:  # noqa: ANN401 - there is no type without fsspec
        """Makes a folder, one thread at a time. Each has a file system of its own, which keeps listings of its own."""
        key = (threading.get_ident(), folder)
        if key in self._made:
            return
        with self._making, suppress(Exception):  # where there are no folders: writing will tell
            system.invalidate_cache()
            system.makedirs(folder, exist_ok=True)
        self._made.add(key)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            system, name = _file_system(path)
            with suppress(FileNotFoundError), _errors(path):
                system.rm_file(name)


class _File(Ranges):
    """A file of fsspec. Each thread asks a file system of its own, as fsspec keeps them."""

    def __init__(self, url: str, status: Status) -> None:
        super().__init__(url)
        self._status = status

    def fetch(self, start: int, end: int) -> memoryview:
        data = Retries(self.url, self.closing).until_done(lambda: self._ask(start, end))
        if end == self._status.size:
            system, _ = _file_system(self.url)
            system.invalidate_cache()
            if FsspecFiles().status(self.url) != self._status:
                raise changed(self.url)
        return memoryview(data)

    def _ask(self, start: int, end: int) -> bytes:
        try:
            system, name = _file_system(self.url)
            data: bytes = system.cat_file(name, start=start, end=end)
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as error:  # noqa: BLE001 - each file system has errors of its own
            raise TransientError(first_line(error)) from None
        if len(data) != end - start:
            raise TransientError(f"{len(data)} bytes came instead of {end - start}")
        return data
