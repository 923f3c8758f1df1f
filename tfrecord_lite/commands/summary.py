"""What is told of an output that was written: warnings go to stderr, results to stdout."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import say, tell

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.conversion.summary import Summary
    from tfrecord_lite.pipeline.packing.packed import Packed


def tell_written(options: Namespace, result: Summary | Packed) -> None:
    """Tells what there is to know of the data, and what was written."""
    from tfrecord_lite.report import loss_lines, warning_lines  # noqa: PLC0415 - help must not wait for it

    for line in (*warning_lines(result.typed_warnings, result.splits), *loss_lines(result.splits)):
        say(line)
    tell(options, result.lines(), result.as_json)
