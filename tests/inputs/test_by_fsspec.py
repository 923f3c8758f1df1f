"""Inputs that fsspec reads; fsspec itself is played."""

from __future__ import annotations

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tfrecord_lite.inputs.by_fsspec import FsspecFiles
from tfrecord_lite.inputs.storage import open_input, read_up_to

RANGE = 1 << 10
DATA = bytes(range(256)) * 33


class System:
    """A file system that may serve no thread but the one that asked for it. strangers: others that used it."""

    strangers: int = 0

    def __init__(self) -> None:
        self._owner = threading.get_ident()

    def info(self, _: str) -> dict[str, Any]:
        return {"type": "file", "size": len(DATA)}

    def cat_file(self, _: str, start: int, end: int) -> bytes:
        System.strangers += threading.get_ident() != self._owner
        return DATA[start:end]

    def invalidate_cache(self) -> None:
        System.strangers += threading.get_ident() != self._owner


class OddError(Exception):
    """An error of a file system that is no OSError, as those of ftplib are."""


def test_a_file_system_that_does_not_connect_is_an_error_with_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(url: str) -> None:
        raise OddError("530 wrong password") if "u:" in url else ConnectionRefusedError(111, "Connection refused")

    core = ModuleType("fsspec.core")
    core.url_to_fs = connect  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fsspec", ModuleType("fsspec"))
    monkeypatch.setitem(sys.modules, "fsspec.core", core)
    for user, said in (("u:secret@", "530 wrong password"), ("", "Connection refused")):
        with pytest.raises(OSError, match=said) as caught:
            open_input(f"played://{user}host/x").__enter__()
        assert "host/x" in str(caught.value)
        assert "secret" not in str(caught.value)


def test_threads_make_a_folder_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()

    class Listing(System):
        """One that looks whether a folder is there by a listing that it keeps."""

        def __init__(self) -> None:
            super().__init__()
            self._listed = set(there)

        def invalidate_cache(self) -> None:
            self._listed = set(there)

        def makedirs(self, folder: str, *, exist_ok: bool) -> None:
            if folder not in self._listed:
                time.sleep(0.01)
                if folder in there:
                    raise OddError(f"550 File exists, {exist_ok}")
                there.add(folder)
                self._listed.add(folder)

        def put_file(self, _: str, name: str) -> None:
            self.makedirs(name.rpartition("/")[0], exist_ok=True)

    systems = threading.local()

    def of_thread(url: str) -> tuple[Listing, str]:
        if not hasattr(systems, "own"):
            systems.own = Listing()
        return systems.own, url

    monkeypatch.setattr("tfrecord_lite.inputs.by_fsspec._file_system", of_thread)
    place = FsspecFiles()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: place.write(f"played://a/{number}", str(tmp_path), new=False), range(8)))
    assert there == {"played://a"}


def test_each_thread_has_a_file_system_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ranged", "by_fsspec"):
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.RANGE", RANGE)
    monkeypatch.setattr("tfrecord_lite.inputs.by_fsspec._file_system", lambda url: (System(), url))
    monkeypatch.setattr(System, "strangers", 0)
    with open_input("played://file", ahead=True) as file:
        assert read_up_to(file, 1 << 30) == DATA
    assert System.strangers == 0
