"""Parts that were read -> the images with the smallest ranks of each group, after all ranks are known.

A part is staged with every image that may be among them; one whose rank is known to be too large is not staged. Of a
million images, some hundreds more are staged than are wanted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.pipeline.reading.part_reader import PartRead, Picked, ReadTask, read_from_folder
from tfrecord_lite.pipeline.reading.parts import Part
from tfrecord_lite.pipeline.reading.selection import Smallest


class Sampling:
    """Collects a sample of each group: of the images of each split that the input has.

    Args:
        most: how many images of each group are wanted.
        collectors: of each split that images go into.
    """

    def __init__(self, most: int, collectors: Mapping[str, Collector]) -> None:
        self._most = most
        self._collectors = collectors
        self._smallest: dict[str, Smallest] = {}
        self._tasks: list[ReadTask] = []

    def bound(self, part: Part) -> int | None:
        """The largest rank that may be wanted, as far as that is known."""
        return self._group(part).bound

    def _group(self, part: Part) -> Smallest:
        return self._smallest.setdefault(part.split, Smallest(self._most))

    def take(self, read: PartRead) -> None:
        """Takes the next part of the input."""
        for split, summary in read.summaries.items():
            self._collectors[split].add_part(summary)
        group = self._group(read.task.part)
        for rank, once in read.ranks:
            group.offer(rank, once=once)
        if read.drafts:
            self._tasks.append(read.task)
        else:
            for _ in read_from_folder(read.task):  # none: this removes the folder
                pass

    def finish(self) -> None:
        """Collects what is wanted, in the order of the input."""
        # Two pictures that are the same have one rank: of those with the largest one, the first count.
        ties = {name: _ties(group) for name, group in self._smallest.items()}
        for task in self._tasks:
            name = task.part.split
            bound = self._smallest[name].bound
            for picked in read_from_folder(task):
                is_tie = picked.rank == bound
                if bound is None or picked.rank < bound or (is_tie and ties[name] != 0):
                    ties[name] -= is_tie
                    self._collect(picked)
                else:
                    self._leave_out(picked)

    def _collect(self, picked: Picked) -> None:
        collector = self._collectors[picked.split]
        if picked.own is not None:
            collector.add_part(picked.own)
        collector.add(picked.draft)

    def _leave_out(self, picked: Picked) -> None:
        self._collectors[picked.split].summary.not_chosen += 1
        for path in (picked.draft.staged, picked.draft.staged_png):
            if path is not None:
                os.unlink(path)


def _ties(group: Smallest) -> int:
    """How many images of the largest rank are wanted; -1 for all of them, as they are records of one image."""
    ranks = group.ordered()
    if not ranks or ranks[-1][1]:
        return -1
    return sum(rank == ranks[-1][0] for rank, _ in ranks)
