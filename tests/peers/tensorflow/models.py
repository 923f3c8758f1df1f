"""A COCO image and its annotations as TensorFlow Models writes them, by the rules of create_coco_tf_record.py.

Source: tensorflow/models, research/object_detection/dataset_tools/create_coco_tf_record.py, create_tf_example.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from peers.tensorflow.writing import floats, ints, texts

Entry: TypeAlias = dict[str, Any]


def of_image(image: Entry, data: bytes) -> dict[str, Any]:
    """The features of the image itself. data: the encoded picture."""
    return {
        "image/height": ints(image["height"]),
        "image/width": ints(image["width"]),
        "image/filename": texts(image["file_name"]),
        "image/source_id": texts(str(image["id"])),
        "image/key/sha256": texts(hashlib.sha256(data).hexdigest()),
        "image/encoded": texts(data),
        "image/format": texts("png" if image["file_name"].endswith(".png") else "jpeg"),
    }


def of_annotations(image: Entry, annotations: Sequence[Entry], names: Mapping[int, str]) -> dict[str, Any]:
    """The features of its annotations: corners divided by its size, in 32-bit floats, and classes by their names."""
    width, height = image["width"], image["height"]
    boxes = [annotation["bbox"] for annotation in annotations]
    return {
        "image/object/bbox/xmin": floats(*(x / width for x, _, _, _ in boxes)),
        "image/object/bbox/xmax": floats(*((x + w) / width for x, _, w, _ in boxes)),
        "image/object/bbox/ymin": floats(*(y / height for _, y, _, _ in boxes)),
        "image/object/bbox/ymax": floats(*((y + h) / height for _, y, _, h in boxes)),
        "image/object/class/text": texts(*(names[annotation["category_id"]] for annotation in annotations)),
        "image/object/is_crowd": ints(*(annotation["iscrowd"] for annotation in annotations)),
        "image/object/area": floats(*(annotation["area"] for annotation in annotations)),
    }


def label_map_text(names: Mapping[int, str]) -> str:
    """The categories as mscoco_label_map.pbtxt has them: ``name`` first, ids with gaps."""
    return "".join(f'item {{\n  name: "{name}"\n  id: {number}\n}}\n' for number, name in names.items())
