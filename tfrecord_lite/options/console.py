"""How the command line prints results: its options, and what each result has that is printed as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tfrecord_lite.options.option import flag

RUN = "the run"

JSON = flag("json", RUN, "print results as JSON")
QUIET = flag("quiet", RUN, "show no progress", short="-q")


def envelope(
    status: str = "done",
    exit_status: int = 0,
    *,
    warnings: Mapping[str, int] | None = None,
    problems: Collection[str] = (),
    problem_count: int | None = None,
) -> dict[str, Any]:
    """What every result begins with that ``--json`` prints, whatever the verb.

    Args:
        status: ``done``; ``dry run``; ``rejected``, since the data is at fault; ``error``; ``ended`` by a signal.
        exit_status: of the process.
        warnings: how often each kind of them was met, by code.
        problems: what is wrong, the first in words.
        problem_count: how many there are; None for as many as these.
    """
    count = len(problems) if problem_count is None else problem_count
    return {
        "status": status,
        "exit_status": exit_status,
        "warnings": dict(warnings or {}),
        "problems": {"count": count, "first": list(problems)},
    }
