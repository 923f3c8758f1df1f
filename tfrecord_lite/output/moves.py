"""Renames that can be undone."""

from __future__ import annotations

import contextlib
import os
import pickle
from typing import IO

_MOST_IN_MEMORY = 10_000  # renames; some three megabytes, and for a moment twice as much

_Steps = list[tuple[str | None, str]]  # from, to; without the former a folder that was made


class Moves:
    """Renames, in their order. The latest are kept in memory, those before in a file that nobody else sees.

    folder: where that file is to be, should there be a need for it; it need not exist.
    """

    def __init__(self, folder: str) -> None:
        self.count = 0
        self._folder = folder
        self._file: IO[bytes] | None = None
        # Where in the file each list of steps begins, and the steps after them. One value, for a step that a signal
        # leaves in both would be undone twice.
        self._notes: tuple[tuple[int, ...], _Steps] = ((), [])

    def do(self, source: str, goal: str) -> None:
        """Renames, and notes it before, so that it can be undone whenever a signal arrives."""
        self._note(source, goal)
        os.rename(source, goal)

    def make(self, folder: str) -> None:
        """Makes a folder, likewise."""
        self._note(None, folder)
        os.mkdir(folder)

    def undo(self) -> None:
        """Takes back every step, the last one first."""
        starts, latest = self._notes
        _undo(latest)
        for start in reversed(starts):
            # What cannot be read back must not keep the rest from being undone.
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
                if self._file is not None:
                    self._file.seek(start)
                    _undo(pickle.load(self._file))  # noqa: S301 - written a moment ago, by us

    def close(self) -> None:
        """Forgets everything."""
        if self._file is not None:
            self._file.close()

    def _note(self, source: str | None, goal: str) -> None:
        if len(self._notes[1]) >= _MOST_IN_MEMORY:
            self._put_away(*self._notes)
        self._notes[1].append((source, goal))
        self.count += 1

    def _put_away(self, starts: tuple[int, ...], latest: _Steps) -> None:
        """Writes the latest steps to the file. OSError where it does not take them; then they are still here."""
        if self._file is None:
            import tempfile  # noqa: PLC0415 - hardly any run needs it

            os.makedirs(self._folder, exist_ok=True)
            # Unbuffered: what it did not take is not tried again when it is read.
            self._file = tempfile.TemporaryFile(buffering=0, dir=self._folder)  # noqa: SIM115 - see close
        start = self._file.seek(0, os.SEEK_END)
        rest = memoryview(pickle.dumps(latest, pickle.HIGHEST_PROTOCOL))
        while rest:
            rest = rest[self._file.write(rest) :]
        self._notes = ((*starts, start), [])


def _undo(steps: _Steps) -> None:
    for source, goal in reversed(steps):
        with contextlib.suppress(OSError):  # the last one may not have been done
            if source is None:
                os.rmdir(goal)
            else:
                os.rename(goal, source)
