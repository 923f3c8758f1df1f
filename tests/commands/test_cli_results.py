"""What a run says at its end: to people in a few lines, to programs as JSON, whether it succeeded or not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from commands import Capture, said
from record_files import picture, write
from tfrecords import detection, floats, ints, texts

from tfrecord_lite import RejectedInputError, convert
from tfrecord_lite.commands.cli import main
from tfrecord_lite.options.codes import CODES

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

BOX = [(1, 1, 9, 9)]


def result(capsys: Capture) -> Any:
    return json.loads(capsys.readouterr().out)


# --------------------------------------------------------------------------------------------------------- the summary
def test_the_summary_says_where_everything_is_and_how_it_was_understood(capsys: Capture) -> None:
    write("in/train.tfrecord", detection("a.jpg", boxes=BOX * 3, labels=[2, 2, 1]))
    write("in/val.tfrecord", detection("b.jpg", boxes=BOX, labels=[2], **{"image/caption": texts("a cat")}))
    Path("in/label_map.pbtxt").write_text("item { id: 1 name: 'dog' } item { id: 2 name: 'cat' }")
    assert main(["convert", "in", "-o", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == [
        "train: 1 image, 3 annotations",
        "val: 1 image, 1 annotation, 1 captions",
        "read as object_detection, normalized boxes",
        f"label map: {os.path.join('in', 'label_map.pbtxt')}",
        "2 classes: cat 3, dog 1",
    ]
    wrote = [line.removeprefix("wrote ") for line in lines[5:]]
    assert {path.replace(os.sep, "/") for path in wrote} == {
        "out/annotations/instances_train.json",
        "out/annotations/instances_val.json",
        "out/annotations/captions_val.json",
        "out/images/train",
        "out/images/val",
        "out/reports/train.json",
        "out/reports/val.json",
    }
    assert all(os.path.exists(path) for path in wrote)


def test_of_many_classes_the_frequent_ones_are_named(capsys: Capture) -> None:
    records = [detection(f"{n}.jpg", boxes=BOX * n, texts=[f"class {n}"] * n) for n in range(1, 13)]
    assert main(["convert", write("x.tfrecord", *records), "-o", "out"]) == 0
    assert "12 classes: class 12 12, class 11 11," in (shown := capsys.readouterr().out)
    assert shown.count("class 2 2") == 0
    assert " and 2 more\n" in shown


def test_what_was_not_written_is_not_named(capsys: Capture) -> None:
    path = write("x.tfrecord", picture("a.jpg"))
    assert main(["convert", path, "-o", "out.json"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("wrote")] == ["wrote out.json"]
    assert main(["convert", path, "-o", "two.json", "--images", "pictures", "--json"]) == 0
    found = result(capsys)
    assert (found["files"], found["image_folders"], found["reports"]) == (["two.json"], ["pictures"], [])
    assert main(["convert", path, "-o", "out", "--no-images", "--json"]) == 0
    assert result(capsys)["image_folders"] == []


# ------------------------------------------------------------------------------------------------------------- as JSON
def test_warnings_of_all_splits_are_counted_at_the_top(capsys: Capture) -> None:
    for split in ("train", "val"):
        write(f"in/{split}.tfrecord", picture("a.jpg", **{"image/width": ints(5), "mine": ints(1)}), b"\xff")
    write("in/x-00001-of-00003", picture("b.jpg"))
    options = ["--json", "--on-error", "skip", "--allow-missing-shards"]
    assert main(["convert", "in", "-o", "out", *options]) == 0
    found = result(capsys)
    assert found["status"] == "done"
    assert found["warnings"] == {"dropped": 2, "input": 1, "keys-not-carried-over": 2, "size-wrong": 2}
    assert found["warnings"].keys() <= CODES.keys()
    assert len(found["input_warnings"]) == 1
    assert (found["problems"]["count"], len(found["problems"]["first"])) == (2, 2)
    assert found["classes"] == {"1": 3} or sum(found["classes"].values()) == found["annotations"]


def test_a_failure_is_a_result_too(capsys: Capture) -> None:
    path = write("x.tfrecord", *[b"\xff"] * 25)
    assert main(["convert", path, "-o", "out", "--json"]) == 1
    found = result(capsys)
    assert (found["status"], found["exit_status"], found["files"]) == ("rejected", 1, [])
    assert found["problems"]["count"] == 25
    assert len(found["problems"]["first"]) == 21
    assert found["problems"]["first"][0].startswith("x.tfrecord: record 0 at byte 0: ")


@pytest.mark.parametrize("verb", ["convert", "inspect", "verify", "preview"])
def test_an_error_before_anything_is_read_is_a_result_too(verb: str, capsys: Capture) -> None:
    output = [] if verb in ("inspect", "verify") else ["-o", "out.png" if verb == "preview" else "out"]
    assert main([verb, "gone.tfrecord", *output, "--json"]) == 2
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["status"], found["exit_status"]) == ("error", 2)
    assert found["problems"] == {"count": 1, "first": ["gone.tfrecord: no such file or folder"]}
    assert captured.err == "tfrecord2coco: error: gone.tfrecord: no such file or folder\n"


# ------------------------------------------------------------------------------------------- --strict and --fail-on
NAN = {"image/object/bbox/xmin": floats(float("nan"))}
LOSSES: dict[str, tuple[list[dict[str, bytes] | bytes], list[str]]] = {
    "size-wrong": ([picture("a.jpg", **{"image/width": ints(5)})], []),
    "keys-not-carried-over": ([picture("a.jpg", mine=ints(1))], []),
    "dropped": ([picture("a.jpg"), b"\xff"], ["--on-error", "skip"]),
    "dropped, an object": ([picture("a.jpg"), picture("b.jpg", **NAN)], ["--on-error", "skip"]),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_strict_and_fail_on_cover_what_is_lost(loss: str, capsys: Capture) -> None:
    records, options = LOSSES[loss]
    code = loss.partition(",")[0]
    path = write("x.tfrecord", *records)
    for more in (["--strict"], ["--fail-on", code], ["--fail-on", f"box-inverted,{code}"]):
        assert main(["convert", path, "-o", "out", *options, *more]) == 1
        assert said(capsys)[-1] == "tfrecord2coco: 1 problem found, nothing was published"
        assert not os.path.exists("out")
    others = ",".join(each for each in CODES if each != code)
    assert main(["convert", path, "-o", "out", *options, "--fail-on", others]) == 0


def test_shards_that_are_missing_fail_a_strict_run(capsys: Capture) -> None:
    path = write("x-00001-of-00003", picture("a.jpg"))
    assert main(["convert", path, "-o", "out", "--strict"]) == 1
    assert main(["convert", path, "-o", "out", "--fail-on", "input"]) == 1
    assert "2 of 3 shards are missing" in said(capsys)[0]


def test_keys_without_values_are_no_loss() -> None:
    path = write("x.tfrecord", picture("a.jpg", mine=ints()))
    assert main(["convert", path, "-o", "out", "--strict"]) == 0


def test_keys_that_are_lost_are_named_a_few_at_most(capsys: Capture) -> None:
    keys = {f"key {n:03d}": ints(1) for n in range(100)}
    assert main(["convert", write("x.tfrecord", picture("a.jpg", **keys)), "-o", "out", "--strict"]) == 1
    line = said(capsys)[0]
    assert line.startswith("error: split x: keys-not-carried-over: ")
    assert "key 009 and 90 more" in line


def test_a_code_that_does_not_exist_is_a_mistake(capsys: Capture) -> None:
    assert main(["convert", "x", "-o", "out", "--fail-on", "size-wrong,box-invertd"]) == 2
    assert "'box-invertd' is not one of the codes of warnings" in (told := capsys.readouterr().err)
    assert "Did you mean box-inverted?" in told


def test_the_library_fails_on_codes_as_well() -> None:
    path = write("x.tfrecord", picture("a.jpg", **{"image/width": ints(5)}))
    with pytest.raises(RejectedInputError, match="size-wrong"):
        convert(path, "out", fail_on=["size-wrong"])
    assert convert(path, "out", fail_on=["box-inverted"]).warning_counts == {"size-wrong": 1}


CALLS = {
    "convert": ["{records}", "-o", "out"],
    "inspect": ["{records}"],
    "preview": ["{records}", "-o", "{records}.html"],
    "compare": ["{records}", "{records}"],
    "verify": ["{records}"],
    "validate": ["{coco}"],
    "pack": ["{coco}", "-o", "packed"],
}


@pytest.mark.parametrize("verb", CALLS)
def test_every_result_begins_alike_whether_all_is_well_or_not(verb: str, capsys: Capture) -> None:
    write("sound.tfrecord", picture("a.jpg"))
    Path("damaged.tfrecord").write_bytes(Path("sound.tfrecord").read_bytes()[:-3])
    main(["convert", "sound.tfrecord", "-o", "coco"])
    Path("none.json").write_text("{")
    for records, coco, is_well in (("sound.tfrecord", "coco", True), ("damaged.tfrecord", "none.json", False)):
        capsys.readouterr()
        words = [word.format(records=records, coco=coco) for word in CALLS[verb]]
        exit_status = main([verb, *words, "--json", *(["-j1"] if verb in ("convert", "pack") else [])])
        found = result(capsys)
        assert list(found)[:4] == ["status", "exit_status", "warnings", "problems"]
        assert found["exit_status"] == exit_status == (0 if is_well else 1)
        assert found["status"] in (("done",) if is_well else ("done", "error", "rejected"))
        assert (found["problems"]["count"] == 0) == is_well
        assert len(found["problems"]["first"]) == found["problems"]["count"]
