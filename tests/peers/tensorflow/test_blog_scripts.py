"""What people are told to paste when they ask how to get COCO out of TFRecords, against ``convert`` on the same file.

Each script below does what the usual answer of its kind does: tf.data.TFRecordDataset, tf.io.parse_single_example with
a description of the features, normalised corners times the size of the image, and a counter for the ids. They take the
records for granted; here those are sound, so both must say the same. Scripts do not round, we round to two decimals.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

# Where the types are checked, TensorFlow is not installed.
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]

from peers.tensorflow.writing import example, floats, ints, picture, texts, write
from tfrecord_lite import convert

Coco: TypeAlias = dict[str, list[dict[str, Any]]]
Script: TypeAlias = Callable[[str, dict[str, bytes]], Coco]

NAMES = {1: "cat", 2: "dog", 3: "bird"}
HALF_A_STEP = 0.005 + 1e-9  # pixels: what rounding to two decimals may change, and float64's own noise


def one_box_a_record(path: str, files: dict[str, bytes]) -> Coco:
    """First answer: every record is one picture with one box, and there is one category."""
    description = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/filename": tf.io.FixedLenFeature([], tf.string),
        "image/height": tf.io.FixedLenFeature([], tf.int64),
        "image/width": tf.io.FixedLenFeature([], tf.int64),
        "image/object/bbox/xmin": tf.io.FixedLenFeature([], tf.float32),
        "image/object/bbox/xmax": tf.io.FixedLenFeature([], tf.float32),
        "image/object/bbox/ymin": tf.io.FixedLenFeature([], tf.float32),
        "image/object/bbox/ymax": tf.io.FixedLenFeature([], tf.float32),
    }
    coco: Coco = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "object"}]}
    for number, raw in enumerate(tf.data.TFRecordDataset(path), start=1):
        parsed = tf.io.parse_single_example(raw, description)
        name = parsed["image/filename"].numpy().decode("utf-8")
        width, height = int(parsed["image/width"]), int(parsed["image/height"])
        files[name] = parsed["image/encoded"].numpy()
        coco["images"].append({"id": number, "file_name": name, "width": width, "height": height})
        x = float(parsed["image/object/bbox/xmin"]) * width
        y = float(parsed["image/object/bbox/ymin"]) * height
        w = float(parsed["image/object/bbox/xmax"]) * width - x
        h = float(parsed["image/object/bbox/ymax"]) * height - y
        coco["annotations"].append(
            {"id": number, "image_id": number, "category_id": 1, "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0}
        )
    return coco


def labels_by_a_map(path: str, files: dict[str, bytes]) -> Coco:
    """Second answer: the number of each object's class, and a dictionary that names the numbers."""
    label_map = {1: "cat", 2: "dog", 3: "bird"}
    numbers = tf.io.FixedLenSequenceFeature([], tf.float32, allow_missing=True)
    description = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/filename": tf.io.FixedLenFeature([], tf.string),
        "image/height": tf.io.FixedLenFeature([], tf.int64),
        "image/width": tf.io.FixedLenFeature([], tf.int64),
        "image/object/bbox/xmin": numbers,
        "image/object/bbox/xmax": numbers,
        "image/object/bbox/ymin": numbers,
        "image/object/bbox/ymax": numbers,
        "image/object/class/label": tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True),
    }
    dataset = tf.data.TFRecordDataset([path]).map(lambda raw: tf.io.parse_single_example(raw, description))
    categories: list[dict[str, Any]] = [{"id": number, "name": name} for number, name in label_map.items()]
    coco: Coco = {"images": [], "annotations": [], "categories": categories}
    for parsed in dataset.as_numpy_iterator():
        name = parsed["image/filename"].decode()
        width, height = int(parsed["image/width"]), int(parsed["image/height"])
        files[name] = parsed["image/encoded"]
        image = {"id": len(coco["images"]) + 1, "file_name": name, "width": width, "height": height}
        coco["images"].append(image)
        for i, label in enumerate(parsed["image/object/class/label"]):
            left, right = (float(parsed[f"image/object/bbox/x{end}"][i]) * width for end in ("min", "max"))
            top, bottom = (float(parsed[f"image/object/bbox/y{end}"][i]) * height for end in ("min", "max"))
            annotation = {
                "id": len(coco["annotations"]) + 1,
                "image_id": image["id"],
                "category_id": int(label),
                "bbox": [left, top, right - left, bottom - top],
                "area": (right - left) * (bottom - top),
                "iscrowd": 0,
            }
            coco["annotations"].append(annotation)
    return coco


