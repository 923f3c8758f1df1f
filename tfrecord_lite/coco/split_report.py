"""Collected images and what was resolved -> the report of one split."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tfrecord_lite.coco.class_base import CLASS_BASE_UNCLEAR
from tfrecord_lite.coco.collector import Collector
from tfrecord_lite.coco.empty_images import ImagesWithObjects
from tfrecord_lite.coco.part_summary import FileSummary
from tfrecord_lite.coco.resolve import Resolved
from tfrecord_lite.coco.resolve_classes import NOT_IN_MAP
from tfrecord_lite.errors import DataError, FeatureError, Location, counted
from tfrecord_lite.report import FULL_MESSAGES, SplitReport
from tfrecord_lite.sample import Finding


def report_split(
    split_name: str, root: str, split: Collector, resolved: Resolved, wanted: ImagesWithObjects | None = None
) -> SplitReport:
    """The report of a split whose classes are resolved.

    root: the folder of all inputs. wanted: the images that are wanted; None for all.
    """
    summary, classes = split.summary, resolved.classes
    report = SplitReport(split=split_name, root=root, class_numbers=classes.decision)
    report.label_maps, report.label_maps_passed_over = resolved.label_map.files, resolved.label_map.passed_over
    report.merge(summary)
    report.merge(split.tally)
    report.problems = _first([*summary.problems, *split.tally.problems], summary.files)
    report.records = summary.records
    report.images = split.images
    report.images_not_chosen = summary.not_chosen
    report.empty_not_chosen = 0 if wanted is None else wanted.left_out
    report.tasks = split.tasks
    report.implied_keys = sorted(summary.implied)
    report.inputs = [_describe(file, report) for file in summary.files]
    report.dropped_records = summary.dropped_records + split.unusable
    report.dropped_annotations = summary.dropped_objects
    counts: Counter[int] = Counter()
    missing: list[tuple[Finding, int]] = []
    for each, count, place in summary.classes.used():
        if (why := classes.refusals.get(each)) is not None:
            report.dropped_annotations += count
            number, key = summary.classes.origins[summary.classes[each]]
            told = why if count == 1 else f"{why} (objects in this split: {count})"
            report.add_problem(FeatureError(place, key, f"object {number}: {told}"))
            continue
        if classes.chosen is not None and (name := classes.chosen.objects.get(each)) is not None:
            report.classes_not_chosen[name] = report.classes_not_chosen.get(name, 0) + count
            continue
        report.annotations += count
        counts[classes.ids[each]] += count
        for code, text in classes.notes.get(each, ()):
            finding = Finding(code, place, text)
            if code == NOT_IN_MAP:
                missing.append((finding, count))
            else:
                report.add_finding(finding, count)
    if missing:
        report.add_finding(_not_in_map([finding for finding, _ in missing]), sum(count for _, count in missing))
    report.categories = {(each.id, each.name): counts[each.id] for each in classes.categories if counts[each.id]}
    if classes.unclear and report.annotations:
        report.add_finding(Finding(CLASS_BASE_UNCLEAR, Location(summary.files[0].file), classes.unclear))
    return report


def _not_in_map(missing: list[Finding]) -> Finding:
    """That the label map lacks classes: the first of them, how many more, and what to do."""
    more = f", nor {'is' if len(missing) == 2 else 'are'} {counted(len(missing) - 1, 'more class')}"
    text = f"{missing[0].text}{more if missing[1:] else ''}. What it lacks gets a category of its own"
    return missing[0]._replace(text=f"{text}: complete the label map, or name another one with --label-map FILE")


def _first(problems: list[DataError], files: list[FileSummary]) -> list[DataError]:
    """The first problems in the order of the input. Problems of a file as a whole come after those of its records."""
    order = {file.file: number for number, file in enumerate(files)}

    def place(problem: DataError) -> tuple[int, bool, int]:
        where = problem.where
        return order.get(where.file, len(order)), where.record is None, where.record or 0

    return sorted(problems, key=place)[:FULL_MESSAGES]


def _describe(file: FileSummary, report: SplitReport) -> dict[str, Any]:
    """How a file was read, for the report."""
    entry: dict[str, Any] = {"file": report.short_name(file.file), "records": file.records}
    if file.schema is not None:
        entry["schema"] = file.schema
        entry["coordinates"] = None if file.pixel is None else "pixel" if file.pixel else "normalized"
        entry["evidence"] = list(file.evidence)
    return entry
