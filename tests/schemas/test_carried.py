"""What a record says beside boxes and classes: carried over, or told and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, floats, ints, texts

Convert = Callable[..., Any]
BOX = [(4, 4, 20, 30)]


def test_labels_of_the_whole_image_are_carried_with_it(converted: Convert) -> None:
    features = detection(
        "a.jpg",
        **{
            "image/class/label": ints(3, 5),
            "image/class/text": texts("Cat", "Tree"),
            "image/class/confidence": floats(1, 0),
        },
    )
    (image,) = converted(features, strict=True).coco["images"]
    assert image["labels"] == [
        {"label": 3, "text": "Cat", "confidence": 1},
        {"label": 5, "text": "Tree", "confidence": 0},
    ]


OF_OBJECTS: Mapping[str, tuple[bytes, str, list[Any]]] = {
    "tracks": (ints(7, 8), "track/label", [7, 8]),
    "scores of detections": (floats(0.5, 0.25), "class/score", [0.5, 0.25]),
    "confidences": (floats(0.5, 0.1), "bbox/confidence", [0.5, 0.1]),
    "attributes": (ints(1, 0), "attribute/red", [1, 0]),
    "3-D boxes": (floats(1.5, 2.5), "3d_bbox/height", [1.5, 2.5]),
    "angles": (floats(-1.5, 0.75), "alpha", [-1.5, 0.75]),
    "weights": (floats(0.5, 1), "weight", [0.5, 1]),
    "depth of keypoints": (floats(0.5, 0.25), "keypoint/z", [0.5, 0.25]),
}
NAMED = {"track/label": "track_id", "class/score": "score", "bbox/confidence": "confidence"}


@pytest.mark.parametrize(("values", "key", "expected"), OF_OBJECTS.values(), ids=OF_OBJECTS)
def test_what_the_record_says_of_an_object_is_carried_with_it(
    values: bytes, key: str, expected: list[Any], converted: Convert
) -> None:
    done = converted(detection("a.jpg", boxes=BOX * 2, **{f"image/object/{key}": values}), strict=True)
    name = NAMED.get(key, key.removeprefix("attribute/"))
    assert [annotation["attributes"][name] for annotation in done.coco["annotations"]] == expected
    assert done.report["keys_not_carried_over"] == {}


@pytest.mark.parametrize("key", ["image/object/attribute/label", "image/object/class/multiclass_scores"])
def test_several_values_an_object_are_carried_with_it_or_counted_as_not_carried(key: str, converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=BOX * 2, **{key: floats(0.5, 0.25, 0.125, 0.75)}))
    name = key.removeprefix("image/object/").removeprefix("attribute/")
    carried = [annotation.get("attributes", {}).get(name) for annotation in done.coco["annotations"]]
    if done.report["keys_not_carried_over"]:
        assert done.report["keys_not_carried_over"] == {key: 1}
        assert carried == [None, None]
    else:
        assert carried == [[0.5, 0.25], [0.125, 0.75]]


def test_two_keys_that_would_become_one_attribute_are_both_kept(converted: Convert) -> None:
    keys = ["difficult", "bbox/difficult", "attribute/difficult", "bbox/truncated", "attribute/x"]
    values = {f"image/object/{key}": ints(n, n + 10) for n, key in enumerate(keys)}
    done = converted(detection("a.jpg", boxes=BOX * 2, **values), strict=True)
    assert done.coco["annotations"][0]["attributes"] == {
        "difficult": 0, "bbox/difficult": 1, "attribute/difficult": 2, "truncated": 3, "x": 4
    }  # fmt: skip


@pytest.mark.parametrize("values", [ints(1), ints(1, 0, 1), ints(1, 0, 1, 0)])
def test_group_of_with_another_number_of_values_than_objects_is_not_carried_over(
    values: bytes, converted: Convert
) -> None:
    features = {"image/object/is_crowd": ints(0, 1), "image/object/group_of": values}
    done = converted(detection("a.jpg", boxes=BOX * 2, **features))
    assert [each["iscrowd"] for each in done.coco["annotations"]] == [0, 1]
    assert [each.get("attributes") for each in done.coco["annotations"]] == [None, None]
    assert done.report["keys_not_carried_over"] == {"image/object/group_of": 1}


def test_metadata_never_takes_the_place_of_what_coco_has(converted: Convert, tmp_path: Path) -> None:
    pytest.importorskip("tomllib")
    schema = tmp_path / "own.toml"
    names = {"my/id": "id", "my/width": "width", "my/name": "file_name", "my/a": "shot", "my/b": "shot"}
    lines = "".join(f'"{key}" = "{name}"\n' for key, name in names.items())
    schema.write_text(f'base = "object_detection"\n[metadata]\n{lines}')
    values = {key: ints(70 + number) for number, key in enumerate(names)}
    (image,) = converted(detection("a.jpg", boxes=BOX, **values), schema=str(schema)).coco["images"]
    assert (image["id"], image["width"], image["file_name"]) == (1, 64, "a.jpg")
    assert {70, 71, 72, 73, 74} <= {value for value in image.values() if isinstance(value, int)}


LISTS = {
    "image/neg_category_ids": "neg_category_ids",
    "image/image_neg_category_ids": "neg_category_ids",
    "image/not_exhaustive_category_ids": "not_exhaustive_category_ids",
}


@pytest.mark.parametrize(("key", "name"), LISTS.items())
def test_the_lists_of_lvis_are_carried_with_the_image(key: str, name: str, converted: Convert) -> None:
    (image,) = converted(detection("a.jpg", boxes=BOX, **{key: ints(4, 9)})).coco["images"]
    assert image[name] == [4, 9]
    (image,) = converted(detection("a.jpg", boxes=BOX, **{key: ints(4)})).coco["images"]
    assert image[name] == [4], "a list of one is a list"
    (image,) = converted(detection("a.jpg", boxes=BOX, **{key: ints()})).coco["images"]
    assert image.get(name, []) == []


@pytest.mark.parametrize(("key", "name"), LISTS.items())
def test_the_lists_of_lvis_mean_the_categories_of_the_file(key: str, name: str, converted: Convert) -> None:
    """Where a 0 among the labels makes every category id one higher, these ids are meant too."""
    features = detection("a.jpg", boxes=BOX * 2, labels=[0, 1], texts=["cat", "dog"], **{key: ints(1)})
    coco = converted(features).coco
    names = {category["id"]: category["name"] for category in coco["categories"]}
    assert [names[number] for number in coco["images"][0][name]] == ["dog"]


def test_predictions_never_become_annotations_and_are_counted(converted: Convert) -> None:
    detections = {
        "image/detection/bbox/xmin": floats(0.1),
        "image/detection/bbox/ymin": floats(0.1),
        "image/detection/bbox/xmax": floats(0.5),
        "image/detection/bbox/ymax": floats(0.5),
        "image/detection/label": ints(3),
        "image/detection/score": floats(0.9),
    }
    done = converted(detection("a.jpg", boxes=BOX, **detections), detection("b.jpg", **detections))
    assert len(done.coco["annotations"]) == 1
    assert [category["id"] for category in done.coco["categories"]] == [1]
    assert done.report["keys_not_carried_over"] == dict.fromkeys(sorted(detections), 2)


def test_what_is_not_carried_is_in_the_report_with_its_count(converted: Convert) -> None:
    more = {"image/roi/feature": floats(*[0.5] * 40), "image/embedding": floats(0.5), "my/own": texts("x")}
    done = converted(
        detection("a.jpg", **more), detection("b.jpg", **{"my/own": texts("y")}), detection("c.jpg", boxes=BOX)
    )
    assert done.report["keys_not_carried_over"] == {"image/embedding": 1, "image/roi/feature": 1, "my/own": 2}


@pytest.mark.parametrize(
    "features",
    [
        {"image/object/attribute/x": ints(1, 2, 3)},
        {"image/object/3d_bbox/x": floats(float("nan"))},
        {"image/object/polygon": floats(*[0.5] * 34)},
    ],
    ids=" ".join,
)
def test_what_fits_no_object_is_reported_and_not_lost(features: dict[str, bytes], converted: Convert) -> None:
    done = converted(detection("a.jpg", boxes=BOX, **features), on_error="skip")
    assert len(done.coco["annotations"]) == 1
    assert done.report["keys_not_carried_over"] == dict.fromkeys(features, 1)
