"""Numbers and tables as text for a terminal: bars of eighth blocks, or of plain characters where it has none."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_COLUMNS = "▁▂▃▄▅▆▇█"
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


@dataclass(frozen=True, slots=True)
class Terminal:
    """What text is made for. width: characters of a line. encoding: of the stream, None where nothing is known."""

    width: int = 100
    encoding: str | None = "utf-8"

    @classmethod
    def of_stdout(cls) -> Terminal:
        """The one that stdout goes to; 100 characters where it goes elsewhere."""
        return cls(shutil.get_terminal_size((100, 0)).columns, getattr(sys.stdout, "encoding", None))

    @property
    def has_blocks(self) -> bool:
        """Whether it can write block characters."""
        try:
            (_EIGHTHS + _COLUMNS + "…").encode(self.encoding or "ascii")
        except (LookupError, UnicodeEncodeError):
            return False
        return True

    def bar(self, share: float, width: int) -> str:
        """A bar of a share of ``width``, from 0 to 1; what is more than nothing is seen."""
        if share <= 0:
            return ""
        if not self.has_blocks:
            return "#" * max(1, round(share * width))
        eighths = max(1, round(share * width * 8))
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()

    def columns(self, counts: Sequence[int]) -> str:
        """A column of one character for each number; empty where the terminal has no blocks."""
        most = max(counts, default=0)
        if not most or not self.has_blocks:
            return ""
        return "".join(_COLUMNS[-(-count * 8 // most) - 1] if count else " " for count in counts)

    def cut(self, text: str, width: int) -> str:
        """A text, cut to a number of columns."""
        if columns_of(text) <= width:
            return text
        end = "…" if self.has_blocks else "..."
        kept, used = "", len(end)
        for character in text:
            used += columns_of(character)
            if used > width:
                break
            kept += character
        return kept + end

    def table(self, rows: Iterable[Sequence[str]], align: str, indent: int = 0) -> list[str]:
        """Rows of cells as lines, two blanks between the columns. The last column is cut where the line ends.

        align: a character a column: ``<`` or ``>``.
        """
        rows = list(rows)
        widths = [max((columns_of(row[place]) for row in rows), default=0) for place in range(len(align))]
        return [" " * indent + self._row(row, widths, align, indent) for row in rows]

    def _row(self, row: Sequence[str], widths: Sequence[int], align: str, indent: int) -> str:
        cells = [padded(cell, width, side) for cell, width, side in zip(row, widths, align, strict=True)]
        head = "  ".join(cells[:-1]) + "  "
        left = max(10, self.width - indent - columns_of(head))
        last = self.cut(row[-1], left) if align[-1] == "<" else cells[-1]
        return (head + last).rstrip()


def columns_of(text: str) -> int:
    """How many columns a text takes: East Asian characters take two, accents of their own none."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def padded(text: str, width: int, side: str) -> str:
    """A text with blanks up to a number of columns. side: ``<`` to have them after it, ``>`` before it."""
    blanks = " " * (width - columns_of(text))
    return text + blanks if side == "<" else blanks + text


def bytes_as_text(size: int) -> str:
    """A number of bytes as people say it."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 99.5 else f"{value:.1f} {_UNITS[unit]}"
