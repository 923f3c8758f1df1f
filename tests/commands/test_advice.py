"""Advice: whatever is wrong, a message names only options that there are, in words that the reader can use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Capture
from faulty_inputs import write_all

from tfrecord_lite.commands.cli import main
from tfrecord_lite.commands.verb import VERBS, load_verb

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

OPTIONS = {name: {"--help", *(option.spelling for option in load_verb(name).options)} for name in VERBS}
CALLS = {
    "convert": ["{input}", "-o", "{output}"],
    "convert --on-error=skip": ["{input}", "-o", "{output}", "--on-error=skip"],
    "inspect": ["{input}"],
    "preview": ["{input}", "-o", "{output}.html"],
    "preview --on-error=fail": ["{input}", "-o", "{output}.png", "--on-error=fail"],
    "compare": ["{input}", "{input}"],
    "verify": ["{input}"],
    "validate": ["{input}"],
    "pack": ["{input}", "-o", "{output}"],
}


def named(text: str, verb: str) -> Iterator[tuple[str, str]]:
    """The options in a text, each with the verb that it is said of."""
    for line in text.splitlines():
        of, after_option = verb, False
        for word in re.sub(r"(?<!\w)'[^']*'(?!\w)", "''", line).replace('"', " ").split():
            if match := re.match(r"\(?(--[a-z][a-z-]*)", word):
                yield match[1], of
                after_option = "=" not in word
            elif word in VERBS:
                of, after_option = word, False
            elif not after_option and "tfrecord2coco" not in line:
                of = verb
            else:
                after_option = False


def test_the_reader_of_this_test_tells_whose_option_is_meant() -> None:
    text = "with --strict, or convert --map a=b --masks none; or --ids"
    assert list(named(text, "verify")) == [
        ("--strict", "verify"),
        ("--map", "convert"),
        ("--masks", "convert"),
        ("--ids", "verify"),
    ]


@pytest.mark.parametrize("call", CALLS)
def test_no_message_names_an_option_that_the_verb_lacks(call: str, capsys: Capture) -> None:
    verb = call.split()[0]
    seen: set[str] = set()
    for number, (name, path) in enumerate(write_all(Path.cwd()).items()):
        words = [word.format(input=path, output=f"out{number}") for word in CALLS[call]]
        for json in ([], ["--json"]):
            assert main([verb, *words, *json, *(["-j1"] if "--jobs" in OPTIONS[verb] else [])]) in (0, 1, 2)
            shown = "\n".join(capsys.readouterr())
            for option, of in named(shown, verb):
                assert option in OPTIONS[of], f"{name}: {option} of {of}: {shown}"
                seen.add(option)
    assert seen or verb in ("validate", "pack"), "nothing was advised"
