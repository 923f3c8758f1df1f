"""Captions, stuff and panoptic files beside the instances."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pixels import as_png, halves
from pycocotools.coco import COCO  # type: ignore[import-untyped]
from record_files import write
from results import files, load, task
from tfrecords import detection, example, floats, frame, ints, png, shard, texts

from tfrecord_lite import RejectedInputError, convert

Convert = Callable[..., Any]
FIVE_KEYS = ["info", "licenses", "images", "annotations", "categories"]
SEMANTIC = "image/segmentation/class/encoded"
BOX = [(4, 4, 20, 30)]


def captioned(name: str, *captions: str | bytes, **more: bytes) -> dict[str, bytes]:
    return detection(name, boxes=BOX, **{"image/caption": texts(*captions), **more})


def panoptic(name: str, classes: tuple[int, int], instances: tuple[int, int], **more: bytes) -> dict[str, bytes]:
    masks = {
        "image/panoptic/category_mask": texts(halves(*classes)),
        "image/panoptic/instance_mask": texts(halves(*instances)),
    }
    return detection(name, boxes=BOX, **masks, **more)


ALL_TASKS = {
    "captions": captioned("a.jpg", "a caption"),
    "stuff": detection("a.jpg", boxes=BOX, **{SEMANTIC: texts(halves(1, 2))}),
    "panoptic": panoptic("a.jpg", (1, 2), (0, 1)),
}


# -------------------------------------------------------------------------------------------------------- captions
def test_captions_are_in_a_file_of_their_own_in_the_order_of_the_records(converted: Convert) -> None:
    done = converted(
        captioned("a.jpg", "A man rides.", "Ein Mann reitet – schnell."),
        detection("b.jpg", boxes=BOX),
        captioned("c.jpg", "电车"),
        strict=True,
    )
    coco = task(done, "captions")
    assert coco["annotations"] == [
        {"id": 1, "image_id": 1, "category_id": 0, "caption": "A man rides."},
        {"id": 2, "image_id": 1, "category_id": 0, "caption": "Ein Mann reitet – schnell."},
        {"id": 3, "image_id": 3, "category_id": 0, "caption": "电车"},
    ]
    assert coco["categories"] == []
    assert done.report["captions"] == 3
    assert len(done.coco["annotations"]) == 3, "the instances are there as well"


def test_pycocotools_reads_captions_as_it_reads_those_of_the_official_files(converted: Convert) -> None:
    done = converted(captioned("a.jpg", "one", "two"))
    captions = COCO(str(done.folder / "annotations" / "captions_x.json"))
    assert [each["caption"] for each in captions.loadAnns(captions.getAnnIds(imgIds=[1]))] == ["one", "two"]


def test_a_record_of_captions_alone_is_an_image_with_captions(converted: Convert) -> None:
    done = converted(detection("a.jpg", drop=["image/object/class/label"], **{"image/caption": texts("one")}))
    assert [annotation["caption"] for annotation in task(done, "captions")["annotations"]] == ["one"]
    assert done.coco["annotations"] == []


def test_captions_that_are_not_utf8_are_kept_and_reported(converted: Convert) -> None:
    done = converted(captioned("a.jpg", b"caf\xe9"))
    assert task(done, "captions")["annotations"][0]["caption"] == "caf�"
    assert "text-not-utf8" in done.report["warnings"]


def test_the_captions_of_tensorflow_datasets_are_read(converted: Convert) -> None:
    features = {
        "image": texts(png()),
        "image/filename": texts("a.png"),
        "captions/text": texts("one", "two"),
        "captions/id": ints(3, 4),
        "objects/bbox": floats(0.1, 0.1, 0.5, 0.5),
        "objects/label": ints(0),
    }
    assert [each["caption"] for each in task(converted(features), "captions")["annotations"]] == ["one", "two"]


# ------------------------------------------------------------------------------------------------ all of the tasks
@pytest.mark.parametrize("name", ALL_TASKS)
def test_every_file_has_the_five_keys_and_the_same_images(name: str, converted: Convert) -> None:
    done = converted(ALL_TASKS[name], detection("b.jpg"), strict=True)
    coco = task(done, name)
    assert list(coco) == FIVE_KEYS == list(done.coco)
    assert coco["images"] == done.coco["images"]
    assert coco["info"] == done.coco["info"]
    assert str(done.folder / "annotations" / f"{name}_x.json") in done.summary.files


@pytest.mark.parametrize("name", ALL_TASKS)
def test_a_file_is_there_only_where_records_hold_such_things(name: str, converted: Convert) -> None:
    done = converted(ALL_TASKS[name])
    others = [f"annotations/{other}_x.json" for other in ALL_TASKS if other != name]
    assert not set(others) & files(done.folder)
    assert not any(path.endswith((".drafts", ".annotations", ".part")) for path in files(done.folder))


@pytest.mark.parametrize("name", ALL_TASKS)
def test_one_annotation_a_line_or_all_of_one_image(name: str, converted: Convert) -> None:
    lines = (converted(ALL_TASKS[name]).folder / "annotations" / f"{name}_x.json").read_bytes().splitlines()
    assert [line for line in lines if line.startswith(b'{"id":1,"width"')]
    assert [line for line in lines if b'"image_id":1' in line and not line.startswith(b'{"info"')]


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", *ALL_TASKS.values(), panoptic("d.jpg", (3, 4), (2, 0)))
    for folder in ("one", "two"):
        convert(path, tmp_path / folder)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    for name in files(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_each_split_has_its_own_files_and_all_share_the_categories(tmp_path: Path) -> None:
    (tmp_path / "train.tfrecord").write_bytes(
        shard(captioned("a.jpg", "one", **{SEMANTIC: texts(halves(1, 2))}), panoptic("b.jpg", (5, 6), (0, 0)))
    )
    (tmp_path / "val.tfrecord").write_bytes(
        shard(captioned("a.jpg", "two", **{SEMANTIC: texts(halves(3, 4))}), panoptic("b.jpg", (5, 7), (9, 0)))
    )
    convert(tmp_path, tmp_path / "out")
    folder = tmp_path / "out" / "annotations"
    for name in ALL_TASKS:
        train, val = (load(folder / f"{name}_{split}.json") for split in ("train", "val"))
        assert train["categories"] == val["categories"], name
    train, val = (load(folder / f"panoptic_{split}.json") for split in ("train", "val"))
    assert {each["id"]: each["isthing"] for each in train["categories"]} == {5: 1, 6: 0, 7: 0}
    # In train class 5 has no instance, but it is a thing: there it is a group.
    (segments,) = [each["segments_info"] for each in train["annotations"]]
    assert {each["category_id"]: each["iscrowd"] for each in segments} == {5: 1, 6: 0}
    assert [each["caption"] for each in load(folder / "captions_val.json")["annotations"]] == ["two"]
    assert (folder / "panoptic_train" / "b.png").is_file()
    assert (folder / "panoptic_val" / "b.png").is_file()


@pytest.mark.parametrize("name", ["stuff", "panoptic"])
def test_classes_have_the_names_of_the_label_map(name: str, converted: Convert) -> None:
    done = converted(ALL_TASKS[name], label_map={1: "person", 2: "sky", 3: "unused"})
    categories = task(done, name)["categories"]
    assert [(each["id"], each["name"], each["supercategory"]) for each in categories] == [
        (1, "person", "person"),
        (2, "sky", "sky"),
    ]
    if name == "panoptic":
        assert [each["isthing"] for each in categories] == [0, 1]


@pytest.mark.parametrize("name", ["stuff", "panoptic"])
def test_without_a_label_map_a_class_is_named_by_its_number(name: str, converted: Convert) -> None:
    assert [each["name"] for each in task(converted(ALL_TASKS[name]), name)["categories"]] == ["1", "2"]


@pytest.mark.parametrize("name", ["stuff", "panoptic"])
def test_no_two_classes_have_one_name(name: str, converted: Convert) -> None:
    names = [each["name"] for each in task(converted(ALL_TASKS[name], label_map={1: "2"}), name)["categories"]]
    assert len(names) == len(set(names)) == 2


def test_classes_of_panoptic_masks_have_the_names_that_the_records_give_the_same_numbers(converted: Convert) -> None:
    """The Model Garden's category mask holds the category ids of the boxes: create_coco_tf_record.py."""
    features = panoptic("a.jpg", (7, 9), (1, 0)) | {
        "image/object/class/label": ints(7),
        "image/object/class/text": texts("cat"),
    }
    done = converted(features)
    assert [(each["id"], each["name"]) for each in done.coco["categories"]] == [(7, "cat")]
    assert [(each["id"], each["name"]) for each in task(done, "panoptic")["categories"]] == [(7, "cat"), (9, "9")]


