r"""Protobuf's text format -> tokens with their places, which protobuf's own parser reads, one a line.

``google.protobuf.text_format`` decides what they mean. Cutting the text here first gives what it lacks:

* where a field and a message begin, for messages that name a line and a column;
* linear time: it copies the rest of the line with every value that it skips, which is 16 s for a list of 200 kB;
* bounds, checked before any of it is interpreted: nesting, the length of a word and of a text;
* escapes that its decoder does not know (``\?``, ``\X41``, surrogate pairs, before protobuf 6 ``\u``), and an error for
  an invalid one, where it keeps the backslash and Python warns.

Source: https://protobuf.dev/reference/protobuf/textformat-spec/.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

from tfrecord_lite.errors import LabelMapError, quoted

LONGEST_TEXT = 4000  # characters between quotes
_DEEPEST = 100  # protobuf's own limit for nested messages
_REMEMBERED = 12  # tokens before an error that are looked at to explain it

_TOKEN = re.compile(
    r"(?P<space>[ \t\n\v\f\r]+|#[^\n]*)"
    r"|(?P<word>[A-Za-z0-9_.+-]{1,1000})"
    rf"|(?P<text>\"(?:[^\"\\\n]|\\[^\n]){{0,{LONGEST_TEXT}}}\"|'(?:[^'\\\n]|\\[^\n]){{0,{LONGEST_TEXT}}}')"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"""\\(?:[abfnrtv\\'"]|[0-3][0-7]{2}|[0-7]{1,2}(?![0-7])|x[0-9A-Fa-f]{1,2}"""
    r"""|(?P<code>u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
    r"""|(?P<plain>\?)|(?P<hex>X[0-9A-Fa-f]{1,2})|(?P<none>.?))""",
    re.DOTALL,
)
_DIGITS = re.compile(r"[0-9A-Fa-f]{8}|[0-9A-Fa-f]{4}")
_CLOSERS = {"{": "}", "<": ">"}
_TYPOGRAPHIC_QUOTES = frozenset("“”„‟‘’‚‛«»‹›″′＂＇´`")


class Token(NamedTuple):
    """A word, a text in quotes or a single character, and where in the text it begins."""

    text: str
    position: int


class _Open(NamedTuple):
    """A message whose closing bracket is still to come."""

    name: str
    start: int
    closer: str


class Tokens:
    """The tokens of a text, in one pass.

    recent: the last tokens that were given out.
    messages: where the messages of a path such as ``item.keypoints`` begin, in their order.
    fields: the fields of the text, each by its path, with the place where it is met first.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.recent: deque[Token] = deque(maxlen=_REMEMBERED)
        self.messages: dict[str, list[int]] = {}
        self.fields: dict[str, int] = {}
        self.at_end = False
        self._known = (0, 1)  # a place and its line

    def lines(self) -> Iterator[str]:
        """Each token, as a line of its own.

        Raises:
            LabelMapError: brackets do not match, a text is not closed or has an invalid escape.
        """
        opened: list[_Open] = []
        closed = ""  # name of the message that was closed last
        for match in _TOKEN.finditer(self.text):
            if match.lastgroup == "space":
                continue
            found, start = match[0], match.start()
            if match.lastgroup == "text" and "\\" in found:
                found = self._with_known_escapes(found, start)
            elif found == ":":
                self._note_field(opened)
            elif found in _CLOSERS:
                self._note_field(opened)
                opened.append(self._open(opened, closed, found, start))
            elif found in ("}", ">"):
                closed = self._close(opened, found, start)
            elif found in ('"', "'"):
                self._unclosed_text(found, start)
            elif found in _TYPOGRAPHIC_QUOTES:
                self.fail(f"typographic quote {found} (U+{ord(found):04X}) found. Use plain quotes: \" or '", start)
            self.recent.append(Token(found, start))
            yield found
        if opened:
            problem = f"{quoted(opened[-1].closer)} is missing: the message that starts here is never closed"
            self.fail(problem, opened[-1].start)
        self.at_end = True

    def fail(self, problem: str, position: int) -> NoReturn:
        """Raise LabelMapError about a place in the text."""
        raise LabelMapError(self.path, problem, *self.line_and_column(position)) from None

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Line and column of a place, from 1; counted on from the last one asked for, or else from the start."""
        known, line = self._known if self._known[0] <= position else (0, 1)
        line += self.text.count("\n", known, position)
        self._known = (position, line)
        return line, position - self.text.rfind("\n", 0, position)

    def _open(self, opened: list[_Open], closed: str, bracket: str, start: int) -> _Open:
        """The message that this bracket opens; it begins with the name of its field, if it has one of its own."""
        if len(opened) >= _DEEPEST:
            self.fail(f"messages are nested deeper than {_DEEPEST}. Is a closing bracket missing?", start)
        name, begin = closed, start  # in a list, the brackets follow each other
        for before in reversed(self.recent):
            if before.text not in (":", "["):
                if before.text != ",":
                    name, begin = before
                break
        path = ".".join([*(message.name for message in opened), name])
        if len(opened) < 2:  # nothing is read of what is nested deeper
            self.messages.setdefault(path, []).append(begin)
        return _Open(name, begin, _CLOSERS[bracket])

    def _close(self, opened: list[_Open], bracket: str, start: int) -> str:
        """The name of the message that this bracket closes."""
        if not opened:
            self.fail(f"{quoted(bracket)} closes nothing. Is an opening bracket missing before it?", start)
        message = opened.pop()
        if bracket != message.closer:
            line = self.line_and_column(message.start)[0]
            expected = f"{quoted(message.closer)} for the message of line {line}"
            self.fail(f"{quoted(bracket)} found, expected {expected}", start)
        return message.name

    def _note_field(self, opened: list[_Open]) -> None:
        """Note the field that the last token names, where it is met first."""
        if self.recent and self.recent[-1].text.isidentifier() and len(opened) < 2:
            path = ".".join([*(message.name for message in opened), self.recent[-1].text])
            self.fields.setdefault(path, self.recent[-1].position)

    def _unclosed_text(self, quote: str, start: int) -> NoReturn:
        end = self.text.find("\n", start)
        length = (end if end >= 0 else len(self.text)) - start
        if length > LONGEST_TEXT:
            self.fail(f"a text longer than {LONGEST_TEXT} characters, expected the name of a class", start)
        self.fail(f"this text is not closed before its line ends, expected another {quote}", start)

    def _with_known_escapes(self, literal: str, start: int) -> str:
        """A text in quotes with escapes that Python's decoder knows."""

        def known(escape: re.Match[str]) -> str:
            place = start + escape.start()
            if escape["none"] is not None:
                shown = quoted(literal[escape.start() : escape.start() + 4])
                self.fail(f"{shown} is no escape. Write a backslash as \\\\", place)
            if escape["code"] is not None:
                high, *low = (int(digits, 16) for digits in _DIGITS.findall(escape["code"]))
                code = 0x10000 + ((high - 0xD800) << 10) + low[0] - 0xDC00 if low else high
                if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                    self.fail(f"{quoted(escape[0])} is no character of Unicode", place)
                return chr(code) if code > 127 else f"\\{code:03o}"  # which may be a quote
            return "?" if escape["plain"] else escape[0].lower() if escape["hex"] else escape[0]

        return _ESCAPE.sub(known, literal)
