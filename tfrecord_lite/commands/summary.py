"""What is told of an output that was written: warnings go to stderr, results to stdout."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import say, tell

if TYPE_CHECKING:
    from tfrecord_lite.report import Outcome


def tell_written(options: Namespace, outcome: Outcome) -> None:
    """Prints the warnings about the data, and what was written."""
    for line in outcome.told():
        say(line)
    tell(options, outcome.lines(), outcome.as_json)
