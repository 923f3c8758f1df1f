"""What ``pack`` writes, read as trainers read it: by the feature lists of their decoders, and the masks by pycocotools.

The lists are those of research/object_detection data_decoders/tf_example_decoder.py and official/vision/dataloaders/
tf_example_decoder.py (tensorflow/models).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from coco_datasets import Dataset, keypoints, objects, run_lengths
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]

from tfrecord_lite import pack

TEXT, FLOATS, INTS = (tf.io.VarLenFeature(kind) for kind in (tf.string, tf.float32, tf.int64))
_OBJECT = "image/object/"
MODEL_GARDEN = {
    "image/encoded": tf.io.FixedLenFeature((), tf.string),
    "image/source_id": tf.io.FixedLenFeature((), tf.string, ""),
    "image/height": tf.io.FixedLenFeature((), tf.int64, -1),
    "image/width": tf.io.FixedLenFeature((), tf.int64, -1),
    **{f"{_OBJECT}bbox/{side}": FLOATS for side in ("xmin", "xmax", "ymin", "ymax")},
    f"{_OBJECT}class/label": INTS,
    f"{_OBJECT}area": FLOATS,
    f"{_OBJECT}is_crowd": INTS,
    f"{_OBJECT}mask": TEXT,
}
OBJECT_DETECTION = {
    **MODEL_GARDEN,
    "image/format": tf.io.FixedLenFeature((), tf.string, "jpeg"),
    "image/filename": tf.io.FixedLenFeature((), tf.string, ""),
    "image/key/sha256": tf.io.FixedLenFeature((), tf.string, ""),
    f"{_OBJECT}class/text": TEXT,
    f"{_OBJECT}mask/weight": FLOATS,
    f"{_OBJECT}difficult": INTS,
    f"{_OBJECT}group_of": INTS,
    f"{_OBJECT}keypoint/x": FLOATS,
    f"{_OBJECT}keypoint/y": FLOATS,
    f"{_OBJECT}keypoint/visibility": INTS,
    f"{_OBJECT}keypoint/text": TEXT,
}


def parsed(folder: Path, features: dict[str, Any], compression: str = "") -> Iterator[dict[str, Any]]:
    """Every record as a decoder has it: lists dense, texts of bytes."""
    paths = sorted(map(str, folder.glob("*.tfrecord")))
    for payload in tf.data.TFRecordDataset(paths, compression_type=compression):
        record = tf.io.parse_single_example(payload, features)
        yield {
            key: (tf.sparse.to_dense(value) if isinstance(value, tf.sparse.SparseTensor) else value).numpy()
            for key, value in record.items()
        }


def spoiled() -> Dataset:
    """A box beyond the image, an object without a mask, and attributes of the vocabulary."""
    dataset = objects()
    dataset.annotations[0]["bbox"] = [60, 3, 12, 9]
    dataset.annotations[1]["segmentation"] = []
    for each in dataset.annotations:
        each["attributes"] = {"difficult": each["id"] % 2, "group_of": 0}
    return dataset


@pytest.mark.parametrize("make", [objects, run_lengths, keypoints, spoiled])
@pytest.mark.parametrize("features", [MODEL_GARDEN, OBJECT_DETECTION], ids=["model_garden", "object_detection"])
def test_decoders_read_every_field(make: Callable[[], Dataset], features: dict[str, Any], tmp_path: Path) -> None:
    dataset = make()
    dataset.write(tmp_path / "coco")
    pack(tmp_path / "coco", tmp_path / "records", shards=2)
    of_image: dict[int, list[Any]] = {image["id"]: [] for image in dataset.images}
    for annotation in dataset.annotations:
        of_image[annotation["image_id"]].append(annotation)
    found = list(parsed(tmp_path / "records", features))
    assert [int(record["image/source_id"]) for record in found] == list(of_image)
    for image, record in zip(dataset.images, found, strict=True):
        ours = of_image[image["id"]]
        size = height, width = tf.io.decode_image(record["image/encoded"]).shape[:2]
        assert (record["image/height"], record["image/width"]) == size
        assert record[f"{_OBJECT}class/label"].tolist() == [each["category_id"] for each in ours]
        assert record[f"{_OBJECT}is_crowd"].tolist() == [each["iscrowd"] for each in ours]
        assert record[f"{_OBJECT}area"].tolist() == pytest.approx([each["area"] for each in ours])
        assert len(record[f"{_OBJECT}mask"]) == len(ours)
        for number, each in enumerate(ours):
            sides = [float(record[f"{_OBJECT}bbox/{side}"][number]) for side in ("xmin", "ymin", "xmax", "ymax")]
            x, y, w, h = each["bbox"]
            right, bottom = min(x + w, width), min(y + h, height)
            scaled = [sides[0] * width, sides[1] * height, sides[2] * width, sides[3] * height]
            assert scaled == pytest.approx([x, y, right, bottom], abs=0.005)
            mask = tf.io.decode_png(record[f"{_OBJECT}mask"][number], channels=1).numpy()[:, :, 0]
            assert np.array_equal(mask, drawn(each["segmentation"], *size))


def drawn(segmentation: Any, height: int, width: int) -> Any:
    """The pixels of a segmentation as pycocotools draws it."""
    if not segmentation:
        return np.zeros((height, width), np.uint8)
    made = pycoco.frPyObjects(segmentation, height, width)
    return pycoco.decode(pycoco.merge(made) if isinstance(made, list) else made)


def test_weights_mark_masks_that_do_not_count(tmp_path: Path) -> None:
    spoiled().write(tmp_path / "coco")
    pack(tmp_path / "coco", tmp_path / "records")
    record = next(parsed(tmp_path / "records", OBJECT_DETECTION))
    assert record[f"{_OBJECT}mask/weight"].tolist() == [1, 0, 1, 1]
    assert record[f"{_OBJECT}difficult"].tolist() == [1, 0, 1, 0]


def test_compressed_shards_are_read(tmp_path: Path) -> None:
    objects().write(tmp_path / "coco")
    pack(tmp_path / "coco", tmp_path / "records", compression="gzip", shuffle=3)
    found = list(parsed(tmp_path / "records", MODEL_GARDEN, "GZIP"))
    assert sorted(int(record["image/source_id"]) for record in found) == [1, 2, 3, 4]


def test_entries_that_records_carry_along_are_nothing_to_a_decoder(tmp_path: Path) -> None:
    dataset = objects()
    dataset.write(tmp_path / "coco")
    for name, keep in (("with", True), ("without", False)):
        pack(tmp_path / "coco", tmp_path / name, keep_source=keep)
    pairs = zip(
        parsed(tmp_path / "with", OBJECT_DETECTION), parsed(tmp_path / "without", OBJECT_DETECTION), strict=True
    )
    for one, other in pairs:
        assert all(np.array_equal(one[key], other[key]) for key in one)
    text = tf.io.VarLenFeature(tf.string)
    carried = [each["coco/source"][0] for each in parsed(tmp_path / "with", {"coco/source": text})]
    assert [json.loads(json.loads(each)["image"]) for each in carried] == dataset.images
