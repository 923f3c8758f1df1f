"""The verbs of the command line: which there are, and what one is: its options, its examples, and what it does."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, NamedTuple

from tfrecord_lite.options.kinds import Pair
from tfrecord_lite.options.option import Option
from tfrecord_lite.spelling import in_shell

PROGRAM = "tfrecord2coco"

VERBS = {
    "convert": "TFRecord files -> COCO dataset",
    "inspect": "what is in these files, and what convert would say of them",
    "preview": "pictures with boxes, masks and keypoints",
    "validate": "does a COCO dataset hold together, and who breaks on it",
    "compare": "two datasets by meaning: what differs between them",
    "verify": "check every length and checksum",
    "pack": "COCO dataset -> TFRecord files",
    "roles": "what feature keys can mean, and which keys a schema has",
    "beam": "convert on Apache Beam, over many machines",
    "demo": "draw a small dataset, convert it and look at it",
}
"""Name and one line of help, in the order of the help. Each is a module of this folder, imported when it is needed."""


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
    aim: what is done with the data, unless it is at fault.
    defaults: of options whose default on the command line is not that of the library.
    passed_on: what comes after ``--``, for another program; without it, that is more of the arguments.
    """

    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    examples: tuple[Example, ...]
    needs: tuple[str, ...]
    run: Callable[[Namespace], int]
    defaults: tuple[tuple[str, object], ...] = ()
    aim: str = "published"
    passed_on: Argument | None = None

    def worded(self, text: str) -> str:
        """A message for users of this verb: an option that it lacks is named as one of ``convert``."""
        return in_shell(text, {option.spelling for option in self.options})


def load_verb(name: str) -> Verb:
    """The verb of this name, which must be one of VERBS."""
    verb: Verb = import_module(f"tfrecord_lite.commands.{name}").VERB
    return verb


def values_of(options: Namespace, declared: Iterable[Option]) -> dict[str, Any]:
    """The values that were given for some options, as the library takes them."""
    values: dict[str, Any] = {}
    for each in declared:
        value = getattr(options, each.name)
        if each.repeated:
            value = dict(value) if isinstance(each.kind, Pair) else tuple(value)
        values[each.name] = value
    if "jobs" in values:
        values["jobs"] = values["jobs"] or usable_cpus()
    return values


def usable_cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
