"""TensorFlow Datasets: the features of a dataset, flattened to keys, whatever it calls them.

On disk each leaf of the nested feature dict is one key, levels joined by ``/``; boxes are four values an object in one
list, y before x; class numbers are indexes from 0, their names in ``<feature>-label.labels.txt``. Sources (4.9):
core/example_serializer.py, core/features/bounding_boxes.py (the order in which arrays are stored is that of the format
in features.json), core/features/class_label_feature.py; kitti's y counts from the bottom:
datasets/kitti/kitti_dataset_builder.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from tfrecord_lite.schemas.evidence import Keys
from tfrecord_lite.schemas.layout import Layout

_IMAGES = ("image", "image/content", "image_left")
_GROUPS = ("objects", "bobjects", "faces", "annotations", "tracks")  # by preference; any other comes behind
_CATEGORIES = {"faces": "face"}
_NUMBERS = ("label", "type")
_FORMATS = {"REL_YXYX": ("yxyx", False), "YXYX": ("yxyx", True), "REL_XYXY": ("xyxy", False), "XYXY": ("xyxy", True)}
_FORMATS |= {"XYWH": ("xywh", True), "REL_XYWH": ("xywh", False)}
_KITTI = {"type", "dimensions", "location", "rotation_y"}
_LARGEST_SIDECAR = 16 << 20  # bytes


def recognise(keys: Keys, path: str) -> Layout | None:
    """A layout made of the keys at hand, where an image stands beside boxes of four values, or a sidecar tells.

    keys: of the first records; path: the record file, beside which features.json may stand.
    """
    image = next((key for key in _IMAGES if key in keys and keys[key].kind in ("bytes", None)), None)
    if image is None:
        return None
    sidecar = _read_json(path, "features.json")
    boxes = sorted(filter(lambda key: _holds_boxes(key, keys), keys), key=_rank)
    if not boxes and sidecar is None:
        return None
    base = _layout_of_image(image)
    captions = ("captions/text", "captions")
    if not boxes:
        return Layout(**base, caption=captions, label_number=("label", "labels"))
    box = boxes[0]
    group = box[: -len("bbox")]
    number = tuple(group + name for name in _NUMBERS)
    below = {key[len(group) :] for key in keys if key.startswith(group)} if group else set()
    order, pixel = _FORMATS.get(dict(_box_formats(sidecar or {})).get(box, "REL_YXYX"), ("yxyx", False))
    has_group_number = any(key in keys for key in number)
    return Layout(
        **base,
        box=(box,),
        box_order=order,
        pixel=pixel,
        flipped=below >= _KITTI,
        number=number if has_group_number else (("label",) if "label" in keys and not group else ()),
        category=_CATEGORIES.get(group.rstrip("/"), ""),
        area=(group + "area",),
        crowd=(group + "is_crowd",),
        group=(group + "is_group_of",),
        mask=(group + "segmentation", group + "mask"),
        rle_counts=(group + "segmentation/counts",),
        rle_size=(group + "segmentation/size",),
        caption=captions,
        label_number=("label", "labels") if group else (),
        panoptic_png=("panoptic_image",),
        panoptic_number=("panoptic_objects/id",),
        panoptic_label=("panoptic_objects/label",),
        panoptic_crowd=("panoptic_objects/is_crowd",),
        attribute_prefix=group or "bbox/",
        attribute_names={"is_truncated": "truncated", "is_difficult": "difficult", "is_occluded": "occluded"},
    )


def _layout_of_image(image: str) -> dict[str, Any]:
    """The roles of the image itself."""
    return {
        "name": "tfds",
        "encoded": (image,),
        "filename": ("image/filename", "image/file_name", "file_name", "filename"),
        "source_id": ("image/id", "image/image_id", "image_id", "id"),
        "width": ("image/width",),
        "height": ("image/height",),
        "zero_based": True,
        "fact_lists": {
            "neg_category_ids": "neg_category_ids",
            "not_exhaustive_category_ids": "not_exhaustive_category_ids",
        },
        "implied": frozenset(
            {
                "captions/id",
                "panoptic_image/filename",
                "panoptic_objects/area",
                "panoptic_objects/bbox",
                "labels_no_difficult",
            }
        ),
    }


def _holds_boxes(key: str, keys: Keys) -> bool:
    """Whether a key holds four numbers an object."""
    facts = keys[key]
    is_box = key == "bbox" or key.endswith("/bbox")
    return is_box and facts.kind in ("float", None) and facts.least % 4 == 0 == facts.most % 4


def _rank(key: str) -> tuple[int, str]:
    group = key.rpartition("/")[0]
    return (_GROUPS.index(group) if group in _GROUPS else len(_GROUPS) + (group == "panoptic_objects"), key)


def _read_json(path: str, name: str) -> Mapping[str, Any] | None:
    """A sidecar of a record file; None where there is none that can be read."""
    sidecar = os.path.join(os.path.dirname(path), name)
    try:
        if os.path.getsize(sidecar) > _LARGEST_SIDECAR:
            return None
        with open(sidecar, encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _box_formats(feature: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """The key and the format of every bounding box feature in features.json."""
    if isinstance(box := feature.get("boundingBox"), dict):
        yield path, str(box.get("bboxFormat", "REL_YXYX"))
    if isinstance(sequence := feature.get("sequence"), dict) and isinstance(inner := sequence.get("feature"), dict):
        yield from _box_formats(inner, path)
    nested = feature.get("featuresDict", {})
    for name, inner in (nested.get("features", {}) if isinstance(nested, dict) else {}).items():
        if isinstance(inner, dict):
            yield from _box_formats(inner, f"{path}/{name}" if path else name)
