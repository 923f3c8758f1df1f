"""Label maps beside the records, from the command to the dataset: which one names the categories, and what is said."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from results import load
from tfrecords import detection

from tfrecord_lite import LabelMapError, Summary, convert, inspect
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

BOX = (1, 1, 9, 9)
PARTS = "item { id: 1 name: 'bolt' } item { id: 2 name: 'nut' }"
PETS = "item { id: 1 name: 'Abyssinian' } item { id: 2 name: 'beagle' } item { id: 3 name: 'Bengal' }"
KITTI = "item { id: 1 name: 'car' } item { id: 2 name: 'pedestrian' }"


def record(labels: list[int] | None = None, texts: list[str] | None = None) -> dict[str, bytes]:
    return detection("a.jpg", boxes=[BOX] * len(labels or texts or []), labels=labels, texts=texts)


NAMED = record([1, 2], ["bolt", "nut"])
NUMBERED = record([1, 2])


def place(files: Mapping[str, str], *records: dict[str, bytes], folder: str = "in") -> None:
    for name, text in files.items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(text, encoding="utf-8")
    write(os.path.join(folder, "parts_train.record"), *records)


def categories(summary: Summary) -> dict[int, str]:
    coco = load(summary.files[0])
    return {each["id"]: each["name"] for each in coco["categories"]}


def report(split: str = "train") -> Any:
    return load(Path("out", "reports", f"{split}.json"))


def test_among_stock_label_maps_the_one_of_the_records_is_used_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    place({"pet_label_map.pbtxt": PETS, "kitti_label_map.pbtxt": KITTI, "object-detection.pbtxt": PARTS}, NAMED)
    assert main(["convert", "in", "-o", "out", "-j1"]) == 0
    said = capsys.readouterr()
    assert f"label map: {os.path.join('in', 'object-detection.pbtxt')}\n" in said.out
    assert said.err == ""
    assert report()["label_maps"] == ["object-detection.pbtxt"]
    assert report()["label_maps_passed_over"] == {
        "kitti_label_map.pbtxt": "it has 0 of 2 classes, not 'bolt', 'nut'",
        "pet_label_map.pbtxt": "it has 0 of 2 classes, not 'bolt', 'nut'",
    }


def test_none_uses_none_whatever_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    place({"label_map.pbtxt": "item { id: 5 name: 'bolt' } item { id: 6 name: 'nut' }"}, NUMBERED)
    assert main(["convert", "in", "-o", "out", "-j1", "--label-map", "none"]) == 0
    assert "label map" not in "".join(capsys.readouterr())
    assert "label_maps" not in report()
    place({}, NAMED)
    assert categories(convert("in", "out", overwrite=True, label_map="none")) == {1: "bolt", 2: "nut"}
    assert categories(convert("in", "out", overwrite=True)) == {5: "bolt", 6: "nut"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("items { id: 1 name: 'bolt' }", "'items' is no field of a label map"),
        (KITTI, "is not used: it has 0 of 2 classes, not 'bolt', 'nut'. If it is right, name it with label_map"),
    ],
)
def test_where_every_object_has_a_name_a_label_map_that_is_of_no_use_is_a_warning(text: str, said: str) -> None:
    place({"label_map.pbtxt": text}, NAMED)
    summary = convert("in", "out")
    assert categories(summary) == {1: "bolt", 2: "nut"}
    assert summary.label_map is None
    (warning,) = summary.warnings
    assert said in warning


def test_what_a_warning_advises_works(capsys: pytest.CaptureFixture[str]) -> None:
    place({"label_map.pbtxt": KITTI}, NAMED)
    assert main(["convert", "in", "-o", "out", "-j1"]) == 0
    assert "name it with --label-map" in capsys.readouterr().err
    label_map = os.path.join("in", "label_map.pbtxt")
    assert main(["convert", "in", "-o", "out", "-j1", "--overwrite", "--label-map", label_map]) == 0
    assert report()["label_maps"] == ["label_map.pbtxt"]
    found = report()["warnings"]["class-not-in-label-map"]
    assert found["count"] == 2
    assert "is not in the label map, nor is 1 more class" in found["first"]
    assert "--label-map FILE" in found["first"]


def test_where_numbers_have_no_names_several_that_fit_are_an_error_and_the_advice_works(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place({"pet_label_map.pbtxt": PETS, "kitti_label_map.pbtxt": KITTI}, NUMBERED)
    assert main(["convert", "in", "-o", "out", "-j1"]) == 2
    said = capsys.readouterr().err
    assert "'kitti_label_map.pbtxt' and 'pet_label_map.pbtxt' differ, expected one. Choose with --label-map" in said
    assert not os.path.exists("out")
    assert main(["convert", "in", "-o", "out", "-j1", "--label-map", os.path.join("in", "kitti_label_map.pbtxt")]) == 0


def test_where_numbers_have_no_names_a_broken_label_map_is_an_error() -> None:
    place({"label_map.pbtxt": "items { id: 1 name: 'bolt' }"}, NUMBERED)
    with pytest.raises(LabelMapError, match=r"label_map\.pbtxt:1:1: label map: 'items' is no field"):
        convert("in", "out")


def test_the_same_names_as_pbtxt_and_as_a_list_are_one_label_map() -> None:
    place({"label_map.pbtxt": PARTS, "label_map.txt": "bolt\nnut\n"}, NUMBERED)
    summary = convert("in", "out")
    assert categories(summary) == {1: "bolt", 2: "nut"}
    assert (summary.label_map, summary.warnings) == (os.path.join("in", "label_map.pbtxt"), ())


@pytest.mark.parametrize(
    "name", ["labelmap.txt", "classes.txt", "obj.names", "labels.txt", "class_names.txt", "_darknet.labels"]
)
@pytest.mark.parametrize(
    ("labels", "names", "is_unclear"),
    [
        ([1, 2, 3], ["house", "car", "person"], True),
        ([0, 1], ["house", "car"], False),
        ([4, 1], ["cat", "house"], False),
    ],
)
def test_a_list_of_names_begins_at_1_unless_a_0_is_met(
    name: str, labels: list[int], names: list[str], is_unclear: bool
) -> None:
    place({name: "house\ncar\nperson\ncat\n"}, record(labels))
    summary = convert("in", "out")
    assert categories(summary) == {1: "house", 2: "car", 3: "person", 4: "cat"}
    coco = load(summary.files[0])
    assert [categories(summary)[each["category_id"]] for each in coco["annotations"]] == names
    assert ("class-base-unclear" in report()["warnings"]) is is_unclear


def test_the_advice_for_a_list_that_begins_at_0_works() -> None:
    place({"classes.txt": "house\ncar\nperson\ncat\n"}, record([1, 2]))
    convert("in", "out")
    assert "write the numbers into the list, as in 0:house" in report()["warnings"]["class-base-unclear"]["first"]
    place({"classes.txt": "0:house\n1:car\n2:person\n3:cat\n"}, record([1, 2]))
    summary = convert("in", "out", overwrite=True)
    coco = load(summary.files[0])
    assert [categories(summary)[each["category_id"]] for each in coco["annotations"]] == ["car", "person"]
    assert "class-base-unclear" not in report()["warnings"]


def test_a_label_map_one_folder_up_is_a_hint_and_following_it_works(capsys: pytest.CaptureFixture[str]) -> None:
    place({}, NUMBERED)
    place({"label map.pbtxt": PARTS}, folder="training")
    os.unlink("training/parts_train.record")
    assert main(["convert", "in", "-o", "out", "-j1"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "may have them" in line]
    advice = shlex.split(line.partition("may have them: ")[2])
    assert main(["convert", "in", "-o", "out", "-j1", "--overwrite", *advice]) == 0
    assert f"label map: {os.path.join('training', 'label map.pbtxt')}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [("data.yaml", "nc: 2\nnames: [bolt, nut]\n"), ("labels.csv", "id,name\n1,bolt\n2,nut\n")],
)
def test_names_in_a_file_of_another_tool_are_a_hint_and_following_it_works(
    name: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place({name: text}, NUMBERED)
    assert main(["convert", "in", "-o", "out", "-j1"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "may have them" in line]
    advice = shlex.split(line.partition("may have them: ")[2])
    assert main(["convert", "in", "-o", "out", "-j1", "--overwrite", *advice]) == 0
    assert f"label map: {os.path.join('in', name)}" in capsys.readouterr().out
    assert main(["convert", "in", "-o", "out", "-j1", "--overwrite", "--label-map=none", "--strict"]) == 0


@pytest.mark.parametrize(("text", "is_named"), [(PARTS, True), ("item { id: 1 name: 'bolt' }", False)])
def test_the_line_of_inspect_has_the_label_map_that_is_near_if_it_has_all_classes(text: str, is_named: bool) -> None:
    place({}, NUMBERED)
    Path("label_map.pbtxt").write_text(text, encoding="utf-8")
    line = inspect("in").next_line
    assert line is not None
    assert ("--label-map label_map.pbtxt" in line.text) == is_named
    assert main(list(line.words[1:])) == 0


def test_label_maps_of_splits_that_agree_are_one() -> None:
    for split, text in (("train", PARTS), ("valid", PARTS + " item { id: 3 name: 'washer' }")):
        place({"parts_label_map.pbtxt": text}, NAMED, folder=os.path.join("in", split))
    summary = convert("in", "out")
    assert categories(summary) == {1: "bolt", 2: "nut", 3: "washer"}
    assert summary.label_map == ", ".join(
        os.path.join("in", split, "parts_label_map.pbtxt") for split in ("train", "valid")
    )
