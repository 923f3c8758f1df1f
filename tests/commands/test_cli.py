"""The command line: exit statuses, what goes to stdout and what to stderr."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from commands import LINE, Capture, coco, said
from record_files import picture, write
from tfrecords import detection, floats, frame, ints, texts

from tfrecord_lite import __version__
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


# ------------------------------------------------------------------------------------------------------ exit statuses
def test_success_is_0_with_the_result_on_stdout_and_nothing_on_stderr(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg"), detection("b.jpg")), "-o", "out"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "2 images" in captured.out
    assert "1 annotation" in captured.out
    assert os.path.join("out", "annotations", "instances_x.json") in captured.out
    assert len(coco()["images"]) == 2


def test_data_at_fault_is_1_one_line_a_problem_and_nothing_is_published(capsys: Capture) -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    with open(path, "ab") as file:
        file.write(frame(b"bad", data_crc=1) + frame(b"\xff") + frame(b"cut")[:-1])
    assert main(["convert", path, "-o", "out"]) == 1
    assert capsys.readouterr().out == ""
    assert sorted(os.listdir()) == ["x.tfrecord"]
    assert main(["convert", path, "-o", "out"]) == 1
    lines = said(capsys)
    assert len(lines) == 4
    assert [line.startswith(f"error: x.tfrecord: record {number} at byte ") for number, line in enumerate(lines[:3], 1)]
    assert "3 problems found, nothing was published" in lines[3]


def test_more_than_twenty_problems_are_counted(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", *[b"\xff"] * 25), "-o", "out"]) == 1
    lines = said(capsys)
    assert len(lines) == 22
    assert "5 more" in lines[20]
    assert "25 problems" in lines[21]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["gone.tfrecord", "-o", "out"], "gone.tfrecord"),
        (["gone-*.tfrecord", "-o", "out"], "gone-*.tfrecord"),
        (["x.tfrecord", "x.tfrecord", "-o", "out"], "given twice"),
        (["x.tfrecord", "-o", "x.tfrecord"], "not a folder"),
        (["x.tfrecord", "-o", "there.json"], "--overwrite"),
        (["x.tfrecord", "-o", "x.tfrecord/out"], "x.tfrecord"),
        (["x.tfrecord", "-o", "out", "--label-map", "gone.pbtxt"], "gone.pbtxt"),
        (["x.tfrecord", "-o", "out", "--label-map", "there.json"], "there.json"),
        (["x.tfrecord", "-o", "out", "--images", "pictures"], "--images"),
        (["x.tfrecord", "-o", "out.json", "--layout", "roboflow"], "layout"),
        (["x.tfrecord", "-o", "out", "--split", "../evil"], "split"),
    ],
)
def test_usage_and_file_system_are_2_with_one_line_that_names_what_is_wrong(
    arguments: list[str], named: str, capsys: Capture
) -> None:
    write("x.tfrecord", picture("a.jpg"))
    Path("there.json").write_text("mine")
    assert main(["convert", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.startswith("tfrecord2coco: error: ")
    assert named in line
    assert sorted(os.listdir()) == ["there.json", "x.tfrecord"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["convert"],
        ["convert", "x.tfrecord"],
        ["transmogrify", "x.tfrecord"],
        ["convert", "x.tfrecord", "-o", "out", "--no-such-option"],
        ["convert", "x.tfrecord", "-o", "out", "--over"],  # no abbreviations: another option may come
        ["convert", "x.tfrecord", "-o", "out", "--coordinates", "pixels"],
        ["convert", "x.tfrecord", "-o", "out", "--on-error", "ignore"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "many"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "-1"],
        ["convert", "x.tfrecord", "-o", "out", "--precision", "99"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "0"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "12Q"],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", ""],
        ["convert", "x.tfrecord", "-o", "out", "--max-record-size", "M"],
    ],
)
def test_a_wrong_option_is_2_before_anything_is_read(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "usage:" in captured.err


def test_help_and_version_are_results(capsys: Capture) -> None:
    for arguments in (["--help"], ["convert", "--help"], ["demo", "--help"], ["--version"]):
        assert main(arguments) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        assert "tfrecord2coco" in captured.out
    assert captured.out == f"tfrecord2coco {__version__}\n"


def test_running_out_of_memory_is_2_and_a_message(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    real = os.open

    def fail(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fsdecode(path).endswith("a.jpg"):
            raise MemoryError
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", fail)
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out"]) == 2
    assert "out of memory" in capsys.readouterr().err
    assert os.listdir() == ["x.tfrecord"]


def test_a_full_disk_is_2_and_names_the_file(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    real = os.open

    def fail(path: Any, *arguments: Any, **options: Any) -> int:
        if os.fsdecode(path).endswith("a.jpg"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, "open", fail)
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out"]) == 2
    (line,) = said(capsys)
    assert line.endswith(f"{os.sep}a.jpg: {os.strerror(errno.ENOSPC)}")
    assert "b'" not in line
    assert os.listdir() == ["x.tfrecord"]


# ------------------------------------------------------------------------------------------------- stdout and stderr
def test_warnings_go_to_stderr_and_change_nothing(capsys: Capture) -> None:
    record = picture("a.jpg", **{"image/width": ints(5), "my/key": ints(1)})
    assert main(["convert", write("x.tfrecord", record, record), "-o", "out"]) == 0
    lines = said(capsys)
    assert any("size-wrong" in line and "2 times" in line and "record 0 at byte 0" in line for line in lines)
    assert any("my/key" in line for line in lines)
    assert len(coco()["images"]) == 2


def test_json_is_the_only_thing_on_stdout(capsys: Capture) -> None:
    record = picture("größe.jpg", **{"image/width": ints(5)})
    assert main(["convert", write("x.tfrecord", record), "-o", "out", "--json"]) == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert (summary["images"], summary["annotations"], summary["categories"]) == (1, 1, 1)
    assert summary["files"] == [os.path.join("out", "annotations", "instances_x.json")]
    assert summary["splits"][0]["warnings"]["size-wrong"]["count"] == 1
    assert "size-wrong" in captured.err


def test_no_control_character_of_the_data_reaches_the_terminal(capsys: Capture) -> None:
    esc = "\x1b[31m\r\n"
    records = [
        picture("a.jpg", texts=[f"cat{esc}"], **{f"key{esc}": ints(1), "image/format": texts(esc)}),
        detection("b.jpg", boxes=[(1, 1, 9, 9)], **{f"image/object/bbox/xmin{esc}": floats(1)}),
        detection("c.jpg", image=f"junk{esc}".encode()),
        detection("d.jpg", boxes=[(1, 1, 9, 9)], texts=[""], **{"image/source_id": texts(esc)}),
    ]
    name = write(f"x{esc}.tfrecord", *records)
    label_map = Path(f"map{esc}.pbtxt")
    label_map.write_text("item { id: 1 name: 'dog' }")
    for options in (
        [],
        ["--on-error", "skip"],
        ["--strict"],
        ["--image-ids", "source"],
        ["--label-map", str(label_map)],
    ):
        main(["convert", name, "-o", "out", "--overwrite", *options])
        captured = capsys.readouterr()
        assert LINE.match(captured.err)
        assert all(line.isprintable() for line in captured.err.split("\n"))
        assert all(line.isprintable() for line in captured.out.split("\n"))


def test_messages_stay_short_whatever_the_data_holds(capsys: Capture) -> None:
    long = "x" * 100_000
    records = [
        picture("a.jpg", **{f"key/{long}": ints(1), "image/source_id": texts(long)}),
        picture("b.jpg", texts=[long], **{"image/source_id": texts(long), "image/format": texts(long)}),
        detection("c.jpg", image=long.encode()),
    ]
    for options in (["--on-error", "skip"], ["--image-ids", "source"], ["--strict"], ["--label-map", "map.pbtxt"]):
        Path("map.pbtxt").write_text("item { id: 1 name: 'cat' }")
        main(["convert", write("in/x.tfrecord", *records), "-o", "out", "--overwrite", *options])
        captured = capsys.readouterr()
        assert all(len(line) < 1000 for line in (captured.err + captured.out).splitlines())
