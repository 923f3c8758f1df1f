"""Advice: whatever is wrong, a message names only options that there are, and following it helps."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Capture
from faulty_inputs import write_all
from tfrecords import jpeg

from tfrecord_lite import (
    ReadOptions,
    TFRecordLiteError,
    compare,
    convert,
    inspect,
    preview,
    read_examples,
    read_records,
    read_samples,
    verify,
)
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


def in_quick_and_slow(names: Iterable[str]) -> list[Any]:
    """Variants of a call, which have more than one word, are slow together."""
    return [pytest.param(name, marks=pytest.mark.slow) if " " in name else name for name in names]


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


def test_the_reader_of_this_test_shows_whose_option_is_meant() -> None:
    text = "with --strict, or convert --map a=b --masks none; or --ids"
    assert list(named(text, "verify")) == [
        ("--strict", "verify"),
        ("--map", "convert"),
        ("--masks", "convert"),
        ("--ids", "verify"),
    ]


@pytest.mark.parametrize("call", in_quick_and_slow(CALLS))
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


# --------------------------------------------------------------------------------------------------------- following it
VALUES = {"DIR": "root", "N": "1", "WxH": "64x48", "FILE": "root/names.pbtxt"}
WORD = r"(?:'[^']*'|[^\s',;]+)"
OPTION = rf"--[a-z][a-z-]*(?:={WORD}| (?:'[^']+'|[A-Z]+\b|WxH|none\b|{WORD}={WORD}|\d+x\d+))?"


def given(advice: str) -> list[str]:
    """What to type to follow it."""
    text = re.sub(r"\b(DIR|N|WxH|FILE)\b", lambda match: VALUES[match[1]], advice)
    return shlex.split(text.replace("--label-map", "--label-map=root/names.pbtxt") if text == "--label-map" else text)


def prepare() -> dict[str, Path]:
    """The inputs, and what to name when advice asks for it."""
    found = write_all(Path.cwd())
    Path("root/pictures").mkdir(parents=True)
    Path("root/pictures/a.jpg").write_bytes(jpeg())
    Path("root/a.jpg").write_bytes(jpeg())
    Path("root/names.pbtxt").write_text("item { id: 3 name: 'three' }")
    return found


def test_every_way_out_that_a_refusal_names_ends_in_a_dataset(capsys: Capture) -> None:
    followed = 0
    for number, (name, path) in enumerate(prepare().items()):
        call = ["convert", str(path), "-j1", "-o", f"out{number}"]
        done, said = main(call) == 0, capsys.readouterr().err
        if done:
            continue
        ways = {match[0] for match in re.finditer(rf"{OPTION}(?: {OPTION})*", said)}
        for way in ways:
            status = main([*call, *given(way), "--overwrite"])
            after = capsys.readouterr().err
            assert status == 0, f"{name}: {way}: {said}{after}"
            followed += 1
    assert followed >= 20


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "convert": lambda path, **more: convert(path, "out", overwrite=True, **more),
    "convert and skip": lambda path, on_error="skip", **more: convert(
        path, "out", overwrite=True, on_error=on_error, **more
    ),
    "inspect": inspect,
    "preview": lambda path, **more: preview(path, "out.html", overwrite=True, **more),
    "compare": lambda path, **more: compare(path, path, **more),
    "verify": lambda path, **more: list(verify(path, **more)),
    "read_records": lambda path, **more: list(read_records(path, **more)),
    "read_examples": lambda path, **more: list(read_examples(path, **more)),
    "read_samples": lambda path, *options, **more: list(read_samples(path, *options, **more)),
}


def told(result: Any, depth: int = 0) -> Iterator[str]:
    """Every text that a caller gets: of errors and of results."""
    if isinstance(result, str):
        yield result
    elif isinstance(result, BaseException):
        yield str(result)
        yield from told([*getattr(result, "problems", ())], depth + 1)
    elif isinstance(result, dict):
        yield from told([*result.keys(), *result.values()], depth + 1)
    elif hasattr(result, "_fields") or str(type(result).__module__).startswith("tfrecord_lite"):
        if depth < 6 and type(result).__name__ != "Line":  # which is a line for a shell
            names = [name for name in dir(result) if not name.startswith(("_", "typed", "text")) or name == "text"]
            for name in names:
                if not callable(value := getattr(result, name)):
                    yield from told(value, depth + 1)
    elif isinstance(result, list | tuple):
        for each in result:
            yield from told(each, depth + 1)


def calls(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The arguments that a message names, ``name=value``, and the call that they are within, if any."""
    after = 0
    for match in re.finditer(r"(?<![\w.])(ReadOptions\(|convert\(\.\.\., )?(?=[a-z_]+=[^\s=])", text):
        if match.start() < after:
            continue
        of = (match[1] or "").partition("(")[0]
        for end in range(len(text), match.end(), -1):
            try:
                tree = ast.parse(f"f({text[match.end() : end]}" + ("" if of else ")"), mode="eval").body
            except (SyntaxError, ValueError):
                continue
            if isinstance(tree, ast.Call) and tree.keywords and not tree.args:
                yield of, {str(each.arg): meant(each.value) for each in tree.keywords}
                after = end
                break


def meant(value: ast.expr) -> Any:
    """A value, or what a reader puts in its place."""
    if isinstance(value, ast.Tuple) and all(isinstance(each, ast.Name) for each in value.elts):
        return (64, 48)
    found = 1 if isinstance(value, ast.Name) else ast.literal_eval(value)
    return VALUES.get(found, found) if isinstance(found, str) else found


def follow(function: Callable[..., Any], path: Path, of: str, values: dict[str, Any]) -> None:
    """Calls what a message names, with what it says."""
    if ... in values.values():
        return  # it says where something can be given, not what
    if of == "ReadOptions":
        function(path, ReadOptions(**values))
    elif of == "convert":
        convert(path, "out2", overwrite=True, **values)
    else:
        function(path, **values)


@pytest.mark.parametrize("name", in_quick_and_slow(FUNCTIONS))
def test_a_caller_of_the_library_reads_what_can_be_pasted(name: str) -> None:
    function = FUNCTIONS[name]
    for path in prepare().values():
        try:
            result = function(path)
        except TFRecordLiteError as error:
            result = error
        for text in told(result):
            assert not re.search(r"(?<![\w'-])--[a-z]", text), text
            for of, values in calls(text):
                again = ""
                try:
                    follow(function, path, of, values)
                except TFRecordLiteError as error:
                    again = str(error)
                assert again != text, f"{values} changes nothing"
