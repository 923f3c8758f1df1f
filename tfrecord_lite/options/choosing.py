"""Options about what is taken of the input: which classes, which images, and into which splits they go."""

from __future__ import annotations

from tfrecord_lite.options.kinds import Flag, Name, Pair, Shares, Whole
from tfrecord_lite.options.option import Option

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
