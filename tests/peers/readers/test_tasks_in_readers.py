"""Keypoints and captions reach the readers that look for them by the name of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faster_coco_eval  # type: ignore[import-not-found,import-untyped,unused-ignore]
import pytest

# Where the types are checked, only some of the readers are installed.
from datumaro.components.annotation import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Caption,
    Points,
)
from datumaro.components.dataset import Dataset  # type: ignore[import-not-found,import-untyped,unused-ignore]
from pycocotools.coco import COCO  # type: ignore[import-not-found,import-untyped,unused-ignore]
from tfrecords import detection, floats, shard, texts

from tfrecord_lite import convert

KEYPOINT = "image/object/keypoint/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one image: an object with two keypoints, and a caption."""
    records = tmp_path_factory.mktemp("records") / "train.tfrecord"
    points = {KEYPOINT + "x": floats(0.25, 0.5), KEYPOINT + "y": floats(0.25, 0.5)}
    image = detection("a.jpg", boxes=[(4, 4, 20, 30)], labels=[1], **points, **{"image/caption": texts("a boat")})
    records.write_bytes(shard(image))
    out = tmp_path_factory.mktemp("coco") / "out"
    convert(records, out)
    return out


def imported(folder: Path, form: str) -> list[Any]:
    return [each for item in Dataset.import_from(str(folder), form) for each in item.annotations]


def test_datumaro_finds_keypoints(folder: Path) -> None:
    (points,) = [each for each in imported(folder, "coco_person_keypoints") if isinstance(each, Points)]
    assert len(points.points) == 4


def test_datumaro_finds_captions(folder: Path) -> None:
    assert [each.caption for each in imported(folder, "coco_captions") if isinstance(each, Caption)] == ["a boat"]


@pytest.mark.parametrize("reader", [COCO, faster_coco_eval.COCO])
def test_captions_load_where_every_annotation_needs_a_category(folder: Path, reader: Any) -> None:
    captions = reader(str(folder / "annotations" / "captions_train.json"))
    assert [each["caption"] for each in captions.loadAnns(captions.getAnnIds(imgIds=[1]))] == ["a boat"]
