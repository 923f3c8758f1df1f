"""A relay between a client and an object store, over which things go wrong when they are asked to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Fault:
    """What becomes of one request. first: done before it is passed on. status: answered instead of passing it on.

    cut: after so many bytes of the answer the line is cut.
    """

    method: str
    within: str
    status: int = 0
    cut: int | None = None
    first: Callable[[], object] | None = None
    asked: str = ""


@dataclass
class Relay:
    """The relay: its address, the faults that are to come, and the requests that came."""

    address: str
    faults: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def next_fault(self, method: str, path: str, asked: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and fault.within in path and fault.asked in asked:
                self.faults.remove(fault)
                return fault
        return None


class Handler(BaseHTTPRequestHandler):
    """Passes the requests of one connection on."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    relay: Relay
    server_behind: tuple[str, int]

    def pass_on(self) -> None:
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else None
        self.relay.requests.append((self.command, self.path))
        fault = self.relay.next_fault(self.command, self.path, self.headers.get("Range", ""))
        if fault is not None and fault.first is not None:
            fault.first()
        if fault is not None and fault.status:
            self.send_response(fault.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        connection = HTTPConnection(*self.server_behind)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "date", "server", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", answer.getheader("Content-Length") or str(len(data)))
        self.end_headers()
        cut = None if fault is None else fault.cut
        self.wfile.write(data if cut is None else data[:cut])
        if cut is not None:
            self.wfile.flush()
            self.close_connection = True
        connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: Any) -> None:
        """Nobody is interested."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no error."""


@contextmanager
def relay_to(host: str, port: int) -> Iterator[Relay]:
    """A relay to a server, until the end of the block."""
    handler = type("_Handler", (Handler,), {"server_behind": (host, port)})
    server = _Quiet(("127.0.0.1", 0), handler)
    relay = Relay(f"http://127.0.0.1:{server.server_port}")
    handler.relay = relay  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
