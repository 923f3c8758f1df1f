"""What is said to a person who asks, or who types something wrong: short, at once, and with what to type instead."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from commands import Capture

from tfrecord_lite import __version__
from tfrecord_lite.commands.cli import main
from tfrecord_lite.commands.verb import VERBS, load_verb
from tfrecord_lite.options.console import envelope
from tfrecord_lite.options.reading import SCHEMA_NAMES
from tfrecord_lite.schemas.registry import SCHEMAS

FOLDER = Path(main.__code__.co_filename).parent


# ---------------------------------------------------------------------------------------------------------- mistakes
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("convrt x", "there is no command 'convrt'. Did you mean convert?"),
        ("frobnicate", "there is no command 'frobnicate'"),
        ("x.tfrecord", "To convert a file: tfrecord2coco convert 'x.tfrecord' -o OUT"),
        ("-q convert x", "'-q' comes before the command. Options come after it"),
        ("help convrt", "Did you mean convert?"),
        ("convert x -o out --ovewrite", "there is no option '--ovewrite'. Did you mean --overwrite?"),
        ("convert x --on-eror=skip", "there is no option '--on-eror'. Did you mean --on-error?"),
        ("convert x -o out --over", "there is no option '--over'. Did you mean --overwrite?"),
        ("convert x -o out --\x1b[31m", "there is no option '--\\x1b[31m'"),
        ("convert x -o out -z", "there is no option '-z'"),
        ("convert x", "-o/--output is missing"),
        ("convert -o out", "INPUT is missing"),
        ("verify", "INPUT is missing"),
        ("convert x -o out --coordinates pixels", "--coordinates: 'pixels' is not one of auto, normalized, pixel. Did"),
        ("convert x -o out --precision", "--precision: expected one argument"),
        ("convert x -o out -j 0", "-j/--jobs: '0' is not a whole number of processes, 1 or more"),
        ("convert x -o out --category caf\udce9", "--category: 'caf\\udce9' is not a text in the character set"),
        ("convert x -o out --masks polygons", "Did you mean polygon?"),
        ("convert x -o -", "-o/--output: '-' is not an output: nothing is written to standard output"),
        ("preview x -o -", "A file or folder of this name is ./-"),
        ("demo somewhere", "'somewhere' is one argument too many"),
        ("verify x --schema tfds", "there is no option '--schema'"),
    ],
)
def test_a_mistake_is_two_lines_what_is_wrong_and_the_usage(typed: str, told: str, capsys: Capture) -> None:
    assert main(typed.split(" ")) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    wrong, usage = captured.err.splitlines()
    assert wrong.startswith("tfrecord2coco: error: ")
    assert told in wrong
    verb = typed.split(" ")[0]
    assert usage.startswith(f"usage: tfrecord2coco {verb if verb in VERBS else 'COMMAND'} ")
    assert wrong.isprintable()


def test_a_mistake_with_json_is_a_result_too(capsys: Capture) -> None:
    assert main(["convert", "x", "--ovewrite", "--json"]) == 2
    captured = capsys.readouterr()
    problem = "there is no option '--ovewrite'. Did you mean --overwrite?"
    end = envelope("error", 2, problems=[problem]) | {"files": []}
    assert json.loads(captured.out) == end
    assert len(captured.err.splitlines()) == 2
    assert main(["convert", "x", "--", "--json"]) == 2
    assert capsys.readouterr().out == "", "an input of this name"


def test_dashes_alone_make_no_option_alike(capsys: Capture) -> None:
    main(["convert", "x", "-o", "out", "--bad"])
    assert capsys.readouterr().err.splitlines()[0].endswith("there is no option '--bad'")


def test_what_a_mistake_advises_can_be_typed(capsys: Capture) -> None:
    main(["convert", "x", "--ovewrite"])
    advice = re.search(r"tfrecord2coco (\w+ --help)", capsys.readouterr().err)
    assert advice
    assert main(advice[1].split()) == 0


def test_no_arguments_show_what_most_people_want(capsys: Capture) -> None:
    assert main([]) == 2
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 5
    assert [line.split()[1] for line in shown[1:]] == ["convert", "inspect", "demo", "help"]


def test_inputs_and_options_can_come_in_any_order(tmp_path: Path, capsys: Capture) -> None:
    words = [
        "convert",
        "--strict",
        str(tmp_path / "a"),
        "-o",
        str(tmp_path / "out"),
        str(tmp_path / "b"),
        "--no-images",
    ]
    assert main(words) == 2
    assert f"{tmp_path / 'a'}: no such file" in capsys.readouterr().err


def test_after_two_dashes_everything_is_an_input(capsys: Capture) -> None:
    assert main(["verify", "--", "--overwrite"]) == 2
    assert "--overwrite: no such file" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------------- help
@pytest.mark.parametrize("name", VERBS)
def test_help_of_a_verb_has_every_option_its_default_and_examples(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert main(["help", name]) == 0
    assert capsys.readouterr().out == shown
    headings = [line for line in shown.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert len(headings) == len(set(headings))
    words = " ".join(shown.split())
    verb = load_verb(name)
    for option in verb.options:
        assert f" {option.spelling}" in shown
        assert " ".join(option.help.split()) in words, option.name
        assert f"{option.group}:" in shown
    assert verb.examples
    for example in verb.examples:
        assert f"tfrecord2coco {example.command}" in shown
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.parametrize("name", VERBS)
def test_examples_of_help_are_commands(name: str) -> None:
    for example in load_verb(name).examples:
        first, *words = shlex.split(example.command)
        verb = load_verb(first)
        spellings = {word for option in verb.options for word in (option.spelling, option.short)}
        if verb.passed_on is not None:
            words = words[: words.index("--")]
        assert {word for word in words if word.startswith("-")} <= spellings


def test_help_is_the_same_by_every_name(capsys: Capture) -> None:
    shown = set()
    for words in (["--help"], ["-h"], ["help"]):
        assert main(words) == 0
        shown.add(capsys.readouterr().out)
    (text,) = shown
    for name, does in VERBS.items():
        assert re.search(rf"^  {name} +{re.escape(does)}$", text, re.MULTILINE)


def test_version(capsys: Capture) -> None:
    for words in (["--version"], ["-V"]):
        assert main(words) == 0
        assert capsys.readouterr().out == f"tfrecord2coco {__version__}\n"


def test_help_names_the_schemas_that_there_are() -> None:
    assert {*SCHEMA_NAMES, "auto"} == {*SCHEMAS}


NOT_LOADED = """
import sys
from tfrecord_lite.commands.cli import main
status = main(sys.argv[1:])
print([name for name in ("google.protobuf", "PIL", "orjson", "tqdm", "crc32c", "yaml") if name in sys.modules], status)
"""


@pytest.mark.parametrize("words", [[], ["--help"], *([name, "--help"] for name in VERBS), ["convert", "--nonsense"]])
def test_help_and_mistakes_do_not_wait_for_what_reads_records(words: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", NOT_LOADED, *words], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\[\] [02]", done.stdout.splitlines()[-1])


# -------------------------------------------------------------------------------------------------------- the house
def test_every_verb_is_a_module_of_the_folder() -> None:
    for name in VERBS:
        assert (FOLDER / f"{name}.py").exists()
    verbs = {path.stem for path in FOLDER.glob("*.py") if "\nVERB = " in path.read_text(encoding="utf-8")}
    assert verbs == VERBS.keys()


WITHOUT = """
import sys
for name in sys.argv[1].split(","):
    sys.modules[name] = None
from tfrecord_lite.commands.cli import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize(
    ("missing", "distribution"), [("google", "protobuf"), ("PIL", "pillow"), ("orjson", "orjson"), ("crc32c", "crc32c")]
)
def test_a_package_that_is_not_installed_is_one_line(missing: str, distribution: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, missing, "demo", "-o", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"tfrecord2coco: error: the package {distribution} is not installed. Install it: ")
    assert line.endswith(f" -m pip install {distribution}")


def test_all_packages_that_are_not_installed_are_reported_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, "google,orjson,yaml", "demo", "-o", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert " are not installed. Install them: " in line
    assert set(line.partition(" -m pip install ")[2].split()) == {"protobuf", "orjson", "PyYAML"}
