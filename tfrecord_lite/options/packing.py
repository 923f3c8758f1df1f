"""The options of ``pack``."""

from __future__ import annotations

from tfrecord_lite.options.converting import FAIL_ON, JOBS, OUTPUT, STRICT
from tfrecord_lite.options.kinds import Choice, Path, Text, Whole
from tfrecord_lite.options.option import Option, flag
from tfrecord_lite.options.reading import BAD_DATA, INPUT

TARGETS = ("object_detection", "model_garden", "efficientdet", "tao")

PACK_OPTIONS = (
    Option("image_root", Path("DIR"), INPUT, "where the pictures are, if not beside the COCO files"),
    flag(
        "pictures",
        INPUT,
        "records without pictures, with the image sizes of the COCO files: no trainer reads them",
        typed="--no-pictures",
        default=True,
    ),
    Option(
        "target",
        Choice(TARGETS),
        OUTPUT,
        "the trainer that reads the records: what it cannot take is reported",
        default="object_detection",
    ),
    Option(
        "split",
        Text("NAME"),
        OUTPUT,
        "the name of the shards of one COCO file",
        default_text="from the file names",
    ),
    Option(
        "shards",
        Whole("shards", 1, 99_999),
        OUTPUT,
        "how many a split has",
        default_text="so that each has at most 128 MiB",
    ),
    Option(
        "shuffle",
        Whole("the seed", 0),
        OUTPUT,
        "order the images by a hash of this seed and their ids; otherwise as in the file",
    ),
    Option(
        "compression",
        Choice(("none", "gzip")),
        OUTPUT,
        "gzip: worth it only where pictures are not compressed themselves",
        default="none",
    ),
    flag(
        "keep_source",
        OUTPUT,
        "store the COCO entries in the records, so that convert gives them back exactly",
    ),
    flag("verify", OUTPUT, "compare the records with the dataset, and publish them only if nothing differs"),
    flag("overwrite", OUTPUT, "replace existing shards of a split"),
    Option(
        "on_error",
        Choice(("fail", "skip")),
        BAD_DATA,
        "skip: leave out images and objects that cannot be written, and count them",
        default="fail",
    ),
    STRICT,
    FAIL_ON,
    JOBS,
)
"""What ``pack`` takes, in the order of its help."""
