"""Options about what is taken of the input: which classes, which images, and into which splits they go."""

from __future__ import annotations

from tfrecord_lite.options.kinds import Flag, Name, Pair
from tfrecord_lite.options.option import Option

CHOICE = "what is taken"

CHOOSING_OPTIONS = (
    Option(
        name="only_classes",
        flag="--only-class",
        kind=Name(),
        default=(),
        repeated=True,
        group=CHOICE,
        help="only objects of this class, by name or id; any number of times. Images stay",
    ),
    Option(
        name="drop_classes",
        flag="--drop-class",
        kind=Name(),
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
