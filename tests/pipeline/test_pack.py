"""What the records of a COCO dataset say, and what becomes of what they cannot say."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import SIZES, Dataset, captions, keypoints, objects, panoptic, picture, run_lengths, splits
from packing import by_name, packed, records, there_and_back
from PIL import Image

from tfrecord_lite import RejectedInputError, UsageError, compare, pack
from tfrecord_lite.labels.load import read_label_map

BOX = "image/object/bbox/"


def test_a_record_has_the_vocabulary_of_the_object_detection_api(tmp_path: Path) -> None:
    packed(objects(), tmp_path)
    record = by_name(tmp_path)["one.png"]
    data = (tmp_path / "coco/images/train/one.png").read_bytes()
    assert record.blobs("image/encoded") == [data]
    assert record.blobs("image/key/sha256") == [hashlib.sha256(data).hexdigest().encode()]
    assert (record.blobs("image/format"), record.blobs("image/source_id")) == ([b"png"], [b"1"])
    assert (record.ints("image/width"), record.ints("image/height")) == ([64], [48])
    assert record.floats(BOX + "xmin") == pytest.approx([2 / 64, 20 / 64, 5 / 64, 22 / 64])
    assert record.floats(BOX + "ymax") == pytest.approx([12 / 48, 19 / 48, 34 / 48, 34 / 48])
    assert record.ints("image/object/class/label") == [1, 2, 3, 1]
    assert record.blobs("image/object/class/text") == [b"cat", b"dog", b"bird", b"cat"]
    assert record.floats("image/object/area") == [108, 140, 96, 160]
    assert record.ints("image/object/is_crowd") == [0, 0, 0, 0]
    assert record.ints("image/attribute/license") == [1]


@pytest.mark.parametrize("make", [objects, run_lengths])
def test_a_mask_is_a_png_of_zeros_and_ones(make: Callable[[], Dataset], tmp_path: Path) -> None:
    packed(make(), tmp_path)
    first = Image.open(io.BytesIO(by_name(tmp_path)["one.png"].blobs("image/object/mask")[0]))
    assert (first.mode, first.size, first.getextrema(), first.getbbox()) == ("L", (64, 48), (0, 1), (2, 3, 14, 12))


def test_an_image_without_objects_has_empty_lists(tmp_path: Path) -> None:
    packed(objects(), tmp_path)
    record = by_name(tmp_path)["four.png"]
    assert BOX + "xmin" in record
    assert record.count(BOX + "xmin") == record.count("image/object/mask") == 0


def test_the_label_map_has_names_keypoints_and_frequencies(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.categories[0].update(name='caf\u00e9 "x"', frequency="c", instance_count=7)
    result = packed(dataset, tmp_path)
    (item,) = read_label_map(str(result.label_map)).items
    assert (item.id, item.name, item.frequency, item.instance_count) == (1, 'caf\u00e9 "x"', "c", 7)
    assert item.keypoints == tuple(dataset.categories[0]["keypoints"])


def test_what_some_objects_lack_the_others_fill_up(tmp_path: Path) -> None:
    dataset = keypoints()
    first, second = dataset.annotations[:2]
    first["segmentation"] = []
    del second["keypoints"], second["num_keypoints"]
    packed(dataset, tmp_path)
    record = records(tmp_path)[0]
    assert record.floats("image/object/mask/weight") == [0, 1]
    assert record.count("image/object/mask") == 2
    assert record.ints("image/object/keypoint/visibility")[17:] == [0] * 17
    assert record.ints("image/object/keypoint/num") == [16, 0]
    assert record.blobs("image/object/keypoint/text")[17] == b"joint 1"


def test_records_without_keypoints_and_dense_pose_of_their_own_are_filled_up_as_well(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.coco["categories"].append({"id": 2, "name": "dog", "supercategory": "animal"})
    dataset.annotations[0].update(dp_I=[1], dp_x=[9], dp_y=[8], dp_U=[0.5], dp_V=[0.25])
    for each in dataset.annotations[2:]:
        each["category_id"] = 2
        del each["keypoints"], each["num_keypoints"]
    packed(dataset, tmp_path)
    record = by_name(tmp_path)["two.png"]
    names = [name.encode() for name in dataset.categories[0]["keypoints"]]
    assert record.blobs("image/object/keypoint/text") == names * 2
    assert record.ints("image/object/densepose/num") == [0, 0]
    assert compare(tmp_path / "coco", tmp_path / "records").equal


def test_sentences_are_carried_over(tmp_path: Path) -> None:
    packed(captions(), tmp_path)
    assert [each.blobs("image/caption") for each in records(tmp_path)][1] == [b"picture 2"]
    assert not (tmp_path / "records/label_map.pbtxt").exists()


def test_panoptic_segments_are_two_label_images(tmp_path: Path) -> None:
    dataset = panoptic()
    back = there_and_back(dataset, tmp_path)
    ours, theirs = (
        [
            sorted((info["category_id"], info["area"], info["bbox"]) for info in each["segments_info"])
            for each in coco["annotations"]
        ]
        for coco in (dataset.coco, back)
    )
    assert theirs == ours
    assert [each["isthing"] for each in back["categories"]] == [1, 1, 0]


# ---------------------------------------------------------------------------------------------- what cannot be said
def spoil(change: Callable[[Dataset], Any]) -> Dataset:
    dataset = objects()
    change(dataset)
    return dataset


def renamed(dataset: Dataset, number: Any) -> None:
    for each in dataset.annotations:
        each["image_id"] = number if each["image_id"] == 1 else each["image_id"]
    dataset.images[0]["id"] = number


def from_zero(dataset: Dataset) -> None:
    for category in dataset.categories:
        category["id"] -= 1
    for annotation in dataset.annotations:
        annotation["category_id"] -= 1


def as_gif(dataset: Dataset) -> None:
    dataset.files["images/train/one.png"] = picture(SIZES["one"], (), "GIF")


TOLD: dict[str, tuple[Callable[[Dataset], Any], dict[str, Any]]] = {
    "annotation-without-image": (lambda it: it.annotations[0].update(image_id=99), {}),
    "box-clamped": (lambda it: it.annotations[0].update(bbox=[60, 3, 12, 9]), {}),
    "box-inverted": (lambda it: it.annotations[0].update(bbox=[14, 3, -12, 9]), {}),
    "box-without-area": (lambda it: it.annotations[0].update(bbox=[70, 3, 12, 9]), {}),
    "area-implausible": (lambda it: it.annotations[0].update(area=1e9), {}),
    "category-id-zero": (from_zero, {}),
    "category-missing": (lambda it: it.annotations[0].update(category_id=7), {}),
    "format-not-decoded": (as_gif, {}),
    "image-id-large": (lambda it: renamed(it, 1 << 25), {"target": "efficientdet"}),
    "image-id-replaced": (lambda it: renamed(it, "abc"), {}),
    "image-id-twice": (lambda it: it.images[1].update(id=1), {}),
    "mask-empty": (lambda it: it.annotations[0].update(segmentation=[[90, 90, 99, 90, 99, 99]]), {}),
    "size-wrong": (lambda it: it.images[0].update(width=99), {}),
}


@pytest.mark.parametrize("code", TOLD)
def test_what_trainers_cannot_take_is_reported_and_counted(code: str, tmp_path: Path) -> None:
    change, options = TOLD[code]
    result = packed(spoil(change), tmp_path, **options)
    assert result.warning_counts[code] >= 1
    assert result.images == 4
    with pytest.raises(RejectedInputError, match=code):
        pack(tmp_path / "coco", tmp_path / "strict", fail_on=[code], **options)
    assert not (tmp_path / "strict").exists()


def test_a_box_that_reaches_beyond_the_image_ends_there(tmp_path: Path) -> None:
    packed(spoil(TOLD["box-clamped"][0]), tmp_path)
    record = by_name(tmp_path)["one.png"]
    assert record.floats(BOX + "xmax")[0] == 1
    assert record.floats(BOX + "xmin")[0] == pytest.approx(60 / 64)


def test_ids_that_are_no_numbers_come_back(tmp_path: Path) -> None:
    back = there_and_back(spoil(lambda it: renamed(it, "abc")), tmp_path)
    assert [each["source_id"] for each in back["images"]] == ["abc", "2", "3", "4"]
    assert [each.blobs("image/source_id") for each in records(tmp_path)] == [[b"1"], [b"2"], [b"3"], [b"4"]]


def test_classes_from_0_are_raised_by_1(tmp_path: Path) -> None:
    result = packed(spoil(from_zero), tmp_path)
    assert [item.id for item in read_label_map(str(result.label_map)).items] == [1, 2, 3]
    assert by_name(tmp_path)["one.png"].ints("image/object/class/label") == [1, 2, 3, 1]


PROBLEMS: dict[str, Callable[[Dataset], Any]] = {
    "1 of 4 pictures not in .*: 'gone.png'. .*image_root.*pictures=False": lambda it: it.images[1].update(
        file_name="gone.png"
    ),
    "image 2: .*image": lambda it: it.files.update({"images/train/two.png": b"text"}),
    "the file two.png is empty": lambda it: it.files.update({"images/train/two.png": b""}),
    "annotation '5' is": lambda it: it.annotations[4].update(bbox=[1, 2, 3]),
    "category_id: of .* is -1": lambda it: it.annotations[4].update(category_id=-1),
}


@pytest.mark.parametrize("told", PROBLEMS)
def test_what_no_record_can_say_is_a_problem(told: str, tmp_path: Path) -> None:
    dataset = spoil(PROBLEMS[told])
    with pytest.raises(RejectedInputError, match=told):
        packed(dataset, tmp_path)
    assert not (tmp_path / "records").exists()
    result = pack(tmp_path / "coco", tmp_path / "records", on_error="skip")
    (report,) = result.splits
    assert report.problem_count == 1
    assert (result.images, result.annotations) in ((3, 8), (4, 11))


def test_files_that_disagree_about_a_category_are_refused(tmp_path: Path) -> None:
    objects().write(tmp_path / "coco")
    other = objects()
    other.categories[1]["name"] = "wolf"
    other.path = "annotations/instances_val.json"
    other.write(tmp_path / "coco")
    with pytest.raises(UsageError, match=r"instances_val.json: category 2 is 'wolf', but 'dog' in .*instances_train"):
        pack(tmp_path / "coco", tmp_path / "records")


def test_what_no_record_has_a_place_for_is_listed(tmp_path: Path) -> None:
    (report,) = packed(objects(), tmp_path).splits
    assert sorted(report.unmapped_keys) == ["info", "licenses"]


@pytest.mark.parametrize("make", [objects, run_lengths, keypoints, captions])
def test_what_is_packed_can_be_compared_with_the_dataset_first(make: Callable[[], Dataset], tmp_path: Path) -> None:
    compared = packed(make(), tmp_path, verify=True).compared
    assert compared is not None
    assert compared.equal
    assert [Path(each.title).name for each in (compared.a, compared.b)] == ["coco", "records"]


@pytest.mark.parametrize(("first", "second"), [("indoor", "outdoor"), ("2020", "2021"), ("train_a", "train_b")])
def test_splits_of_any_name_are_compared_with_their_own_records(first: str, second: str, tmp_path: Path) -> None:
    dataset = splits()
    dataset.path = f"annotations/instances_{first}.json"
    for path in list(dataset.files):
        name = path.replace("/train/", f"/{first}/").replace("/val/", f"/{second}/").replace("_val", f"_{second}")
        dataset.files[name] = dataset.files.pop(path)
    result = packed(dataset, tmp_path, verify=True)
    assert set(result.shards) == {first, second}
    assert result.compared is not None
    assert result.compared.equal


def test_records_that_differ_are_not_published(tmp_path: Path) -> None:
    with pytest.raises(RejectedInputError, match=r"box: .* in the records \(1 time\)"):
        packed(spoil(TOLD["box-clamped"][0]), tmp_path, verify=True)
    assert not (tmp_path / "records").exists()
