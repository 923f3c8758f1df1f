"""Which of any number of integers come more than once: exact, and in bounded memory.

Numbers that rise, as counted ids do, cannot repeat: nothing is sorted for them. Others are sorted a
million at a time, the sorted runs wait in a temporary file, and in the end they are merged.
"""

from __future__ import annotations

import heapq
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import lt
from typing import IO

_RUN = 1 << 20  # numbers that are sorted at once: 8 MB, and 40 more while they are
_MOST = 1000  # repeated numbers that are named
_READ = 1 << 13  # numbers of each run that are in memory while runs are merged
_SIZE = 8  # bytes of a number


class Repeats:
    """Numbers from -2**63 to 2**63 - 1, and which of them came before."""

    def __init__(self) -> None:
        self._run = array("q")
        self._lengths: list[int] = []
        self._file: IO[bytes] | None = None
        self._last = -(2**63)
        self._rising = True

    def extend(self, numbers: Sequence[int]) -> None:
        """More numbers, as they come."""
        if not numbers:
            return
        if self._rising:
            self._rising = self._last < numbers[0] and all(map(lt, numbers, islice(numbers, 1, None)))
            self._last = numbers[-1]
        self._run.extend(numbers)
        if len(self._run) >= _RUN:
            self._spill()

    def repeated(self) -> set[int]:
        """Numbers that came more than once: all of them, or the thousand smallest."""
        found: set[int] = set()
        if self._rising:
            return found
        before = None
        for number in self._merged():
            if number == before:
                found.add(number)
                if len(found) == _MOST:
                    break
            before = number
        return found

    def close(self) -> None:
        """Removes the temporary file."""
        if self._file is not None:
            self._file.close()

    def _merged(self) -> Iterator[int]:
        """All numbers, sorted."""
        if self._file is None:
            return iter(sorted(self._run))
        self._spill()
        starts = [sum(self._lengths[:number]) for number in range(len(self._lengths))]
        return heapq.merge(*map(self._read, starts, self._lengths))

    def _spill(self) -> None:
        """Sorts the numbers that are in memory, and puts them into the file."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix=".ids-")  # noqa: SIM115 - closed in close
        self._file.seek(_SIZE * sum(self._lengths))
        array("q", sorted(self._run)).tofile(self._file)
        self._lengths.append(len(self._run))
        self._run = array("q")

    def _read(self, start: int, length: int) -> Iterator[int]:
        """One sorted run."""
        if self._file is None:
            return
        for at in range(start, start + length, _READ):
            self._file.seek(_SIZE * at)
            part = array("q")
            part.frombytes(self._file.read(_SIZE * min(_READ, start + length - at)))
            yield from part
