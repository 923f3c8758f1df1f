"""The descriptions of two datasets in a temporary SQLite file, and which image of one is which of the other.

Neither dataset need fit into memory. Nothing depends on the order in which images came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from tfrecord_lite.comparison.description import Description, Identity
from tfrecord_lite.output.database import TemporaryDatabase

_TABLES = """
CREATE TABLE image (number INTEGER PRIMARY KEY, side INT, split INT, place INT, name TEXT, file TEXT, source TEXT,
    id TEXT, digest TEXT, brief TEXT, stem TEXT, title TEXT);
CREATE TABLE content (number INTEGER PRIMARY KEY, light BLOB, heavy BLOB);
CREATE TABLE more (number INT, light BLOB, heavy BLOB);
CREATE TABLE pair (split INT, title TEXT, brief TEXT, a INT, b INT);
CREATE TABLE pixels (number INTEGER PRIMARY KEY, digest TEXT);
CREATE TABLE found (a INT, b INT);
CREATE TABLE paired (number INTEGER PRIMARY KEY);
"""


class Row(NamedTuple):
    """An image of one dataset. parts: light and heavy of each record that says something of it."""

    number: int
    identity: Identity
    parts: Sequence[tuple[bytes, bytes]]


class Pair(NamedTuple):
    """An image of both datasets; None where one of them lacks it."""

    split: int
    title: str
    a: Row | None
    b: Row | None


class _Key(NamedTuple):
    """A key that matches images: all of these columns are there and equal on both sides.

    even: only where as many of them have it on either side. unnamed: only where one side has no name, or both the same
    stem: ids are often those of the file alone.
    """

    columns: tuple[str, ...]
    even: bool = False
    unnamed: bool = False


_KEYS = (
    _Key(("name", "source", "digest", "brief")),
    _Key(("file", "source"), even=True),
    _Key(("name", "source"), even=True),
    _Key(("file", "digest"), even=True),
    _Key(("name", "digest"), even=True),
    _Key(("name",), even=True),
    _Key(("file",), even=True),
    _Key(("source",), even=True),
    _Key(("digest",), even=True),
    _Key(("name",)),
    _Key(("file",)),
    _Key(("stem",)),
    _Key(("digest",)),
    _Key(("id", "brief"), even=True, unnamed=True),
    _Key(("brief",), even=True, unnamed=True),
    _Key(("id",), unnamed=True),
    _Key(("place",), unnamed=True),
)
"""The most certain first. Images that share a key are distinguished by their size and boxes."""


class Store:
    """The descriptions of two datasets, numbered 0 and 1. Use it in a ``with``: its file is gone then.

    next: the number that the next image gets.

    Raises:
        UsageError: this Python has no SQLite. OSError: the disk is full.
    """

    def __init__(self) -> None:
        self.next = 1
        self._database = TemporaryDatabase(_TABLES, cache=1 << 14)
        self._errors, self._connection = self._database.errors, self._database.connection

    def __enter__(self) -> Store:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    # ---------------------------------------------------------------------------------------------- putting in
    def add(self, side: int, split: int, place: int, described: Description) -> None:
        """Keeps an image, by the number ``next``. place: its number among the images of its split, from 0."""
        identity = described.identity
        row = (self.next, side, split, place, *identity, identity.stem, identity.title)
        with self._errors():
            self._connection.execute("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._connection.execute("INSERT INTO content VALUES (?, ?, ?)", (self.next, *described[1:]))
        self.next += 1

    def add_to(self, number: int, described: Description) -> None:
        """Keeps what another record says of an image."""
        with self._errors():
            self._connection.execute("INSERT INTO more VALUES (?, ?, ?)", (number, *described[1:]))

    def add_pixels(self, number: int, digest: str) -> None:
        """Keeps a digest of the pixels of an image."""
        with self._errors():
            self._connection.execute("INSERT OR REPLACE INTO pixels VALUES (?, ?)", (number, digest))

    # ---------------------------------------------------------------------------------------------- pairing
    def pair(self) -> None:
        """Finds the images of one dataset in the other."""
        with self._errors():
            for key in _KEYS:
                self._pair_by(key)
            for side, columns in ((0, "number, NULL"), (1, "NULL, number")):
                self._connection.execute(
                    f"INSERT INTO pair SELECT split, title, brief, {columns} FROM image"  # noqa: S608 - our own words
                    " WHERE side = ? AND number NOT IN (SELECT number FROM paired)",
                    (side,),
                )

    def _pair_by(self, key: _Key) -> None:
        """Pairs images that share a key, and are in no pair yet."""
        execute = self._connection.execute
        columns = ", ".join(("split", *key.columns))
        there = " AND ".join(f"{column} IS NOT NULL" for column in key.columns)
        width = 1 + len(key.columns)
        left = execute(
            f"SELECT {columns}, side, number, name, stem FROM image"  # noqa: S608 - our own words
            f" WHERE {there} AND number NOT IN (SELECT number FROM paired) ORDER BY {columns}, brief, number"
        )
        for _, group in groupby(left, itemgetter(*range(width))):
            sides: tuple[list[Any], list[Any]] = ([], [])
            for row in group:
                sides[row[width]].append(row[width + 1 :])
            if key.even and len(sides[0]) != len(sides[1]):
                continue
            for a, b in zip(*sides, strict=False):
                if not (key.unnamed and a[1] and b[1] and a[2] != b[2]):
                    execute("INSERT INTO found VALUES (?, ?)", (a[0], b[0]))
        execute("INSERT INTO paired SELECT a FROM found UNION ALL SELECT b FROM found")
        execute("INSERT INTO pair SELECT split, title, brief, a, b FROM found JOIN image ON image.number = found.a")
        execute("DELETE FROM found")

    # ---------------------------------------------------------------------------------------------- taking out
    def pairs(self) -> Iterator[Pair]:
        """Every image of either dataset, by split and name."""
        with self._errors():
            cursor = self._connection.execute("SELECT split, title, a, b FROM pair ORDER BY split, title, brief, a, b")
            for split, title, a, b in cursor:
                yield Pair(split, title, self._row(a), self._row(b))

    def _row(self, number: int | None) -> Row | None:
        if number is None:
            return None
        execute = self._connection.execute
        identity = execute(
            "SELECT name, file, source, id, digest, brief FROM image WHERE number = ?", (number,)
        ).fetchone()
        parts = execute("SELECT light, heavy FROM content WHERE number = ?", (number,)).fetchall()
        more = execute("SELECT light, heavy FROM more WHERE number = ? ORDER BY rowid", (number,)).fetchall()
        return Row(number, Identity(*identity), parts + more)

    def unlike_pictures(self, side: int, split: int) -> dict[int, int]:
        """The pictures whose bytes differ from those of the other dataset: place in their split -> number here."""
        mine, other = ("a", "b") if side == 0 else ("b", "a")
        query = (
            f"SELECT mine.place, mine.number FROM pair JOIN image AS mine ON mine.number = pair.{mine}"  # noqa: S608 - our own words
            f" JOIN image AS other ON other.number = pair.{other}"
            " WHERE mine.split = ? AND mine.digest <> other.digest"
        )
        with self._errors():
            return dict(self._connection.execute(query, (split,)).fetchall())

    def pixels(self, number: int) -> str | None:
        """The digest of the pixels of an image; None where it has none that can be decoded."""
        with self._errors():
            row = self._connection.execute("SELECT digest FROM pixels WHERE number = ?", (number,)).fetchone()
        return None if row is None else row[0]
