"""Completion for bash, zsh and fish: files that are made from the options, and that complete them."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from tfrecord_lite.commands.verb import VERBS, load_verb

FOLDER = Path(__file__).parent.parent / "completions"
FILES = sorted(FOLDER.glob("tfrecord2coco.*"))
SPELLINGS = {option.spelling for name in VERBS for option in load_verb(name).options} | {"--help", "--version"}


def test_there_is_one_for_each_shell() -> None:
    assert [path.suffix for path in FILES] == [".bash", ".fish", ".zsh"]


def test_they_are_up_to_date() -> None:
    pytest.importorskip("shtab")
    for name, content in runpy.run_path(str(FOLDER / "make.py"))["completions"]().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, "python completions/make.py"


OPTION = {
    ".bash": r"(?<=[ (])--[a-z][a-z-]+(?=[ )])",
    ".fish": r"(?<=^complete ).*? -l ([a-z][a-z-]+) ",
    ".zsh": r"(?<=[*{,\"'(])--[a-z][a-z-]+(?=[\]}\"'\[=+ )])",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.suffix))
def test_every_verb_and_option_is_there_and_no_other(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert all(re.search(rf"\b{name}\b", text) for name in VERBS)
    found = re.findall(OPTION[path.suffix], text, re.MULTILINE)
    assert {f"--{name.removeprefix('--')}" for name in found} == SPELLINGS


COMPLETE = """
source "$0"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
$(complete -p tfrecord2coco | sed 's/.*-F \\([^ ]*\\) .*/\\1/') tfrecord2coco "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (["con"], {"convert"}),
        (["convert", "--over"], {"--overwrite"}),
        (["convert", "--layout", "robo"], {"roboflow"}),
        (["convert", "--schema", "tao_f"], {"tao_faces"}),
        (["help", "ver"], {"verify"}),
        (["verify", "--max"], {"--max-record-size"}),
        (["verify", "--sch"], {""}),
    ],
)
def test_bash_completes(typed: list[str], completed: set[str]) -> None:
    command = ["bash", "-c", COMPLETE, str(FOLDER / "tfrecord2coco.bash"), "tfrecord2coco", *typed]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert {line.strip() for line in done.stdout.split("\n")[:-1]} == completed, done.stderr
