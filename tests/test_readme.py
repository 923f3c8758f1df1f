"""The README is the manual: its examples run, its transcripts are what the command prints."""

from __future__ import annotations

import gzip
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from coco_datasets import Dataset, objects
from tfrecords import detection, example, floats, jpeg, shard, texts

from tfrecord_lite.commands.verb import VERBS, load_verb
from tfrecord_lite.options.codes import CODES

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a line of a transcript as the installed command would run it."""
    words = shlex.split(command, comments=True)
    assert words[0] == "tfrecord2coco"
    expanded: list[str] = []
    for word in words[1:]:  # what the reader's shell would do
        found = sorted(str(path.relative_to(folder)) for path in folder.glob(word)) if "*" in word else []
        expanded += found or [word]
    call = [sys.executable, "-m", "tfrecord_lite", *expanded]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"} | {"PYTHONUTF8": "1"}
    return subprocess.run(
        call, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False, env=environment
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds every file the README's examples name."""

    def records(name: str, count: int = 2) -> bytes:
        boxes = [(1.0, 2.0, 11.0, 12.0)]
        return shard(*(detection(f"{name}-{i}.jpg", boxes=boxes, labels=[1], texts=["cat"]) for i in range(count)))

    def put(path: str, data: bytes) -> None:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(data)

    for i in range(10):
        put(f"train-{i:05d}-of-00010", records(f"t{i}"))
    for i in range(2):
        put(f"train-{i:05d}-of-00002.tfrecord", records(f"s{i}"))
    put("dataset/train.tfrecord", records("train"))
    put("dataset/val.tfrecord", records("val"))
    put("labels.pbtxt", b'item { id: 1 name: "cat" }\n')
    put("x.tfrecord.gz", gzip.compress(records("x")))
    put("train.tfrecord", records("plain"))
    box = {
        f"image/object/bbox/{side}": floats(value)
        for side, value in zip(("xmin", "ymin", "xmax", "ymax"), (0.1, 0.2, 0.5, 0.6), strict=True)
    }
    put("boxes.tfrecord", shard(example({"image/encoded": texts(jpeg()), **box})))
    put("animals.tfrecord", records("animal"))
    put("lists.tfrecord", shard(detection("none.jpg"), detection("one.jpg", boxes=[(1, 1, 5, 5)], texts=["cat"])))
    own = zip(("x_min", "y_min", "x_max", "y_max"), (0.1, 0.2, 0.5, 0.6), strict=True)
    put("own.tfrecord", shard(example({"pic": texts(jpeg()), **{key: floats(value) for key, value in own}})))
    damaged = bytearray(records("damaged"))
    damaged[-100] ^= 1
    put("damaged.tfrecord", bytes(damaged))
    objects().write(tmp_path / "my_coco")
    return tmp_path


def test_the_demo_prints_what_the_first_screen_shows(tmp_path: Path) -> None:
    shown = CONSOLE[0].split("\n", 1)
    assert shown[0].endswith("tfrecord2coco demo")
    done = run("tfrecord2coco demo", tmp_path)
    printed = re.sub(r"^\$ (open|start) ", "$ xdg-open ", done.stdout, flags=re.MULTILINE)
    assert (done.returncode, printed, done.stderr) == (0, shown[1], "")
    (block,) = [block for block in CONSOLE if block.startswith("$ tfrecord2coco inspect tfrecord2coco-demo")]
    command, looked = block.split("\n", 1)
    done = run(command.removeprefix("$ "), tmp_path)

    def shape(text: str) -> str:  # how many bytes a picture has depends on who encodes it
        return re.sub(r" +", " ", re.sub(r"[\d,.]+ (kB|bytes)", r"# \1", text))

    assert (done.returncode, shape(done.stdout), done.stderr) == (0, shape(looked), "")


