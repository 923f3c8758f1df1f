"""What was read, kept, changed and dropped, and why: counted while a conversion runs, written as JSON at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tfrecord_lite.errors import DataError, printable
from tfrecord_lite.sample import Finding

FULL_MESSAGES = 20  # problems that are told in full; the rest is counted
_MOST_KEYS = 1000  # unread keys that are listed by name, should a file have a key of its own in every record


@dataclass(slots=True)
class FindingCount:
    """How often a rule was met, and where first."""

    count: int
    first: str


@dataclass(slots=True)
class SplitReport:
    """What became of one split.

    records: sound records that were read.
    images, annotations: what was written.
    dropped_records, dropped_annotations: what was left out because it was damaged or could not be said.
    problems: why, the first of them.
    findings: what a person would want to know, by rule.
    tasks: annotations that were written to the files of other tasks, such as captions.
    unread_keys: feature keys that no rule carries over, with the number of records that have them.
    inputs: the files, with how each was read.
    """

    split: str
    records: int = 0
    images: int = 0
    annotations: int = 0
    dropped_records: int = 0
    dropped_annotations: int = 0
    problems: list[DataError] = field(default_factory=list)
    problem_count: int = 0
    findings: dict[str, FindingCount] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    unread_keys: dict[str, int] = field(default_factory=dict)
    more_unread_keys: int = 0
    inputs: list[dict[str, Any]] = field(default_factory=list)

    def add_problem(self, problem: DataError) -> None:
        """Counts a problem, and keeps it where it is among the first."""
        self.problem_count += 1
        if len(self.problems) < FULL_MESSAGES:
            self.problems.append(problem)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Counts findings; the text of the first of each rule is kept."""
        for finding in findings:
            known = self.findings.get(finding.rule)
            if known is None:
                self.findings[finding.rule] = FindingCount(1, f"{finding.where}: {finding.text}")
            else:
                known.count += 1

    def add_unread(self, keys: Iterable[str]) -> None:
        """Counts keys that nothing reads."""
        for key in keys:
            if key in self.unread_keys:
                self.unread_keys[key] += 1
            elif len(self.unread_keys) < _MOST_KEYS:
                self.unread_keys[key] = 1
            else:
                self.more_unread_keys += 1

    def as_json(self) -> dict[str, Any]:
        """The report as it is written."""
        report: dict[str, Any] = {
            "split": self.split,
            "records": self.records,
            "images": self.images,
            "annotations": self.annotations,
            **self.tasks,
            "dropped_records": self.dropped_records,
            "dropped_annotations": self.dropped_annotations,
            "problems": {"count": self.problem_count, "first": [str(problem) for problem in self.problems]},
            "warnings": {
                rule: {"count": found.count, "first": found.first} for rule, found in sorted(self.findings.items())
            },
            "keys_not_carried_over": {printable(key): count for key, count in sorted(self.unread_keys.items())},
            "inputs": self.inputs,
        }
        if self.more_unread_keys:
            report["keys_not_carried_over_unlisted"] = self.more_unread_keys
        return report
