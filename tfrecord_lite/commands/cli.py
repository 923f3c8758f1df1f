"""The command line: verbs, exit statuses, and errors in one line.

Exit status: 0 done; 1 the data is at fault and nothing was published; 2 usage, environment or file system; 128 + n
ended by signal n. Results go to stdout, everything else to stderr. Only what a call needs is imported, so that
``--help`` and mistakes in the options answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from tfrecord_lite.commands.arguments import PROGRAM, build_parser
from tfrecord_lite.errors import RejectedInputError, TFRecordLiteError, UsageError, WorkerError, printable, shortened
from tfrecord_lite.options.converting import CONVERT_OPTIONS

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.convert import Summary


class _EndedBySignalError(BaseException):
    """A signal asks the run to end. Not an Exception: nothing but ``main`` may take it for an error and go on."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    _secure_standard_streams()
    options = build_parser().parse_args(arguments)
    for module in _NEEDED[options.command]:
        # Before signals become exceptions: one in the middle of the import of an extension can crash it, and until
        # here there is nothing to clear up.
        importlib.import_module(module)
    status = 2
    try:
        with _signals_as_exceptions():
            status = _VERBS[options.command](options)
    except RejectedInputError as error:
        for line in error.text.splitlines():
            _say(f"error: {line}")
        _say(f"{PROGRAM}: {_count(error.count, 'problem')} found, nothing was published")
        status = 1
    except (UsageError, WorkerError) as error:
        _say(f"{PROGRAM}: error: {error.text}")
    except TFRecordLiteError as error:
        _say(f"{PROGRAM}: error: {error.text}")
        status = 1
    except OSError as error:
        name = f"{printable(os.fsdecode(error.filename))}: " if error.filename is not None else ""
        _say(f"{PROGRAM}: error: {name}{error.strerror or error}")
    except UnicodeEncodeError as error:
        _say(f"{PROGRAM}: error: a name cannot be written in the character set of this locale ({error.reason})")
    except MemoryError:
        _say(f"{PROGRAM}: error: out of memory")
    except _EndedBySignalError as ended:
        _say(f"{PROGRAM}: ended by {signal.Signals(ended.number).name}")
        status = 128 + ended.number
    return _flush(status)


# ---------------------------------------------------------------------------------------------- the verbs
def _convert(options: argparse.Namespace) -> int:
    from tfrecord_lite.pipeline.convert import convert  # noqa: PLC0415 - see the module's docstring

    with _progress(options) as on_bytes:
        values = {each.name: getattr(options, each.name) for each in CONVERT_OPTIONS}
        values |= {"roles": dict(options.roles), "jobs": options.jobs or _usable_cpus()}
        summary = convert(options.input, options.output, on_bytes=on_bytes, **values)
    _tell(summary, as_json=options.json)
    return 0


def _usable_cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _inspect(options: argparse.Namespace) -> int:
    import orjson  # noqa: PLC0415 - likewise

    from tfrecord_lite.options import ReadOptions  # noqa: PLC0415 - likewise
    from tfrecord_lite.pipeline.inspect import inspect  # noqa: PLC0415 - likewise
    from tfrecord_lite.schemas.registry import check_schema  # noqa: PLC0415 - likewise

    check_schema(options.schema)
    reading = ReadOptions(
        coordinates=options.coordinates,
        schema=options.schema,
        roles=tuple(options.roles),
        max_record_size=options.max_record_size,
    )
    problems = 0
    with _progress(options) as on_bytes:
        found = inspect(options.input, reading, allow_missing_shards=options.allow_missing_shards, on_bytes=on_bytes)
        for contents in found:
            problems += contents.problems
            if options.json:
                _out(orjson.dumps(contents.as_json()).decode())
            else:
                for line in contents.as_lines():
                    _out(line)
    return 1 if problems else 0


def _verify(options: argparse.Namespace) -> int:
    import orjson  # noqa: PLC0415 - likewise

    from tfrecord_lite.pipeline.verify import as_json, as_lines, verify  # noqa: PLC0415 - likewise

    damages = 0
    with _progress(options) as on_bytes:
        for report in verify(
            options.input,
            max_record_size=options.max_record_size,
            allow_missing_shards=options.allow_missing_shards,
            on_bytes=on_bytes,
        ):
            damages += report.damage_count
            for line in [orjson.dumps(as_json(report)).decode()] if options.json else as_lines(report):
                _out(line)
    return 1 if damages else 0


def _preview(options: argparse.Namespace) -> int:
    from tfrecord_lite.commands import preview  # noqa: PLC0415 - likewise

    with _progress(options) as on_bytes:
        shown = preview.run(options, on_bytes)
    for text in shown.notes:
        _say(f"note: {text}")
    if options.json:
        import orjson  # noqa: PLC0415 - likewise

        _out(orjson.dumps(shown.as_json()).decode())
    else:
        for line in str(shown).splitlines():
            _out(line)
    return 0


def _demo(options: argparse.Namespace) -> int:
    import shlex  # noqa: PLC0415 - likewise

    from tfrecord_lite.pipeline.demo import run_demo  # noqa: PLC0415 - likewise

    demo = run_demo(options.output)
    for path in demo.records:
        _out(f"drew {printable(path)}")
    records = os.path.dirname(demo.records[0])
    _out(f"$ {PROGRAM} convert {shlex.quote(records)} -o {shlex.quote(demo.summary.output)}")
    _tell(demo.summary, as_json=False)
    for shown in demo.previews:
        _out(f"$ {PROGRAM} preview {shlex.quote(records)} -o {shlex.quote(shown.files[0])}")
        _out(str(shown))
    opener = {"darwin": "open", "win32": "start"}.get(sys.platform, "xdg-open")
    _out(f"$ {opener} {shlex.quote(demo.previews[-1].files[0])}")
    return 0


