"""A dry run says what a conversion would do, refuses what it would refuse, and leaves no trace."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numbered_pixels import gray
from outputs import tree
from record_files import picture, write
from tfrecords import detection, ints, shard, texts

from tfrecord_lite import OutputError, RejectedInputError, UsageError, convert
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, in which nothing may stay either."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def records() -> None:
    masks = {
        f"image/panoptic/{kind}_mask": texts(gray(np.ones((48, 64), np.uint8))) for kind in ("category", "instance")
    }
    write("in/train.tfrecord", picture("a.jpg", mine=ints(1)), detection("p.jpg", **masks), picture("a.jpg"))
    write("in/val.tfrecord", picture("b.jpg", **{"image/caption": texts("a cat"), "image/width": ints(5)}))


@pytest.mark.parametrize(
    ("output", "options"),
    [
        ("out", {}),
        ("out", {"write_images": False}),
        ("out", {"layout": "roboflow"}),
        ("out.json", {}),
        ("out.json", {"images": "pictures"}),
    ],
)
def test_it_says_what_a_conversion_would_do_and_writes_nothing(
    output: str, options: dict[str, Any], temporary: Path
) -> None:
    records()
    before = sorted(Path().rglob("*"))
    said = convert("in", output, dry_run=True, **options)
    assert sorted(Path().rglob("*")) == before
    assert list(temporary.iterdir()) == []
    done = convert("in", output, **options)
    assert said.as_json() == done.as_json() | {"status": "dry run"}
    assert done.as_json()["status"] == "done"


def test_what_is_there_stays_as_it_is_and_gives_its_categories() -> None:
    write("train.tfrecord", detection("a.jpg", boxes=[(1, 1, 9, 9)] * 2, texts=["dog", "cat"]))
    write("val.tfrecord", detection("b.jpg", boxes=[(1, 1, 9, 9)], texts=["cow"]))
    convert("train.tfrecord", "out")
    before = tree(Path())
    said = convert("val.tfrecord", "out", dry_run=True)
    assert tree(Path()) == before
    assert said.categories == 3
    assert "lacks categories that are new here: 'cow'" in said.warnings[0]


@pytest.mark.parametrize(("output", "options"), [("out", {}), ("out.json", {}), ("new.json", {"images": "pictures"})])
def test_it_refuses_what_is_there_already(output: str, options: dict[str, Any]) -> None:
    records()
    convert("in", output, **options)
    Path("new.json").unlink(missing_ok=True)
    before = tree(Path())
    messages = []
    for dry_run in (False, True):
        with pytest.raises(OutputError, match="already exists") as caught:
            convert("in", output, dry_run=dry_run, **options)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert tree(Path()) == before
    if Path(output).exists():
        assert convert("in", output, dry_run=True, overwrite=True, **options).images > 0


@pytest.mark.parametrize(
    ("output", "options"),
    [
        ("file", {}),
        ("linked", {}),
        ("in", {"overwrite": True}),
        ("folder.json", {}),
        ("new.json", {"images": "file"}),
        ("new.json", {"images": "full", "overwrite": True}),
        ("new", {"layout": "roboflow", "split": "reports"}),
    ],
)
def test_it_refuses_where_a_conversion_would(output: str, options: dict[str, Any]) -> None:
    write("in/annotations/instances_x.json", picture("a.jpg"))
    write("x.tfrecord", picture("a.jpg"))
    Path("file").touch()
    for folder in ("linked", "folder.json", "full/of/others"):
        Path(folder).mkdir(parents=True)
    if os.name != "nt":
        Path("linked", "images").symlink_to(Path("full").absolute())
    source = "in/annotations/instances_x.json" if output == "in" else "x.tfrecord"
    if output == "linked" and os.name == "nt":
        pytest.skip("links need leave on Windows")
    messages = []
    for dry_run in (False, True):
        with pytest.raises(UsageError) as caught:
            convert(source, output, dry_run=dry_run, **({"split": "x"} | options))
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


def test_a_folder_that_cannot_be_written_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    records()
    with pytest.raises(NotADirectoryError):
        convert("in", "in/train.tfrecord/out", dry_run=True)
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, who may write everywhere
    with pytest.raises(PermissionError):
        convert("in", "out", dry_run=True)


def test_bad_data_ends_it_as_it_ends_a_conversion(capsys: pytest.CaptureFixture[str]) -> None:
    write("x.tfrecord", picture("a.jpg"))
    with Path("x.tfrecord").open("ab") as file:
        file.write(shard(picture("b.jpg"))[:-3])
    with pytest.raises(RejectedInputError):
        convert("x.tfrecord", "out", dry_run=True)
    assert main(["convert", "x.tfrecord", "-o", "out", "--dry-run", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["status"] != "dry run"
    assert main(["convert", "x.tfrecord", "-o", "out", "--dry-run", "--on-error=skip"]) == 0
    assert "dropped" in capsys.readouterr().err
    assert not Path("out").exists()


def test_the_summary_says_that_nothing_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    records()
    assert main(["convert", "in", "-o", "out", "--html", "page.html", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "dry run: nothing was written"
    assert f"would write {Path('out/annotations/instances_train.json')}" in lines
    assert not [line for line in lines if line.startswith("wrote")]
    assert sorted(path.name for path in Path().iterdir()) == ["in"]
