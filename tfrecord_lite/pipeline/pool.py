"""Worker processes: tasks that are carried out side by side, whose results come in the order of the tasks.

Not concurrent.futures, whose workers outlive a parent that was killed, and which starts threads that a later fork would
find in the middle of something. Each worker here has a pipe of its own, so that its end is noticed wherever it comes.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

from tfrecord_lite.errors import WorkerError

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")
Notify = Callable[[int], None]
"""Tells the parent a number while a task is carried out."""

_AHEAD = 2  # tasks that a worker has at a time: one to do, one to go on with at once
_DONE, _FAILED, _NOTE = range(3)
_PR_SET_PDEATHSIG = 1  # prctl(2): the signal that the kernel sends when the thread that forked ends
_SIGNALS = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}


def can_have_workers() -> bool:
    """Whether this process may start others: multiprocessing forbids it to those that are daemons themselves."""
    return not multiprocessing.current_process().daemon


class Workers(Generic[_Task, _Result]):
    """Processes that carry out ``job`` for each task.

    job: a function of a module; gets a task and a function that passes a number to ``on_note``. Task and result cross
        the border of a process.
    """

    def __init__(self, count: int, job: Callable[[_Task, Notify], _Result], on_note: Notify) -> None:
        self._on_note = on_note
        self._workers: list[_Worker] = []
        self._results: dict[int, _Result | _Failure] = {}
        self._numbered: Iterator[tuple[int, _Task]] = iter(())
        self._left = False  # whether there may be more tasks
        # Forking takes milliseconds instead of tenths of a second, and is safe where there is one thread only. Of the
        # threads of obstore Python knows nothing.
        fork = sys.platform == "linux" and threading.active_count() == 1 and "obstore" not in sys.modules
        context = multiprocessing.get_context("fork" if fork else "spawn")
        try:
            for _ in range(count):
                self._workers.append(_Worker(context, job))
        except BaseException:
            self.close()
            raise

    def run(self, tasks: Iterable[_Task]) -> Iterator[_Result]:
        """Carries out the tasks and gives their results in order. Tasks are taken as workers become free.

        Raises:
            WorkerError: a worker ended by itself. Whatever ``job`` raises.
        """
        self._numbered = enumerate(tasks)
        self._left = True
        wanted = 0
        while True:
            self.tend()
            while self._left or any(worker.tasks for worker in self._workers):
                if wanted in self._results:
                    break
                self.tend(None)
            if wanted not in self._results:
                return
            result = self._results.pop(wanted)
            if isinstance(result, _Failure):  # in its turn, so that it is the same one however many work
                raise result.error from (_Elsewhere(result.text) if result.text else None)
            yield result
            wanted += 1

    def tend(self, timeout: float | None = 0) -> None:
        """Takes what workers have to say, and gives those who are short of them tasks."""
        for connection in wait([worker.connection for worker in self._workers if worker.tasks], timeout):
            worker = next(each for each in self._workers if each.connection is connection)
            kind, value = worker.receive()
            if kind == _NOTE:
                self._on_note(value)
                continue
            number = worker.tasks.popleft()
            self._results[number] = _Failure(*value) if kind == _FAILED else value
        for rank in range(_AHEAD):
            for worker in self._workers:
                if self._left and len(worker.tasks) <= rank:
                    self._give(worker)

    def _give(self, worker: _Worker) -> None:
        for number, task in self._numbered:
            worker.send(task)
            worker.tasks.append(number)
            return
        self._left = False

    def close(self) -> None:
        """Ends the processes, whatever they do."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()
        self._workers = []


class _Worker:
    """One process; tasks: numbers of those that it has."""

    def __init__(self, context: Any, job: Callable[[Any, Notify], Any]) -> None:  # noqa: ANN401 - two classes of contexts
        self.tasks: deque[int] = deque()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, job), daemon=True)
        with _signals_blocked():
            self.process.start()
        theirs.close()

    def send(self, task: object) -> None:
        try:
            self.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            raise self._ended() from None

    def receive(self) -> tuple[int, Any]:
        try:
            message: tuple[int, Any] = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise self._ended() from None
        return message

    def _ended(self) -> WorkerError:
        """Says how a process ended that should not have."""
        self.process.join()
        code = self.process.exitcode
        how = f"exit status {code}"
        hint = 'A script must start its work below if __name__ == "__main__":, or use --jobs=1'
        if code is not None and code < 0:
            hint = "Was memory short? Try it with --jobs=1"
            with contextlib.suppress(ValueError):
                how = signal.Signals(-code).name
        return WorkerError(f"a worker process ended unexpectedly ({how}). {hint}")


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Keeps signals waiting while a process starts: the new one must not act on them with the handlers of the old."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, job: Callable[[Any, Notify], Any]) -> None:
    """A worker's life: one task after the other, until the parent ends it, or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C means the parent, which ends its workers
    for number in _SIGNALS - {signal.SIGINT}:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as SIGHUP is under nohup
            signal.signal(number, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _ask_to_be_killed()
    # Tasks are taken in while one is carried out: else both sides could wait for each other, each with a full pipe.
    tasks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_take_in, args=(connection, tasks), daemon=True).start()
    while (task := tasks.get()) is not None:
        try:
            answer = _DONE, job(task, lambda number: connection.send((_NOTE, number)))
        except BaseException as error:  # noqa: BLE001 - the parent raises it
            answer = _FAILED, (error, "" if isinstance(error, OSError) else traceback.format_exc())
        connection.send(answer)


def _ask_to_be_killed() -> None:
    """Has Linux end this process with its parent, at once and whatever it does; elsewhere the thread has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import ctypes  # noqa: PLC0415 - not every Python has it

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            # From here on; the thread looks at what was before.


def _take_in(connection: Connection, tasks: SimpleQueue[Any]) -> None:
    """Tasks as they come; None after the last."""
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        tasks.put(None)


def _end_with_parent() -> None:
    """Waits for the parent's end, however that comes, and ends this process too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class _Failure(NamedTuple):
    """What a task raised, and where; a cause does not cross the border of a process with its error."""

    error: BaseException
    text: str


class _Elsewhere(Exception):  # noqa: N818 - the cause of one
    """Where in another process an error was raised, in words."""
