"""The result of a validation: every rule that is broken, how often and where, who breaks on it, and what to do."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tfrecord_lite.coco.rules.finding import FIRST, Findings, Place
from tfrecord_lite.coco.rules.readers import Breakage, breakages
from tfrecord_lite.coco.rules.table import RULES
from tfrecord_lite.errors import counted, printable
from tfrecord_lite.options.console import envelope
from tfrecord_lite.spelling import in_python

_ORDER = {"error": 0, "warning": 1, "info": 2}
_LONGEST_LIST = 6  # readers of one effect that a line names
_REJECTS = "rejects the file"


@dataclass(frozen=True, slots=True)
class CocoFinding:
    """A rule that is broken.

    code: such as ``E13``; what each means is in docs/validate.md. severity: ``error``, ``warning`` or ``info``.
    what: what is wrong. typed_remedy: what to do, in words of the command line. count: how often. cases: in which way.
    places: the first of them. breaks: readers that were seen to break on this.
    """

    code: str
    severity: str
    what: str
    typed_remedy: str
    count: int
    cases: dict[str, int]
    places: tuple[Place, ...]
    breaks: tuple[Breakage, ...]

    @property
    def remedy(self) -> str:
        """What to do."""
        return in_python(self.typed_remedy)

    def as_json(self) -> dict[str, Any]:
        """The finding for programs."""
        return {
            "code": self.code,
            "severity": self.severity,
            "what": self.what,
            "remedy": self.typed_remedy,
            "count": self.count,
            "cases": self.cases,
            "places": [{**place._asdict(), "file": printable(place.file)} for place in self.places],
            "breaks": [breakage._asdict() for breakage in self.breaks],
        }


class CheckedFile(NamedTuple):
    """A file that was checked, and what is in it. pictures: how many picture files were looked at."""

    path: str
    images: int
    annotations: int
    categories: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Validation:
    """What a validation found. findings: errors first, then warnings, then the rest; by code within each."""

    path: str
    files: tuple[CheckedFile, ...]
    findings: tuple[CocoFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.count("error")

    def count(self, severity: str) -> int:
        """How many rules of a severity are broken."""
        return sum(finding.severity == severity for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Everything for programs."""
        begin = envelope(
            exit_status=int(not self.ok),
            warnings={each.code: each.count for each in self.findings if each.severity == "warning"},
            problems=[f"{each.code}: {each.what}" for each in self.findings if each.severity == "error"],
        )
        return begin | {
            "path": printable(self.path),
            "ok": self.ok,
            "files": [{**file._asdict(), "path": printable(file.path)} for file in self.files],
            "findings": [finding.as_json() for finding in self.findings],
        }

    def lines(self, *, everything: bool = False) -> Iterator[str]:
        """The result for people: a line of sums, then each error and warning; ``everything``: the notes as well."""
        yield f"{printable(self.path)}: {self._sums()}: {self._verdict(everything=everything)}"
        root = self.path.rstrip("/" + os.sep)
        for finding in self.findings:
            if everything or finding.severity != "info":
                yield ""
                yield from _lines_of(finding, root)

    def __str__(self) -> str:
        return "\n".join(map(in_python, self.lines()))

    def _sums(self) -> str:
        sums = [
            (len(self.files), "file"),
            (sum(file.images for file in self.files), "image"),
            (sum(file.annotations for file in self.files), "annotation"),
            (max((file.categories for file in self.files), default=0), "category"),
        ]
        if pictures := sum(file.pictures for file in self.files):
            sums.append((pictures, "picture"))
        return ", ".join(counted(*each) for each in sums)

    def _verdict(self, *, everything: bool) -> str:
        kinds = ("error", "warning", "note") if everything else ("error", "warning")
        found = [counted(count, kind) for kind in kinds if (count := self.count("info" if kind == "note" else kind))]
        return ", ".join(found) if found else "ok"


def as_findings(found: Iterable[Findings], readers: Collection[str] = ()) -> tuple[CocoFinding, ...]:
    """What was found in several files, by code. readers: only what breaks one of these."""
    merged: dict[str, tuple[dict[str, int], list[Place]]] = {}
    for each in found:
        for code, one in each.by_code.items():
            cases, places = merged.setdefault(code, ({}, []))
            for case, count in one.cases.items():
                cases[case] = cases.get(case, 0) + count
            places += one.places
    findings = []
    for code, (cases, places) in merged.items():
        rule = RULES[code]
        breaks = breakages(code, cases, readers)
        if breaks or not readers:
            first = tuple(places[:FIRST])
            total = sum(cases.values())
            severity = "warning" if readers and rule.severity == "info" else rule.severity
            findings.append(CocoFinding(code, severity, rule.what, rule.remedy, total, cases, first, tuple(breaks)))
    return tuple(sorted(findings, key=lambda finding: (_ORDER[finding.severity], finding.code)))


def _lines_of(finding: CocoFinding, root: str) -> Iterator[str]:
    """A finding for people."""
    times = "" if finding.count == 1 else f", {finding.count:,} times"
    severity = "note" if finding.severity == "info" else finding.severity
    yield f"{severity} {finding.code}: {finding.what}{times}"
    for place in finding.places:
        yield f"    {_place(place, root)}"
    if finding.count > len(finding.places):
        yield f"    and {finding.count - len(finding.places):,} more"
    yield f"  do: {finding.typed_remedy}"
    if finding.breaks:
        yield f"  breaks: {_breaks(finding.breaks)}"


def _breaks(breakages: Sequence[Breakage]) -> str:
    """Who breaks: what the readers did in the trial of this defect, and the names of those who did."""
    groups: dict[str, list[str]] = {}
    for each in breakages:
        effect = _REJECTS if each.effect.startswith(_REJECTS) else each.effect  # the errors are in the JSON
        groups.setdefault(effect, []).append(f"{each.reader} {each.version}")
    parts = []
    for effect, readers in sorted(groups.items(), key=lambda group: group[0] != _REJECTS):
        more = f" and {len(readers) - _LONGEST_LIST} more" if len(readers) > _LONGEST_LIST else ""
        parts.append(f"{effect}: {', '.join(readers[:_LONGEST_LIST])}{more}")
    return "; ".join(parts)


def _place(place: Place, root: str) -> str:
    """Where, and what is there. root: of the dataset."""
    below = place.file.startswith((f"{root}/", root + os.sep))
    where = printable(place.file[len(root) + 1 :] if below else os.path.basename(place.file))
    if place.line is not None:
        where += f":{place.line}"
    if place.kind and place.line is not None:
        where += f": {place.kind}" + (f" {printable(str(place.id))}" if place.id is not None else "")
    return f"{where}: {place.text}"
