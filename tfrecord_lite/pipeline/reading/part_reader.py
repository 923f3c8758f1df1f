"""One part of the input -> its drafts and its summary, in this process or in a worker.

A worker writes the drafts to a spool in a folder, and images beside it, and sends back the summary.
"""

from __future__ import annotations

import os
import pickle
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import orjson

from tfrecord_lite.budgets import CLASSES, Allowance
from tfrecord_lite.coco.draft.draft import Draft, DraftOptions, Tasks, make_draft
from tfrecord_lite.coco.draft.entries import ImageFragments
from tfrecord_lite.coco.draft.part_summary import FileSummary, PartSummary, check_classes
from tfrecord_lite.coco.draft.spool import Spool, pack, unpack
from tfrecord_lite.errors import DataError, Location
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.files import write_new
from tfrecord_lite.pipeline.reading.parts import Part
from tfrecord_lite.pipeline.reading.selection import Picker, Smallest, Takes
from tfrecord_lite.pipeline.reading.shard_reader import ShardReader
from tfrecord_lite.sample import Sample
from tfrecord_lite.schemas.read.record import SampleReaders

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Notify

_NOTED_BYTES = 4 << 20  # progress that is worth a message
_SPOOL = "drafts"  # file in the folder of a part
_FIELDS = 10  # of a draft in a spool


class ReadTask(NamedTuple):
    """A part to read in a worker.

    folder: for its drafts and images. bound: the largest rank that can still be wanted, where images are sampled.
    """

    part: Part
    folder: str
    bound: int | None = None


class Picked(NamedTuple):
    """A draft, and the split that it goes into.

    rank: where images are sampled, and it is not sure yet whether this one is wanted. own: its own summary
    then; otherwise it is in the summary of the part.
    """

    split: str
    draft: Draft
    rank: int = 0
    own: PartSummary | None = None


class PartRead(NamedTuple):
    """What a worker gives back.

    summaries: of each split. ranks: of the images that may be wanted, and whether each counts once, as in ``Smallest``.
    drafts: how many there are in the folder. spent: of the allowance of the input.
    """

    task: ReadTask
    summaries: dict[str, PartSummary]
    ranks: Sequence[tuple[int, bool]]
    drafts: int
    spent: Mapping[str, int]


