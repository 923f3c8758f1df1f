"""What reports advise -> options that may help: of a conversion that is refused, and of content that is not read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tfrecord_lite.errors import RecordError, counted
from tfrecord_lite.report import SplitReport
from tfrecord_lite.spelling import roles_in

_UNREAD = "-not-read"  # how codes of warnings of content that nothing reads end


def advised_roles(reports: Collection[SplitReport]) -> tuple[set[str], dict[str, str]]:
    """The codes of warnings of content that nothing reads, and the roles that would read it."""
    codes: set[str] = set()
    roles: dict[str, str] = {}
    for report in reports:
        for code, found in report.findings.items():
            if code.endswith(_UNREAD):
                codes.add(code)
                roles |= roles_in(found.typed)
    return codes, roles


def remedies(reports: Collection[SplitReport], given: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Options that may help where skipping what is bad does not, or leaves nothing. given: those of now."""
    lasting = [problem for report in reports for problem in report.lasting]
    problems = [problem for report in reports for problem in report.problems]
    advised = [roles for each in (*lasting, *problems) if (roles := roles_in(each.text))]
    if advised and not given["roles"]:
        yield {"roles": advised[0]}
    if any(isinstance(each, RecordError) for each in lasting):
        yield {"on_error": "recover"}


def losses(reports: Collection[SplitReport]) -> str:
    """What is left out of these, in words."""
    records = sum(report.dropped_records for report in reports)
    objects = sum(report.dropped_annotations for report in reports)
    lost = [counted(count, noun) for count, noun in ((records, "record"), (objects, "object")) if count]
    return f"without {' and '.join(lost)} at fault" if lost else ""
