"""COCO entries -> a Sample: every field comes back, and what cannot be said is refused with its reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from drawn_masks import counted, drawn, encoded
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as pycoco  # type: ignore[import-untyped]
from results import load
from tfrecords import detection, ints, jpeg, png, shard, texts

import tfrecord_lite
from tfrecord_lite import FeatureError, Sample, budgets
from tfrecord_lite.coco.read.to_sample import names_of, object_entries, to_sample
from tfrecord_lite.errors import Location
from tfrecord_lite.masks.mask import Mask

WHERE = Location("instances.json: image 7")
IMAGE = {"id": 7, "width": 8, "height": 4, "file_name": "a.jpg"}
NAMES = names_of([{"id": 1, "name": "cat"}, {"id": 90, "name": "person", "keypoints": ["nose", "tail"]}])


def read(*objects: dict[str, Any], image: dict[str, Any] | None = None, **others: Any) -> Sample:
    return to_sample(image or IMAGE, {"instances": objects, **others}, NAMES, WHERE, png=b"png")


def one(**fields: Any) -> dict[str, Any]:
    return {"id": 3, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2], "area": 4, "iscrowd": 0, **fields}


def test_a_plain_object() -> None:
    sample = read(one())
    (thing,) = sample.objects
    assert (thing.box, thing.label, thing.name, thing.area, thing.crowd) == ((1, 1, 2, 2), 1, "cat", 4.0, False)
    assert (thing.mask, thing.polygons, thing.keypoints, thing.attributes) == (None, None, None, {})
    assert (sample.where, sample.image.filename, sample.image.width, sample.image.height) == (WHERE, "a.jpg", 8, 4)
    assert not sample.refused
    assert not sample.findings


def test_polygons_stay_as_they_are_and_crowds_are_crowds() -> None:
    (thing,) = read(one(segmentation=[[1, 1, 3.5, 1, 3, 3]], iscrowd=1)).objects
    assert thing.polygons == [[1, 1, 3.5, 1, 3, 3]]
    assert thing.crowd


COUNTS = [5, 2, 2, 2, 21]


@pytest.mark.parametrize("counts", [COUNTS, [5, 2, 0, 0, 2, 2, 21], [5, 1, 0, 1, 2, 2, 21, 0], "52111e0"])
def test_run_lengths_of_any_writing(counts: list[int] | str) -> None:
    if isinstance(counts, str):
        counts = pycoco.frPyObjects({"size": [4, 8], "counts": COUNTS}, 4, 8)["counts"].decode()
    (thing,) = read(one(segmentation={"size": [4, 8], "counts": counts})).objects
    assert thing.mask == Mask(4, 8, COUNTS)


@given(st.integers(0, 5000))
def test_masks_of_pycocotools_come_back(seed: int) -> None:
    mask = drawn(seed, 24)
    height, width = mask.shape
    given_ = encoded(mask)
    image = {**IMAGE, "width": width, "height": height}
    entry = one(segmentation={"size": [height, width], "counts": given_["counts"].decode()})
    (thing,) = read(entry, image=image).objects
    assert thing.mask == Mask(height, width, counted(mask))


def test_a_box_that_is_left_out_is_that_of_the_mask() -> None:
    by_mask = one(bbox=[], segmentation={"size": [4, 8], "counts": COUNTS})
    by_polygon = one(segmentation=[[1, 1, 3, 1, 3, 3.5]])
    del by_polygon["bbox"]
    assert [thing.box for thing in read(by_mask, by_polygon).objects] == [(1, 1, 2, 2), (1, 1, 2, 2.5)]


def test_keypoints_and_their_names() -> None:
    points = [1, 2, 2, 0, 0, 0]
    sample = read(one(), one(category_id=90, keypoints=points, num_keypoints=1))
    assert [thing.keypoints for thing in sample.objects] == [None, points]
    assert sample.keypoint_names == ("nose", "tail")


@pytest.mark.parametrize("keypoints", [1.5, True, -1, {}, "nose", None])
def test_keypoint_names_that_are_no_list_are_none(keypoints: object) -> None:
    assert names_of([{"id": 1, "name": "cat", "keypoints": keypoints}]).keypoints == {}


@pytest.mark.parametrize("number", [{}, [], 1.5, None])
def test_an_object_whose_id_is_none_has_no_keypoints_of_another_file(number: object) -> None:
    annotations = {"instances": [one(id=number), one()], "person_keypoints": [one(keypoints=[1, 1, 2])]}
    assert object_entries(annotations) == [one(id=number), one(keypoints=[1, 1, 2])]


def test_what_coco_does_not_define_is_kept_whatever_json_it_is() -> None:
    more = {"date_captured": "2020", "labels": [{"label": 3, "text": "indoor"}], "odd": {"x": [1]}}
    image = {**IMAGE, **more, "source_id": 12, "license": None}
    sample = read(one(attributes={"difficult": 1, "pose": "left"}, score=0.5, odd={"y": 2}, extra=None), image=image)
    (thing,) = sample.objects
    assert thing.attributes == {"difficult": 1, "pose": "left", "score": 0.5, "odd": {"y": 2}}
    assert sample.image.metadata == more
    assert sample.image.source_id == "12"


def test_dense_pose() -> None:
    pose = {"dp_I": [1.0], "dp_x": [2.0], "dp_y": [3.0], "dp_U": [0.5], "dp_V": [0.25]}
    assert [thing.dense_pose for thing in read(one(**pose), one(dp_I=[1.0])).objects] == [pose, None]


def test_captions_stuff_and_panoptic() -> None:
    stuff = {"image_id": 7, "category_id": 92, "segmentation": {"size": [4, 8], "counts": COUNTS}}
    segment = {"id": 260, "category_id": 1, "area": 4, "bbox": [1, 1, 2, 2], "iscrowd": 1}
    sample = read(captions=[{"caption": "a cat"}], stuff=[stuff], panoptic=[{"segments_info": [segment]}])
    assert sample.captions == ("a cat",)
    assert sample.stuff == {92: Mask(4, 8, COUNTS)}
    assert sample.panoptic is not None
    assert sample.panoptic.png == b"png"
    assert [tuple(each) for each in sample.panoptic.segments] == [(260, 1, 0, 4, (1, 1, 2, 2), True)]


@given(st.lists(st.integers(0, 5000), min_size=2, max_size=4))
def test_stuff_of_one_category_is_united(seeds: list[int]) -> None:
    masks = [drawn(seed, 24) for seed in seeds]
    height, width = min(len(mask) for mask in masks), min(len(mask[0]) for mask in masks)
    parts = [encoded(mask[:height, :width]) for mask in masks]
    stuff = [
        {"category_id": 92, "segmentation": {"size": [height, width], "counts": each["counts"].decode()}}
        for each in parts
    ]
    sample = read(image={**IMAGE, "width": width, "height": height}, stuff=stuff)
    assert sample.stuff == {92: Mask(height, width, counted(pycoco.decode(pycoco.merge(parts))))}


def test_segments_that_are_none_are_refused() -> None:
    segment = {"id": 260, "category_id": 1, "area": 4, "bbox": [1, 1, 2, 2]}
    far = [{**segment, "bbox": [1, 1, 2, 1e300]}, {**segment, "area": 1e300}]
    infos = [segment, 7, {**segment, "bbox": None}, {**segment, "id": "1"}, *far]
    sample = read(panoptic=[{"segments_info": infos}])
    assert sample.panoptic is not None
    assert len(sample.panoptic.segments) == 1
    assert [error.key for error in sample.refused] == [*["segments_info"] * 2, "id", *["segments_info"] * 2]


def test_an_image_of_too_many_annotations_is_refused() -> None:
    with pytest.raises(FeatureError, match="annotations: 65,537 of captions for one image, the budget of a record"):
        read(captions=[{}] * (budgets.OBJECTS + 1))


@pytest.mark.parametrize(("crowd", "expected"), [(0, 0), (1, 1), (True, 1), (1.0, 1), (None, 0), ("1", 0), ([], 0)])
def test_an_iscrowd_that_is_neither_0_nor_1_is_told(crowd: object, expected: int) -> None:
    segment = {"id": 260, "category_id": 1, "area": 4, "bbox": [1, 1, 2, 2], "iscrowd": crowd}
    sample = read(one(iscrowd=crowd), panoptic=[{"segments_info": [segment]}])
    assert sample.panoptic is not None
    assert [sample.objects[0].crowd, sample.panoptic.segments[0].crowd] == [expected] * 2
    assert len(sample.findings) == 2 * (type(crowd) in (str, list))
    assert {finding.code for finding in sample.findings} <= {"crowd-unclear"}


def test_a_picture_that_was_cut_off_is_told() -> None:
    (finding,) = to_sample({"id": 1}, {}, NAMES, WHERE, jpeg(20, 10)[:-2]).findings
    assert finding.code == "image-cut"


def test_the_bytes_know_the_size_better() -> None:
    sample = to_sample(IMAGE, {}, NAMES, WHERE, jpeg(20, 10))
    assert (sample.image.width, sample.image.height, sample.image.format) == (20, 10, "jpeg")
    assert [finding.code for finding in sample.findings] == ["size-wrong"]
    assert to_sample({"id": 1}, {}, NAMES, WHERE, png(20, 10)).image.width == 20


@pytest.mark.parametrize(
    "image", [{"id": 1}, {**IMAGE, "width": 0}, {**IMAGE, "height": "4"}, {**IMAGE, "width": True}]
)
def test_an_image_of_no_size_is_none(image: dict[str, Any]) -> None:
    with pytest.raises(FeatureError, match="expected two numbers of 1 or more"):
        read(image=image)


@pytest.mark.parametrize(
    ("fields", "key", "problem"),
    [
        ({"bbox": None}, "bbox", "expected x, y"),
        ({"bbox": [1, 2, 3]}, "bbox", "expected x, y"),
        ({"bbox": [1, 2, 3, float("nan")]}, "bbox", "finite"),
        ({"bbox": [1, 2, 3, True]}, "bbox", "finite"),
        ({"bbox": ["1", "2", "3", "4"]}, "bbox", "finite"),
        ({"category_id": "1"}, "category_id", "whole number"),
        ({"category_id": None}, "category_id", "whole number"),
        ({"segmentation": [[1, 2, 3, 4]]}, "segmentation", "three corners"),
        ({"segmentation": [[1, 2, 3, 4, 5]]}, "segmentation", "three corners"),
        ({"segmentation": [1, 2, 3, 4, 5, 6]}, "segmentation", "three corners"),
        ({"segmentation": "mask"}, "segmentation", "three corners"),
        ({"segmentation": {"counts": COUNTS}}, "segmentation", "the image has [4, 8]"),
        ({"segmentation": {"size": [8, 4], "counts": COUNTS}}, "segmentation", "the image has [4, 8]"),
        ({"segmentation": {"size": [4, 8], "counts": [1, 2]}}, "segmentation", "runs of 3 pixels, the image has 32"),
        ({"segmentation": {"size": [4, 8], "counts": "\x7f"}}, "segmentation", "holds no run lengths"),
        ({"segmentation": {"size": [4, 8], "counts": [-1, 33]}}, "segmentation", "0 or more"),
        ({"segmentation": {"size": [4, 8]}}, "segmentation", "no run lengths"),
        ({"keypoints": [1, 2]}, "keypoints", "x, y, visibility"),
        ({"keypoints": [1, 2, 7]}, "keypoints", "0, 1 or 2"),
    ],
)
def test_what_cannot_be_said_is_refused_and_the_rest_stays(fields: dict[str, Any], key: str, problem: str) -> None:
    sample = read(one(), one(**fields))
    assert len(sample.objects) == 1
    (refused,) = sample.refused
    assert refused.key == key
    assert re.search(re.escape(problem), str(refused))
    assert "annotation '3'" in str(refused)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 40) | st.floats() | st.text("ab0", max_size=5),
    lambda each: st.lists(each, max_size=6) | st.dictionaries(st.sampled_from(["size", "counts", "x"]), each),
    max_leaves=12,
)
FIELDS = st.sampled_from(["bbox", "category_id", "area", "iscrowd", "segmentation", "keypoints", "attributes", "dp_I"])


@settings(max_examples=40)
@given(st.lists(st.dictionaries(FIELDS, JSON), max_size=4))
def test_any_json_is_read_or_refused(changes: list[dict[str, Any]]) -> None:
    sample = read(*(one(**change) for change in changes))
    assert len(sample.objects) + len(sample.refused) == len(changes)
    for column in (sample.objects.masks, sample.objects.crowds, sample.objects.keypoints, sample.objects.areas):
        assert column is None or len(column) == len(sample.objects)


def test_what_a_conversion_wrote_comes_back(tmp_path: Path) -> None:
    more = {
        "image/object/mask": texts(png(64, 48, 255), png(64, 48, 255)),
        "image/object/is_crowd": ints(0, 1),
        "image/object/difficult": ints(1, 0),
    }
    boxes = [(1.0, 2.0, 33.0, 44.0), (4.0, 4.0, 8.0, 8.0)]
    (tmp_path / "x.tfrecord").write_bytes(shard(detection("a.jpg", boxes=boxes, texts=["cat", "dog"], **more)))
    summary = tfrecord_lite.convert(tmp_path / "x.tfrecord", tmp_path / "out")
    coco = load(Path(summary.files[0]))
    (before,) = tfrecord_lite.read_samples(tmp_path / "x.tfrecord")
    data = (tmp_path / "out" / "images" / "x" / "a.jpg").read_bytes()
    after = to_sample(coco["images"][0], {"instances": coco["annotations"]}, names_of(coco["categories"]), WHERE, data)
    assert after.image[:6] == before.image[:6]
    for there, here in zip(before.objects, after.objects, strict=True):
        assert here.box == pytest.approx(there.box, abs=0.01)
        assert (here.name, here.crowd, here.attributes) == (there.name, there.crowd, there.attributes)
    assert after.objects.masks is not None
    assert before.objects.masks is not None
    assert after.objects.masks[1] == before.objects.masks[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"segmentation": [[1] * (budgets.VALUES + 2)]},
        {"segmentation": {"size": [4, 8], "counts": [0] * budgets.MASK_RUNS + [32]}},
        {"keypoints": [1, 1, 2] * (budgets.POINTS + 1)},
    ],
    ids=["polygons", "run lengths", "keypoints"],
)
def test_lists_have_the_budgets_of_records(fields: dict[str, Any]) -> None:
    sample = read(one(**fields), one())
    (refused,) = sample.refused
    assert "the budget of a record is" in str(refused)
    assert len(sample.objects) == 1
