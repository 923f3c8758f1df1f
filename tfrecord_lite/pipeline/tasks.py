"""Files -> drafts, in order: read in this process, or by workers that stage what they read.

Work is divided into tasks of one or more whole files, or a span of records of a large one. A worker writes the drafts
of its task to a file, and images beside it; what it sends is where that file is. The first tasks are always done here:
an input that they exhaust is not worth the start of workers.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from tfrecord_lite.coco.draft import Draft, DraftOptions, make_draft
from tfrecord_lite.errors import DataError
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.files import write_new
from tfrecord_lite.pipeline.shard_reader import ShardPart, ShardReader, file_status
from tfrecord_lite.sample import Finding, Objects, Sample
from tfrecord_lite.schemas.detect import Choice
from tfrecord_lite.tfrecord.records import find_spans

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Notify, Workers

ALONE_SECONDS = 0.2  # how long an input is converted here before workers are started
WORTH_SECONDS = 1.0  # of work left, for which they are
LARGEST_TASK = 8 << 20  # bytes of input
SMALLEST_TASK = 256 << 10
_TASKS_A_WORKER = 8  # at least, so that none is still busy when all others are done
_CHUNK_DRAFTS, _CHUNK_BYTES = 64, 1 << 20  # what is written and read at once
_NOTED_BYTES = 4 << 20  # progress that is worth a message
_SPOOL = "drafts"  # file in the folder of a task


class PartEnd(NamedTuple):
    """Comes behind the drafts of a part of a file. The fields are those of the ShardReader that read it."""

    records: int
    choice: Choice | None
    findings: tuple[Finding, ...]
    is_last: bool


Event = Draft | DataError | PartEnd
"""What a record came to, or how a part of a file was read."""


class _Task(NamedTuple):
    """Files, or one part of a file, and how to read them.

    size: bytes of input. folder: for what comes of them. images: whether images are staged there.
    """

    parts: tuple[tuple[Shard, ShardPart | None], ...]
    size: int
    reading: ReadOptions
    drafting: DraftOptions
    folder: str
    images: bool


class DraftSource:
    """Reads files into drafts.

    Args:
        shards: the files, in order.
        reading: how records are read.
        drafting: how drafts are made.
        jobs: how many processes may work at a time; with 1 all is done here.
        folder: for the files of workers: on the file system of the stage, and in it; made when there is need for it.
        images: whether workers stage the images.
        on_bytes: called with numbers of input bytes that were read.
        before_workers: called before processes are started: to end what threads there are, beside which none is forked.
    """

    def __init__(
        self,
        shards: Sequence[Shard],
        reading: ReadOptions,
        drafting: DraftOptions,
        *,
        jobs: int,
        folder: str,
        images: bool,
        on_bytes: Callable[[int], None],
        before_workers: Callable[[], None],
    ) -> None:
        self._shards = shards
        self._reading = reading
        self._drafting = drafting
        self._folder = folder
        self._images = images
        self._on_bytes = on_bytes
        self._before_workers = before_workers
        sizes = [status[0] if status else None for status in map(file_status, shards)]
        known = [size for size in sizes if size is not None]
        has_pipes = len(known) < len(sizes)  # which nobody else can read
        self._jobs = 1 if has_pipes else jobs
        self._left = sum(known)
        self._target = max(SMALLEST_TASK, min(LARGEST_TASK, self._left // (self._jobs * _TASKS_A_WORKER)))
        self._workers: Workers[_Task, str] | None = None
        self._events: Generator[Event, None, None] = self._read_all()

    def read(self) -> Iterator[Event]:
        """The drafts of the next file, up to its last PartEnd."""
        for event in self._events:
            yield event
            if isinstance(event, PartEnd) and event.is_last:
                return
            del event  # a large image must not be held while the next one is read

    def close(self) -> None:
        """Ends the workers and removes what they left."""
        self._events.close()
        if self._workers is not None:
            self._workers.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    # ---------------------------------------------------------------------------------------------- tasks
    def _tasks(self) -> Iterator[_Task]:
        """All work in order. How much of it is one task does not change what comes of it."""
        bundle: list[tuple[Shard, ShardPart | None]] = []
        size = number = 0
        for shard in self._shards:
            status = file_status(shard)
            length = status[0] if status else 0
            parts = self._divide(shard) if self._jobs > 1 and length > 2 * self._target else iter([None])
            for part in parts:
                bundle.append((shard, part))
                size += length if part is None else part.span.end - part.span.offset
                if size >= self._target:
                    yield self._task(bundle, size, number)
                    bundle, size, number = [], 0, number + 1
        if bundle:
            yield self._task(bundle, size, number)

    def _task(self, bundle: Sequence[tuple[Shard, ShardPart | None]], size: int, number: int) -> _Task:
        folder = os.path.join(self._folder, str(number))
        return _Task(tuple(bundle), size, self._reading, self._drafting, folder, self._images)

    def _divide(self, shard: Shard) -> Iterator[ShardPart | None]:
        """The parts of a large file; itself where it cannot be divided, or not before all of it was read."""
        status = file_status(shard)
        # What is found behind damage can begin anywhere: such a search cannot start in the middle of a file.
        spans = iter(()) if self._reading.recover or status is None else find_spans(shard.path, status[0], self._target)
        first = next(spans, None)
        if status is None or first is None or first.end >= status[0]:
            yield None
            return
        choice = ShardReader(shard, self._reading).choose()
        if choice is None:
            yield None
            return
        for span in chain([first], spans):
            yield ShardPart(span, choice, status, is_last=span.end >= status[0])

    # ---------------------------------------------------------------------------------------------- events
    def _read_all(self) -> Generator[Event, None, None]:
        """Every event of every file."""
        tasks = self._tasks()
        begun = monotonic()
        size = self._left
        for task in tasks:
            # A file that cannot be divided is no reason to keep workers from others that are large, too.
            is_long = task.size > 2 * LARGEST_TASK and self._left >= 1.5 * task.size
            if self._jobs > 1 and (is_long or self._is_worth_workers(monotonic() - begun, size - self._left)):
                from tfrecord_lite.pipeline.pool import can_have_workers  # noqa: PLC0415 - most runs never need it

                if can_have_workers():
                    yield from self._read_by_workers(chain([task], tasks))
                    return
                self._jobs = 1
            yield from _read(task, self._on_bytes)
            self._left -= task.size

    def _is_worth_workers(self, seconds: float, size: int) -> bool:
        """Whether there is enough left for workers, by how long the bytes before took: they take a while to start."""
        return size > 0 and seconds >= ALONE_SECONDS and self._left / size * seconds >= WORTH_SECONDS

    def _read_by_workers(self, tasks: Iterator[_Task]) -> Iterator[Event]:
        """The events of these tasks, as workers wrote them down."""
        from tfrecord_lite.pipeline.pool import Workers  # noqa: PLC0415 - as above

        os.makedirs(self._folder)
        count = min(self._jobs, -(-self._left // self._target))
        self._before_workers()
        workers = self._workers = Workers(max(1, count), _carry_out, self._on_bytes)
        for folder in workers.run(tasks):
            path = os.path.join(folder, _SPOOL)
            with open(path, "rb") as spool:
                while spool.peek(1):
                    yield from pickle.load(spool)  # noqa: S301 - written by a worker of ours a moment ago
                    workers.tend()
            os.unlink(path)
            os.rmdir(folder)


def _read(task: _Task, on_bytes: Notify) -> Iterator[Event]:
    """The events of a task."""
    for shard, part in task.parts:
        reader = ShardReader(shard, task.reading, on_bytes, part)
        for event in reader:
            yield make_draft(event, task.drafting) if isinstance(event, Sample) else event
            del event  # as above
        yield PartEnd(reader.records, reader.choice, tuple(reader.findings), part is None or part.is_last)


def _carry_out(task: _Task, notify: Notify) -> str:
    """A task in a worker: writes its events and images to its folder, which it gives back."""
    unsaid = 0

    def on_bytes(count: int) -> None:
        nonlocal unsaid
        unsaid += count
        if unsaid >= _NOTED_BYTES:
            notify(unsaid)
            unsaid = 0

    os.mkdir(task.folder)
    with open(os.path.join(task.folder, _SPOOL), "xb") as spool:
        chunk: list[Event] = []
        size = number = 0
        for event in _read(task, on_bytes):
            if isinstance(event, Draft):
                chunk.append(_staged(event, task, number))
                size += sum(map(len, event.objects.fragments)) + sum(len(rest) for _, rest in event.stuff)
            else:
                chunk.append(event)
            del event
            number += 1  # noqa: SIM113 - enumerate would hold the event
            if len(chunk) >= _CHUNK_DRAFTS or size >= _CHUNK_BYTES:
                pickle.dump(chunk, spool, pickle.HIGHEST_PROTOCOL)
                chunk, size = [], 0
        pickle.dump(chunk, spool, pickle.HIGHEST_PROTOCOL)
    notify(unsaid)
    return task.folder


def _staged(draft: Draft, task: _Task, number: int) -> Draft:
    """The draft with its pictures in files instead of in memory."""
    sample, panoptic = draft.sample, draft.panoptic
    staged = staged_png = None
    if sample.image.data is not None:
        if task.images:
            write_new(task.folder, str(number), sample.image.data)
            staged = os.path.join(task.folder, str(number))
        sample = sample._replace(image=sample.image._replace(data=None))
    if panoptic is not None and panoptic.png is not None:
        write_new(task.folder, f"{number}.png", panoptic.png)
        staged_png = os.path.join(task.folder, f"{number}.png")
        panoptic = panoptic._replace(png=None)
    sample = sample._replace(objects=Objects(), stuff={}, panoptic=None)  # the draft has them as text
    return draft._replace(sample=sample, panoptic=panoptic, staged=staged, staged_png=staged_png)
