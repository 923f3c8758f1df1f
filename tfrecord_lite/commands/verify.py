"""The verb ``verify``: every length and checksum of record files."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.verb import INPUTS, Example, Verb, values_of
from tfrecord_lite.options.console import JSON, QUIET
from tfrecord_lite.options.reading import VERIFY_OPTIONS


def run(options: Namespace) -> int:
    """Prints a line for each damage and one for each file. Returns 1 where there is damage."""
    import orjson  # noqa: PLC0415 - help must not wait for it

    from tfrecord_lite.pipeline.verify import as_json, as_lines, verify  # noqa: PLC0415 - likewise

    damages = 0
    with progress(options) as watched:
        for report in verify(options.input, on_bytes=watched.on_bytes, **values_of(options, VERIFY_OPTIONS)):
            damages += report.damage_count
            for line in [orjson.dumps(as_json(report)).decode()] if options.json else as_lines(report):
                watched.out(line)
    return 1 if damages else 0


VERB = Verb(
    arguments=(INPUTS,),
    options=(*VERIFY_OPTIONS, JSON, QUIET),
    examples=(
        Example("verify dataset/", "every file of a folder: its records, and a line for each damage"),
        Example("verify train@10 --json", "the same for programs, one line per file"),
    ),
    needs=("orjson", "tfrecord_lite.pipeline.verify"),
    run=run,
)
