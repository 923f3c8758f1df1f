"""What was read of every split -> categories, reports and warnings. Nothing is written.

``convert`` publishes what is decided here; ``inspect`` only shows it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from tfrecord_lite.coco.draft.part_summary import PartSummary
from tfrecord_lite.coco.resolve.kept_table import KeptTable
from tfrecord_lite.coco.resolve.resolve import Resolved, resolve
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.write.empty_images import ImagesWithObjects
from tfrecord_lite.coco.write.split_writer import report_split
from tfrecord_lite.errors import DataError, Location, counted
from tfrecord_lite.labels.choose import hints
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.judge import judge
from tfrecord_lite.pipeline.reading.selection import Selection
from tfrecord_lite.pipeline.reading.source import Source
from tfrecord_lite.report import SplitReport

_ALL = Selection()
_DEFAULTS = ReadOptions()
_WHY = {
    "category": "--category has no effect: the records name the classes of their objects",
    "image_root": "--image-root has no effect: the records hold their images",
    "image_size": "--image-size has no effect: the images or the records say their size",
    "image_index": "--image-index has no effect: no record holds several images",
}


class Decided(NamedTuple):
    """The decisions of a conversion.

    reports: one a split. warnings: about the input as a whole.
    wrong: errors of the input as a whole, which no option skips.
    unnamed_splits: those named after their files, since no word such as ``train`` names them.
    wanted: the images of each split that are wanted, where not all are.
    restores: whether entries that records carry along are written in place of what the records say.
    """

    resolved: Resolved
    reports: tuple[SplitReport, ...]
    warnings: tuple[str, ...]
    wrong: tuple[DataError, ...]
    unnamed_splits: tuple[str, ...]
    wanted: Mapping[str, ImagesWithObjects]
    restores: bool

    def judge(self, on_error: str, fatal: Collection[str] | None, *, allow_empty: bool) -> None:
        """Raises RejectedInputError where nothing may be published. The arguments are those of ``judge``."""
        drops = on_error != "fail"
        judge(self.reports, self.wrong, self.warnings, drops=drops, fatal=fatal, allow_empty=allow_empty)


def decide(
    source: Source,
    reading: ReadOptions,
    collected: Mapping[str, Collector],
    kept: KeptTable | None = None,
    selection: Selection = _ALL,
    asked: str = "",
) -> Decided:
    """Decides everything that depends on more than one record.

    Args:
        source: the input.
        reading: how its records were read.
        collected: what was read of each split.
        kept: the categories of the dataset that splits are added to.
        selection: what is wanted of all that.
        asked: the option, if any, that asks for another output than the entries that records carry along.

    Raises:
        LabelMapError: the classes have no names, and it is open which label map is theirs.
        OutputError: the categories cannot agree with those that are there.
        UsageError: a class that is named does not exist.
    """
    summaries = [each.summary for each in collected.values()]
    resolved = resolve(summaries, source.label_maps, kept, selection.classes)
    wanted: dict[str, ImagesWithObjects] = {}
    if selection.drop_empty_images:
        wanted = {name: ImagesWithObjects(each, resolved.classes) for name, each in collected.items()}
    records = [shard.path for shard in source.shards]
    reports = [report_split(name, source.root, each, resolved, wanted.get(name)) for name, each in collected.items()]
    for report in reports:
        report.chosen = selection.told(report.split)
    why_not = _why_not_restored(collected, kept, asked)
    for report, each in zip(reports, collected.values(), strict=True):
        if each.originals is not None:
            told = f"; {counted(each.originals.renamed, 'file name')} made safe" if each.originals.renamed else ""
            report.originals = f"not used: {why_not}" if why_not else f"as they were packed{told}"
    return Decided(
        resolved,
        tuple(reports),
        (
            *source.warnings,
            *resolved.warnings,
            *hints(resolved.label_map, records),
            *without_effect(reading, summaries),
        ),
        tuple(absent_keys(summaries)),
        tuple(name for name in source.unnamed if name in collected),
        wanted,
        not why_not and any(each.originals is not None for each in collected.values()),
    )


def _why_not_restored(collected: Mapping[str, Collector], kept: KeptTable | None, asked: str) -> str:
    """Why entries that records carry along are not what is written; all splits share one table of categories."""
    if asked:
        return f"{asked} asks for another output"
    if kept is not None:
        return "they are added to a dataset, whose categories are kept"
    reasons = (
        each.originals.why_not(each.images)
        if each.originals is not None
        else (f"the records of {name} have none" if each.images else f"the split {name} has no image")
        for name, each in collected.items()
    )
    return next(filter(None, reasons), "")


def absent_keys(summaries: Iterable[PartSummary]) -> Iterator[DataError]:
    """The keys that options give to roles and that no record of the whole input has; a single file may lack them."""
    summaries = list(summaries)
    met = set().union(*(summary.effects for summary in summaries))
    told: set[str] = set()
    for summary in summaries:
        for file in summary.files:
            for key, nearest in file.absent:
                if key not in met and key not in told:
                    from tfrecord_lite.schemas.own_keys import no_such_key  # noqa: PLC0415 - few calls name keys

                    told.add(key)
                    yield DataError(Location(file.file), no_such_key(key, nearest))


def without_effect(options: ReadOptions, summaries: Iterable[PartSummary]) -> Iterator[str]:
    """Warnings about options that were given and changed nothing; none where no record was read."""
    summaries = list(summaries)
    met = set().union(*(summary.effects for summary in summaries))
    if not any(summary.records for summary in summaries):
        return
    for name, why in _WHY.items():
        if getattr(options, name) != getattr(_DEFAULTS, name) and name not in met:
            yield why
