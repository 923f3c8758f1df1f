"""The tables of docs/validate.md, made of the rules and of what readers were seen to do.

python tests/support/rule_page.py      writes them into the page
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tfrecord_lite.coco.rules.readers import table
from tfrecord_lite.coco.rules.table import SUBJECTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validate.md"


def readers() -> str:
    """Readers and their versions."""
    return "\n".join(["| reader | version |", "|---|---|", *_rows(table()["readers"].items())])


def rules() -> str:
    """All rules by subject, and who was seen to break on them."""
    parts = []
    for subject, rules_of_it in SUBJECTS.items():
        parts += [f"### {subject}", "", "| code | cases | what | do | seen to break |", "|---|---|---|---|---|"]
        for rule in rules_of_it:
            effects = table()["effects"].get(rule.code, {})
            names = sorted({name for case in effects.values() for name in case})
            cases = ", ".join(case for case in rule.cases if case)
            parts += _rows([(f"`{rule.code}`", cases, rule.what, rule.remedy, ", ".join(names))])
        parts.append("")
    return "\n".join(parts).rstrip()


def with_tables(page: str) -> str:
    """A page with the tables in their places."""
    for name, content in (("readers", readers()), ("rules", rules())):
        before, rest = page.split(f"<!-- {name} -->\n", 1)
        after = rest.split(f"<!-- /{name} -->", 1)[1]
        page = f"{before}<!-- {name} -->\n\n{content}\n\n<!-- /{name} -->{after}"
    return page


def _rows(rows: Iterable[Iterable[str]]) -> list[str]:
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
