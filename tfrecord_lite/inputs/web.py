"""``https://`` and ``http://`` as a place, with the standard library alone.

An object is asked for by ranges where the server has them (RFC 9110, section 14), else as one stream. Its version is
pinned by the first answer: the entity tag, else the generation that Google's stores name, else the time of the last
change. An answer of another version, or of another size, is an error. Redirects are followed, and the threads that
fetch later ranges ask their target at once. One that it refuses, as a signed target does after its time, asks the first
URL again, or the new target that another thread has found by now.
"""

from __future__ import annotations

import contextlib
import email.utils
import errno
import mmap
import os
import re
import time
from collections.abc import Sequence
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import RawIOBase
from urllib.parse import urljoin

from tfrecord_lite.errors import printable
from tfrecord_lite.inputs.connections import TIMEOUT, Connected, Connections, RefusedError, cut
from tfrecord_lite.inputs.object_place import each_status
from tfrecord_lite.inputs.place import Entry, Kind, Place, RemoteFile, Status
from tfrecord_lite.inputs.ranged import FIRST, IN_FLIGHT, RANGE, RangedFile, Ranges
from tfrecord_lite.inputs.retries import Retries, TransientError, changed, failed

_STEP = 256 << 10  # bytes read at once: what a cut takes away
_MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")
_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "tfrecord2coco"}


@cache
def connections() -> Connections:
    """Those of this process."""
    return Connections()


class Web(Place):
    """Servers of the web. Nothing can be listed; a URL that ends in ``/`` is taken for a folder."""

    def status(self, path: str) -> Status | None:
        """See Place; None where the server does not give the size."""
        page = _Object(path)
        try:
            answer = page.begin(1)  # not HEAD: a signed URL is for GET alone
            if answer.has_ranges and answer.status is not None:
                page.fetch(0, min(1, answer.status.size))
            return answer.status
        finally:
            page.close()

    def statuses(self, paths: Sequence[str]) -> list[Status | None]:
        return each_status(self.status, paths)

    def kind(self, path: str) -> Kind:
        """See Place. Raises OSError where the server does not say."""
        if path.endswith("/"):
            return "folder"
        try:
            self.status(path)
        except FileNotFoundError:
            return "nothing"
        return "file"

    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        page = _Object(path)
        try:
            first = RANGE if ahead else FIRST
            warming = connections().warm(path, IN_FLIGHT - 1) if ahead else []
            answer = page.begin(first)
            for thread in warming:
                thread.join()  # no thread is left when workers are forked
            if not answer.has_ranges or answer.status is None:
                return _Stream(page, answer)
            return RangedFile(page, answer.status, first, ahead=ahead)
        except BaseException:
            page.close()
            raise

    def entries(self, folder: str) -> list[Entry]:
        """See Place. Raises OSError: a web server does not list."""
        problem = "a web server does not list files. Name each of them, or a set of shards as base@10"
        raise OSError(errno.ENOTSUP, problem, printable(folder))

    def identity(self, path: str) -> object:
        return path

    def matches(self, pattern: str) -> list[str]:
        """See Place. Raises OSError: see entries."""
        self.entries(pattern)
        return []


class _Answer:
    """An answer to a request for a range. status: None where its size is not known. has_ranges: whether it is one."""

    def __init__(self, used: Connected) -> None:
        self.used = used
        response = used.response
        self.has_ranges = response.status in (206, 416)
        size: int | None = response.length
        self.start = 0
        if self.has_ranges:
            found = _RANGE.fullmatch(response.getheader("Content-Range", ""))
            size = int(found[3]) if found else None
            self.start = int(found[1] or 0) if found else -1
        self.status = None if size is None else Status(size, self.version)

    @property
    def version(self) -> str:
        """The version of the object; empty where the server does not give it."""
        header = self.used.response.getheader
        return header("ETag") or header("x-goog-generation") or header("Last-Modified") or ""

    def readinto(self, buffer: memoryview) -> int:
        """The next bytes of the body; 0 at its end. Raises TransientError."""
        try:
            return self.used.response.readinto(memoryview(buffer)[:_STEP])
        except TimeoutError:
            raise TransientError(f"the server sent nothing for {TIMEOUT:.0f} s") from None
        except (OSError, HTTPException, ValueError, AttributeError):  # the last two: another thread has cut it
            raise TransientError("the connection was cut") from None


