"""How often a request is tried, and how long is waited in between, over a link that may fail."""

from __future__ import annotations

import errno
import random
from threading import Event

from tfrecord_lite.errors import printable

ATTEMPTS = 6
"""In a row, at one range. The waits between them add up to 16 seconds at most, where the server asks for none."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0  # seconds; each wait is twice the one before, less up to a half by chance
_LONGEST_ASKED = 120.0  # that a server may ask for with Retry-After


class TransientError(Exception):
    """A request failed in a way that may be over soon. after: seconds that the server asks to wait."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.after = after


class Retries:
    """The attempts at one range of an object. closing: set when nobody waits for it any more."""

    def __init__(self, url: str, closing: Event) -> None:
        self._url = url
        self._closing = closing
        self._done = 0

    def progress(self) -> None:
        """The last attempt got so far that the row begins anew. The caller sees to it that there is an end of that."""
        self._done = 0

    def wait(self, error: TransientError) -> None:
        """Waits until the next attempt. Raises OSError where there is none."""
        self._done += 1
        if self._done >= ATTEMPTS:
            raise failed(self._url, f"{error.problem}, {self._done} times in a row") from None
        if error.after is not None and error.after > _LONGEST_ASKED:
            raise failed(self._url, f"{error.problem}, and asks to wait for {error.after:.0f} s. Try again later")
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (self._done - 1)) * random.uniform(0.5, 1)  # noqa: S311 - not a secret
        if self._closing.wait(wait if error.after is None else error.after):
            raise failed(self._url, "closed while it was read")


def failed(url: str, problem: str) -> OSError:
    """What is wrong with an object, without the secrets of its URL."""
    return OSError(errno.EIO, problem, printable(url))


def changed(url: str) -> OSError:
    """The object is not the one any more that was opened: what was read of it does not fit what is there now."""
    return failed(url, "the object was replaced while it was read. Run again once nobody writes to it")
