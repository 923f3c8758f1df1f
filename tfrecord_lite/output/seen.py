"""A set of any number of keys in bounded memory: was a key there before?

A key is kept as the 64 bits that Python's own hash makes of it (SipHash, PEP 456; BLAKE2b where a hash has 32 bits), so
among n keys a new one is taken for an old one with a probability of n**2 / 2**65: 3 in 100 million for a million keys.
The other mistake, an old key taken for a new one, cannot happen. The hash differs from run to run; no order depends on
it.

Memory first, then SQLite: a key costs 0.3 µs in a dictionary, and 1.5 (4,000 keys) to 4.2 µs (a million) in a table.
With three keys a record and 15 ms to import and open it, SQLite alone would make a conversion of 4,000 records 2 to 4 %
slower. The file is in the stage, where the dataset has to fit anyway, and not SQLite's own temporary database: that one
is in the system's temporary folder, which in a container is often memory.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tfrecord_lite.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

    from tfrecord_lite.output.database import TemporaryDatabase

_MOST_IN_MEMORY = 16_000  # keys; about two megabytes
_TABLE = "CREATE TABLE seen (digest INTEGER PRIMARY KEY, number INTEGER)"


class Seen:
    """A set of keys. The first 16,000 are kept in memory, more in a private temporary file.

    directory: where the file is to be, should there be a need for it; the system's place for such files where None.
    Only the thread that made it may use it. Errors of the file, such as a full disk, are raised as OSError.
    """

    def __init__(self, directory: str | None = None) -> None:
        self._directory = directory
        self._digests: dict[int, int] = {}
        self._most = _MOST_IN_MEMORY
        self._file: TemporaryDatabase | None = None

    def add(self, key: bytes) -> bool:
        """Put a key into the set; True when it was not there yet."""
        return self.first(key, 1, otherwise=0) == 1

    def first(self, key: bytes, number: int, otherwise: int | None = None) -> int:
        """Put a key with a number into the set, and return the number that it was first put in with.

        otherwise: what to return instead where the key was there, so that its number need not be looked up.
        """
        digest = _digest(key)
        if self._file is not None:
            return self._first_in_file(self._file, digest, number, otherwise)
        before = len(self._digests)
        known = self._digests.setdefault(digest, number)
        if len(self._digests) == before:
            return known if otherwise is None else otherwise
        if before >= self._most:
            self._move_to_file()
        return number

    def __contains__(self, key: bytes) -> bool:
        digest = _digest(key)
        if self._file is None:
            return digest in self._digests
        try:  # which is faster than ``errors``, here and below
            return self._cursor.execute("SELECT 1 FROM seen WHERE digest = ?", (digest,)).fetchone() is not None
        except self._file.error as error:
            raise self._file.as_os_error(error) from error

    def close(self) -> None:
        """Forget all keys and remove the file."""
        self._digests.clear()
        file, self._file = self._file, None
        if file is not None:
            self._cursor.close()
            file.close()

    def __enter__(self) -> Seen:  # noqa: PYI034 - typing.Self needs Python 3.11
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _move_to_file(self) -> None:
        """Go on in a file, or in memory where this Python was built without SQLite."""
        from tfrecord_lite.output.database import TemporaryDatabase  # noqa: PLC0415 - most runs never need it

        try:
            file = TemporaryDatabase(_TABLE, self._directory)
        except UsageError:
            self._most = 2**63
            return
        self._file, self._cursor = file, file.connection.cursor()
        with file.errors():
            self._cursor.executemany("INSERT INTO seen VALUES (?, ?)", sorted(self._digests.items()))
        self._digests = {}

    def _first_in_file(self, file: TemporaryDatabase, digest: int, number: int, otherwise: int | None) -> int:
        try:
            if self._cursor.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, number)).rowcount == 1:
                return number
            if otherwise is not None:
                return otherwise
            known: int = self._cursor.execute("SELECT number FROM seen WHERE digest = ?", (digest,)).fetchone()[0]
        except file.error as error:
            raise file.as_os_error(error) from error
        return known


def _blake2b(key: bytes) -> int:
    """64 bits of a digest, as the signed number that SQLite keeps; for Pythons whose own hash has 32 bits."""
    from hashlib import blake2b  # noqa: PLC0415 - starts OpenSSL

    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big", signed=True)


_digest = hash if sys.hash_info.width == 64 else _blake2b
