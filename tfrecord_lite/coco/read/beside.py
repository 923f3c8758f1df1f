"""What COCO files say beside images, annotations and the facts of classes: no record has a place for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tfrecord_lite.coco.draft.entries import INFO
from tfrecord_lite.coco.read.reader import open_coco

CLASS_FACTS = ("supercategory", "keypoints", "skeleton", "isthing", "frequency", "instance_count")
"""What is said of a class beside its name, and has a place in a label map, or in what objects have."""
_KNOWN = {"id", "name", *CLASS_FACTS}
_LISTS = {"images", "annotations", "categories"}
_NOTHING: tuple[object, ...] = (None, [], {}, "")


def lean(category: Mapping[str, Any]) -> Mapping[str, Any]:
    """A category of which nothing is kept that may be large and is not read: other keys have True for any value."""
    if category.keys() <= _KNOWN:
        return category
    return {
        key: value if key in _KNOWN else True
        for key, value in category.items()
        if key in _KNOWN or value not in _NOTHING
    }


def beside(files: Iterable[str], tables: Iterable[Iterable[Mapping[str, Any]]]) -> list[str]:
    """The keys of COCO files that hold something else, such as ``info`` and ``categories/color``, sorted.

    Args:
        files: their paths.
        tables: their categories.

    Raises:
        CocoFileError: a file is damaged. OSError: it cannot be read.
    """
    keys = {
        f"categories/{key}"
        for table in tables
        for category in table
        for key, value in category.items()
        if value not in _NOTHING and (key not in _KNOWN or (key == "supercategory" and type(value) is not str))
    }
    for path in files:
        with open_coco(path) as file:
            keys |= {
                key
                for key in file.parts.keys() - _LISTS
                if key not in ("info", "licenses") or file.value(key) not in (*_NOTHING, INFO)
            }
    return sorted(keys)
