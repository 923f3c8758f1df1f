"""The part of YAML that label maps are written in -> keys and values.

    label_map: {1: cat, 2: "dog"}        names: [cat, dog]        1: cat
    label_map:                           names:                   2: 'dog'   # a comment
      1: cat                               - cat
      2: 'dog'                             - dog

Other keys beside ``label_map`` and ``names`` are passed over, whatever they hold. Names may be folded over several
lines, as PyYAML writes long ones. Anchors, tags, block scalars and nested collections are errors: no writer of label
maps uses them, and a guess would be a wrong class.

Source: https://yaml.org/spec/1.2.2/ for the syntax; the layouts are those of MediaPipe Model Maker
(object_detector: ``size:``, ``label_map:``), Vertex AI Model Garden (``label_map.yaml``) and YOLO's ``data.yaml``.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from tfrecord_lite.errors import LabelMapError, quoted

_SECTIONS = ("label_map", "names")
_INDICATORS = frozenset("&*!|>%@`,[]{}")  # a plain scalar cannot begin with these
_FLOW_END = {"{": "}", "[": "]"}
_FLOW_SPECIAL = re.compile(r"[,\[\]{}#:]")
_KEY_END = re.compile(r":(?=[ \t]|$)")
_LITERAL_END = {'"': re.compile(r'["\\]'), "'": re.compile("'")}
_ESCAPES = {
    **dict(zip('0abtnvfre "/\\N_LP', '\0\a\b\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029', strict=True)),
    "\t": "\t",
}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


class Pair(NamedTuple):
    """A name of the map: key is None for an element of a list. line counts from 1."""

    key: str | None
    value: str
    line: int


def has_label_section(text: str) -> bool:
    """Whether a line of the text is ``label_map:`` or ``names:``, with or without more behind it."""
    return any(_section_start(line) for line in text.split("\n"))


def parse_yaml(path: str, text: str) -> list[Pair]:
    r"""The names of a label map in YAML: of its ``label_map``, else of its ``names``, else of the whole document.

    Args:
        path: the file, for messages.
        text: its contents, with ``\n`` as the end of a line.

    Raises:
        LabelMapError: the text is not of this part of YAML; with its line.
    """
    source = _Source(path, text)
    starts: dict[str, int] = {}
    position, first = 0, len(text)
    for line in text.split("\n"):
        if name := _section_start(line):
            starts.setdefault(name, position)
        if not _is_idle(line):
            first = min(first, position)
        position += len(line) + 1
    start = next((starts[name] for name in _SECTIONS if name in starts), None)
    if start is not None:
        colon = text.index(":", start)
        if source.is_blank_behind(colon + 1):
            return _block(source, source.next_line(colon), inside=True)
        return _flow(source, colon + 1)
    return _flow(source, first) if text[first:].lstrip()[:1] in _FLOW_END else _block(source, first, inside=False)


def _section_start(line: str) -> str | None:
    """``label_map`` or ``names`` where the line starts that section at the top level."""
    key, colon, rest = line.partition(":")
    name = key.strip().strip("\"'")
    at_top = bool(colon) and line[:1] not in (" ", "\t") and rest[:1] in ("", " ", "\t")
    return name if at_top and name in _SECTIONS else None


def _is_idle(line: str) -> bool:
    """Whether a line says nothing: blank, a comment, a directive or a document mark."""
    content = line.strip()
    return not content or content[0] in "#%" or content in ("---", "...")


def _block(source: _Source, start: int, *, inside: bool) -> list[Pair]:
    """The pairs of a block, an entry a line; inside a section it ends with the next key of the top level."""
    pairs: list[Pair] = []
    position, indent, number, counted = start, -1, 1, 0
    while position < len(source.text):
        line = source.line_at(position)
        content = line.lstrip(" ")
        width = len(line) - len(content)
        if _is_idle(line):
            position = source.next_line(position)
            continue
        if inside and width == 0 and content[0] != "\t" and not _is_element(content):
            break
        indent = width if indent < 0 else indent
        if content[0] == "\t" or width != indent:
            found = "a tab in the indentation" if content[0] == "\t" else f"{width} spaces before this line"
            source.fail(f"{found}, expected {indent} spaces as in the lines above", position)
        number, counted = number + source.text.count("\n", counted, position), position
        key, position = (None, position + width + 1) if _is_element(content) else _block_key(source, position + width)
        value, position = source.block_scalar(position, indent)
        pairs.append(Pair(key, value, number))
        if (key is None) != (pairs[0].key is None):
            source.fail("names with and without a key are mixed. Write all in one way", counted)
    return pairs


def _is_element(content: str) -> bool:
    """Whether a line is an element of a list."""
    return content[0] == "-" and content[1:2] in ("", " ", "\t")


def _block_key(source: _Source, start: int) -> tuple[str, int]:
    """The key that a line starts with, and the position behind its colon."""
    line = source.line_at(start)
    if line[0] in "\"'":
        key, position = source.quoted_scalar(start)
        position = source.behind_space(position)
    else:
        match = _KEY_END.search(line)
        position = start + match.start() if match else len(source.text)
        key = source.text[start:position].strip()
    if not source.text.startswith(":", position):
        source.fail(f"{quoted(line)} found, expected an entry such as 1: cat", start)
    return key, position + 1


def _flow(source: _Source, start: int) -> list[Pair]:
    """The pairs between the brackets that come next; nothing but comments may follow on their line."""
    text = source.text
    opening = source.behind_space(start)
    closer = _FLOW_END.get(text[opening])
    if closer is None:
        source.fail("a single value found, expected names in [ ] or { }, or one a line", opening)
    pairs: list[Pair] = []
    line, counted = text.count("\n", 0, opening) + 1, opening
    position = source.behind_space(opening + 1)
    while not text.startswith(closer, position):
        line, counted = line + text.count("\n", counted, position), position
        value, position = source.flow_scalar(position, opening)
        position = source.behind_space(position)
        key = None
        if closer == "}":
            if not text.startswith(":", position):
                source.fail(f"no value behind {quoted(value)}, expected ': ' and a name", position)
            key = value
            value, position = source.flow_scalar(source.behind_space(position + 1), opening)
            position = source.behind_space(position)
        pairs.append(Pair(key, value, line))
        if text.startswith(",", position):
            position = source.behind_space(position + 1)
        elif not text.startswith(closer, position):
            source.unclosed(position, opening, f"',' or {quoted(closer)}")
    if not source.is_blank_behind(position + 1):
        rest = quoted(source.line_at(position + 1).strip())
        source.fail(f"{rest} found behind the closing bracket, expected the end of the line", position)
    return pairs


class _Source:
    """The text of a file, and the scalars in it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def fail(self, problem: str, position: int) -> NoReturn:
        """Raise LabelMapError about a position."""
        raise LabelMapError(self.path, problem, self.text.count("\n", 0, position) + 1)

    def unclosed(self, position: int, opening: int, expected: str) -> NoReturn:
        """Fail where something else comes than is expected between the brackets from opening on."""
        if position >= len(self.text):
            self.fail(f"{quoted(self.text[opening])} is never closed, expected {expected}", opening)
        self.fail(f"{quoted(self.text[position])} found, expected {expected}", position)

    def line_at(self, position: int) -> str:
        """The rest of a line from position on."""
        end = self.text.find("\n", position)
        return self.text[position : end if end >= 0 else len(self.text)]

    def next_line(self, position: int) -> int:
        """Where the line behind that of position starts."""
        end = self.text.find("\n", position)
        return end + 1 if end >= 0 else len(self.text)

    def is_blank_behind(self, position: int) -> bool:
        """Whether nothing but a comment comes on the rest of the line."""
        return not _without_comment(self.line_at(position)).strip()

    def behind_space(self, position: int) -> int:
        """The next position that is neither white space nor comment."""
        text = self.text
        while position < len(text):
            if text[position] == "#" and (position == 0 or text[position - 1].isspace()):
                position = self.next_line(position)
            elif text[position].isspace():
                position += 1
            else:
                break
        return position

    def block_scalar(self, start: int, indent: int) -> tuple[str, int]:
        """The name behind a key or a dash, with the deeper lines that continue it, and where the next line starts."""
        position = self.behind_space(start)
        line_start = self.text.rfind("\n", start, position) + 1
        if position >= len(self.text) or (line_start and position - line_start <= indent):
            self.fail("no name found behind the key, expected one such as 1: cat", start)
        if self.text[position] in "\"'":
            value, end = self.quoted_scalar(position)
            if not self.is_blank_behind(end):
                rest = quoted(self.line_at(end).strip())
                self.fail(f"{rest} found behind the closing quote, expected the end of the line", end)
            return value, self.next_line(end)
        lines = [_without_comment(self.line_at(position))]
        end = self.next_line(position)
        while end < len(self.text):
            line = self.line_at(end)
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            lines.append(_without_comment(line))
            end = self.next_line(end)
        return self._plain("\n".join(lines), position), end

    def flow_scalar(self, start: int, opening: int) -> tuple[str, int]:
        """A name or a number between brackets, and where it ends."""
        text = self.text
        if text[start : start + 1] in ('"', "'"):
            return self.quoted_scalar(start)
        if start >= len(text) or text[start] in ",[]{}":
            self.unclosed(start, opening, "a name")
        end = start
        while True:
            match = _FLOW_SPECIAL.search(text, end)
            end = match.start() if match else len(text)
            inside = text[end : end + 1] == ":" and text[end + 1 : end + 2].strip() not in ("", ",", "]", "}")
            if not inside and not (text[end : end + 1] == "#" and not text[end - 1].isspace()):
                break
            end += 1
        return self._plain(text[start:end], start), end

    def _plain(self, text: str, start: int) -> str:
        """A scalar without quotes, its lines folded into one."""
        value = " ".join(line.strip() for line in text.split("\n") if line.strip())
        if not value:
            self.fail("no name found behind the key, expected one such as 1: cat", start)
        if value[0] in _INDICATORS or value.startswith("? ") or ": " in value or value.endswith(":"):
            self.fail(f"{quoted(value)} is no plain name in YAML. Put it in quotes if it is one", start)
        return value

    def quoted_scalar(self, start: int) -> tuple[str, int]:
        """A text in quotes with its escapes resolved, and where it ends."""
        text, quote = self.text, self.text[start]
        parts: list[str] = []
        position = start + 1
        while True:
            match = _LITERAL_END[quote].search(text, position)
            end = match.start() if match else len(text)
            parts.append(_folded(text[position:end]))
            if end >= len(text):
                self.fail(f"this text is never closed, expected another {quote}", start)
            if text[end] == "\\":
                part, position = self._escape(end)
                parts.append(part)
            elif quote == "'" and text.startswith("'", end + 1):
                parts.append("'")
                position = end + 2
            else:
                return "".join(parts), end + 1

    def _escape(self, start: int) -> tuple[str, int]:
        """What an escape of a text in double quotes stands for, and where it ends."""
        letter = self.text[start + 1 : start + 2]
        if letter == "\n":  # the line goes on, without its indentation
            end = start + 2
            while self.text[end : end + 1] in (" ", "\t"):
                end += 1
            return "", end
        if letter in _ESCAPES:
            return _ESCAPES[letter], start + 2
        end = start + 2 + _HEX_DIGITS.get(letter, 0)
        digits = self.text[start + 2 : end]
        if not digits or not set(digits) <= set("0123456789abcdefABCDEF") or len(digits) != _HEX_DIGITS[letter]:
            self.fail(f"{quoted(self.text[start:end])} is no escape. Write a backslash as \\\\", start)
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            self.fail(f"{quoted(self.text[start:end])} is no character of Unicode", start)
        return chr(code), end


def _without_comment(line: str) -> str:
    """A line up to its comment."""
    for mark in (" #", "\t#"):
        line = line.partition(mark)[0]
    return "" if line.startswith("#") else line


def _folded(text: str) -> str:
    """A text in quotes whose lines are joined by one space each."""
    first, *rest = text.split("\n")
    if not rest:
        return text
    return " ".join([first.rstrip(), *(line.strip() for line in rest[:-1]), rest[-1].lstrip()])
