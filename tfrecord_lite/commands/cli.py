"""The command line: one verb is run, and whatever ends it becomes an exit status and a line.

Exit status: 0 done; 1 the data is at fault and nothing was published; 2 usage, environment or file system; 128 + n
ended by signal n. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import signal
import sys
from collections.abc import Sequence
from typing import NamedTuple

from tfrecord_lite.commands.arguments import Answer, Call, Mistake, parse
from tfrecord_lite.commands.signals import EndedBySignalError, signals_as_exceptions
from tfrecord_lite.commands.streams import flush, out, say, secure_standard_streams
from tfrecord_lite.commands.verb import PROGRAM
from tfrecord_lite.errors import RejectedInputError, TFRecordLiteError, UsageError, WorkerError, counted, printable
from tfrecord_lite.options.console import envelope

_NEEDED = {
    "google": "protobuf",
    "PIL": "pillow",
    "crc32c": "crc32c",
    "orjson": "orjson",
    "tqdm": "tqdm",
    "yaml": "PyYAML",
}
"""What is always needed: modules, with the names to install them by."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    secure_standard_streams()
    words = sys.argv[1:] if arguments is None else arguments
    try:
        call = parse(words)
    except Answer as answer:
        return flush(_told(str(answer), 0))
    except Mistake as mistake:
        say(str(mistake))
        if "--json" in itertools.takewhile(lambda word: word != "--", words):
            _told(_End(2, "error", [mistake.problem]).as_json(), 2)
        return flush(2)
    return flush(_run(call))


def _told(text: str, status: int) -> int:
    """Prints what is not the result of a verb. Returns the exit status: the one given, or 2 where that fails."""
    try:
        out(text)
    except OSError as error:
        say(f"{PROGRAM}: error: {error.strerror}")
        return status or 2
    return status


def _run(call: Call) -> int:
    """Runs a verb; what ends it early is reported in a line, and with --json as a result, too."""
    try:
        # Before signals become exceptions: one in the middle of the import of an extension can crash it, and until
        # here there is nothing to clear up.
        _import(call.verb.needs)
        with signals_as_exceptions():
            return call.verb.run(call.options)
    except RejectedInputError as error:
        end = _End(1, "rejected", list(map(call.verb.worded, error.text.splitlines())), error.count)
        for line in end.problems:
            say(f"error: {line}")
        advice = f". {error.advice}" if error.advice else ""
        say(f"{PROGRAM}: {counted(error.count, 'problem')} found, nothing was {call.verb.aim}{advice}")
    except EndedBySignalError as ended:
        end = _End(128 + ended.number, "ended", [f"ended by {signal.Signals(ended.number).name}"])
        say(f"{PROGRAM}: {end.problems[0]}")
    except (TFRecordLiteError, ModuleNotFoundError, OSError, UnicodeEncodeError, MemoryError) as error:
        end = _end_of(error)
        end = end._replace(problems=list(map(call.verb.worded, end.problems)))
        say(f"{PROGRAM}: error: {end.problems[0]}")
    if getattr(call.options, "json", False):
        _told(end.as_json(), end.status)
    return end.status


def _import(modules: Sequence[str]) -> None:
    """Imports what a verb needs. What that makes stays, so the search for garbage in it, 8 ms of 110, is left out."""
    if all(module in sys.modules for module in modules):
        return  # a program may run several commands
    collects = gc.isenabled()
    gc.disable()
    try:
        for module in modules:
            importlib.import_module(module)
    finally:
        if collects:
            gc.freeze()
            gc.enable()


class _End(NamedTuple):
    """How a run ended early. total: of problems, of which the first are listed."""

    status: int
    kind: str
    problems: list[str]
    total: int = 1

    def as_json(self) -> str:
        """What ``--json`` prints."""
        import json  # noqa: PLC0415 - few calls need it, and orjson may be what is missing

        begin = envelope(self.kind, self.status, problems=self.problems, problem_count=self.total)
        return json.dumps(begin | {"files": []})


def _end_of(error: Exception) -> _End:
    """How an error ends a run."""
    if isinstance(error, TFRecordLiteError):
        return _End(2 if isinstance(error, UsageError | WorkerError) else 1, "error", [error.text])
    if isinstance(error, ModuleNotFoundError):
        return _End(2, "error", [_missing(error)])
    if isinstance(error, OSError):
        name = f"{printable(os.fsdecode(error.filename))}: " if error.filename is not None else ""
        return _End(2, "error", [f"{name}{error.strerror or error}"])
    if isinstance(error, UnicodeEncodeError):
        return _End(2, "error", [f"a name cannot be written in the character set of this locale ({error.reason})"])
    return _End(2, "error", ["out of memory"])


def _missing(error: ModuleNotFoundError) -> str:
    """Why a package that this one depends on is not there, and what to do."""
    package = (error.name or str(error)).partition(".")[0]
    missing = [_NEEDED.get(package, package)]
    if package in _NEEDED:  # where one is missing others may be: following the advice once should be enough
        missing += [name for module, name in _NEEDED.items() if module != package and _is_missing(module)]
    names, are = ", ".join(missing), "package {} is" if len(missing) == 1 else "packages {} are"
    them = "it" if len(missing) == 1 else "them"
    problem = f"the {are.format(names)} not installed. Install {them}"
    return f"{problem}: {sys.executable} -m pip install {' '.join(missing)}"


def _is_missing(module: str) -> bool:
    """Whether a module cannot be found. A name in a namespace cannot be looked for where that is not there either."""
    from importlib.util import find_spec  # noqa: PLC0415 - most calls have everything

    try:
        return find_spec("google.protobuf" if module == "google" else module) is None
    except ModuleNotFoundError:
        return True
