"""Kinds of values that an option can have: from the text of the command line, and which values a caller may give."""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import Any, cast

_LARGEST_SIDE = 65_535  # pixels; what JPEG can say
_SPLIT = re.compile(r"[\w-][\w.-]*(?<!\.)")  # what can be part of a file name
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30}


def _whole(value: object) -> int | None:
    """A whole number of any type, numpy's too; None for anything else."""
    if isinstance(value, Integral) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    return None


def _pairs(value: object) -> tuple[tuple[Any, Any], ...] | None:
    """The pairs of a mapping, or of a tuple of pairs; None for anything else."""
    pairs: object = tuple(value.items()) if isinstance(value, Mapping) else value
    if isinstance(pairs, tuple) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        return pairs
    return None


class Kind:
    """A kind of values.

    placeholder: what help shows for a value; empty where the option alone says it.
    expected: what a text on the command line must be, for a message; expected_value: likewise a caller's value.
    """

    placeholder = ""
    expected = "nothing"
    expected_value = ""

    def parse(self, text: str) -> object:
        """The value of a text. ValueError where it is not of this kind."""
        if self.admits(text):
            return text
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        """Whether a caller may give this value."""
        raise NotImplementedError


class Flag(Kind):
    """Yes or no: naming it on the command line means what the default is not."""

    expected_value = "True or False"

    def admits(self, value: object) -> bool:
        return isinstance(value, bool)


