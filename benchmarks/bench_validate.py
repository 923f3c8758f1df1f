"""``validate`` beside hotcoco's health check and kwcoco's: seconds and memory on large COCO files.

    python3 tests/peers/run.py readers         # once: the environment that has the others
    python benchmarks/bench_validate.py [--images 120000] [--objects 860000] [--rounds 3] [--peers DIR] [--write]

Two files of the same size: as ``convert`` writes them, and as the official ones are. First it is looked at which of the
faults that were planted into them a program finds; then whole processes are timed. Without the environment of the
others, this package is measured alone. Others may take as much address space as ``--memory`` says; where one needs
more, the table says so. On a machine with other work, which the load average tells, CPU seconds can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from coco_files import DANGLING, WITHOUT_WIDTH, write_official, write_own
from environments import OURS, VENVS, Environment, MissingError, installed
from measure import CommandError, in_turn, run, typical
from page import machine, table, write_section


@dataclass(frozen=True, slots=True)
class Program:
    """A program under comparison.

    counts: dangling images and boxes without width, of what it printed; None of one that looks for neither.
    """

    title: str
    command: Callable[[str], list[str]]
    counts: Callable[[str], tuple[int, int]] | None = None
    is_ours: bool = False


def ours(environment: Environment) -> Program:
    """This package."""

    def counts(printed: str) -> tuple[int, int]:
        found = {finding["code"]: finding["count"] for finding in json.loads(printed)["findings"]}
        return found.get("E18", 0), found.get("W42", 0)

    command = f'"{environment.command("tfrecord2coco")}" validate --json --quiet "$0"'
    return Program("`tfrecord2coco validate`", partial(_shell, command), counts, is_ours=True)


def _shell(command: str, path: str) -> list[str]:
    """A command whose status 1 only says that it found something."""
    return ["/bin/sh", "-c", f"{command} || test $? = 1", path]


def _limited(command: str, gigabytes: int) -> str:
    """A command that may take so much address space."""
    return f"ulimit -v {gigabytes << 20} && {command}"


def hotcoco(folder: Path, memory: int) -> Program:
    """Hotcoco's health check, whose status is 1 where there are errors."""

    def counts(printed: str) -> tuple[int, int]:
        report = json.loads(printed)
        found = {each["code"]: len(each["affected_ids"]) for each in report["errors"] + report["warnings"]}
        return found.get("orphan_image_id", 0), found.get("degenerate_bbox", 0)

    command = _limited(f'"{folder / "coco"}" healthcheck "$0" --json', memory)
    return Program("hotcoco `coco healthcheck`", partial(_shell, command), counts)


def kwcoco(folder: Path, memory: int) -> Program:
    """Kwcoco's validation without a look at pictures; it looks for neither fault."""
    command = _limited(f'"{folder / "kwcoco"}" validate --src "$0" --missing False', memory)
    # Its status is 1 for an exception as well, and memory that is not there is one.
    whole = f"{command} > out.txt 2>&1 || {{ cat out.txt >&2; ! grep -q MemoryError out.txt; }}"
    return Program("`kwcoco validate`", lambda path: ["/bin/sh", "-c", whole, path])


def programs(peers: Path, memory: int) -> list[Program]:
    """What can be measured here."""
    found = [ours(installed(OURS))]
    if (peers / "coco").exists():
        found.append(hotcoco(peers, memory))
    if (peers / "kwcoco").exists():
        found.append(kwcoco(peers, memory))
    return found


def check(program: Program, path: str) -> str:
    """What a program finds of what was planted; ValueError where this package misses anything."""
    if program.counts is None:
        return "neither"
    printed = subprocess.run(program.command(path), capture_output=True, text=True, check=False).stdout
    counts, wanted = program.counts(printed), (len(DANGLING), len(WITHOUT_WIDTH))
    if counts != wanted and program.is_ours:
        raise ValueError(f"{program.title} finds {counts} faults of {wanted}")
    return f"{counts[0]} of {wanted[0]}, {counts[1]} of {wanted[1]}"


def measure(program: Program, path: str, rounds: int, memory: int) -> list[str]:
    """Seconds, CPU seconds and peak memory of a program; or that it takes more than it may."""
    try:
        costs = in_turn({program.title: partial(run, program.command(path))}, rounds, _tell)
    except CommandError:
        if program.is_ours:
            raise
        return ["-", "-", f"more than {memory} GiB"]
    cost = typical(costs[program.title])
    return [f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.peak / 1e6:.0f}"]


def _tell(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add("--images", type=int, default=120_000)
    add("--objects", type=int, default=860_000)
    add("--rounds", type=int, default=3)
    add("--peers", type=Path, default=VENVS / "readers" / "bin", metavar="DIR", help="where the others' commands are")
    add("--memory", type=int, default=16, metavar="GIB", help="address space that others may take")
    add("--write", action="store_true", help="put the results into README.md")
    options = parser.parse_args()
    rows: list[list[str]] = []
    try:
        contestants = programs(options.peers, options.memory)
        with tempfile.TemporaryDirectory() as folder:
            for name, writer in (("own", write_own), ("official", write_official)):
                path = os.path.join(folder, f"{name}.json")
                with open(path, "wb") as file:
                    writer(file, options.images, options.objects)
                size = os.path.getsize(path) / 1e6
                for each in contestants:
                    found = check(each, path)
                    numbers = measure(each, path, options.rounds, options.memory)
                    rows.append([f"{name}, {size:.0f} MB: {each.title}", *numbers, found])
                    _tell(" | ".join(rows[-1]))
    except (MissingError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    head = ("file and program", "seconds", "CPU seconds", "peak memory, MB", "finds dangling, without width")
    rounds = "one round" if options.rounds == 1 else f"medians of {options.rounds} rounds"
    counts = f"{options.images:,} images with {options.objects:,} objects, {rounds}."
    text = f"{counts}\n\n{table(head, rows)}\n\n{machine(f'load average {os.getloadavg()[2]:.1f}')}"
    print(text)
    if options.write:
        write_section("validation", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
