"""Files on a web server: every byte of them, or an error that says what became of them."""

from __future__ import annotations

import errno
import random
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from web_server import Fault, Site, serve

from tfrecord_lite.errors import printable
from tfrecord_lite.inputs import connections, ranged
from tfrecord_lite.inputs.connections import TIMEOUT, Connected
from tfrecord_lite.inputs.storage import kind_of, open_input, read_sidecar, read_start, read_up_to, status_of

RANGE, FIRST = 1 << 14, 1 << 12
DATA = random.Random(18).randbytes(9 * RANGE + 5)
URL = "/folder/a file.bin"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for module in ("ranged", "web"):
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.RANGE", RANGE)
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.FIRST", FIRST)
    monkeypatch.setattr("tfrecord_lite.inputs.ranged._KEPT", 1 << 10)
    monkeypatch.setattr("tfrecord_lite.inputs.retries._FIRST_WAIT", 0.001)
    with serve() as site:
        site.files = {URL: DATA, "/empty": b"", "/one": b"1"}
        yield site


def read(url: str, *, ahead: bool = True) -> bytes:
    with open_input(url, ahead=ahead) as file:
        return read_up_to(file, 1 << 30)


def problem(url: str) -> str:
    with pytest.raises(OSError) as caught:
        read(url)
    return str(caught.value)


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize(
    "server", [{}, {"ranges": False}, {"versions": False}, {"ranges": False, "versions": False, "lengths": False}]
)
def test_a_file_is_read_whatever_the_server_can(server: dict[str, bool], ahead: bool, site: Site) -> None:
    for name, value in server.items():
        setattr(site, name, value)
    assert read(site.url(URL), ahead=ahead) == DATA
    assert read(site.url("/empty"), ahead=ahead) == b""
    assert read_start(site.url("/one"), 10) == b"1"
    assert kind_of(site.url("/one")) == "file"
    assert kind_of(site.url("/gone")) == "nothing"


def test_four_ranges_are_in_flight_and_each_is_asked_for_once(site: Site) -> None:
    with open_input(site.url(URL), ahead=True) as file:
        assert file.read(10) == DATA[:10]
        time.sleep(0.1)
        asked = site.ranges_of("/folder/a%20file.bin")
        assert len(asked) == ranged.AHEAD + 1, "the one that is read, and those after it"
        read_up_to(file, 1 << 30)
    assert sorted(site.ranges_of("/folder/a%20file.bin")) == sorted(
        f"bytes={start}-{min(start + RANGE, len(DATA) if start else RANGE) - 1}" for start in range(0, len(DATA), RANGE)
    )
    assert site.connections <= ranged.IN_FLIGHT + 1, "connections are kept"


def test_who_looks_at_the_start_alone_gets_little_more(site: Site) -> None:
    assert read_start(site.url(URL), 10) == DATA[:10]
    assert site.ranges_of("/folder/a%20file.bin") == [f"bytes=0-{FIRST - 1}"]


def test_any_place_can_be_read(site: Site) -> None:
    chosen = random.Random(3)
    with open_input(site.url(URL)) as file:
        for _ in range(60):
            at, count = chosen.randrange(len(DATA)), chosen.choice([1, 100, 2 * RANGE])
            file.seek(at)
            assert file.read(count) == DATA[at : at + count]
            back = min(file.tell(), 1 << 10)
            file.seek(-back, 1)
            buffer = bytearray(back)
            position = file.tell()
            assert file.readinto(buffer) or position == len(DATA)
            assert DATA[position:].startswith(bytes(buffer[:1])) or position == len(DATA)


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(503, {"Retry-After": "0"}),
        Fault(429),
        Fault(500),
        Fault(cut=0),
        Fault(cut=RANGE // 2),
        Fault(cut=RANGE - 1),
    ],
    ids=str,
)
def test_what_passes_is_tried_again(fault: Fault, ranges: bool, site: Site) -> None:
    site.ranges = ranges
    site.faults[URL] = [fault, fault]
    site.at[URL, 3 * RANGE] = fault
    assert read(site.url(URL)) == DATA


def test_a_range_that_was_cut_is_asked_for_from_there_on(site: Site) -> None:
    site.at[URL, RANGE] = Fault(cut=1000)
    assert read(site.url(URL)) == DATA
    assert f"bytes={RANGE + 1000}-{2 * RANGE - 1}" in site.ranges_of("/folder/a%20file.bin")


def test_a_server_is_given_the_time_that_it_asks_for(site: Site) -> None:
    site.faults[URL] = [Fault(503, {"Retry-After": "1"})]
    start = time.monotonic()
    assert read(site.url(URL)) == DATA
    assert time.monotonic() - start >= 1
    site.faults[URL] = [Fault(429, {"Retry-After": "3600"})]
    assert "asks to wait for 3600 s" in problem(site.url(URL))