class _Object(Ranges):
    """The object at a URL, of one version once the first answer is there."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._target = url  # where redirects led to
        self._pinned: Status | None = None
        self._under_way: set[HTTPConnection] = set()
        self._begun: list[_Answer] = []  # the first one, until it is read
        self._spare: list[memoryview] = []  # ranges that were read, and whose memory can take others

    def begin(self, size: int) -> _Answer:
        """The answer to a request for the first bytes, which are yet to be read. Raises OSError."""

        def first() -> _Answer:
            try:
                return self.attempt(0, size)
            except RefusedError as error:
                if self._pinned is None:
                    raise failed(self.url, _way(self.url, self._target) + error.problem) from None
                raise

        answer = Retries(self.url, self.closing).until_done(first)
        self._begun = [answer]
        return answer

    def reuse(self, data: memoryview) -> None:
        if len(data) == RANGE:
            self._spare.append(data)

    def _memory(self, size: int) -> memoryview:
        """Bytes to read into. The system gives pages as they are filled: a bytearray would fill them with zeros."""
        if size <= RANGE and self._spare:
            return self._spare.pop()[:size]
        return memoryview(mmap.mmap(-1, size)) if size else memoryview(b"")

    def close(self) -> None:
        super().close()
        self._spare.clear()
        while self._under_way:
            with contextlib.suppress(KeyError):  # it has just ended
                cut(self._under_way.pop())

    def drop(self, used: Connected) -> None:
        """Gives an answer up."""
        self._under_way.discard(used.connection)
        cut(used.connection)

    def leave(self, used: Connected) -> None:
        """Is done with an answer that is not the bytes of the object."""
        self._under_way.discard(used.connection)
        connections().leave(used)

    def done(self, answer: _Answer) -> None:
        """After an answer was read to its end."""
        self._under_way.discard(answer.used.connection)
        connections().give_back(answer.used)

    def fetch(self, start: int, end: int) -> memoryview:
        """See Ranges. After a cut what is missing is asked for, and no more."""
        answer = self._begun.pop() if start == 0 and self._begun else None
        buffer = self._memory(end - start)
        have = before = 0
        retries = Retries(self.url, self.closing)
        while have < len(buffer):
            try:
                if answer is None:
                    answer = self.attempt(start + have, end)
                    if not answer.has_ranges or answer.start != start + have:
                        raise failed(self.url, "the server does not answer with the range that was asked for any more")
                while have < len(buffer):
                    if not (got := answer.readinto(buffer[have:])):
                        raise TransientError(f"the connection was cut {len(buffer) - have} bytes before the end")
                    have += got
            except TransientError as error:
                if answer is not None:
                    self.drop(answer.used)
                    answer = None
                if have - before >= _STEP:  # a range has few such steps: there is an end
                    retries.progress()
                before = have
                retries.wait(error)
        if answer is not None:
            self.done(answer)
        return buffer

    def attempt(self, start: int, end: int | None) -> _Answer:
        """The answer to one request for these bytes; end: None for all. Raises TransientError, OSError."""
        headers = _HEADERS if end is None else {**_HEADERS, "Range": f"bytes={start}-{end - 1}"}
        named = self.url  # where this attempt was redirected to, just now
        for _ in range(_MOST_REDIRECTS):
            target = self._target  # which other threads change
            used = connections().get(target, headers, self._under_way)
            if self.closing.is_set():
                self.drop(used)
                raise failed(self.url, "closed while it was read")
            code = used.response.status
            if code in _REDIRECTS:
                named = self._follow(used, target)
            elif code in (200, 206) or (code == 416 and start == 0):
                answer = _Answer(used)
                self._check(answer)
                return answer
            else:
                self.leave(used)
                if target in (self.url, named) or code in _PASSING:
                    raise _refusal(self.url, target, used.response)
                if self._target == target:
                    self._target = self.url
        raise failed(self.url, f"more than {_MOST_REDIRECTS} redirects")

    def _follow(self, used: Connected, source: str) -> str:
        self.leave(used)
        target = urljoin(source, used.response.getheader("Location", ""))
        schemes = (source.partition(":")[0].lower(), target.partition(":")[0].lower())
        if schemes[1] not in ("http", "https") or schemes == ("https", "http"):
            raise failed(self.url, f"it redirects to {printable(target)}, which is not as safe and is not followed")
        self._target = target
        return target

    def _check(self, answer: _Answer) -> None:
        """Pins the version, or compares it."""
        if answer.has_ranges and answer.status is None:
            self.drop(answer.used)
            raise failed(self.url, "the server answers with a range, but does not say which, or of how many bytes")
        if self._pinned is None:
            self._pinned = answer.status or Status(-1, answer.version)
        elif self._pinned != (answer.status or Status(-1, answer.version)):
            self.drop(answer.used)
            raise changed(self.url)


class _Stream(RemoteFile):
    """An object of a server that has no ranges, read from its start to its end. It cannot seek.

    Where the connection is cut, all of it is asked for again, and what was read is passed over.
    """

    def __init__(self, page: _Object, answer: _Answer) -> None:
        self._object = page
        self._answer: _Answer | None = answer
        self._size = None if answer.status is None else answer.status.size
        self._version = answer.version
        self._position = 0

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        retries = Retries(self._object.url, self._object.closing)
        while buffer and self._position != self._size:
            try:
                answer = self._answer = self._answer or self._again()
                got = answer.readinto(buffer)
                if not got and self._size is not None:
                    raise TransientError(f"the connection was cut {self._size - self._position} bytes before the end")
            except TransientError as error:
                if self._answer is not None:
                    self._object.drop(self._answer.used)
                    self._answer = None
                if not self._version:
                    problem = f"{error.problem}; the server offers neither ranges nor a version, by which to read on"
                    raise failed(self._object.url, problem) from None
                retries.wait(error)
                continue
            self._position += got
            return got
        return 0

    def _again(self) -> _Answer:
        """The object from the position on."""
        answer = self._object.attempt(0, None)
        waste = memoryview(bytearray(_STEP))
        left = self._position
        while left:
            if not (got := answer.readinto(waste[:left])):
                self._object.drop(answer.used)
                raise TransientError("the connection was cut again")
            left -= got
        return answer

    def close(self) -> None:
        """Ends what is under way."""
        if not self.closed:
            self._object.close()
        super().close()


def _way(url: str, target: str) -> str:
    """The words of a message that name where a URL redirects to; empty where it is the target itself."""
    return "" if target == url else f"it redirects to {printable(target)}: "


def _refusal(url: str, target: str, response: HTTPResponse) -> Exception:
    """The error that an answer is. target: the URL itself, or where it redirects to."""
    code = response.status
    what = f"{_way(url, target)}the server answers {code} {printable(response.reason)}".rstrip()
    if code in (404, 410):
        return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), printable(url))
    if code in (401, 403):
        return PermissionError(errno.EACCES, f"{what}. Is the URL signed, and still valid?", printable(url))
    if code in _PASSING:
        return TransientError(what, _retry_after(response.getheader("Retry-After", "")))
    return failed(url, what)


def _retry_after(text: str) -> float | None:
    """Seconds that a server asks to wait, which it gives as a number or as a time."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
