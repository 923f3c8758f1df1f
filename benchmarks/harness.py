"""What every benchmark does: runs whole processes in turn, takes medians, and writes its section of README.md."""

from __future__ import annotations

import argparse
import json
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
from typing import Any, NamedTuple, TypeVar

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
PROGRAMS = FOLDER / "programs"
PAGE = FOLDER / "README.md"
OURS = (sys.executable, "-m", "tfrecord_lite")
"""Our command: that of the checkout, under the interpreter that runs the benchmark."""

Name = TypeVar("Name")
Result = TypeVar("Result")


class CommandError(Exception):
    """A command that was to be measured did not succeed."""


class Cost(NamedTuple):
    """What one run took.

    seconds: from start to end of the process. peak: bytes of memory of the largest process. said: the last line that
    it printed, as JSON; empty where that is none.
    """

    seconds: float
    cpu_seconds: float
    peak: float
    said: Mapping[str, Any]

    @property
    def work(self) -> float | None:
        """Seconds without interpreter and imports, where the program reports them."""
        return self.said.get("seconds")


def run(command: Sequence[str]) -> Cost:
    """Runs a command in an empty folder. CommandError where its status is not 0."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        launch = [sys.executable, "-I", "-S", str(FOLDER / "launch.py"), report, *command]
        done = subprocess.run(
            launch, cwd=folder, env=_environment(command[0]), stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        if done.returncode:
            raise CommandError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        cost = json.loads(Path(report).read_text(encoding="utf-8"))
    last = done.stdout.strip().rpartition("\n")[2]
    return Cost(**cost, said=json.loads(last) if last.startswith("{") else {})


def _environment(program: str) -> Mapping[str, str]:
    """The caller's, without what changes how Python runs; a quiet TensorFlow without a GPU; for ours the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return {**kept, "PYTHONPATH": str(ROOT)} if program == sys.executable else kept


def in_turn(
    steps: Mapping[Name, Callable[[], Result]], rounds: int, before: Callable[[], object] = lambda: None
) -> dict[Name, list[Result]]:
    """Every step once a round, so that a machine that is busy for a while slows all of them.

    before: called before each step, outside its time. Then the disk is synced: nothing is left to be written back in
    the time of a step.
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
    works = [cost.work for cost in costs if cost.work is not None]
    seconds, cpu_seconds, peak = (median(values) for values in zip(*(cost[:3] for cost in costs), strict=True))
    return Cost(seconds, cpu_seconds, peak, {"seconds": median(works)} if works else {})


def timed(step: Callable[[], object]) -> Callable[[], float]:
    """A step in this process, as one that returns its seconds."""

    def measured() -> float:
        begin = perf_counter()
        step()
        return perf_counter() - begin

    return measured


def tell(text: str) -> None:
    """Progress, for a person."""
    print(f"... {text}", file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------------------------ command line and page
def arguments(doc: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """A parser with what all benchmarks take. doc: of the script; its first line is the description."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--work", metavar="DIR", help="folder for inputs and outputs; default: the temporary folder")
    parser.add_argument("--write", action="store_true", help="put the results into README.md")
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


def publish(section: str, *parts: str, notes: Sequence[str], write: bool) -> None:
    """Prints the results under a line about the machine; with write, they replace the section of README.md."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = datetime.now(tz=timezone.utc).date()
    hardware = f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = "; ".join((hardware, platform.platform(), python, *notes))
    text = "\n\n".join((f"Measured on {today}: {machine}.", *parts))
    print(text)
    if write:
        write_section(section, text)


def _processor() -> str:
    """The processor's own name, where the system has it."""
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Puts the text between the two comments of this section; one that is not there yet is added at the end."""
    begin, end = f"<!-- {name}: written by the script, do not edit -->", f"<!-- end of {name} -->"
    content = page.read_text(encoding="utf-8")
    if begin not in content:
        content += f"\n## {name.capitalize()}\n\n{begin}{end}\n"
    above, _, rest = content.partition(begin)
    page.write_text(f"{above}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")
