"""Datasets as TensorFlow Datasets writes them, and what one split was converted to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from scene import HEIGHT, WIDTH
from tfrecords import Box, floats, ints, jpeg, texts


class Split(NamedTuple):
    """What one split was converted to."""

    coco: dict[str, Any]
    report: dict[str, Any]
    folder: Path


Make = Callable[..., Split]


def yxyx(*boxes: Box) -> bytes:
    """Boxes of the default format: normalised, y before x, one flat list."""
    return floats(*(value for x0, y0, x1, y1 in boxes for value in (y0 / HEIGHT, x0 / WIDTH, y1 / HEIGHT, x1 / WIDTH)))


def like_coco(
    name: str, boxes: tuple[Box, ...], labels: tuple[int, ...], number: int = 1, /, **more: bytes
) -> dict[str, bytes]:
    """A record as object_detection/coco.py describes it."""
    return {
        "image": texts(jpeg(WIDTH, HEIGHT)), "image/filename": texts(name), "image/id": ints(number),
        "objects/id": ints(*range(900, 900 + len(boxes))), "objects/area": ints(*[50] * len(boxes)),
        "objects/bbox": yxyx(*boxes), "objects/label": ints(*labels), "objects/is_crowd": ints(*[0] * len(boxes)),
        **more,
    }  # fmt: skip


LABELS = {"objects-label.labels.txt": "person\nbicycle\ncar\n"}


def features(bbox_format: str | None = "REL_YXYX") -> dict[str, Any]:
    """features.json of objects with box and label, as feature.proto prints it."""
    box: dict[str, Any] = {"shape": {"dimensions": ["4"]}, "dtype": "float32"}
    if bbox_format is not None:
        box["bboxFormat"] = bbox_format
    inner = {
        "bbox": {"pythonClassName": "tensorflow_datasets.core.features.bounding_boxes.BBoxFeature", "boundingBox": box},
        "label": {"classLabel": {"numClasses": "3"}},
    }
    objects = {"sequence": {"feature": {"featuresDict": {"features": inner}}, "length": "-1"}}
    return {"featuresDict": {"features": {"image": {"image": {"shape": {}, "dtype": "uint8"}}, "objects": objects}}}
