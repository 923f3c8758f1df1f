"""What ``pack`` did: the value that it returns, for callers and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.comparison.result import Comparison
from tfrecord_lite.errors import counted, printable
from tfrecord_lite.options.console import envelope
from tfrecord_lite.pipeline.conversion.summary import count_classes
from tfrecord_lite.report import FULL_MESSAGES, SplitReport, count_warnings, loss_lines, warning_lines
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

    def __str__(self) -> str:
        told = (*warning_lines(self.typed_warnings, self.splits), *loss_lines(self.splits), *self.lines())
        return "\n".join(map(in_python, told))

    def lines(self) -> Iterator[str]:
        """What was packed, and where everything is."""
        classes: dict[str, int] = {}
        for split in self.splits:
            shards = self.shards[split.split]
            counts = [counted(split.images, "image"), counted(split.annotations, "object")]
            counts += [f"{number:,} {task}" for task, number in split.tasks.items()]
            yield f"{printable(split.split)}: {', '.join(counts)} in {counted(len(shards), 'shard')}"
            for (_, name), number in split.categories.items():
                classes[name] = classes.get(name, 0) + number
        if classes:
            yield count_classes(sorted(classes.items(), key=lambda each: -each[1]))
            yield f"numbers of classes: up to {self.largest_class}, without the background 0"
        if self.compared is not None:
            yield f"compared with the dataset: equal, {self.compared.b}"
        for split in self.splits:
            shards = self.shards[split.split]
            yield f"wrote {printable(shards[0])}" + (f" to {printable(shards[-1])}" if len(shards) > 1 else "")
        for path in (*self.reports, *([] if self.label_map is None else [self.label_map])):
            yield f"wrote {printable(path)}"

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
