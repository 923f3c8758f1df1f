"""The command line: verbs, exit statuses, and errors in one line.

Exit status: 0 done; 1 the data is at fault and nothing was published; 2 usage, environment or file system; 128 + n
ended by signal n. Results go to stdout, everything else to stderr. Only what a call needs is imported, so that
``--help`` and mistakes in the options answer at once.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from tfrecord_lite import __version__
from tfrecord_lite.errors import RejectedInputError, TFRecordLiteError, UsageError, printable

if TYPE_CHECKING:
    from tfrecord_lite.convert import Summary

PROGRAM = "tfrecord2coco"
_UNITS = {"": 1, "k": 10, "m": 20, "g": 30}


class _EndedBySignalError(BaseException):
    """A signal asks the run to end. Not an Exception: nothing but ``main`` may take it for an error and go on."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    _secure_standard_streams()
    options = _parser().parse_args(arguments)
    status = 2
    try:
        with _signals_as_exceptions():
            status = options.run(options)
    except RejectedInputError as error:
        for line in str(error).splitlines():
            _say(f"error: {line}")
        _say(f"{PROGRAM}: {_count(error.count, 'problem')} found, nothing was published")
        status = 1
    except UsageError as error:
        _say(f"{PROGRAM}: error: {error}")
    except TFRecordLiteError as error:
        _say(f"{PROGRAM}: error: {error}")
        status = 1
    except OSError as error:
        name = f"{printable(str(error.filename))}: " if error.filename is not None else ""
        _say(f"{PROGRAM}: error: {name}{error.strerror or error}")
    except MemoryError:
        _say(f"{PROGRAM}: error: out of memory")
    except _EndedBySignalError as ended:
        _say(f"{PROGRAM}: ended by {signal.Signals(ended.number).name}, nothing was published")
        status = 128 + ended.number
    return _flush(status)


# ---------------------------------------------------------------------------------------------- the verbs
def _convert(options: argparse.Namespace) -> int:
    from tfrecord_lite.convert import convert  # noqa: PLC0415 - see the module's docstring

    with _progress(options) as on_bytes:
        summary = convert(
            options.input,
            options.output,
            label_map=options.label_map,
            coordinates=options.coordinates,
            category=options.category,
            image_root=options.image_root,
            images=options.images,
            write_images=not options.no_images,
            schema=options.schema,
            roles=dict(options.map),
            merge_images=options.merge_images,
            masks=options.masks,
            ignored_labels=options.ignored_labels,
            panoptic_divisor=options.panoptic_divisor,
            image_ids=options.image_ids,
            precision=options.precision,
            split=options.split,
            layout=options.layout,
            on_error=options.on_error,
            strict=options.strict,
            overwrite=options.overwrite,
            verify_images=options.verify_images,
            allow_missing_shards=options.allow_missing_shards,
            allow_empty=options.allow_empty,
            max_record_size=options.max_record_size,
            on_bytes=on_bytes,
        )
    _tell(summary, as_json=options.json)
    return 0


