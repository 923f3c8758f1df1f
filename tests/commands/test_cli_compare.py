"""The command ``compare``: what it prints and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import Capture
from two_forms import MUTATIONS, model, write_coco, write_records

from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def write_changed(what: str, path: str) -> None:
    changed = model()
    MUTATIONS[what][0](changed)
    write_coco(changed, Path(path))


def test_equal_datasets(capsys: Capture) -> None:
    write_records(model(), Path("a"))
    write_coco(model(), Path("b"))
    assert main(["compare", "a", "b"]) == 0
    assert capsys.readouterr() == ("equal: 3 images, 4 objects\n", "")


def test_a_difference_is_exit_status_1(capsys: Capture) -> None:
    write_coco(model(), Path("a"))
    write_changed("a caption dropped", "b")
    assert main(["compare", "a", "b"]) == 1
    assert capsys.readouterr().out.splitlines()[:3] == [
        "caption  1",
        "    one.png: two dogs | none",
        "differs: caption 1",
    ]


def test_the_result_as_json(capsys: Capture) -> None:
    write_coco(model(), Path("a"))
    write_changed("a folder before a name", "b")
    assert main(["compare", "a", "b", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    place = {"split": "", "image": "three.png", "object": ""}
    names = {"a": "file name: three.png", "b": "file name: 2/three.png"}
    assert shown == {
        "status": "done",
        "exit_status": 0,
        "warnings": {},
        "problems": {"count": 0, "first": []},
        "equal": True,
        "a": {"dataset": "a", "splits": 1, "images": 3, "objects": 4},
        "b": {"dataset": "b", "splits": 1, "images": 3, "objects": 4},
        "differences": [{"kind": "file-name", "lesser": True, "count": 1, "first": [{**place, **names}]}],
        "notes": [],
    }
    assert main(["compare", "a", "b", "--json", "--strict"]) == 1


def test_options_about_records(capsys: Capture) -> None:
    write_records(model(), Path("a"))
    write_coco(model(), Path("b"))
    assert main(["compare", "a", "b", "--label-map", "none", "--no-pictures", "--ids", "-q"]) == 1
    out = capsys.readouterr().out
    assert "source" not in out  # the COCO file has none
    assert "image 1" in out
    Path("owls.txt").write_text("1 owl\n2 dog\n3 bird\n4 cow\n")
    assert main(["compare", "a", "b", "--label-map", "owls.txt"]) == 1


def test_notes_are_no_results(capsys: Capture) -> None:
    write_records(model(), Path("a"))
    write_coco(model(), Path("b"))
    assert main(["compare", "a", "b/annotations/instances_train.json"]) == 0
    out, err = capsys.readouterr()
    assert out == "equal: 3 images, 4 objects\n"
    assert err.startswith("note: not compared, since a single COCO file has no place for them: captions")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a"], "B is missing"),
        (["a", "b", "c"], "'c' is one argument too many"),
        (["a", "none.json"], "none.json: no such file"),
        (["a", "none"], "none: no such file or folder"),
        (["b", "b", "--split", "x"], "options about records mean nothing"),
        (["b", "-"], "standard input cannot be compared"),
    ],
)
def test_mistakes(arguments: list[str], said: str, capsys: Capture) -> None:
    write_records(model(), Path("a"))
    write_coco(model(), Path("b"))
    assert main(["compare", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_damage_is_reported_as_by_a_conversion(capsys: Capture) -> None:
    path = write_records(model(), Path("a")) / "train.tfrecord"
    path.write_bytes(path.read_bytes()[:-3])
    write_coco(model(), Path("b"))
    assert main(["compare", "a", "b"]) == 1
    assert "error: a/train.tfrecord: record 2" in capsys.readouterr().err.replace("\\", "/")
    assert main(["compare", "a", "b", "--on-error", "skip"]) == 1
    assert "image  1" in capsys.readouterr().out
