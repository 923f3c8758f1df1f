"""What was read, kept, changed and dropped, and why: counted while records are read, plain values at the end."""

from __future__ import annotations

import os
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.errors import DataError, LayoutError, Location, RecordError, counted, printable, shortened
from tfrecord_lite.options.codes import DROPPED, INPUT, NOT_CARRIED_OVER
from tfrecord_lite.options.console import envelope
from tfrecord_lite.sample import RECOVERED, Finding
from tfrecord_lite.spelling import in_python

FULL_MESSAGES = 20  # problems that are printed in full; the rest is counted
_MOST_KEYS = 1000  # unmapped keys, or recovered records, that are listed; should a file have one in every record
_MOST_NAMED = 10  # keys, or classes, in a line


class FindingCount:
    """How often a finding was met, and where first. typed: what it says of that, in words of the command line."""

    def __init__(self, count: int, where: Location, typed: str) -> None:
        self.count = count
        self.where = where
        self.typed = typed

    @property
    def text(self) -> str:
        """What the first of them says."""
        return in_python(self.typed)

    def __repr__(self) -> str:
        return f"FindingCount({self.count}, {self.where}, {self.text!r})"

    def __str__(self) -> str:
        return f"{counted(self.count, 'time')}, first: {self.where}: {self.text}"


