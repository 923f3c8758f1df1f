"""COCO to TFRecord: ``pack`` beside a plain writer with TensorFlow, by whole processes.

    python benchmarks/bench_pack.py --python PYTHON [--records 2000] [--rounds 3]

PYTHON is an interpreter with tensorflow, pycocotools and pillow. Both write the same pictures with a mask an object.
What they wrote is compared first, by meaning; then they are timed in turn, and the table shows medians.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import partial

from corpus import Corpus, write_dataset
from harness import OURS, PROGRAMS, arguments, in_turn, publish, run, table, typical

from tfrecord_lite import compare, convert


def main() -> None:
    """Measures, and prints a table."""
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--python", required=True, help="an interpreter with tensorflow, pycocotools and pillow")
    parser.add_argument("--records", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        source, coco = os.path.join(folder, "source"), os.path.join(folder, "coco")
        write_dataset(source, Corpus(options.records, masks=True))
        convert(source, coco)
        ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs.tfrecord")
        pack = [*OURS, "pack", coco, "-o", ours, "-q", "-j"]
        json, pictures = os.path.join(coco, "annotations/instances_train.json"), os.path.join(coco, "images/train")
        clear = partial(shutil.rmtree, ours, ignore_errors=True)
        runs = {
            "pack -j 1": partial(run, [*pack, "1"]),
            "pack -j 2": partial(run, [*pack, "2"]),
            "plain writer": partial(run, [options.python, str(PROGRAMS / "plain_writer.py"), json, pictures, theirs]),
        }
        runs["pack -j 1"]()
        runs["plain writer"]()
        found = compare(ours, theirs, label_map=os.path.join(ours, "label_map.pbtxt"))
        if not found.equal:
            sys.exit(f"the writers differ:\n{found}")
        costs = {name: typical(each) for name, each in in_turn(runs, options.rounds, clear).items()}
    size = f"{options.records:,} images with {found.b.objects:,} masks, medians of {options.rounds} rounds"
    rows = [
        (f"`{name}`", f"{seconds:.1f}", f"{cpu:.1f}", f"{peak / 1e6:.0f}")
        for name, (seconds, cpu, peak, _) in costs.items()
    ]
    text = table(("program", "process, s", "CPU, s", "peak, MB"), rows)
    publish("pack", text, notes=[size, f"load average {os.getloadavg()[2]:.1f}"], write=options.write)


if __name__ == "__main__":
    main()
