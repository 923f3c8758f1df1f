"""How to call ``convert`` next: a line that works when it is pasted, with the options that were given."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence

from tfrecord_lite.errors import printable
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.option import words_of
from tfrecord_lite.pipeline.inspection.inspected import Line

_PROGRAM = "tfrecord2coco"
_OUTPUT = "coco"


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
