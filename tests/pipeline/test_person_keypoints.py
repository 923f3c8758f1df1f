"""Objects with keypoints are in a file that readers tell by its name, beside the instances."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from record_files import write
from results import load, task
from tfrecords import detection, floats

from tfrecord_lite import convert

Convert = Callable[..., Any]
FIVE_KEYS = ["info", "licenses", "images", "annotations", "categories"]
BOX = [(4, 4, 20, 30)]


def pointed(name: str, labels: list[int], points: dict[str, bytes]) -> dict[str, bytes]:
    return detection(name, boxes=[(4, 4, 20, 30)] * len(labels), labels=labels, **points)


PREFIX = "image/object/keypoint/"
TWO_POINTS = {PREFIX + "x": floats(0.2, 0.3, 0.4, 0.5), PREFIX + "y": floats(0.2, 0.3, 0.4, 0.5)}


def test_objects_with_keypoints_are_in_a_file_of_their_own_as_well(converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=BOX, labels=[9]), pointed("b.jpg", [7, 7], TWO_POINTS))
    coco = task(done, "person_keypoints")
    assert list(coco) == FIVE_KEYS
    assert coco["images"] == done.coco["images"]
    assert coco["annotations"] == [each for each in done.coco["annotations"] if each["category_id"] == 7]
    assert [each["num_keypoints"] for each in coco["annotations"]] == [2, 2]
    assert coco["categories"] == [each for each in done.coco["categories"] if each["id"] == 7]
    assert done.folder / "annotations" / "person_keypoints_x.json" in map(Path, done.summary.files)


def test_one_object_with_keypoints_is_enough(converted: Convert) -> None:
    done = converted(pointed("b.jpg", [7], TWO_POINTS))
    assert [each["num_keypoints"] for each in task(done, "person_keypoints")["annotations"]] == [4]


def test_without_keypoints_there_is_no_file_of_keypoints(converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=BOX))
    assert not (done.folder / "annotations" / "person_keypoints_x.json").exists()


def test_a_single_json_file_holds_keypoints_itself(tmp_path: Path) -> None:
    write(tmp_path / "x.tfrecord", pointed("b.jpg", [7, 7], TWO_POINTS))
    convert(tmp_path / "x.tfrecord", tmp_path / "one.json")
    assert all("keypoints" in each for each in load(tmp_path / "one.json")["annotations"])
    assert [path.name for path in tmp_path.glob("*.json")] == ["one.json"]
