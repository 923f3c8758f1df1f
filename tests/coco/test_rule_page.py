"""docs/validate.md says what the rules say, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from coco_datasets import objects
from rule_page import PAGE, with_tables

from tfrecord_lite.coco.rules.readers import table
from tfrecord_lite.coco.rules.table import RULES
from tfrecord_lite.commands.arguments import parse


def test_the_tables_are_those_of_the_rules() -> None:
    page = PAGE.read_text("utf-8")
    assert page == with_tables(page), "write them: python tests/support/rule_page.py"
    assert set(re.findall(r"^\| `([EWI]..)` ", page, re.MULTILINE)) == RULES.keys()


def test_its_commands_can_be_given_and_its_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text("utf-8")
    for line in re.findall(r"^\$ tfrecord2coco (.*?)(?: +#.*)?$", page, re.MULTILINE):
        assert parse(line.split()).options.path
    objects().write(tmp_path / "coco")
    monkeypatch.chdir(tmp_path)
    (source,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(compile(source, "docs/validate.md", "exec"), {})


def test_what_readers_do_is_known_for_rules_and_cases_that_exist() -> None:
    for code, cases in table()["effects"].items():
        assert set(cases) <= set(RULES[code].cases)
        for effects in cases.values():
            assert effects.keys() <= table()["readers"].keys()
            assert all(
                effect.split()[0] in ("rejects", "drops", "changes", "computes", "crashes")
                for effect in effects.values()
            )


def test_errors_that_a_reader_could_show_were_seen_to_break_one() -> None:
    unseen = {code for code, rule in RULES.items() if rule.severity == "error"} - table()["effects"].keys()
    assert unseen <= NOT_SEEN


NOT_SEEN = {"E72", "E73", "E75", "E80", "E91"}
"""By what COCO or a framework that cannot be installed here says: see reference of each in the rules."""
