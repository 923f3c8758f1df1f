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
_INDICATORS = frozenset("&*!|>%@`?,[]{}")  # a plain scalar cannot begin with these
_FLOW_END = {"{": "}", "[": "]"}
_FLOW_SPECIAL = re.compile(r"[,\[\]{}#:]")
_DOUBLE_QUOTED = re.compile(r'[^"\\]*')
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
    lines = text.split("\n")
    starts: dict[str, int] = {}
    for index, line in enumerate(lines):
        if name := _section_start(line):
            starts.setdefault(name, index)
    for name in _SECTIONS:
        if name in starts:
            index = starts[name]
            colon = lines[index].index(":")
            if _without_comment(lines[index][colon + 1 :]).strip():
                return _inline(path, text, sum(len(line) + 1 for line in lines[:index]) + colon + 1)
            return _block(path, lines, index + 1, inside=True)
    start = next((index for index, line in enumerate(lines) if not _is_idle(line)), len(lines))
    if start < len(lines) and lines[start].lstrip()[0] in _FLOW_END:
        return _inline(path, text, sum(len(line) + 1 for line in lines[:start]))
    return _block(path, lines, start, inside=False)


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


def _block(path: str, lines: list[str], start: int, *, inside: bool) -> list[Pair]:
    """The pairs of a block, one entry a line; inside a section it ends with the next key of the top level."""
    entries: list[tuple[int, list[str]]] = []  # the first line's number, and the lines of each entry
    indent = -1
    for number, line in enumerate(lines[start:], start + 1):
        if _is_idle(line):
            continue
        content = line.lstrip(" ")
        width = len(line) - len(content)
        if inside and width == 0 and not _is_element(content):
            break
        if content[0] == "\t":
            raise LabelMapError(path, "tab in the indentation, which YAML forbids. Use spaces", number)
        indent = width if indent < 0 else indent
        if width < indent:
            raise LabelMapError(path, f"indented by {width}, expected {indent} as in the lines above", number)
        if width > indent:
            entries[-1][1].append(content)
        else:
            entries.append((number, [content]))
    pairs = [_block_pair(path, "\n".join(entry), number) for number, entry in entries]
    for pair in pairs:
        if (pair.key is None) != (pairs[0].key is None):
            raise LabelMapError(path, "names with and without a key are mixed. Write all in one way", pair.line)
    return pairs


def _is_element(content: str) -> bool:
    """Whether a line is an element of a list."""
    return content[0] == "-" and content[1:2] in ("", " ", "\t")


def _block_pair(path: str, entry: str, line: int) -> Pair:
    """The pair of one entry of a block."""
    source = _Source(path, entry, line)
    if _is_element(entry):
        return Pair(None, source.whole_scalar(1), line)
    if entry[0] in "\"'":
        key, position = source.quoted_scalar(0)
        position = source.behind_space(position)
    else:
        position = next(
            (at for at, char in enumerate(entry) if char == ":" and entry[at + 1 : at + 2].strip() == ""), -1
        )
        key = entry[: max(position, 0)].strip()
    if not entry.startswith(":", max(position, 0)):
        source.fail(f"{quoted(entry)} found, expected an entry such as 1: cat", 0)
    return Pair(key, source.whole_scalar(position + 1), line)


def _inline(path: str, text: str, start: int) -> list[Pair]:
    """The pairs between the brackets that come next; nothing but comments may follow on their line."""
    source = _Source(path, text, 1)
    opening = source.behind_space(start)
    closer = _FLOW_END.get(text[opening])
    if closer is None:
        source.fail("a single value found, expected names in [ ] or { }, or one a line", opening)
    pairs: list[Pair] = []
    line, counted = text.count("\n", 0, opening) + 1, opening
    position = source.behind_space(opening + 1)
    while not text.startswith(closer, position):
        line, counted = line + text.count("\n", counted, position), position
        key, value, position = None, *source.flow_scalar(position, opening)
        position = source.behind_space(position)
        if closer == "}":
            if not text.startswith(":", position):
                source.fail(f"no value behind {quoted(value)}, expected ': ' and a name", position)
            key, (value, position) = value, source.flow_scalar(source.behind_space(position + 1), opening)
            position = source.behind_space(position)
        pairs.append(Pair(key, value, line))
        if text.startswith(",", position):
            position = source.behind_space(position + 1)
        elif not text.startswith(closer, position):
            source.unclosed(position, opening, f"',' or {quoted(closer)}")
    end = text.find("\n", position)
    rest = text[position + 1 : end if end >= 0 else len(text)]
    if _without_comment(rest).strip():
        source.fail(f"{quoted(rest.strip())} found behind the closing bracket, expected the end of the line", position)
    return pairs