def test_the_pngs_of_two_images_of_one_name_are_two(converted: Convert) -> None:
    done = converted(panoptic("a.jpg", (1, 2), (0, 0)), panoptic("a.jpg", (3, 4), (0, 0)))
    names = [each["file_name"] for each in task(done, "panoptic")["annotations"]]
    assert len(set(names)) == 2
    for name, classes in zip(names, ({1, 2}, {3, 4}), strict=True):
        with Image.open(done.folder / "annotations" / "panoptic_x" / name) as image:
            assert {red for _, (red, _, _) in image.getcolors() or []} == classes


def test_images_that_end_in_numbers_have_pngs_of_their_own(converted: Convert) -> None:
    """What follows the last dot is the number of a frame here, and no ending, since there are no image bytes."""
    named = {f"frame.{number:05}": panoptic("", (number, number), (0, 0)) for number in range(1, 4)}
    for name, features in named.items():
        del features["image/encoded"], features["image/format"]
        features["image/filename"] = texts(name)
    done = converted(*named.values(), schema="object_detection")
    entries = task(done, "panoptic")["annotations"]
    assert [each["file_name"] for each in entries] == [f"{name}.png" for name in named]
    pngs = done.folder / "annotations" / "panoptic_x"
    assert sorted(path.name for path in pngs.iterdir()) == [f"{name}.png" for name in named]


