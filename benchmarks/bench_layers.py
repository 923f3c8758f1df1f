"""What each layer adds to the time of a record: framing, messages, lists; samples, masks, COCO, image files.

    python benchmarks/bench_layers.py [--records 2000] [--rounds 7] [--tensorflow PYTHON] [--write]

A line that begins with + does what the line above it does, and one thing more. All are run in turn in this process,
with the package that it imports, on files in the page cache; the table shows medians, and the ratio to a floor that
only reads and verifies both checksums. Outputs are written to memory where there is such a place.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

sys.path.append(str(Path(__file__).resolve().parent / "programs"))

from corpus import Corpus, write_corpus
from floor import payloads
from ours import read_lists
from page import machine, table, write_section
from places import DISK, MEMORY, memory_folder

import tfrecord_lite
from tfrecord_lite import ReadOptions, convert, read_examples, read_records, read_samples

FLOOR, READING = "floor: read, both checksums", "+ five lists of each (reading)"

CORPORA = {
    "94 KB images, 7 boxes": Corpus(),
    "94 KB images, 7 boxes with masks": Corpus(masks=True),
    "300-byte images, 2 boxes": Corpus(size=300, boxes=2),
}


def layers(path: str, out: str, *, masks: bool) -> Mapping[str, Callable[[], object]]:
    """What to time, by name."""

    def converted(*, write_images: bool) -> object:
        return convert(path, out, write_images=write_images)

    found: dict[str, Callable[[], object]] = {
        FLOOR: lambda: _consume(payloads(path)),
        "framing": lambda: _consume(read_records(path)),
        "+ messages": lambda: _consume(read_examples(path)),
        READING: lambda: _consume(read_lists(path)),
        "framing + messages + samples": lambda: _consume(read_samples(path, ReadOptions(masks=False))),
    }
    if masks:
        found["+ masks decoded to run lengths"] = lambda: _consume(read_samples(path))
    found["+ COCO, published"] = lambda: converted(write_images=False)
    found["+ image files"] = lambda: converted(write_images=True)
    return found


def _consume(items: Iterable[object]) -> None:
    """Takes every item and keeps none."""
    deque(items, maxlen=0)


def measured(steps: Mapping[str, Callable[[], object]], rounds: int, out: str) -> dict[str, float]:
    """Median seconds of each step; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds + 1):
        for name, step in steps.items():
            shutil.rmtree(out, ignore_errors=True)
            os.sync()  # or what the last step left would be written back in the time of this one
            begin = perf_counter()
            step()
            times[name].append(perf_counter() - begin)
    return {name: median(taken[1:]) for name, taken in times.items()}


def layer_table(steps: Mapping[str, float], records: int) -> str:
    """A line for each step, with what it adds to the one before it."""
    rows, before = [], 0.0
    for name, seconds in steps.items():
        each = seconds / records * 1e6
        added = f"{each - before:.1f}" if name.startswith("+") else ""
        rows.append((name, f"{each:.1f}", added, f"{seconds / steps[FLOOR]:.2f}", f"{seconds / steps[READING]:.2f}"))
        before = each
    return table(("layer", "µs a record", "added", "x floor", "x reading"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="What each layer adds to the time of a record.")
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="put the results into README.md")
    options = parser.parse_args()
    texts = []
    memory = memory_folder(300_000 * options.records)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as outputs:
        for name, corpus in CORPORA.items():
            records = max(1, options.records // 4) if corpus.masks else options.records
            path, out = os.path.join(folder, "train.tfrecord"), os.path.join(outputs, "out")
            write_corpus(path, Corpus(records=records, size=corpus.size, boxes=corpus.boxes, masks=corpus.masks))
            steps = measured(layers(path, out, masks=corpus.masks), options.rounds, out)
            texts += [f"### {name}, {records} records", layer_table(steps, records)]
    version = f"tfrecord2coco {tfrecord_lite.__version__}"
    notes = (f"medians of {options.rounds} rounds", f"outputs in {MEMORY if memory else DISK}")
    text = "\n\n".join((machine(version, *notes), *texts))
    print(text)
    if options.write:
        write_section("layers", text)


if __name__ == "__main__":
    main()