class _Source:
    """A piece of a YAML file that scalars are read from. line: the number of its first line."""

    def __init__(self, path: str, text: str, line: int) -> None:
        self._path = path
        self._text = text
        self._line = line

    def fail(self, problem: str, position: int) -> NoReturn:
        """Raise LabelMapError about a position."""
        raise LabelMapError(self._path, problem, self._line + self._text.count("\n", 0, position))

    def unclosed(self, position: int, opening: int, expected: str) -> NoReturn:
        """Fail where something else comes than is expected between the brackets from opening on."""
        if position >= len(self._text):
            self.fail(f"{quoted(self._text[opening])} is never closed, expected {expected}", opening)
        self.fail(f"{quoted(self._text[position])} found, expected {expected}", position)

    def behind_space(self, position: int) -> int:
        """The next position that is neither white space nor comment."""
        text = self._text
        while position < len(text):
            if text[position] == "#" and (position == 0 or text[position - 1].isspace()):
                end = text.find("\n", position)
                position = end if end >= 0 else len(text)
            elif text[position].isspace():
                position += 1
            else:
                break
        return position

    def whole_scalar(self, start: int) -> str:
        """The name that the rest of this piece is."""
        start = self.behind_space(start)
        if self._text[start : start + 1] in ('"', "'"):
            value, end = self.quoted_scalar(start)
            if _without_comment(self._text[end:]).strip():
                self.fail(f"{quoted(self._text[end:].strip())} found behind the closing quote, expected nothing", end)
            return value
        return self._plain("\n".join(_without_comment(line) for line in self._text[start:].split("\n")), start)

    def flow_scalar(self, start: int, opening: int) -> tuple[str, int]:
        """A name or a number between brackets, and where it ends."""
        text = self._text
        if text[start : start + 1] in ('"', "'"):
            return self.quoted_scalar(start)
        if start >= len(text) or text[start] in ",[]{}":
            self.unclosed(start, opening, "a name")
        end = start
        while end < len(text):
            match = _FLOW_SPECIAL.search(text, end)
            end = match.start() if match else len(text)
            inside = text[end : end + 1] == ":" and text[end + 1 : end + 2].strip() not in ("", ",", "]", "}")
            if not inside and not (text[end : end + 1] == "#" and not text[end - 1].isspace()):
                break
            end += 1
        return self._plain(text[start:end], start), end

    def _plain(self, text: str, start: int) -> str:
        """A scalar without quotes, its lines folded into one."""
        value = " ".join(text.split())
        if not value:
            self.fail("no name found behind the key, expected one such as 1: cat", start)
        if value[0] in _INDICATORS or ": " in value or value.endswith(":"):
            self.fail(f"{quoted(value)} is no plain name in YAML. Put it in quotes if it is one", start)
        return value

    def quoted_scalar(self, start: int) -> tuple[str, int]:
        """A text in quotes with its escapes resolved, and where it ends."""
        text, quote = self._text, self._text[start]
        parts: list[str] = []
        position = start + 1
        while True:
            if quote == "'":
                end = text.find("'", position)
                end = len(text) if end < 0 else end
            else:
                match = _DOUBLE_QUOTED.match(text, position)
                end = match.end() if match else position
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
        letter = self._text[start + 1 : start + 2]
        if letter == "\n":  # the line goes on, without its indentation
            end = start + 2
            while self._text[end : end + 1] in (" ", "\t"):
                end += 1
            return "", end
        if letter in _ESCAPES:
            return _ESCAPES[letter], start + 2
        end = start + 2 + _HEX_DIGITS.get(letter, 0)
        digits = self._text[start + 2 : end]
        if not digits or not set(digits) <= set("0123456789abcdefABCDEF") or len(digits) != _HEX_DIGITS[letter]:
            self.fail(f"{quoted(self._text[start:end])} is no escape. Write a backslash as \\\\", start)
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            self.fail(f"{quoted(self._text[start:end])} is no character of Unicode", start)
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
