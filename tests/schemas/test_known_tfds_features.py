"""TensorFlow Datasets: what features.json and the label files beside the records say, and what holds without them.

How features become keys: tensorflow/datasets core/example_serializer.py; how they are described: feature.proto.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pixels import as_png
from results import found, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfds_folders import LABELS, Make, features, like_coco, yxyx
from tfrecords import floats, ints, jpeg, shard, texts

from tfrecord_lite import convert

STORED: dict[str | None, Callable[[float, float, float, float], tuple[float, ...]]] = {
    "REL_YXYX": lambda x0, y0, x1, y1: (y0 / HEIGHT, x0 / WIDTH, y1 / HEIGHT, x1 / WIDTH),
    "YXYX": lambda x0, y0, x1, y1: (y0, x0, y1, x1),
    "REL_XYXY": lambda x0, y0, x1, y1: (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT),
    "XYXY": lambda x0, y0, x1, y1: (x0, y0, x1, y1),
    "XYWH": lambda x0, y0, x1, y1: (x0, y0, x1 - x0, y1 - y0),
    None: lambda x0, y0, x1, y1: (y0 / HEIGHT, x0 / WIDTH, y1 / HEIGHT, x1 / WIDTH),
}


@pytest.mark.parametrize("bbox_format", STORED)
def test_features_json_says_the_order_and_the_unit_of_boxes(dataset: Make, bbox_format: str | None) -> None:
    values = [value for box in (CAT, DOG) for value in STORED[bbox_format](*box)]
    record = like_coco("a.jpg", (CAT, DOG), (0, 1), **{"objects/bbox": floats(*values)})
    split = dataset(record, beside={**LABELS, "features.json": features(bbox_format)}, strict=True)
    assert [each["bbox"] for each in split.coco["annotations"]] == [xywh(CAT), xywh(DOG)]


def test_features_json_of_old_releases_does_not_disturb(dataset: Make) -> None:
    """Until 4.4 it named Python classes: core/features/feature.py."""
    old = {"type": "tensorflow_datasets.core.features.features_dict.FeaturesDict", "content": {"image": {"type": "x"}}}
    split = dataset(like_coco("a.jpg", (CAT,), (0,)), beside={**LABELS, "features.json": old})
    assert found(split.coco) == [("person", 1, xywh(CAT))]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"featuresDict": 1}',
        '{"featuresDict": {"features": []}}',
        "[" * 100_000,
        '{"featuresDict": {"features": {"objects": {"sequence": 3}}}}',
    ],
)
def test_a_features_json_that_is_none_does_not_disturb(dataset: Make, content: str) -> None:
    split = dataset(like_coco("a.jpg", (CAT,), (0,)), beside={**LABELS, "features.json": content})
    assert found(split.coco) == [("person", 1, xywh(CAT))]


def test_boxes_in_pixels_without_features_json_are_read_as_pixels(dataset: Make) -> None:
    values = [value for box in (CAT, DOG) for value in (box[1], box[0], box[3], box[2])]
    record = like_coco("a.jpg", (CAT, DOG), (0, 1), **{"objects/bbox": floats(*values)})
    assert [each["bbox"] for each in dataset(record).coco["annotations"]] == [xywh(CAT), xywh(DOG)]


def test_features_json_says_which_keys_are_box_and_class(dataset: Make) -> None:
    """A dataset of one's own: ClassLabel and BBoxFeature under other names."""
    declared = features()
    inner = declared["featuresDict"]["features"]["objects"]["sequence"]["feature"]["featuresDict"]["features"]
    inner["category"] = inner.pop("label")
    record = like_coco("a.jpg", (CAT, DOG), (0, 2))
    record["objects/category"] = record.pop("objects/label")
    beside = {"objects-category.labels.txt": LABELS["objects-label.labels.txt"], "features.json": declared}
    assert found(dataset(record, beside=beside).coco) == [("person", 1, xywh(CAT)), ("car", 3, xywh(DOG))]


@pytest.mark.parametrize(
    ("label_map", "expected", "warned"),
    [
        ({1: "person", 2: "bicycle", 3: "car"}, [("bicycle", 2), ("car", 3)], False),
        ({0: "person", 1: "bicycle", 2: "car"}, [("bicycle", 2), ("car", 3)], False),
        ({0: "background", 1: "bicycle", 2: "car"}, [("bicycle", 1), ("car", 2)], False),
        ({1: "bicycle", 2: "car"}, [("bicycle", 1), ("car", 2)], True),
        ({1: "bicycle", 2: "car", 9: "bus"}, [("bicycle", 1), ("car", 2)], True),
    ],
    ids=["from 1", "from 0", "background", "too short", "gaps"],
)
def test_indexes_are_read_by_a_label_map_of_ones_own_and_what_does_not_fit_is_reported(
    dataset: Make, label_map: dict[int, str], expected: list[tuple[str, int]], warned: bool
) -> None:
    """A ClassLabel counts from 0 by definition, whether a 0 is met or not."""
    split = dataset(like_coco("a.jpg", (CAT, DOG), (1, 2)), label_map=label_map)
    assert [each[:2] for each in found(split.coco)] == expected
    assert ("class-base-unclear" in split.report["warnings"]) is warned


