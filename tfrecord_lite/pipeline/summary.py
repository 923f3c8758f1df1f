"""What a conversion did: the value that it returns, for callers and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.errors import printable
from tfrecord_lite.options.console import envelope
from tfrecord_lite.output.target import Written
from tfrecord_lite.pipeline.decide import Decided
from tfrecord_lite.report import FULL_MESSAGES, SplitReport, count_warnings
from tfrecord_lite.spelling import in_python


@dataclass(frozen=True, slots=True)
class Summary:
    """What a conversion did.

    output: the dataset folder or JSON file; written: the paths of what is in it.
    categories: how many the COCO files list, unused ones of a label map included.
    label_map: where the category names came from; None where the records had to name them.
    typed_warnings: what there is to know of the inputs as a whole, in words of the command line.
    page: the page that shows the conversion, where one was asked for.
    dry_run: whether nothing was written, and all this only would be so.
    unnamed_splits: those that no word such as ``train`` names, but their files.
    """

    output: str
    written: Written
    splits: tuple[SplitReport, ...]
    categories: int
    label_map: str | None
    typed_warnings: tuple[str, ...]
    page: str | None = None
    dry_run: bool = False
    unnamed_splits: tuple[str, ...] = ()

    @classmethod
    def of(cls, output: str, written: Written, decided: Decided, page: str | None, *, dry_run: bool = False) -> Summary:
        """What there is to tell of a conversion that was published, or only tried."""
        label_map = ", ".join(decided.resolved.label_map.files) or None
        categories = len(decided.resolved.classes.categories)
        return cls(
            output,
            written,
            decided.reports,
            categories,
            label_map,
            decided.warnings,
            page,
            dry_run,
            decided.unnamed_splits,
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The COCO files."""
        return self.written.files

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
        return {name: count for (_, name), count in sorted(counts.items())}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What there is to know of the inputs as a whole."""
        return tuple(map(in_python, self.typed_warnings))

    @property
    def warning_counts(self) -> dict[str, int]:
        """Codes of warnings and losses, with how often each was met in all splits."""
        return count_warnings(self.typed_warnings, self.splits)

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        problems = [problem.text for split in self.splits for problem in split.problems]
        begin = envelope(
            "dry run" if self.dry_run else "done",
            warnings=self.warning_counts,
            problems=problems[:FULL_MESSAGES],
            problem_count=sum(split.problem_count for split in self.splits),
        )
        return begin | {
            "output": printable(self.output),
            "files": [printable(path) for path in self.files],
            "image_folders": [printable(path) for path in self.written.image_folders],
            "reports": [printable(path) for path in self.written.reports],
            "labels": [printable(path) for path in self.written.labels],
            "page": None if self.page is None else printable(self.page),
            "images": self.images,
            "annotations": self.annotations,
            "categories": self.categories,
            "classes": {printable(name): count for name, count in self.classes.items()},
            "label_map": None if self.label_map is None else printable(self.label_map),
            "input_warnings": list(self.typed_warnings),
            "splits": [split.as_json() for split in self.splits],
        }
