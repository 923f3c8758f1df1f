"""Runs one command and writes down what it cost.

    python -I -S benchmarks/launch.py REPORT.json COMMAND...

A process of its own, and a small one: on Linux the peak memory of a child starts at what its parent had in memory when
the child was started.
"""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter

MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes; getrusage(2)


def main() -> None:
    report, *command = sys.argv[1:]
    begin = perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)  # usage: also that of all processes that the command waited for
    seconds = perf_counter() - begin
    if code := os.waitstatus_to_exitcode(status):
        sys.exit(f"status {code}")
    cost = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * MAXRSS_UNIT,
    }
    with open(report, "w", encoding="utf-8") as file:
        json.dump(cost, file)


if __name__ == "__main__":
    main()
