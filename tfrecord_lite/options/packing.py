"""The options of ``pack``."""

from __future__ import annotations

from tfrecord_lite.options.converting import FAIL_ON, JOBS, OUTPUT, STRICT
from tfrecord_lite.options.kinds import Choice, Flag, Path, Text, Whole
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.reading import BAD_DATA, INPUT

TARGETS = ("object_detection", "model_garden", "efficientdet", "tao")

PACK_OPTIONS = (
    Option(
        name="image_root",
        kind=Path("DIR"),
        group=INPUT,
        help="where the pictures are, if not beside the COCO files",
    ),
    Option(
        name="pictures",
        flag="--no-pictures",
        kind=Flag(off=True),
        default=True,
        group=INPUT,
        help="records without pictures, whose sizes are those that the COCO files say: no trainer reads them",
    ),
    Option(
        name="target",
        kind=Choice(TARGETS),
        default="object_detection",
        group=OUTPUT,
        help="the trainer that reads the records: what it cannot take is reported",
    ),
    Option(
        name="split",
        kind=Text("NAME"),
        default_text="as the COCO files are named",
        group=OUTPUT,
        help="the name of the shards of one COCO file",
    ),
    Option(
        name="shards",
        kind=Whole("shards", 1, 99_999),
        default_text="as many as keep each at 128 MiB or less",
        group=OUTPUT,
        help="how many a split has",
    ),
    Option(
        name="shuffle",
        kind=Whole("the seed", 0),
        group=OUTPUT,
        help="the order of the images is that of a hash of this seed and their ids; else that of the file",
    ),
    Option(
        name="compression",
        kind=Choice(("none", "gzip")),
        default="none",
        group=OUTPUT,
        help="gzip: worth it only where pictures are not compressed themselves",
    ),
    Option(
        name="keep_source",
        kind=Flag(),
        default=False,
        group=OUTPUT,
        help="records carry their COCO entries along in a key of their own, so that convert gives them back exactly",
    ),
    Option(
        name="verify",
        kind=Flag(),
        default=False,
        group=OUTPUT,
        help="compare the records with the dataset, and publish them only if nothing differs",
    ),
    Option(name="overwrite", kind=Flag(), default=False, group=OUTPUT, help="replace existing shards of a split"),
    Option(
        name="on_error",
        kind=Choice(("fail", "skip")),
        default="fail",
        group=BAD_DATA,
        help="skip: leave out images and objects that cannot be written, and count them",
    ),
    STRICT,
    FAIL_ON,
    JOBS,
)
"""What ``pack`` takes, in the order of its help."""
