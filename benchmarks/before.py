"""Then and now: the layers of bench_layers.py with another state of the package and with this one, on one machine.

    python benchmarks/before.py REVISION [--records 1000] [--rounds 5] [--write]

REVISION is anything that git knows. Both states are run in turn, each in processes of its own, on one corpus of 94 KB
images with 7 boxes; images are written to memory where there is such a place. The table shows the fastest rounds: what
a state can do, whatever else the machine did meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from corpus import Corpus, write_corpus
from environments import ROOT
from measure import run
from page import machine, table, write_section
from places import memory_folder

START = "start of the command, ms"
_SCRIPT = """
import json, sys
sys.path[:0] = [sys.argv[3]]
from bench_layers import layers, measured
print(json.dumps({"layers": measured(layers(sys.argv[1], sys.argv[2], masks=False), 1, sys.argv[2])}))
"""


@contextmanager
def checked_out(revision: str, folder: str) -> Iterator[str]:
    """The tree of another state for a while."""
    tree = os.path.join(folder, "before")
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", tree, revision], check=True)
    try:
        yield tree
    finally:
        subprocess.run([*git, "remove", "--force", tree], check=True)


def measure(tree: str, corpus: str, out: str, records: int) -> dict[str, float]:
    """What one round costs: microseconds a record by layer, and the start."""
    here = str(Path(__file__).resolve().parent)
    said = run([sys.executable, "-c", _SCRIPT, corpus, out, here], path=tree).said
    costs = {name: seconds / records * 1e6 for name, seconds in json.loads(said)["layers"].items()}
    start = run([sys.executable, "-c", "import tfrecord_lite.commands.cli, tfrecord_lite.pipeline.convert"], path=tree)
    return {START: start.seconds * 1e3, **costs}


def fastest(rounds: list[dict[str, float]]) -> Mapping[str, float]:
    """The least of each layer."""
    return {name: min(costs[name] for costs in rounds) for name in rounds[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description="The layers of another state of the package, and of this one.")
    parser.add_argument("revision", metavar="REVISION")
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the results into README.md")
    options = parser.parse_args()
    memory = memory_folder(300_000 * options.records)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as outputs:
        corpus = os.path.join(folder, "train.tfrecord")
        write_corpus(corpus, Corpus(records=options.records))
        with checked_out(options.revision, folder) as tree:
            costs: dict[str, list[dict[str, float]]] = {tree: [], str(ROOT): []}
            for _ in range(options.rounds):
                for state, rounds in costs.items():
                    rounds.append(measure(state, corpus, os.path.join(outputs, "out"), options.records))
            then, now = (fastest(rounds) for rounds in costs.values())
    rows = [(name, f"{then[name]:.1f}", f"{now[name]:.1f}", f"{now[name] / then[name]:.2f}") for name in now]
    about = machine(f"{options.records} records, the fastest of {options.rounds} rounds; then: {options.revision}")
    text = "\n\n".join((about, table(("layer, µs a record", "then", "now", "now / then"), rows)))
    print(text)
    if options.write:
        write_section("before", text)


if __name__ == "__main__":
    main()
