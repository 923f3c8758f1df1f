"""What a conversion did: the value that it returns, for callers and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.errors import counted, printable
from tfrecord_lite.output.target import Written
from tfrecord_lite.pipeline.conversion.decide import Decided
from tfrecord_lite.report import Outcome, SplitReport


@dataclass(frozen=True, slots=True)
class Summary(Outcome):
    """What a conversion did.

    output: the dataset folder or JSON file. splits: what became of each.
    typed_warnings: about the input as a whole, in words of the command line.
    written: the paths of what is in the output.
    categories: how many the COCO files list, unused ones of a label map included.
    label_map: where the category names came from; None where the records had to name them.
    page: the page that shows the conversion, where one was asked for.
    dry_run: whether nothing was written, and all this only would be so.
    unnamed_splits: those that no word such as ``train`` names, but their files.
    """

    written: Written
    categories: int
    label_map: str | None
    page: str | None = None
    dry_run: bool = False
    unnamed_splits: tuple[str, ...] = ()

    @classmethod
    def of(cls, output: str, written: Written, decided: Decided, page: str | None, *, dry_run: bool = False) -> Summary:
        """The summary of a conversion that was published, or only tried."""
        label_map = ", ".join(decided.resolved.label_map.files) or None
        categories = len(decided.resolved.classes.categories)
        return cls(
            output,
            decided.reports,
            decided.warnings,
            written,
            categories,
            label_map,
            page,
            dry_run,
            decided.unnamed_splits,
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The COCO files."""
        return self.written.files

    def lines(self) -> Iterator[str]:
        """What was converted, how it was understood, and where everything is, in words of the command line."""
        if self.dry_run:
            yield "dry run: nothing was written"
        yield from map(_counts, self.splits)
        limits = {limit for split in self.splits if (limit := split.chosen.get("limit")) == split.images}
        if limits:
            yield f"no more than the first {counted(max(limits), 'image')} of each split were read"
        yield from map(_unnamed, self.unnamed_splits)
        entries = (entry for split in self.splits for entry in split.inputs if "schema" in entry)
        files_read = {(entry["schema"], entry["coordinates"], entry["file"]) for entry in entries}
        read = Counter(each[:2] for each in files_read)
        for (schema, unit), files in sorted(read.items(), key=str):
            boxes = f", {unit} boxes" if unit else ""
            yield f"read as {schema}{boxes}" + (f": {counted(files, 'file')}" if len(read) > 1 else "")
        if self.label_map is not None:
            yield f"label map: {printable(self.label_map)}"
        if decision := next((split.class_numbers for split in self.splits if split.class_numbers), ""):
            yield decision
        if classes := self.classes:
            numbers = all(map(str.isdecimal, classes))
            yield self._class_line("number {} ({})" if numbers else "{} {}")
            if numbers:
                yield "the classes have no names: --label-map FILE gives them"
        if classified := sum(split.classified for split in self.splits):
            of_all = f"{classified:,} of {counted(self.images, 'image')}"
            yield f"{of_all} {'has' if classified == 1 else 'have'} a class for the whole image: it is under labels"
        written = self.written
        pages = [] if self.page is None else [self.page]
        for path in (*written.files, *written.image_folders, *written.labels, *written.reports, *pages):
            yield f"{'would write' if self.dry_run else 'wrote'} {printable(path)}"

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return self._as_json("dry run" if self.dry_run else "done") | {
            "files": [printable(path) for path in self.files],
            "image_folders": [printable(path) for path in self.written.image_folders],
            "reports": [printable(path) for path in self.written.reports],
            "labels": [printable(path) for path in self.written.labels],
            "page": None if self.page is None else printable(self.page),
            "categories": self.categories,
            "classes": {printable(name): count for name, count in self.classes.items()},
            "label_map": None if self.label_map is None else printable(self.label_map),
        }


def _unnamed(split: str) -> str:
    """Where the name of a split is from, if not from a word such as ``train``."""
    why = "holds the files whose names say no split" if split == "all" else "is named after its file"
    return f"the split {printable(split)} {why}; --split NAME gives it another name"


def _counts(split: SplitReport) -> str:
    """How much one split holds, and how much it does not."""
    lost = {"record": split.dropped_records, "annotation": split.dropped_annotations}
    dropped = " and ".join(counted(number, what) for what, number in lost.items() if number)
    dropped = f" (dropped {dropped})" if dropped else ""
    counts = [counted(split.images, "image"), counted(split.annotations, "annotation")]
    counts += [f"{number:,} {task}" for task, number in split.tasks.items()]
    restored = f"; COCO entries in the records: {split.originals}" if split.originals else ""
    return f"{printable(split.split)}: {', '.join(counts)}{dropped}{_not_chosen(split)}{restored}"


def _not_chosen(split: SplitReport) -> str:
    """What was left out because it was not asked for."""
    parts = [counted(split.images_not_chosen, "image")] if split.images_not_chosen else []
    parts += [f"{counted(split.empty_not_chosen, 'image')} without objects"] if split.empty_not_chosen else []
    if classes := split.classes_not_chosen:
        parts.append(f"{counted(sum(classes.values()), 'annotation')} of {counted(len(classes), 'class')}")
    return f" (not chosen: {', '.join(parts)})" if parts else ""
