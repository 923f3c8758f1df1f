"""Jobs whose tasks are killed in the middle, once each, so that what repeats them finds what they left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from tfrecord_lite.coco.draft.spool import Spool
from tfrecord_lite.coco.write.collector import Collector
from tfrecord_lite.errors import TFRecordLiteError
from tfrecord_lite.pipeline.conversion import distributed
from tfrecord_lite.pipeline.conversion.distributed import Job, Placement, Settled
from tfrecord_lite.pipeline.reading.part_reader import PartRead
from tfrecord_lite.pipeline.reading.parts import Part


class KilledJob(Job):
    """A job of which a worker is killed while it reads, after it has written half of what it was to write."""

    def read(self, part: Part) -> PartRead | TFRecordLiteError:
        if part.number == 3:
            _die_at(Spool, "write", 2)
        return super().read(part)


class RepeatedJob(Job):
    """A job of which each kind of task is killed in a process of its own, before a second attempt.

    killed: the kinds that were.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.killed = self.work + ".killed"

    def read(self, part: Part) -> PartRead | TFRecordLiteError:
        self._kill_first(f"read {part.number}", lambda: super(RepeatedJob, self).read(part), (Spool, "write", 2))
        return super().read(part)

    def settle(self, read: Iterable[PartRead | TFRecordLiteError]) -> Settled | TFRecordLiteError:
        read = list(read)
        self._kill_first("settle", lambda: super(RepeatedJob, self).settle(read), (Collector, "add", 5))
        return super().settle(read)

    def place(self, tree: str, placement: Placement) -> int | TFRecordLiteError:
        kind = f"place {placement.part.number}"
        self._kill_first(kind, lambda: super(RepeatedJob, self).place(tree, placement), (distributed, "move_over", 2))
        return super().place(tree, placement)

    def _kill_first(self, kind: str, task: Callable[[], object], where: tuple[Any, str, int]) -> None:
        """Runs a task in a process that is killed on the way. Raises OSError, so that the runner repeats it."""
        marker = f"{self.killed}-{kind.replace(' ', '-')}"
        if os.path.exists(marker):
            return
        child = os.fork()
        if child == 0:
            _die_at(*where)
            task()
            os._exit(0)  # it was to be killed before
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"{kind} was not killed"
        with open(marker, "x"):
            pass
        raise OSError(f"{kind} was killed")


def _die_at(owner: Any, name: str, count: int) -> None:
    """Has this process killed at the count-th call of a function."""
    function, calls = getattr(owner, name), []

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)

    setattr(owner, name, counted)
