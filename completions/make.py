"""Makes the files by which bash, zsh and fish complete the command line: ``python completions/make.py`` (needs shtab).

The wheel installs them where these shells look for them: see ``shared-data`` in pyproject.toml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab

from tfrecord_lite.commands.arguments import build_parser
from tfrecord_lite.commands.verb import PROGRAM, VERBS, load_verb
from tfrecord_lite.options.kinds import Choice
from tfrecord_lite.options.reading import SCHEMA_NAMES

FOLDER = Path(__file__).parent
_FOLDERS = ("DIR", "IMAGES")
_SCHEMAS = ("schema",)


def whole_parser() -> argparse.ArgumentParser:
    """All verbs in one parser, with what can be completed of their values."""
    parser = argparse.ArgumentParser(prog=PROGRAM, add_help=False)
    parser.add_argument("-h", "--help", action="store_true", help="show help")
    parser.add_argument("-V", "--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers()
    for name, does in VERBS.items():
        verb = build_parser(name, load_verb(name))
        kinds = {option.name: option.kind for option in load_verb(name).options}
        for action in verb._actions:  # noqa: SLF001 - what shtab itself reads
            kind = kinds.get(action.dest)
            if isinstance(kind, Choice):
                action.choices = kind.choices
            elif action.dest in _SCHEMAS:
                action.choices = SCHEMA_NAMES
            elif action.metavar in _FOLDERS:
                action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
            elif action.metavar in ("INPUT", "OUT", "FILE"):
                action.complete = shtab.FILE  # type: ignore[attr-defined]
        verbs.add_parser(name, parents=[verb], add_help=False, help=does)
    verbs.add_parser("help", help="explain a command").add_argument("command", choices=list(VERBS))
    return parser


def completions() -> dict[str, str]:
    """Contents by file name."""
    parser = whole_parser()
    endings = {"bash": "bash", "zsh": "zsh", "fish": "fish"}
    return {f"{PROGRAM}.{ending}": shtab.complete(parser, shell) for shell, ending in endings.items()}


if __name__ == "__main__":
    for file_name, content in completions().items():
        (FOLDER / file_name).write_text(content, encoding="utf-8")
