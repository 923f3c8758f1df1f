"""A server at the end of a long link: an answer takes its journey, and a connection carries no more than its share.

A process of its own, so that it takes no time of the readers that are measured. It imitates what a reader can be made
to wait for: a journey for a new connection, one for each request, and the rate of one connection.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_SLICE = 256 << 10  # bytes that are sent at once


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    path_of_file: str
    delay: float  # seconds there and back
    rate: float  # bytes a second

    def setup(self) -> None:
        time.sleep(self.delay)
        super().setup()

    def do_HEAD(self) -> None:
        self._head()

    def do_GET(self) -> None:
        first, end = self._head()
        begun, start = time.monotonic(), first
        with open(self.path_of_file, "rb") as file:
            while start < end:
                start += os.sendfile(self.connection.fileno(), file.fileno(), start, min(_SLICE, end - start))
                early = (start - first) / self.rate - (time.monotonic() - begun)
                time.sleep(max(0, early))

    def _head(self) -> tuple[int, int]:
        """Sends the head of an answer. Returns the first byte and the end of what was asked for."""
        time.sleep(self.delay)
        size = os.path.getsize(self.path_of_file)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        start = int(asked[1]) if asked else 0
        end = min(int(asked[2]) + 1, size) if asked and asked[2] else size
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", '"1"')
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.end_headers()
        return start, end

    def log_message(self, *_: object) -> None: ...


@contextlib.contextmanager
def serve(path: str, delay: float, rate: float) -> Iterator[str]:
    """Serves one file until the end of the block, and gives its URL.

    Args:
        path: the file.
        delay: seconds that a journey there and back takes.
        rate: bytes a second of one connection.
    """
    handler = type("Handler", (_Handler,), {"path_of_file": path, "delay": delay, "rate": rate})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        server = multiprocessing.get_context("fork").Process(target=listening.serve_forever)
        server.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}/{os.path.basename(path)}"
        finally:
            server.kill()
            server.join()
