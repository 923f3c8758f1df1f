"""The options of ``preview``."""

from __future__ import annotations

from tfrecord_lite.options.converting import ON_ERROR
from tfrecord_lite.options.kinds import Flag, Name, Path, Whole
from tfrecord_lite.options.option import Option
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
        name="sample",
        kind=Whole("pictures"),
        default_text="20 on a sheet, else 200",
        group=SHOWN,
        help="how many pictures; every class comes, the rare ones too",
    ),
    Option(
        name="seed",
        kind=Whole("a seed", 0),
        default=0,
        group=SHOWN,
        help="another number gives another choice of pictures",
    ),
    Option(
        name="read_all",
        flag="--all",
        kind=Flag(),
        default=False,
        group=SHOWN,
        help="read every record; else no more than some thousand, the first ones of each file",
    ),
    Option(
        name="only_classes",
        flag="--only-class",
        kind=Name("NAME"),
        default=(),
        repeated=True,
        group=SHOWN,
        help="pictures that have this class, and only such objects; any number of times",
    ),
    Option(name="warned", kind=Flag(), default=False, group=SHOWN, help="pictures with warnings first"),
    Option(
        name="font",
        kind=Path("FILE"),
        default_text="one of this machine that has their characters",
        group=SHOWN,
        help="the font of names",
    ),
    Option(name="overwrite", kind=Flag(), default=False, group=SHOWN, help="replace a sheet or page that exists"),
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
