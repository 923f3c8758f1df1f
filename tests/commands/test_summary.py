"""What a conversion says at its end: only what is so, and in words that lead on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from commands import Capture, said
from record_files import picture, write
from tfrecords import ints, jpeg, texts

from tfrecord_lite import convert
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def told(capsys: Capture, *words: str) -> list[str]:
    assert main(["convert", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_classes_without_names_are_reported_as_numbers_and_the_advice_works(capsys: Capture) -> None:
    write("train.tfrecord", picture("a.jpg", labels=[3]), picture("b.jpg", labels=[3]), picture("c.jpg", labels=[1]))
    lines = told(capsys, "train.tfrecord", "-o", "out")
    assert lines[2:4] == [
        "2 classes: number 3 (2), number 1 (1)",
        "the classes have no names: --label-map FILE gives them",
    ]
    Path("names.json").write_text('{"1": "cat", "3": "7"}', encoding="utf-8")
    lines = told(capsys, "train.tfrecord", "-o", "out", "--overwrite", "--label-map", "names.json")
    assert lines[2:4] == ["label map: names.json", "2 classes: 7 2, cat 1"]


def test_classes_of_whole_images_are_reported_with_where_they_are(capsys: Capture) -> None:
    records = [
        {"image": texts(jpeg()), **more} for more in ({"class": ints(4)}, {"class": ints(0)}, {"id": texts("c")})
    ]
    write("train.tfrecord", *records)
    lines = told(capsys, "train.tfrecord", "-o", "out")
    assert lines[2] == "2 of 3 images have a class for the whole image: it is under labels"
    images = json.loads(Path("out/annotations/instances_train.json").read_text(encoding="utf-8"))["images"]
    assert sum("labels" in each for each in images) == 2
    assert json.loads(Path("out/reports/train.json").read_text(encoding="utf-8"))["images_with_classes"] == 2
    write("val.tfrecord", picture("a.jpg", labels=[2]))
    assert not any("whole image" in line for line in told(capsys, "val.tfrecord", "-o", "other"))


def test_what_was_decided_about_class_numbers_is_reported(capsys: Capture) -> None:
    write("train.tfrecord", picture("a.jpg", labels=[2]))
    Path("names.txt").write_text("cat\ndog\n", encoding="utf-8")
    lines = told(capsys, "train.tfrecord", "-o", "out", "--label-map", "names.txt", "--strict")
    assert lines[3].startswith("class numbers count from 1, the label map from 0: ")


def test_only_what_was_dropped_is_reported_as_dropped(capsys: Capture) -> None:
    write("train.tfrecord", picture("a.jpg"), b"\xff")
    lines = told(capsys, "train.tfrecord", "-o", "out", "--on-error", "skip")
    assert lines[0] == "train: 1 image, 1 annotation (dropped 1 record)"


@pytest.mark.parametrize(("name", "split"), [("hello.txt.tfrecord", "hello"), ("y.json.tfrecord", "y")])
def test_a_split_that_no_word_names_is_explained_and_the_advice_works(name: str, split: str, capsys: Capture) -> None:
    write(name, picture("a.jpg"))
    lines = told(capsys, name, "-o", "out")
    assert lines[1] == f"the split {split} is named after its file; --split NAME gives it another name"
    for words in (["-o", "other", "--split", "train"], ["-o", "one.json"]):
        assert not any("is named after" in line for line in told(capsys, name, *words))


def test_a_split_of_files_without_split_words_is_explained(capsys: Capture) -> None:
    for name in ("alpha.tfrecord", "beta.tfrecord"):
        write(name, picture(f"{name}.jpg"))
    lines = told(capsys, "alpha.tfrecord", "beta.tfrecord", "-o", "out")
    assert lines[1].startswith("the split all holds the files whose names say no split; --split NAME")


def test_a_file_that_is_no_tfrecord_file_is_refused_whatever_may_be_skipped(capsys: Capture) -> None:
    Path("notes.tfrecord").write_text("no records\n" * 99, encoding="utf-8")
    for mode in ("fail", "skip", "recover"):
        assert main(["convert", "notes.tfrecord", "-o", "out", "--on-error", mode]) == 1
        first, *_ = said(capsys)
        assert "record 0 at byte 0: this is no TFRecord file: it looks like text" in first
        assert not Path("out").exists()
    write("train.tfrecord", picture("a.jpg"))
    assert main(["convert", "train.tfrecord", "notes.tfrecord", "-o", "out", "--on-error", "recover"]) == 1
    assert "leave the file out of the input" in said(capsys)[0]
    assert main(["convert", "train.tfrecord", "-o", "out", "--on-error", "recover"]) == 0


def test_a_label_map_that_is_not_there_is_named_with_what_the_option_takes(capsys: Capture) -> None:
    write("train.tfrecord", picture("a.jpg", **{"image/object/class/text": texts("cat")}))
    assert main(["convert", "train.tfrecord", "-o", "out", "--label-map", "nope"]) == 2
    (line,) = said(capsys)
    assert line == "tfrecord2coco: error: nope: no such file; --label-map names one, and --label-map=none uses none"
    advice = re.findall(r"--label-map=none", line)
    assert main(["convert", "train.tfrecord", "-o", "out", *advice[0].split()]) == 0


def test_a_summary_prints_what_the_command_line_says_in_words_of_the_library(capsys: Capture) -> None:
    write("train.tfrecord", picture("a.jpg", labels=[3]))
    assert main(["convert", "train.tfrecord", "-o", "out"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = str(convert("train.tfrecord", "out", overwrite=True)).splitlines()
    assert [line for line in shown if "label_map" not in line] == [line for line in lines if "--" not in line]
    assert 'the classes have no names: label_map="FILE" gives them' in shown
