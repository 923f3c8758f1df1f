"""Signals that ask the run to end become an exception, so that the stage is cleared on the way out."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

from tfrecord_lite.commands.verb import PROGRAM

_STOPPING = f"{PROGRAM}: stopping, clearing up ...\n".encode()


class EndedBySignalError(BaseException):
    """A signal asks the run to end. Not an Exception: only ``main`` may catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def signals_as_exceptions() -> Iterator[None]:
    """Raises EndedBySignalError on SIGINT, SIGTERM and SIGHUP.

    A second Ctrl-C ends the clearing up as well; what is left then is cleared by the next run into the same output. Of
    other signals only the first counts: a terminal that is closed may send two.
    """
    met: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        if met and number != signal.SIGINT:
            return
        if not met:
            with contextlib.suppress(OSError):
                os.write(2, _STOPPING)  # not through sys.stderr, which may be in the middle of a write
        met.append(number)
        raise EndedBySignalError(number)

    before = {}
    try:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread, which alone handles signals
        before.clear()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
