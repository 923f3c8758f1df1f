"""COCO to TFRecord as the scripts of trainers do it: TensorFlow, pycocotools, Pillow, all annotations in memory.

    plain_writer.py COCO.json PICTURES OUT.tfrecord

The steps are those of create_coco_tf_record.py in research/object_detection and official/vision/data
(tensorflow/models).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from typing import Any

import numpy as np
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]


def feature(values: list[Any]) -> tf.train.Feature:
    """A feature of the kind of its values."""
    if values and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def encoded(segmentation: dict[str, Any] | list[Any], height: int, width: int) -> bytes:
    """A mask as PNG."""
    found = pycoco.decode(pycoco.frPyObjects(segmentation, height, width))
    pixels = np.amax(found, axis=2) if found.ndim == 3 else found
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    return png.getvalue()


def write(source: str, pictures: str, target: str) -> int:
    """Writes one file. Returns how many records it has."""
    with open(source, encoding="utf-8") as file:
        coco = json.load(file)
    names = {category["id"]: category["name"].encode() for category in coco["categories"]}
    of_image: dict[int, list[Any]] = {}
    for annotation in coco["annotations"]:
        of_image.setdefault(annotation["image_id"], []).append(annotation)
    with tf.io.TFRecordWriter(target) as out:
        for image in coco["images"]:
            with open(os.path.join(pictures, image["file_name"]), "rb") as picture:
                data = picture.read()
            out.write(record(image, data, of_image.get(image["id"], []), names))
    return len(coco["images"])


def record(image: dict[str, Any], data: bytes, objects: list[Any], names: dict[int, bytes]) -> bytes:
    """The record of one image."""
    width, height = image["width"], image["height"]
    boxes = [each["bbox"] for each in objects]
    features = {
        "image/encoded": [data],
        "image/format": [b"jpeg"],
        "image/key/sha256": [hashlib.sha256(data).hexdigest().encode()],
        "image/filename": [image["file_name"].encode()],
        "image/source_id": [str(image["id"]).encode()],
        "image/width": [width],
        "image/height": [height],
        "image/object/bbox/xmin": [x / width for x, _, _, _ in boxes],
        "image/object/bbox/ymin": [y / height for _, y, _, _ in boxes],
        "image/object/bbox/xmax": [(x + w) / width for x, _, w, _ in boxes],
        "image/object/bbox/ymax": [(y + h) / height for _, y, _, h in boxes],
        "image/object/class/label": [each["category_id"] for each in objects],
        "image/object/class/text": [names[each["category_id"]] for each in objects],
        "image/object/area": [float(each["area"]) for each in objects],
        "image/object/is_crowd": [each["iscrowd"] for each in objects],
        "image/object/mask": [encoded(each["segmentation"], height, width) for each in objects],
    }
    message = {key: feature(values) for key, values in features.items()}
    payload: bytes = tf.train.Example(features=tf.train.Features(feature=message)).SerializeToString()
    return payload


if __name__ == "__main__":
    write(*sys.argv[1:4])