_NEEDED = {
    "convert": ("tfrecord_lite.pipeline.convert",),
    "demo": ("tfrecord_lite.pipeline.demo",),
    "inspect": ("orjson", "tfrecord_lite.pipeline.inspect"),
    "preview": ("tfrecord_lite.pipeline.preview",),
    "verify": ("orjson", "tfrecord_lite.pipeline.verify"),
}
"""What a verb imports."""
_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "convert": _convert,
    "demo": _demo,
    "inspect": _inspect,
    "preview": _preview,
    "verify": _verify,
}


def _tell(summary: Summary, *, as_json: bool) -> None:
    """Warnings to stderr, results to stdout."""
    for text in summary.warnings:
        _say(f"warning: {text}")
    for split in summary.splits:
        for code, found in sorted(split.findings.items()):
            _say(f"warning: {split.split}: {code}: {_count(found.count, 'time')}, first: {found.where}: {found.text}")
        for problem in split.problems:
            _say(f"warning: {split.split}: dropped: {problem.text}")
        if split.problem_count > len(split.problems):
            _say(f"warning: {split.split}: dropped: and {split.problem_count - len(split.problems)} more like these")
        if split.unmapped_keys:
            keys = ", ".join(map(shortened, sorted(split.unmapped_keys)[:10]))
            more = len(split.unmapped_keys) + split.more_unmapped_keys - 10
            _say(f"note: {split.split}: keys not carried over: {keys}" + (f" and {more} more" if more > 0 else ""))
    if as_json:
        import orjson  # noqa: PLC0415 - likewise

        _out(orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    for split in summary.splits:
        dropped = ""
        if split.dropped_records or split.dropped_annotations:
            dropped = f" (dropped {_count(split.dropped_records, 'record')}"
            dropped += f" and {_count(split.dropped_annotations, 'annotation')})"
        counts = [_count(split.images, "image"), _count(split.annotations, "annotation")]
        counts += [f"{number} {task}" for task, number in split.tasks.items()]
        _out(f"{printable(split.split)}: {', '.join(counts)}{dropped}")
    for path in (*summary.files, *([] if summary.page is None else [summary.page])):
        _out(f"wrote {printable(path)}")


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


# ---------------------------------------------------------------------------------------------- the surroundings
@contextlib.contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[int], None] | None]:
    """A bar by bytes of input, where a person watches."""
    if options.quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # noqa: PLC0415 - likewise

    from tfrecord_lite.inputs.discover import find_sources  # noqa: PLC0415 - likewise
    from tfrecord_lite.inputs.storage import status_of  # noqa: PLC0415 - likewise

    tqdm.monitor_interval = 0  # no thread beside this one: workers are forked
    shards = find_sources(options.input, allow_missing_shards=options.allow_missing_shards).shards
    total = sum(status.size for shard in shards if (status := status_of(shard.path)) is not None) or None
    with tqdm(total=total, unit="B", unit_scale=True, unit_divisor=1024, leave=False, file=sys.stderr) as bar:

        def advance(count: int) -> None:
            bar.update(count)

        yield advance


@contextlib.contextmanager
def _signals_as_exceptions() -> Iterator[None]:
    """Ends the run in order on SIGINT, SIGTERM and SIGHUP: the stage is cleared on the way out."""

    def end(number: int, _: FrameType | None) -> None:
        for each in before:  # a second signal must not interrupt the clearing up
            signal.signal(each, signal.SIG_IGN)
        raise _EndedBySignalError(number)

    def raise_again(unraisable: sys.UnraisableHookArgs) -> None:
        """The signal came where no exception can go anywhere, as in a callback of the interpreter: a moment later."""
        error = unraisable.exc_value
        if isinstance(error, _EndedBySignalError) and hasattr(signal, "setitimer"):
            before.setdefault(signal.SIGALRM, signal.signal(signal.SIGALRM, lambda *_: end(error.number, None)))
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        else:
            sys.__unraisablehook__(unraisable)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    try:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread: signals are somebody else's
        before.clear()
    hook = sys.unraisablehook
    if before:
        sys.unraisablehook = raise_again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        if hasattr(signal, "setitimer") and signal.SIGALRM in before:
            signal.setitimer(signal.ITIMER_REAL, 0)  # nothing is left to be ended
        for number, handler in before.items():
            signal.signal(number, handler)


def _secure_standard_streams() -> None:
    """Opens closed standard streams on nothing, so that no file of ours gets their number; makes text printable."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _out(text: str) -> None:
    """A line to stdout. A reader that went away has read what it wanted."""
    try:
        print(text)
    except BrokenPipeError:
        _silence(sys.stdout)


def _say(text: str) -> None:
    """A line to stderr. That nobody can read it does not change what happens."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr)


def _flush(status: int) -> int:
    """Writes what is buffered while an error can still be told; a reader that went away is no error."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            _silence(stream)
        except OSError as error:
            _silence(stream)
            if stream is sys.stdout:
                _say(f"{PROGRAM}: error: cannot write to standard output: {error.strerror}")
                status = status or 2
    return status


def _silence(stream: TextIO) -> None:
    """Points a broken stream to nothing, or Python would complain about it once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
