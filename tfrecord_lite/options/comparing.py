"""The options of ``compare``."""

from __future__ import annotations

from tfrecord_lite.options.converting import MERGE_IMAGES, ON_ERROR, SPLIT
from tfrecord_lite.options.kinds import Flag
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.reading import MEANING, RECORD_OPTIONS

_COMPARED = "what is compared"

COMPARE_OPTIONS = (
    Option(
        name="ids",
        kind=Flag(),
        default=False,
        group=_COMPARED,
        help="also the ids of images, objects and categories, and the source ids of records",
    ),
    Option(
        name="strict",
        kind=Flag(),
        default=False,
        group=_COMPARED,
        help="lesser differences count as well: other bytes of equal pixels, the folder or ending of a file name",
    ),
    Option(
        name="pictures",
        flag="--no-pictures",
        kind=Flag(off=True),
        default=True,
        group=_COMPARED,
        help="leave the pictures themselves out: a COCO dataset's are not read, which takes most of the time",
    ),
    *RECORD_OPTIONS,
    MERGE_IMAGES,
    SPLIT._replace(group=MEANING, help="put all records into one split of this name"),
    ON_ERROR,
)
"""What ``compare`` takes, in the order of its help."""