def test_trying_again_has_an_end(site: Site) -> None:
    site.faults[URL] = [Fault(503)] * 6
    assert "the server answers 503 Service Unavailable, 6 times in a row" in problem(site.url(URL))
    site.faults["/one"] = [Fault(cut=0)] * 6
    assert "the connection was cut 1 bytes before the end, 6 times in a row" in problem(site.url("/one"))


def test_what_comes_between_two_cuts_begins_the_count_anew(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tfrecord_lite.inputs.web._STEP", 1000)
    site.at |= {(URL, RANGE + cut * 1000): Fault(cut=1000) for cut in range(12)}
    assert read(site.url(URL)) == DATA
    site.at |= {(URL, RANGE + cut * 999): Fault(cut=999) for cut in range(12)}
    assert "6 times in a row" in problem(site.url(URL))


def test_a_network_that_goes_is_waited_for_once_the_object_was_reached(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[OSError] = []
    request = connections._request

    def fail(connection: HTTPConnection, *asked: Any) -> Connected:
        with suppress(IndexError):
            error = errors.pop()
            connection.close()
            raise error
        return request(connection, *asked)

    monkeypatch.setattr(connections, "_request", fail)
    with open_input(site.url(URL), ahead=False) as file:
        errors += [OSError(errno.ENETUNREACH, "no network"), OSError(errno.EHOSTUNREACH, "no route")]
        assert read_up_to(file, 1 << 30) == DATA
    errors += [OSError(errno.ENETUNREACH, "no network")]
    assert "no connection to the server (no network)" in problem(site.url(URL))


@pytest.mark.parametrize("ranges", [True, False])
def test_an_object_that_is_replaced_while_it_is_read_is_an_error(ranges: bool, site: Site) -> None:
    site.ranges = ranges
    if not ranges:
        site.faults[URL] = [Fault(cut=100)]
    with open_input(site.url(URL)) as file:
        assert file.read(10) == DATA[:10]
        site.files[URL] = DATA[::-1]
        with pytest.raises(OSError, match="the object was replaced while it was read"):
            read_up_to(file, 1 << 30)


def test_a_cut_stream_without_a_version_is_an_error(site: Site) -> None:
    site.ranges = site.versions = False
    site.faults[URL] = [Fault(cut=100)]
    assert "neither ranges nor a version, by which to read on" in problem(site.url(URL))


def test_redirects_are_followed_and_asked_for_again_once_their_target_refuses(site: Site) -> None:
    site.redirects["/latest"] = site.url("/signed?until=1")
    site.files["/signed"] = DATA
    with open_input(site.url("/latest")) as file:
        assert file.read(10) == DATA[:10]
        site.redirects["/latest"] = site.url("/signed?until=2")
        site.at["/signed", FIRST] = Fault(403)
        assert DATA[10:] == read_up_to(file, 1 << 30)
    site.redirects["/circle"] = "/circle"
    assert "more than 10 redirects" in problem(site.url("/circle"))
    site.redirects["/down"] = "file:///etc/passwd"
    assert "is not followed" in problem(site.url("/down"))


def test_a_target_that_refuses_is_named(site: Site) -> None:
    site.redirects["/latest"] = site.url("/signed?key=secret")
    site.faults["/signed"] = [Fault(403)] * 3
    said = problem(site.url("/latest"))
    assert f"it redirects to {site.url('/signed')}?…: the server answers 403 Forbidden" in said
    assert "Is the URL signed, and still valid?" in said
    assert "secret" not in said
    site.redirects["/dead"] = "http://127.0.0.1:1/x"
    assert "it redirects to http://127.0.0.1:1/x: no connection to the server" in problem(site.url("/dead"))
    site.redirects["/gone"] = site.url("/nowhere")
    with pytest.raises(FileNotFoundError):
        read(site.url("/gone"))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_certificate_that_nobody_vouches_for_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve(context) as site:
        site.files = {"/x.tfrecord": DATA}
        said = problem(site.url("/x.tfrecord"))
        assert "the server's certificate is not accepted (self" in said
        assert "SSL_CERT_FILE names a file of those to trust" in said
        assert site.requests == []
        # Not the one that is kept: a thread that still connects could keep one without this file again.
        monkeypatch.setattr(connections, "_tls", ssl.create_default_context)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert read(site.url("/x.tfrecord")) == DATA


def test_ranges_that_a_target_refuses_at_a_time_are_all_asked_for_again(site: Site) -> None:
    first, second = (f"bytes={start}-{start + RANGE - 1}" for start in (RANGE, 2 * RANGE))
    early, late, later = (threading.Event() for _ in range(3))
    site.redirects["/latest"] = site.url("/signed")
    site.files["/signed"] = DATA[: 3 * RANGE]  # so that nobody else asks for the first URL meanwhile
    site.at["/signed", RANGE] = Fault(403, until=early)
    site.at["/latest", RANGE] = Fault(until=later)  # while this waits, the first URL is the target
    site.at["/signed", 2 * RANGE] = Fault(403, until=late)
    with open_input(site.url("/latest"), ahead=True) as file:
        await_request(site, "/signed", first)
        await_request(site, "/signed", second)
        early.set()
        await_request(site, "/latest", first)
        late.set()
        await_request(site, "/latest", second)
        later.set()
        assert read_up_to(file, 1 << 30) == DATA[: 3 * RANGE]


def await_request(site: Site, path: str, asked: str) -> None:
    """Until this range was asked for; who waits in vain meets what became of it instead."""
    end = time.monotonic() + 5
    while asked not in site.ranges_of(path) and time.monotonic() < end:
        time.sleep(0.001)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, FileNotFoundError), (410, FileNotFoundError), (403, PermissionError)]
)
def test_what_does_not_pass_is_reported_at_once(status: int, kind: type[OSError], site: Site) -> None:
    site.faults["/one"] = [Fault(status)]
    with pytest.raises(kind):
        read(site.url("/one"))
    assert len(site.requests) == 1


