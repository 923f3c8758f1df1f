"""What Windows does otherwise, imitated: its locks, its rules for names, and files that are open stay."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from record_files import picture, write
from results import files, load

from tfrecord_lite import convert
from tfrecord_lite.errors import OutputError
from tfrecord_lite.output import lock

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows itself needs no imitation")
KILLED = """
import os, sys
from tfrecord_lite.output.target import DatasetFolder
DatasetFolder(sys.argv[1], "coco", write_images=True).open(["train"], overwrite=False)
os._exit(9)
"""


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of locks as Windows has it: ``msvcrt`` in place of ``fcntl``, no file removed that is open."""
    fcntl = pytest.importorskip("fcntl")
    opened: set[int] = set()

    def locking(descriptor: int, mode: int, count: int) -> None:
        assert (mode, count) == (2, 1)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PermissionError(13, "Permission denied") from None

    def opening(path: str, flags: int, mode: int = 0o777) -> int:
        opened.add(descriptor := os.open(path, flags, mode))
        return descriptor

    def closing(descriptor: int) -> None:
        opened.discard(descriptor)
        os.close(descriptor)

    def unlinking(path: str) -> None:
        if any(os.path.samestat(os.fstat(descriptor), os.stat(path)) for descriptor in opened):
            raise PermissionError(13, "the file is used by another process")
        os.unlink(path)

    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(LK_NBLCK=2, locking=locking))
    spec = spec_from_file_location("lock_on_windows", lock.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "platform", "win32")
        spec.loader.exec_module(module)
    system: Any = types.ModuleType("os")
    vars(system).update(vars(os), name="nt", open=opening, close=closing, unlink=unlinking)
    vars(module)["os"] = system
    return module


def test_a_lock_is_held_by_one_at_a_time_and_leaves_nothing(windows: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with windows.Lock(path, "out"), pytest.raises(OutputError, match="another run is writing"):
        windows.Lock(path, "out")
    assert not os.path.exists(path)


def test_the_file_that_a_killed_run_leaves_is_no_lock(windows: Any, tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    windows.Lock(str(tmp_path / "lock"), "out").close()
    assert not (tmp_path / "lock").exists()


def test_the_stage_of_a_killed_run_is_cleared(windows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out" / "coco"
    output.parent.mkdir()
    assert subprocess.run([sys.executable, "-c", KILLED, str(output)], check=False).returncode == 9
    assert any(".partial-" in name for name in os.listdir(output.parent))
    monkeypatch.setattr("tfrecord_lite.output.stage.Lock", windows.Lock)
    convert(write(tmp_path / "train.tfrecord", picture("a.jpg")), output)
    assert os.listdir(output.parent) == ["coco"]


@pytest.mark.parametrize("system", ["without fcntl", "with it"])
def test_names_that_windows_refuses_or_takes_for_one_become_files_of_their_own(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if system == "without fcntl":
        monkeypatch.setitem(sys.modules, "fcntl", None)
    given = ["CON", "aux.jpg", "nul.tar.jpg", "A.jpg", "a.jpg", "a.JPG", "b.jpg.", "b.jpg ", "c:d.jpg", "lpt1/x.jpg"]
    done = convert(write(tmp_path / "train.tfrecord", *map(picture, given)), tmp_path / "out")
    images = load(done.files[0])["images"]
    names = [image["file_name"] for image in images]
    assert [image.get("original_file_name", image["file_name"]) for image in images] == given
    assert set(names) == files(tmp_path / "out" / "images" / "train")
    assert len({name.casefold() for name in names}) == len(given)
    for part in (part for name in names for part in name.split("/")):
        assert part.partition(".")[0].casefold() not in {"con", "aux", "nul", "lpt1"}
        assert part == part.rstrip(". ")
        assert not set(part) & set('<>:"\\|?*')
    assert sorted(os.listdir(tmp_path)) == ["out", "train.tfrecord"]
