"""The splits of a conversion, and where its label map comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from record_files import picture, write
from results import load

from tfrecord_lite import (
    LabelMapError,
    convert,
)


# -------------------------------------------------------------------------------------------------------------- splits
def test_the_splits_of_a_folder_are_found_by_the_names_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    for index in range(3):
        write(folder / f"coco-train.tfrecord-0000{index}-of-00003", picture(f"t{index}.jpg"))
    write(folder / "val-00000-of-00001.tfrecord", picture("v.jpg"))
    write(folder / "test" / "pets.tfrecord", picture("p.jpg"))
    summary = convert(folder, tmp_path / "out")
    found = {split.split: split.images for split in summary.splits}
    assert found == {"train": 3, "val": 1, "test": 1}
    assert {path.name for path in (tmp_path / "out" / "annotations").iterdir()} == {
        "instances_train.json",
        "instances_val.json",
        "instances_test.json",
    }
    assert (summary.images, summary.annotations, summary.categories) == (5, 5, 1)


def test_files_of_no_known_split_form_one_named_after_the_shard_set(tmp_path: Path) -> None:
    for index in range(2):
        write(tmp_path / "records" / f"pets-0000{index}-of-00002.tfrecord", picture(f"{index}.jpg"))
    (split,) = convert(tmp_path / "records", tmp_path / "out").splits
    assert (split.split, split.images) == ("pets", 2)
    write(tmp_path / "mixed" / "dogs.tfrecord", picture("d.jpg"))
    write(tmp_path / "mixed" / "cats.tfrecord", picture("c.jpg"))
    (split,) = convert(tmp_path / "mixed", tmp_path / "all").splits
    assert split.images == 2


def test_everything_can_be_put_into_one_split(tmp_path: Path) -> None:
    write(tmp_path / "records" / "train.tfrecord", picture("a.jpg"))
    write(tmp_path / "records" / "val.tfrecord", picture("b.jpg"))
    (split,) = convert(tmp_path / "records", tmp_path / "out", split="trainval").splits
    assert (split.split, split.images) == ("trainval", 2)
    coco = load(tmp_path / "out" / "annotations" / "instances_trainval.json")
    assert [image["id"] for image in coco["images"]] == [1, 2]


def test_ids_begin_at_1_in_every_split_and_names_are_unique_within_it(tmp_path: Path) -> None:
    write(tmp_path / "records" / "train.tfrecord", picture("a.jpg"), picture("a.jpg"))
    write(tmp_path / "records" / "val.tfrecord", picture("a.jpg"))
    convert(tmp_path / "records", tmp_path / "out")
    train, val = (load(tmp_path / f"out/annotations/instances_{split}.json") for split in ("train", "val"))
    assert [image["id"] for image in train["images"]] == [1, 2]
    assert [image["id"] for image in val["images"]] == [1]
    assert len({image["file_name"] for image in train["images"]}) == 2
    assert val["images"][0]["file_name"] == "a.jpg"


@pytest.mark.parametrize("name", ["..", "a b", "größe", "-x", "x:y", "train\n"])
def test_any_file_name_gives_a_split_that_stays_inside_the_output(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "records" / f"{name}.tfrecord", picture("a.jpg"))
    (split,) = convert(path, tmp_path / "out").splits
    assert (tmp_path / "out" / "annotations" / f"instances_{split.split}.json").is_file()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "records"]


# ----------------------------------------------------------------------------------------------------------- label maps
@pytest.mark.parametrize("form", ["mapping", "file", "path"])
def test_a_label_map_may_be_given_in_any_form(form: str, tmp_path: Path) -> None:
    path = write(tmp_path / "train.tfrecord", picture("a.jpg", labels=[2]))
    names = tmp_path / "names.pbtxt"
    names.write_text("item { id: 1 name: 'cat' }\nitem { id: 2 name: 'dog' }\n")
    given: Any = {"mapping": {1: "cat", 2: "dog"}, "file": str(names), "path": names}[form]
    found = load(Path(convert(path, tmp_path / "out", label_map=given).files[0]))
    assert [(entry["id"], entry["name"]) for entry in found["categories"]] == [(1, "cat"), (2, "dog")]
    assert found["annotations"][0]["category_id"] == 2


def test_the_label_map_that_is_given_wins_over_the_one_beside_the_input(tmp_path: Path) -> None:
    path = write(tmp_path / "train.tfrecord", picture("a.jpg", labels=[1]))
    (tmp_path / "label_map.pbtxt").write_text("item { id: 1 name: 'beside' }")
    coco = load(Path(convert(path, tmp_path / "out", label_map={1: "given"}).files[0]))
    assert [entry["name"] for entry in coco["categories"]] == ["given"]


def test_a_label_map_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    path = write(tmp_path / "train.tfrecord", picture("a.jpg"))
    (tmp_path / "map.pbtxt").write_text("item { id: 1 name: 'cat' ")
    with pytest.raises(LabelMapError):
        convert(path, tmp_path / "out", label_map=tmp_path / "map.pbtxt")
    assert not (tmp_path / "out").exists()
