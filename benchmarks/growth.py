"""Time a record and peak memory as the input grows: more records in one file, and more files.

    python benchmarks/growth.py [--records 1000 10000 100000 1000000] [--shards 10 10000] [--write]

Records hold pictures of 300 bytes and 2 boxes, so that what is done once a record weighs most. Each is one run of the
command, with one worker and with all; memory is that of the largest process. The floor reads the records and writes the
images, nothing else: on most file systems a file takes longer the more there are. A million images take 4 GB for a
while, and minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence

from corpus import Corpus, write_dataset
from harness import OURS, PROGRAMS, CommandError, Cost, arguments, publish, run, table, tell

HEAD = ("records", "files", "jobs", "seconds", "µs a record", "µs for each more", "floor, µs a record", "peak, MB")


def measured(command: Sequence[str], out: str) -> Cost:
    """One run, after which the output is gone and the disk at rest."""
    os.sync()
    cost = run(command)
    shutil.rmtree(out)
    return cost


def measure(folder: str, corpus: Corpus, jobs: Sequence[int]) -> dict[int, tuple[Cost, float | None]]:
    """Writes a corpus and converts it. Returns what it costs by the number of workers, and seconds of the floor."""
    source, out = os.path.join(folder, "growth"), os.path.join(folder, "out")
    tell(f"{corpus.records} records in {corpus.shards} files")
    write_dataset(source, corpus)
    records = os.path.join(source, "train.tfrecord") + (f"@{corpus.shards}" if corpus.shards > 1 else "")
    floor = None
    if corpus.shards == 1:
        floor = measured([sys.executable, str(PROGRAMS / "floor.py"), "write", records, out], out).work
    convert = [*OURS, "convert", records, "-o", out, "-q", "-j"]
    costs = {count: (measured([*convert, str(count)], out), floor) for count in jobs}
    shutil.rmtree(source)
    return costs


def growth_table(costs: Sequence[tuple[Corpus, dict[int, tuple[Cost, float | None]]]], jobs: Sequence[int]) -> str:
    """All runs, by the number of workers. What each record more costs is by the line above."""
    rows = []
    for count in jobs:
        before = None
        for corpus, found in costs:
            (seconds, _, peak, _), floor = found[count]
            more = ""
            if before and before[0] < corpus.records:
                more = f"{(seconds - before[1]) / (corpus.records - before[0]) * 1e6:.1f}"
            each = "" if floor is None else f"{floor / corpus.records * 1e6:.1f}"
            numbers = (f"{corpus.records:,}", f"{corpus.shards:,}", str(count), f"{seconds:.2f}")
            rows.append((*numbers, f"{seconds / corpus.records * 1e6:.1f}", more, each, f"{peak / 1e6:.0f}"))
            before = corpus.records, seconds
    return table(HEAD, rows)


def main() -> None:
    parser = arguments(__doc__, rounds=1)
    add = parser.add_argument
    add("--records", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000], help="in one file")
    add("--shards", type=int, nargs="*", default=[10, 10_000], help="how many files")
    add("--records-in-shards", type=int, default=100_000, help="in all files together")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="beside one; default: the CPUs")
    options = parser.parse_args()
    jobs = sorted({1, options.jobs})
    single = [Corpus(count, size=300, boxes=2) for count in sorted(options.records)]
    several = [Corpus(options.records_in_shards, size=300, boxes=2, shards=count) for count in options.shards]
    try:
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            costs = [(corpus, measure(folder, corpus, jobs)) for corpus in (*single, *several)]
    except CommandError as error:
        sys.exit(f"cannot be run: {error}")
    parts = [growth_table(costs[: len(single)], jobs)]
    if several:
        parts += ["The same in several files:", growth_table(costs[len(single) :], jobs)]
    publish("growth", *parts, notes=[], write=options.write)


if __name__ == "__main__":
    main()
