"""The verb ``inspect``: what is in record files."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.reading import READING, read_options
from tfrecord_lite.commands.verb import INPUTS, Example, Verb
from tfrecord_lite.options.console import JSON, QUIET


def run(options: Namespace) -> int:
    """Prints what each file holds. Returns 1 where something is wrong with one."""
    import orjson  # noqa: PLC0415 - help must not wait for it

    from tfrecord_lite.pipeline.inspect import inspect  # noqa: PLC0415 - likewise

    reading = read_options(options)
    problems = 0
    with progress(options) as watched:
        for contents in inspect(
            options.input, reading, allow_missing_shards=options.allow_missing_shards, on_bytes=watched.on_bytes
        ):
            problems += contents.problems
            for line in [orjson.dumps(contents.as_json()).decode()] if options.json else contents.as_lines():
                watched.out(line)
    return 1 if problems else 0


VERB = Verb(
    arguments=(INPUTS,),
    options=(*READING, JSON, QUIET),
    examples=(
        Example("inspect x.tfrecord", "records, schema, feature keys and classes of a file"),
        Example("inspect dataset/ --json", "the same for programs, a line a file"),
    ),
    needs=("orjson", "tfrecord_lite.pipeline.inspect"),
    run=run,
)
