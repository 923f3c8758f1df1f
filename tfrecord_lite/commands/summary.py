"""What is said at the end of a conversion: warnings to stderr, results to stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import out, say
from tfrecord_lite.errors import counted, printable, shortened

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.convert import Summary
    from tfrecord_lite.report import SplitReport


def tell(summary: Summary, *, as_json: bool) -> None:
    """Says what there is to know, and what was written."""
    for text in summary.warnings:
        say(f"warning: {text}")
    for split in summary.splits:
        _warn(split)
    if as_json:
        import orjson  # noqa: PLC0415 - few calls need it

        out(orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2).decode())
        return
    for split in summary.splits:
        dropped = ""
        if split.dropped_records or split.dropped_annotations:
            dropped = f" (dropped {counted(split.dropped_records, 'record')}"
            dropped += f" and {counted(split.dropped_annotations, 'annotation')})"
        counts = [counted(split.images, "image"), counted(split.annotations, "annotation")]
        counts += [f"{number} {task}" for task, number in split.tasks.items()]
        out(f"{printable(split.split)}: {', '.join(counts)}{dropped}")
    if summary.label_map is not None:
        out(f"label map: {printable(summary.label_map)}")
    for path in (*summary.files, *([] if summary.page is None else [summary.page])):
        out(f"wrote {printable(path)}")


def _warn(split: SplitReport) -> None:
    """Says what a person should know of one split."""
    for code, found in sorted(split.findings.items()):
        say(f"warning: {split.split}: {code}: {counted(found.count, 'time')}, first: {found.where}: {found.text}")
    for problem in split.problems:
        say(f"warning: {split.split}: dropped: {problem.text}")
    if split.problem_count > len(split.problems):
        say(f"warning: {split.split}: dropped: and {split.problem_count - len(split.problems)} more like these")
    if split.unmapped_keys:
        keys = ", ".join(map(shortened, sorted(split.unmapped_keys)[:10]))
        more = len(split.unmapped_keys) + split.more_unmapped_keys - 10
        say(f"note: {split.split}: keys not carried over: {keys}" + (f" and {more} more" if more > 0 else ""))
