"""What ``pack`` did: the value that it returns, for callers and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfrecord_lite.comparison.result import Comparison
from tfrecord_lite.errors import printable
from tfrecord_lite.options.console import envelope
from tfrecord_lite.report import FULL_MESSAGES, SplitReport, count_warnings
from tfrecord_lite.spelling import in_python


@dataclass(frozen=True, slots=True)
class Packed:
    """What ``pack`` did.

    output: the folder. shards: paths of the record files, by split. reports: paths. label_map: its path; None where
    there are no classes. target: the trainer. largest_class: the largest number of a class, 0 without any.
    splits: what became of each. typed_warnings: of the dataset as a whole, in words of the command line.
    compared: what ``verify`` found, where it was asked for.
    """

    output: str
    shards: dict[str, tuple[str, ...]]
    label_map: str | None
    reports: tuple[str, ...]
    target: str
    largest_class: int
    splits: tuple[SplitReport, ...]
    typed_warnings: tuple[str, ...]
    compared: Comparison | None = None

    @property
    def images(self) -> int:
        """Images in all splits."""
        return sum(split.images for split in self.splits)

    @property
    def annotations(self) -> int:
        """Objects in all splits."""
        return sum(split.annotations for split in self.splits)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What there is to know of the dataset as a whole."""
        return tuple(map(in_python, self.typed_warnings))

    @property
    def warning_counts(self) -> dict[str, int]:
        """Codes of warnings and losses, with how often each was met in all splits."""
        return count_warnings(self.typed_warnings, self.splits)

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        problems = [problem.text for split in self.splits for problem in split.problems]
        begin = envelope(
            warnings=self.warning_counts,
            problems=problems[:FULL_MESSAGES],
            problem_count=sum(split.problem_count for split in self.splits),
        )
        return begin | {
            "output": printable(self.output),
            "shards": {name: list(map(printable, paths)) for name, paths in self.shards.items()},
            "label_map": None if self.label_map is None else printable(self.label_map),
            "reports": list(map(printable, self.reports)),
            "target": self.target,
            "largest_class": self.largest_class,
            "verified": self.compared is not None,
            "notes": [] if self.compared is None else list(self.compared.notes),
            "images": self.images,
            "annotations": self.annotations,
            "input_warnings": list(self.typed_warnings),
            "splits": [split.as_json() for split in self.splits],
        }
