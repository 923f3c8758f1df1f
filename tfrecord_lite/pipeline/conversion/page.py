"""The page of a conversion: what was read and kept. It is imported once a page is asked for: it draws pictures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence

from tfrecord_lite.errors import OutputError, UsageError, counted, printable
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.look.choose import Chooser
from tfrecord_lite.look.survey import Fact, Survey
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.checks import protect_inputs
from tfrecord_lite.output.whole import check_file, write_whole
from tfrecord_lite.pipeline.previews.looking import look_at
from tfrecord_lite.pipeline.previews.page import make_page
from tfrecord_lite.pipeline.previews.record_files import RecordFiles
from tfrecord_lite.report import SplitReport
from tfrecord_lite.tfrecord.records import Paths

_PICTURES = 200  # that are shown


def check_page(
    path: str,
    read: Iterable[str],
    written: Iterable[str],
    shards: Sequence[Shard],
    *,
    image_root: str | None,
    overwrite: bool,
) -> None:
    """Refuses a page that cannot be, before anything is read.

    read: what may not be replaced. written: what the conversion itself puts in place. image_root: see protect_inputs.

    Raises:
        OutputError: something is there already; or it would replace what is read, or what was just written.
        UsageError: the input cannot be read twice.
    """
    if any(shard.path == STDIN for shard in shards):
        raise UsageError("--html reads the input twice, and standard input can be read once only: save it to a file")
    check_file(path, overwrite=overwrite)
    protect_inputs(read, [path], path, image_root=None)
    if image_root is not None and os.path.lexists(path) and _are_one_in_the_other(path, image_root):
        problem = f"this is in the folder {printable(image_root)}, from which pictures are read, and is not replaced"
        raise OutputError(path, f"{problem}. Name another file for --html")
    for piece in written:
        if _are_one_in_the_other(path, piece):
            problem = f"the conversion writes {printable(piece)}, and the page would be in its place or in it"
            raise OutputError(path, f"{problem}. Name another file for --html")


def _are_one_in_the_other(path: str, other: str) -> bool:
    """Whether two paths are one, or one leads into the other; of names that differ in case only that is assumed."""
    parts, others = (os.path.realpath(each).casefold().split(os.sep) for each in (path, other))
    least = min(len(parts), len(others))
    return parts[:least] == others[:least]


def write_page(
    path: str,
    inputs: Paths,
    reading: ReadOptions,
    label_map: LabelMapSource | None,
    reports: Sequence[SplitReport],
    *,
    overwrite: bool,
) -> None:
    """Reads the input once more, and writes the page that shows it with what became of it."""
    looked = look_at(RecordFiles(inputs, reading, label_map), Chooser(_PICTURES, 0))
    _count_as_reported(looked.survey, reports)
    chosen = looked.survey.chooser.choose(looked.survey.places_of_warnings())
    write_whole(path, make_page(looked, chosen, facts=_kept(reports)).content, overwrite=overwrite)


def _count_as_reported(survey: Survey, reports: Sequence[SplitReport]) -> None:
    """Makes the warnings those of the conversion, which knows more: what comes twice, what cannot be written."""
    counts: Counter[str] = Counter()
    for report in reports:
        for code, found in report.findings.items():
            counts[code] += found.count
            if code not in survey.warnings:
                survey.warn(code, found.where, found.typed)
    for code, count in counts.items():
        survey.warnings[code].count = count


def _kept(reports: Sequence[SplitReport]) -> list[Fact]:
    """What became of each split."""
    facts = []
    for report in reports:
        counts = [counted(report.images, "image"), counted(report.annotations, "annotation")]
        counts += [f"{number:,} {task}" for task, number in report.tasks.items()]
        dropped = (("record", report.dropped_records), ("annotation", report.dropped_annotations))
        counts += [f"{counted(number, noun)} dropped" for noun, number in dropped if number]
        details = tuple(f"dropped: {problem.text}" for problem in report.problems)
        facts.append(Fact(f"Kept in {printable(report.split)}", ", ".join(counts), details))
    return facts
