"""The verb ``validate``: does a COCO file or dataset hold together, and who breaks on it?"""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.streams import tell
from tfrecord_lite.commands.verb import Argument, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET, RUN
from tfrecord_lite.options.option import flag
from tfrecord_lite.options.validating import VALIDATE_OPTIONS

_ALL = flag("all", RUN, "print notes as well: what breaks no reader")


def run(options: Namespace) -> int:
    """Prints what is wrong. Returns 1 where there is an error."""
    from tfrecord_lite.pipeline.validate import validate  # noqa: PLC0415 - help must not wait for it

    with progress(options, lambda: _bytes_of(options)) as watched:
        validation = validate(options.path, on_bytes=watched.on_bytes, **values_of(options, VALIDATE_OPTIONS))
    tell(options, validation.lines(everything=options.all), validation.as_json)
    return 0 if validation.ok else 1


def _bytes_of(options: Namespace) -> int:
    """How much there is to read."""
    from tfrecord_lite.coco.read.dataset import find_parts  # noqa: PLC0415 - likewise
    from tfrecord_lite.inputs.storage import statuses_of  # noqa: PLC0415 - likewise

    statuses = statuses_of([part.path for part in find_parts(options.path, options.images)])
    return sum(status.size for status in statuses.values())


VERB = Verb(
    arguments=(Argument("path", "DATASET", "a dataset folder, or a COCO file"),),
    options=(*VALIDATE_OPTIONS, _ALL, JSON, QUIET),
    examples=(
        Example("validate coco/", "every COCO file of a dataset, alone and beside each other, and its pictures"),
        Example("validate instances.json --images train2017/", "one file, and whether its pictures can be decoded"),
        Example("validate coco/ --for ultralytics", "only what breaks this reader"),
    ),
    needs=("tfrecord_lite.pipeline.validate",),
    run=run,
)
