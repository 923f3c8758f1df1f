"""pycocotools and faster-coco-eval load our files, and score detections that equal the truth with 1, exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

# Where the types are checked, only some of the readers are installed.
import faster_coco_eval as faster  # type: ignore[import-not-found,import-untyped,unused-ignore]
import pytest
from pycocotools.coco import COCO  # type: ignore[import-untyped,unused-ignore]
from pycocotools.cocoeval import COCOeval  # type: ignore[import-untyped,unused-ignore]

from peers.readers.datasets import DATASETS, Converted

Tool: TypeAlias = tuple[Callable[[str], Any], Callable[[Any, Any, str], Any]]

TOOLS = [
    pytest.param((COCO, COCOeval), id="pycocotools"),
    pytest.param((faster.COCO, faster.COCOeval_faster), id="faster"),
]
AP, AR_OF_100 = 0, 8  # places in the summary: average precision, average recall with up to 100 detections


def summary(tool: Tool, path: Path, detections: list[dict[str, Any]]) -> list[float]:
    """COCO's twelve numbers for the detections."""
    load, evaluate = tool
    truth = load(str(path))
    evaluation = evaluate(truth, truth.loadRes(detections), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return list(evaluation.stats)


@pytest.fixture
def with_crowd(folders: dict[str, Path]) -> Converted:
    return Converted(DATASETS["varied"], "train", folders["varied"])


@pytest.mark.parametrize("tool", TOOLS)
def test_it_loads_every_image_category_and_annotation(tool: Tool, converted: Converted) -> None:
    coco = tool[0](str(converted.json))
    coco.info()
    pictures = converted.pictures
    assert coco.getImgIds() == list(range(1, len(pictures) + 1))
    assert {number: coco.loadCats(number)[0]["name"] for number in coco.getCatIds()} == converted.dataset.names
    assert sorted(coco.getCatIds(supNms=list(converted.dataset.names.values()))) == sorted(converted.dataset.names)
    for number, picture in enumerate(pictures, start=1):
        (image,) = coco.loadImgs(number)
        assert (image["file_name"], image["width"], image["height"]) == (picture.name, *picture.size)
        found = coco.loadAnns(coco.getAnnIds(imgIds=number))
        assert [annotation["bbox"] for annotation in found] == [thing.xywh for thing in picture.things]
        areas = [annotation["area"] for annotation in found]
        # Computed from the box before it is rounded, hence with the noise of 32-bit corners.
        assert areas == pytest.approx([thing.area for thing in picture.things], rel=1e-5, abs=0.005)
        assert [annotation["category_id"] for annotation in found] == [thing.number for thing in picture.things]
        assert [annotation["iscrowd"] for annotation in found] == [thing.crowd for thing in picture.things]


@pytest.mark.parametrize("tool", TOOLS)
def test_detections_that_are_the_truth_score_exactly_1(tool: Tool, converted: Converted) -> None:
    scores = summary(tool, converted.json, converted.detections())
    assert scores[AP] == 1.0
    assert scores[AR_OF_100] == 1.0


@pytest.mark.parametrize("tool", TOOLS)
def test_a_box_of_another_category_costs(tool: Tool, converted: Converted) -> None:
    detections = converted.detections()
    first = detections[0]["category_id"]
    detections[0]["category_id"] = next(number for number in converted.dataset.names if number != first)
    assert summary(tool, converted.json, detections)[AP] < 1.0


def in_the_crowd(converted: Converted) -> list[dict[str, Any]]:
    """The truth, but instead of the crowd sixteen boxes that fill it."""
    (image, crowd) = next(
        (number, thing)
        for number, picture in enumerate(converted.pictures, start=1)
        for thing in picture.things
        if thing.crowd
    )
    detections = [found for found in converted.detections() if found["bbox"] != crowd.xywh]
    assert len(detections) == len(converted.detections()) - 1
    x, y, width, height = crowd.xywh
    return detections + [
        {
            "image_id": image,
            "category_id": crowd.number,
            "bbox": [x + width / 4 * column, y + height / 4 * row, width / 4, height / 4],
            "score": 1.0,
        }
        for column in range(4)
        for row in range(4)
    ]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_is_found_in_a_crowd_neither_counts_nor_costs(tool: Tool, with_crowd: Converted) -> None:
    scores = summary(tool, with_crowd.json, in_the_crowd(with_crowd))
    assert scores[AP] == 1.0
    assert scores[AR_OF_100] == 1.0


@pytest.mark.parametrize("tool", TOOLS)
def test_it_would_cost_if_it_were_not_marked_as_a_crowd(tool: Tool, with_crowd: Converted, tmp_path: Path) -> None:
    coco = json.loads(with_crowd.json.read_text("utf-8"))
    for annotation in coco["annotations"]:
        annotation["iscrowd"] = 0
    unmarked = tmp_path / "unmarked.json"
    unmarked.write_text(json.dumps(coco), encoding="utf-8")
    assert summary(tool, unmarked, in_the_crowd(with_crowd))[AP] < 1.0
