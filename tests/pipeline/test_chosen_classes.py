"""Conversions of some classes only: every file follows, and what is not wanted is counted as that."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numbered_pixels import gray
from record_files import write
from results import load
from tfrecords import detection, floats, ints, texts

from tfrecord_lite import UsageError, convert
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
BOX = (1, 1, 9, 9)


def read(name: str = "instances_train") -> Any:
    return load(f"out/annotations/{name}.json")


def report(split: str = "train") -> Any:
    return load(f"out/reports/{split}.json")


def image(name: str, *classes: str, **more: bytes) -> dict[str, bytes]:
    return detection(name, boxes=[BOX] * len(classes), texts=list(classes), **more)


def some() -> list[dict[str, bytes]]:
    return [image("a.jpg", "cat", "dog"), image("b.jpg", "dog"), image("c.jpg"), image("d.jpg", "cow", "cat", "cat")]


def test_images_that_lose_all_objects_stay() -> None:
    write("train.tfrecord", *some())
    summary = convert("train.tfrecord", "out", only_classes=["cat"])
    found = read()
    assert [each["file_name"] for each in found["images"]] == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert [(each["image_id"], each["category_id"]) for each in found["annotations"]] == [(1, 1), (4, 1), (4, 1)]
    assert found["categories"] == [{"id": 1, "name": "cat", "supercategory": "cat"}]
    assert report()["not_chosen"] == {"annotations": 3, "classes": {"dog": 2, "cow": 1}}
    assert report()["dropped_annotations"] == 0
    assert summary.classes == {"cat": 3}
    assert convert("train.tfrecord", "out", only_classes=["cat"], overwrite=True, strict=True).warning_counts == {}


@pytest.mark.parametrize("write_images", [True, False])
def test_images_without_objects_go_where_that_is_asked(write_images: bool) -> None:
    write("train.tfrecord", *some(), image("sub/e.jpg", "dog"))
    options: dict[str, Any] = {"drop_classes": ["dog"], "drop_empty_images": True, "write_images": write_images}
    said = convert("train.tfrecord", "out", dry_run=True, **options)
    summary = convert("train.tfrecord", "out", **options)
    assert said.as_json() == summary.as_json() | {"status": "dry run"}
    found = read()
    assert [(each["id"], each["file_name"]) for each in found["images"]] == [(1, "a.jpg"), (2, "d.jpg")]
    assert [each["image_id"] for each in found["annotations"]] == [1, 2, 2, 2]
    pictures = (
        sorted(path.name for path in Path("out/images/train").iterdir() if path.is_file()) if write_images else []
    )
    assert pictures == (["a.jpg", "d.jpg"] if write_images else [])
    assert report()["images"] == 2
    assert report()["not_chosen"] == {"images_without_objects": 3, "annotations": 3, "classes": {"dog": 3}}


def test_ids_of_the_records_stay_whatever_goes() -> None:
    write(
        "train.tfrecord",
        *(
            image(f"{n}.jpg", name, **{"image/source_id": texts(str(n))})
            for n, name in ((7, "cat"), (3, "dog"), (5, "cat"))
        ),
    )
    convert("train.tfrecord", "out", drop_classes=["dog"], drop_empty_images=True, image_ids="source")
    assert [each["id"] for each in read()["images"]] == [7, 5]
    assert [each["image_id"] for each in read()["annotations"]] == [7, 5]


def test_two_records_of_one_image_are_empty_together() -> None:
    same: dict[str, bytes] = {"image/source_id": texts("1")}
    other: dict[str, bytes] = {"image/source_id": texts("2")}
    many = [
        image("a.jpg", "dog", **same),
        image("b.jpg", "dog", **other),
        image("b.jpg", "cat", **other),
        image("a.jpg", **same),
    ]
    write("train.tfrecord", *many)
    convert("train.tfrecord", "out", only_classes=["cat"], drop_empty_images=True, merge_images=True)
    assert [(each["id"], each["file_name"]) for each in read()["images"]] == [(1, "b.jpg")]
    assert [(each["image_id"], each["category_id"]) for each in read()["annotations"]] == [(1, 2)]


def test_captions_and_segments_go_with_their_image_and_stay_whole_else() -> None:
    mask = {
        f"image/panoptic/{kind}_mask": texts(gray(np.full((48, 64), 2, np.uint8))) for kind in ("category", "instance")
    }
    about = {"image/caption": texts("a"), **mask}
    write("train.tfrecord", image("a.jpg", "cat", **about), image("b.jpg", "dog", **about))
    convert("train.tfrecord", "out", only_classes=["cat"])
    assert [len(read(f"{task}_train")["annotations"]) for task in ("captions", "panoptic")] == [2, 2]
    convert("train.tfrecord", "out", only_classes=["cat"], drop_empty_images=True, overwrite=True)
    assert [len(read(f"{task}_train")["annotations"]) for task in ("captions", "panoptic")] == [1, 1]
    assert [path.name for path in Path("out/annotations/panoptic_train").iterdir()] == ["a.png"]
    assert report()["captions"] == report()["panoptic"] == 1


def test_only_wanted_classes_have_keypoints() -> None:
    points = {
        "image/object/keypoint/x": floats(0.1, 0.2),
        "image/object/keypoint/y": floats(0.1, 0.2),
        "image/object/keypoint/num": ints(2),
    }
    write("train.tfrecord", image("a.jpg", "cat", **points), image("b.jpg", "dog"))
    convert("train.tfrecord", "out")
    assert Path("out/annotations/person_keypoints_train.json").exists()
    convert("train.tfrecord", "out", only_classes=["dog"], overwrite=True)
    assert not Path("out/annotations/person_keypoints_train.json").exists()


def test_lvis_lists_have_the_ids_that_the_categories_have() -> None:
    lists = {"image/neg_category_ids": ints(3, 5), "image/not_exhaustive_category_ids": ints(9, 3)}
    write("train.tfrecord", detection("a.jpg", boxes=[BOX], labels=[9], **lists))
    names = {3: "cat", 5: "dog", 9: "cow"}
    convert("train.tfrecord", "out", label_map=names, drop_classes=["dog"], renumber=True)
    (entry,) = read()["images"]
    assert (entry["neg_category_ids"], entry["not_exhaustive_category_ids"]) == ([1], [2, 1])
    assert [(each["id"], each["name"]) for each in read()["categories"]] == [(1, "cat"), (2, "cow")]


def test_a_later_call_takes_the_table_of_the_chosen_classes() -> None:
    write("train.tfrecord", *some())
    write("val.tfrecord", image("x.jpg", "dog", "cow", "cat"))
    options: dict[str, Any] = {"rename": {"dog": "pet", "cat": "pet"}, "renumber": True}
    convert("train.tfrecord", "out", **options)
    assert convert("val.tfrecord", "out", **options).warnings == ()
    assert read("instances_val")["categories"] == read()["categories"]
    assert [each["category_id"] for each in read("instances_val")["annotations"]] == [1, 2, 1]


def test_a_class_that_does_not_exist_ends_the_run_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    write("train.tfrecord", *some())
    with pytest.raises(UsageError, match=r"only_classes: there is no class 'cart'\. Did you mean 'cat'\?"):
        convert("train.tfrecord", "out", only_classes=["cart"])
    assert main(["convert", "train.tfrecord", "-o", "out", "--rename", "dgo=hound"]) == 2
    assert "--rename: there is no class 'dgo'. Did you mean 'dog'?" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    "wrong", [{"only_classes": "cat"}, {"rename": ["cat"]}, {"renumber": 1}, {"drop_classes": [1]}]
)
def test_values_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    write("train.tfrecord", *some())
    with pytest.raises(UsageError, match=f"{next(iter(wrong))} is"):
        convert("train.tfrecord", "out", **wrong)


def test_only_two_classes_renamed_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    write("train.tfrecord", *some())
    words = "convert train.tfrecord -o out --only-class cat --only-class cow --rename cow=cattle --drop-empty-images"
    assert main([*words.split(), "--renumber"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "train: 2 images, 4 annotations (not chosen: 2 images without objects, 2 annotations of 1 class)"
    assert [(each["id"], each["name"]) for each in read()["categories"]] == [(1, "cat"), (2, "cattle")]


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--rename", "cat=puss,dog=wolf hound"], "--rename cat=puss --rename 'dog=wolf hound'"),
        (["--only-class", "cat,dog"], "--only-class=cat --only-class=dog"),
        (["--drop-class", "dog, cow"], "--drop-class=dog --drop-class=cow"),
    ],
)
def test_two_values_where_one_is_taken_are_reported_and_the_advice_works(
    options: list[str], advice: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("train.tfrecord", *some())
    assert main(["convert", "train.tfrecord", "-o", "out", *options]) == 2
    said = capsys.readouterr().err
    assert said.rstrip().endswith(advice)
    assert main(["convert", "train.tfrecord", "-o", "out", *shlex.split(advice)]) == 0


def test_a_name_may_have_commas_and_equals_signs() -> None:
    write("train.tfrecord", *some())
    summary = convert("train.tfrecord", "out", rename={"cat": "a,b=c"})
    assert "a,b=c" in summary.classes
