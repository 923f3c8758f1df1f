"""What is said at the end of a conversion: warnings to stderr, results to stdout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tfrecord_lite.commands.streams import out, out_json, say
from tfrecord_lite.errors import counted, printable, shortened

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.summary import Summary
    from tfrecord_lite.report import SplitReport

_MOST_CLASSES = 10  # that are named, the frequent ones


def tell(summary: Summary, *, as_json: bool) -> None:
    """Says what there is to know, and what was written."""
    from tfrecord_lite.report import loss_lines, warning_lines  # noqa: PLC0415 - help must not wait for it

    for line in (*warning_lines(summary.typed_warnings, summary.splits), *loss_lines(summary.splits)):
        say(line)
    if as_json:
        out_json(summary.as_json())
        return
    for line in _results(summary):
        out(line)


def _results(summary: Summary) -> Iterator[str]:
    """What was converted, how it was understood, and where everything is."""
    if summary.dry_run:
        yield "dry run: nothing was written"
    yield from map(_counts, summary.splits)
    limits = {limit for split in summary.splits if (limit := split.chosen.get("limit")) == split.images}
    if limits:
        yield f"no more than the first {counted(max(limits), 'image')} of each split were read"
    yield from map(_unnamed, summary.unnamed_splits)
    entries = (entry for split in summary.splits for entry in split.inputs if "schema" in entry)
    files_read = {(entry["schema"], entry["coordinates"], entry["file"]) for entry in entries}
    read = Counter(each[:2] for each in files_read)
    for (schema, unit), files in sorted(read.items(), key=str):
        boxes = f", {unit} boxes" if unit else ""
        yield f"read as {schema}{boxes}" + (f": {counted(files, 'file')}" if len(read) > 1 else "")
    if summary.label_map is not None:
        yield f"label map: {printable(summary.label_map)}"
    if decision := next((split.class_numbers for split in summary.splits if split.class_numbers), ""):
        yield decision
    if classes := sorted(summary.classes.items(), key=lambda each: -each[1]):
        numbers = all(name.isdecimal() for name, _ in classes)
        form = "number {} ({})" if numbers else "{} {}"
        yield count_classes(classes, form)
        if numbers:
            yield "the classes have no names: --label-map FILE gives them"
    written = summary.written
    pages = [] if summary.page is None else [summary.page]
    for path in (*written.files, *written.image_folders, *written.labels, *written.reports, *pages):
        yield f"{'would write' if summary.dry_run else 'wrote'} {printable(path)}"


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


def count_classes(classes: Sequence[tuple[str, int]], form: str = "{} {}") -> str:
    """How many classes there are, with the first of them. classes: their names, with the numbers of their objects."""
    named = ", ".join(form.format(shortened(name), f"{count:,}") for name, count in classes[:_MOST_CLASSES])
    more = len(classes) - _MOST_CLASSES
    return f"{counted(len(classes), 'class')}: {named}" + (f" and {more:,} more" if more > 0 else "")


def _not_chosen(split: SplitReport) -> str:
    """What was left out because it was not asked for."""
    parts = [counted(split.images_not_chosen, "image")] if split.images_not_chosen else []
    parts += [f"{counted(split.empty_not_chosen, 'image')} without objects"] if split.empty_not_chosen else []
    if classes := split.classes_not_chosen:
        parts.append(f"{counted(sum(classes.values()), 'annotation')} of {counted(len(classes), 'class')}")
    return f" (not chosen: {', '.join(parts)})" if parts else ""
