"""The options of the command line: each does what it says, from the file to the result."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import COMMAND, Capture, coco, said
from record_files import picture, write
from tfrecords import detection, example, floats, frame, ints, shard, texts

from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


BOXES = {
    "image/object/bbox/" + side: floats(value)
    for side, value in zip(("xmin", "ymin", "xmax", "ymax"), (0, 0, 1, 1), strict=True)
}
NAN = {"image/object/bbox/xmin": floats(float("nan"))}


def first_box() -> list[float]:
    box: list[float] = coco()["annotations"][0]["bbox"]
    return box


OPTIONS: dict[str, tuple[list[Any], list[str], int, Callable[[], bool]]] = {
    "--label-map": (
        [picture("a.jpg", labels=[2])],
        ["--label-map", "map.pbtxt"],
        0,
        lambda: [entry["name"] for entry in coco()["categories"]] == ["cat", "dog"],
    ),
    "--coordinates": (
        [detection("a.jpg", labels=[1], **BOXES)],
        ["--coordinates", "pixel"],
        0,
        lambda: first_box() == [0, 0, 1, 1],
    ),
    "--category": (
        [picture("a.jpg", drop=["image/object/class/label"])],
        ["--category", "pikachu"],
        0,
        lambda: coco()["categories"][0]["name"] == "pikachu",
    ),
    "--no-images": (
        [picture("a.jpg")],
        ["--no-images"],
        0,
        lambda: sorted(os.listdir("out")) == ["annotations", "reports"],
    ),
    "--image-ids": (
        [picture("a.jpg", **{"image/source_id": texts("42")})],
        ["--image-ids", "source"],
        0,
        lambda: coco()["images"][0]["id"] == 42,
    ),
    "--precision": (
        [detection("a.jpg", boxes=[(1.26, 1, 9, 9)])],
        ["--precision", "1"],
        0,
        lambda: first_box()[0] == 1.3,
    ),
    "--precision exact": (
        [detection("a.jpg", boxes=[(1.015625, 1, 9, 9)])],
        ["--precision", "exact"],
        0,
        lambda: first_box()[0] == 1.015625,
    ),
    "--split": (
        [picture("a.jpg")],
        ["--split", "train"],
        0,
        lambda: len(coco("out/annotations/instances_train.json")["images"]) == 1,
    ),
    "--layout": (
        [picture("a.jpg")],
        ["--layout", "roboflow"],
        0,
        lambda: len(coco("out/x/_annotations.coco.json")["images"]) == 1,
    ),
    "--on-error fail": ([picture("a.jpg"), b"\xff"], ["--on-error", "fail"], 1, lambda: not os.path.exists("out")),
    "--on-error skip": ([picture("a.jpg"), b"\xff"], ["--on-error", "skip"], 0, lambda: len(coco()["images"]) == 1),
    "--on-error skip, one box": (
        [detection("a.jpg", labels=[1], **{**BOXES, **NAN})],
        ["--on-error", "skip"],
        0,
        lambda: (len(coco()["images"]), len(coco()["annotations"])) == (1, 0),
    ),
    "--strict": ([picture("a.jpg", **{"image/width": ints(5)})], ["--strict"], 1, lambda: not os.path.exists("out")),
    "--verify-images": (
        [
            detection(
                "a.jpg",
                image=b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x30\x00\x40\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xff\xd9",
            )
        ],
        ["--verify-images"],
        1,
        lambda: not os.path.exists("out"),
    ),
    "--allow-empty": ([], ["--allow-empty"], 0, lambda: coco()["images"] == []),
    "no --allow-empty": ([], [], 1, lambda: not os.path.exists("out")),
    "--max-record-size": ([picture("a.jpg")], ["--max-record-size", "100"], 1, lambda: not os.path.exists("out")),
    "--max-record-size, a unit": (
        [picture("a.jpg")],
        ["--max-record-size", "1MiB"],
        0,
        lambda: len(coco()["images"]) == 1,
    ),
    "-q": ([picture("a.jpg")], ["-q"], 0, lambda: len(coco()["images"]) == 1),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_does_what_it_says(option: str) -> None:
    records, arguments, status, holds = OPTIONS[option]
    Path("map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    beside = [] if "--label-map" in arguments else ["x.tfrecord"]
    write("alone/x.tfrecord", *records)
    assert main(["convert", os.path.join("alone", (beside or ["x.tfrecord"])[0]), "-o", "out", *arguments]) == status
    assert holds()


@pytest.mark.parametrize(
    ("text", "size"), [("100", 100), ("1k", 1024), ("2KiB", 2048), ("3M", 3 << 20), ("1gb", 1 << 30)]
)
def test_sizes_may_have_a_unit(text: str, size: int, capsys: Capture) -> None:
    # Compressed, so that nothing but the limit tells that so long a record cannot be.
    Path("x.tfrecord").write_bytes(gzip.compress(frame(b"", length=size + 1)[:12]))
    assert main(["convert", "x.tfrecord", "-o", "out", "--max-record-size", text]) == 1
    assert f"a record of {size + 1} bytes exceeds the limit of {size} bytes" in said(capsys)[0]


def test_overwrite_replaces_an_earlier_result(capsys: Capture) -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    assert main(["convert", path, "-o", "out"]) == 0
    assert main(["convert", path, "-o", "out"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main(["convert", path, "-o", "out", "--overwrite"]) == 0


def test_images_goes_with_a_json_file() -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg")), "-o", "out.json", "--images", "pictures"]) == 0
    assert os.listdir("pictures") == ["a.jpg"]
    assert len(coco("out.json")["images"]) == 1


def test_a_gap_in_a_set_is_an_error_unless_it_is_accepted(capsys: Capture) -> None:
    write("in/x-00000-of-00003", picture("a.jpg"))
    write("in/x-00002-of-00003", picture("b.jpg"))
    assert main(["convert", "in", "-o", "out"]) == 2
    assert "00001" in said(capsys)[0]
    assert main(["convert", "in", "-o", "out", "--allow-missing-shards"]) == 0
    assert said(capsys)[0].startswith("warning: ")


def test_one_shard_alone_is_a_warning(capsys: Capture) -> None:
    assert main(["convert", write("x-00001-of-00003", picture("a.jpg")), "-o", "out"]) == 0
    (line,) = said(capsys)
    assert line.startswith("warning: x-00001-of-00003: 2 of 3 shards are missing")


def test_dropped_pieces_are_reported_and_counted(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", picture("a.jpg"), b"\xff"), "-o", "out", "--on-error", "skip"]) == 0
    captured = capsys.readouterr()
    assert "dropped" in captured.err
    assert "record 1 at byte" in captured.err
    assert "dropped 1 record" in captured.out


def test_standard_input_is_an_input() -> None:
    data = shard(picture("a.jpg"), picture("b.jpg"))
    done = subprocess.run([*COMMAND, "convert", "-", "-o", "out.json"], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(coco("out.json")["images"]) == 2
    done = subprocess.run([*COMMAND, "convert", "-", "-o", "bad"], input=data[:-1], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"standard input: record 1 at byte" in done.stderr


def test_the_splits_of_a_folder_are_converted_in_one_call(capsys: Capture) -> None:
    for split in ("train", "val", "test"):
        write(f"in/{split}-00000-of-00001.tfrecord", picture(f"{split}.jpg"))
    assert main(["convert", "in", "-o", "out"]) == 0
    shown = capsys.readouterr().out
    for split in ("train", "val", "test"):
        assert len(coco(f"out/annotations/instances_{split}.json")["images"]) == 1
        assert f"instances_{split}.json" in shown


def test_records_of_no_known_schema_are_reported_with_their_keys(capsys: Capture) -> None:
    assert main(["convert", write("x.tfrecord", example({"audio": floats(1, 2)})), "-o", "out"]) == 1
    assert "audio (float[2])" in said(capsys)[0]


@pytest.mark.slow  # three conversions; test_readme.py and pipeline/test_demo.py run the demo, too
def test_demo_is_the_first_minute(capsys: Capture) -> None:
    assert main(["demo"]) == 0
    shown = capsys.readouterr().out
    assert "tfrecord2coco convert" in shown
    assert os.path.isdir("tfrecord2coco-demo")
    assert main(["demo", "-o", "elsewhere"]) == 0
    assert os.path.isdir("elsewhere")
    command = next(line for line in shown.splitlines() if line.startswith("$ tfrecord2coco ")).split()[2:]
    assert main([*command, "--overwrite"]) == 0, "what it shows can be typed"
