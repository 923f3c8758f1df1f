"""One split of a COCO dataset -> its shards, written here or by workers."""

from __future__ import annotations

import os
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator

from tfrecord_lite.coco.read.packed_classes import PackedClasses
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.coco.write.originals import dataset_of
from tfrecord_lite.errors import Location, RejectedInputError
from tfrecord_lite.output.shards import ShardFolder, shard_name
from tfrecord_lite.pipeline.packing.pack_plan import Plan
from tfrecord_lite.pipeline.packing.record_maker import (
    Missing,
    RecordMaker,
    Request,
    Span,
    SpanSummary,
    missing_pictures,
)
from tfrecord_lite.report import SplitReport
from tfrecord_lite.sample import Finding
from tfrecord_lite.tfrecord.records import ignore_bytes

_CARRIER = "--keep-source has records carry them along"


def pack_split(
    name: str,
    split: CocoSplit,
    classes: PackedClasses,
    folder: ShardFolder,
    request: Request,
    root: str,
    on_bytes: Callable[[int], None],
) -> tuple[SplitReport, list[str]]:
    """Writes the shards of a split. Returns its report, and their names. on_bytes: see ``pack``."""
    spread = os.path.join(folder.scratch, "spread")
    os.mkdir(spread)
    report = SplitReport(split=name, root=root, carrier="" if request.keep_source else _CARRIER)
    plan = Plan(split, spread, request, report)
    if plan.missing.count and not request.drops:  # no need to read the others
        raise RejectedInputError([missing_pictures(split, plan.missing, plan.images)], 1)
    count = request.shards or plan.shards()
    names = [shard_name(name, number, count) for number in range(count)]
    paths = [os.path.join(folder.root, each) for each in names]
    for path in paths:
        with open(path, "xb"):
            pass
    things = frozenset(each.get("id") for each in split.panoptic if each.get("isthing", 1) in (1, True))
    dataset = dataset_of(plan.heads)
    maker = RecordMaker(split, request, classes, plan.filling, plan.numbered, things, plan.heads, dataset)
    missing, tasks, categories = Missing(), Counter[str](), Counter[tuple[int, str]]()
    spans = plan.spans(count, by_size=request.shards is None)
    for part in _write(spans, maker, paths, folder.scratch, request.jobs):
        report.merge(part)
        report.images += part.images
        report.annotations += part.annotations
        report.dropped_records += part.dropped_records
        report.dropped_annotations += part.dropped_annotations
        missing.merge(part.missing)
        tasks.update(part.tasks)
        categories.update(part.categories)
        on_bytes(part.size)
    os.rmdir(spread)
    if missing.count:
        report.add_problem(missing_pictures(split, missing, plan.images))
    if classes.shift:
        ids = f"all {len(classes.items):,} ids are raised by one"
        text = f"a category has the id 0, which trainers take for the background: {ids} in the records"
        report.add_finding(Finding("category-id-zero", Location(split.files[split.main]), text))
    report.records = plan.images
    report.tasks = dict(tasks)
    report.categories = dict(sorted(categories.items()))
    report.inputs = [{"file": report.short_name(path), "task": task} for task, path in split.files.items()]
    return report, names


def _write(
    spans: Iterator[Span], maker: RecordMaker, shards: list[str], folder: str, jobs: int
) -> Iterator[SpanSummary]:
    """Writes span after span to its shard, here or by workers, which write to files in the folder."""
    started = -1  # the last shard that has a record
    if jobs == 1:
        for span in spans:
            summary = maker.write(span._replace(path=shards[span.shard], is_first=span.shard != started))
            started = span.shard if summary.images else started
            yield summary
        return
    from tfrecord_lite.pipeline.pool import Workers  # noqa: PLC0415 - imports multiprocessing

    written: deque[Span] = deque()

    def tasks() -> Iterator[Span]:
        for number, span in enumerate(spans):
            written.append(span._replace(path=os.path.join(folder, str(number))))
            yield written[-1]

    workers: Workers[Span, SpanSummary] = Workers(jobs, maker.work, ignore_bytes)
    try:
        for made in workers.run(tasks()):
            span, summary = written.popleft(), made
            if summary.images and span.shard != started:
                if maker.heads and not span.is_first:  # all before it were left out, which its worker could not know
                    os.unlink(span.path)
                    summary = maker.write(span._replace(is_first=True))
                started = span.shard
            _append(span.path, shards[span.shard])
            yield summary
    finally:
        workers.close()


def _append(path: str, shard: str) -> None:
    """Moves what is in a file to the end of another one; the first of a shard becomes it."""
    if not os.path.getsize(shard):
        os.replace(path, shard)
        return
    with open(path, "rb") as source, open(shard, "ab") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    os.unlink(path)
