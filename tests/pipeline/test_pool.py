"""Workers: results in the order of the tasks, errors in their turn, and no way to hang."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tfrecord_lite.errors import WorkerError
from tfrecord_lite.pipeline.pool import Notify, Workers


def run(
    job: Callable[[Any, Notify], Any], tasks: list[Any], count: int = 2, notes: list[int] | None = None
) -> Iterator[Any]:
    noted: list[int] = [] if notes is None else notes
    workers: Workers[Any, Any] = Workers(count, job, noted.append)
    try:
        yield from workers.run(tasks)
    finally:
        workers.close()


def slow_first(task: int, _: Notify) -> int:
    time.sleep(0.3 if task == 0 else 0)
    return task


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert list(run(slow_first, list(range(20)), 3)) == list(range(20))


def fails_at_two_sooner_than_at_one(task: int, _: Notify) -> int:
    if task == 1:
        time.sleep(0.3)
    if task:
        raise OSError(28, "No space left on device", f"file-{task}")
    return task


def test_the_first_error_in_the_order_of_the_tasks_counts() -> None:
    results = run(fails_at_two_sooner_than_at_one, [0, 1, 2], 3)
    assert next(results) == 0
    with pytest.raises(OSError, match="file-1"):
        next(results)


def divides(task: int, _: Notify) -> float:
    return 1 / task


def test_an_error_says_where_in_the_other_process_it_was_raised() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        list(run(divides, [0]))
    assert "in divides" in str(caught.value.__cause__)


def dies(task: int, _: Notify) -> int:
    if task == 3:
        sys.stdout.flush()
        signal.raise_signal(signal.SIGTERM)
    return task


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signals")
def test_a_worker_that_is_killed_is_an_error_with_the_signal() -> None:
    with pytest.raises(WorkerError, match="SIGTERM"):
        list(run(dies, list(range(6))))


NOTES = 8_000  # of a task: more than a pipe of 64 KiB holds, at 9 bytes or more each


def notes_much(task: bytes, notify: Notify) -> int:
    for _ in range(NOTES):
        notify(1)
    return len(task)


def test_large_tasks_and_many_notes_do_not_wait_for_each_other() -> None:
    """Each side writes more than a pipe holds before it reads."""
    notes: list[int] = []
    assert list(run(notes_much, [bytes(1 << 20)] * 3, 2, notes)) == [1 << 20] * 3
    assert sum(notes) == 3 * NOTES


def tells_about_hang_up(_: int, __: Notify) -> bool:
    return signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere workers are no forks")
@pytest.mark.parametrize("ignored", [True, False])
def test_a_hang_up_that_nohup_has_ignored_is_ignored_by_workers_too(ignored: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        assert list(run(tells_about_hang_up, [1])) == [ignored]
    finally:
        signal.signal(signal.SIGHUP, before)
