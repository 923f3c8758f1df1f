"""What ``pack`` did: the value that it returns, for callers and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.comparison.result import Comparison
from tfrecord_lite.errors import counted, printable
from tfrecord_lite.report import Outcome


@dataclass(frozen=True, slots=True)
class Packed(Outcome):
    """What ``pack`` did.

    output: the folder. splits: what became of each. typed_warnings: of the dataset as a whole, in words of the command
    line. shards: paths of the record files, by split. label_map: its path; None where there are no classes.
    reports: paths. target: the trainer. largest_class: the largest number of a class, 0 without any.
    compared: what ``verify`` found, where it was asked for.
    """

    shards: dict[str, tuple[str, ...]]
    label_map: str | None
    reports: tuple[str, ...]
    target: str
    largest_class: int
    compared: Comparison | None = None

    def lines(self) -> Iterator[str]:
        """What was packed, and where everything is."""
        for split in self.splits:
            shards = self.shards[split.split]
            counts = [counted(split.images, "image"), counted(split.annotations, "object")]
            counts += [f"{number:,} {task}" for task, number in split.tasks.items()]
            yield f"{printable(split.split)}: {', '.join(counts)} in {counted(len(shards), 'shard')}"
        if self.classes:
            yield self._class_line()
            yield f"largest class number: {self.largest_class} (0 is the background)"
        if self.compared is not None:
            yield f"compared with the dataset: equal, {self.compared.b}"
        for split in self.splits:
            shards = self.shards[split.split]
            yield f"wrote {printable(shards[0])}" + (f" to {printable(shards[-1])}" if len(shards) > 1 else "")
        for path in (*self.reports, *([] if self.label_map is None else [self.label_map])):
            yield f"wrote {printable(path)}"

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return self._as_json() | {
            "shards": {name: list(map(printable, paths)) for name, paths in self.shards.items()},
            "label_map": None if self.label_map is None else printable(self.label_map),
            "reports": list(map(printable, self.reports)),
            "target": self.target,
            "largest_class": self.largest_class,
            "verified": self.compared is not None,
            "notes": [] if self.compared is None else list(self.compared.notes),
        }
