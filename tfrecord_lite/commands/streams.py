"""Standard streams: results go to stdout, everything else to stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import TextIO

from tfrecord_lite.commands.verb import PROGRAM

_UNWRITTEN = "cannot write to standard output"


def secure_standard_streams() -> None:
    """Redirects closed standard streams to /dev/null, so that no file of ours gets their number.

    Characters that a stream cannot write are escaped.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def out(text: str) -> None:
    """Writes a line to stdout. A reader that went away has read what it wanted.

    Raises:
        OSError: stdout cannot be written. Nothing is written to it any more.
    """
    try:
        print(text)
    except BrokenPipeError:
        _silence(sys.stdout)
    except OSError as error:
        _silence(sys.stdout)
        raise OSError(error.errno, f"{_UNWRITTEN}: {error.strerror}") from None


def tell(options: Namespace, lines: Iterable[str], as_json: Callable[[], object]) -> None:
    """Writes a result to stdout: its lines for people, or with ``--json`` what programs read."""
    if not options.json:
        for line in lines:
            out(line)
        return
    import orjson  # noqa: PLC0415 - help must not wait for it

    out(orjson.dumps(as_json(), option=orjson.OPT_INDENT_2).decode())


def say(text: str) -> None:
    """Writes a line to stderr. Where that is closed or full, the run goes on."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr)


def flush(status: int) -> int:
    """Writes what is buffered while an error can still be reported; a reader that went away is no error.

    Returns:
        The exit status: the one given, or 2 where stdout cannot be written.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            _silence(stream)
        except OSError as error:
            _silence(stream)
            if stream is sys.stdout:
                say(f"{PROGRAM}: error: {_UNWRITTEN}: {error.strerror}")
                status = status or 2
    return status


def _silence(stream: TextIO) -> None:
    """Points a broken stream to /dev/null; Python would complain about it again at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
