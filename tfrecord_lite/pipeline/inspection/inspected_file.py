"""One file as ``inspect`` reads it: what passes by is counted, and the length of the rest is estimated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tfrecord_lite.errors import DataError, LayoutError
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.pipeline.reading.sampling import Cut
from tfrecord_lite.sample import Sample
from tfrecord_lite.spelling import in_python
from tfrecord_lite.tfrecord.records import find_spans


class InspectedFile(NamedTuple):
    """One file.

    size: in bytes; None of a pipe. records: sound ones that were read.
    problems: records that cannot be read, and objects that cannot be said in COCO; typed_problem: the first of them, in
        words of the command line.
    schema: that its records follow, None where none is known; pixel: whether its boxes are pixels, None without any.
    whole: whether all of it was read; about: else how many records there are, about; None where it is unknown.
    """

    file: str
    split: str
    size: int | None
    records: int
    images: int
    objects: int
    problems: int
    typed_problem: str | None
    schema: str | None
    pixel: bool | None
    evidence: tuple[str, ...]
    whole: bool
    about: int | None

    @property
    def first_problem(self) -> str | None:
        """The first of the problems, in words."""
        return None if self.typed_problem is None else in_python(self.typed_problem)


class FileWatch:
    """The events of a file as they pass by: counted, and the first that is a problem kept.

    whole: whether all of the file was read: no limit was reached, and the records follow a known schema.
    """

    def __init__(self, events: Cut, counts: Counts) -> None:
        self._events = events
        self._counts = counts
        self._last: tuple[int, int] | None = None
        self._is_unknown = False
        self.problems = 0
        self.first_problem: str | None = None

    @property
    def whole(self) -> bool:
        """See above."""
        return not (self._events.was_cut or self._is_unknown)

    @property
    def ahead(self) -> int:
        """Records that were met beyond the limit: 1 where there are more, but for a video that was begun."""
        is_begun = self._last is not None and self._last[0] == self._events.next_record
        return int(self._events.was_cut and not is_begun)

    def __iter__(self) -> Iterator[Sample | DataError]:
        for event in self._events:
            where = event.where
            if where.record is not None and where.offset is not None:
                self._last = (where.record, where.offset)
            if isinstance(event, Sample):
                self._counts.count(event)
                for problem in event.refused:
                    self._note(problem)
            else:
                self._note(event)
                self._is_unknown = isinstance(event, LayoutError)
            yield event
            del event  # a large image must not be held while the next one is read

    def _note(self, problem: DataError) -> None:
        self.problems += 1
        if self.first_problem is None:
            self.first_problem = problem.text

    def about(self, path: str, size: int | None) -> int | None:
        """About how many records the file has, by those that were read; None where it is unknown, or all was read."""
        if self.whole or size is None or self._last is None or not self._last[0]:
            return None
        if next(find_spans(path, size, 1)).end == size:  # compressed: its size is unknown
            return None
        record, offset = self._last
        return max(record + 1, size * record // offset)
