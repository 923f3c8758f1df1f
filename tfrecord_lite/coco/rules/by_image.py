"""Objects by image, in whatever order a file has them, in bounded memory.

Our own files, and most others, have the objects of an image one after another: each group is complete as soon as
another image follows. The official files have them in no order: as soon as an image comes back, all objects, earlier
ones included, go into a temporary SQLite file, and groups come out at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from tfrecord_lite.output.database import TemporaryDatabase

_TABLE = "CREATE TABLE objects (image, category, x, y, width, height, block, number)"

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
        self._table: TemporaryDatabase | None = None

    @property
    def is_scattered(self) -> bool:
        """Whether an image came back, which makes earlier groups void."""
        return self._table is not None

    def add(self, rows: Sequence[Row]) -> Iterator[Group]:
        """More objects. Yields groups that are complete."""
        self._count += len(rows)
        if self._table is not None:
            self._put(self._table, rows)
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
        with self._table.errors():
            rows = self._table.connection.execute("SELECT * FROM objects ORDER BY image, rowid")
            for _, group in groupby(rows, key=itemgetter(0)):
                yield list(group)

    def close(self) -> None:
        """Removes the temporary file."""
        if self._table is not None:
            self._table.close()

    def _scatter(self) -> None:
        """Puts every object up to now into the file."""
        self._open = []
        self._table = table = TemporaryDatabase(_TABLE, cache=1 << 14)
        left = self._count
        for rows in self._again():
            self._put(table, rows[:left])
            left -= len(rows)
            if left <= 0:
                break

    @staticmethod
    def _put(table: TemporaryDatabase, rows: Sequence[Row]) -> None:
        # As floats: an integer may be larger than SQLite's.
        floats = ((i, c, float(x), float(y), float(w), float(h), b, n) for i, c, x, y, w, h, b, n in rows)
        with table.errors():
            table.connection.executemany("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", floats)
