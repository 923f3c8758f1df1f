"""The verb ``compare``: two datasets by meaning."""

from __future__ import annotations

from argparse import Namespace

from tfrecord_lite.commands.progress import progress
from tfrecord_lite.commands.streams import say, tell
from tfrecord_lite.commands.verb import Argument, Example, Verb, values_of
from tfrecord_lite.options.comparing import COMPARE_OPTIONS
from tfrecord_lite.options.console import JSON, QUIET


def run(options: Namespace) -> int:
    """Prints what differs. Returns 1 where something does."""
    from tfrecord_lite.pipeline.comparing.compare import compare  # noqa: PLC0415 - help must not wait for it

    values = values_of(options, COMPARE_OPTIONS)
    with progress(options, lambda: 0) as watched:  # of COCO datasets no bytes are counted
        comparison = compare(options.a, options.b, on_bytes=watched.on_bytes, on_images=watched.on_images, **values)
    for note in comparison.typed_notes:
        say(f"note: {VERB.worded(note)}")
    tell(options, comparison.lines(), comparison.as_json)
    return 0 if comparison.equal else 1


_HELP = "a COCO dataset, a folder or a .json file; or record files: a file, a folder, a glob, base@10"

VERB = Verb(
    arguments=(Argument("a", "A", _HELP), Argument("b", "B", "likewise")),
    options=(*COMPARE_OPTIONS, JSON, QUIET),
    examples=(
        Example("compare dataset/ coco/", "records and what was converted from them"),
        Example("compare before.json after.json", "two COCO files, whatever their order and ids"),
        Example("compare 'train-*.tfrecord' coco/ --label-map labels.pbtxt --json", "for programs"),
    ),
    aim="compared",
    needs=("tfrecord_lite.pipeline.comparing.compare",),
    run=run,
)
