"""Reading over a link of 30 ms: how much of it a reader of records gets, beside what else there is.

    python benchmarks/bench_remote.py [--megabytes 256] [--rounds 7] [--delay 30] [--rate 100] [--python PATH]

The link is ``link.py``: 30 ms for each journey, 100 MB/s a connection. *The link itself* is a bare program that knows
the size beforehand: four connections, each asking for the next range of 8 MiB as soon as it has one, and nothing done
with the bytes. Every reader is a process of its own, timed from the first request to the last byte, without its
imports; all give the same bytes, or the run ends. One run of each is a round; medians over the rounds, and the ratio to
the link within each round.

obstore and fsspec[http] are those of the interpreter that --python names; without them these lines are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit
from urllib.request import urlopen

import link

RANGE = 8 << 20
READ = 1 << 20  # bytes that a reader is asked for at a time
WANTED = 0.9  # of what the link gives
ROOT = Path(__file__).resolve().parent.parent


def read_link(url: str, size: int) -> Iterator[bytes]:
    parts = urlsplit(url)
    starts = iter(range(0, size, RANGE))
    lock = threading.Lock()
    got: dict[int, bytes] = {}

    def work() -> None:
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
            while True:
                with lock:
                    start = next(starts, None)
                if start is None:
                    return
                end = min(start + RANGE, size)
                request = f"GET {parts.path} HTTP/1.1\r\nHost: x\r\nRange: bytes={start}-{end - 1}\r\n\r\n"
                connection.sendall(request.encode())
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(512)
                body = head.partition(b"\r\n\r\n")[2]
                buffer = bytearray(end - start)
                buffer[: len(body)] = body
                view, have = memoryview(buffer), len(body)
                while have < len(buffer):
                    have += connection.recv_into(view[have:])
                got[start] = bytes(buffer) if start == 0 else b""

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield got[0]


def read_ours(url: str, size: int) -> Iterator[bytes]:
    from tfrecord_lite.inputs.storage import open_input  # noqa: PLC0415 - one reader a process

    with open_input(url, ahead=True) as file:
        while data := file.read(READ):
            yield data
    del size


def read_urllib(url: str, size: int) -> Iterator[bytes]:
    with urlopen(url) as file:
        while data := file.read(READ):
            yield data
    del size


def read_obstore(url: str, size: int) -> Iterator[bytes]:
    import obstore  # noqa: PLC0415 - likewise
    from obstore.store import HTTPStore  # noqa: PLC0415 - likewise

    base, _, name = url.rpartition("/")
    store = HTTPStore.from_url(base, client_options={"allow_http": True})
    for data in obstore.get(store, name).stream(min_chunk_size=RANGE):
        yield bytes(data)
    del size


def read_fsspec(url: str, size: int) -> Iterator[bytes]:
    import fsspec  # noqa: PLC0415 - likewise

    with fsspec.open(url) as file:
        while data := file.read(READ):
            yield data
    del size


Reader = Callable[[str, int], Iterator[bytes]]
READERS: dict[str, tuple[str, str, Reader]] = {
    "link": ("the link itself, four ranges in flight", "", read_link),
    "ours": ("open_input", "", read_ours),
    "obstore": ("obstore, stream of one get", "obstore.store", read_obstore),
    "fsspec": ("fsspec.open", "fsspec.implementations.http", read_fsspec),
    "urllib": ("urllib, one GET", "", read_urllib),
}
"""By name: what it is, what it has to import, and the reader."""


def read(name: str, url: str, size: int) -> None:
    """One run: prints the seconds, and a checksum of the first range, which is as much as the link keeps."""
    _, needed, reader = READERS[name]
    if needed:
        __import__(needed)
    if name == "ours":
        __import__("tfrecord_lite.inputs.web")
    start = time.perf_counter()
    checksum = done = 0
    for data in reader(url, size):
        if done < RANGE:
            checksum = zlib.crc32(data[: RANGE - done], checksum)
        done += len(data)
    seconds = time.perf_counter() - start
    if name != "link" and done != size:
        sys.exit(f"{name}: {done} bytes of {size}")
    print(seconds, checksum)


def run(python: str, name: str, url: str, size: int) -> tuple[float, str] | None:
    """One run in a process of its own; None where what it needs is not there."""
    command = [python, __file__, "--read", name, url, str(size)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        sys.exit(done.stderr)
    seconds, checksum = done.stdout.split()
    return float(seconds), checksum


def main() -> None:
    parser = argparse.ArgumentParser(description="Reading over a link of 30 ms.")
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--delay", type=float, default=30, help="milliseconds for a journey there and back")
    parser.add_argument("--rate", type=float, default=100, help="megabytes a second of one connection")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has obstore and fsspec[http]")
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read(options.read[0], options.read[1], int(options.read[2]))
        return
    size = options.megabytes << 20
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.tfrecord")
        source = random.Random(0)
        with open(path, "wb") as file:
            file.writelines(source.randbytes(1 << 20) for _ in range(options.megabytes))
        with link.serve(path, options.delay / 1000, options.rate * 1e6) as url:
            names = [name for name in READERS if run(options.python, name, url, size) is not None]
            rounds = []
            for _ in range(options.rounds):
                runs = {name: run(options.python, name, url, size) for name in names}
                found = {name: each for name, each in runs.items() if each is not None}
                if len({checksum for _, checksum in found.values()}) != 1:
                    sys.exit(f"the readers do not agree: {found}")
                rounds.append({name: seconds for name, (seconds, _) in found.items()})
    print(f"{options.megabytes} MiB, {options.delay:.0f} ms, {options.rate:.0f} MB/s a connection, ", end="")
    print(f"medians of {options.rounds} rounds")
    print(f"{'':42}{'MB/s':>8}{'of the link':>14}")
    for name in names:
        ratio = median(each["link"] / each[name] for each in rounds)
        rate = size / median(each[name] for each in rounds) / 1e6
        met = ("   met" if ratio >= WANTED else f"   wanted: {WANTED:.0%}") if name == "ours" else ""
        print(f"{READERS[name][0]:42}{rate:8.0f}{ratio:14.0%}{met}")


if __name__ == "__main__":
    main()
