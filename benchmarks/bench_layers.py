"""What each layer adds to the time of a record: framing, messages, lists; samples, masks, COCO, image files.

    python benchmarks/bench_layers.py [--records 2000] [--rounds 7] [--work /dev/shm]

A line that begins with + does what the line above it does, and one thing more. All are run in turn in this process, on
files in the page cache; the table shows medians, and the ratio to a floor that only reads and verifies both checksums.
PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION=python shows what protobuf without a binary wheel costs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from statistics import median

from corpus import Corpus, write_corpus
from harness import PROGRAMS, arguments, in_turn, print_results, table, timed

from tfrecord_lite import ReadOptions, convert, read_examples, read_records, read_samples

sys.path.append(str(PROGRAMS))

from floor import payloads

FLOOR, READING = "floor: read, both checksums", "+ five lists of each (reading)"
SIDES = [f"image/object/bbox/{side}" for side in ("xmin", "ymin", "xmax", "ymax")]
CORPORA = {
    "94 KB images, 7 boxes": Corpus(2000),
    "94 KB images, 7 boxes with masks": Corpus(500, masks=True),
    "300-byte images, 2 boxes": Corpus(2000, size=300, boxes=2),
}


def layers(path: str, out: str, *, masks: bool) -> Mapping[str, Callable[[], object]]:
    """What to time, by name."""
    found: dict[str, Callable[[], object]] = {
        FLOOR: lambda: _consume(payloads(path)),
        "framing": lambda: _consume(read_records(path)),
        "+ messages": lambda: _consume(read_examples(path)),
        READING: lambda: _consume(
            [*map(each.floats, SIDES), each.ints("image/object/class/label")] for each in read_examples(path)
        ),
        "framing + messages + samples": lambda: _consume(read_samples(path, ReadOptions(masks=False))),
    }
    if masks:
        found["+ masks decoded to run lengths"] = lambda: _consume(read_samples(path))
    found["+ COCO, published"] = lambda: convert(path, out, write_images=False)
    found["+ image files"] = lambda: convert(path, out)
    return found


def _consume(items: Iterable[object]) -> None:
    """Takes every item and keeps none."""
    deque(items, maxlen=0)


def layer_table(times: Mapping[str, list[float]], records: int) -> str:
    """A line for each step, with what it adds to the one before it. The first round is not counted."""
    each = {name: median(taken[1:]) / records * 1e6 for name, taken in times.items()}
    rows, before = [], 0.0
    for name, micros in each.items():
        added = f"{micros - before:.1f}" if name.startswith("+") else ""
        rows.append((name, f"{micros:.1f}", added, f"{micros / each[FLOOR]:.2f}", f"{micros / each[READING]:.2f}"))
        before = micros
    return table(("layer", "µs a record", "added", "x floor", "x reading"), rows)


def main() -> None:
    parser = arguments(__doc__, rounds=7)
    parser.add_argument("--records", type=int, default=2000, help="a quarter of it with masks")
    options = parser.parse_args()
    texts = []
    for title, corpus in CORPORA.items():
        wanted = replace(corpus, records=max(1, corpus.records * options.records // 2000))
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            path = os.path.join(folder, "train.tfrecord")
            write_corpus(path, wanted)
            out = os.path.join(folder, "out")
            steps = {name: timed(work) for name, work in layers(path, out, masks=wanted.masks).items()}
            times = in_turn(steps, options.rounds + 1, partial(shutil.rmtree, out, ignore_errors=True))
        texts.append(f"### {title}, {wanted.records} records\n\n{layer_table(times, wanted.records)}")
    where = options.work or tempfile.gettempdir()
    print_results(*texts, note=f"medians of {options.rounds} rounds, in {where}")


if __name__ == "__main__":
    main()