@pytest.mark.parametrize(
    "command",
    [
        line.removeprefix("$ ")
        for block in CONSOLE[1:]
        for line in block.splitlines()
        if line.startswith("$ tfrecord2coco ")
        # These have tests of their own.
        and not any(word in line for word in ("damaged", "own.", " validate ", " compare ", "demo/"))
    ],
)
def test_every_command_of_the_readme_runs(command: str, folder: Path) -> None:
    done = run(command, folder)
    assert done.returncode == 0, done.stderr
    if command.startswith("tfrecord2coco convert"):
        assert re.search(r"^wrote .*\.json$", done.stdout, re.MULTILINE)
    elif " pack " in command:
        assert re.search(r"^wrote .*\.pbtxt$", done.stdout, re.MULTILINE)
    elif "preview" in command:
        assert re.search(r"^wrote .*\.(png|html)$", done.stdout, re.MULTILINE)
    else:
        assert "train.tfrecord" in done.stdout


@pytest.mark.parametrize("name", ["damaged.tfrecord", "own.tfrecord"])
def test_bad_data_looks_as_the_readme_shows_it(name: str, folder: Path) -> None:
    (block,) = [block for block in CONSOLE if name in block]
    command, *shown = block.splitlines()
    done = run(command.removeprefix("$ "), folder)

    def shape(text: str) -> str:
        return re.sub(r"0x[0-9a-f]+|\d+", "#", text)

    assert done.returncode == 1
    assert shape(done.stderr.strip()) == shape("\n".join(shown))
    assert not (folder / "coco").exists()


def test_a_validation_looks_as_the_readme_shows_it(folder: Path) -> None:
    (block,) = [block for block in CONSOLE if block.startswith("$ tfrecord2coco validate")]
    command, shown = block.split("\n", 1)
    broken_dataset().write(folder / "coco")
    done = run(command.removeprefix("$ "), folder)
    assert (done.returncode, done.stdout, done.stderr) == (1, shown, "")


def test_a_comparison_looks_as_the_readme_shows_it(folder: Path) -> None:
    (block,) = [block for block in CONSOLE if block.startswith("$ tfrecord2coco compare")]
    command, shown = block.split("\n", 1)
    objects().write(folder / "before")
    after = objects()
    after.annotations[0]["category_id"] = 2
    after.annotations[4]["bbox"] = [3, 3, 12, 9]
    after.write(folder / "after")
    done = run(command.removeprefix("$ "), folder)
    assert (done.returncode, done.stdout, done.stderr) == (1, shown, "note: not compared: info, licenses\n")


def broken_dataset() -> Dataset:
    """What the README validates: an annotation with the id 0, and a box that is larger than its object."""
    dataset = objects()
    dataset.annotations[0]["id"] = 0
    dataset.annotations[5]["bbox"] = [17, 5, 13, 14]
    return dataset


def test_the_nearest_guess_of_the_readme_works(folder: Path) -> None:
    guess = re.search(r"the nearest guess is: (.*)", README)
    assert guess
    done = run(f"tfrecord2coco convert own.tfrecord -o coco {guess[1]}", folder)
    assert done.returncode == 0, done.stderr
    assert "1 image, 1 annotation" in done.stdout


@pytest.mark.parametrize("source", PYTHON)
def test_every_python_example_runs(source: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in VERBS if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", README)] == []


def test_the_page_of_warnings_lists_every_code_with_its_meaning() -> None:
    page = (Path(__file__).parent.parent / "docs" / "reports-and-warnings.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.*) \|$", page.partition("\n## ")[2], re.MULTILINE)) == CODES


def test_files_that_the_help_names_are_there() -> None:
    told = "".join(str(option.help) for name in VERBS for option in load_verb(name).options)
    named = set(re.findall(r"\bdocs/[\w./-]+\.\w+", told))
    assert "docs/reports-and-warnings.md" in named
    assert [path for path in sorted(named) if not (Path(__file__).parent.parent / path).is_file()] == []
