"""A web server in this process, with files, ranges, and faults that come when they are asked for."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass
class Fault:
    """What becomes of one answer.

    status: instead of the file. cut: after so many bytes of the body the line is cut. until: nothing comes before this.
    """

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    body: bytes = b""
    until: threading.Event | None = None


@dataclass
class Site:
    """A web server.

    files: by their paths, decoded. faults: of the next answers for a path, in order.
    at: faults of the first answer for the range of a path that starts at a byte.
    ranges, versions, lengths: whether the server has ranges, tells versions and lengths. requests: paths with queries
    and ranges, in the order in which they came.
    """

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    at: dict[tuple[str, int], Fault] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    versions: bool = True
    lengths: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    open: list[socket.socket] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def ranges_of(self, path: str) -> list[str]:
        return [asked for name, asked in self.requests if name == path]


class Handler(BaseHTTPRequestHandler):
    """Answers GET requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Site

    def setup(self) -> None:
        super().setup()
        self.site.connections += 1
        self.site.open.append(self.connection)

    def do_GET(self) -> None:
        site = self.site
        path = unquote(urlsplit(self.path).path)
        asked = self.headers.get("Range", "")
        site.requests.append((self.path, asked))
        site.headers.append(dict(self.headers))
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", asked)
        fault = site.at.pop((path, int(span[1])), None) if span else None
        fault = fault or (site.faults[path].pop(0) if site.faults[path] else Fault())
        if fault.until is not None:
            fault.until.wait(60)
        if path in site.redirects:
            fault = Fault(302, {"Location": site.redirects[path]})
        if fault.status or path not in site.files:
            self.answer(fault.status or 404, fault.body, {"Content-Length": str(len(fault.body)), **fault.headers})
            return
        data = site.files[path]
        headers = {"ETag": f'"{zlib.crc32(data)}-{len(data)}"'} if site.versions else {}
        if not span or not site.ranges:
            self.answer(200, data, headers | self._length(data), fault.cut)
            return
        start, end = int(span[1]), min(int(span[2]) + 1, len(data))
        if start >= len(data):
            self.answer(416, b"", headers | {"Content-Range": f"bytes */{len(data)}", "Content-Length": "0"})
            return
        part = data[start:end]
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{len(data)}", "Content-Length": str(len(part))}
        self.answer(206, part, headers | fault.headers, fault.cut)

    def _length(self, data: bytes) -> dict[str, str]:
        return {"Content-Length": str(len(data))} if self.site.lengths else {"Connection": "close"}

    def answer(self, status: int, body: bytes, headers: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        if cut is not None or headers.get("Connection") == "close":
            self.wfile.flush()
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nobody is interested."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no error."""


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A server that runs until the end of the block, with TLS where there is a context."""
    handler = type("_Handler", (Handler,), {})
    server = _Quiet(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(f"http{'' if context is None else 's'}://127.0.0.1:{server.server_port}")
    handler.site = site  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        for connection in site.open:  # which a client may keep for later, and its thread with it
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        server.server_close()
