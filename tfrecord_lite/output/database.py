"""A temporary SQLite file: rows of any number in bounded memory.

Nothing in it outlives the process. So there is no journal, and one transaction that never ends: pages go to the file
when the cache is full, and only then.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfrecord_lite.errors import UsageError

if TYPE_CHECKING:
    import sqlite3

_SETTINGS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "temp_store=FILE")


class TemporaryDatabase:
    """A database that is gone when it is closed. Only the thread that made it may use it.

    connection: to be used within ``errors``. error: what SQLite raises.

    Args:
        tables: the statements that make them.
        folder: where the file is to be; the system's place for such files where None.
        cache: KiB of pages that are kept in memory.

    Raises:
        UsageError: this Python was built without SQLite. OSError: the file cannot be made.
    """

    def __init__(self, tables: str, folder: str | None = None, *, cache: int = 1 << 12) -> None:
        try:
            import sqlite3  # noqa: PLC0415 - most runs never need it, and some Pythons lack it
        except ImportError:
            text = "this Python was built without sqlite3, which is needed here. Use another Python"
            raise UsageError(text) from None
        self.error = sqlite3.Error
        handle, self._path = tempfile.mkstemp(prefix=".rows-", suffix=".sqlite", dir=folder)
        os.close(handle)
        with contextlib.ExitStack() as undo, self.errors():
            undo.callback(self._unlink)
            self.connection: sqlite3.Connection = sqlite3.connect(self._path, isolation_level=None)
            undo.callback(self.connection.close)
            for setting in (*_SETTINGS, f"cache_size=-{cache}"):
                self.connection.execute(f"PRAGMA {setting}")
            self.connection.executescript(tables)
            self.connection.execute("BEGIN")
            if sys.platform == "linux":  # then not even SIGKILL leaves it; Windows and Apple's SQLite would object
                self._unlink()
            undo.pop_all()

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Raises SQLite's errors as errors of the system."""
        try:
            yield
        except self.error as error:
            raise self.as_os_error(error) from error

    def as_os_error(self, error: Exception) -> OSError:
        """SQLite's error as what it is to a user: the disk is full, or does not work."""
        number = errno.ENOSPC if "full" in str(error) else errno.EIO
        return OSError(number, f"{os.strerror(number)} ({error})", self._path)

    def close(self) -> None:
        """Removes the file."""
        self.connection.close()
        self._unlink()

    def _unlink(self) -> None:
        """Removes the name of the file, if it is still there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
