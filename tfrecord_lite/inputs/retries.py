"""A link that may fail: how often a request is tried, how long to wait in between, and what errors come of it."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from tfrecord_lite.errors import printable

_Result = TypeVar("_Result")

ATTEMPTS = 6
"""In a row, at one range. The waits between them add up to 16 seconds at most, where the server asks for none."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0  # seconds; each wait is twice the one before, less up to a half by chance
_LONGEST_ASKED = 120.0  # that a server may ask for with Retry-After


class TransientError(Exception):
    """A request failed in a way that may be temporary. after: seconds that the server asks to wait."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.after = after


class Retries:
    """The attempts at one range of an object. closing: set when it is no longer needed."""

    def __init__(self, url: str, closing: Event) -> None:
        self._url = url
        self._closing = closing
        self._done = 0

    def progress(self) -> None:
        """The last attempt got far enough to start counting anew. The caller makes sure that this ends."""
        self._done = 0

    def until_done(self, attempt: Callable[[], _Result]) -> _Result:
        """What an attempt gives, once one does. Raises OSError."""
        while True:
            try:
                return attempt()
            except TransientError as error:
                self.wait(error)

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


@contextmanager
def as_os_errors(
    url: str,
    denied: tuple[type[Exception], ...],
    exists: tuple[type[Exception], ...],
    others: tuple[type[Exception], ...],
    hint: str = "",
) -> Iterator[None]:
    """Turns the errors of a library into OSError, in one line and without the secrets of a URL.

    denied, exists, others: the library's errors of these kinds; ``others`` may include the first two.
    hint: what is added where access is denied.
    """
    shown = printable(url)
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), shown) from None
    except denied as error:
        raise PermissionError(errno.EACCES, f"access is denied ({first_line(error)}){hint}", shown) from None
    except exists:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), shown) from None
    except others as error:
        raise failed(url, first_line(error)) from None


def first_line(error: Exception) -> str:
    """What an error says, in its first line."""
    return printable(str(error).partition("\n")[0][:300]) or type(error).__name__


def changed(url: str) -> OSError:
    """The object is no longer the one that was opened: what was read does not belong to what is there now."""
    return failed(url, "the object was replaced while it was read. Run again when it is no longer written to")
