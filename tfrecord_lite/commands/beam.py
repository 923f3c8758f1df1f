"""The verb ``beam``: ``convert`` as a pipeline of Apache Beam, on as many machines as its runner has."""

from __future__ import annotations

import sys
from argparse import Namespace

from tfrecord_lite.commands.summary import tell_written
from tfrecord_lite.commands.verb import INPUTS, Argument, Example, Verb, values_of
from tfrecord_lite.errors import UsageError
from tfrecord_lite.options.console import JSON
from tfrecord_lite.options.converting import BEAM_OPTIONS, OUTPUT
from tfrecord_lite.options.kinds import Path
from tfrecord_lite.options.option import Option

_OUTPUT = Option(
    "output", Path("OUT"), OUTPUT, "a dataset folder that all workers can write to", short="-o", required=True
)


def run(options: Namespace) -> int:
    """Runs the pipeline, and says what came of it."""
    try:
        from tfrecord_lite.beam import run as convert  # noqa: PLC0415 - Beam is an extra, and takes seconds
    except ModuleNotFoundError as error:
        if error.name != "apache_beam":
            raise
        install = f'{sys.executable} -m pip install "tfrecord2coco[beam]"'
        raise UsageError(f"Apache Beam is not installed. Install it: {install}") from None
    summary = convert(options.input, options.output, values_of(options, BEAM_OPTIONS), options.pipeline)
    tell_written(options, summary)
    return 0


VERB = Verb(
    arguments=(INPUTS,),
    passed_on=Argument("pipeline", "PIPELINE_OPTION", "options of Beam and of its runner, after --", "+"),
    options=(_OUTPUT, *BEAM_OPTIONS, JSON),
    examples=(
        Example("beam train@1000 -o /shared/coco -- --runner=FlinkRunner", "on a cluster, with a shared file system"),
        Example("beam train@1000 -o coco -- --runner=BundleBasedDirectRunner", "in this process, to try it"),
    ),
    needs=(),
    run=run,
)
