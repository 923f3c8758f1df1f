"""What --layout yolo writes is what ultralytics reads: its own check of data.yaml, and its own reader of datasets."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tfrecords import detection, floats, ints, shard, texts

from tfrecord_lite import convert

data = pytest.importorskip("ultralytics.data.dataset")
checks = pytest.importorskip("ultralytics.data.utils")

BOX = (16, 12, 32, 36)  # of 64 x 48 pixels
MIDDLE = [0.375, 0.5, 0.25, 0.5]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is asked of the network, and no settings are left."""
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def mask(*holes: slice) -> bytes:
    """The pixels of the box, without some rows, as PNG."""
    pixels = np.zeros((48, 64), np.uint8)
    pixels[12:36, 16:32] = 1
    for rows in holes:
        pixels[rows, :] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def image(name: str, *classes: str, **more: bytes) -> dict[str, bytes]:
    return detection(name, boxes=[BOX] * len(classes), texts=list(classes), **more)


def dataset(task: str, records: list[dict[str, bytes]], split: str = "train", **options: Any) -> Any:
    """The reader that training uses, of one split."""
    Path("x.tfrecord").write_bytes(shard(*records))
    convert("x.tfrecord", "set", layout="yolo", split_ratio={"train": 0.5, "val": 0.5}, **options)
    told = checks.check_det_dataset("set/data.yaml", autodownload=False)
    return data.YOLODataset(img_path=told[split], data=told, task=task, imgsz=64, augment=False, rect=False)


def labels(read: Any) -> dict[str, Any]:
    return {Path(each["im_file"]).name: each for each in read.labels}


def many(*classes: str, **more: bytes) -> list[dict[str, bytes]]:
    """So many that both splits have some; and one without objects, of a folder that might mislead."""
    named = [image(f"{number}.jpg", *classes, **more) for number in range(12)]
    return [*named, *(detection(f"images/none{number}.jpg") for number in range(8))]


@pytest.mark.parametrize("split", ["train", "val"])
def test_boxes_are_read_as_they_were_written(split: str) -> None:
    read = dataset("detect", many("dog", "cat"), split)
    assert read.data["names"] == {0: "dog", 1: "cat"}
    found = labels(read)
    pictures = [path for path in Path("set/images", split).rglob("*") if path.is_file()]
    assert sorted(found) == sorted(path.name for path in pictures)
    with_objects = [each for name, each in found.items() if not name.startswith("none")]
    assert with_objects
    assert len(with_objects) < len(found)
    for each in with_objects:
        assert each["cls"].ravel().tolist() == [0, 1]
        np.testing.assert_allclose(each["bboxes"], [MIDDLE, MIDDLE], atol=1e-6)
    assert len(read[0]["img"]) == 3


def test_masks_are_read_as_outlines() -> None:
    masks = texts(mask(), mask(slice(20, 24)))
    read = dataset("segment", many("dog", "cat", **{"image/object/mask": masks}))
    segments = next(each["segments"] for name, each in labels(read).items() if not name.startswith("none"))
    whole, parts = ((np.asarray(each) * (64, 48)).astype(np.int32) for each in segments)
    assert whole.tolist() == [[16, 12], [32, 12], [32, 36], [16, 36]]
    drawn = checks.polygon2mask((48, 64), [parts.ravel()])
    assert drawn[13:19, 18:30].all()
    assert drawn[26:35, 18:30].all()
    assert drawn[21:23].sum() <= 2 * 3, "but for the way between the parts"
    item = next(read[number] for number in range(len(read)) if len(read.labels[number]["cls"]))
    assert item["masks"].shape[-2:] == (16, 16)


def test_keypoints_are_read_with_their_mirror() -> None:
    points = {
        "image/object/keypoint/x": floats(0.5, 0.25),
        "image/object/keypoint/y": floats(0.5, 0.5),
        "image/object/keypoint/visibility": ints(2, 1),
        "image/object/keypoint/text": texts("left_eye", "right_eye"),
        "image/object/keypoint/num": ints(2),
    }
    read = dataset("pose", many("person", **points))
    assert (read.data["kpt_shape"], read.data["flip_idx"]) == ([2, 3], [1, 0])
    found = next(each for name, each in labels(read).items() if not name.startswith("none"))
    np.testing.assert_allclose(found["keypoints"], [[[0.5, 0.5, 2], [0.25, 0.5, 1]]], atol=1e-6)


def test_what_lies_at_the_edges_and_beyond_is_not_refused() -> None:
    boxes = [(0, 0, 64, 48), (-9, -9, 5, 5), (60, 40, 90, 90), (0.001, 0.001, 0.1, 0.1), (64, 0, 70, 9)]
    records = [detection(f"{number}.jpg", boxes=boxes, texts=["a"] * 5) for number in range(9)]
    read = dataset("detect", records)
    for each in read.labels:
        assert len(each["bboxes"]) == 4
        assert 0 <= each["bboxes"].min() <= each["bboxes"].max() <= 1
    assert math.isclose(read.labels[0]["bboxes"][0][2], 1)
