"""All splits -> collectors: reads part after part in this process, or has workers read them.

The first parts are always read here: an input that they exhaust is not worth the start of workers.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.coco.draft.draft import DraftOptions
from tfrecord_lite.coco.draft.part_summary import check_classes
from tfrecord_lite.coco.write.collector import Collector, ImageOptions
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.output.fsync import EarlySync
from tfrecord_lite.output.target import Target
from tfrecord_lite.pipeline.reading.part_reader import PartRead, PartReader, ReadTask, read_from_folder
from tfrecord_lite.pipeline.reading.parts import LARGEST_PART, Division, Part
from tfrecord_lite.pipeline.reading.selection import FirstImages, Picker, Selection
from tfrecord_lite.tfrecord.records import ignore_bytes

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.pool import Workers
    from tfrecord_lite.pipeline.reading.sample_parts import Sampling

ALONE_SECONDS = 0.1  # how long an input is converted here before workers are started
WORTH_SECONDS = 1.0  # of work left, for which they are
_TENDED_DRAFTS = 64  # that are collected before workers are given something to do, and progress is shown

_ALL = Selection()


@contextmanager
def read_splits(
    splits: Mapping[str, Sequence[Shard]],
    target: Target,
    reading: ReadOptions,
    drafting: DraftOptions,
    collecting: ImageOptions,
    *,
    selection: Selection = _ALL,
    jobs: int,
    on_bytes: Callable[[int], None] | None,
    on_images: Callable[[int, int], None] | None = None,
) -> Iterator[dict[str, Collector]]:
    """Reads every file of every split. What was collected is there until the end of the block.

    Args:
        splits: the files of each, in order.
        target: where images and spools go; it must be open.
        reading: how records are read.
        drafting: how drafts are made.
        collecting: how images are distinguished.
        selection: which images are wanted, and where they go.
        jobs: how many processes may work at a time.
        on_bytes: called with numbers of input bytes that were read.
        on_images: called now and then with how many images and warnings there are so far.

    Raises:
        WorkerError: a worker ended by itself. OSError: the file system refuses.
    """
    tell = on_bytes or ignore_bytes
    with ExitStack() as undo:
        collectors: dict[str, Collector] = {}
        for name in selection.names or splits:
            collectors[name] = Collector(target.root, target.paths(name), collecting, keep=target.keeps)
            undo.callback(collectors[name].close)
        disk = undo.enter_context(EarlySync(os.path.dirname(target.scratch) if target.writes_images else None))
        division = Division(splits, reading, jobs if selection.limit is None else 1)
        allowance = Allowance(division.size)
        undo.enter_context(allowance.in_use())

        def on_input(count: int) -> None:
            disk.note(count)
            tell(count)

        picker = selection.picker(merge=collecting.merge)
        reader = PartReader(reading, drafting, picker, images=target.writes_images, size=division.size)
        run = _Run(division, reader, collectors, target.scratch, allowance, on_input, on_images)
        if selection.limit is not None:
            run.read_first(selection.limit, picker)
        else:
            sampling = None
            if picker.sample is not None:
                from tfrecord_lite.pipeline.reading.sample_parts import Sampling  # noqa: PLC0415 - few runs choose

                sampling = Sampling(picker.sample, collectors)
            run.read(sampling, before_workers=disk.wait)
        yield collectors
        disk.wait()


class _Run:
    """Reads parts into the collectors of their splits.

    folder: for what workers write; made when there is need for it. allowance: for what they spend.
    """

    def __init__(
        self,
        division: Division,
        reader: PartReader,
        collectors: Mapping[str, Collector],
        folder: str,
        allowance: Allowance,
        on_bytes: Callable[[int], None],
        on_images: Callable[[int, int], None] | None,
    ) -> None:
        self._division = division
        self._reader = reader
        self._collectors = collectors
        self._folder = folder
        self._allowance = allowance
        self._on_bytes = on_bytes
        self._on_images = on_images
        self._left = division.size

    def read(self, sampling: Sampling | None, before_workers: Callable[[], None]) -> None:
        """Reads every part.

        sampling: where only some images are wanted, which is known at the end.
        before_workers: called before processes are started. It ends all threads: a fork beside them is not safe.
        """
        parts = iter(self._division)
        begun = monotonic()
        may_fork = self._division.jobs > 1
        for part in parts:
            if may_fork and self._is_worth_workers(part.size, monotonic() - begun):
                from tfrecord_lite.pipeline.pool import can_have_workers  # noqa: PLC0415 - most runs never need it

                may_fork = can_have_workers()
                if may_fork:
                    before_workers()
                    self._read_by_workers(chain([part], parts), sampling)
                    break
            if sampling is None:
                self._collect(part)
            else:
                os.makedirs(self._folder, exist_ok=True)
                read = self._reader.read_to_folder(self._task(part, sampling), self._on_bytes)
                self._allowance.spend(read.spent)
                sampling.take(read)
            self._left -= part.size
            self._end_part()
        if sampling is not None:
            sampling.finish()
            shutil.rmtree(self._folder, ignore_errors=True)

    def read_first(self, count: int, picker: Picker) -> None:
        """Reads the first images of each split that the input has, and no further than it takes."""
        takers: dict[str, FirstImages] = {}
        for part in self._division:
            if part.split not in takers:
                seen = next(iter(self._collectors.values())).new_set()
                takers[part.split] = FirstImages(count, picker, seen)
            if not takers[part.split].done:
                self._collect(part, takers[part.split])

    def _collect(self, part: Part, takes: FirstImages | None = None) -> None:
        """Reads a part here."""
        summaries = {split: self._collectors[split].summary for split in self._reader.splits(part)}
        with closing(self._reader.read(part, summaries, self._on_bytes, takes)) as picked:
            for number, (split, draft, *_) in enumerate(picked, 1):
                self._collectors[split].add(draft)
                del draft  # a large image must not be held while the next one is read
                if number % _TENDED_DRAFTS == 0:
                    self._tell_images()
                if takes is not None and takes.done:
                    break

    def _end_part(self) -> None:
        """Looks at what there is once a part was read."""
        check_classes([each.summary for each in self._collectors.values()])
        self._tell_images()

    def _tell_images(self) -> None:
        """Tells how many images and warnings there are so far."""
        if self._on_images is not None:
            collectors = self._collectors.values()
            found = (
                found
                for each in collectors
                for tally in (each.summary, each.tally)
                for found in tally.findings.values()
            )
            self._on_images(sum(each.images for each in collectors), sum(each.count for each in found))

    def _is_worth_workers(self, next_size: int, seconds: float) -> bool:
        """Whether enough is left for workers, by how long the bytes before took: they take a while to start."""
        if next_size > 2 * LARGEST_PART and self._left >= 1.5 * next_size:
            return True  # a file that cannot be divided is no reason to keep workers from others that are large, too
        done = self._division.size - self._left
        return done > 0 and seconds >= ALONE_SECONDS and self._left / done * seconds >= WORTH_SECONDS

    def _read_by_workers(self, parts: Iterable[Part], sampling: Sampling | None) -> None:
        """Has workers read parts, and collects what they wrote, in order."""
        from tfrecord_lite.pipeline.pool import Workers  # noqa: PLC0415 - as above

        os.makedirs(self._folder, exist_ok=True)
        tasks = (self._task(part, sampling) for part in parts)
        count = max(1, min(self._division.jobs, -(-self._left // self._division.part_size)))
        job = self._reader.for_workers().read_to_folder
        workers: Workers[ReadTask, PartRead] = Workers(count, job, self._on_bytes)
        try:
            for read in workers.run(tasks):
                self._allowance.spend(read.spent)
                if sampling is not None:
                    sampling.take(read)
                    continue
                for split, summary in read.summaries.items():
                    self._collectors[split].add_part(summary)
                for number, picked in enumerate(read_from_folder(read.task), 1):
                    self._collectors[picked.split].add(picked.draft)
                    if number % _TENDED_DRAFTS == 0:
                        workers.tend()
                self._end_part()
        finally:
            workers.close()
            if sampling is None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _task(self, part: Part, sampling: Sampling | None) -> ReadTask:
        folder = os.path.join(self._folder, str(part.number))
        return ReadTask(part, folder, None if sampling is None else sampling.bound(part))
