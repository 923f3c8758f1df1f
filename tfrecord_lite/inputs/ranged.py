"""A file that is read by ranges over a link, which is kept full while the file is read from its start to its end.

Four ranges of 8 MiB are in flight at a time: a single connection is limited by its window, and waits a round trip for
each range. Two more are asked for as soon as one of these has arrived, so that the link is not idle while the reader is
busy or waits for the slowest. So an open file takes up to 57 MiB: six ranges, the one that is being read, and the last
MiB before it.

After a seek, 256 KiB are fetched at the new place, and ranges ahead once reading goes on from there.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from tfrecord_lite.inputs.place import RemoteFile, Status

RANGE = 8 << 20
IN_FLIGHT = 4
AHEAD = 6
"""Ranges that are queued, in flight, or there and not read yet."""
FIRST = 256 << 10
"""Bytes that are asked for where it is not known whether more will be wanted."""
_KEPT = 1 << 20  # bytes before the current range: a reader of records goes back by its window at most


class Ranges(ABC):
    """An object that ranges can be fetched of, by several threads at a time."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.closing = Event()

    @abstractmethod
    def fetch(self, start: int, end: int) -> memoryview:
        """These bytes, all of them. Raises OSError where they cannot be had, or the object was replaced."""

    def reuse(self, data: memoryview) -> None:  # noqa: B027 - some have their memory from a library
        """What was fetched is no longer needed: its memory may take the next range."""

    def close(self) -> None:
        """Ends what is under way."""
        self.closing.set()


class RangedFile(RemoteFile):
    """An object as a file.

    status: its size and version, which were pinned when it was opened. first: how many bytes were asked for then.
    ahead: whether it will be read to its end.
    """

    def __init__(self, ranges: Ranges, status: Status, first: int, *, ahead: bool) -> None:
        self.status: Status = status
        self._ranges = ranges
        self._position = 0
        self._kept = (0, memoryview(b""))  # where it starts, and the bytes
        self._current = (0, memoryview(b""))
        self._coming: deque[tuple[int, Future[memoryview]]] = deque()  # by their starts, without a gap
        self._end = 0  # of what was asked for
        self._threads: ThreadPoolExecutor | None = None
        if ahead:
            self._ask(first)
            self._ask_ahead()
        else:
            self._end = min(first, status.size)
            self._current = (0, ranges.fetch(0, self._end))

    def _ask(self, size: int) -> None:
        """Asks for the next bytes."""
        start, end = self._end, min(self._end + size, self.status.size)
        if start < end:
            self._threads = self._threads or ThreadPoolExecutor(IN_FLIGHT, "tfrecord2coco-range")
            self._coming.append((start, self._threads.submit(self._ranges.fetch, start, end)))
            self._end = end

    def _ask_ahead(self) -> None:
        while len(self._coming) < AHEAD and self._end < self.status.size:
            self._ask(RANGE)

    def _at_position(self) -> memoryview:
        """The bytes from the position on, as many as are in one range."""
        for start, data in (self._current, self._kept):
            if start <= self._position < start + len(data):
                return data[self._position - start :]
        begin = self._coming[0][0] if self._coming else self._end
        if self._position == self._end and not self._coming:  # reading goes on after what was asked for
            self._ask_ahead()
        elif not begin <= self._position < self._end:
            self._jump()
        while True:
            start, future = self._coming.popleft()
            data = future.result()
            self._keep(start, data)
            if self._position < start + len(data):
                break
        if self._coming:
            self._ask_ahead()
        return data[self._position - start :]

    def _jump(self) -> None:
        """Asks for the bytes at the position, and for no others yet."""
        for _, future in self._coming:
            future.cancel()
        self._coming.clear()
        self._end = self._position
        self._ask(FIRST)

    def _keep(self, start: int, data: memoryview) -> None:
        before, old = self._current
        self._kept = (before + max(0, len(old) - _KEPT), memoryview(bytes(old[-_KEPT:])))
        self._current = (start, data)
        self._ranges.reuse(old)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        if self._position >= self.status.size:
            return 0
        data = self._at_position()[: len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        """See RawIOBase; fewer bytes at the end of the file alone."""
        left = self.status.size - self._position
        left = left if size is None or size < 0 else min(size, left)
        pieces = []
        while left > 0:
            data = self._at_position()[:left]
            pieces.append(bytes(data))
            self._position += len(data)
            left -= len(data)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.status.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """Ends what is under way. What was fetched is forgotten."""
        if not self.closed:
            threads, self._threads = getattr(self, "_threads", None), None
            if threads is not None:
                threads.shutdown(wait=False, cancel_futures=True)
            self._ranges.close()
            if threads is not None:
                threads.shutdown()
            self._coming.clear()
            self._current = self._kept = (0, memoryview(b""))
        super().close()
