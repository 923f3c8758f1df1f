"""What every benchmark does: runs whole processes in turn, takes medians, and prints tables in Markdown."""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple, TypeVar

FOLDER = Path(__file__).resolve().parent
PROGRAMS = FOLDER / "programs"
OURS = (sys.executable, "-m", "tfrecord_lite")
"""Our command: that of the checkout, under the interpreter that runs the benchmark."""

Name = TypeVar("Name")
Result = TypeVar("Result")

# A small process between the benchmark and the command: on Linux the peak memory of a child starts at what its parent
# had in memory when the child was started. The usage includes all processes that the command waited for.
_LAUNCHER = """
import os, sys, time
begin = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print("", time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, sep="\\n")
sys.exit(os.waitstatus_to_exitcode(status) and "the command failed")
"""
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes; getrusage(2)


class CommandError(Exception):
    """A command that was to be measured did not succeed."""


class Cost(NamedTuple):
    """What a process took from start to end. peak: bytes of memory of the largest process."""

    seconds: float
    cpu_seconds: float
    peak: float


def run(command: Sequence[str]) -> Cost:
    """Runs a command in an empty folder. CommandError where its status is not 0."""
    with tempfile.TemporaryDirectory() as folder:
        launch = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
        done = subprocess.run(
            launch, cwd=folder, env=_environment(command[0]), stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
    if done.returncode:
        raise CommandError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    seconds, cpu_seconds, peak = map(float, done.stdout.splitlines()[-3:])
    return Cost(seconds, cpu_seconds, peak * _MAXRSS_UNIT)


def _environment(program: str) -> Mapping[str, str]:
    """The caller's, without what changes how Python runs; a quiet TensorFlow without a GPU; for ours the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return {**kept, "PYTHONPATH": str(FOLDER.parent)} if program == sys.executable else kept


def in_turn(
    steps: Mapping[Name, Callable[[], Result]], rounds: int, before: Callable[[], object] = lambda: None
) -> dict[Name, list[Result]]:
    """Every step once a round, so that a machine that is busy for a while slows all of them.

    before: called before each step, outside its time. Then the disk is synced, so that no step waits for what an
    earlier one wrote.
    """
    results: dict[Name, list[Result]] = {name: [] for name in steps}
    for number in range(1, rounds + 1):
        for name, step in steps.items():
            tell(f"round {number} of {rounds}: {name}")
            before()
            os.sync()
            results[name].append(step())
    return results


def typical(costs: Sequence[Cost]) -> Cost:
    """The medians of several runs of one command."""
    return Cost(*map(median, zip(*costs, strict=True)))


def timed(step: Callable[[], object]) -> Callable[[], float]:
    """A step in this process, as one that returns its seconds."""

    def measured() -> float:
        begin = perf_counter()
        step()
        return perf_counter() - begin

    return measured


def tell(text: str) -> None:
    """Shows progress."""
    print(f"... {text}", file=sys.stderr, flush=True)


def arguments(doc: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """A parser with what all benchmarks take. doc: of the script; its first line is the description."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--work", metavar="DIR", help="folder for inputs and outputs; default: the temporary folder")
    return parser


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table that can be read as it is: first column to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return f"| {first[0]:<{first[1]}} | " + " | ".join(f"{cell:>{width}}" for cell, width in others) + " |"

    return "\n".join([line(lines[0]), line(rule), *map(line, lines[1:])])


def print_results(*parts: str, note: str) -> None:
    """Prints tables below a line about the machine and the measurement."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = datetime.now(tz=timezone.utc).date()
    hardware = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, load average {os.getloadavg()[2]:.1f}"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"Measured on {today}: {hardware}; {platform.platform()}; {python}; {note}.", *parts, sep="\n\n")


def _processor() -> str:
    """The processor's own name, where the system has it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
