"""What a verb of the command line is: its options, its examples, and what it does."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import NamedTuple

from tfrecord_lite.options.option import Option
from tfrecord_lite.spelling import in_shell

PROGRAM = "tfrecord2coco"


class Argument(NamedTuple):
    """What a verb takes beside options. number: as argparse's nargs, ``+`` for one or more."""

    name: str
    placeholder: str
    help: str
    number: str | None = None


INPUTS = Argument("input", "INPUT", "files, folders, globs, base@10, URLs of these, or - for standard input", "+")


class Example(NamedTuple):
    """A command as it is typed, without the name of the program, and what it does."""

    command: str
    does: str


class Verb(NamedTuple):
    """One verb.

    arguments, options: what it takes; both are attributes of what ``run`` is called with, by their names.
    examples: for its help.
    needs: modules that are imported before it runs, while a signal can still just end the process.
    run: does it, and returns the exit status.
    defaults: of options whose default on the command line is not that of the library.
    passed_on: what comes after ``--``, for another program; without it, that is more of the arguments.
    """

    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    examples: tuple[Example, ...]
    needs: tuple[str, ...]
    run: Callable[[Namespace], int]
    defaults: tuple[tuple[str, object], ...] = ()
    passed_on: Argument | None = None

    def worded(self, text: str) -> str:
        """A message for who uses this verb: an option that it lacks is named as one of ``convert``."""
        return in_shell(text, {option.spelling for option in self.options})