def _inspect(options: argparse.Namespace) -> int:
    import orjson  # noqa: PLC0415 - likewise

    from tfrecord_lite.inspect import inspect  # noqa: PLC0415 - likewise
    from tfrecord_lite.options import ReadOptions  # noqa: PLC0415 - likewise

    reading = ReadOptions(
        coordinates=options.coordinates,
        schema=options.schema,
        roles=tuple(options.map),
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


def _demo(options: argparse.Namespace) -> int:
    from tfrecord_lite.demo import run_demo  # noqa: PLC0415 - likewise

    paths, summary = run_demo(options.output)
    for path in paths:
        _out(f"drew {path}")
    _out(f"$ {PROGRAM} convert {os.path.dirname(paths[0])} -o {summary.output}")
    _tell(summary, as_json=False)
    return 0


def _tell(summary: Summary, *, as_json: bool) -> None:
    """Warnings to stderr, results to stdout."""
    for text in summary.warnings:
        _say(f"warning: {text}")
    for split in summary.splits:
        for rule, found in sorted(split.findings.items()):
            _say(f"warning: {split.split}: {rule}: {_count(found.count, 'time')}, first: {found.where}: {found.text}")
        for problem in split.problems:
            _say(f"warning: {split.split}: dropped: {problem}")
        if split.problem_count > len(split.problems):
            _say(f"warning: {split.split}: dropped: and {split.problem_count - len(split.problems)} more like these")
        if split.unread_keys:
            keys = ", ".join(map(printable, sorted(split.unread_keys)[:10]))
            more = len(split.unread_keys) + split.more_unread_keys - 10
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
    for path in summary.files:
        _out(f"wrote {printable(path)}")


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


# ---------------------------------------------------------------------------------------------- the options
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="TFRecord files to COCO datasets, without TensorFlow.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_convert(verbs.add_parser("convert", help="TFRecord files -> COCO dataset", allow_abbrev=False))
    _add_inspect(verbs.add_parser("inspect", help="what is in these files: layout, keys, classes", allow_abbrev=False))
    demo = verbs.add_parser("demo", help="make a small TFRecord and convert it", allow_abbrev=False)
    demo.add_argument("-o", "--output", metavar="DIR", default="tfrecord2coco-demo", help="default: %(default)s")
    demo.set_defaults(run=_demo)
    return parser


def _add_input(parser: argparse.ArgumentParser) -> None:
    """What every verb that reads record files takes."""
    add = parser.add_argument
    add("input", nargs="+", metavar="INPUT", help="files, folders, globs, base@10, or - for standard input")
    add("--allow-missing-shards", action="store_true", help="accept sets of shards with gaps")
    add("--max-record-size", type=_size, default=256 << 20, metavar="SIZE", help="bytes, or such as 512M")
    add("--json", action="store_true", help="print results as JSON")
    add("-q", "--quiet", action="store_true", help="no progress bar")


def _add_layout(parser: argparse.ArgumentParser) -> None:
    """What every verb that reads Examples takes."""
    add = parser.add_argument
    add("--schema", default="auto", metavar="NAME", help="the layout of the records; default: recognised")
    add("--map", action="append", type=_role, default=[], metavar="ROLE=KEY", help="a key of one's own for a role")
    add("--coordinates", choices=("auto", "normalized", "pixel"), default="auto", help="unit of the records' boxes")


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    _add_layout(parser)
    parser.set_defaults(run=_inspect)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    _add_input(parser)
    _add_layout(parser)
    add = parser.add_argument
    add("-o", "--output", required=True, metavar="OUT", help="a dataset folder, or a file that ends in .json")
    add(
        "--label-map",
        metavar="FILE",
        help="pbtxt, YAML, CSV, names, JSON or COCO JSON; default: the one beside the input",
    )
    add("--category", metavar="NAME", default="object", help="the category of records that name no classes")
    add("--image-root", metavar="DIR", help="where the pictures are, if the records only name them")
    add("--images", metavar="DIR", help="where images go, if OUT is a .json file")
    add("--no-images", action="store_true", help="annotations only")
    kinds = ("coco", "polygon", "rle", "rle-uncompressed", "none")
    add("--masks", choices=kinds, default="coco", help="coco: polygons, and uncompressed RLE where iscrowd is 1")
    add("--ignored-labels", type=_numbers, default=(0, 255), metavar="N,N", help="no class in label images: 0,255")
    add("--panoptic-divisor", type=int, metavar="N", help="of raw panoptic numbers: class * N + instance")
    add("--image-ids", choices=("sequential", "source"), default="sequential", help="source: the integer in source_id")
    add("--precision", type=_precision, default=2, metavar="N", help="decimals of pixel coordinates, or 'exact'")
    add("--merge-images", action="store_true", help="one image of records with the same source id and image bytes")
    add("--split", metavar="NAME", help="put everything into one split of this name")
    add("--layout", choices=("coco", "roboflow"), default="coco", help="how the output folder is arranged")
    policies = "skip: drop what is proven bad, and count it; recover: also look for records behind damaged headers"
    add("--on-error", choices=("fail", "skip", "recover"), default="fail", help=policies)
    add("--strict", action="store_true", help="every warning is an error")
    add("--overwrite", action="store_true", help="replace existing splits")
    add("--verify-images", action="store_true", help="decode every image fully")
    add("--allow-empty", action="store_true", help="accept an input without any record")
    parser.set_defaults(run=_convert)


def _precision(text: str) -> int | None:
    """The value of --precision."""
    if text == "exact":
        return None
    if text.isdecimal() and int(text) <= 15:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number of decimals (0 to 15) nor 'exact'")


def _role(text: str) -> tuple[str, str]:
    """The value of --map."""
    role, equals, key = text.partition("=")
    if role and equals and key:
        return role, key
    raise argparse.ArgumentTypeError(f"{text!r} is not of the form ROLE=KEY, such as xmin=box/left")


def _numbers(text: str) -> tuple[int, ...]:
    """The value of --ignored-labels."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if all(part.isdecimal() for part in parts):
        return tuple(map(int, parts))
    raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 0,255")


def _size(text: str) -> int:
    """The value of --max-record-size."""
    bare = text.lower().removesuffix("ib").removesuffix("b")
    number, unit = (bare[:-1], bare[-1:]) if bare[-1:].isalpha() else (bare, "")
    if number.isdecimal() and unit in _UNITS and int(number) > 0:
        return int(number) << _UNITS[unit]
    raise argparse.ArgumentTypeError(f"{text!r} is not a size in bytes, such as 1000000, 512M or 1GiB")


# ---------------------------------------------------------------------------------------------- the surroundings
@contextlib.contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[int], None] | None]:
    """A bar by bytes of input, where a person watches."""
    if options.quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm  # noqa: PLC0415 - likewise

    from tfrecord_lite.sources import STDIN, find_sources  # noqa: PLC0415 - likewise

    shards = find_sources(options.input, allow_missing_shards=options.allow_missing_shards).shards
    total = sum(os.path.getsize(shard.path) for shard in shards if shard.path != STDIN) or None
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

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {}
    try:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
                before[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread: signals are somebody else's
        before.clear()
    try:
        yield
    finally:
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
