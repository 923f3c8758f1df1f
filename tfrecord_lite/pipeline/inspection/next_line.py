"""How to call ``convert`` next: a line that works when it is pasted, and the options that may help in it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from tfrecord_lite.errors import RecordError, counted, printable
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.option import words_of
from tfrecord_lite.report import SplitReport
from tfrecord_lite.spelling import roles_in

_PROGRAM = "tfrecord2coco"
_OUTPUT = "coco"
_UNREAD = "-not-read"  # how codes of warnings of content that nothing reads end


class Line(NamedTuple):
    """What to type next. words: as a program gets them; text: as a shell takes it. note: what it does to bad data."""

    words: tuple[str, ...]
    text: str
    note: str = ""


def line_of(inputs: Sequence[str], given: Mapping[str, object], note: str = "") -> Line | None:
    """The line that converts inputs; None where an option has a value that cannot be typed.

    Args:
        inputs: as they were named.
        given: the options, by name.
        note: what the line does to bad data.
    """
    try:
        options = words_of(CONVERT_OPTIONS, given)
    except ValueError:
        return None
    named = list(inputs)
    if any(each.startswith("-") and each != STDIN for each in named):
        words = ["convert", "-o", _new_output(), *options, "--", *named]
    else:
        words = ["convert", *named, "-o", _new_output(), *options]
    words = [printable(word) if is_url(word) else word for word in words]  # a signature is for the user to put back
    text = " ".join(_in_shell(word) for word in (_PROGRAM, *words))
    return Line((_PROGRAM, *words), text + (" < FILE" if STDIN in named else ""), note)


def advised_roles(reports: Collection[SplitReport]) -> tuple[set[str], dict[str, str]]:
    """The codes of warnings of content that nothing reads, and the roles that would read it."""
    codes: set[str] = set()
    roles: dict[str, str] = {}
    for report in reports:
        for code, found in report.findings.items():
            if code.endswith(_UNREAD):
                codes.add(code)
                roles |= roles_in(found.typed)
    return codes, roles


def remedies(reports: Collection[SplitReport], given: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Options that may help where skipping what is bad does not, or leaves nothing. given: those of now."""
    lasting = [problem for report in reports for problem in report.lasting]
    problems = [problem for report in reports for problem in report.problems]
    advised = [roles for each in (*lasting, *problems) if (roles := roles_in(each.text))]
    if advised and not given["roles"]:
        yield {"roles": advised[0]}
    if any(isinstance(each, RecordError) for each in lasting):
        yield {"on_error": "recover"}


def losses(reports: Collection[SplitReport]) -> str:
    """What is left out of these, in words."""
    records = sum(report.dropped_records for report in reports)
    objects = sum(report.dropped_annotations for report in reports)
    lost = [counted(count, noun) for count, noun in ((records, "record"), (objects, "object")) if count]
    return f"without {' and '.join(lost)} at fault" if lost else ""


def _new_output() -> str:
    """A folder that is not there yet."""
    name, number = _OUTPUT, 1
    while os.path.lexists(name):
        number += 1
        name = f"{_OUTPUT}-{number}"
    return name


def _in_shell(word: str) -> str:
    """A word as bash and zsh take it, without a character that would move the cursor."""
    if word.isprintable():
        return shlex.quote(word)
    plain = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}" for byte in os.fsencode(word)
    )
    return f"$'{plain}'"
