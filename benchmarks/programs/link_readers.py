"""Programs that read one file over HTTP, and do nothing with its bytes.

    link_readers.py link|ours|obstore|fsspec|urllib URL SIZE

link: what the link gives to a bare program that knows the size beforehand: four connections, each asking for the next
range as soon as it has one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from telling import tell

RANGE = 8 << 20
READ = 1 << 20  # bytes that a reader is asked for at a time


def read_link(url: str, size: int) -> int:
    parts = urlsplit(url)
    starts = iter(range(0, size, RANGE))

    def work(_: int) -> int:
        connection, done = HTTPConnection(parts.netloc), 0
        for start in starts:
            connection.request("GET", parts.path, headers={"Range": f"bytes={start}-{min(start + RANGE, size) - 1}"})
            done += connection.getresponse().readinto(bytearray(RANGE))
        return done

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(work, range(4)))


def pieces(opening: AbstractContextManager[Any]) -> Iterator[bytes]:
    with opening as file:
        yield from iter(partial(file.read, READ), b"")


def reader(name: str, url: str) -> Callable[[], Iterable[bytes]]:
    """Imports what a reader needs, and returns what reads."""
    if name == "ours":
        import tfrecord_lite.inputs.web  # noqa: F401, PLC0415 - each mode runs where only its own library is
        from tfrecord_lite.inputs.storage import open_input  # noqa: PLC0415 - likewise

        return lambda: pieces(open_input(url, ahead=True))
    if name == "obstore":
        import obstore  # noqa: PLC0415 - likewise
        from obstore.store import HTTPStore  # noqa: PLC0415 - likewise

        base, _, path = url.rpartition("/")
        return lambda: obstore.get(
            HTTPStore.from_url(base, client_options={"allow_http": True}), path
        ).stream(min_chunk_size=RANGE)  # fmt: skip
    if name == "fsspec":
        import fsspec.implementations.http  # noqa: PLC0415 - likewise

        return lambda: pieces(fsspec.open(url))
    return lambda: pieces(urlopen(url))


def main() -> None:
    name, url, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if name == "link":
        tell(lambda: read_link(url, size))
    else:
        read = reader(name, url)
        tell(lambda: sum(map(len, read())))


if __name__ == "__main__":
    main()
