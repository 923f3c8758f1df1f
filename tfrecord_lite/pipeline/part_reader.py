"""One part of the input -> its drafts and its summary: read where they are wanted, or by a worker that stages them.

A worker writes drafts to a spool in a folder, and images beside it. What it sends back is the summary.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import orjson

from tfrecord_lite.coco.draft import Draft, DraftOptions, Tasks, make_draft
from tfrecord_lite.coco.entries import ImageFragments
from tfrecord_lite.coco.part_summary import FileSummary, PartSummary
from tfrecord_lite.coco.spool import Spool, pack, unpack
from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.files import write_new
from tfrecord_lite.pipeline.parts import Part
from tfrecord_lite.pipeline.shard_reader import ShardReader
from tfrecord_lite.sample import Sample
from tfrecord_lite.schemas.read.record import SampleReaders

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Notify

_NOTED_BYTES = 4 << 20  # progress that is worth a message
_SPOOL = "drafts"  # file in the folder of a part
_FIELDS = 8  # of a draft in a spool


class ReadTask(NamedTuple):
    """A part to read in a worker. folder: for what comes of it."""

    part: Part
    folder: str


class PartRead(NamedTuple):
    """What a worker gives back."""

    task: ReadTask
    summary: PartSummary


class PartReader:
    """Reads parts.

    Args:
        reading: how records are read.
        drafting: how drafts are made.
        images: whether images are written, and so to be staged by workers.
    """

    def __init__(self, reading: ReadOptions, drafting: DraftOptions, *, images: bool) -> None:
        self._reading = reading
        self._drafting = drafting
        self._images = images
        self._readers = SampleReaders(reading)

    def for_workers(self) -> PartReader:
        """One that can cross the border of a process: without what this one learned from the files it read."""
        return PartReader(self._reading, self._drafting, images=self._images)

    def read(self, part: Part, summary: PartSummary, on_bytes: Notify) -> Iterator[Draft]:
        """The drafts of a part. What else there is to know of it is added to the summary."""
        for shard, piece in part.pieces:
            reader = ShardReader(shard, self._reading, on_bytes, piece, self._readers)
            yield from drafts_of(reader, reader, self._drafting, summary)

    def read_to_folder(self, task: ReadTask, notify: Notify) -> PartRead:
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
        for draft in self.read(task.part, summary, on_bytes):
            has_image = self._images and draft.image is not None
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


def drafts_of(
    reader: ShardReader, events: Iterable[Sample | DataError], drafting: DraftOptions, summary: PartSummary
) -> Iterator[Draft]:
    """The drafts of a file, or of a part of it. events: what the reader gives, or some of it."""
    for event in events:
        if isinstance(event, Sample):
            yield make_draft(event, drafting, summary)
        else:
            summary.dropped_records += 1
            summary.add_problem(event)
        del event  # a large image must not be held while the next one is read
    summary.add_findings(reader.findings)
    summary.add_file(describe_file(reader))


def describe_file(reader: ShardReader) -> FileSummary:
    """How a file was read."""
    name, choice = reader.shard.name, reader.choice
    if choice is None:
        return FileSummary(name, reader.records)
    schema = choice.schema
    how = (schema.name, choice.pixel, schema.zero_based, tuple(choice.evidence), choice.absent)
    return FileSummary(name, reader.records, *how)


def read_from_folder(task: ReadTask) -> Iterator[Draft]:
    """The drafts that ``PartReader.read_to_folder`` wrote. The caller moves their images away; then the folder goes."""
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
