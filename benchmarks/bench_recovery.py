"""Recovery beside the strict reader: first that they find the same records, then how fast.

    python benchmarks/bench_recovery.py [--megabytes 300] [--record-bytes 100000] [--runs 5]

Payloads are random, as the data of compressed pictures is: runs of zeros, which the search for headers starts from, are
as rare there. Each kind of damage is done to a copy of the same file, 10 MB apart. Files are read from the page cache,
in turn, and the best run of each counts.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import FileIO
from itertools import pairwise

from tfrecord_lite.errors import RecordError
from tfrecord_lite.tfrecord.framing import Record, frame
from tfrecord_lite.tfrecord.records import scan_records
from tfrecord_lite.tfrecord.recovery import Repair, recover_frames

APART = 10_000_000  # bytes from damage to damage
HEADER = 12  # bytes of a record before its payload
OVERHEAD = 16  # bytes of a record that are not payload

Reader = Callable[[str], Iterator[Record | RecordError | Repair]]

DAMAGES: dict[str, Callable[[int], tuple[int, int]]] = {  # the bytes that are inverted, by where a record starts
    "a byte of the data": lambda start: (start + 50, start + 51),
    "a byte of the length": lambda start: (start + 1, start + 2),
    "the whole header": lambda start: (start, start + HEADER),
    "the 512 bytes around a header": lambda start: (start - 256, start + 256),
}


def strict(path: str) -> Iterator[Record | RecordError | Repair]:
    yield from scan_records(path, path)


def recover(path: str) -> Iterator[Record | RecordError | Repair]:
    with FileIO(path) as file:
        yield from recover_frames(file, path, size=os.path.getsize(path))


def write(path: str, size: int, record_bytes: int) -> list[int]:
    """Writes a file of records. Returns where each of them starts, and where the file ends."""
    source = random.Random(0)
    starts = [0]
    with open(path, "wb") as file:
        while starts[-1] < size:
            length = source.randrange(record_bytes // 2, record_bytes * 3 // 2)
            starts.append(starts[-1] + file.write(frame(source.randbytes(length))))
    return starts


def damage(path: str, starts: list[int], extent: Callable[[int], tuple[int, int]]) -> tuple[int, set[int]]:
    """Damages records at even distances. Returns how many, and where those start that nothing can bring back."""
    chosen = [start for last, start in pairwise(starts[:-1]) if last // APART < start // APART]
    lost = set()
    with FileIO(path, "r+") as file:
        for begin, end in map(extent, chosen):
            file.seek(begin)
            data = file.read(end - begin)
            file.seek(begin)
            file.write(bytes(byte ^ 0xFF for byte in data))
            lost |= {start for start, stop in pairwise(starts) if start + HEADER < end and begin < stop}
    return len(chosen), lost


def check(reader: Reader, path: str, expected: set[int]) -> None:
    """Exactly these records are found, and every byte is told of."""
    found, told = set(), 0
    for event in reader(path):
        if isinstance(event, Record):
            found.add(event.where.offset)
            told += OVERHEAD + len(event.payload)
        elif isinstance(event, RecordError):
            told += event.length or 0
    if found != expected or told != os.path.getsize(path):
        sys.exit(f"{path}: {len(found)} records in {told} bytes, expected {len(expected)}")


def seconds(reader: Reader, path: str) -> float:
    begin = time.perf_counter()
    for _ in reader(path):
        pass
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description="Recovery beside the strict reader.")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--record-bytes", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "sound")
        starts = write(path, options.megabytes * 1_000_000, options.record_bytes)
        lines: list[tuple[str, Reader, str]] = [("strict reader", strict, path), ("recovery, undamaged", recover, path)]
        for _, reader, _ in lines:
            check(reader, path, set(starts[:-1]))
        count = 0
        for name, extent in DAMAGES.items():
            copy = shutil.copyfile(path, os.path.join(folder, name))
            count, lost = damage(copy, starts, extent)
            check(recover, copy, set(starts[:-1]) - lost)
            lines.append((f"recovery, {name} (lost: {len(lost)})", recover, copy))
        rounds = [[seconds(reader, file) for _, reader, file in lines] for _ in range(options.runs)]
        best = [min(times) for times in zip(*rounds, strict=True)]
        print(f"{starts[-1] / 1e6:.0f} MB, {len(starts) - 1} records, {count} damages of a kind; all records found")
        print(f"{'':52}{'MB/s':>8}{'ratio':>8}")
        for (name, _, _), time_taken in zip(lines, best, strict=True):
            print(f"{name:52}{starts[-1] / time_taken / 1e6:8.0f}{best[0] / time_taken:8.2f}")


if __name__ == "__main__":
    main()
