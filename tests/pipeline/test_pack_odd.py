"""COCO files as strangers have them: what is odd gives the right records or one clear message, never a silent loss."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import Dataset, keypoints, objects, picture
from packing import packed, records
from PIL import Image

from tfrecord_lite import TFRecordLiteError, convert, pack


def change(**fields: Any) -> Callable[[Dataset], Any]:
    """Other fields of the first annotation."""
    return lambda it: it.annotations[0].update(fields)


def of_persons(change_: Callable[[Dataset], Any]) -> Callable[[Dataset], Any]:
    """The same of a dataset with keypoints."""

    def changed(it: Dataset) -> None:
        it.__dict__.update(keypoints().__dict__)
        change_(it)

    return changed


def turned(it: Dataset) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    it.files["images/train/one.png"] = picture((64, 48), exif=exif)


def on_windows(it: Dataset) -> None:
    it.images[0]["file_name"] = "folder\\one.png"
    it.files["images/train/folder/one.png"] = it.files.pop("images/train/one.png")


def image_ids_as_texts(it: Dataset) -> None:
    for annotation in it.annotations:
        annotation["image_id"] = str(annotation["image_id"])


KEPT: dict[str, tuple[Callable[[Dataset], Any], str]] = {
    "a box that only the mask tells": (change(bbox=None), ""),
    "a path of Windows": (on_windows, ""),
    "a whole number with a point": (change(category_id=1.0), ""),
    "a category that no list has": (change(category_id=99), "category-missing"),
    "no categories": (lambda it: it.coco.pop("categories"), "category-missing"),
    "an area that is a text": (change(area="108"), "area-implausible"),
    "an area below 0": (change(area=-1), "area-implausible"),
    "a picture that asks to be turned": (turned, "exif-orientation"),
    "the background": (lambda it: it.categories.append({"id": 0, "name": "background"}), ""),
    "a group of Roboflow": (
        lambda it: it.categories.insert(0, {"id": 0, "name": "cat", "supercategory": "none"}),
        "input",
    ),
    "keypoints without names": (of_persons(lambda it: it.categories[0].update(keypoints=[""] * 17)), ""),
    "names with control characters": (lambda it: it.categories[0].update(name='c\x1b[31m"\n\0'), ""),
    "lists in another order": (lambda it: it.coco.update(images=it.coco.pop("images")), ""),
    "attributes named as features are": (change(attributes={"class/label": 3, "bbox/xmin": [1], "": 5, "\0": 1}), ""),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_odd_is_packed_and_equal(name: str, tmp_path: Path) -> None:
    changed, code = KEPT[name]
    dataset = objects()
    changed(dataset)
    result = packed(dataset, tmp_path, verify=True)
    assert set(result.warning_counts) - {"keys-not-carried-over"} == ({code} if code else set())
    assert result.annotations == len(dataset.annotations)
    assert convert(tmp_path / "records", tmp_path / "back").annotations == result.annotations
    assert "" not in result.classes, "a class without a name goes by its number"


def test_a_class_that_no_list_has_counts_beside_one_that_its_number_names(tmp_path: Path) -> None:
    dataset = objects()
    dataset.categories[0].update(name="99")
    dataset.annotations[-1].update(category_id=99)
    result = packed(dataset, tmp_path)
    assert sum(result.classes.values()) == result.annotations
    assert result.largest_class == 99


REFUSED: dict[str, tuple[Callable[[Dataset], Any], str]] = {
    "texts for numbers of images": (
        image_ids_as_texts,
        "no annotation belongs to an image, the first: there is no image '1'",
    ),
    "annotations by number": (lambda it: it.coco.update(annotations={"1": {}}), "annotations is no list"),
    "a name twice": (
        lambda it: it.categories[1].update(name="cat"),
        "json: categories: 'cat' is the name of both id 1 and",
    ),
    "a number twice": (
        lambda it: it.categories[1].update(id=1),
        "json: categories: id 1 is given to both 'cat' and 'dog'",
    ),
    "few keypoints": (of_persons(change(keypoints=[1, 2, 2])), "object 0 has 1 keypoint, its category names 17"),
    "UTF-16": (lambda it: setattr(it, "raw", it.text.encode("utf-16")), "UTF-16 found, expected UTF-8"),
    "gzip": (lambda it: setattr(it, "raw", gzip.compress(it.text.encode())), "compressed with gzip, expected JSON"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_packed_is_reported(name: str, tmp_path: Path) -> None:
    changed, told = REFUSED[name]
    dataset = objects()
    changed(dataset)
    with pytest.raises(TFRecordLiteError, match=told):
        packed(dataset, tmp_path)
    assert not (tmp_path / "records").exists()


def test_an_object_with_other_keypoints_than_its_category_can_be_left_out(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.annotations[0]["keypoints"] = [1, 2, 2]
    assert packed(dataset, tmp_path, on_error="skip").annotations == 3
    assert convert(tmp_path / "records", tmp_path / "back").annotations == 3
    assert records(tmp_path)[0].ints("image/object/keypoint/num") == [16]


def test_a_compressed_file_is_reported_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "instances.json.gz").write_bytes(gzip.compress(objects().text.encode()))
    with pytest.raises(TFRecordLiteError, match="this is compressed, expected a JSON file"):
        pack(tmp_path / "instances.json.gz", tmp_path / "records")
