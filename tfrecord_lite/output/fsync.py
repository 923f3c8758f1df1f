"""Makes files safe on disk, so that a power failure cannot take what was published."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO

_STEP = 32 << 20  # bytes that are worth a sync of their own
LOST = {errno.EIO, errno.ENOSPC, errno.EDQUOT}
"""What fsync(2) and syncfs(2) say of data that the disk did not take; other errors say that it cannot be synced."""


def sync_tree(root: str) -> None:
    """Makes everything staged safe on disk, so that a rename never publishes what a power failure could take.

    Thousands of image files are flushed by one sync of their file system: a call for each would take many times as long
    as writing them. The files that name the images, and the folders, are synced each on its own.
    """
    sync_file_system(root)
    for folder in _folders_below(root):
        sync_folder(folder)


def _folders_below(path: str) -> Iterator[str]:
    """A folder and all below it, innermost first. Not os.walk, which would hold a list of all images."""
    with os.scandir(path) as entries:
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    for folder in folders:
        yield from _folders_below(folder)
    yield path


def sync_file_system(path: str) -> None:
    """Flushes the file system of a folder, and no other where that can be said. Raises OSError where it fails."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, AttributeError):
            import ctypes  # noqa: PLC0415 - not every Python has it

            libc = ctypes.CDLL(None, use_errno=True)
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if libc.syncfs(descriptor):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
            finally:
                os.close(descriptor)
            return
    if hasattr(os, "sync"):  # not on Windows
        os.sync()


class EarlySync:
    """Has what is staged written to the disk while more of it is made, so that little is left to wait for at the end.

    A file system is synced by a call that returns once all is written: a thread waits for it. ``sync_tree`` syncs
    what is published once more, but the system reports lost data only once, which may be here.

    folder: on the file system to sync; None for none. Only Linux can sync one file system: elsewhere nothing is done.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = folder if sys.platform == "linux" else None
        self._unsynced = 0
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def note(self, size: int) -> None:
        """Notes bytes of input, much of which is output soon, and begins to sync once they are many."""
        self._unsynced += size
        if self._folder is None or self._unsynced < _STEP or (self._thread is not None and self._thread.is_alive()):
            return
        self._unsynced = 0
        thread = threading.Thread(target=self._sync, args=(self._folder,), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads can be started
            self._folder = None
        else:
            self._thread = thread

    def _sync(self, folder: str) -> None:
        try:
            sync_file_system(folder)
        except OSError as error:
            if error.errno in LOST:
                self._error = error
        except Exception:  # noqa: BLE001, S110 - memory is short, for example: the sync at the end will say so
            pass

    def wait(self) -> None:
        """Waits for what has begun; the next call of ``note`` may begin again.

        Raises:
            OSError: the disk did not take what was written.
        """
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            raise self._error

    def __enter__(self) -> EarlySync:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # A run that fails waits for its thread. One that was told to end at once does not wait for a disk.
        if self._thread is not None and (kind is None or issubclass(kind, Exception)):
            self._thread.join()


def sync_folder(path: str) -> None:
    """Makes the entries of a folder safe on disk. Raises OSError where it fails."""
    if os.name == "nt":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _sync(descriptor, path)
    finally:
        os.close(descriptor)


def sync_file(file: BinaryIO) -> None:
    """Makes what was written to a file safe on disk. Raises OSError where it fails."""
    file.flush()
    _sync(file.fileno(), file.name)


def _sync(descriptor: int, path: str) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        error.filename = path
        raise


def write_synced(path: str, data: bytes) -> None:
    """Writes a new file and makes it safe on disk."""
    with open(path, "xb") as file:
        file.write(data)
        sync_file(file)
