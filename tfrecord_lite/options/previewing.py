"""The options of ``preview``."""

from __future__ import annotations

from tfrecord_lite.options.converting import ON_ERROR
from tfrecord_lite.options.kinds import Name, Path, Whole
from tfrecord_lite.options.option import Option, flag
from tfrecord_lite.options.reading import (
    ALLOW_MISSING_SHARDS,
    CATEGORY,
    COORDINATES,
    IMAGE_INDEX,
    IMAGE_ROOT,
    IMAGE_SIZE,
    LABEL_MAP,
    MAX_RECORD_SIZE_OPTION,
    ROLES,
    SCHEMA,
)

SHOWN = "what is shown"

PREVIEW_OPTIONS = (
    Option(
        "sample",
        Whole("pictures"),
        SHOWN,
        "how many pictures; every class is shown, rare ones too",
        default_text="20 on a sheet, else 200",
    ),
    Option("seed", Whole("a seed", 0), SHOWN, "another number gives another choice of pictures", default=0),
    flag(
        "read_all",
        SHOWN,
        "read every record; by default at most a few thousand, the first ones of each file",
        typed="--all",
    ),
    Option(
        "only_classes",
        Name("NAME"),
        SHOWN,
        "only pictures that have this class, and only its objects; any number of times",
        default=(),
        repeated=True,
        typed="--only-class",
    ),
    flag("warned", SHOWN, "pictures with warnings first"),
    Option(
        "font", Path("FILE"), SHOWN, "the font of names", default_text="one on this machine that has their characters"
    ),
    flag("overwrite", SHOWN, "replace a sheet or page that exists"),
    ALLOW_MISSING_SHARDS,
    MAX_RECORD_SIZE_OPTION,
    LABEL_MAP,
    SCHEMA,
    ROLES,
    COORDINATES,
    CATEGORY,
    IMAGE_ROOT,
    IMAGE_SIZE,
    IMAGE_INDEX,
    ON_ERROR._replace(
        default="skip",
        help="fail: show nothing if anything is bad; skip: leave it out, and say so; recover: "
        "also look for records after damaged headers",
    ),
)
"""What ``preview`` takes, in the order of its help."""