class Choice(Kind):
    """One of some words."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        self.placeholder = "|".join(choices)
        self.expected = self.expected_value = f"one of {', '.join(choices)}"

    def admits(self, value: object) -> bool:
        return value in self.choices


class Text(Kind):
    """Any text that Unicode can hold: it ends in JSON."""

    expected = "a text in the character set of this locale"
    expected_value = "a str without lone surrogates"

    def __init__(self, placeholder: str) -> None:
        self.placeholder = placeholder

    def admits(self, value: object) -> bool:
        return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


class Path(Kind):
    """A file or a folder, whatever bytes its name has."""

    expected = "a path"
    expected_value = "a str or os.PathLike"

    def __init__(self, placeholder: str) -> None:
        self.placeholder = placeholder

    def admits(self, value: object) -> bool:
        return isinstance(value, str | os.PathLike)


class OutputPath(Path):
    """Where an output goes. Outputs are folders and files that have their name once they are complete."""

    expected = "an output: nothing is written to standard output. A file or folder of this name is ./-"

    def parse(self, text: str) -> str:
        if text == "-":
            raise ValueError(text)
        return text


class LabelMapSource(Kind):
    """The file of a label map; in the library also ``{1: "cat"}`` or a list of names."""

    placeholder = "FILE"
    expected = "a file"
    expected_value = 'a file, {1: "cat"} or a list of names'

    def admits(self, value: object) -> bool:
        return isinstance(value, str | os.PathLike | Collection) and not isinstance(value, bytes)


class Whole(Kind):
    """A whole number. word: a text that means None."""

    def __init__(self, unit: str, least: int = 1, most: int | None = None, word: str = "") -> None:
        self._least, self._most, self._word = least, most, word
        self.placeholder = f"N|{word}" if word else "N"
        numbers = f"a whole number of {unit}, {least} or more" if most is None else f"{least} to {most} {unit}"
        self.expected = numbers + (f", or {word}" if word else "")
        self.expected_value = numbers + (f", or None for {word} ones" if word else "")

    def parse(self, text: str) -> int | None:
        if self._word and text == self._word:
            return None
        if text.isascii() and text.isdecimal() and self.admits(int(text)):
            return int(text)
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        if value is None:
            return bool(self._word)
        number = _whole(value)
        return number is not None and self._least <= number and (self._most is None or number <= self._most)


class Size(Kind):
    """A number of bytes, 1 or more."""

    placeholder = "SIZE"
    expected = "a size in bytes, such as 1000000, 512M or 1GiB"
    expected_value = "a whole number of bytes, 1 or more"

    def parse(self, text: str) -> int:
        bare = text.lower().removesuffix("ib").removesuffix("b")
        number, unit = (bare[:-1], bare[-1:]) if bare[-1:].isalpha() else (bare, "")
        if number.isascii() and number.isdecimal() and unit in _UNITS and int(number) > 0:
            return int(number) << _UNITS[unit]
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        number = _whole(value)
        return number is not None and number >= 1


class Dimensions(Kind):
    """Width and height of an image in pixels."""

    placeholder = "WxH"
    expected = "width and height in pixels, such as 640x480"
    expected_value = "a tuple of width and height in pixels, 1 or more each"

    def parse(self, text: str) -> tuple[int, int]:
        width, _, height = text.lower().partition("x")
        if width.isascii() and width.isdecimal() and height.isascii() and height.isdecimal():
            size = int(width), int(height)
            if self.admits(size):
                return size
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        is_pair = isinstance(value, tuple) and len(value) == 2
        return is_pair and all(isinstance(side, int) and 0 < side <= _LARGEST_SIDE for side in cast("Any", value))


class Numbers(Kind):
    """A set of whole numbers, 0 or more."""

    placeholder = "N,N"
    expected = "a list of numbers such as 0,255"
    expected_value = "a collection of whole numbers, 0 or more"

    def parse(self, text: str) -> tuple[int, ...]:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if all(part.isascii() and part.isdecimal() for part in parts):
            return tuple(map(int, parts))
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        numbers = [_whole(each) for each in value] if isinstance(value, Collection) else [None]
        return all(number is not None and number >= 0 for number in numbers)


class NameList(Kind):
    """Some names of any kind."""

    expected = "a list of names such as one,two"
    expected_value = "a collection of names"

    def __init__(self, placeholder: str) -> None:
        self.placeholder = placeholder

    def parse(self, text: str) -> object:
        return tuple(name for part in text.split(",") if (name := part.strip()))

    def admits(self, value: object) -> bool:
        return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(v, str) for v in value)


class Names(NameList):
    """Some of several names."""

    def __init__(self, choices: tuple[str, ...], what: str, placeholder: str) -> None:
        super().__init__(placeholder)
        self.choices = choices
        self.expected = f"one of the {what}, such as {','.join(choices[:2])}"
        self.expected_value = f"a collection of {what}, such as {choices[:2]!r}"

    def parse(self, text: str) -> tuple[str, ...]:
        names = tuple(name for part in text.split(",") if (name := part.strip()))
        if unknown := [name for name in names if name not in self.choices]:
            raise ValueError(unknown[0])
        return names

    def admits(self, value: object) -> bool:
        return super().admits(value) and all(name in self.choices for name in cast("Collection[str]", value))


class Name(NameList):
    """A name, whatever characters it has; in the library a collection of some."""

    expected = "a name"

    def parse(self, text: str) -> str:
        return text


class Shares(Kind):
    """Names of splits, each with its share; in the library a mapping."""

    placeholder = "NAME=SHARE,..."
    expected = "names of splits with their shares, such as train=0.8,val=0.2"
    expected_value = 'shares by the names of splits, letters, digits, -, _ and ., such as {"train": 0.8, "val": 0.2}'

    def parse(self, text: str) -> tuple[tuple[str, float], ...]:
        pairs = [part.strip().partition("=") for part in text.split(",")]
        with contextlib.suppress(ValueError):
            shares = tuple((name.strip(), float(share)) for name, _, share in pairs)
            if self.admits(shares):
                return shares
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        pairs = _pairs(value)
        return bool(pairs) and all(
            isinstance(name, str)
            and _SPLIT.fullmatch(name) is not None
            and isinstance(share, Real)
            and 0 < float(share) < math.inf
            for name, share in pairs or ()
        )


class Pair(Kind):
    """Two texts with ``=`` between them; in the library all of them in one mapping or in pairs."""

    def __init__(self, placeholder: str, expected: str, expected_value: str) -> None:
        self.placeholder, self.expected, self.expected_value = placeholder, expected, expected_value

    def parse(self, text: str) -> tuple[str, str]:
        first, equals, second = text.partition("=")
        if first and equals and second:
            return first, second
        raise ValueError(text)

    def admits(self, value: object) -> bool:
        pairs = _pairs(value)
        return pairs is not None and all(isinstance(each, str) for pair in pairs for each in pair)