def lists_of_any_length(path: str, files: dict[str, bytes]) -> Coco:
    """Third answer: sparse lists of boxes and labels, from none to many; the size is that of the decoded picture."""
    sides = [f"image/object/bbox/{side}" for side in ("xmin", "ymin", "xmax", "ymax")]
    description = {
        "image/encoded": tf.io.FixedLenFeature([], tf.string),
        "image/filename": tf.io.FixedLenFeature([], tf.string, default_value=""),
        "image/object/class/label": tf.io.VarLenFeature(tf.int64),
        "image/object/class/text": tf.io.VarLenFeature(tf.string),
        **{side: tf.io.VarLenFeature(tf.float32) for side in sides},
    }
    coco: Coco = {"images": [], "annotations": [], "categories": []}
    for raw in tf.data.TFRecordDataset(path):
        parsed = tf.io.parse_single_example(raw, description)
        data = parsed["image/encoded"].numpy()
        height, width, _ = tf.io.decode_image(data).shape
        name = parsed["image/filename"].numpy().decode()
        files[name] = data
        coco["images"].append({"id": len(coco["images"]) + 1, "file_name": name, "width": width, "height": height})
        boxes = tf.stack([tf.sparse.to_dense(parsed[side]) for side in sides], axis=-1).numpy().tolist()
        labels = tf.sparse.to_dense(parsed["image/object/class/label"]).numpy().tolist()
        names = tf.sparse.to_dense(parsed["image/object/class/text"]).numpy().tolist()
        for (xmin, ymin, xmax, ymax), label, text in zip(boxes, labels, names, strict=True):
            category = {"id": label, "name": text.decode()}
            if category not in coco["categories"]:
                coco["categories"].append(category)
            box = [xmin * width, ymin * height, (xmax - xmin) * width, (ymax - ymin) * height]
            coco["annotations"].append(
                {
                    "id": len(coco["annotations"]) + 1,
                    "image_id": len(coco["images"]),
                    "category_id": label,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                }
            )
    coco["categories"].sort(key=lambda category: int(category["id"]))
    return coco


def features(chance: random.Random, number: int, boxes: int) -> dict[str, Any]:
    """A record with random boxes of random classes, somewhere in a picture of random size."""
    width, height = chance.randint(8, 900), chance.randint(8, 600)
    name = f"picture_{number:03d}.{chance.choice(['jpg', 'png'])}"
    corners: list[list[float]] = [[], [], [], []]
    for _ in range(boxes):
        x, y = (sorted(chance.sample(range(length * 4 + 1), 2)) for length in (width, height))
        for side, value in zip(corners, (x[0] / width, y[0] / height, x[1] / width, y[1] / height), strict=True):
            side.append(value / 4)  # every quarter of a pixel
    labels = [chance.randint(1, 3) for _ in range(boxes)]
    return {
        "image/encoded": texts(picture(name, width, height)),
        "image/filename": texts(name),
        "image/height": ints(height),
        "image/width": ints(width),
        "image/object/bbox/xmin": floats(*corners[0]),
        "image/object/bbox/ymin": floats(*corners[1]),
        "image/object/bbox/xmax": floats(*corners[2]),
        "image/object/bbox/ymax": floats(*corners[3]),
        "image/object/class/label": ints(*labels),
        "image/object/class/text": texts(*(NAMES[label] for label in labels)),
    }


LABEL, TEXT = "image/object/class/label", "image/object/class/text"


@pytest.mark.parametrize(
    ("script", "counts", "left_out", "label_map"),
    [
        pytest.param(one_box_a_record, (1, 1), {LABEL, TEXT}, None, id="one box a record, no class"),
        pytest.param(labels_by_a_map, (1, 6), {TEXT}, NAMES, id="labels by a map"),
        pytest.param(lists_of_any_length, (0, 25), set(), None, id="lists of any length"),
        pytest.param(lists_of_any_length, (0, 25), set(), NAMES, id="lists of any length, with the map as well"),
    ],
)
@pytest.mark.parametrize("compression", ["", "GZIP"])
def test_we_say_what_the_script_says(
    tmp_path: Path,
    script: Script,
    counts: tuple[int, int],
    left_out: set[str],
    label_map: Mapping[int, str] | None,
    compression: str,
) -> None:
    chance = random.Random(repr(counts))
    numbers = [*counts, *(chance.randint(*counts) for _ in range(30))]
    records = [features(chance, number, boxes) for number, boxes in enumerate(numbers)]
    payloads = [example({key: record[key] for key in record.keys() - left_out}) for record in records]
    # The scripts know of no compression; what they are compared with does not care.
    write(tmp_path / "plain.tfrecord", payloads)
    write(tmp_path / "x.tfrecord", payloads, compression)

    files: dict[str, bytes] = {}
    theirs = script(str(tmp_path / "plain.tfrecord"), files)
    output, images = tmp_path / "x.json", tmp_path / "images"
    convert(tmp_path / "x.tfrecord", output, images=images, label_map=label_map, strict=True)
    ours: Coco = json.loads(output.read_text("utf-8"))

    def chosen(coco: Coco, part: str, *keys: str) -> list[list[Any]]:
        return [[entry[key] for key in keys] for entry in coco[part]]

    assert len(theirs["annotations"]) == sum(numbers)
    for part, keys in {
        "images": ("id", "file_name", "width", "height"),
        "annotations": ("id", "image_id", "category_id", "iscrowd"),
        "categories": ("id", "name"),
    }.items():
        assert chosen(ours, part, *keys) == chosen(theirs, part, *keys)
    for mine, other in zip(ours["annotations"], theirs["annotations"], strict=True):
        assert mine["bbox"] == pytest.approx(other["bbox"], rel=0, abs=HALF_A_STEP)
        # The area is that of the box as it is written, whose sides are up to half a step off.
        assert mine["area"] == pytest.approx(mine["bbox"][2] * mine["bbox"][3], rel=1e-12)
        assert mine["area"] == pytest.approx(other["area"], rel=0, abs=HALF_A_STEP * (sum(other["bbox"][2:]) + 1))
    assert {path.name: path.read_bytes() for path in images.iterdir()} == files
