"""Reading over a link of 30 ms: how much of it a reader of records gets, beside what else there is.

    python benchmarks/bench_remote.py [--megabytes 256] [--rounds 7] [--delay 30] [--rate 100] [--python PYTHON]

The link is ``link.py``: 30 ms for each journey, 100 MB/s a connection. Every reader of ``programs/link_readers.py`` is
a process of its own, timed from the first request to the last byte, without its imports. One run of each is a round;
medians over the rounds, and the ratio to the link within each round.

PYTHON is an interpreter with obstore and fsspec[http]; without it, their lines are left out.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from functools import partial
from statistics import median

import link
from harness import PROGRAMS, arguments, in_turn, publish, run, table

LINK, OURS = "the link itself, four ranges in flight", "open_input"
READERS = {LINK: "link", OURS: "ours", "urllib, one GET": "urllib"}
OF_OTHERS = {"obstore, stream of one get": "obstore", "fsspec.open": "fsspec"}


def main() -> None:
    parser = arguments(__doc__, rounds=7)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--delay", type=float, default=30, help="milliseconds for a journey there and back")
    parser.add_argument("--rate", type=float, default=100, help="megabytes a second of one connection")
    parser.add_argument("--python", help="an interpreter that has obstore and fsspec[http]")
    options = parser.parse_args()
    size = options.megabytes << 20
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        path = os.path.join(folder, "x.tfrecord")
        source = random.Random(0)
        with open(path, "wb") as file:
            file.writelines(source.randbytes(1 << 20) for _ in range(options.megabytes))
        with link.serve(path, options.delay / 1000, options.rate * 1e6) as url:
            readers = {title: (sys.executable, name) for title, name in READERS.items()}
            if options.python:
                readers |= {title: (options.python, name) for title, name in OF_OTHERS.items()}
            program = str(PROGRAMS / "link_readers.py")
            steps = {
                title: partial(run, [python, program, name, url, str(size)])
                for title, (python, name) in readers.items()
            }
            costs = in_turn(steps, options.rounds)
    seconds = {}
    for title, found in costs.items():
        if any(cost.said["records"] != size for cost in found):
            sys.exit(f"{title} does not give the {size} bytes of the file")
        seconds[title] = [cost.work or 0 for cost in found]
    rows = []
    for title, times in seconds.items():
        share = median(whole / each for whole, each in zip(seconds[LINK], times, strict=True))
        rows.append((title, f"{size / median(times) / 1e6:.0f}", f"{share:.0%}"))
    size_text = f"{options.megabytes} MiB, {options.delay:.0f} ms, {options.rate:.0f} MB/s a connection"
    text = table(("reader", "MB/s", "of the link"), rows)
    publish("remote", text, notes=[size_text, f"medians of {options.rounds} rounds"], write=options.write)


if __name__ == "__main__":
    main()
