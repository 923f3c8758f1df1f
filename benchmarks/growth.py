"""Time a record and peak memory as the input grows: more records in one file, and more files.

    python benchmarks/growth.py [--records 1000 10000 100000 1000000] [--shards 10 10000] [--write]

Records hold pictures of 300 bytes and 2 boxes, so that what is done once a record weighs most. Each is one run of the
command, in an environment of its own, with one worker and with all; memory is that of the first process, and the sum
of what each of the others had at its largest. The floor reads the records and writes the images, nothing else: on most
file systems a file takes longer the more there are. A million images take 4 GB of disk for a while, and minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from contestants import PROGRAMS
from corpus import Corpus, write_dataset
from environments import OURS, Environment, MissingError, given, installed
from measure import CommandError, Cost, clear, run
from page import machine, table, write_section

SIZE, BOXES = 300, 2


@dataclass(frozen=True, slots=True)
class Point:
    """One run. floor: seconds that the files alone took."""

    records: int
    shards: int
    jobs: int
    cost: Cost
    floor: float | None

    @property
    def microseconds(self) -> float:
        """Of each record, start of the process and all."""
        return self.cost.seconds / self.records * 1e6

    def _first(self) -> int:
        """Bytes of the first process; without others the system's own count, which misses nothing."""
        return self.cost.parent if self.cost.others else self.cost.peak

    def as_row(self, before: Point | None) -> list[str]:
        """A line of the table. before: the next smaller input, for what each record more costs."""
        more = ""
        if before and before.records < self.records:
            added = (self.cost.seconds - before.cost.seconds) / (self.records - before.records)
            more = f"{added * 1e6:.1f}"
        counts = [f"{self.records:,}", f"{self.shards:,}", str(self.jobs), f"{self.cost.seconds:.2f}"]
        others = f"{sum(self.cost.others) / 1e6:.0f} ({len(self.cost.others)})" if self.cost.others else ""
        floor = "" if self.floor is None else f"{self.floor / self.records * 1e6:.1f}"
        return [*counts, f"{self.microseconds:.1f}", more, floor, f"{self._first() / 1e6:.0f}", others]


def measure(environment: Environment, folder: str, corpus: Corpus, jobs: Sequence[int], *, images: bool) -> list[Point]:
    """Writes a corpus and converts it, once for each number of workers; one file also by the floor."""
    place = os.path.join(folder, "growth")
    print(f"... {corpus.records} records in {corpus.shards} files", file=sys.stderr, flush=True)
    write_dataset(place, corpus)
    records = os.path.join(place, "train.tfrecord") + (f"@{corpus.shards}" if corpus.shards > 1 else "")
    points = []
    out = os.path.join(folder, "out")
    floor: float | None = None
    if images and corpus.shards == 1:
        os.sync()
        floor = run([environment.python, str(PROGRAMS / "floor.py"), "write", records, out]).work
        clear(out)
    for count in jobs:
        command = [environment.command("tfrecord2coco"), "convert", records, "-o", out, "-q", "--jobs", str(count)]
        command += [] if images else ["--no-images"]
        os.sync()
        cost = run(command, path=environment.path, family=True)
        points.append(Point(corpus.records, corpus.shards, count, cost, floor))
        clear(out)
    clear(place)
    return points


def points_table(points: Sequence[Point], jobs: Sequence[int]) -> str:
    """All runs, by the number of workers."""
    rows = []
    for count in jobs:
        before: Point | None = None
        for point in (point for point in points if point.jobs == count):
            rows.append(point.as_row(before))
            before = point
    head = ["records", "files", "jobs", "seconds", "µs a record", "µs for each more", "floor, µs a record"]
    head += ["first process, MB", "others, MB"]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="Time a record and peak memory as the input grows.")
    add = parser.add_argument
    add("--records", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000], help="in one file")
    add("--shards", type=int, nargs="*", default=[10, 10_000], help="how many files")
    add("--records-in-shards", type=int, default=100_000, help="in all files together")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="beside one; default: the CPUs")
    add("--no-images", action="store_true", help="annotations only")
    add("--use", metavar="PYTHON", help="an interpreter that has this package's requirements, for the checkout's code")
    add("--work", metavar="DIR", help="where the corpora and outputs stand for a while; default: the temporary folder")
    add("--write", action="store_true", help="put the results into README.md")
    options = parser.parse_args()
    try:
        environment = given(OURS, options.use) if options.use else installed(OURS)
    except MissingError as error:
        sys.exit(f"{OURS}: {error}")
    jobs = sorted({1, options.jobs})
    corpora = [Corpus(records=count, size=SIZE, boxes=BOXES) for count in sorted(options.records)]
    sharded = [
        Corpus(records=options.records_in_shards, size=SIZE, boxes=BOXES, shards=count) for count in options.shards
    ]
    try:
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            images = not options.no_images
            single = [p for each in corpora for p in measure(environment, folder, each, jobs, images=images)]
            several = [p for each in sharded for p in measure(environment, folder, each, jobs, images=images)]
    except CommandError as error:
        sys.exit(f"cannot be run: {error}")
    notes = [environment.versions(), "without images" if options.no_images else ""]
    parts = [machine(*notes), points_table(single, jobs)]
    parts += ["The same in several files:", points_table(several, jobs)] if several else []
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        write_section("growth", text)


if __name__ == "__main__":
    main()
