"""Time a record and peak memory as the input grows: more records in one file, and more files.

    python benchmarks/growth.py [--records 1000 10000 100000 1000000] [--files 1 1000]

Records hold pictures of 300 bytes and 2 boxes, so that work done once a record dominates. Each number of records is
converted from each number of files, with one worker and with all; memory is that of the largest process. A million
images take 4 GB for a while, and minutes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import product

from corpus import Corpus, write_dataset
from harness import OURS, arguments, in_turn, print_results, run, table, tell, typical

HEAD = ("records", "files", "jobs", "seconds", "µs a record", "peak, MB")


def measure(folder: str, corpus: Corpus, jobs: Iterable[int], rounds: int) -> Iterator[Sequence[str]]:
    """A row for each number of workers."""
    source, out = os.path.join(folder, "in"), os.path.join(folder, "out")
    tell(f"{corpus.records} records in {corpus.shards} files")
    write_dataset(source, corpus)
    command = [*OURS, "convert", source, "-o", out, "-q", "-j"]
    steps = {count: partial(run, [*command, str(count)]) for count in sorted(jobs)}
    for count, costs in in_turn(steps, rounds, lambda: shutil.rmtree(out, ignore_errors=True)).items():
        seconds, _, peak = typical(costs)
        numbers = (f"{seconds:.2f}", f"{seconds / corpus.records * 1e6:.1f}", f"{peak / 1e6:.0f}")
        yield f"{corpus.records:,}", f"{corpus.shards:,}", str(count), *numbers


def main() -> None:
    parser = arguments(__doc__, rounds=1)
    parser.add_argument("--records", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--files", type=int, nargs="+", default=[1, 1000])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="besides one; default: the CPUs")
    options = parser.parse_args()
    rows: list[Sequence[str]] = []
    for files, records in product(options.files, options.records):
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            corpus = Corpus(records, size=300, boxes=2, shards=files)
            rows += measure(folder, corpus, {1, options.jobs}, options.rounds)
    print_results(table(HEAD, rows), note=f"medians of {options.rounds} rounds")


if __name__ == "__main__":
    main()
