"""TensorFlow Datasets: the features of a dataset, flattened to keys, whatever it calls them.

On disk each leaf of the nested feature dict is one key, levels joined by ``/``; boxes are four values per object in one
list, y before x; class numbers are indexes from 0, their names in ``<feature>-label.labels.txt``. What a key is,
features.json in the same folder says, in releases from 4.4 on. Sources (4.9): core/example_serializer.py,
core/features/bounding_boxes.py (arrays are stored in the order of the format that features.json gives),
core/features/class_label_feature.py; kitti's y counts from the bottom: datasets/kitti/kitti_dataset_builder.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tfrecord_lite.inputs.storage import read_sidecar
from tfrecord_lite.inputs.urls import folder_of, join
from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

_IMAGES = ("image", "image/content", "image_left")
_SEMANTIC = ("segmentation_label", "annotation")  # of cityscapes and scene_parse150: a class number a pixel
_GROUPS = ("objects", "bobjects", "faces", "annotations", "tracks")  # by preference; any other comes after these
_CATEGORIES = {"faces": "face"}
_IMAGE_CLASSES = ("label", "labels")
_NUMBERS = ("label", "type")
_FORMATS = {"REL_YXYX": ("yxyx", False), "YXYX": ("yxyx", True), "REL_XYXY": ("xyxy", False), "XYXY": ("xyxy", True)}
_FORMATS |= {"XYWH": ("xywh", True), "REL_XYWH": ("xywh", False)}
_KITTI = {"type", "dimensions", "location", "rotation_y"}
_IMPLIED = {
    "captions/id",
    "labels_no_difficult",
    "panoptic_image/filename",
    "panoptic_objects/area",
    "panoptic_objects/bbox",
}

Declared = Mapping[str, tuple[str, str]]
"""What features.json says of a key: ``box`` and its format, ``class``, or ``other``."""


def recognise(keys: Keys, path: str) -> Schema | None:
    """A schema made of the keys at hand, if there are an image and boxes of four values, or if features.json says so.

    keys: of the first records; path: the record file, in whose folder features.json may be.
    """
    image = next((key for key in _IMAGES if key in keys and keys[key].kind in ("bytes", None)), None)
    if image is None:
        return None
    features = _read_features(path)
    declared: Declared = dict(_leaves(features or {}, ""))
    boxes = sorted((key for key in keys if _holds_boxes(key, keys, declared)), key=_rank)
    if not boxes:
        semantic = next((key for key in _SEMANTIC if key in keys and keys[key].is_image), None)
        if semantic is not None:  # its numbers are the dataset's own, not indexes
            return _schema(image, label_number=_IMAGE_CLASSES, semantic=(semantic,), zero_based=False)
        return None if features is None else _schema(image, label_number=_IMAGE_CLASSES)
    box = boxes[0]
    group = box[: box.rfind("/") + 1]
    below = {key[len(group) :] for key in keys if key.startswith(group)} if group else set()
    number = _class_keys(group, keys, declared)
    order, pixel = _FORMATS.get(declared.get(box, ("box", ""))[1], ("", None))
    return _schema(
        image,
        box=(box,),
        box_order=order,
        pixel=pixel,
        flipped=below >= _KITTI,
        # A plain number is what it says; only a ClassLabel is an index from 0.
        zero_based=not any(declared.get(key, ("class", ""))[0] == "other" for key in number),
        number=number,
        category=_CATEGORIES.get(group.rstrip("/"), ""),
        area=(group + "area",),
        crowd=(group + "is_crowd",),
        group=(group + "is_group_of",),
        mask=(group + "segmentation", group + "mask"),
        rle_counts=(group + "segmentation/counts",),
        rle_size=(group + "segmentation/size",),
        label_number=_IMAGE_CLASSES,
        label_names=_names_of_images(path, number),
        panoptic_png=("panoptic_image",),
        panoptic_number=("panoptic_objects/id",),
        panoptic_label=("panoptic_objects/label",),
        panoptic_crowd=("panoptic_objects/is_crowd",),
        attribute_prefix=group or "bbox/",
        attribute_names={"is_truncated": "truncated", "is_difficult": "difficult", "is_occluded": "occluded"},
        attribute_sizes={"dimensions": 3, "location": 3, "crop_box": 4},
    )


def _schema(image: str, **roles: Any) -> Schema:  # noqa: ANN401 - as many types as roles
    """The roles that are the same in every dataset, and those of this one."""
    common: dict[str, Any] = {
        "name": "tfds",
        "encoded": (image,),
        "filename": ("image/filename", "image/file_name", "file_name", "filename"),
        "source_id": ("image/id", "image/image_id", "image_id", "id"),
        "width": ("image/width",),
        "height": ("image/height",),
        "zero_based": True,
        "caption": ("captions/text", "captions"),
        "metadata_lists": {
            "neg_category_ids": "neg_category_ids",
            "not_exhaustive_category_ids": "not_exhaustive_category_ids",
        },
        "implied": frozenset(_IMPLIED),
    }
    return Schema(**common | roles)


def _holds_boxes(key: str, keys: Keys, declared: Declared) -> bool:
    """Whether a key holds four numbers an object."""
    facts = keys[key]
    named = declared[key][0] == "box" if key in declared else key.rpartition("/")[2] == "bbox"
    return named and facts.kind in ("float", None) and facts.least % 4 == 0 == facts.most % 4


def _class_keys(group: str, keys: Keys, declared: Declared) -> tuple[str, ...]:
    """The key of the class of each object: by features.json, else by name; else the class of the whole image."""
    inside = [key for key, (kind, _) in declared.items() if kind == "class" and key[: key.rfind("/") + 1] == group]
    for key in (*(group + name for name in _NUMBERS), *sorted(inside)):
        if key in keys:
            return (key,)
    return ("label",) if "label" in keys else ()


def _names_of_images(path: str, number: tuple[str, ...]) -> dict[str, str]:
    """The classes of whole images, if they have names of their own, apart from those of the objects."""
    objects = _read_names(path, number[0]) if number else None
    images = next((found for key in _IMAGE_CLASSES if (found := _read_names(path, key)) is not None), None)
    if objects is None or images is None or objects == images:
        return {}
    return {str(index): name for index, name in enumerate(images)}


def _read_names(path: str, key: str) -> list[str] | None:
    """The names of a feature's classes, one a line in ``<feature>-<feature>.labels.txt``; None without such a file."""
    content = _read_sidecar(path, key.replace("/", "-") + ".labels.txt")
    return None if content is None else [line.strip() for line in content.split("\n") if line.strip()]


