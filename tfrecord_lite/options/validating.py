"""The options of ``validate``."""

from __future__ import annotations

from tfrecord_lite.options.kinds import NameList, Path
from tfrecord_lite.options.option import Option

_CHECKED = "what is checked"

VALIDATE_OPTIONS = (
    Option("images", Path("DIR"), _CHECKED, "where the pictures are, which are also decoded"),
    Option(
        "readers",
        NameList("NAMES"),
        _CHECKED,
        "only what breaks these readers, such as pycocotools,ultralytics",
        default=(),
        default_text="all",
        typed="--for",
    ),
)
"""What ``validate`` takes, in the order of its help."""
