"""Lines of YOLO label files, and the file that names them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw

from tfrecord_lite.coco.resolve.category_ids import Category
from tfrecord_lite.coco.resolve.kept_table import KeptTable
from tfrecord_lite.coco.yolo.dataset import class_numbers, data_file
from tfrecord_lite.coco.yolo.labels import Task, label
from tfrecord_lite.errors import OutputError
from tfrecord_lite.labels.model import LabelItem

DETECT, SEGMENT, POSE = Task("detect"), Task("segment"), Task("pose", 3)
SQUARE = [10, 20, 30, 20, 30, 40, 10, 40]
NOISE = {"size": [100, 200], "counts": "abc"}


def annotation(**more: Any) -> dict[str, Any]:
    return {"bbox": [10, 20, 20, 20], "area": 400, "iscrowd": 0, "segmentation": []} | more


@pytest.mark.parametrize(
    ("about", "task", "line", "codes"),
    [
        ({}, DETECT, "7 0.1 0.3 0.1 0.2", []),
        ({"bbox": [0, 0, 200, 100]}, DETECT, "7 0.5 0.5 1 1", []),
        ({"bbox": [-20, 90, 40, 40]}, DETECT, "7 0.05 0.95 0.1 0.1", []),  # what is outside is cut off
        ({"bbox": [0, 0, 0.01, 0.01]}, DETECT, "7 0.000025 0.00005 0.00005 0.0001", []),
        ({"bbox": [5, 5, 0, 9]}, DETECT, "", ["yolo-box"]),
        ({"bbox": [-9, 5, 9, 9]}, DETECT, "", ["yolo-box"]),
        ({"bbox": [5, 100, 9, 9]}, DETECT, "", ["yolo-box"]),
        ({"iscrowd": 1, "segmentation": NOISE}, SEGMENT, "", ["yolo-crowd"]),
        ({"segmentation": [SQUARE]}, SEGMENT, "7 0.05 0.2 0.15 0.2 0.15 0.4 0.05 0.4", []),
        ({"segmentation": [[-10, 20, 30, 20, 30, 140]]}, SEGMENT, "7 0 0.2 0.15 0.2 0.15 1", []),
        ({}, SEGMENT, "7 0.05 0.2 0.15 0.2 0.15 0.4 0.05 0.4", []),  # a box among outlines is one as well
        ({"segmentation": [[300, 20, 400, 20, 400, 30]]}, SEGMENT, "7 0.05 0.2 0.15 0.2 0.15 0.4 0.05 0.4", []),
        ({"segmentation": NOISE}, SEGMENT, "7 0.05 0.2 0.15 0.2 0.15 0.4 0.05 0.4", ["yolo-mask"]),
        (
            {"segmentation": [[0, 0, 20, 0, 20, 10], [90, 0, 40, 0, 90, 10]]},
            SEGMENT,
            "7 0 0 0.1 0 0.1 0.1 0 0 0.2 0 0.45 0.1 0.45 0 0.2 0 0 0",
            ["yolo-mask-parts"],
        ),
        ({"keypoints": [20, 20, 2, 0, 0, 0, 100, 50, 1]}, POSE, "7 0.1 0.3 0.1 0.2 0.1 0.2 2 0 0 0 0.5 0.5 1", []),
        ({"keypoints": [20, 20, 2]}, POSE, "7 0.1 0.3 0.1 0.2 0.1 0.2 2 0 0 0 0 0 0", []),
        ({"keypoints": [20, 20, 2], "num_keypoints": 1}, DETECT, "7 0.1 0.3 0.1 0.2", ["yolo-keypoints"]),
        ({}, POSE, "7 0.1 0.3 0.1 0.2 0 0 0 0 0 0 0 0 0", []),
        (
            {"keypoints": [20, 101, 2, 5, 5, 0, 0, 0, 0]},
            POSE,
            "7 0.1 0.3 0.1 0.2 0 0 0 0 0 0 0 0 0",
            ["yolo-keypoints"],
        ),
        ({"segmentation": [SQUARE]}, POSE, "7 0.1 0.3 0.1 0.2 0 0 0 0 0 0 0 0 0", ["yolo-mask"]),
    ],
)
def test_an_object_is_a_line(about: dict[str, Any], task: Task, line: str, codes: list[str]) -> None:
    found = label(annotation(**about), 7, (200, 100), task)
    assert found.line == (line and line + "\n")
    assert [code for code, _ in found.lost] == codes


def test_one_outline_covers_all_parts_and_nothing_between_them() -> None:
    parts = [[5, 5, 25, 5, 25, 25, 5, 25], [60, 60, 90, 60, 90, 90], [80, 5, 95, 5, 95, 20, 80, 20]]
    line = label(annotation(segmentation=parts), 0, (100, 100), SEGMENT).line.split()
    outline = [100 * float(value) for value in line[1:]]
    drawn = []
    for polygons in ([outline], parts):
        image = Image.new("1", (100, 100))
        for polygon in polygons:
            ImageDraw.Draw(image).polygon(polygon, fill=1)
        drawn.append(np.asarray(image))
    assert (drawn[0] | ~drawn[1]).all(), "nothing of a part is left out"
    assert (drawn[0] & ~drawn[1]).sum() < 150, "but for the ways, which are a pixel wide"


PERSON = ("nose", "left_eye", "right_eye")


@pytest.mark.parametrize(
    ("splits", "expected", "warnings"),
    [
        (["train", "val"], {"train": "images/train", "val": "images/val"}, 0),
        (
            ["Valid", "test", "train2017"],
            {"train": "images/train2017", "val": "images/Valid", "test": "images/test"},
            0,
        ),
        (["train-a", "train-b", "dev"], {"train": ["images/train-a", "images/train-b"], "val": "images/dev"}, 0),
        (["all"], {"train": "images/all", "val": "images/all"}, 1),
        (["val"], {"train": "images/val", "val": "images/val"}, 1),
        (["test"], {"train": "images/test", "val": "images/test", "test": "images/test"}, 2),
        (["train", "val", "extra"], {"train": "images/train", "val": "images/val"}, 1),
    ],
)
def test_the_file_names_train_and_val_whatever_there_is(
    splits: list[str], expected: dict[str, Any], warnings: int
) -> None:
    content, found = data_file(splits, [Category(3, "cat"), Category(9, "dog")], DETECT)
    assert yaml.safe_load(content) == expected | {"names": {0: "cat", 1: "dog"}}
    assert len(found) == warnings


def test_keypoints_are_named_with_their_mirror() -> None:
    table = [Category(1, "person", None, PERSON), Category(2, "dog")]
    found = yaml.safe_load(data_file(["train", "val"], table, POSE)[0])
    assert (found["kpt_shape"], found["flip_idx"]) == ([3, 3], [0, 2, 1])
    table[0] = Category(1, "person", None, ("a", "b", "c"))
    assert "flip_idx" not in yaml.safe_load(data_file(["train", "val"], table, POSE)[0])


@pytest.mark.parametrize(
    "name", ["no", "a: b", 'quo"te', "back\\slash", "größe", "東京 🐈", "x\x7f\x85\u2028", "1", "# x"]
)
def test_names_come_back_as_they_are(name: str) -> None:
    assert yaml.safe_load(data_file(["train"], [Category(1, name)], DETECT)[0])["names"] == {0: name}


def test_numbers_of_labels_that_are_there_stay() -> None:
    kept = KeptTable("there.json", {"cat": LabelItem(3, "cat"), "dog": LabelItem(7, "dog")})
    cat, cow, dog, emu = Category(3, "cat"), Category(5, "cow"), Category(7, "dog"), Category(9, "emu")
    assert class_numbers([cat, dog, emu], kept) == {3: 0, 7: 1, 9: 2}
    assert class_numbers([cat, cow], None) == {3: 0, 5: 1}
    with pytest.raises(OutputError, match=r"there\.json: its labels number the classes"):
        class_numbers([cat, cow, dog], kept)
