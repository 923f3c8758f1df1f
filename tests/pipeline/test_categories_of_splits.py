"""The category table of a whole conversion: of all records, and of all splits of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from results import load
from tfrecords import detection, ints, texts

from tfrecord_lite import convert
from tfrecord_lite.errors import RejectedInputError

ONE_TO_THREE = {1: "cat", 2: "dog", 3: "bird"}
ZERO_TO_TWO = ["cat", "dog", "bird"]


def test_records_without_any_class_key_are_of_one_category(converted: Callable[..., Any]) -> None:
    plain = detection(boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], drop=["image/object/class/label"])
    done = converted(plain)
    assert done.coco["categories"] == [{"id": 1, "name": "object", "supercategory": "object"}]
    assert [annotation["category_id"] for annotation in done.coco["annotations"]] == [1, 1]
    done = converted(plain, category="pikachu")
    assert done.coco["categories"] == [{"id": 1, "name": "pikachu", "supercategory": "pikachu"}]


def test_classes_that_begin_late_in_a_file_are_not_overlooked(converted: Callable[..., Any]) -> None:
    without = [detection(f"empty-{number}.jpg") for number in range(40)]
    bare = [detection(f"bare-{number}.jpg", drop=["image/object/class/label"]) for number in range(40)]
    labelled = detection("full.jpg", boxes=[(1, 1, 9, 9)], labels=[7], texts=["cat"])
    for before in (without, bare, without + bare):
        done = converted(*before, labelled)
        assert [(entry["id"], entry["name"]) for entry in done.coco["categories"]] == [(7, "cat")]
        assert [annotation["category_id"] for annotation in done.coco["annotations"]] == [7]


def test_a_0_that_comes_last_shifts_what_was_written_long_before(converted: Callable[..., Any]) -> None:
    records = [detection(f"{n}.jpg", boxes=[(1, 1, 9, 9)] * 3, labels=[1, 2, 3]) for n in range(20)]
    before = converted(*records).coco
    after = converted(*records, detection("last.jpg", boxes=[(1, 1, 9, 9)], labels=[0])).coco
    assert [entry["id"] for entry in after["categories"]] == [1, 2, 3, 4]
    for old, new in zip(before["annotations"], after["annotations"], strict=False):
        assert new == {**old, "category_id": old["category_id"] + 1}
    assert after["annotations"][-1]["category_id"] == 1


RECORDS_FROM_0 = [
    ("train", [detection("a.jpg", boxes=[(1, 1, 9, 9)] * 2, labels=[1, 2])]),
    ("val", [detection("b.jpg", boxes=[(1, 1, 9, 9)] * 2, labels=[1, 0])]),
]


def convert_splits(
    tmp_path: Path, splits: Sequence[tuple[str, list[dict[str, bytes]]]], **options: Any
) -> dict[str, tuple[Any, Any]]:
    """The COCO and the report of each split."""
    for split, records in splits:
        write(tmp_path / "records" / f"{split}.tfrecord", *records)
    convert(tmp_path / "records", tmp_path / "out", **options)
    return {
        split: (
            load(tmp_path / f"out/annotations/instances_{split}.json"),
            load(tmp_path / f"out/reports/{split}.json"),
        )
        for split, _ in splits
    }


def test_a_0_in_any_split_shows_what_the_numbers_of_all_splits_mean(tmp_path: Path) -> None:
    done = convert_splits(tmp_path, RECORDS_FROM_0, label_map=ONE_TO_THREE)
    (train, train_report), (val, val_report) = done["train"], done["val"]
    assert [each["category_id"] for each in train["annotations"]] == [2, 3]
    assert [each["category_id"] for each in val["annotations"]] == [2, 1]
    assert [(each["id"], each["name"]) for each in train["categories"]] == list(ONE_TO_THREE.items())
    assert val["categories"] == train["categories"]
    assert "from 0" in train_report["class_numbers"]
    assert val_report["class_numbers"] == train_report["class_numbers"]
    assert val_report["warnings"]["class-zero-based"]["count"] == 1


def test_a_list_of_names_beside_records_that_count_from_1_is_read_so_in_all_splits(tmp_path: Path) -> None:
    splits = [
        ("train", [detection("a.jpg", boxes=[(1, 1, 9, 9)] * 2, labels=[1, 2])]),
        ("val", [detection("b.jpg", boxes=[(1, 1, 9, 9)], labels=[3])]),
    ]
    done = convert_splits(tmp_path, splits, label_map=ZERO_TO_TWO)
    assert [each["category_id"] for each in done["train"][0]["annotations"]] == [1, 2]
    assert [(each["id"], each["name"]) for each in done["train"][0]["categories"]] == list(ONE_TO_THREE.items())
    assert "from 1" in done["train"][1]["class_numbers"]
    assert "class-one-based" not in done["val"][1]["warnings"]  # decided, and nothing is wrong


def test_a_number_after_a_list_is_not_in_the_label_map_where_a_0_comes_after_it(tmp_path: Path) -> None:
    splits = [
        ("train", [detection("a.jpg", boxes=[(1, 1, 9, 9)] * 3, labels=[1, 3, 3])]),
        ("val", [detection("b.jpg", boxes=[(1, 1, 9, 9)], labels=[0])]),
    ]
    (coco, report), _ = convert_splits(tmp_path, splits, label_map=ZERO_TO_TWO).values()
    assert [each["category_id"] for each in coco["annotations"]] == [2, 4, 4]
    assert {each["id"]: each["name"] for each in coco["categories"]} == {**ONE_TO_THREE, 4: "3"}
    assert report["warnings"]["class-not-in-label-map"]["count"] == 2
    assert "class-one-based" not in report["warnings"]
    assert "class_numbers" not in report


def test_objects_of_number_0_are_dropped_and_counted_where_a_later_split_has_the_last_number(tmp_path: Path) -> None:
    records = [detection("a.jpg", boxes=[(1, 1, 9, 9)] * 4, labels=[0, 1, 0, 2]), detection("b.jpg", boxes=[])]
    alone = detection("c.jpg", boxes=[(1, 1, 9, 9)], labels=[0])
    last = detection("z.jpg", boxes=[(1, 1, 9, 9)], labels=[3])
    splits = [("train", [*records, alone]), ("val", [last])]
    done = convert_splits(tmp_path, splits, label_map=ONE_TO_THREE, on_error="skip")
    (train, report), (val, _) = done["train"], done["val"]
    assert [(each["id"], each["image_id"], each["category_id"]) for each in train["annotations"]] == [
        (1, 1, 1),
        (2, 1, 2),
    ]
    assert len(train["images"]) == 3
    assert [each["category_id"] for each in val["annotations"]] == [3]
    assert (report["annotations"], report["dropped_annotations"]) == (2, 3)
    assert "class-zero-based" not in report["warnings"]
    (problem,) = report["problems"]["first"]
    assert "the class label is 0" in problem
    assert "the number 3" in problem
    assert "3)" in problem


def test_objects_of_number_0_are_an_error_where_the_last_number_comes_after_them(tmp_path: Path) -> None:
    last = detection("z.jpg", boxes=[(1, 1, 9, 9)], labels=[3])
    with pytest.raises(RejectedInputError, match="the class label is 0"):
        convert_splits(tmp_path, [*RECORDS_FROM_0, ("test", [last])], label_map=ONE_TO_THREE)
    assert not (tmp_path / "out" / "annotations").exists()


def test_a_0_that_is_taken_for_the_first_class_is_an_error_where_warnings_are(tmp_path: Path) -> None:
    with pytest.raises(RejectedInputError, match="class-zero-based"):
        convert_splits(tmp_path, RECORDS_FROM_0, label_map=ONE_TO_THREE, strict=True)


def test_an_object_without_a_class_among_others_is_an_error_or_dropped(converted: Callable[..., Any]) -> None:
    record = detection(
        boxes=[(1, 1, 9, 9), (2, 2, 8, 8)],
        **{"image/object/class/label": ints(0, 3), "image/object/class/text": texts("", "cat")},
    )
    done = converted(record, on_error="skip")
    assert [annotation["category_id"] for annotation in done.coco["annotations"]] == [3]
    assert done.report["dropped_annotations"] == 1


def test_all_splits_of_a_call_share_one_table(tmp_path: Path) -> None:
    splits = [
        ("train", [detection("a.jpg", boxes=[(1, 1, 9, 9)], texts=["cat"])]),
        ("val", [detection("b.jpg", boxes=[(1, 1, 9, 9)] * 2, texts=["dog", "cat"])]),
    ]
    (train, _), (val, _) = convert_splits(tmp_path, splits).values()
    assert train["categories"] == val["categories"]
    assert [entry["name"] for entry in train["categories"]] == ["cat", "dog"]
    assert [annotation["category_id"] for annotation in val["annotations"]] == [2, 1]
