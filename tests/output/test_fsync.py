"""What is staged reaches the disk before it is published, and for the most part while the rest of it is made."""

from __future__ import annotations

import errno
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, shard

import tfrecord_lite
from tfrecord_lite.output import fsync as syncing
from tfrecord_lite.output.fsync import EarlySync
from tfrecord_lite.pipeline import pool as workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others sync all file systems at once")


class Disk:
    """A disk that is not done with its work before it may be."""

    def __init__(self) -> None:
        self.synced: list[str] = []
        self.by_threads = 0
        self.may_go_on = threading.Event()
        self.seconds = 0.0  # that it takes at least
        self.error: Exception | None = None

    def sync(self, folder: str) -> None:
        self.synced.append(folder)
        if threading.current_thread() is not threading.main_thread():
            self.by_threads += 1
            time.sleep(self.seconds)
            assert self.may_go_on.wait(30)
        if self.error is not None:
            raise self.error


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found = Disk()
    monkeypatch.setattr(syncing, "sync_file_system", found.sync)
    return found


def records(folder: Path, count: int = 40) -> Path:
    path = folder / "x.tfrecord"
    made = (detection(f"{number}.jpg", boxes=[(1, 2, 30, 40)], labels=[1]) for number in range(count))
    path.write_bytes(shard(*made))
    return path


def test_a_file_system_can_be_synced_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real one
    syncing.sync_file_system(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        syncing.sync_file_system(str(tmp_path / "not there"))


def test_a_sync_begins_with_every_32_megabytes_of_input_and_nobody_waits_for_it(disk: Disk) -> None:
    early = EarlySync("here")
    early.note((32 << 20) - 1)
    assert not disk.synced
    early.note(1)
    for _ in range(3):
        early.note(32 << 20)  # while the first is under way
    assert disk.synced == ["here"]
    disk.may_go_on.set()
    early.wait()
    early.note(0)  # what came meanwhile is as much as it takes
    early.wait()
    assert disk.synced == ["here", "here"]
    assert threading.active_count() == 1


@pytest.mark.parametrize(
    ("error", "is_said"),
    [
        (OSError(errno.EIO, "Input/output error", "here"), True),
        (OSError(errno.EMFILE, "Too many open files", "here"), False),
        (MemoryError(), False),
    ],
    ids=["data is lost", "files are short", "memory is short"],
)
def test_what_the_disk_did_not_take_is_said_in_the_end(
    error: Exception, is_said: bool, disk: Disk, capfd: pytest.CaptureFixture[str]
) -> None:
    disk.error = error
    disk.may_go_on.set()
    early = EarlySync("here")
    early.note(1 << 30)
    with pytest.raises(OSError, match="Input/output error") if is_said else nullcontext():
        early.wait()
    assert disk.synced == ["here"]
    assert capfd.readouterr().err == ""


def test_a_run_that_failed_leaves_no_thread_and_one_that_is_to_end_does_not_wait(disk: Disk) -> None:
    def fail(early: EarlySync, error: BaseException) -> None:
        with early:
            early.note(1 << 30)
            raise error

    early = EarlySync("here")
    with pytest.raises(KeyboardInterrupt):
        fail(early, KeyboardInterrupt())
    assert threading.active_count() == 2
    disk.may_go_on.set()
    early.wait()
    disk.seconds = 0.2
    with pytest.raises(ValueError, match="bad data"):
        fail(EarlySync("here"), ValueError("bad data"))
    assert threading.active_count() == 1


def test_a_signal_while_the_thread_starts_is_the_signal(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(KeyboardInterrupt), EarlySync("here") as early:
        early.note(1 << 30)
    early.wait()
    assert not disk.synced


def test_where_no_thread_can_be_started_there_is_no_early_sync(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    early = EarlySync("here")
    for _ in range(3):
        early.note(1 << 30)
    early.wait()
    assert not disk.synced


def test_images_are_synced_while_records_are_read(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_STEP", 1)
    disk.may_go_on.set()
    tfrecord_lite.convert(records(tmp_path), tmp_path / "out")
    assert disk.by_threads
    assert disk.by_threads < len(disk.synced), "once more at the end"
    assert all(str(tmp_path) in folder for folder in disk.synced)


def test_annotations_alone_are_not_worth_it(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_STEP", 1)
    tfrecord_lite.convert(records(tmp_path), tmp_path / "out", write_images=False)
    assert len(disk.synced) == 1
    assert not disk.by_threads


def test_a_disk_that_fails_early_fails_the_run(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_STEP", 1)
    disk.error = OSError(5, "Input/output error", "x")
    disk.may_go_on.set()
    monkeypatch.setattr("tfrecord_lite.output.stage.sync_tree", lambda _: None)  # which the system tells nothing more
    with pytest.raises(OSError, match="Input/output error"):
        tfrecord_lite.convert(records(tmp_path), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["x.tfrecord"]
    assert threading.active_count() == 1


@pytest.mark.usefixtures("impatient")
def test_no_process_is_forked_beside_a_thread(tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "_STEP", 1)
    threads: list[int] = []
    begin = workers.Workers.__init__

    def watch(*arguments: Any) -> None:
        threads.append(threading.active_count())
        begin(*arguments)

    monkeypatch.setattr(workers.Workers, "__init__", watch)

    disk.seconds = 0.2
    disk.may_go_on.set()
    tfrecord_lite.convert(records(tmp_path), tmp_path / "out", jobs=2)
    assert threads == [1]
    assert disk.by_threads
