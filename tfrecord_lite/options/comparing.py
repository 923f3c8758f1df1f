"""The options of ``compare``."""

from __future__ import annotations

from tfrecord_lite.options.converting import MERGE_IMAGES, ON_ERROR, SPLIT
from tfrecord_lite.options.option import flag
from tfrecord_lite.options.reading import MEANING, RECORD_OPTIONS

_COMPARED = "what is compared"

COMPARE_OPTIONS = (
    flag("ids", _COMPARED, "also the ids of images, objects and categories, and the source ids of records"),
    flag(
        "strict",
        _COMPARED,
        "lesser differences count as well: other bytes of equal pixels, the folder or ending of a file name",
    ),
    flag(
        "pictures",
        _COMPARED,
        "do not compare pictures: reading those of a COCO dataset takes most of the time",
        typed="--no-pictures",
        default=True,
    ),
    *RECORD_OPTIONS,
    MERGE_IMAGES,
    SPLIT._replace(group=MEANING, help="put all records into one split of this name"),
    ON_ERROR,
)
"""What ``compare`` takes, in the order of its help."""