class Tally:
    """What was found in some records, in bounded memory. Tallies of parts can be merged in input order.

    problems: why something was left out because it was damaged or could not be said, the first of them.
    lasting: the first of those after which a run cannot succeed, whatever may be skipped; lasting_count: of all.
    findings: what a person would want to know, by code.
    unmapped_keys: feature keys that no rule carries over, with the number of records that have them; of very many those
        that sort first, so that it does not matter how the records were divided.
    recovered: what was done about damage, each time; the first thousand.
    """

    def __init__(self) -> None:
        self.problems: list[DataError] = []
        self.problem_count = 0
        self.lasting: list[DataError] = []
        self.lasting_count = 0
        self.findings: dict[str, FindingCount] = {}
        self.unmapped_keys: dict[str, int] = {}
        self.more_unmapped_keys = 0
        self.recovered: list[Finding] = []
        self._listed_keys: list[str] = []  # those of unmapped_keys, sorted

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"{type(self).__name__}({counts})"

    def add_problem(self, problem: DataError) -> None:
        """Counts a problem, and keeps it where it is among the first."""
        self.problem_count += 1
        if len(self.problems) < FULL_MESSAGES:
            self.problems.append(problem)
        if isinstance(problem, LayoutError) or (isinstance(problem, RecordError) and not problem.contained):
            self.lasting_count += 1
            if len(self.lasting) < FULL_MESSAGES:
                self.lasting.append(problem)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Counts findings; the text of the first of each code is kept."""
        for finding in findings:
            self.add_finding(finding)

    def add_finding(self, finding: Finding, count: int = 1) -> None:
        """Counts a finding that was met so often."""
        if finding.code == RECOVERED and len(self.recovered) < _MOST_KEYS:
            self.recovered.append(finding)
        known = self.findings.get(finding.code)
        if known is None:
            self.findings[finding.code] = FindingCount(count, finding.where, finding.text)
        else:
            known.count += count

    def add_unmapped(self, keys: Iterable[str]) -> None:
        """Counts keys that nothing reads."""
        for key in keys:
            self._add_key(key, 1)

    def _add_key(self, key: str, count: int) -> None:
        counts, listed = self.unmapped_keys, self._listed_keys
        if key in counts:
            counts[key] += count
            return
        if len(listed) >= _MOST_KEYS:
            if key > listed[-1]:
                self.more_unmapped_keys += count
                return
            self.more_unmapped_keys += counts.pop(listed.pop())
        insort(listed, key)
        counts[key] = count

    def merge(self, other: Tally) -> None:
        """Adds the tally of records that come after these."""
        self.problem_count += other.problem_count
        self.problems += other.problems[: FULL_MESSAGES - len(self.problems)]
        self.lasting_count += other.lasting_count
        self.lasting += other.lasting[: FULL_MESSAGES - len(self.lasting)]
        for code, found in other.findings.items():
            if code in self.findings:
                self.findings[code].count += found.count
            else:
                self.findings[code] = FindingCount(found.count, found.where, found.typed)
        self.recovered += other.recovered[: _MOST_KEYS - len(self.recovered)]
        self.more_unmapped_keys += other.more_unmapped_keys
        for key, count in other.unmapped_keys.items():
            self._add_key(key, count)


class SplitReport(Tally):
    """What became of one split.

    root: the folder that the inputs are in; the report names them relative to it.
    records: sound records that were read.
    images, annotations: what was written.
    classified: images with classes as a whole, where neither images nor classes were chosen by what they hold.
    dropped_records, dropped_annotations: what was left out because it was damaged or could not be said.
    chosen: how images were chosen, where not all were.
    images_not_chosen: images that the user did not want, or records of them.
    classes_not_chosen: annotations of classes that the user did not want, by name.
    empty_not_chosen: images that were left out since they have no objects.
    yolo: what YOLO's labels are, and the category of each of their class numbers, where some were written.
    tasks: annotations in the files of other tasks, such as captions.
    categories: annotations by id and name of their category.
    inputs: the files, with how each was read.
    implied_keys: feature keys that only repeat what others say, or the images.
    class_numbers: what was decided about the class numbers of all splits; empty where there was nothing to decide.
    label_maps: files that the names of the classes are from; none where the records name them.
    originals: whether COCO entries that records carry along are written; empty where none does.
    carrier: what would carry over what is not; empty where nothing does.
    files: what was written of the split, where that is not one file, with the sizes in bytes.
    label_maps_passed_over: other files beside the inputs, with the reason why each is not used.
    """

    def __init__(self, split: str, root: str = "", *, class_numbers: str = "", carrier: str = "") -> None:
        super().__init__()
        self.split = split
        self.root = root
        self.records = 0
        self.images = 0
        self.annotations = 0
        self.classified = 0
        self.dropped_records = 0
        self.dropped_annotations = 0
        self.chosen: dict[str, Any] = {}
        self.images_not_chosen = 0
        self.classes_not_chosen: dict[str, int] = {}
        self.empty_not_chosen = 0
        self.yolo: dict[str, Any] = {}
        self.tasks: dict[str, int] = {}
        self.categories: dict[tuple[int, str], int] = {}
        self.inputs: list[dict[str, Any]] = []
        self.implied_keys: Sequence[str] = ()
        self.class_numbers = class_numbers
        self.label_maps: Sequence[str] = ()
        self.label_maps_passed_over: Mapping[str, str] = {}
        self.originals = ""
        self.carrier = carrier
        self.files: dict[str, int] = {}

    def short_name(self, path: str) -> str:
        """An input's name from the folder of all inputs on: a report must not depend on where the dataset is."""
        if not self.root or not os.path.exists(path):
            return printable(path)
        return printable(os.path.relpath(os.path.abspath(path), self.root).replace(os.sep, "/"))

    def _short(self, where: Location) -> Location:
        return where._replace(file=self.short_name(where.file))

    def not_chosen(self) -> dict[str, Any]:
        """What is left out because the user did not want it, as far as there is something."""
        found = {
            "images": self.images_not_chosen,
            "images_without_objects": self.empty_not_chosen,
            "annotations": sum(self.classes_not_chosen.values()),
            "classes": {printable(name): count for name, count in self.classes_not_chosen.items()},
        }
        return {key: value for key, value in found.items() if value}

    def as_json(self) -> dict[str, Any]:
        """The report as it is written."""
        problems = [f"{self._short(problem.where)}: {problem.problem}" for problem in self.problems]
        report: dict[str, Any] = {
            "split": self.split,
            "records": self.records,
            "images": self.images,
            "annotations": self.annotations,
            **self.tasks,
            "categories": {printable(name): count for (_, name), count in self.categories.items()},
            "dropped_records": self.dropped_records,
            "dropped_annotations": self.dropped_annotations,
            "problems": {"count": self.problem_count, "first": problems},
            "warnings": {
                code: {"count": found.count, "first": f"{self._short(found.where)}: {found.typed}"}
                for code, found in sorted(self.findings.items())
            },
            "keys_not_carried_over": {printable(key): count for key, count in sorted(self.unmapped_keys.items())},
            "inputs": self.inputs,
        }
        more: dict[str, Any] = {
            "images_with_classes": self.classified,
            "files": self.files,
            "yolo": self.yolo,
            "chosen": self.chosen,
            "not_chosen": self.not_chosen(),
            "keys_implied": list(map(printable, self.implied_keys)),
            "class_numbers": self.class_numbers,
            "coco_entries": self.originals,
            "label_maps": [self.short_name(path) for path in self.label_maps],
            "label_maps_passed_over": {self.short_name(path): why for path, why in self.label_maps_passed_over.items()},
            "recovered": [f"{self._short(where)}: {text}" for _, where, text in self.recovered],
            "keys_not_carried_over_unlisted": self.more_unmapped_keys,
        }
        return report | {key: value for key, value in more.items() if value}


