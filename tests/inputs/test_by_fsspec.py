"""Inputs that fsspec reads; fsspec itself is played."""

from __future__ import annotations

import threading
from typing import Any

import pytest

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


def test_each_thread_has_a_file_system_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ranged", "by_fsspec"):
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.RANGE", RANGE)
    monkeypatch.setattr("tfrecord_lite.inputs.by_fsspec._file_system", lambda url: (System(), url))
    monkeypatch.setattr(System, "strangers", 0)
    with open_input("played://file", ahead=True) as file:
        assert read_up_to(file, 1 << 30) == DATA
    assert System.strangers == 0
