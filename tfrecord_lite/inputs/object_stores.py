"""``s3://``, ``gs://`` and ``az://`` as a place, with obstore, which the extra ``[remote]`` installs.

Credentials, regions and endpoints are those of the environment, as obstore documents them. obstore also
decides what to try again and how often, except after a body that is cut: that range is asked for again here.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from functools import cache
from io import RawIOBase
from pathlib import Path
from typing import Any

from tfrecord_lite.errors import InputError, printable
from tfrecord_lite.inputs.object_place import ObjectPlace
from tfrecord_lite.inputs.place import Entry, Kind, Status
from tfrecord_lite.inputs.ranged import FIRST, RANGE, RangedFile, Ranges
from tfrecord_lite.inputs.retries import ATTEMPTS, Retries, TransientError, as_os_errors, changed, first_line
from tfrecord_lite.inputs.urls import join

SCHEMES = ("s3", "s3a", "gs", "az")
_LARGEST_PUT = 64 << 20  # bytes that are written in one request, which can be refused where there is an object
_CLIENT = {"timeout": "60s", "connect_timeout": "20s", "allow_http": True}  # http is what an endpoint may ask for
_RETRIES = {
    "max_retries": ATTEMPTS - 1,
    "retry_timeout": timedelta(seconds=120),
    "backoff": {"init_backoff": timedelta(seconds=0.5), "max_backoff": timedelta(seconds=8), "base": 2},
}


def _obstore(url: str) -> Any:  # noqa: ANN401 - it may not be installed
    """The package. Raises InputError where it is not installed."""
    try:
        import obstore  # noqa: PLC0415 - most inputs are files
    except ModuleNotFoundError:
        install = f'{sys.executable} -m pip install "tfrecord2coco[remote]"'
        raise InputError(url, f"this needs the package obstore. Install it: {install}") from None
    return obstore


@cache
def _store(obstore: Any, bucket: str) -> Any:  # noqa: ANN401 - see above
    del obstore  # which is installed
    from obstore.store import from_url  # noqa: PLC0415 - see above

    return from_url(bucket, client_options=_CLIENT, retry_config=_RETRIES)


def _errors(url: str) -> AbstractContextManager[None]:
    """Turns the errors of obstore into OSError."""
    from obstore import exceptions as of  # noqa: PLC0415 - see above

    denied, exists = (of.PermissionDeniedError, of.UnauthenticatedError), (of.AlreadyExistsError, of.PreconditionError)
    hint = ". Credentials are taken from the environment"
    return as_os_errors(url, denied, exists, (of.BaseError, ValueError), hint)


def _parts(url: str) -> tuple[str, str]:
    """The bucket of a URL, and the key in it."""
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    return f"{scheme}://{bucket}", key


def _status(meta: Any) -> Status:  # noqa: ANN401 - obstore's ObjectMeta
    return Status(meta["size"], meta["e_tag"] or meta["version"] or str(meta["last_modified"]))


class ObjectStores(ObjectPlace):
    """The object stores that obstore knows."""

    def _at(self, url: str) -> tuple[Any, Any, str]:
        """obstore, the store and the key of a URL."""
        obstore = _obstore(url)
        bucket, key = _parts(url)
        with _errors(url):
            return obstore, _store(obstore, bucket), key

    def status(self, path: str) -> Status | None:
        obstore, store, key = self._at(path)
        with _errors(path):
            return _status(obstore.head(store, key))

    def kind(self, path: str) -> Kind:
        """See Place. A folder is what something lies below. Raises OSError where the store does not say."""
        obstore, store, key = self._at(path)
        if key and not key.endswith("/"):
            with suppress(FileNotFoundError):
                self.status(path)
                return "file"
        with _errors(path):
            below = next(iter(obstore.list(store, key.rstrip("/") or None, chunk_size=1)), None)
        return "folder" if below or not key else "nothing"

    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        opened = _Object(path, *self._at(path))
        first = RANGE if ahead else FIRST
        try:
            opened.begin(first)
        except FileNotFoundError:
            raise
        except OSError:  # an object without a byte has no range
            if opened.head().size:
                raise
            ahead = False
        return RangedFile(opened, opened.status, first, ahead=ahead)

    def entries(self, folder: str) -> list[Entry]:
        obstore, store, key = self._at(folder)
        key = key.rstrip("/")
        with _errors(folder):
            found = obstore.list_with_delimiter(store, key or None)
        names: list[tuple[str, Status | None]] = [(path.rpartition("/")[2], None) for path in found["common_prefixes"]]
        names += [(meta["path"].rpartition("/")[2], _status(meta)) for meta in found["objects"] if meta["path"] != key]
        return [
            Entry(join(folder, name), name, "folder" if status is None else "file", False, status)
            for name, status in sorted(names, key=lambda item: item[0])
        ]

    def write(self, path: str, source: str, *, new: bool) -> None:
        obstore, store, key = self._at(path)
        file = Path(source)
        from obstore.exceptions import NotSupportedError  # noqa: PLC0415 - see above

        with _errors(path):
            if new and file.stat().st_size <= _LARGEST_PUT:
                with suppress(NotSupportedError):
                    obstore.put(store, key, file, mode="create", use_multipart=False)
                    return
            if new and self.kind(path) == "file":
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), printable(path))
            obstore.put(store, key, file)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            obstore, store, key = self._at(path)
            with suppress(FileNotFoundError), _errors(path):
                obstore.delete(store, key)


class _Object(Ranges):
    """An object, the version of which the first answer pins."""

    def __init__(self, url: str, obstore: Any, store: Any, key: str) -> None:  # noqa: ANN401 - see above
        super().__init__(url)
        self._obstore = obstore
        self._store = store
        self._key = key
        self._begun: list[Any] = []  # the first answer, until it is read
        self.status = Status(-1, "")

    def head(self) -> Status:
        """Size and version, where no range can be asked for."""
        with _errors(self.url):
            self.status = _status(self._obstore.head(self._store, self._key))
        return self.status

    def begin(self, size: int) -> None:
        """Asks for the first bytes, which are yet to be read. Raises OSError."""
        self._begun = [self._get(0, size)]

    def _get(self, start: int, end: int) -> Any:  # noqa: ANN401 - obstore's GetResult
        with _errors(self.url):
            result = self._obstore.get(self._store, self._key, options={"range": (start, end)})
        status = _status(result.meta)
        if self.status.size < 0:
            self.status = status
        elif self.status != status:
            raise changed(self.url)
        return result

    def fetch(self, start: int, end: int) -> memoryview:
        if start == end:
            return memoryview(b"")
        return Retries(self.url, self.closing).until_done(lambda: self._ask(start, end))

    def _ask(self, start: int, end: int) -> memoryview:
        result = self._begun.pop() if start == 0 and self._begun else self._get(start, end)
        try:
            data = memoryview(result.bytes())
        except self._obstore.exceptions.BaseError as error:
            raise TransientError(f"the connection was cut ({first_line(error)})") from None
        if len(data) != end - start:
            raise TransientError(f"{len(data)} bytes came instead of {end - start}")
        return data