def _rank(key: str) -> tuple[int, str]:
    group = key.rpartition("/")[0]
    return (_GROUPS.index(group) if group in _GROUPS else len(_GROUPS) + (group == "panoptic_objects"), key)


def _read_features(path: str) -> Mapping[str, Any] | None:
    """features.json in the folder of a record file, or None if it cannot be read."""
    try:
        content = json.loads(_read_sidecar(path, "features.json") or "")
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _read_sidecar(path: str, name: str) -> str | None:
    """A text file in the folder of a record file, or None if it cannot be read."""
    data = read_sidecar(join(folder_of(path), name))
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        return None


def _leaves(feature: Mapping[str, Any], path: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The keys that features.json describes, with what they are."""
    sequence, nested = feature.get("sequence"), feature.get("featuresDict")
    if isinstance(sequence, dict):
        inner = sequence.get("feature")
        if isinstance(inner, dict):
            yield from _leaves(inner, path)
    elif isinstance(nested, dict):
        features = nested.get("features")
        for name, inner in features.items() if isinstance(features, dict) else ():
            if isinstance(inner, dict):
                yield from _leaves(inner, f"{path}/{name}" if path else name)
    elif isinstance(box := feature.get("boundingBox"), dict):
        yield path, ("box", str(box.get("bboxFormat") or "REL_YXYX"))
    elif "classLabel" in feature:
        yield path, ("class", "")
    elif path:
        yield path, ("other", "")
