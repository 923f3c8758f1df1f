"""One run at a time: a lock ends with its run, however that ends, and is never taken from one that runs."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from outputs import old_records, stages

import tfrecord_lite
from tfrecord_lite import OutputError
from tfrecord_lite.output.lock import Lock

HOLD = """
import sys
from tfrecord_lite.output.lock import Lock
lock = Lock(sys.argv[1], "out")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_by_one_at_a_time_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with Lock(str(path), "out"):
        for _ in range(2):
            with pytest.raises(OutputError, match=r"out: another run .* Wait for its end"):
                Lock(str(path), "out")
        assert path.exists()
    assert not path.exists()
    lock = Lock(str(path), "out")
    lock.close()
    with Lock(str(path), "out"):
        lock.close()  # once more, when it is somebody else's
        assert path.exists()


def test_a_lock_of_another_process_ends_with_it_and_the_file_alone_is_none(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(OutputError, match="another run"):
            Lock(str(path), "out")
        holder.kill()
    assert path.exists()
    Lock(str(path), "out").close()
    assert not path.exists()


def test_a_file_that_its_holder_removes_meanwhile_is_not_what_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one who waits has opened the old file; a third run would make and lock a new one."""
    fcntl = pytest.importorskip("fcntl")

    path = tmp_path / "lock"
    path.touch()
    flock, calls = fcntl.flock, 0

    def watch(descriptor: int, how: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            path.unlink()
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", watch)
    with Lock(str(path), "out"):
        assert calls == 2
        assert path.exists()
        with pytest.raises(OutputError):
            Lock(str(path), "out")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_without_locks_a_file_is_the_lock_and_the_message_says_which_one_to_remove(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    records, output = old_records(tmp_path), tmp_path / "out"
    tfrecord_lite.convert(records, output)
    assert not stages(tmp_path)
    (output / ".tfrecord2coco.partial-0123abcd").mkdir()  # what a run left that was killed
    (output / ".tfrecord2coco.partial-lock").touch()
    with pytest.raises(OutputError, match="does not say which") as caught:
        tfrecord_lite.convert(records, output, overwrite=True)
    advice = re.search(r"remove (\S+)$", str(caught.value))
    assert advice is not None
    assert stages(tmp_path)
    os.unlink(advice[1])
    tfrecord_lite.convert(records, output, overwrite=True)
    assert not stages(tmp_path)
