"""Protobuf's text format, character by character: names, values, and where they stand.

What the fields mean is not known here. Every pattern measures a run of one class of characters, so that none ever
steps back, and nothing is read twice: time is linear in the length of the text.

Source: https://protobuf.dev/reference/protobuf/textformat-spec/. As in protobuf's Python parser, a ``+`` may stand
before a number.
"""

from __future__ import annotations

import re
from typing import NoReturn

from tfrecord_lite.errors import LabelMapError, quoted

_SPACE = re.compile(r"[ \t\n\v\f\r]*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCALAR = re.compile(r"[A-Za-z0-9_.]+(?:(?<=[0-9.][eE])[+-][0-9]+)?")
_NAME_IN_BRACKETS = re.compile(r"\[[A-Za-z0-9_.+/%~-]+\]")
_LITERAL_END = {'"': re.compile(r'["\\\n]'), "'": re.compile(r"['\\\n]")}
_OCTAL, _HEX = re.compile(r"[0-7]{1,3}"), re.compile(r"[0-9A-Fa-f]{1,2}")
_CODE_POINT = {"u": re.compile(r"[0-9A-Fa-f]{4}"), "U": re.compile(r"[0-9A-Fa-f]{8}")}

_ESCAPES = dict(zip("abfnrtv?\\'\"", b"\a\b\f\n\r\t\v?\\'\"", strict=True))
_LONGEST_NUMBER = 20  # digits; int() of a longer text is slow, and no field holds it
_TYPOGRAPHIC_QUOTES = frozenset("“”„‟‘’‚‛«»‹›″′＂＇´`")


class Scanner:
    """A place in a text of this format, which moves forward only."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text  # with \n as the end of a line
        self.position = 0
        self._known = (0, 1, 0)  # a position, its line, and where that line starts

    def field_name(self) -> str:
        """The name in front of a value; that of an extension keeps its brackets."""
        match = _IDENTIFIER.match(self.text, self.position) or _NAME_IN_BRACKETS.match(self.text, self.position)
        if not match:
            self.unexpected("the name of a field")
        self.position = match.end()
        return match[0]

    def scalar(self) -> str | bytes:
        """A number or an identifier as it stands there, with its sign; a text as the bytes that it means."""
        if self.peek() in ('"', "'"):
            return self._strings()
        sign = "-" if self.accept("-") else "" if not self.accept("+") else "+"
        self.peek()
        match = _SCALAR.match(self.text, self.position)
        if not match:
            self.unexpected("a value")
        self.position = match.end()
        return sign + match[0]

    def _strings(self) -> bytes:
        """A text in quotes, and those that follow it at once: they count as one."""
        value = bytearray()
        while (quote := self.peek()) in ('"', "'"):
            start = self.position
            self.position += 1
            while True:
                match = _LITERAL_END[quote].search(self.text, self.position)
                literal = self.text[self.position : match.start() if match else len(self.text)]
                value += literal.encode()
                self.position += len(literal)
                end = self.text[self.position : self.position + 1]
                if end != "\\":
                    break
                value += self._escape()
            if end != quote:
                self.fail(f"this text is not closed before its line ends, expected another {quote}", start)
            self.position += 1
        return bytes(value)

    def _escape(self) -> bytes:
        """The bytes that a backslash and what follows it stand for."""
        start = self.position
        letter = self.text[start + 1 : start + 2]
        self.position += 2
        if letter in _CODE_POINT:
            return self._code_point(letter, start)
        if letter in _ESCAPES:
            return bytes([_ESCAPES[letter]])
        pattern, base = (_HEX, 16) if letter in ("x", "X") else (_OCTAL, 8)
        match = pattern.match(self.text, self.position if base == 16 else start + 1)
        if not match or int(match[0], base) > 255:
            self.fail(f"{quoted(self.text[start : start + 4])} is no escape. Write a backslash as \\\\", start)
        self.position = match.end()
        return bytes([int(match[0], base)])

    def _code_point(self, letter: str, start: int) -> bytes:
        r"""The character of a ``\u`` or ``\U`` escape in UTF-8; two halves of a surrogate pair are put together."""
        code = self._hex_digits(letter, start)
        if 0xD800 <= code < 0xDC00 and self.text.startswith("\\u", self.position):
            self.position += 2
            low = self._hex_digits("u", start)
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) if 0xDC00 <= low < 0xE000 else code
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            self.fail(f"{quoted(self.text[start : self.position])} is no character of Unicode", start)
        return chr(code).encode()

    def _hex_digits(self, letter: str, start: int) -> int:
        r"""The number behind ``\u`` (4 digits) or ``\U`` (8 digits)."""
        match = _CODE_POINT[letter].match(self.text, self.position)
        if not match:
            digits = 4 if letter == "u" else 8
            self.fail(f"\\{letter} needs {digits} hexadecimal digits behind it", start)
        self.position = match.end()
        return int(match[0], 16)

    def accept(self, char: str) -> bool:
        """Pass over this character if it comes next."""
        found = self.peek() == char
        self.position += found
        return found

    def peek(self) -> str:
        """The next character that is neither space nor comment; empty at the end."""
        self.position = behind_space(self.text, self.position)
        return self.text[self.position : self.position + 1]

    def unexpected(self, expected: str) -> NoReturn:
        """Fail at the next character."""
        char = self.peek()
        if char in _TYPOGRAPHIC_QUOTES:
            self.fail(f"typographic quote {char} (U+{ord(char):04X}) found. Use plain quotes: \" or '")
        found = quoted(char) if char else "the end of the file"
        self.fail(f"{found} found, expected {expected}")

    def fail(self, problem: str, position: int | None = None) -> NoReturn:
        """Raise LabelMapError about a position, else about where the scanner stands."""
        where = self.position if position is None else position
        raise LabelMapError(self.path, problem, *self.line_and_column(where))

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Line and column of a position, from 1; counted on from the last one asked for, or else from the start."""
        known, line, line_start = self._known if self._known[0] <= position else (0, 1, 0)
        line += self.text.count("\n", known, position)
        line_start = max(line_start, self.text.rfind("\n", known, position) + 1)
        self._known = (position, line, line_start)
        return line, position - line_start + 1


def behind_space(text: str, position: int) -> int:
    """The position of the next character that is neither space nor comment."""
    while True:
        match = _SPACE.match(text, position)
        position = match.end() if match else position
        if not text.startswith("#", position):
            return position
        end = text.find("\n", position)
        position = len(text) if end < 0 else end


def integer(word: str) -> int | None:
    """The number that a word spells: decimal, hexadecimal (0x1f) or octal (017), with or without a sign."""
    digits = word.lstrip("+-")
    if digits[:2] in ("0x", "0X"):
        digits, base, allowed = digits[2:], 16, "0123456789abcdefABCDEF"
    elif digits[:1] == "0" and len(digits) > 1:
        base, allowed = 8, "01234567"
    else:
        base, allowed = 10, "0123456789"
    if not 0 < len(digits) <= _LONGEST_NUMBER or not set(digits) <= set(allowed):
        return None
    return -int(digits, base) if word.startswith("-") else int(digits, base)