def count_warnings(warnings: Sequence[str], reports: Iterable[SplitReport]) -> dict[str, int]:
    """Codes of warnings and losses, with how often each was met in all splits. warnings: of the input as a whole."""
    counts: Counter[str] = Counter({INPUT: len(warnings)})
    for report in reports:
        counts.update({code: found.count for code, found in report.findings.items()})
        counts[NOT_CARRIED_OVER] += len(report.unmapped_keys) + report.more_unmapped_keys
        counts[DROPPED] += report.problem_count
    return {code: count for code, count in sorted(counts.items()) if count}


def warning_lines(warnings: Iterable[str], reports: Iterable[SplitReport]) -> Iterator[str]:
    """What a person should know of an input as a whole and of each split, a line each."""
    for text in warnings:
        yield f"warning: {text}"
    for report in reports:
        for code, found in sorted(report.findings.items()):
            times = counted(found.count, "time")
            yield f"warning: {report.split}: {code}: {times}, first: {found.where}: {found.typed}"
        if report.unmapped_keys:
            keys = ", ".join(map(shortened, sorted(report.unmapped_keys)[:_MOST_NAMED]))
            more = len(report.unmapped_keys) + report.more_unmapped_keys - _MOST_NAMED
            keys += f" and {more} more" if more > 0 else ""
            yield f"note: {report.split}: keys not carried over: {keys}{report.carrier and f'. {report.carrier}'}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call did that wrote a dataset: what conversions and packing have in common.

    output: where that is. splits: what became of each.
    typed_warnings: about the input as a whole, in words of the command line.
    """

    output: str
    splits: tuple[SplitReport, ...]
    typed_warnings: tuple[str, ...]

    @property
    def images(self) -> int:
        """Images in all splits."""
        return sum(split.images for split in self.splits)

    @property
    def annotations(self) -> int:
        """Annotations in all splits."""
        return sum(split.annotations for split in self.splits)

    @property
    def classes(self) -> dict[str, int]:
        """Names of the categories that have annotations, with how many in all splits, by category id."""
        counts: Counter[tuple[int, str]] = Counter()
        for split in self.splits:
            counts.update(split.categories)
        classes: Counter[str] = Counter()
        for (_, name), count in sorted(counts.items()):
            classes[name] += count  # where a class without a name goes by a number that names another one
        return dict(classes)

    @property
    def warnings(self) -> tuple[str, ...]:
        """About the input as a whole."""
        return tuple(map(in_python, self.typed_warnings))

    @property
    def warning_counts(self) -> dict[str, int]:
        """Codes of warnings and losses, with how often each was met in all splits."""
        return count_warnings(self.typed_warnings, self.splits)

    def __str__(self) -> str:
        return "\n".join(map(in_python, (*self.told(), *self.lines())))

    def told(self) -> Iterator[str]:
        """Every warning and loss, in words of the command line."""
        yield from warning_lines(self.typed_warnings, self.splits)
        for split in self.splits:
            for problem in split.problems:
                yield f"warning: {split.split}: dropped: {problem.text}"
            if more := split.problem_count - len(split.problems):
                yield f"warning: {split.split}: dropped: and {more} more like these"

    def lines(self) -> Iterator[str]:
        """What was done, and where everything is, in words of the command line."""
        raise NotImplementedError

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        raise NotImplementedError

    def _class_line(self, form: str = "{} {}") -> str:
        """How many classes there are, with the frequent ones. form: of a name and a number."""
        classes = sorted(self.classes.items(), key=lambda each: -each[1])
        named = ", ".join(form.format(shortened(name), f"{count:,}") for name, count in classes[:_MOST_NAMED])
        more = len(classes) - _MOST_NAMED
        return f"{counted(len(classes), 'class')}: {named}" + (f" and {more:,} more" if more > 0 else "")

    def _as_json(self, status: str = "done") -> dict[str, Any]:
        """What the JSON of all of them has."""
        begin = envelope(
            status,
            warnings=self.warning_counts,
            problems=[problem.text for split in self.splits for problem in split.problems][:FULL_MESSAGES],
            problem_count=sum(split.problem_count for split in self.splits),
        )
        return begin | {
            "output": printable(self.output),
            "images": self.images,
            "annotations": self.annotations,
            "input_warnings": list(self.typed_warnings),
            "splits": [split.as_json() for split in self.splits],
        }
