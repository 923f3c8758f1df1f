"""A server at the end of a long link: an answer takes its journey, and a connection carries no more than its share.

A process of its own, so that it takes no time of the readers that are measured. What it imitates is what a reader can
be made to wait for: a journey for a new connection, one for each request, and the rate of one connection. What the
kernel's loopback does besides is far above that.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import socket
import threading
import time
from collections.abc import Iterator

_SLICE = 256 << 10  # bytes that are sent at once
_RANGE = re.compile(rb"(?i)\r\nrange: bytes=(\d+)-(\d*)")


def _answer(connection: socket.socket, path: str, delay: float, rate: float) -> None:
    """Answers the requests of one connection."""
    size = os.path.getsize(path)
    time.sleep(delay)
    with connection, open(path, "rb") as file, contextlib.suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = b""
        while True:
            while b"\r\n\r\n" not in request:
                if not (more := connection.recv(65536)):
                    return
                request += more
            head, _, request = request.partition(b"\r\n\r\n")
            time.sleep(delay)
            asked = _RANGE.search(head)
            start = int(asked[1]) if asked else 0
            end = min(int(asked[2]) + 1, size) if asked and asked[2] else size
            lines = [
                "HTTP/1.1 206 Partial Content" if asked else "HTTP/1.1 200 OK",
                f"Content-Length: {end - start}",
                'ETag: "1"',
                "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT",
                "Accept-Ranges: bytes",
                *([f"Content-Range: bytes {start}-{end - 1}/{size}"] if asked else []),
            ]
            connection.sendall("\r\n".join([*lines, "\r\n"]).encode())
            if head.startswith(b"HEAD"):
                continue
            begun, first = time.monotonic(), start
            while start < end:
                start += os.sendfile(connection.fileno(), file.fileno(), start, min(_SLICE, end - start))
                early = (start - first) / rate - (time.monotonic() - begun)
                if early > 0:
                    time.sleep(early)


def _serve(listening: socket.socket, path: str, delay: float, rate: float) -> None:
    while True:
        connection, _ = listening.accept()
        threading.Thread(target=_answer, args=(connection, path, delay, rate), daemon=True).start()


@contextlib.contextmanager
def serve(path: str, delay: float, rate: float) -> Iterator[str]:
    """Serves one file until the end of the block, and gives its URL.

    Args:
        path: the file.
        delay: seconds that a journey there and back takes.
        rate: bytes a second of one connection.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = multiprocessing.get_context("fork").Process(target=_serve, args=(listening, path, delay, rate))
        server.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/{os.path.basename(path)}"
        finally:
            server.kill()
            server.join()
