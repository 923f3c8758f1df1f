"""COCO to TFRecord: ``pack`` beside a plain writer with TensorFlow, by whole processes.

    python benchmarks/bench_pack.py --python PYTHON [--records 2000] [--rounds 3]

PYTHON is an interpreter with tensorflow, pycocotools and pillow. Both write the same pictures with a mask an object.
What they wrote is compared first, by meaning; then they are timed in turn, and the table shows medians.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from corpus import Corpus, write_dataset
from environments import given
from measure import Cost, clear, in_turn, run, typical

from tfrecord_lite import compare, convert

ROOT = Path(__file__).resolve().parents[1]
WRITER = ROOT / "benchmarks" / "programs" / "plain_writer.py"


def fresh(output: str, command: Sequence[str]) -> Cost:
    """Runs a command whose output is not there. Ours is that of the checkout."""
    clear(output)
    return run(command, path=str(ROOT) if command[0] == sys.executable else "")


def main() -> None:
    """Measures, and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", required=True, help="an interpreter with tensorflow, pycocotools and pillow")
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    other = given("tensorflow", options.python)
    with tempfile.TemporaryDirectory() as folder:
        source, coco = os.path.join(folder, "source"), os.path.join(folder, "coco")
        write_dataset(source, Corpus(options.records, masks=True))
        convert(source, coco)
        ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs.tfrecord")
        pack = [sys.executable, "-m", "tfrecord_lite", "pack", coco, "-o", ours, "-q", "-j"]
        json = os.path.join(coco, "annotations", "instances_train.json")
        plain = [other.python, str(WRITER), json, os.path.join(coco, "images", "train"), theirs]
        run([*pack, "1"], path=str(ROOT))
        run(plain)
        found = compare(ours, theirs, label_map=os.path.join(ours, "label_map.pbtxt"))
        if not found.equal:
            sys.exit(f"the writers differ:\n{found}")
        runs = {
            "pack -j 1": lambda: fresh(ours, [*pack, "1"]),
            "pack -j 2": lambda: fresh(ours, [*pack, "2"]),
            "plain writer": lambda: fresh(theirs, plain),
        }
        costs = in_turn(runs, options.rounds, lambda text: print(text, file=sys.stderr))
    print(f"{options.records:,} images, equal results ({found.b.objects:,} objects)")
    print("| | seconds | CPU seconds | MB |")
    print("|---|---|---|---|")
    for name, each in costs.items():
        cost = typical(each)
        print(f"| {name} | {cost.seconds:.1f} | {cost.cpu_seconds:.1f} | {cost.peak / 1e6:.0f} |")


if __name__ == "__main__":
    main()
