"""The verb ``inspect``: what is in record files, and what ``convert`` would say of them."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.streams import tell
from tfrecord_lite.commands.verb import INPUTS, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.inspecting import INSPECT_OPTIONS


def run(options: Namespace) -> int:
    """Prints what was found. Returns what ``convert`` would return: 1 where the data is at fault."""
    from tfrecord_lite.look.terminal import Terminal  # noqa: PLC0415 - help must not wait for it
    from tfrecord_lite.pipeline.inspection.inspect import inspect  # noqa: PLC0415 - likewise

    with progress(options) as watched:
        found = inspect(options.input, on_bytes=watched.on_bytes, **values_of(options, INSPECT_OPTIONS))
    tell(options, found.lines(Terminal.of_stdout()), found.as_json)
    return found.verdict.exit_status


VERB = Verb(
    arguments=(INPUTS,),
    options=(*INSPECT_OPTIONS, JSON, QUIET),
    examples=(
        Example("inspect dataset/", "what there is, what convert would say of it, and the line to use next"),
        Example("inspect dataset/ --all", "by every record, however many there are"),
        Example("inspect x.tfrecord --json", "the same for programs; docs/inspect.md explains it"),
    ),
    needs=("tfrecord_lite.pipeline.inspection.inspect",),
    run=run,
)
