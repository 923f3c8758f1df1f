"""The script that blogs and answers publish: TensorFlow, one record after the other, one json.dump at the end.

    published.py encode|copy CORPUS OUT

encode: as it is usually shown; each picture is decoded, and saved by Pillow, which encodes it again.
copy: with the bytes of the record written as they are.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from PIL import Image

FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/filename": tf.io.FixedLenFeature([], tf.string),
    "image/height": tf.io.FixedLenFeature([], tf.int64),
    "image/width": tf.io.FixedLenFeature([], tf.int64),
    "image/object/bbox/xmin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/xmax": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/ymin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/ymax": tf.io.VarLenFeature(tf.float32),
    "image/object/class/label": tf.io.VarLenFeature(tf.int64),
    "image/object/class/text": tf.io.VarLenFeature(tf.string),
}


def convert(path: str, out: str, *, encode: bool) -> int:
    folder = os.path.join(out, "images")
    os.makedirs(folder)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    names: dict[int, str] = {}
    for raw in tf.data.TFRecordDataset(path):
        record = tf.io.parse_single_example(raw, FEATURES)
        name = record["image/filename"].numpy().decode()
        height, width = int(record["image/height"]), int(record["image/width"])
        if encode:
            pixels = tf.io.decode_jpeg(record["image/encoded"]).numpy()
            Image.fromarray(pixels.squeeze()).save(os.path.join(folder, name))
        else:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(record["image/encoded"].numpy())
        number = len(images) + 1
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        sides = [record[f"image/object/bbox/{side}"].values.numpy() for side in ("xmin", "ymin", "xmax", "ymax")]
        labels = record["image/object/class/label"].values.numpy()
        texts = record["image/object/class/text"].values.numpy()
        for i in range(len(labels)):
            x, y = float(sides[0][i]) * width, float(sides[1][i]) * height
            w, h = float(sides[2][i]) * width - x, float(sides[3][i]) * height - y
            label = int(labels[i])
            names[label] = texts[i].decode()
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": label,
                    "bbox": [x, y, w, h],
                    "area": w * h,
                    "iscrowd": 0,
                    "segmentation": [],
                }
            )
    categories = [{"id": label, "name": name} for label, name in sorted(names.items())]
    with open(os.path.join(out, "instances.json"), "w", encoding="utf-8") as file:
        json.dump({"images": images, "annotations": annotations, "categories": categories}, file)
    return len(images)


def main() -> None:
    mode, path, out = sys.argv[1:]
    convert(path, out, encode=mode == "encode")


if __name__ == "__main__":
    main()
