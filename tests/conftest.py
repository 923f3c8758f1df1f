"""What many tests need: record files made by the independent builder, and conversions of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tfrecords import shard

import tfrecord_lite

if TYPE_CHECKING:  # the tests of one module do not import them all
    from tfrecord_lite import Sample, Summary


@dataclass(frozen=True)
class Converted:
    """What one conversion to a dataset folder gave. coco and report: of its only split."""

    summary: Summary
    folder: Path
    coco: dict[str, Any]
    report: dict[str, Any]


@pytest.fixture(autouse=True)
def nobody_waits_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test writes need not survive a power failure, and waiting for a disk is what takes most of the time."""
    monkeypatch.setattr("tfrecord_lite.publish._sync_file_system", lambda _: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def record_file(tmp_path: Path) -> Callable[..., str]:
    """Writes records to ``name`` below the test's folder, and returns the path."""

    def write(*records: Mapping[str, bytes] | bytes, name: str = "records/x.tfrecord") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(shard(*records))
        return str(path)

    return write


@pytest.fixture
def converted(tmp_path: Path, record_file: Callable[..., str]) -> Callable[..., Converted]:
    """Converts records, as one file, to a dataset folder of their own."""
    count = 0

    def run(*records: Mapping[str, bytes] | bytes, name: str = "x.tfrecord", **options: Any) -> Converted:
        nonlocal count
        count += 1
        folder = tmp_path / f"converted-{count}"
        summary = tfrecord_lite.convert(record_file(*records, name=f"{folder.name}-records/{name}"), folder, **options)
        (split,) = summary.splits
        return Converted(
            summary,
            folder,
            json.loads(Path(summary.files[0]).read_text(encoding="utf-8")),
            json.loads((folder / "reports" / f"{split.split}.json").read_text(encoding="utf-8")),
        )

    return run


@pytest.fixture
def sample_of(record_file: Callable[..., str]) -> Callable[..., Sample]:
    """Reads records, as one file, and returns the last of them as a Sample."""

    def read(*records: Mapping[str, bytes] | bytes, **options: Any) -> Sample:
        path = record_file(*records)
        return list(tfrecord_lite.read_samples(path, **options))[-1]

    return read
