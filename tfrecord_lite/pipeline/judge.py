"""Decides whether a conversion may be published.

Bad data is a value that is counted, not an exception that ends the run, so that one run shows all that is wrong. What
follows from it is decided here, once everything was read and before anything is written.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.errors import DataError, Location, NoRecordsError, RejectedInputError
from tfrecord_lite.report import FULL_MESSAGES, SplitReport


def judge(
    reports: Sequence[SplitReport], warnings: Sequence[str], *, drops: bool, strict: bool, allow_empty: bool
) -> None:
    """Raises where nothing may be published.

    Args:
        reports: of all splits.
        warnings: what there is to know of the inputs as a whole.
        drops: whether what is proven bad is left out; else every problem is a reason.
        strict: whether every warning is one, too.
        allow_empty: whether an input without any record is accepted.

    Raises:
        RejectedInputError: with every reason.
    """
    reasons: list[DataError] = []
    count = 0
    for report in reports:
        reasons += report.lasting if drops else report.problems
        count += report.lasting_count if drops else report.problem_count
    if strict:
        told = [DataError(Location("input"), text) for text in warnings]
        for report in reports:
            for code, found in sorted(report.findings.items()):
                told.append(DataError(found.where, f"{code}: {found.text} ({found.count} times)"))
        reasons += told
        count += len(told)
    if count:
        raise RejectedInputError(reasons if strict else reasons[:FULL_MESSAGES], count)
    if not allow_empty and not any(report.records or report.problem_count for report in reports):
        names = ", ".join(str(entry["file"]) for report in reports for entry in report.inputs[:1])
        error = NoRecordsError(Location(names), "no records in the whole input. Accept that with --allow-empty")
        raise RejectedInputError([error], 1)
