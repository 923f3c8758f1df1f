"""Renames that can be undone: a publication is done as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import pickle
from typing import IO

_MOST_IN_MEMORY = 10_000  # renames; about three megabytes


class Moves:
    """Renames, in their order. The latest are kept in memory, those before in a file that nobody else sees.

    folder: where that file is to be, should there be a need for it.
    """

    def __init__(self, folder: str) -> None:
        self.count = 0
        self._folder = folder
        self._latest: list[tuple[str, str]] = []
        self._file: IO[bytes] | None = None
        self._chunks: list[int] = []  # where in the file the next 10,000 renames begin

    def do(self, source: str, goal: str) -> None:
        """Renames, and notes it before, so that it can be undone whenever a signal arrives."""
        if len(self._latest) >= _MOST_IN_MEMORY:
            self._put_away()
        self._latest.append((source, goal))
        self.count += 1
        os.rename(source, goal)

    def undo(self) -> None:
        """Takes back every rename, the last one first."""
        self._undo_latest()
        while self._file is not None and self._chunks:
            self._file.seek(self._chunks.pop())
            self._latest = pickle.load(self._file)  # noqa: S301 - written a moment ago, by us
            self._undo_latest()

    def close(self) -> None:
        """Forgets everything."""
        if self._file is not None:
            self._file.close()

    def _put_away(self) -> None:
        """Writes the latest renames to the file. Where that fails they are still here."""
        if self._file is None:
            import tempfile  # noqa: PLC0415 - hardly any run needs it

            self._file = tempfile.TemporaryFile(prefix=".moves-", dir=self._folder)  # noqa: SIM115 - see close
        start = self._file.seek(0, os.SEEK_END)
        pickle.dump(self._latest, self._file, pickle.HIGHEST_PROTOCOL)
        self._file.flush()
        self._chunks.append(start)
        self._latest = []

    def _undo_latest(self) -> None:
        for source, goal in reversed(self._latest):
            with contextlib.suppress(OSError):  # the last one may not have been done
                os.rename(goal, source)
