"""The options of a conversion; among them what is taken of the input: which images and classes, into which splits."""

from __future__ import annotations

from tfrecord_lite.options.codes import CODES
from tfrecord_lite.options.console import RUN
from tfrecord_lite.options.kinds import Choice, Name, Names, OutputPath, Pair, Path, Shares, Text, Whole
from tfrecord_lite.options.option import Option, flag
from tfrecord_lite.options.reading import BAD_DATA, INPUT, MEANING, RECORD_OPTIONS, VERIFY_IMAGES

CHOICE = "what is taken"

CHOOSING_OPTIONS = (
    Option("limit", Whole("images"), CHOICE, "the first N images of each split, and nothing after them is read"),
    Option(
        "sample",
        Whole("images"),
        CHOICE,
        "N images of each split, from everywhere: the same ones however the records are divided among files",
    ),
    Option(
        "split_ratio",
        Shares(),
        CHOICE,
        "divide all images among these splits; images that are added later do not move others",
    ),
    Option("seed", Whole("a seed", 0), CHOICE, "another number gives another sample, and other splits", default=0),
    Option(
        "only_classes",
        Name("NAME"),
        CHOICE,
        "only objects of this class, by name or id; any number of times. Images stay",
        default=(),
        repeated=True,
        typed="--only-class",
    ),
    Option(
        "drop_classes",
        Name("NAME"),
        CHOICE,
        "no objects of this class, by name or id; any number of times. Images stay",
        default=(),
        repeated=True,
        typed="--drop-class",
    ),
    flag("drop_empty_images", CHOICE, "leave out images without objects, even those that never had any"),
    Option(
        "rename",
        Pair("OLD=NEW", "OLD=NEW, such as automobile=car", 'new names by old ones, such as {"automobile": "car"}'),
        CHOICE,
        "another name for a class; classes with the same name become one; any number of times",
        repeated=True,
    ),
    flag("renumber", CHOICE, "category ids from 1 without gaps; otherwise those of the label map or the records"),
)

OUTPUT = "what is written"

MASKS = Option(
    "masks",
    Choice(("coco", "polygon", "rle", "rle-uncompressed", "none")),
    OUTPUT,
    "how masks are written; coco: polygons, and uncompressed RLE where iscrowd is 1, as in the official files",
    default="coco",
)

MERGE_IMAGES = flag(
    "merge_images", MEANING, "records with the same source id and the same image bytes become one image"
)
SPLIT = Option(
    "split", Text("NAME"), OUTPUT, "put everything into one split of this name", default_text="from the file names"
)
ON_ERROR = Option(
    "on_error",
    Choice(("fail", "skip", "recover")),
    BAD_DATA,
    "skip: drop what is proven bad, and count it; recover: also look for records after damaged headers",
    default="fail",
)
STRICT = flag("strict", BAD_DATA, "every warning and every loss is an error")
FAIL_ON = Option(
    "fail_on",
    Names(tuple(CODES), "codes of warnings", "CODE[,CODE]"),
    BAD_DATA,
    "these warnings and losses are errors; docs/reports-and-warnings.md lists them",
    default=(),
)
JOBS = Option(
    "jobs",
    Whole("processes"),
    RUN,
    "worker processes, at most; the output is the same for every N, byte for byte",
    short="-j",
    default=1,
    default_text="one for each CPU",
)

CONVERT_OPTIONS = (
    flag("allow_empty", INPUT, "accept an input without any record"),
    *RECORD_OPTIONS,
    MERGE_IMAGES,
    *CHOOSING_OPTIONS,
    Option("images", Path("DIR"), OUTPUT, "where images go if OUT is a .json file"),
    flag("write_images", OUTPUT, "annotations only", typed="--no-images", default=True),
    Option(
        "layout",
        Choice(("coco", "roboflow", "yolo")),
        OUTPUT,
        "how the output folder is arranged; roboflow: <split>/_annotations.coco.json beside the images; "
        "yolo: as coco, with labels/<split>/*.txt and data.yaml for ultralytics",
        default="coco",
    ),
    SPLIT,
    MASKS,
    Option("precision", Whole("decimals", 0, 15, word="exact"), OUTPUT, "decimals of pixel coordinates", default=2),
    Option(
        "image_ids",
        Choice(("sequential", "source")),
        OUTPUT,
        "source: the integer in image/source_id; an error where there is none, or it is not unique",
        default="sequential",
    ),
    flag("overwrite", OUTPUT, "replace existing splits"),
    Option(
        "html",
        OutputPath("FILE"),
        OUTPUT,
        "also a page that shows what was read and kept; the input is read once more for it",
    ),
    flag(
        "dry_run",
        OUTPUT,
        "do everything but write: the same warnings, refusals, summary and exit status",
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
