"""Kinds of values that an option can have: from the text of the command line, and which values a caller may give."""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import NamedTuple, Protocol, cast

_LARGEST_SIDE = 65_535  # pixels; what JPEG can say
_SPLIT = re.compile(r"[\w-][\w.-]*(?<!\.)")  # what can be part of a file name
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30}


def _whole(value: object) -> int | None:
    """A whole number of whatever type, numpy's too; None where it is none."""
    if isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    return None


class Kind(Protocol):
    """A kind of values.

    placeholder: what help shows for a value; empty where the option alone says it.
    expected: what a text on the command line must be, for a message; expected_value: likewise a caller's value.
    """

    @property
    def placeholder(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def expected_value(self) -> str: ...

    def parse(self, text: str) -> object:
        """The value of a text. ValueError where it is none of this kind."""

    def admits(self, value: object) -> bool:
        """Whether a caller may give this value."""


class Flag(NamedTuple):
    """Yes or no. off: whether naming it on the command line means no."""

    off: bool = False
    placeholder: str = ""
    expected: str = "nothing"
    expected_value: str = "True or False"

    def parse(self, text: str) -> bool:
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        return isinstance(value, bool)


class Choice(NamedTuple):
    """One of some words."""

    choices: tuple[str, ...]

    @property
    def placeholder(self) -> str:
        return "|".join(self.choices)

    @property
    def expected(self) -> str:
        return f"one of {', '.join(self.choices)}"

    @property
    def expected_value(self) -> str:
        return self.expected

    def parse(self, text: str) -> str:
        if text in self.choices:
            return text
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        return value in self.choices


class Text(NamedTuple):
    """Any text that Unicode can hold: it ends in JSON."""

    placeholder: str
    expected: str = "a text in the character set of this locale"
    expected_value: str = "a str without lone surrogates"

    def parse(self, text: str) -> str:
        if self.admits(text):
            return text
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


class Path(NamedTuple):
    """A file or a folder, whatever bytes its name has."""

    placeholder: str
    expected: str = "a path"
    expected_value: str = "a str or os.PathLike"

    def parse(self, text: str) -> str:
        return text

    def admits(self, value: object) -> bool:
        return isinstance(value, str | os.PathLike)


class OutputPath(NamedTuple):
    """Where an output goes. Outputs are folders and files that have their name once they are complete."""

    placeholder: str
    expected: str = "an output: nothing is written to standard output. A file or folder of this name is ./-"
    expected_value: str = "a str or os.PathLike"

    def parse(self, text: str) -> str:
        if text == "-":
            raise ValueError(text)
        return text

    def admits(self, value: object) -> bool:
        return isinstance(value, str | os.PathLike)


class LabelMapSource(NamedTuple):
    """The file of a label map; in the library also ``{1: "cat"}`` or a list of names."""

    placeholder: str = "FILE"
    expected: str = "a file"
    expected_value: str = 'a file, {1: "cat"} or a list of names'

    def parse(self, text: str) -> str:
        return text

    def admits(self, value: object) -> bool:
        return isinstance(value, str | os.PathLike | Collection) and not isinstance(value, bytes)


class Whole(NamedTuple):
    """A whole number. word: a text that stands for None."""

    unit: str
    least: int = 1
    most: int | None = None
    word: str = ""

    @property
    def placeholder(self) -> str:
        return f"N|{self.word}" if self.word else "N"

    @property
    def _numbers(self) -> str:
        if self.most is None:
            return f"a whole number of {self.unit}, {self.least} or more"
        return f"{self.least} to {self.most} {self.unit}"

    @property
    def expected(self) -> str:
        return self._numbers + (f", or {self.word}" if self.word else "")

    @property
    def expected_value(self) -> str:
        return self._numbers + (f", or None for {self.word} ones" if self.word else "")

    def parse(self, text: str) -> int | None:
        if self.word and text == self.word:
            return None
        if text.isascii() and text.isdecimal() and self.admits(int(text)):
            return int(text)
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        if value is None:
            return bool(self.word)
        number = _whole(value)
        return number is not None and self.least <= number and (self.most is None or number <= self.most)


class Size(NamedTuple):
    """A number of bytes, 1 or more."""

    placeholder: str = "SIZE"
    expected: str = "a size in bytes, such as 1000000, 512M or 1GiB"
    expected_value: str = "a whole number of bytes, 1 or more"

    def parse(self, text: str) -> int:
        bare = text.lower().removesuffix("ib").removesuffix("b")
        number, unit = (bare[:-1], bare[-1:]) if bare[-1:].isalpha() else (bare, "")
        if number.isascii() and number.isdecimal() and unit in _UNITS and int(number) > 0:
            return int(number) << _UNITS[unit]
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        number = _whole(value)
        return number is not None and number >= 1


class Dimensions(NamedTuple):
    """Width and height of an image in pixels."""

    placeholder: str = "WxH"
    expected: str = "width and height in pixels, such as 640x480"
    expected_value: str = "a tuple of width and height in pixels, 1 or more each"

    def parse(self, text: str) -> tuple[int, int]:
        width, _, height = text.lower().partition("x")
        if width.isascii() and width.isdecimal() and height.isascii() and height.isdecimal():
            size = int(width), int(height)
            if self.admits(size):
                return size
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        is_pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(side, int) for side in value)
        return is_pair and all(0 < side <= _LARGEST_SIDE for side in cast("tuple[int, int]", value))


