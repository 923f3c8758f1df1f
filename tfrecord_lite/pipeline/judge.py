"""Decides whether a conversion may be published.

Bad data is counted, and does not end the run, so that one run shows everything that is wrong. What follows is decided
here, after everything was read and before anything is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tfrecord_lite.errors import DataError, Location, NoRecordsError, RejectedInputError, counted, shortened
from tfrecord_lite.options.codes import DROPPED, INPUT, NOT_CARRIED_OVER
from tfrecord_lite.report import FULL_MESSAGES, SplitReport

SKIP_ADVICE = "--on-error=skip leaves out what is bad, and goes on"
_MOST_KEYS = 10  # that a message names


def judge(
    reports: Sequence[SplitReport],
    wrong: Sequence[DataError],
    warnings: Sequence[str],
    *,
    drops: bool,
    fatal: Collection[str] | None,
    allow_empty: bool,
) -> None:
    """Raises where nothing may be published.

    Args:
        reports: of all splits.
        wrong: errors of the input as a whole, which no option skips.
        warnings: about the input as a whole.
        drops: whether what is proven bad is left out; else every problem is a reason.
        fatal: codes of warnings and losses that are reasons, too; None for all.
        allow_empty: whether an input without any record is accepted.

    Raises:
        RejectedInputError: with every reason.
    """
    all_problems = not drops or fatal is None or DROPPED in fatal
    reasons = [problem for report in reports for problem in (report.problems if all_problems else report.lasting)]
    count = sum(report.problem_count if all_problems else report.lasting_count for report in reports)
    told = [error for code, error in _warned(reports, warnings) if fatal is None or code in fatal]
    if count or told or wrong:
        helps = any(report.images for report in reports) and not any(report.lasting_count for report in reports)
        advice = SKIP_ADVICE if helps and not (drops or told or wrong) else ""
        raise RejectedInputError([*wrong, *reasons[:FULL_MESSAGES], *told], count + len(told) + len(wrong), advice)
    if not allow_empty and not any(report.records or report.problem_count for report in reports):
        empty = [found.where.file for each in reports if (found := each.findings.get("file-without-records"))]
        names = ", ".join(empty or [str(entry["file"]) for report in reports for entry in report.inputs[:1]])
        error = NoRecordsError(Location(names), "no records in the whole input. Accept that with --allow-empty")
        raise RejectedInputError([error], 1)


def _warned(reports: Sequence[SplitReport], warnings: Sequence[str]) -> Iterator[tuple[str, DataError]]:
    """Every warning and every loss that is no problem of its own, with its code."""
    for text in warnings:
        yield INPUT, DataError(Location("input"), text)
    for report in reports:
        for code, found in sorted(report.findings.items()):
            yield code, DataError(found.where, f"{code}: {found.typed} ({counted(found.count, 'time')})")
        if keys := sorted(report.unmapped_keys):
            more = len(keys) + report.more_unmapped_keys - _MOST_KEYS
            text = ", ".join(map(shortened, keys[:_MOST_KEYS])) + (f" and {more} more" if more > 0 else "")
            text += report.carrier and f". {report.carrier}"
            what = "these keys hold values, and nothing reads them"
            yield NOT_CARRIED_OVER, DataError(Location(f"split {report.split}"), f"{NOT_CARRIED_OVER}: {what}: {text}")
