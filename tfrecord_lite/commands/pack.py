"""The verb ``pack``: a COCO dataset becomes TFRecord files."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.streams import say
from tfrecord_lite.commands.summary import tell_written
from tfrecord_lite.commands.verb import Argument, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.converting import OUTPUT
from tfrecord_lite.options.kinds import OutputPath
from tfrecord_lite.options.option import Option
from tfrecord_lite.options.packing import PACK_OPTIONS

_OUTPUT = Option(
    "output", OutputPath("DIR"), OUTPUT, "a folder for shards, label map and reports", short="-o", required=True
)


def run(options: Namespace) -> int:
    """Packs, and says what came of it."""
    from tfrecord_lite.pipeline.packing.pack import pack  # noqa: PLC0415 - help must not wait for it

    with progress(options, lambda: 0) as watched:  # how many bytes there are is known when images were looked at
        packed = pack(options.dataset, options.output, on_bytes=watched.on_bytes, **values_of(options, PACK_OPTIONS))
    for note in packed.compared.typed_notes if packed.compared is not None else ():
        say(f"note: {VERB.worded(note)}")
    tell_written(options, packed)
    return 0


VERB = Verb(
    arguments=(Argument("dataset", "DATASET", "a COCO file, or a dataset folder"),),
    options=(_OUTPUT, *PACK_OPTIONS, JSON, QUIET),
    examples=(
        Example("pack coco/ -o records/", "every split of a dataset: train-00000-of-00010.tfrecord and so on"),
        Example("pack instances_train.json --image-root train2017/ -o records/", "one COCO file"),
        Example("pack coco/ -o records/ --target efficientdet --shuffle 1 --shards 32", "for a trainer"),
    ),
    needs=("tfrecord_lite.pipeline.packing.pack",),
    run=run,
    defaults=(("jobs", None),),  # one for each CPU; in the library 1, which starts no processes
)
