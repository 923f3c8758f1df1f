"""The command line: one verb is run, and whatever ends it becomes an exit status and a line.

Exit status: 0 done; 1 the data is at fault and nothing was published; 2 usage, environment or file system; 128 + n
ended by signal n. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence

from tfrecord_lite.commands.arguments import Answer, Call, Mistake, parse
from tfrecord_lite.commands.signals import EndedBySignalError, signals_as_exceptions
from tfrecord_lite.commands.streams import flush, out, say, secure_standard_streams
from tfrecord_lite.commands.verb import PROGRAM
from tfrecord_lite.errors import RejectedInputError, TFRecordLiteError, UsageError, WorkerError, counted, printable


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    secure_standard_streams()
    try:
        call = parse(sys.argv[1:] if arguments is None else arguments)
    except Answer as answer:
        out(str(answer))
        return flush(0)
    except Mistake as mistake:
        say(str(mistake))
        return flush(2)
    return flush(_run(call))


def _run(call: Call) -> int:
    """Runs a verb; what ends it early is told in a line."""
    status = 2
    try:
        for module in call.verb.needs:
            # Before signals become exceptions: one in the middle of the import of an extension can crash it, and until
            # here there is nothing to clear up.
            importlib.import_module(module)
        with signals_as_exceptions():
            return call.verb.run(call.options)
    except RejectedInputError as error:
        for line in error.text.splitlines():
            say(f"error: {line}")
        say(f"{PROGRAM}: {counted(error.count, 'problem')} found, nothing was published")
        status = 1
    except TFRecordLiteError as error:
        say(f"{PROGRAM}: error: {error.text}")
        status = 2 if isinstance(error, UsageError | WorkerError) else 1
    except ModuleNotFoundError as error:
        say(f"{PROGRAM}: error: {_missing(error)}")
    except OSError as error:
        name = f"{printable(os.fsdecode(error.filename))}: " if error.filename is not None else ""
        say(f"{PROGRAM}: error: {name}{error.strerror or error}")
    except UnicodeEncodeError as error:
        say(f"{PROGRAM}: error: a name cannot be written in the character set of this locale ({error.reason})")
    except MemoryError:
        say(f"{PROGRAM}: error: out of memory")
    except EndedBySignalError as ended:
        say(f"{PROGRAM}: ended by {signal.Signals(ended.number).name}")
        status = 128 + ended.number
    return status


def _missing(error: ModuleNotFoundError) -> str:
    """Why a package that this one depends on is not there, and what to do."""
    package = (error.name or str(error)).partition(".")[0]
    distribution = {"google": "protobuf", "PIL": "pillow", "yaml": "PyYAML"}.get(package, package)
    return f"the package {distribution} is not installed. Install it: {sys.executable} -m pip install {distribution}"