class Numbers(NamedTuple):
    """A set of whole numbers, 0 or more."""

    placeholder: str = "N,N"
    expected: str = "a list of numbers such as 0,255"
    expected_value: str = "a collection of whole numbers, 0 or more"

    def parse(self, text: str) -> tuple[int, ...]:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if all(part.isascii() and part.isdecimal() for part in parts):
            return tuple(map(int, parts))
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        numbers = [_whole(each) for each in value] if isinstance(value, Collection) else [None]
        return all(number is not None and number >= 0 for number in numbers)


class Names(NamedTuple):
    """Some of several names."""

    choices: tuple[str, ...]
    what: str
    placeholder: str

    @property
    def expected(self) -> str:
        return f"one of the {self.what}, such as {','.join(self.choices[:2])}"

    @property
    def expected_value(self) -> str:
        return f"a collection of {self.what}, such as {self.choices[:2]!r}"

    def parse(self, text: str) -> tuple[str, ...]:
        names = tuple(name for part in text.split(",") if (name := part.strip()))
        for name in names:
            if name not in self.choices:
                raise ValueError(name)
        return names

    def admits(self, value: object) -> bool:
        return (
            isinstance(value, Collection) and not isinstance(value, str) and all(each in self.choices for each in value)
        )


class NameList(NamedTuple):
    """Some names of any kind."""

    placeholder: str
    expected: str = "a list of names such as one,two"
    expected_value: str = "a collection of names"

    def parse(self, text: str) -> tuple[str, ...]:
        return tuple(name for part in text.split(",") if (name := part.strip()))

    def admits(self, value: object) -> bool:
        return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(v, str) for v in value)


class Name(NamedTuple):
    """A name, whatever characters it has; in the library a collection of some."""

    placeholder: str = "NAME"
    expected: str = "a name"
    expected_value: str = "a collection of names"

    def parse(self, text: str) -> str:
        return text

    def admits(self, value: object) -> bool:
        return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(v, str) for v in value)


class Shares(NamedTuple):
    """Names of splits, each with its share; in the library a mapping."""

    placeholder: str = "NAME=SHARE,..."
    expected: str = "names of splits with their shares, such as train=0.8,val=0.2"
    expected_value: str = (
        'shares by the names of splits, letters, digits, -, _ and ., such as {"train": 0.8, "val": 0.2}'
    )

    def parse(self, text: str) -> tuple[tuple[str, float], ...]:
        pairs = [part.strip().partition("=") for part in text.split(",")]
        with contextlib.suppress(ValueError):
            shares = tuple((name.strip(), float(share)) for name, _, share in pairs)
            if self.admits(shares):
                return shares
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        pairs: object = tuple(value.items()) if isinstance(value, Mapping) else value
        if not isinstance(pairs, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            return False
        return bool(pairs) and all(
            isinstance(name, str)
            and _SPLIT.fullmatch(name) is not None
            and isinstance(share, Real)
            and 0 < float(share) < math.inf
            for name, share in pairs
        )


class Pair(NamedTuple):
    """Two texts with ``=`` between them; in the library all of them in one mapping or in pairs."""

    placeholder: str
    expected: str
    expected_value: str

    def parse(self, text: str) -> tuple[str, str]:
        first, equals, second = text.partition("=")
        if first and equals and second:
            return first, second
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        pairs: object = tuple(value.items()) if isinstance(value, Mapping) else value
        return isinstance(pairs, tuple) and all(
            isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(each, str) for each in pair) for pair in pairs
        )
