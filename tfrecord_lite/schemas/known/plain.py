"""Boxes under the plain names of their sides, as people's own scripts write them; the format has no name.

``image``, ``label``, ``xmin``, ``ymin``, ``xmax``, ``ymax``, or the same below a folder of boxes; one value an object.
"""

from __future__ import annotations

from typing import Any

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.known.classification import CLASSIFICATION, captions_in
from tfrecord_lite.schemas.schema import Schema

_FOLDERS = ("", "bbox/", "bbox_", "box/", "boxes/", "objects/", "object/", "objects/bbox/", "object/bbox/")
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_NUMBERS = ("label", "labels", "class", "classes", "class_id", "category_id", "class/label")
_TEXTS = ("label_text", "class_text", "class_name", "text", "name", "names", "class/text")


def _below(*names: str) -> tuple[str, ...]:
    """These names below every folder."""
    return tuple(folder + name for folder in _FOLDERS for name in names)


_ROLES: dict[str, Any] = {side: _below(side) for side in _SIDES}
PLAIN = CLASSIFICATION._replace(
    name="plain",
    **_ROLES,
    number=_below(*_NUMBERS),
    text=_below(*_TEXTS),
    area=_below("area"),
    crowd=_below("is_crowd", "iscrowd"),
    label_number=("image/class/label",),
    label_text=("image/class/text",),
    source_id=(*CLASSIFICATION.source_id, "image/source_id", "source_id"),
)


def recognise(keys: Keys) -> Schema | None:
    """All four sides below one folder, and an image."""
    has_image = any(key in keys and keys[key].kind in ("bytes", None) for key in PLAIN.encoded)
    if has_image and any(all(folder + side in keys for side in _SIDES) for folder in _FOLDERS):
        return PLAIN._replace(caption=captions_in(keys))
    return None
