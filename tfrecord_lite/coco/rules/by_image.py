"""Objects by their image, in whatever order a file has them, in bounded memory.

Our own files, and most others, have the objects of an image one after another: each group is complete as soon as
another image follows. The official files have them all over the place: as soon as an image comes back, all objects are
put into a temporary SQLite file, those before as well, and groups come out at the end.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

_SETTINGS = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-16384", "temp_store=1")


_COLUMNS = "image, category, x, y, width, height, block, number"

Row = tuple[int, int, float, float, float, float, int, int]
"""An object: the number of its image in the table of images, its category, x, y, width and height of its box; and where
it is: the element of this number, from 0, of those that start at this byte. A bare tuple, for there are millions."""
Group = Sequence[Row]


class ByImage:
    """Takes objects in the order of the file, and gives them back by image.

    again: reads the objects of the file once more, from its start.
    """

    def __init__(self, images: int, again: Callable[[], Iterable[Sequence[Row]]]) -> None:
        self._again = again
        self._closed = bytearray(images)
        self._open: list[Row] = []
        self._count = 0
        self._table: _Table | None = None

    @property
    def is_scattered(self) -> bool:
        """Whether an image came back, so that groups that were given before are void."""
        return self._table is not None

    def add(self, rows: Sequence[Row]) -> Iterator[Group]:
        """More objects. Yields groups that are complete."""
        self._count += len(rows)
        if self._table is not None:
            self._table.add(rows)
            return
        closed, group = self._closed, self._open
        image = group[0][0] if group else -1
        for row in rows:
            if row[0] != image:
                if group:
                    closed[image] = 1
                    yield group
                image = row[0]
                if closed[image]:
                    self._scatter()
                    return
                group = self._open = []
            group.append(row)

    def finish(self) -> Iterator[Group]:
        """The groups that are left; all, where objects are scattered."""
        if self._table is None:
            if self._open:
                yield self._open
            return
        for _, rows in groupby(self._table.sorted(), key=itemgetter(0)):
            yield list(rows)

    def close(self) -> None:
        """Removes the temporary file."""
        if self._table is not None:
            self._table.close()

    def _scatter(self) -> None:
        """Puts every object up to now into the file."""
        self._open = []
        self._table = _Table()
        left = self._count
        for rows in self._again():
            self._table.add(rows[:left])
            left -= len(rows)
            if left <= 0:
                break


class _Table:
    """Objects in a temporary SQLite file without a journal: it is of no use after the process."""

    def __init__(self) -> None:
        import sqlite3  # noqa: PLC0415 - most files never need it

        self._error = sqlite3.Error
        self._connection = sqlite3.connect("", isolation_level=None)  # no name: a temporary file of SQLite's
        with self._as_os_error():
            for setting in _SETTINGS:
                self._connection.execute(f"PRAGMA {setting}")
            self._connection.execute(f"CREATE TABLE objects ({_COLUMNS})")
            self._connection.execute("BEGIN")

    def add(self, rows: Sequence[Row]) -> None:
        """More objects."""
        # As floats: an integer may be larger than SQLite's.
        floats = ((i, c, float(x), float(y), float(w), float(h), b, n) for i, c, x, y, w, h, b, n in rows)
        with self._as_os_error():
            self._connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", floats)

    def sorted(self) -> Iterator[Row]:
        """All objects by image, in the order they came in."""
        with self._as_os_error():
            yield from self._connection.execute("SELECT * FROM objects ORDER BY image, rowid")

    def close(self) -> None:
        """Removes the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _as_os_error(self) -> Iterator[None]:
        """SQLite's errors as what they are to a user: the disk is full, or does not work."""
        try:
            yield
        except self._error as error:
            number = errno.ENOSPC if "full" in str(error) else errno.EIO
            raise OSError(number, f"{os.strerror(number)} ({error})", tempfile.gettempdir()) from error
