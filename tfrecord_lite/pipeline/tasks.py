"""Parts of the input -> collected drafts: read in this process, or by workers that stage what they read.

A worker writes the drafts of a part to a spool, and images beside it; what it sends is the summary of the part. The
first parts are always read here: an input that they exhaust is not worth the start of workers.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import orjson

from tfrecord_lite.coco.collector import Collector
from tfrecord_lite.coco.draft import Draft, DraftOptions, Tasks, make_draft
from tfrecord_lite.coco.entries import ImageFragments
from tfrecord_lite.coco.part_summary import FileSummary, PartSummary
from tfrecord_lite.coco.spool import Spool, pack, unpack
from tfrecord_lite.errors import Location
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.files import write_new
from tfrecord_lite.pipeline.parts import LARGEST_PART, Division, Part
from tfrecord_lite.pipeline.shard_reader import ShardReader
from tfrecord_lite.sample import Sample

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Notify, Workers

ALONE_SECONDS = 0.2  # how long an input is converted here before workers are started
WORTH_SECONDS = 1.0  # of work left, for which they are
_TENDED_DRAFTS = 64  # that are collected before workers are given something to do
_NOTED_BYTES = 4 << 20  # progress that is worth a message
_SPOOL = "drafts"  # file in the folder of a part
_FIELDS = 8  # of a draft in a spool


class ReadTask(NamedTuple):
    """A part, and how to read it. folder: for what comes of it. images: whether images are staged there."""

    part: Part
    reading: ReadOptions
    drafting: DraftOptions
    folder: str
    images: bool


class PartRead(NamedTuple):
    """What a worker gives back."""

    task: ReadTask
    summary: PartSummary


# -------------------------------------------------------------------------------------------------- one part
def read_part(task: ReadTask, summary: PartSummary, on_bytes: Notify) -> Iterator[Draft]:
    """The drafts of a part. What else there is to know of it is added to the summary."""
    for shard, part in task.part.pieces:
        reader = ShardReader(shard, task.reading, on_bytes, part)
        for event in reader:
            if isinstance(event, Sample):
                yield make_draft(event, task.drafting, summary)
            else:
                summary.dropped_records += 1
                summary.add_problem(event)
            del event  # a large image must not be held while the next one is read
        summary.add_findings(reader.findings)
        summary.add_file(_describe(reader))


def _describe(reader: ShardReader) -> FileSummary:
    """How a file was read."""
    name, choice = reader.shard.name, reader.choice
    if choice is None:
        return FileSummary(name, reader.records)
    schema = choice.schema
    return FileSummary(name, reader.records, schema.name, choice.pixel, schema.zero_based, tuple(choice.evidence))


def read_to_folder(task: ReadTask, notify: Notify) -> PartRead:
    """Reads a part in a worker: writes its drafts and images to the folder of the task."""
    unsaid = 0

    def on_bytes(count: int) -> None:
        nonlocal unsaid
        unsaid += count
        if unsaid >= _NOTED_BYTES:
            notify(unsaid)
            unsaid = 0

    os.mkdir(task.folder)
    summary = PartSummary()
    spool = Spool(os.path.join(task.folder, _SPOOL), _FIELDS)
    files = {shard.name: number for number, (shard, _) in enumerate(task.part.pieces)}
    number = 0
    for draft in read_part(task, summary, on_bytes):
        has_image = task.images and draft.image is not None
        if has_image and draft.image is not None:
            write_new(task.folder, str(number), draft.image)
        if draft.png is not None:
            write_new(task.folder, f"{number}.png", draft.png)
        head = [
            [files[draft.where.file], *draft.where[1:]],
            [draft.fragments.original, draft.name, draft.image_format, draft.source_id],
            [*draft.fragments[:2], draft.merged, has_image, draft.png is not None],
        ]
        spool.write(
            number,
            orjson.dumps(head),
            draft.fingerprint,
            *draft.fragments[3:],
            draft.classes,
            draft.objects,
            b"" if draft.tasks is None else pack(*draft.tasks),
            draft.digest,
        )
        del draft  # as above
        number += 1  # noqa: SIM113 - enumerate would hold the draft
    spool.close(keep=True)
    notify(unsaid)
    return PartRead(task, summary)


def read_from_folder(task: ReadTask) -> Iterator[Draft]:
    """The drafts that ``read_to_folder`` wrote. Their images are to be moved away; then the folder is removed."""
    spool = Spool(os.path.join(task.folder, _SPOOL), _FIELDS, reading=True)
    try:
        for number, head, fingerprint, source, metadata, classes, objects, tasks, digest in spool:
            (file, record, offset), texts, (width, height, merged, has_image, has_png) = orjson.loads(head)
            original, name, image_format, source_id = texts
            staged = os.path.join(task.folder, str(number))
            yield Draft(
                Location(task.part.pieces[file][0].name, record, offset),
                fingerprint,
                ImageFragments(width, height, original, source, metadata),
                classes,
                objects,
                Tasks(*unpack(tasks, len(Tasks._fields))) if tasks else None,
                name,
                image_format,
                source_id,
                merged,
                digest,
                None,
                staged if has_image else None,
                None,
                f"{staged}.png" if has_png else None,
            )
    finally:
        spool.close()
    os.rmdir(task.folder)


# -------------------------------------------------------------------------------------------------- all parts
class Reader:
    """Reads parts into the collectors of their splits.

    Args:
        division: the input.
        collectors: by split.
        reading: how records are read.
        drafting: how drafts are made.
        folder: for the files of workers: on the file system of the images; made when there is need for it.
        images: whether images are written.
        on_bytes: called with numbers of input bytes that were read.
        before_workers: called before processes are started: to end what threads there are, beside which none is forked.
    """

    def __init__(
        self,
        division: Division,
        collectors: Mapping[str, Collector],
        reading: ReadOptions,
        drafting: DraftOptions,
        *,
        folder: str,
        images: bool,
        on_bytes: Callable[[int], None],
        before_workers: Callable[[], None],
    ) -> None:
        self._division = division
        self._collectors = collectors
        self._reading = reading
        self._drafting = drafting
        self._folder = folder
        self._images = images
        self._on_bytes = on_bytes
        self._before_workers = before_workers
        self._left = division.size

    def read_all(self) -> None:
        """Reads everything. Raises WorkerError, OSError."""
        tasks = map(self._task, self._division)
        begun = monotonic()
        can_fork = self._division.jobs > 1
        for task in tasks:
            if can_fork and self._is_worth_workers(task.part.size, monotonic() - begun):
                from tfrecord_lite.pipeline.pool import can_have_workers  # noqa: PLC0415 - most runs never need it

                can_fork = can_have_workers()
                if can_fork:
                    self._read_by_workers(chain([task], tasks))
                    return
            collector = self._collectors[task.part.split]
            for draft in read_part(task, collector.summary, self._on_bytes):
                collector.add(draft)
                del draft  # a large image must not be held while the next one is read
            self._left -= task.part.size

    def _task(self, part: Part) -> ReadTask:
        folder = os.path.join(self._folder, str(part.number))
        return ReadTask(part, self._reading, self._drafting, folder, self._images)

    def _is_worth_workers(self, next_size: int, seconds: float) -> bool:
        """Whether enough is left for workers, by how long the bytes before took: they take a while to start."""
        if next_size > 2 * LARGEST_PART and self._left >= 1.5 * next_size:
            return True  # a file that cannot be divided is no reason to keep workers from others that are large, too
        done = self._division.size - self._left
        return done > 0 and seconds >= ALONE_SECONDS and self._left / done * seconds >= WORTH_SECONDS

    def _read_by_workers(self, tasks: Iterator[ReadTask]) -> None:
        """Has workers read these parts, and collects what they wrote, in order."""
        from tfrecord_lite.pipeline.pool import Workers  # noqa: PLC0415 - as above

        os.makedirs(self._folder)
        count = min(self._division.jobs, -(-self._left // self._division.part_size))
        self._before_workers()
        workers: Workers[ReadTask, PartRead] = Workers(max(1, count), read_to_folder, self._on_bytes)
        try:
            for task, summary in workers.run(tasks):
                collector = self._collectors[task.part.split]
                collector.add_part(summary)
                for number, draft in enumerate(read_from_folder(task), 1):
                    collector.add(draft)
                    if number % _TENDED_DRAFTS == 0:
                        workers.tend()
        finally:
            workers.close()
            shutil.rmtree(self._folder, ignore_errors=True)
