"""What an option is: its name, what it can be and what it means; and the check of the values that a caller gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tfrecord_lite.errors import UsageError, quoted, shortened
from tfrecord_lite.options.kinds import Flag, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option.

    name: of the library's parameter, such as ``max_record_size``.
    kind: which values it takes.
    help: one line.
    group: the heading that help and documentation show it under.
    default: of the parameter. default_text: what help says of it where it is no text of the command line.
    flag: of the command line where it is not the name with dashes; short: one letter besides, such as ``-j``.
    repeated: whether it can be given any number of times. required: whether it must be given.
    """

    name: str
    kind: Kind
    help: str
    group: str = "options"
    default: object = None
    default_text: str = ""
    flag: str = ""
    short: str = ""
    repeated: bool = False
    required: bool = False

    @property
    def spelling(self) -> str:
        """As the command line has it: ``--max-record-size``."""
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def shown_default(self) -> str:
        """What help and documentation say of the default; empty where there is nothing to say."""
        if self.default_text or self.default is None or self.default == () or isinstance(self.kind, Flag):
            return self.default_text
        return str(self.default)


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
