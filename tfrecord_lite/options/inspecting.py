"""The options of ``inspect``: all those of ``convert`` that change what it reads, warns about or refuses."""

from __future__ import annotations

from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.kinds import Flag
from tfrecord_lite.options.option import Option

_TAKEN = frozenset(
    {
        "allow_empty",
        "allow_missing_shards",
        "max_record_size",
        "label_map",
        "schema",
        "roles",
        "coordinates",
        "category",
        "drop_empty_boxes",
        "image_root",
        "image_size",
        "image_index",
        "ignored_labels",
        "panoptic_divisor",
        "merge_images",
        "write_images",
        "split",
        "masks",
        "image_ids",
        "on_error",
        "strict",
        "fail_on",
        "verify_images",
    }
)
_ALL = Option(
    name="read_all",
    flag="--all",
    kind=Flag(),
    default=False,
    group="which records",
    help="read every record; else of large inputs no more than some thousand, the first ones of each file",
)

INSPECT_OPTIONS = (_ALL, *(option for option in CONVERT_OPTIONS if option.name in _TAKEN))
"""What ``inspect`` takes, in the order of its help."""
