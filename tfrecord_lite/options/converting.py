"""The options of a conversion; among them what is taken of the input: which images and classes, into which splits."""

from __future__ import annotations

from tfrecord_lite.options.codes import CODES
from tfrecord_lite.options.console import RUN
from tfrecord_lite.options.kinds import Choice, Flag, Name, Names, OutputPath, Pair, Path, Shares, Text, Whole
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.reading import BAD_DATA, INPUT, MEANING, RECORD_OPTIONS, VERIFY_IMAGES

CHOICE = "what is taken"

CHOOSING_OPTIONS = (
    Option(
        name="limit",
        kind=Whole("images"),
        group=CHOICE,
        help="the first N images of each split, and nothing after them is read",
    ),
    Option(
        name="sample",
        kind=Whole("images"),
        group=CHOICE,
        help="N images of each split, from everywhere: the same ones however the records are divided among files",
    ),
    Option(
        name="split_ratio",
        kind=Shares(),
        group=CHOICE,
        help="divide all images among these splits; the image alone decides, so that added ones move no other",
    ),
    Option(
        name="seed",
        kind=Whole("a seed", 0),
        default=0,
        group=CHOICE,
        help="another number gives another sample, and other splits",
    ),
    Option(
        name="only_classes",
        flag="--only-class",
        kind=Name("NAME"),
        default=(),
        repeated=True,
        group=CHOICE,
        help="only objects of this class, by name or id; any number of times. Images stay",
    ),
    Option(
        name="drop_classes",
        flag="--drop-class",
        kind=Name("NAME"),
        default=(),
        repeated=True,
        group=CHOICE,
        help="no objects of this class, by name or id; any number of times. Images stay",
    ),
    Option(
        name="drop_empty_images",
        kind=Flag(),
        default=False,
        group=CHOICE,
        help="leave out images without objects, also those that had none from the start",
    ),
    Option(
        name="rename",
        kind=Pair("OLD=NEW", "OLD=NEW, such as automobile=car", 'new names by old ones, such as {"automobile": "car"}'),
        repeated=True,
        group=CHOICE,
        help="another name for a class; classes with the same name become one; any number of times",
    ),
    Option(
        name="renumber",
        kind=Flag(),
        default=False,
        group=CHOICE,
        help="category ids from 1 without gaps; else they are those of the label map or the records",
    ),
)

OUTPUT = "what is written"

MASKS = Option(
    name="masks",
    kind=Choice(("coco", "polygon", "rle", "rle-uncompressed", "none")),
    default="coco",
    group=OUTPUT,
    help="how masks are written; coco: polygons, and uncompressed RLE where iscrowd is 1, as in the official files",
)

MERGE_IMAGES = Option(
    name="merge_images",
    kind=Flag(),
    default=False,
    group=MEANING,
    help="records with the same source id and the same image bytes become one image",
)
SPLIT = Option(
    name="split",
    kind=Text("NAME"),
    default_text="as the file names say",
    group=OUTPUT,
    help="put everything into one split of this name",
)
ON_ERROR = Option(
    name="on_error",
    kind=Choice(("fail", "skip", "recover")),
    default="fail",
    group=BAD_DATA,
    help="skip: drop what is proven bad, and count it; recover: also look for records after damaged headers",
)
STRICT = Option(
    name="strict",
    kind=Flag(),
    default=False,
    group=BAD_DATA,
    help="every warning is an error, and everything that is lost",
)
FAIL_ON = Option(
    name="fail_on",
    kind=Names(tuple(CODES), "codes of warnings", "CODE[,CODE]"),
    default=(),
    group=BAD_DATA,
    help="these warnings and losses are errors; docs/reports-and-warnings.md lists them",
)
JOBS = Option(
    name="jobs",
    short="-j",
    kind=Whole("processes"),
    default=1,
    default_text="one for each CPU",
    group=RUN,
    help="worker processes, at most; the output is the same for every N, byte for byte",
)

CONVERT_OPTIONS = (
    Option(name="allow_empty", kind=Flag(), default=False, group=INPUT, help="accept an input without any record"),
    *RECORD_OPTIONS,
    MERGE_IMAGES,
    *CHOOSING_OPTIONS,
    Option(name="images", kind=Path("DIR"), group=OUTPUT, help="where images go if OUT is a .json file"),
    Option(
        name="write_images",
        flag="--no-images",
        kind=Flag(off=True),
        default=True,
        group=OUTPUT,
        help="annotations only",
    ),
    Option(
        name="layout",
        kind=Choice(("coco", "roboflow", "yolo")),
        default="coco",
        group=OUTPUT,
        help="how the output folder is arranged; roboflow: <split>/_annotations.coco.json beside the images; "
        "yolo: as coco, with labels/<split>/*.txt and data.yaml for ultralytics",
    ),
    SPLIT,
    MASKS,
    Option(
        name="precision",
        kind=Whole("decimals", 0, 15, word="exact"),
        default=2,
        group=OUTPUT,
        help="decimals of pixel coordinates",
    ),
    Option(
        name="image_ids",
        kind=Choice(("sequential", "source")),
        default="sequential",
        group=OUTPUT,
        help="source: the integer in image/source_id; an error where there is none, or it is not unique",
    ),
    Option(name="overwrite", kind=Flag(), default=False, group=OUTPUT, help="replace existing splits"),
    Option(
        name="html",
        kind=OutputPath("FILE"),
        group=OUTPUT,
        help="also a page that shows what was read and kept; the input is read once more for it",
    ),
    Option(
        name="dry_run",
        kind=Flag(),
        default=False,
        group=OUTPUT,
        help="do everything but write: the same warnings, refusals and exit status, and what would be there",
    ),
    ON_ERROR,
    STRICT,
    FAIL_ON,
    VERIFY_IMAGES,
    JOBS,
)
"""What ``convert`` takes, in the order of its help."""

_LOCAL = frozenset({"images", "html", "dry_run", "jobs", "limit", "sample"})
"""Of one machine only: a page and a rehearsal are for looking, and the first images are quick to read."""

BEAM_OPTIONS = tuple(option for option in CONVERT_OPTIONS if option.name not in _LOCAL)
"""What ``beam`` takes, in the order of its help: the options that can be carried out on several machines."""
