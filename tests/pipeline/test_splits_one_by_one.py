"""Splits that are converted one by one into one folder: they share one table of categories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from results import load
from tfrecords import detection

from tfrecord_lite import OutputError, convert

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def record(labels: list[int] | None, texts: list[str] | None) -> dict[str, bytes]:
    return detection("a.jpg", boxes=[(1, 1, 9, 9)] * len(labels or texts or []), labels=labels, texts=texts)


def add(split: str, labels: list[int] | None = None, texts: list[str] | None = None, **options: Any) -> tuple[str, ...]:
    write(f"{split}.tfrecord", record(labels, texts))
    return convert(f"{split}.tfrecord", "out", **options).warnings


def read(split: str, layout: str = "coco") -> Any:
    name = f"{split}/_annotations.coco.json" if layout == "roboflow" else f"annotations/instances_{split}.json"
    return load(Path("out", name))


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_the_second_call_takes_the_table_of_the_first(layout: str) -> None:
    add("train", texts=["dog", "cat"], layout=layout)
    assert add("val", texts=["cat"], layout=layout) == ()
    assert read("val", layout)["categories"] == read("train", layout)["categories"]
    assert [each["category_id"] for each in read("val", layout)["annotations"]] == [2]


def test_what_is_new_is_added_and_reported() -> None:
    add("train", texts=["dog", "cat"])
    before = Path("out/annotations/instances_train.json").read_bytes()
    (warning,) = add("val", texts=["cow", "cat"])
    there = os.path.join("out", "annotations", "instances_train.json")
    assert warning.startswith(f"{there} lacks categories that are new here: 'cow'")
    assert [(each["id"], each["name"]) for each in read("val")["categories"]] == [(1, "dog"), (2, "cat"), (3, "cow")]
    assert [each["category_id"] for each in read("val")["annotations"]] == [3, 2]
    assert Path("out/annotations/instances_train.json").read_bytes() == before


def test_numbers_from_0_mean_the_same_in_every_call() -> None:
    add("train", labels=[0, 1])
    add("val", labels=[1])
    assert [each["category_id"] for each in read("val")["annotations"]] == [2]


def test_what_cannot_agree_is_refused_and_nothing_is_published() -> None:
    add("train", texts=["dog", "cat"])
    with pytest.raises(OutputError, match=r"but the label map has 'cat' with id 1\. Convert all splits in one call"):
        add("val", labels=[1], label_map={1: "cat", 2: "dog"})
    assert os.listdir(os.path.join("out", "annotations")) == ["instances_train.json"]
    with pytest.raises(OutputError, match="there are objects with the number 1 and none"):
        add("val", labels=[1])
    assert add("val", labels=[1], label_map={1: "dog", 2: "cat"}) == ()


def test_a_split_that_is_replaced_does_not_bind() -> None:
    add("train", texts=["dog", "cat"])
    add("train", texts=["cat"], overwrite=True)
    assert [(each["id"], each["name"]) for each in read("train")["categories"]] == [(1, "cat")]
