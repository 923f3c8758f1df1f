"""The reference pages: made from the definitions, complete, and with examples that run."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from record_files import write
from tfrecords import detection, jpeg

from tfrecord_lite import convert
from tfrecord_lite.commands.verb import VERBS, load_verb
from tfrecord_lite.comparison.result import KINDS, LESSER

FOLDER = Path(__file__).parent.parent / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
README = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
SPELLINGS = {option.spelling for name in VERBS for option in load_verb(name).options} | {"--help", "--version"}


@pytest.mark.parametrize("name", ["command-line.md", "roles.md", "../llms.txt"])
def test_pages_are_up_to_date(name: str) -> None:
    made = runpy.run_path(str(FOLDER / "reference.py"))["pages"]()[name]
    assert made == (FOLDER / name).read_text(encoding="utf-8"), "python docs/reference.py"


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_every_verb_is_in_the_docs(verb: str) -> None:
    section = PAGES["command-line.md"].split(f"\n## {verb}\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| .*?`(--[a-z-]+)`", section, re.MULTILINE)) == {
        option.spelling for option in load_verb(verb).options
    }


OF_OTHERS = {"--collect-all", "--records", "--tool", "--work"}  # of PyInstaller, the benchmarks, valgrind


@pytest.mark.parametrize("page", [*PAGES.values(), README], ids=[*PAGES, "README.md"])
def test_no_page_names_an_option_that_does_not_exist(page: str) -> None:
    page = re.sub(r"^(?:\$|RUN) .*?(?= tfrecord2coco |$)", "", page, flags=re.MULTILINE)  # of other programs
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page)) - OF_OTHERS <= SPELLINGS


def test_every_kind_of_difference_is_in_the_docs() -> None:
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", PAGES["compare.md"], re.MULTILINE))
    assert told == {kind: text + (" (lesser)" if kind in LESSER else "") for kind, text in KINDS.items()}


@pytest.mark.parametrize(
    "source",
    [
        source
        for name, page in PAGES.items()
        if name != "beam.md"  # its example runs where Beam is installed, among peers
        for source in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ],
)
def test_the_examples_in_python_run(source: str, tmp_path: Path) -> None:
    write(tmp_path / "train.tfrecord", detection("a.jpg", boxes=[(1, 2, 11, 12)], texts=["cat"]))
    (tmp_path / "picture.jpg").write_bytes(jpeg(64, 48))
    convert(tmp_path / "train.tfrecord", tmp_path / "coco")
    done = subprocess.run([sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if 'TFRecordWriter("own.tfrecord")' in source:
        command = [sys.executable, "-m", "tfrecord_lite", "convert", "own.tfrecord", "-o", "own", "--strict"]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
