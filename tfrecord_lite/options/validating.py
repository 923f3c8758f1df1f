"""The options of ``validate``."""

from __future__ import annotations

from tfrecord_lite.options.kinds import NameList, Path
from tfrecord_lite.options.option import Option

_CHECKED = "what is checked"

VALIDATE_OPTIONS = (
    Option(
        name="images",
        kind=Path("DIR"),
        group=_CHECKED,
        help="where the pictures are; they are decoded, too",
    ),
    Option(
        name="readers",
        flag="--for",
        kind=NameList("NAMES"),
        default=(),
        default_text="all",
        group=_CHECKED,
        help="only what breaks these readers, such as pycocotools,ultralytics",
    ),
)
"""What ``validate`` takes, in the order of its help."""