def test_a_png_never_leaves_its_folder(converted: Convert) -> None:
    features = panoptic("a.jpg", (1, 2), (0, 0)) | {"image/filename": texts("../../../etc/deep/a.jpg")}
    done = converted(features)
    (entry,) = task(done, "panoptic")["annotations"]
    assert (done.folder / "annotations" / "panoptic_x" / entry["file_name"]).is_file()
    assert ".." not in entry["file_name"]


def test_without_images_the_pngs_of_panoptic_are_there_for_they_are_annotations(converted: Convert) -> None:
    done = converted(ALL_TASKS["panoptic"], write_images=False)
    assert files(done.folder) == {
        "annotations/instances_x.json",
        "annotations/panoptic_x.json",
        "annotations/panoptic_x/a.png",
        "reports/x.json",
    }


def test_in_the_roboflow_layout_the_tasks_are_in_a_folder_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "train.tfrecord", ALL_TASKS["panoptic"], captioned("b.jpg", "one"))
    convert(tmp_path / "train.tfrecord", tmp_path / "out", layout="roboflow")
    assert files(tmp_path / "out") == {
        "annotations/captions_train.json",
        "annotations/panoptic_train.json",
        "annotations/panoptic_train/a.png",
        "reports/train.json",
        "train/_annotations.coco.json",
        "train/a.jpg",
        "train/b.jpg",
    }