class PartReader:
    """Reads parts.

    Args:
        reading: how records are read.
        drafting: how drafts are made.
        picker: which images are wanted, and where they go.
        images: whether images are written, and so to be staged by workers.
        stages: whether workers stage pictures in files; else their drafts only name them.
        size: of all input, in bytes, for what workers may spend.
    """

    def __init__(
        self,
        reading: ReadOptions,
        drafting: DraftOptions,
        picker: Picker,
        *,
        images: bool,
        size: int,
        stages: bool = True,
    ) -> None:
        self._reading = reading
        self._drafting = drafting
        self._picker = picker
        self._images = images
        self._size = size
        self._stages = stages
        self._readers = SampleReaders(reading)

    def for_workers(self) -> PartReader:
        """One that can cross the border of a process: without what this one learned from the files it read."""
        given = (self._reading, self._drafting, self._picker)
        return PartReader(*given, images=self._images, size=self._size, stages=self._stages)

    def splits(self, part: Part) -> Sequence[str]:
        """The splits that the images of a part go into."""
        return [name for name, _ in self._picker.shares] or [part.split]

    def read(
        self,
        part: Part,
        summaries: Mapping[str, PartSummary],
        on_bytes: Notify,
        takes: Takes | None = None,
        smallest: Smallest | None = None,
    ) -> Generator[Picked, None, None]:
        """The drafts of a part.

        Args:
            part: what is read.
            summaries: get everything else, by split. What is no image goes to the first of them.
            on_bytes: called with numbers of input bytes that were read.
            takes: says whether a sample is wanted, in order; None for all.
            smallest: the ranks of the images that are wanted, as far as they are known, where images are sampled.
        """
        first, picker = summaries[self.splits(part)[0]], self._picker
        for shard, piece in part.pieces:
            reader = ShardReader(shard, self._reading, on_bytes, piece, self._readers)
            if takes is None and not picker:
                yield from map(partial(Picked, part.split), drafts_of(reader, reader, self._drafting, first))
                continue
            counts: Counter[str] = Counter()
            try:
                for event in reader:
                    if not isinstance(event, Sample):
                        first.dropped_records += 1
                        first.add_problem(event)
                        del event
                        continue
                    key = picker.key(event) if picker else b""
                    split = picker.split(key, part.split)
                    counts[split] += 1
                    if takes is not None and not takes(event):
                        summaries[split].not_chosen += 1
                    elif smallest is None:
                        yield Picked(split, make_draft(event, self._drafting, summaries[split]))
                    elif smallest.offer(rank := picker.rank(key), once=event.merged or picker.merge):
                        own = PartSummary()
                        yield Picked(split, make_draft(event, self._drafting, own), rank, own)
                    else:
                        summaries[split].not_chosen += 1
                    del event  # a large image must not be held while the next one is read
            finally:  # also where the caller stops early
                first.add_findings(reader.findings)
                _add_file(reader, self.splits(part), summaries, counts)

    def read_to_folder(self, task: ReadTask, notify: Notify) -> PartRead:
        """Reads a part in a worker: writes its drafts and images to the folder of the task."""
        allowance = Allowance(self._size)
        with allowance.in_use():
            return self._read_to_folder(task, notify)._replace(spent=allowance.spent)

    def _read_to_folder(self, task: ReadTask, notify: Notify) -> PartRead:
        unsaid = 0

        def on_bytes(count: int) -> None:
            nonlocal unsaid
            unsaid += count
            if unsaid >= _NOTED_BYTES:
                notify(unsaid)
                unsaid = 0

        summaries = {split: PartSummary() for split in self.splits(task.part)}
        smallest = None if self._picker.sample is None else Smallest(self._picker.sample, task.bound)
        os.mkdir(task.folder)
        spool = Spool(os.path.join(task.folder, _SPOOL), _FIELDS)
        files = {shard.name: number for number, (shard, _) in enumerate(task.part.pieces)}
        number = 0
        for picked in self.read(task.part, summaries, on_bytes, smallest=smallest):
            draft = picked.draft
            has_image = self._images and draft.image is not None
            if has_image and draft.image is not None and self._stages:
                write_new(task.folder, str(number), draft.image)
            if draft.png is not None and self._stages:
                write_new(task.folder, f"{number}.png", draft.png)
            head = [
                [files[draft.where.file], *draft.where[1:]],
                [draft.fragments.original, draft.name, draft.image_format, draft.source_id, picked.split],
                [*draft.fragments[:2], draft.merged, has_image, draft.png is not None, picked.rank],
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
                draft.original,
                b"" if picked.own is None else pickle.dumps(picked.own),
            )
            del draft, picked  # as above
            number += 1
        spool.close(keep=True)
        notify(unsaid)
        return PartRead(task, summaries, [] if smallest is None else smallest.ordered(), number, {})


def _add_file(
    reader: ShardReader, splits: Sequence[str], summaries: Mapping[str, PartSummary], counts: Mapping[str, int]
) -> None:
    """Adds a file to the summary of each split: with its records there, and the first one with all that are left."""
    file = describe_file(reader)
    rest = file.records
    for split in splits[1:]:
        summaries[split].add_file(file._replace(records=counts[split]))
        rest -= counts[split]
    summaries[splits[0]].add_file(file._replace(records=max(rest, 0)))  # several images can be one record


def drafts_of(
    reader: ShardReader, events: Iterable[Sample | DataError], drafting: DraftOptions, summary: PartSummary
) -> Iterator[Draft]:
    """The drafts of a file, or of a part of it. events: what the reader gives, or some of it."""
    for event in events:
        if isinstance(event, Sample):
            yield make_draft(event, drafting, summary)
            if summary.distinct > CLASSES:
                check_classes((summary,))
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
    pixel = choice.pixel if choice.has_boxes else None
    how = (schema.name, pixel, schema.zero_based, tuple(choice.evidence), choice.absent)
    return FileSummary(name, reader.records, *how)


def read_from_folder(task: ReadTask) -> Iterator[Picked]:
    """The drafts that ``PartReader.read_to_folder`` wrote. The caller moves their images away; then the folder goes."""
    yield from drafts_in(task)
    os.unlink(os.path.join(task.folder, _SPOOL))
    os.rmdir(task.folder)


def drafts_in(task: ReadTask) -> Iterator[Picked]:
    """The drafts that ``PartReader.read_to_folder`` wrote, which stay there."""
    spool = Spool(os.path.join(task.folder, _SPOOL), _FIELDS, reading=True)
    try:
        for number, head, fingerprint, source, metadata, classes, objects, tasks, digest, entries, own in spool:
            (file, record, offset), texts, (width, height, merged, has_image, has_png, rank) = orjson.loads(head)
            original, name, image_format, source_id, split = texts
            staged = os.path.join(task.folder, str(number))
            draft = Draft(
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
                entries,
            )
            yield Picked(split, draft, rank, pickle.loads(own) if own else None)  # noqa: S301 - of our own, in the stage
    finally:
        spool.close(keep=True)
