"""Label maps of every kind -> which class a number or a text of a record means."""

from __future__ import annotations

from tfrecord_lite.labels.files import read_label_map
from tfrecord_lite.labels.items import LabelItem, LabelMap, label_map_from_mapping, merge_label_maps
from tfrecord_lite.labels.sidecars import find_label_map, find_panoptic_label_map

__all__ = [
    "LabelItem",
    "LabelMap",
    "find_label_map",
    "find_panoptic_label_map",
    "label_map_from_mapping",
    "merge_label_maps",
    "read_label_map",
]
