"""What the tasks of a pipeline cost, for plans of large conversions: CPU time and bytes for each image.

    python benchmarks/bench_tasks.py [--images 4000] [--work /dev/shm] [--write]

The tasks run one after the other in this process, as a runner of Beam would have them run, and the output is compared
with that of the local command. CPU time is that of the process: other work on the machine matters less to it than to
the time that passes.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import page
from corpus import Corpus, write_dataset

from tfrecord_lite import Summary, convert
from tfrecord_lite.pipeline.distributed import Job, Settled

Value = TypeVar("Value")


class Stopwatch:
    """Runs steps, and keeps what each costs an image."""

    def __init__(self, images: int) -> None:
        self.rows: list[list[str]] = []
        self._images = images

    def run(self, name: str, step: Callable[[], Value]) -> Value:
        """Runs a step. Returns what it returns."""
        before, begun = os.times(), time.perf_counter()
        value = step()
        after, seconds = os.times(), time.perf_counter() - begun
        costs = (after.user - before.user, after.system - before.system, seconds)
        self.rows.append([name, *(f"{1e6 * cost / self._images:.0f}" for cost in costs)])
        return value


def measure(folder: str, images: int) -> str:
    """Converts at once and in tasks. Returns what it cost, as Markdown."""
    source, one, many = (os.path.join(folder, name) for name in ("in", "one", "many"))
    write_dataset(source, Corpus(images, shards=8))
    watch = Stopwatch(images)
    watch.run("convert", lambda: convert(source, one))
    job = Job(source, many, {})
    read = watch.run("read", lambda: [job.read(part) for part in job.parts()])
    drafts = size_below(Path(job.work)) / images
    settled = watch.run("settle", lambda: job.settle(read))
    if not isinstance(settled, Settled):
        raise SystemExit(str(settled))
    placed = watch.run("place", lambda: [job.place(*task) for task in job.placements(settled)])
    done = watch.run("finish", lambda: job.finish(settled, placed))
    if not isinstance(done, Summary) or differ(filecmp.dircmp(one, many)):
        raise SystemExit("the output is not that of the local command")
    coco = size_below(Path(many) / "annotations") / images
    table = page.table(("task", "user, us an image", "system", "elapsed"), watch.rows)
    summaries = len(pickle.dumps(read)) / len(read)
    sizes = f"Drafts take {drafts:.0f} bytes an image, the COCO file {coco:.0f}; the summary of a part {summaries:.0f}."
    return f"{page.machine(f'{images:,} images of 94 KB')}\n\n{table}\n\n{sizes}"


def size_below(folder: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def differ(compared: filecmp.dircmp[str]) -> bool:
    """Whether two trees differ."""
    own = compared.left_only + compared.right_only + compared.diff_files + compared.funny_files
    return bool(own) or any(map(differ, compared.subdirs.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--work", metavar="FOLDER", help="where files go; default: the system's temporary folder")
    parser.add_argument("--write", action="store_true", help="write the result to README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        text = measure(folder, options.images)
    print(text)
    if options.write:
        page.write_section("tasks", text)


if __name__ == "__main__":
    main()
