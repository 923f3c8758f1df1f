"""moto's S3 in this process, a relay before it, and an empty bucket for each test."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from peers.remote.relay import Relay, relay_to
from tfrecord_lite.inputs import object_stores

SECRET = "neither/shown+nor=told"
_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[tuple[str, int]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    yield moto.get_host_and_port()
    moto.stop()


@pytest.fixture
def relay(server: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """What the environment names as the S3 endpoint."""
    with relay_to(*server) as found:
        settings = {"ENDPOINT_URL": found.address, "ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": SECRET}
        for name, value in {**settings, "REGION": "us-east-1"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setattr("tfrecord_lite.inputs.retries._FIRST_WAIT", 0.001)
        yield found
        object_stores._store.cache_clear()


@pytest.fixture
def bucket(server: tuple[str, int], relay: Relay) -> S3Store:
    """A bucket that is reached past the relay."""
    name = f"bucket-{next(_NUMBERS)}"
    connection = HTTPConnection(*server)
    connection.request("PUT", f"/{name}", headers={"Content-Length": "0"})
    assert connection.getresponse().read() is not None
    connection.close()
    del relay
    return S3Store(name, endpoint=f"http://{server[0]}:{server[1]}", client_options={"allow_http": True})


def url(bucket: S3Store, key: str = "") -> str:
    return f"s3://{bucket.config['bucket']}/{key}"
