"""Whole processes: what one run of a command costs, and the medians of many, taken in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

LAUNCHER = Path(__file__).resolve().parent / "launch.py"


class CommandError(Exception):
    """A command that was to be measured did not succeed."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.

    seconds: from start to end of the process. peak: bytes of memory of the largest process. parent, others: of the
    process itself and of each below it, where they were followed.
    work: seconds without interpreter and imports, where the program tells them. said: the last line it printed.
    """

    seconds: float
    cpu_seconds: float
    peak: int
    parent: int
    others: tuple[int, ...]
    work: float | None
    said: str


def run(command: Sequence[str], *, path: str = "", family: bool = False) -> Cost:
    """Runs a command in an empty folder. path: PYTHONPATH. CommandError where its status is not 0."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER), report, *(["--family"] if family else [])]
        done = subprocess.run(
            [*launcher, *command],
            cwd=folder,
            env=_environment(path),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise CommandError(f"{' '.join(command)}\n{done.stderr}")
        with open(report, encoding="utf-8") as file:
            found = json.load(file)
    if status := found["status"]:
        raise CommandError(f"status {status}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    said = done.stdout.strip().rpartition("\n")[2]
    work = json.loads(said).get("seconds") if said.startswith("{") else None
    parts = (found["seconds"], found["cpu_seconds"], found["peak"], found["parent"], tuple(found["others"]))
    return Cost(*parts, work, said)


def _environment(path: str) -> Mapping[str, str]:
    """The caller's, without what would change how Python runs; and a quiet TensorFlow without a GPU."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    kept |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return {**kept, "PYTHONPATH": path} if path else kept


def clear(path: str) -> None:
    """Removes an output, and waits until nothing is left to be written back to disk in the time of the next run."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)
    os.sync()


def in_turn(runs: Mapping[str, Callable[[], Cost]], rounds: int, tell: Callable[[str], None]) -> dict[str, list[Cost]]:
    """Every run once a round, so that a machine that is busy for a while slows all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(1, rounds + 1):
        for name, one in runs.items():
            tell(f"round {number} of {rounds}: {name}")
            costs[name].append(one())
    return costs


def typical(costs: Sequence[Cost]) -> Cost:
    """The medians of several runs of one command."""
    works = [cost.work for cost in costs if cost.work is not None]
    return Cost(
        median(cost.seconds for cost in costs),
        median(cost.cpu_seconds for cost in costs),
        round(median(cost.peak for cost in costs)),
        round(median(cost.parent for cost in costs)),
        max((cost.others for cost in costs), key=sum),
        median(works) if works else None,
        costs[-1].said,
    )
