"""Records of one image: what each of them adds, and what only the first one can say."""

from __future__ import annotations

from typing import Any

import pytest
from pixels import halves
from results import Convert, task
from tfrecords import detection, ints, texts

SEMANTIC = "image/segmentation/class/encoded"
CATEGORIES, INSTANCES = "image/panoptic/category_mask", "image/panoptic/instance_mask"
BOX = [(4, 4, 20, 30)]


def test_the_second_record_of_a_merged_image_does_not_lose_its_captions_silently(converted: Convert) -> None:
    same = {"image/source_id": texts("7")}
    records = [detection("a.jpg", boxes=BOX, **{"image/caption": texts(each)}, **same) for each in ("one", "two")]
    done = converted(*records, merge_images=True)
    assert len(done.coco["images"]) == 1
    captions = [each["caption"] for each in task(done, "captions")["annotations"]]
    told = done.report["warnings"].keys() - {"record-twice", "source-id-twice"}
    assert captions == ["one", "two"] or told


def test_the_second_record_of_a_merged_image_does_not_lose_its_stuff_or_segments_silently(converted: Convert) -> None:
    same = {"image/source_id": texts("7")}
    records = [
        detection("a.jpg", boxes=BOX, **{CATEGORIES: texts(halves(n, n + 1)), INSTANCES: texts(halves(0, 0))}, **same)
        for n in (1, 3)
    ]
    done = converted(*records, merge_images=True)
    assert len(task(done, "panoptic")["annotations"]) == 1
    assert [each["id"] for each in task(done, "panoptic")["categories"]] == [1, 2], "what is left out has no category"
    assert done.report["warnings"]["segments-not-merged"]["count"] == 1
    assert done.report["panoptic"] == 2
    stuff = [detection("a.jpg", boxes=BOX, **{SEMANTIC: texts(halves(n, n + 1))}, **same) for n in (1, 3)]
    done = converted(*stuff, merge_images=True)
    assert [each["category_id"] for each in task(done, "stuff")["annotations"]] == [1, 2, 3, 4]
    assert {each["image_id"] for each in task(done, "stuff")["annotations"]} == {1}


SAID = {"image/source_id": texts("7"), "image/date_captured": texts("2020"), "image/class/label": ints(1)}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, ""),
        ({"image/date_captured": texts("2021")}, "date_captured"),
        ({"image/location": texts("sea")}, "location"),
        ({"image/filename": texts("b.jpg")}, "filename"),
        ({"image/class/label": ints(2)}, "labels"),
    ],
)
def test_what_a_further_record_says_otherwise_of_its_image_is_reported(
    other: dict[str, bytes], told: str, converted: Convert
) -> None:
    records = [detection("a.jpg", boxes=BOX, **{**SAID, **each}) for each in ({}, other, other)]
    done = converted(*records, merge_images=True)
    assert [(each["file_name"], each["date_captured"]) for each in done.coco["images"]] == [("a.jpg", "2020")]
    warnings: dict[str, Any] = done.report["warnings"]
    if not told:
        assert "facts-not-merged" not in warnings
    else:
        assert warnings["facts-not-merged"]["count"] == 2
        assert f", of {told}; " in warnings["facts-not-merged"]["first"]


def test_what_a_further_record_does_not_say_of_its_image_is_not_lost(converted: Convert) -> None:
    silent = detection("a.jpg", boxes=BOX, **{"image/source_id": texts("7")})
    done = converted(detection("a.jpg", boxes=BOX, **SAID), silent, merge_images=True)
    assert done.coco["images"][0]["date_captured"] == "2020"
    assert "facts-not-merged" not in done.report["warnings"]
