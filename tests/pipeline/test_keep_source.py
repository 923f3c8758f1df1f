"""COCO entries that records carry along: a dataset comes back value for value, or it is told why not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import Dataset, captions, keypoints, lvis, objects, official, panoptic, run_lengths, splits
from packing import packed
from results import digests, load
from tfrecords import frame

from tfrecord_lite import compare, convert, pack, read_records
from tfrecord_lite.example.messages import Example
from tfrecord_lite.pipeline.packing import pack_plan


def odd() -> Dataset:
    """What a file may have beside what COCO defines: an order of its own, and fields that no record knows."""
    dataset = objects()
    dataset.annotations.reverse()
    dataset.annotations.sort(key=lambda each: each["id"] % 5)
    dataset.annotations[0].update(id=10**12, score=0.123456789012345, notes={"by": [None, True, {"a": 1.5}]})
    dataset.annotations[1].update(id="text", ignore=None)
    dataset.images[2].update(id=77, file_name="three.png", extra=[1, "a", None], coco_url="http://x/y")
    for annotation in dataset.annotations:
        if annotation["image_id"] == 3:
            annotation["image_id"] = 77
    dataset.categories[0].update(keypoints=["a"], skeleton=[], color=[1, 2, 3], id=90)
    for annotation in dataset.annotations:
        if annotation["category_id"] == 1:
            annotation["category_id"] = 90
    dataset.coco["type"] = "instances"
    dataset.coco["info"]["year"] = 2020
    return dataset


DATASETS: dict[str, Callable[[], Dataset]] = {
    each.__name__: each for each in (odd, objects, run_lengths, keypoints, captions, panoptic, splits, official)
}


def kept(dataset: Dataset, folder: Path, **options: Any) -> Any:
    """Packs a dataset with its entries, converts it, and gives back the report."""
    packed(dataset, folder, keep_source=True, **options)
    convert(folder / "records", folder / "back")
    return load(folder / "back/reports/train.json")


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_comes_back_value_for_value(name: str, tmp_path: Path) -> None:
    report = kept(DATASETS[name](), tmp_path, shuffle=1, shards=2)
    assert report["coco_entries"] == "as they were packed"
    given = {path.name: load(path) for path in (tmp_path / "coco/annotations").glob("*.json")}
    back = {path.name: load(path) for path in (tmp_path / "back/annotations").glob("*.json")}
    assert {name: back[name] for name in given} == given
    assert set(back) - set(given) <= {"instances_train.json"}  # which every reader looks for
    assert digests(tmp_path / "back/images") == digests(tmp_path / "coco/images")


@pytest.mark.parametrize("indent", [None, 2])
def test_every_value_of_json_comes_back_to_the_last_digit(indent: int | None, tmp_path: Path) -> None:
    dataset = objects()
    dataset.images[0].update(file_name="one.jpg", large=10**40)  # it is a PNG, and gets another name
    dataset.files["images/train/one.jpg"] = dataset.files.pop("images/train/one.png")
    dataset.annotations[0].update(
        large=2**64, small=-(2**70), nested=[{"a": None, "b": [[], {}, "", "\n }],{"]}], id=2**63
    )
    dataset.coco["info"]["large"] = 2**80
    dataset.categories[0]["large"] = 2**90
    exact = (
        '"exact": [0.12345678901234567890123, -0.0, 1.50, 1E+2, "caf\\u00e9 \\ud83d\\ude00 \\/", {"a": 1, "a": 2}], '
    )
    text = json.dumps(dataset.coco, indent=indent).replace('"iscrowd"', exact + '"iscrowd"')
    dataset.raw = text.encode()
    report = kept(dataset, tmp_path, shuffle=1)
    assert report["coco_entries"] == "as they were packed; 1 file name made safe"
    back = (tmp_path / "back" / dataset.path).read_text(encoding="utf-8")
    assert as_it_is_written(back) == as_it_is_written(text.replace("one.jpg", "one.png"))


def as_it_is_written(text: str) -> Any:
    """JSON with numbers as texts, and objects as pairs in their order."""

    def pairs(found: list[tuple[str, Any]]) -> Any:
        return dict(found) if "images" in dict(found) else found  # the order of the lists of a file is ours

    return json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=pairs)


def test_panoptic_images_come_back_with_their_numbers(tmp_path: Path) -> None:
    kept(panoptic(), tmp_path)
    assert digests(tmp_path / "back/annotations/panoptic_train") == digests(
        tmp_path / "coco/annotations/panoptic_train"
    )


def test_nothing_is_lost_then(tmp_path: Path) -> None:
    (report,) = packed(odd(), tmp_path, keep_source=True).splits
    assert dict(report.unmapped_keys) == {}


def test_a_file_with_other_images_than_the_instances_is_reported(tmp_path: Path) -> None:
    dataset, other = objects(), captions()
    dataset.files[other.path] = other.text.encode()
    (report,) = packed(dataset, tmp_path, keep_source=True).splits
    assert dict(report.unmapped_keys) == {}
    other.images[0]["license"] = 2
    dataset.files[other.path] = other.text.encode()
    (report,) = packed(dataset, tmp_path, keep_source=True, overwrite=True).splits
    assert dict(report.unmapped_keys) == {"captions/images": 1}


def test_one_shard_brings_its_own_images(tmp_path: Path) -> None:
    dataset = objects()
    packed(dataset, tmp_path, keep_source=True, shards=2)
    convert(tmp_path / "records/train-00001-of-00002.tfrecord", tmp_path / "back", allow_missing_shards=True)
    back = load(tmp_path / "back/annotations/instances_train.json")
    assert back["images"] == dataset.images[2:]
    assert back["annotations"] == [each for each in dataset.annotations if each["image_id"] > 2]
    assert (back["info"], back["categories"]) == (dataset.coco["info"], dataset.categories)


def test_workers_bring_the_same(tmp_path: Path) -> None:
    for jobs in (1, 2):
        (tmp_path / str(jobs)).mkdir()
        kept(odd(), tmp_path / str(jobs), jobs=jobs)
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_shard_whose_first_images_are_left_out_brings_all(
    jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_plan, "_SPAN_IMAGES", 1)
    dataset = objects()
    for image in dataset.images[:2]:
        del dataset.files[f"images/train/{image['file_name']}"]
    assert len(dataset.images) > 2
    report = kept(dataset, tmp_path, shards=1, jobs=jobs, on_error="skip")
    assert report["coco_entries"] == "as they were packed"
    assert load(tmp_path / "back" / dataset.path)["categories"] == dataset.categories


def test_a_record_that_was_changed_says_what_counts(tmp_path: Path) -> None:
    packed(objects(), tmp_path, keep_source=True)
    (path,) = (tmp_path / "records").glob("*.tfrecord")
    payloads = []
    for number, record in enumerate(read_records(path, allow_missing_shards=True)):
        message = Example.FromString(record.payload)
        if number == 1:
            message.features.feature["image/object/class/text"].bytes_list.value[0] = b"bird"
        payloads.append(message.SerializeToString())
    path.write_bytes(b"".join(map(frame, payloads)))
    summary = convert(tmp_path / "records", tmp_path / "back")
    (report,) = summary.splits
    assert report.findings["source-stale"].count == 1
    assert report.originals == "not used: 1 of 4 records have none"
    assert summary.classes == {"cat": 4, "dog": 3, "bird": 5}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"masks": "rle"}, "--masks asks for another output"),
        ({"precision": None}, "--precision asks for another output"),
        ({"rename": {"cat": "tiger"}}, "--rename asks for another output"),
        ({"label_map": {1: "x", 2: "y", 3: "z"}}, "--label-map asks for another output"),
    ],
)
def test_options_that_ask_for_something_else_get_it(options: dict[str, Any], why: str, tmp_path: Path) -> None:
    packed(objects(), tmp_path, keep_source=True)
    (report,) = convert(tmp_path / "records", tmp_path / "back", **options).splits
    assert report.originals == f"not used: {why}"


def test_records_of_several_datasets_are_no_dataset_of_before(tmp_path: Path) -> None:
    other = objects()
    other.coco["info"] = {"description": "another"}
    for number, dataset in enumerate((objects(), other)):
        dataset.write(tmp_path / str(number))
        pack(tmp_path / str(number), tmp_path / "records", keep_source=True, split=f"part{number}")
    (report,) = convert(tmp_path / "records", tmp_path / "back", split="all").splits
    assert report.originals == "not used: the records are from several datasets"


@pytest.mark.parametrize(
    "change",
    [
        {"annotations": None}, {"annotations": {"instances": [1]}}, {"dataset": None, "files": {}}, {"number": 1 << 64},
        {"files": {"instances": 5}}, {"image": []}, {"image": "{"}, {"image": "[]"},
        {"file_name": None, "image": "{\n}"}, {"png": "?", "annotations": {"panoptic": [[0, {}]]}},
        {"number": [1]}, {"annotations": {"instances": [[{}, "{}"]]}}, {"files": {"instances": [["images", "5"]]}},
        {"file_name": "a", "image": '{"a":' + "[" * 100_000},
    ],
)  # fmt: skip
def test_entries_of_another_form_are_reported_and_passed_over(change: dict[str, Any], tmp_path: Path) -> None:
    packed(objects(), tmp_path, keep_source=True)
    (path,) = (tmp_path / "records").glob("*.tfrecord")
    payloads = []
    for record in read_records(path, allow_missing_shards=True):
        message = Example.FromString(record.payload)
        values = message.features.feature["coco/source"].bytes_list.value
        values[0] = json.dumps(json.loads(values[0]) | change).encode()
        payloads.append(message.SerializeToString())
    path.write_bytes(b"".join(map(frame, payloads)))
    (report,) = convert(tmp_path / "records", tmp_path / "back").splits
    assert report.originals.startswith("not used: ") or "coco/source" in report.unmapped_keys
    assert report.annotations == 12


def test_a_file_that_gets_another_name_is_reported(tmp_path: Path) -> None:
    dataset = objects()
    dataset.images[0]["file_name"] = "one.jpg"  # it is a PNG
    dataset.files["images/train/one.jpg"] = dataset.files.pop("images/train/one.png")
    report = kept(dataset, tmp_path)
    assert report["coco_entries"] == "as they were packed; 1 file name made safe"
    expected = copy.deepcopy(dataset.coco)
    expected["images"][0]["file_name"] = "one.png"
    assert load(tmp_path / "back" / dataset.path) == expected


def test_what_comes_back_is_equal_to_what_is_read_without(tmp_path: Path) -> None:
    packed(run_lengths(), tmp_path, keep_source=True)
    assert compare(tmp_path / "coco", tmp_path / "records").equal


def test_lvis_comes_back_though_its_pictures_have_addresses_alone(tmp_path: Path) -> None:
    dataset = lvis()
    dataset.files = {name.replace("images/train", "train2017"): data for name, data in objects().files.items()}
    path = dataset.write(tmp_path / "coco")
    pack(path, tmp_path / "records", image_root=tmp_path / "coco", keep_source=True, split="train")
    (report,) = convert(tmp_path / "records", tmp_path / "back").splits
    assert report.originals == "as they were packed"
    assert load(tmp_path / "back/annotations/instances_train.json") == dataset.coco
    assert "one.png" in digests(tmp_path / "back/images/train")
