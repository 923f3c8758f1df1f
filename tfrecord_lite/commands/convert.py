"""The verb ``convert``: TFRecord files become a COCO dataset."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.summary import tell_written
from tfrecord_lite.commands.verb import INPUTS, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.converting import CONVERT_OPTIONS, OUTPUT
from tfrecord_lite.options.kinds import OutputPath
from tfrecord_lite.options.option import Option

_OUTPUT = Option(
    "output",
    OutputPath("OUT"),
    OUTPUT,
    "a dataset folder, or a file that ends in .json; then no images are written unless --images says where",
    short="-o",
    required=True,
)


def run(options: Namespace) -> int:
    """Converts, and says what came of it."""
    from tfrecord_lite.pipeline.conversion.convert import convert  # noqa: PLC0415 - help must not wait for it

    values = values_of(options, CONVERT_OPTIONS)
    with progress(options) as watched:
        summary = convert(
            options.input, options.output, on_bytes=watched.on_bytes, on_images=watched.on_images, **values
        )
    tell_written(options, summary)
    return 0


VERB = Verb(
    arguments=(INPUTS,),
    options=(_OUTPUT, *CONVERT_OPTIONS, JSON, QUIET),
    examples=(
        Example("convert dataset/ -o coco/", "every split of a folder, one category table"),
        Example("convert train@10 -o coco/ --label-map labels.pbtxt", "train-00000-of-00010 and so on"),
        Example("convert x.tfrecord -o annotations.json", "one COCO file, no images"),
        Example("convert dataset/ -o some/ --limit 100", "the first 100 images of each split, to try"),
        Example(
            "convert parts/ -o set/ --layout yolo --split-ratio train=0.8,val=0.2", "a training set for ultralytics"
        ),
        Example("convert own.tfrecord -o coco/ --map encoded=pic --map box=rects", "records with your own keys"),
    ),
    needs=("tfrecord_lite.pipeline.conversion.convert",),
    run=run,
    defaults=(("jobs", None),),  # one for each CPU; in the library 1, which starts no processes
)
