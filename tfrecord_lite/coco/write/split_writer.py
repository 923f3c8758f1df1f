"""Collected images and what was resolved -> the report of one split, and its COCO files in one pass."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import compress
from typing import Any

import orjson

from tfrecord_lite.coco.draft.draft import Tasks, indexes_of, lines_of
from tfrecord_lite.coco.draft.entries import fill_image_classes
from tfrecord_lite.coco.draft.part_summary import FileSummary, Tables
from tfrecord_lite.coco.draft.spool import unpack
from tfrecord_lite.coco.resolve.category_ids import NOT_IN_MAP, category_entry
from tfrecord_lite.coco.resolve.class_base import CLASS_BASE_UNCLEAR
from tfrecord_lite.coco.resolve.resolve import Resolved
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.coco.write.empty_images import ImagesWithObjects
from tfrecord_lite.coco.write.json_writer import AnnotationLines, CocoWriter, Entry
from tfrecord_lite.errors import DataError, FeatureError, Location, counted
from tfrecord_lite.output.fsync import write_synced
from tfrecord_lite.report import FULL_MESSAGES, SplitReport
from tfrecord_lite.sample import Finding

_NO_CATEGORY = 0  # in place of an id, which is always larger


def tasks_of(split: Collector, resolved: Resolved) -> list[str]:
    """The tasks that a split has files for, beside that of its instances."""
    if not split.paths.tasks:
        return []
    used, ids = split.summary.classes.used(), resolved.classes.ids
    has_keypoints = any(each.keypoints is not None and each in ids for each, _, _ in used)
    return [*(["person_keypoints"] if has_keypoints else []), *split.tasks]


def write_split(
    root: str,
    split: Collector,
    resolved: Resolved,
    report: SplitReport,
    wanted: ImagesWithObjects | None = None,
    *,
    restores: bool = False,
) -> None:
    """Writes the COCO files of a split below ``root``, and its report. What was collected is gone then.

    wanted: the images that are written; None for all. restores: whether entries that records carry along are written in
    place of what the records say.

    Raises:
        OSError: the file system refuses.
    """
    paths = split.paths
    with ExitStack() as undo:
        coco = CocoWriter(os.path.join(root, paths.json))
        undo.callback(coco.discard)
        tasks: dict[str, AnnotationLines] = {}
        for task in tasks_of(split, resolved):
            tasks[task] = AnnotationLines(os.path.join(root, paths.tasks[task] + ".annotations"))
            undo.callback(tasks[task].close)
        _Writer(split, resolved, coco, tasks, wanted).write_all()
        originals, split.originals = split.originals, None
        if originals is not None:
            undo.callback(originals.close)
        split.close()
        coco.finish(map(category_entry, resolved.classes.categories))
        categories: Mapping[str, Iterable[Entry]] = {
            "person_keypoints": [category_entry(each) for each in resolved.classes.categories if each.keypoints],
            "captions": [],
            "stuff": resolved.stuff.categories,
            "panoptic": resolved.panoptic.categories,
        }
        for task, annotations in tasks.items():
            coco.finish_task(os.path.join(root, paths.tasks[task]), annotations, categories[task])
        if originals is not None and restores:
            originals.write(root, paths)
            report.annotations = originals.annotations
            split.pngs = originals.pngs
    if paths.report is not None:
        content = orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        write_synced(os.path.join(root, paths.report), content)


class _Writer:
    """Writes images and annotations. The class of each is found by its index, in the tables of the split."""

    def __init__(
        self,
        split: Collector,
        resolved: Resolved,
        coco: CocoWriter,
        tasks: Mapping[str, AnnotationLines],
        wanted: ImagesWithObjects | None,
    ) -> None:
        self._split = split
        self._wanted = wanted
        self._classes = resolved.classes
        self._coco = coco
        self._tasks = tasks
        self._counts = dict.fromkeys(["instances", *tasks], 0)
        summary = split.summary
        self._all_ids = [resolved.classes.ids.get(each, _NO_CATEGORY) for each in summary.classes]
        self._all_have_one = _NO_CATEGORY not in self._all_ids
        self._keypoints = tasks.get("person_keypoints")
        self._all_have_keypoints = [each.keypoints is not None for each in summary.classes]
        self._all_stuff_ids = [resolved.stuff.ids.get(each, 0) for each in summary.stuff]
        self._all_segments = [resolved.panoptic.meanings.get(each, (0, 0)) for each in summary.segments]
        self._ids, self._stuff_ids, self._segments = self._all_ids, self._all_stuff_ids, self._all_segments
        self._have_keypoints = self._all_have_keypoints

    def write_all(self) -> None:
        """Writes every image of the split in order."""
        for each in self._split:
            if isinstance(each, Tables):
                self._ids = [self._all_ids[index] for index in each.classes]
                self._have_keypoints = [self._all_have_keypoints[index] for index in each.classes]
                self._stuff_ids = [self._all_stuff_ids[index] for index in each.stuff]
                self._segments = [self._all_segments[index] for index in each.segments]
                continue
            number, entry, classes, objects, tasks = each
            if b"\n" in entry:
                entry = fill_image_classes(entry, self._classes.id_of_number, self._classes.titles)
                if self._classes.chosen is not None:
                    from tfrecord_lite.coco.resolve.choose_classes import choose_image_classes  # noqa: PLC0415 - rare

                    entry = choose_image_classes(entry, self._classes.chosen)
            if self._wanted is not None:
                if number not in self._wanted:
                    self._wanted.remove(entry, tasks)
                    continue
                number, entry = self._wanted.renumber(number, entry)
            if entry:
                self._coco.add_image(entry)
            if objects:
                self._add_annotations(number, classes, objects)
            if tasks:
                self._add_tasks(number, Tasks(*unpack(tasks, len(Tasks._fields))))

    def _add_annotations(self, image_id: int, classes: bytes, objects: bytes) -> None:
        """The annotations of an image's objects, as far as they have a category."""
        indexes: Sequence[int] = indexes_of(classes)
        ids = [self._ids[index] for index in indexes]
        texts = objects[1:].split(b"\n{")  # lines without their opening braces
        if not self._all_have_one:
            indexes = [index for index in indexes if self._ids[index] != _NO_CATEGORY]
            texts = [text for text, category in zip(texts, ids, strict=True) if category != _NO_CATEGORY]
            ids = [category for category in ids if category != _NO_CATEGORY]
        first = self._counts["instances"] + 1
        entries = [
            b'{"id":%d,"image_id":%d,"category_id":%d,%b' % (number, image_id, category, text)
            for number, category, text in zip(range(first, first + len(ids)), ids, texts, strict=True)
        ]
        self._counts["instances"] += len(entries)
        self._coco.add_annotations(b",".join(entries))
        if self._keypoints is not None:
            have_keypoints = map(self._have_keypoints.__getitem__, indexes)
            self._keypoints.add(b",".join(compress(entries, have_keypoints)))

    def _add_tasks(self, image_id: int, tasks: Tasks) -> None:
        """Captions, stuff and panoptic segments of an image."""
        for caption in lines_of(tasks.captions):
            head = (self._next("captions"), image_id, caption)
            # pycocotools, faster-coco-eval and hotcoco ask every annotation of a file with categories for its category.
            self._tasks["captions"].add(b'{"id":%d,"image_id":%d,"category_id":0,"caption":%b}' % head)
        for index, text in zip(indexes_of(tasks.stuff_classes), lines_of(tasks.stuff), strict=True):
            entry = (self._next("stuff"), image_id, self._stuff_ids[index], text)
            self._tasks["stuff"].add(b'{"id":%d,"image_id":%d,"category_id":%d,%b' % entry)
        if tasks.png:
            indexes = indexes_of(tasks.segment_classes)
            texts = zip(indexes, lines_of(tasks.segments), strict=True)
            segments = b",".join([text % self._segments[index] for index, text in texts])
            whole = (image_id, tasks.png, segments)
            self._tasks["panoptic"].add(b'{"image_id":%d,"file_name":%b,"segments_info":[%b]}' % whole)

    def _next(self, task: str) -> int:
        """The id of the next annotation for the file of a task."""
        self._counts[task] += 1
        return self._counts[task]


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
    report.classified = split.classified if wanted is None and classes.chosen is None else 0
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