def test_neither_the_query_nor_a_password_is_ever_shown(site: Site) -> None:
    address = site.address.replace("://", "://user:pa%40ss@")
    site.faults["/one"] = [Fault(), Fault(403), Fault(400)]
    assert read(f"{address}/one?signature=secret") == b"1"
    assert site.requests[0][0] == "/one?signature=secret"
    assert site.headers[0]["Authorization"] == "Basic dXNlcjpwYUBzcw=="
    for _ in range(2):
        said = problem(f"{address}/one?signature=secret")
        assert "secret" not in said
        assert "pa%40ss" not in said
        assert "/one?…" in said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://a/b?c=d#e", "https://a/b?…"),
        ("Http://me:pw@a/b?c", "Http://…@a/b?…"),
        ("sftp://me:pw@a/b", "sftp://…@a/b"),
        ("s3://bucket/what?.txt", "s3://bucket/what?.txt"),
        ("see 'https://a/b?c=d' and https://a/b", "see 'https://a/b?… and https://a/b"),
        ("why? me@home", "why? me@home"),
    ],
)
def test_what_is_shown_of_a_url(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_file_that_nobody_named_and_that_cannot_be_had_is_none(site: Site) -> None:
    site.faults["/one"] = [Fault(403)]
    assert read_sidecar(site.url("/one")) is None
    assert read_sidecar(site.url("/gone")) is None
    assert read_sidecar(site.url("/one")) == b"1"


def test_no_server_is_reported_at_once() -> None:
    with serve() as gone:
        address = gone.address
    assert "it refuses" in problem(f"{address}/x")
    assert "names no server" in problem("http:///x")
    assert "no valid URL" in problem("http://127.0.0.1:99999/x")


def test_the_proxy_of_the_environment_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.address.replace("://", "://me:pw@"))
    monkeypatch.setenv("no_proxy", "")
    site.files["/x"] = b"through the proxy"
    assert read("http://elsewhere.invalid/x?q=1") == b"through the proxy"
    assert site.requests == [("http://elsewhere.invalid/x?q=1", f"bytes=0-{RANGE - 1}")]
    assert site.headers[0]["Proxy-Authorization"] == "Basic bWU6cHc="
    assert site.headers[0]["Host"] == "elsewhere.invalid"


def test_a_file_has_a_size_and_a_version(site: Site) -> None:
    before = status_of(site.url(URL))
    site.files[URL] = DATA[::-1]
    after = status_of(site.url(URL))
    assert before is not None
    assert after is not None
    assert before.size == after.size == len(DATA)
    assert before.version != after.version


@pytest.mark.parametrize("ranges", [True, False])
def test_who_gives_up_does_not_wait_for_answers(ranges: bool, site: Site) -> None:
    site.ranges = ranges
    late = threading.Event()
    for start in range(RANGE, 4 * RANGE, RANGE):
        site.at[URL, start] = Fault(until=late)
    begun = time.monotonic()
    with open_input(site.url(URL), ahead=True) as file:
        assert file.read(10) == DATA[:10]
    assert time.monotonic() - begun < TIMEOUT / 2
    late.set()
