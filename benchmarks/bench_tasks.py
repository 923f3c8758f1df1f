"""What the tasks of a pipeline cost, for plans of large conversions: CPU time and bytes for each image.

    python benchmarks/bench_tasks.py [--images 8000] [--work /dev/shm] [--write]

The tasks run one after the other in this process, as a runner of Beam would have them run, and the output is compared
with that of the local command. CPU time is that of the process: other work on the machine matters less to it than to
the time that passes.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from corpus import Corpus, write_dataset
from equality import check_files
from harness import arguments, publish, table

from tfrecord_lite import Summary, convert
from tfrecord_lite.pipeline.conversion.distributed import Job, Settled

Value = TypeVar("Value")


def main() -> None:
    parser = arguments(__doc__, rounds=1)
    parser.add_argument("--images", type=int, default=8000)
    options = parser.parse_args()
    rows = []

    def measured(name: str, step: Callable[[], Value]) -> Value:
        """Runs a step, and notes what it costs an image."""
        before, begun = os.times(), time.perf_counter()
        value = step()
        after, seconds = os.times(), time.perf_counter() - begun
        costs = (after.user - before.user, after.system - before.system, seconds)
        rows.append([name, *(f"{1e6 * cost / options.images:.0f}" for cost in costs)])
        return value

    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        source, one, many = (os.path.join(folder, name) for name in ("in", "one", "many"))
        write_dataset(source, Corpus(options.images, shards=8))
        measured("convert", lambda: convert(source, one))
        job = Job(source, many, {})
        read = measured("read", lambda: [job.read(part) for part in job.parts()])
        drafts = size_below(job.work) / options.images
        settled = measured("settle", lambda: job.settle(read))
        if not isinstance(settled, Settled):
            sys.exit(str(settled))
        placed = measured("place", lambda: [job.place(*task) for task in job.placements(settled)])
        done = measured("finish", lambda: job.finish(settled, placed))
        if not isinstance(done, Summary):
            sys.exit(str(done))
        check_files(one, many, content=True)
        coco = size_below(os.path.join(many, "annotations")) / options.images
    summary = len(pickle.dumps(read)) / len(read)
    text = f"Drafts take {drafts:.0f} bytes an image, the COCO file {coco:.0f}; the summary of a part {summary:.0f}."
    head = ("task", "user, µs an image", "system", "elapsed")
    publish("tasks", table(head, rows), text, notes=[f"{options.images:,} images of 94 KB"], write=options.write)


def size_below(folder: str) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
