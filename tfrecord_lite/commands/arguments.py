"""The arguments of the command line, made from the definitions of the options.

Nothing that reads records is imported for them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from tfrecord_lite import __version__
from tfrecord_lite.commands.preview import OUTPUT_HELP
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.kinds import Flag
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.previewing import PREVIEW_OPTIONS
from tfrecord_lite.options.reading import ALLOW_MISSING_SHARDS, COORDINATES, MAX_RECORD_SIZE_OPTION, ROLES, SCHEMA

PROGRAM = "tfrecord2coco"
_READING = (ALLOW_MISSING_SHARDS, MAX_RECORD_SIZE_OPTION, SCHEMA, ROLES, COORDINATES)


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; ``command`` is the verb."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="TFRecord files to COCO datasets, without TensorFlow.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    convert = verbs.add_parser("convert", help="TFRecord files -> COCO dataset", allow_abbrev=False)
    _add_input(convert)
    convert.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="a dataset folder, or a file that ends in .json"
    )
    add_options(convert, CONVERT_OPTIONS)
    convert.set_defaults(jobs=None)  # here as many as there are CPUs; in the library 1, which forks nothing
    inspect = verbs.add_parser("inspect", help="what is in these files: schema, keys, classes", allow_abbrev=False)
    _add_input(inspect)
    add_options(inspect, _READING)
    look = verbs.add_parser("preview", help="pictures with boxes, masks and keypoints", allow_abbrev=False)
    _add_input(look)
    look.add_argument("-o", "--output", required=True, metavar="OUT", help=OUTPUT_HELP)
    add_options(look, PREVIEW_OPTIONS)
    verify = verbs.add_parser("verify", help="check every length and checksum", allow_abbrev=False)
    _add_input(verify)
    add_options(verify, (ALLOW_MISSING_SHARDS, MAX_RECORD_SIZE_OPTION))
    demo = verbs.add_parser("demo", help="make a small TFRecord and convert it", allow_abbrev=False)
    demo.add_argument("-o", "--output", metavar="DIR", default="tfrecord2coco-demo", help="default: %(default)s")
    return parser


def add_options(parser: argparse.ArgumentParser, options: Iterable[Option]) -> None:
    """Adds options to a parser, each below the heading of its group. Values have the names of the parameters."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    for option in options:
        if option.group not in groups:
            groups[option.group] = parser.add_argument_group(option.group)
        add = groups[option.group].add_argument
        names = [option.short, option.spelling] if option.short else [option.spelling]
        help_text = option.help + (f"; default: {option.shown_default}" if option.shown_default else "")
        help_text = help_text.replace("%", "%%")
        if isinstance(option.kind, Flag):
            action = "store_false" if option.kind.off else "store_true"
            add(*names, dest=option.name, action=action, help=help_text)
            continue
        add(
            *names,
            dest=option.name,
            type=_parse(option),
            default=[] if option.repeated else option.default,
            action="append" if option.repeated else "store",
            required=option.required,
            metavar=option.kind.placeholder,
            help=help_text,
        )


def _parse(option: Option) -> Callable[[str], object]:
    """What makes a value of the text after an option."""

    def parse(text: str) -> object:
        try:
            return option.kind.parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {option.kind.expected}") from None

    return parse


def _add_input(parser: argparse.ArgumentParser) -> None:
    """What every verb that reads record files takes."""
    add = parser.add_argument
    add("input", nargs="+", metavar="INPUT", help="files, folders, globs, base@10, or - for standard input")
    add("--json", action="store_true", help="print results as JSON")
    add("-q", "--quiet", action="store_true", help="no progress bar")
