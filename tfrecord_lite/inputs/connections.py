"""Connections to web servers, kept open between requests, through the proxies that the environment names.

An idle one serves the next request to the same server, whichever file that is for: over TLS a new one costs three
round trips before the first byte. A worker process has connections of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from base64 import b64encode
from collections import defaultdict
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from tfrecord_lite.errors import printable
from tfrecord_lite.inputs.retries import TransientError, failed

TIMEOUT = 30.0
"""Seconds without a byte, after which a connection counts as lost."""
_MOST_IDLE = 8  # connections to one server
_SHORT = 64 << 10  # bytes of a body that is read to keep its connection
_SAFE = "%/:@!$&'()*+,;=~"  # characters of a path that are sent as they are given, escapes among them


class RefusedError(TransientError):
    """No server can be reached: nothing listens at the port, or there is no route to it."""


class Connected(NamedTuple):
    """An answer whose body is to be read, with the connection that it comes over."""

    connection: HTTPConnection
    response: HTTPResponse
    origin: str


class Connections:
    """The connections of this process. Any thread may ask."""

    def __init__(self) -> None:
        self._idle: dict[str, list[HTTPConnection]] = defaultdict(list)
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """In a child process, whose parent goes on to use them."""
        self._idle = defaultdict(list)
        self._lock = threading.Lock()

    def get(self, url: str, headers: dict[str, str], under_way: set[HTTPConnection]) -> Connected:
        """The answer to one GET request, whatever it is; redirects are not followed.

        under_way: the connection is added to it at once, so that another thread can cut the wait short.

        Raises:
            TransientError: there is none, for a reason that may be temporary. OSError: there will be none.
        """
        try:
            return self._get(url, urlsplit(url), headers, under_way)
        except ssl.SSLCertVerificationError as error:
            problem = f"the server's certificate is not accepted ({error.verify_message})"
            raise failed(url, f"{problem}. SSL_CERT_FILE names a file of those to trust") from None
        except socket.gaierror as error:
            if error.errno == getattr(socket, "EAI_AGAIN", None):
                raise TransientError("the name of the server cannot be resolved at the moment") from None
            raise failed(url, f"there is no server of this name ({error.strerror})") from None
        except ConnectionRefusedError:
            raise RefusedError("no connection to the server: it refuses") from None
        except TimeoutError:
            raise TransientError(f"the server did not answer within {TIMEOUT:.0f} s") from None
        except ValueError as error:
            raise failed(url, f"this is no valid URL ({printable(str(error))})") from None
        except (ConnectionError, HTTPException, ssl.SSLError) as error:
            raise TransientError(f"no connection to the server ({_reason(error)})") from None
        except OSError as error:  # no route to the host or the network, say
            if error.filename is not None:  # it is one of ours: see failed
                raise
            raise RefusedError(f"no connection to the server ({_reason(error)})") from None

    def _get(self, url: str, parts: SplitResult, headers: dict[str, str], under_way: set[HTTPConnection]) -> Connected:
        if not parts.hostname:
            raise failed(url, "this URL names no server")
        origin = f"{parts.scheme}://{parts.netloc}"
        proxy = _proxy_of(parts)
        own = {**headers, **_authorization("Authorization", parts)}
        target = urlunsplit(("", "", quote(parts.path or "/", _SAFE), quote(parts.query, _SAFE + "?"), ""))
        if proxy is not None and parts.scheme == "http":
            target = f"http://{_host_of(parts)}{target}"
            own |= _authorization("Proxy-Authorization", proxy)
        while (connection := self._take(origin)) is not None:
            with contextlib.suppress(ConnectionError, HTTPException):  # the server has closed it
                return _request(connection, target, own, origin, under_way)
        return _request(_new(url, parts, proxy), target, own, origin, under_way)

    def warm(self, url: str, count: int) -> list[threading.Thread]:
        """Opens connections that will soon be needed, while the first answer is waited for.

        Errors are ignored: the request that needs the connection will meet them.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"

        def connect() -> None:
            with contextlib.suppress(OSError, ValueError, HTTPException):
                connection = _new(url, parts, _proxy_of(parts))
                connection.connect()
                self._keep(origin, connection)

        with self._lock:
            count -= len(self._idle[origin])
        threads = [threading.Thread(target=connect, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads

    def _keep(self, origin: str, connection: HTTPConnection) -> None:
        with self._lock:
            if len(self._idle[origin]) < _MOST_IDLE:
                self._idle[origin].append(connection)
                return
        connection.close()

    def _take(self, origin: str) -> HTTPConnection | None:
        with self._lock:
            idle = self._idle[origin]
            return idle.pop() if idle else None

    def give_back(self, used: Connected) -> None:
        """After the body was read to its end: the connection can serve another request."""
        if used.response.isclosed() and used.connection.sock is not None:
            self._keep(used.origin, used.connection)
        else:
            used.connection.close()

    def leave(self, used: Connected) -> None:
        """After an answer whose body is not needed; where it is short, the connection can serve another request."""
        with contextlib.suppress(OSError, HTTPException):
            if used.response.length is not None and used.response.length <= _SHORT:
                used.response.read()
                self.give_back(used)
                return
        cut(used.connection)


def cut(connection: HTTPConnection) -> None:
    """Ends what is under way, even where another thread waits for it."""
    if (sock := connection.sock) is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def _reason(error: Exception) -> str:
    """Why there is no answer."""
    return printable((isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__)


def _request(
    connection: HTTPConnection, target: str, headers: dict[str, str], origin: str, under_way: set[HTTPConnection]
) -> Connected:
    under_way.add(connection)
    try:
        connection.request("GET", target, headers=headers)
        return Connected(connection, connection.getresponse(), origin)
    except BaseException:
        under_way.discard(connection)
        connection.close()
        raise


def _new(url: str, parts: SplitResult, proxy: SplitResult | None) -> HTTPConnection:
    """A connection, to the proxy where there is one."""
    server = parts if proxy is None else proxy
    host, port = server.hostname or "", server.port
    if parts.scheme == "http":
        return HTTPConnection(host, port, timeout=TIMEOUT)
    if proxy is None:
        return HTTPSConnection(host, port, timeout=TIMEOUT, context=_tls())
    if not host:
        raise failed(url, "the proxy that the environment names has no host")
    connection = HTTPSConnection(host, port, timeout=TIMEOUT, context=_tls())
    connection.set_tunnel(parts.hostname or "", parts.port or 443, _authorization("Proxy-Authorization", proxy))
    return connection


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _host_of(parts: SplitResult) -> str:
    """Host and port, without name and password."""
    return parts.netloc.rpartition("@")[2]


def _authorization(header: str, parts: SplitResult) -> dict[str, str]:
    """The name and the password that a URL holds, as the server expects them."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {header: f"Basic {b64encode(pair.encode()).decode()}"}


def _proxy_of(parts: SplitResult) -> SplitResult | None:
    """The proxy that the environment names for a server: http_proxy, https_proxy, all_proxy, no_proxy."""
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(_host_of(parts)):
        return None
    found = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if found.scheme not in ("http", "https"):
        raise failed(parts.geturl(), f"proxies of the kind {printable(found.scheme)}:// are not supported")
    return found