def test_a_label_that_is_no_class_label_is_a_number_as_it_stands(dataset: Make) -> None:
    """ref_coco: objects/label is a plain int64, COCO's own id; only a ClassLabel counts from 0."""
    declared = features()
    inner = declared["featuresDict"]["features"]["objects"]["sequence"]["feature"]["featuresDict"]["features"]
    inner["label"] = {"tensor": {"shape": {}, "dtype": "int64", "encoding": "none"}}
    split = dataset(like_coco("a.jpg", (CAT, DOG), (18, 1)), beside={"features.json": declared})
    assert found(split.coco) == [("18", 18, xywh(CAT)), ("1", 1, xywh(DOG))]


def test_a_box_under_a_name_of_its_own_is_read(dataset: Make) -> None:
    """oxford_iiit_pet: head_bbox, which features.json declares to be a box."""
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)), "file_name": texts("Abyssinian_1.jpg"), "head_bbox": yxyx(CAT),
        "label": ints(1), "species": ints(0),
    }  # fmt: skip
    box = features()["featuresDict"]["features"]["objects"]["sequence"]["feature"]["featuresDict"]["features"]["bbox"]
    declared = {"featuresDict": {"features": {"image": {"image": {}}, "head_bbox": box, "label": {"classLabel": {}}}}}
    split = dataset(record, beside={"features.json": declared, "label.labels.txt": "Abyssinian\nbengal\n"})
    assert found(split.coco) == [("bengal", 2, xywh(CAT))]


def test_pictures_with_a_class_and_no_boxes_have_it_as_label(dataset: Make) -> None:
    """imagenet2012 and the like: by the id and the name that the category has."""
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "file_name": texts("n01_1.JPEG"), "label": ints(2)}
    split = dataset(
        record, beside={"label.labels.txt": "tench\ngoldfish\nshark\n", "features.json": {"featuresDict": {}}}
    )
    assert split.coco["annotations"] == []
    assert split.coco["images"][0]["labels"] == [{"label": 3, "text": "shark"}]
    assert {each["id"]: each["name"] for each in split.coco["categories"]}[3] == "shark"
    assert split.coco["images"][0]["file_name"].startswith("n01_1")


@pytest.mark.parametrize(("image", "label"), [("image_left", "segmentation_label"), ("image", "annotation")])
def test_label_images_become_stuff(dataset: Make, image: str, label: str) -> None:
    """cityscapes and scene_parse150: numbers of their own, as they stand."""
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8)
    pixels[:, 10:20], pixels[5:9, 30:], pixels[0] = 7, 26, 255
    record = {image: texts(jpeg(WIDTH, HEIGHT)), label: texts(as_png(pixels)), "image_id": texts("aachen_000000")}
    split = dataset(record)
    stuff = json.loads((split.folder / "annotations/stuff_train.json").read_text())
    areas = {each["category_id"]: each["area"] for each in stuff["annotations"]}
    assert areas == {7: int((pixels == 7).sum()), 26: int((pixels == 26).sum())}
    assert split.report["keys_not_carried_over"] == {}
    assert split.coco["images"][0]["source_id"] == "aachen_000000"


def test_a_class_of_the_picture_is_the_one_of_its_boxes_with_its_id_and_name(dataset: Make) -> None:
    """cars196: one box and one label."""
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "bbox": yxyx(CAT), "label": ints(1)}
    split = dataset(record, record | {"label": ints(-1)}, beside={"label.labels.txt": "a\nb\n"}, on_error="skip")
    assert found(split.coco) == [("b", 2, xywh(CAT))]
    assert [image.get("labels") for image in split.coco["images"]] == [[{"label": 2, "text": "b"}], None]
    assert split.report["warnings"]["image-class-unknown"]["count"] == 1


def test_a_class_of_the_picture_from_another_list_has_a_name_and_no_id(dataset: Make) -> None:
    """Its number is none of the categories, which are those of the objects."""
    record = like_coco("a.jpg", (CAT,), (1,)) | {"label": ints(1)}
    split = dataset(record, beside={**LABELS, "label.labels.txt": "indoor\noutdoor\n"})
    assert found(split.coco) == [("bicycle", 2, xywh(CAT))]
    assert split.coco["images"][0]["labels"] == [{"text": "outdoor"}]


def test_splits_of_one_folder_share_their_categories(tmp_path: Path) -> None:
    folder = tmp_path / "1.0.0"
    folder.mkdir()
    for split, number in (("train", 2), ("validation", 0), ("test", 1)):
        content = shard(like_coco(f"{split}.jpg", (CAT,), (number,)))
        (folder / f"coco-{split}.tfrecord-00000-of-00001").write_bytes(content)
    (folder / "objects-label.labels.txt").write_text(LABELS["objects-label.labels.txt"])
    convert(folder, tmp_path / "out")
    for split, expected in (("train", "car"), ("validation", "person"), ("test", "bicycle")):
        coco = json.loads((tmp_path / "out/annotations" / f"instances_{split}.json").read_text())
        assert [each[0] for each in found(coco)] == [expected]
        assert [each["name"] for each in coco["categories"]] == ["person", "bicycle", "car"]
