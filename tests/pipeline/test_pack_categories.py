"""What a dataset says of its classes: what records and label map carry, and what is told of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import SIZES, Dataset, keypoints, object_entry, objects, panoptic_png
from packing import packed, records, there_and_back
from results import load

from tfrecord_lite import compare, convert, pack
from tfrecord_lite.commands.cli import main

TOTAL = "image/object/keypoint/total"
NAMES = enumerate(("cat", "dog", "bird"), start=1)


def test_a_class_without_keypoints_stays_without_beside_one_that_has_some(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.categories.append({"id": 2, "name": "dog", "supercategory": "dog"})
    dataset.annotations.append(object_entry(9, 1, 2, (1, 1, 5, 5)))
    result = packed(dataset, tmp_path, verify=True)
    assert result.compared is not None
    assert result.compared.equal
    first, second, *_ = records(tmp_path)
    assert (first.ints(TOTAL), second.ints(TOTAL)) == ([17, 17, 0], [])
    assert first.count("image/object/keypoint/visibility") == 3 * 17
    convert(tmp_path / "records", tmp_path / "back")
    back = load(tmp_path / "back/annotations/person_keypoints_train.json")
    assert [len(each.get("keypoints", ())) for each in back["annotations"]] == [51, 51, 51, 51]
    everything = load(tmp_path / "back/annotations/instances_train.json")
    assert "keypoints" not in everything["categories"][1]
    assert "keypoints" not in everything["annotations"][2]


def test_classes_with_different_numbers_of_keypoints_keep_theirs(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.categories.append({"id": 2, "name": "dog", "supercategory": "dog", "keypoints": ["nose", "tail"]})
    for number in (1, 3):
        dog = object_entry(8 + number, number, 2, (1, 1, 5, 5), keypoints=[1, 2, 2, 5, 4, 1], num_keypoints=2)
        dataset.annotations.append(dog)
    back = there_and_back(dataset, tmp_path, verify=True)
    names = [category.get("keypoints") for category in back["categories"]]
    assert names == [dataset.categories[0]["keypoints"], ["nose", "tail"]]
    dogs = [each["keypoints"] for each in back["annotations"] if each["category_id"] == 2]
    assert dogs == [[1, 2, 2, 5, 4, 1]] * 2
    assert "keypoint-names-differ" not in load(tmp_path / "back/reports/train.json")["warnings"]


def test_the_label_map_carries_supercategories_and_skeletons(tmp_path: Path) -> None:
    dataset = keypoints()
    dataset.categories[0].update(supercategory='a "caf\u00e9"\n}')
    dataset.categories.append({"id": 7, "name": "tree", "supercategory": "plant"})
    there_and_back(dataset, tmp_path, verify=True)
    back = load(tmp_path / "back/annotations/instances_train.json")
    assert back["categories"] == dataset.categories
    text = (tmp_path / "records/label_map.pbtxt").read_text(encoding="ascii")
    assert '}\n# item 7 supercategory: "plant"\n' in text
    assert "\n# item 1 skeleton: [[1, 2], [16, 17]]\n" in text


def test_comments_of_a_person_in_a_label_map_say_nothing_of_its_items(tmp_path: Path) -> None:
    there_and_back(keypoints(), tmp_path, verify=True)
    label_map, out = tmp_path / "records/label_map.pbtxt", tmp_path / "again"
    label_map.write_text(
        '# supercategory: "above"\n' + label_map.read_text(encoding="ascii") + "# item 2 skeleton: 5\n"
    )
    assert main(["convert", str(tmp_path / "records"), "-o", str(out), "-q"]) == 0
    again = load(out / "annotations/instances_train.json")
    assert [each["supercategory"] for each in again["categories"]] == ["person"]


def test_what_no_record_carries_is_reported_with_the_way_to_keep_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = lvis_like()
    dataset.write(tmp_path / "coco")
    command = ["pack", str(tmp_path / "coco"), "-o", str(tmp_path / "records"), "-j", "1", "--verify"]
    assert main(command) == 0
    lost = "categories/def, categories/synset, info, licenses, type"
    told = capsys.readouterr().err
    assert f"keys not carried over: {lost}. --keep-source has records carry them along" in told
    assert f"note: not compared: {lost}" in told
    assert main([*command, "--overwrite", "--strict"]) == 1
    assert "--keep-source has records carry them along" in capsys.readouterr().err
    assert main([*command, "--overwrite", "--strict", "--keep-source"]) == 0
    convert(tmp_path / "records", tmp_path / "back")
    assert load(tmp_path / "back" / dataset.path) == dataset.coco


def lvis_like() -> Dataset:
    """Categories and a file with more than records have a place for."""
    dataset = objects()
    dataset.coco["type"] = "instances"
    for category in dataset.categories:
        category.update(synset=f"{category['name']}.n.01", **{"def": "an animal"}, frequency="f", instance_count=4)
    return dataset


def test_a_comparison_says_what_it_passes_over(tmp_path: Path) -> None:
    lvis_like().write(tmp_path / "coco")
    pack(tmp_path / "coco", tmp_path / "records")
    (tmp_path / "records/label_map.pbtxt").write_text("".join(f"item {{ id: {i} name: '{n}' }}\n" for i, n in NAMES))
    compared = compare(tmp_path / "coco", tmp_path / "records")
    assert compared.equal
    assert list(compared.notes) == [
        "not compared, since one dataset alone says it: "
        "frequency of 3 classes, instance_count of 3 classes, supercategory of 3 classes",
        "not compared: categories/def, categories/synset, info, licenses, type",
    ]


@pytest.mark.parametrize("task", ["stuff", "panoptic"])
@pytest.mark.parametrize("base", [0, 1])
def test_classes_of_pixels_that_are_numbered_apart_keep_their_names(task: str, base: int, tmp_path: Path) -> None:
    dataset = objects()
    for entry in (*dataset.categories, *dataset.annotations):
        key = "category_id" if "bbox" in entry else "id"
        entry[key] += base - 1
    ids = {"grass": base, "dog": base + 2, "tree": 77}  # of cat and bird there; tree is free
    other = {
        **dataset.coco,
        "categories": [{"id": number, "name": name} for name, number in ids.items()],
        "annotations": [stuff_entry(n, number) if task == "stuff" else {} for n, number in enumerate(ids.values())],
    }
    if task == "panoptic":
        boxes = {1: (0, 0, 10, 12), 2: (12, 4, 9, 7), 3: (3, 14, 18, 5)}
        other["images"] = dataset.images[:1]
        other["annotations"] = [{"image_id": 1, "file_name": "one.png", "segments_info": [
            {"id": n, "category_id": number, "area": box[2] * box[3], "bbox": list(box), "iscrowd": 0}
            for (n, box), number in zip(boxes.items(), ids.values(), strict=True)
        ]}]  # fmt: skip
        for category in other["categories"]:
            category["isthing"] = 0
        dataset.files["annotations/panoptic_train/one.png"] = panoptic_png(SIZES["one"], boxes)
    dataset.files[f"annotations/{task}_train.json"] = json.dumps(other).encode()
    result = packed(dataset, tmp_path, verify=True)
    assert result.compared is not None
    assert result.compared.equal
    (told,) = result.warnings
    assert told.endswith("in records: dog 2, grass 4")
    convert(tmp_path / "records", tmp_path / "back")
    back = load(tmp_path / f"back/annotations/{task}_train.json")
    assert sorted(each["name"] for each in back["categories"]) == sorted(ids)
    assert compare(tmp_path / "coco", tmp_path / "back").equal


def stuff_entry(number: int, category: int) -> dict[str, Any]:
    """Some columns of the first picture, of 64 x 48 pixels."""
    counts = [48 * 10 * number, 48 * 5, 48 * (64 - 10 * number - 5)]
    mask = {"size": [48, 64], "counts": counts}
    return {"id": number + 1, "image_id": 1, "category_id": category, "segmentation": mask, "area": 240,
            "bbox": [10 * number, 0, 5, 48], "iscrowd": 0}  # fmt: skip
