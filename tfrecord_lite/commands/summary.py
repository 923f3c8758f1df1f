"""What is said at the end of a conversion: warnings to stderr, results to stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import out, out_json, say

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.conversion.summary import Summary


def tell(summary: Summary, *, as_json: bool) -> None:
    """Says what there is to know, and what was written."""
    from tfrecord_lite.report import loss_lines, warning_lines  # noqa: PLC0415 - help must not wait for it

    for line in (*warning_lines(summary.typed_warnings, summary.splits), *loss_lines(summary.splits)):
        say(line)
    if as_json:
        out_json(summary.as_json())
        return
    for line in summary.lines():
        out(line)
