"""The page of results, README.md beside this file: each script writes its own section, with the machine it ran on."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "README.md"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table that can be read as it is: first column to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return f"| {first[0]:<{first[1]}} | " + " | ".join(f"{cell:>{width}}" for cell, width in others) + " |"

    return "\n".join([line(lines[0]), line(rule), *map(line, lines[1:])])


def machine(*more: str) -> str:
    """What the numbers depend on, in a line or a few."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = datetime.now(tz=timezone.utc).date()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    parts = [f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB", platform.platform(), python, *more]
    return f"Measured on {today}: " + "; ".join(part for part in parts if part) + "."


def _processor() -> str:
    """The processor's own name for itself, where the system tells."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Puts the text between the two comments of this section. ValueError where the page has no such section."""
    begin, end = f"<!-- {name}: written by the script, do not edit -->", f"<!-- end of {name} -->"
    content = page.read_text(encoding="utf-8")
    before, found, rest = content.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise ValueError(f"{page}: no section {name}")
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
