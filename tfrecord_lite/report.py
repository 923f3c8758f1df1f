"""What was read, kept, changed and dropped, and why: counted while a conversion runs, written as JSON at its end."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tfrecord_lite.errors import DataError, Location, printable
from tfrecord_lite.sample import RECOVERED, Finding

FULL_MESSAGES = 20  # problems that are told in full; the rest is counted
_MOST_KEYS = 1000  # unread keys, or recovered records, that are listed; should a file have one in every record


@dataclass(slots=True)
class FindingCount:
    """How often a finding was met, and where first."""

    count: int
    where: Location
    text: str


@dataclass(slots=True)
class SplitReport:
    """What became of one split.

    root: the folder that the inputs stand in; the report names them relative to it.
    records: sound records that were read.
    images, annotations: what was written.
    dropped_records, dropped_annotations: what was left out because it was damaged or could not be said.
    problems: why, the first of them.
    findings: what a person would want to know, by code.
    tasks: annotations that were written to the files of other tasks, such as captions.
    unmapped_keys: feature keys that no rule carries over, with the number of records that have them.
    inputs: the files, with how each was read.
    class_numbers: what was decided about the class numbers of all splits; empty where there was nothing to decide.
    recovered: what was done about damage, each time; the first thousand.
    """

    split: str
    root: str = ""
    records: int = 0
    images: int = 0
    annotations: int = 0
    dropped_records: int = 0
    dropped_annotations: int = 0
    problems: list[DataError] = field(default_factory=list)
    problem_count: int = 0
    findings: dict[str, FindingCount] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)
    unmapped_keys: dict[str, int] = field(default_factory=dict)
    more_unmapped_keys: int = 0
    inputs: list[dict[str, Any]] = field(default_factory=list)
    class_numbers: str = ""
    recovered: list[Finding] = field(default_factory=list)

    def add_problem(self, problem: DataError) -> None:
        """Counts a problem, and keeps it where it is among the first."""
        self.problem_count += 1
        if len(self.problems) < FULL_MESSAGES:
            self.problems.append(problem)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Counts findings; the text of the first of each code is kept."""
        for finding in findings:
            if finding.code == RECOVERED and len(self.recovered) < _MOST_KEYS:
                self.recovered.append(finding)
            known = self.findings.get(finding.code)
            if known is None:
                self.findings[finding.code] = FindingCount(1, finding.where, finding.text)
            else:
                known.count += 1

    def add_unmapped(self, keys: Iterable[str]) -> None:
        """Counts keys that nothing reads."""
        for key in keys:
            if key in self.unmapped_keys:
                self.unmapped_keys[key] += 1
            elif len(self.unmapped_keys) < _MOST_KEYS:
                self.unmapped_keys[key] = 1
            else:
                self.more_unmapped_keys += 1

    def short_name(self, path: str) -> str:
        """An input's name from the folder of all inputs on: a report must not depend on where the dataset stands."""
        if not self.root or not os.path.exists(path):
            return printable(path)
        return printable(os.path.relpath(os.path.abspath(path), self.root).replace(os.sep, "/"))

    def _short(self, where: Location) -> Location:
        return where._replace(file=self.short_name(where.file))

    def as_json(self) -> dict[str, Any]:
        """The report as it is written."""
        problems = [f"{self._short(problem.where)}: {problem.problem}" for problem in self.problems]
        report: dict[str, Any] = {
            "split": self.split,
            "records": self.records,
            "images": self.images,
            "annotations": self.annotations,
            **self.tasks,
            "dropped_records": self.dropped_records,
            "dropped_annotations": self.dropped_annotations,
            "problems": {"count": self.problem_count, "first": problems},
            "warnings": {
                code: {"count": found.count, "first": f"{self._short(found.where)}: {found.text}"}
                for code, found in sorted(self.findings.items())
            },
            "keys_not_carried_over": {printable(key): count for key, count in sorted(self.unmapped_keys.items())},
            "inputs": self.inputs,
        }
        if self.class_numbers:
            report["class_numbers"] = self.class_numbers
        if self.recovered:
            report["recovered"] = [f"{self._short(where)}: {text}" for _, where, text in self.recovered]
        if self.more_unmapped_keys:
            report["keys_not_carried_over_unlisted"] = self.more_unmapped_keys
        return report
