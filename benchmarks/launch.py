"""Runs one command and writes down what it cost.

    python -I -S benchmarks/launch.py REPORT.json [--family] COMMAND...

A process of its own, and a small one: on Linux the peak memory of a child starts at what its parent had in memory when
the child was started. ``--family`` also follows the child's children, by a look at /proc every 20 ms.
"""

from __future__ import annotations

import json
import os
import sys
from threading import Event, Thread
from time import perf_counter

INTERVAL = 0.02  # seconds
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes; getrusage(2)


class Family:
    """The largest size in memory of every process below one, by process id, in bytes (VmHWM, proc_pid_status(5))."""

    def __init__(self, root: int) -> None:
        self.peaks: dict[int, int] = {}
        self._root = root
        self._ended = Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()

    def end(self) -> None:
        """Looks no more."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            self._look(self._root)

    def _look(self, process: int) -> None:
        """Notes a process and all below it; one may be gone before it is looked at."""
        try:
            with open(f"/proc/{process}/status", "rb") as file:
                lines = dict(line.split(b":", 1) for line in file)
            if b"VmHWM" in lines:
                peak = int(lines[b"VmHWM"].split()[0]) * 1024
                self.peaks[process] = max(peak, self.peaks.get(process, 0))
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                    children = file.read().split()
                for child in map(int, children):
                    self._look(child)
        except OSError:
            pass


def main() -> None:
    report, *command = sys.argv[1:]
    follow = command[0] == "--family"
    command = command[follow:]
    begin = perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    family = Family(process) if follow else None
    _, status, usage = os.wait4(process, 0)
    seconds = perf_counter() - begin
    if family:
        family.end()
    found = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * MAXRSS_UNIT,
        "parent": family.peaks.pop(process, 0) if family else 0,
        "others": sorted(family.peaks.values(), reverse=True) if family else [],
    }
    with open(report, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
