"""What record files hold, and what a conversion would say of them: the value that ``inspect`` returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tfrecord_lite.errors import DataError, RejectedInputError, TFRecordLiteError, counted, printable
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.look.keys import KeyCount
from tfrecord_lite.look.terminal import Terminal
from tfrecord_lite.options.console import envelope
from tfrecord_lite.pipeline.inspection.classes import Classes, CountedClass, UsedLabelMap
from tfrecord_lite.pipeline.inspection.inspected_file import InspectedFile
from tfrecord_lite.pipeline.inspection.next_line import Line
from tfrecord_lite.pipeline.inspection.text import InspectionText
from tfrecord_lite.report import SplitReport, count_warnings
from tfrecord_lite.spelling import in_python

_SHELL = "  tfrecord2coco "  # begins the line to use next, which is one for a shell


class Verdict(NamedTuple):
    """What ``convert`` would do: the same code decides.

    status: ``done``, ``rejected`` (the data is at fault) or ``error``; exit_status: 0, 1 or 2.
    typed_problems: why not, as ``convert`` says it on the command line; problem_count: how many there are.
    """

    status: str = "done"
    exit_status: int = 0
    typed_problems: tuple[str, ...] = ()
    problem_count: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Why not, as ``convert`` says it."""
        return tuple(map(in_python, self.typed_problems))

    @classmethod
    def of(cls, error: TFRecordLiteError) -> Verdict:
        """That of a run that ends with this error."""
        if isinstance(error, RejectedInputError):
            return cls("rejected", 1, tuple(error.text.splitlines()), error.count)
        return cls("error", 1 if isinstance(error, DataError) else 2, (error.text,), 1)


@dataclass(frozen=True, slots=True, repr=False)
class Inspection:
    """What was found. ``print`` shows it; ``as_json`` is all of it as plain values.

    inputs: as they were named. root: the folder that all files are in.
    files: in order. whole: whether everything was read; else it was a sample, the first records of each file.
    unnamed_splits: those that no word such as ``train`` names, but their files.
    counts: sizes, formats, objects per image and the like. keys: the features by key.
    reports: one per split, as ``convert`` writes them; typed_warnings: of the input as a
        whole, in words of the command line.
    verdict: what ``convert`` would do. next_line: how to call it; None where there is something to decide first.
    """

    inputs: tuple[str, ...]
    root: str
    files: tuple[InspectedFile, ...]
    whole: bool
    unnamed_splits: tuple[str, ...]
    counts: Counts
    keys: Mapping[str, KeyCount]
    more_keys: int
    classes: Classes
    label_map: UsedLabelMap
    class_numbers: str
    reports: tuple[SplitReport, ...]
    typed_warnings: tuple[str, ...]
    verdict: Verdict
    next_line: Line | None

    @property
    def records(self) -> int:
        """Sound records that were read."""
        return sum(each.records for each in self.files)

    @property
    def images(self) -> int:
        """Images that ``convert`` would write of them."""
        return sum(report.images for report in self.reports)

    @property
    def objects(self) -> int:
        """Annotations that ``convert`` would write of them."""
        return sum(report.annotations for report in self.reports)

    @property
    def warnings(self) -> tuple[str, ...]:
        """About the input as a whole."""
        return tuple(map(in_python, self.typed_warnings))

    @property
    def warning_counts(self) -> dict[str, int]:
        """Codes of what ``convert`` would warn about or lose, with how often, as its summary has them."""
        return count_warnings(self.typed_warnings, self.reports)

    def __repr__(self) -> str:
        numbers = (counted(self.records, "record"), counted(self.images, "image"), counted(self.objects, "object"))
        return f"<Inspection of {', '.join(numbers)}; convert: {self.verdict.status}>"

    def __str__(self) -> str:
        lines = self.lines(Terminal.of_stdout())
        return "\n".join(line if line.startswith(_SHELL) else in_python(line) for line in lines)

    def lines(self, terminal: Terminal) -> Iterator[str]:
        """For people, a line each."""
        for line in InspectionText(self, terminal).lines():
            yield line if terminal.has_blocks else line.replace("…", "...")

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        counts, verdict, label_map = self.counts, self.verdict, self.label_map
        begin = envelope(
            verdict.status,
            verdict.exit_status,
            warnings=self.warning_counts,
            problems=verdict.typed_problems,
            problem_count=verdict.problem_count,
        )
        return begin | {
            "inputs": list(map(printable, self.inputs)),
            "whole": self.whole,
            "records": self.records,
            "images": self.images,
            "objects": self.objects,
            "files": [_file(each) for each in self.files],
            "unnamed_splits": list(map(printable, self.unnamed_splits)),
            "label_map": {
                "files": list(map(printable, label_map.files)),
                "why": label_map.why,
                "passed_over": {printable(path): why for path, why in label_map.passed_over.items()},
            },
            "class_numbers": self.class_numbers or None,
            "classes": _classes(self.classes.objects, "objects"),
            "image_classes": _classes(self.classes.images, "images"),
            "pixel_classes": _classes(self.classes.pixels, "images"),
            "segment_classes": _classes(self.classes.segments, "segments"),
            "formats": dict(counts.formats.most_common()),
            "without_picture": counts.without_picture,
            "sizes": _sizes(counts),
            "objects_per_image": {str(number): count for number, count in sorted(counts.objects_per_image.items())},
            "box_sizes": {"small": counts.small, "medium": counts.medium, "large": counts.large},
            "box_sides": [{"side": round(2 ** (key / 2), 2), "boxes": n} for key, n in sorted(counts.sides.items())],
            "masks": counts.masks,
            "keypoints": counts.poses,
            "crowds": counts.crowds,
            "captions": counts.captions,
            "keys": {printable(key): _key(each) for key, each in self.keys.items()},
            "more_keys": self.more_keys,
            "convert": {
                **{key: begin[key] for key in ("status", "exit_status", "problems", "warnings")},
                "input_warnings": list(self.typed_warnings),
                "splits": [report.as_json() for report in self.reports],
            },
            "next": None if self.next_line is None else [printable(word) for word in self.next_line.words],
            "next_line": None if self.next_line is None else self.next_line.text,
            "next_note": None if self.next_line is None else self.next_line.note or None,
        }


def _file(file: InspectedFile) -> dict[str, Any]:
    return {
        "file": printable(file.file),
        "split": file.split,
        "size": file.size,
        "whole": file.whole,
        "records": file.records,
        "records_about": file.about,
        "images": file.images,
        "objects": file.objects,
        "problems": {"count": file.problems, "first": file.typed_problem},
        "schema": file.schema,
        "coordinates": None if file.pixel is None else "pixel" if file.pixel else "normalized",
        "evidence": list(file.evidence),
    }


def _classes(classes: tuple[CountedClass, ...], noun: str) -> list[dict[str, Any]]:
    return [{"id": each.id, "name": printable(each.name), noun: each.times} for each in classes]


def _sizes(counts: Counts) -> dict[str, Any] | None:
    """Width and height of the smallest, the median and the largest image, by area; None where there is none."""
    if not counts.sizes:
        return None
    least, middle, most = map(list, counts.spread_of_sizes())
    return {"smallest": least, "median": middle, "largest": most, "different": len(counts.sizes)}


def _key(key: KeyCount) -> dict[str, Any]:
    return {
        "kinds": list(key.kinds),
        "least": key.least,
        "most": key.most,
        "records": key.records,
        "example": key.example,
    }
