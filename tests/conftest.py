"""What many tests need: record files made by the independent builder, and conversions of them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from record_files import write as write_file
from results import Converted, load
from tfds_folders import Make, Split

import tfrecord_lite

if TYPE_CHECKING:  # the tests of one module do not import them all
    from tfrecord_lite import Sample


settings.register_profile("same-examples", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def nobody_waits_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test writes need not survive a power failure, and waiting for a disk is what takes most of the time."""
    monkeypatch.setattr("tfrecord_lite.output.fsync.sync_file_system", lambda _: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that name files as a user does, by relative paths."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers start at once, and get tasks of a few records."""
    for name in ("ALONE_SECONDS", "WORTH_SECONDS"):
        monkeypatch.setattr(f"tfrecord_lite.pipeline.conversion.read_splits.{name}", 0)
    for name in ("SMALLEST_PART", "LARGEST_PART"):
        monkeypatch.setattr(f"tfrecord_lite.pipeline.reading.parts.{name}", 3000)


@pytest.fixture
def record_file(tmp_path: Path) -> Callable[..., str]:
    """Writes records to ``name`` below the test's folder, and returns the path."""

    def write(*records: Mapping[str, bytes] | bytes, name: str = "records/x.tfrecord") -> str:
        return str(write_file(tmp_path / name, *records))

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
            load(summary.files[0]),
            load(folder / "reports" / f"{split.split}.json"),
        )

    return run


@pytest.fixture
def sample_of(record_file: Callable[..., str]) -> Callable[..., Sample]:
    """Reads records, as one file, and returns the last of them as a Sample."""

    def read(*records: Mapping[str, bytes] | bytes, **options: Any) -> Sample:
        path = record_file(*records)
        return list(tfrecord_lite.read_samples(path, **options))[-1]

    return read


@pytest.fixture
def dataset(tmp_path: Path) -> Make:
    """Writes records as the only shard of ``coco``'s train split, with files beside it, and converts the folder."""

    def make(
        *records: Mapping[str, bytes], beside: Mapping[str, str | dict[str, Any]] | None = None, **options: Any
    ) -> Split:
        folder = tmp_path / "coco" / "2017" / "1.1.0"
        write_file(folder / "coco-train.tfrecord-00000-of-00001", *records)
        for name, content in (beside or {}).items():
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name).write_text(text, encoding="utf-8")
        out = tmp_path / "out"
        tfrecord_lite.convert(folder, out, **options)
        return Split(load(out / "annotations/instances_train.json"), load(out / "reports/train.json"), out)

    return make
