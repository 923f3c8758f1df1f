"""What an option is: its name, what it can be and what it means; and the check of the values that a caller gives."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from tfrecord_lite.errors import UsageError, quoted, shortened
from tfrecord_lite.options.kinds import Dimensions, Flag, Kind


class Option(NamedTuple):
    """One option.

    name: of the library's parameter, such as ``max_record_size``.
    kind: which values it takes.
    group: the heading that help and documentation show it under.
    help: one line.
    default: of the parameter. default_text: what help says of it where it is no text of the command line.
    typed: on the command line, where that is not the name with dashes; short: one letter besides, such as ``-j``.
    repeated: whether it can be given any number of times. required: whether it must be given.
    """

    name: str
    kind: Kind
    group: str
    help: str
    default: object = None
    default_text: str = ""
    typed: str = ""
    short: str = ""
    repeated: bool = False
    required: bool = False

    @property
    def spelling(self) -> str:
        """As the command line has it: ``--max-record-size``."""
        return self.typed or "--" + self.name.replace("_", "-")

    @property
    def shown_default(self) -> str:
        """What help and documentation say of the default; empty where there is nothing to say."""
        if self.default_text or self.default is None or self.default == () or isinstance(self.kind, Flag):
            return self.default_text
        return str(self.default)


def flag(name: str, group: str, help_: str, *, default: bool = False, typed: str = "", short: str = "") -> Option:
    """An option without a value: naming it makes True of False, or the other way round."""
    return Option(name, Flag(), group, help_, default=default, typed=typed, short=short)


def check_options(options: Iterable[Option], values: Mapping[str, object]) -> None:
    """Refuses values that an option cannot have. ``values`` may hold other names besides.

    Raises:
        UsageError: names the option, what it is and what was expected.
    """
    for option in options:
        value = values.get(option.name, option.default)
        if (value is None and option.default is None) or option.kind.admits(value):
            continue
        shown = quoted(value) if isinstance(value, str) else shortened(repr(value))
        raise UsageError(f"{option.name} is {shown}, expected {option.kind.expected_value}")


def words_of(options: Iterable[Option], values: Mapping[str, object]) -> list[str]:
    """What to type on a command line to give options these values; defaults need no words.

    Raises:
        ValueError: a value cannot be typed, such as a label map that is no file.
    """
    words: list[str] = []
    for option in options:
        value = values.get(option.name, option.default)
        if value == option.default or value is None or (option.repeated and not value):
            continue
        if isinstance(option.kind, Flag):
            words.append(option.spelling)
        elif option.repeated:
            pairs = value.items() if isinstance(value, Mapping) else value
            for role, key in pairs if isinstance(pairs, Iterable) else ():
                words += [option.spelling, f"{role}={key}"]
        else:
            text = _typed(option.kind, value)
            words += [f"{option.spelling}={text}"] if text.startswith("-") else [option.spelling, text]
    return words


def _typed(kind: Kind, value: object) -> str:
    """The text of a value."""
    if isinstance(value, Mapping):
        raise ValueError("no text means this")  # noqa: TRY004 - a value that the option may have
    if isinstance(value, str | os.PathLike):
        return os.fspath(value)
    if isinstance(value, Collection):
        return ("x" if isinstance(kind, Dimensions) else ",").join(map(str, value))
    return str(value)