@pytest.mark.parametrize("name", ALL_TASKS)
def test_a_single_json_file_has_no_room_for_them_and_that_is_reported(name: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", ALL_TASKS[name])
    summary = convert(path, tmp_path / "out.json")
    assert "tasks-not-written" in summary.splits[0].findings
    assert files(tmp_path) == {"out.json", "x.tfrecord"}
    with pytest.raises(RejectedInputError, match="a single file holds instances only"):
        convert(path, tmp_path / "strict.json", strict=True)


def test_overwriting_removes_the_tasks_of_the_result_before(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", *ALL_TASKS.values())
    convert(path, tmp_path / "out")
    write(path, detection("z.jpg", boxes=BOX))
    convert(path, tmp_path / "out", overwrite=True)
    assert files(tmp_path / "out") == {"annotations/instances_x.json", "images/x/z.jpg", "reports/x.json"}


def test_data_at_fault_publishes_no_task_either(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", *ALL_TASKS.values(), detection("z.jpg", image=b"no image"))
    with pytest.raises(RejectedInputError):
        convert(path, tmp_path / "out")
    assert files(tmp_path) == {"x.tfrecord"}


TFDS_THINGS, TFDS_ALL = ["person", "cat"], ["person", "cat", "sky", "road"]


def tfds_panoptic(folder: Path) -> None:
    """As coco/2017_panoptic lies on the disk: a list of names for the objects, a longer one for the segments."""
    numbers = np.zeros((48, 64), np.uint8)
    numbers[:, :30], numbers[:20, 30:], numbers[20:, 30:50] = 10, 20, 30
    colours = as_png(np.dstack([numbers, 0 * numbers, 0 * numbers]))
    features = {
        "image": texts(png()),
        "image/filename": texts("a.png"),
        "objects/bbox": floats(0, 0, 1, 30 / 64),
        "objects/label": ints(1),
        "panoptic_image": texts(colours),
        "panoptic_image/filename": texts("a.png"),
        "panoptic_objects/id": ints(10, 20, 30),
        "panoptic_objects/label": ints(1, 2, 3),
        "panoptic_objects/is_crowd": ints(0, 0, 0),
    }
    write(folder / "coco-train.tfrecord-00000-of-00001", features)
    (folder / "objects-label.labels.txt").write_text("".join(f"{name}\n" for name in TFDS_THINGS))
    (folder / "panoptic_objects-label.labels.txt").write_text("".join(f"{name}\n" for name in TFDS_ALL))


def test_segments_of_tensorflow_datasets_have_the_names_of_their_own_list(tmp_path: Path) -> None:
    tfds_panoptic(tmp_path)
    convert(tmp_path, tmp_path / "out")
    (path,) = (tmp_path / "out" / "annotations").glob("panoptic_*.json")
    coco = load(path)
    names = {each["id"]: each["name"] for each in coco["categories"]}
    segments = {each["id"]: each for each in coco["annotations"][0]["segments_info"]}
    assert [names[segments[number]["category_id"]] for number in (10, 20, 30)] == ["cat", "sky", "road"]


def test_what_no_object_of_tensorflow_datasets_can_be_is_stuff(tmp_path: Path) -> None:
    tfds_panoptic(tmp_path)
    convert(tmp_path, tmp_path / "out")
    (path,) = (tmp_path / "out" / "annotations").glob("panoptic_*.json")
    things = {each["id"]: each["isthing"] for each in load(path)["categories"] if each["id"] in (2, 3, 4)}
    assert things == {2: 1, 3: 0, 4: 0}


# ------------------------------------------------------------------------------------------------------------ memory
_MEASURE = """
import resource, sys
from tfrecord_lite import convert
convert(sys.argv[1], sys.argv[2], masks=sys.argv[3], write_images=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(path: Path, output: Path, masks: str) -> int:
    """Peak memory of a conversion in a process of its own, in units of the system."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path), str(output), masks],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no getrusage")
def test_memory_does_not_grow_with_the_number_of_records_with_masks(tmp_path: Path) -> None:
    """Full-HD pictures with 20 masks each: four times the records, the same peak."""
    chance = np.random.default_rng(1)
    blobs, boxes = [], []
    for _ in range(20):
        mask = np.zeros((1080, 1920), np.uint8)
        x, y = int(chance.integers(0, 1700)), int(chance.integers(0, 900))
        mask[y : y + 150, x : x + 200] = 255
        mask[y + 40 : y + 80, x + 50 : x + 100] = 0
        blobs.append(mask)
        boxes.append((x, y, x + 200, y + 150))
    features = detection("a.jpg", (1920, 1080), boxes, image=png(1920, 1080, 7))
    features["image/object/mask"] = texts(*(as_png(Image.fromarray(mask).convert("1")) for mask in blobs))
    record = frame(example(features))
    few, many = tmp_path / "few.tfrecord", tmp_path / "many.tfrecord"
    few.write_bytes(record * 3)
    many.write_bytes(record * 12)
    small, large = peak(few, tmp_path / "a.json", "rle"), peak(many, tmp_path / "b.json", "rle")
    assert large < 1.15 * small
