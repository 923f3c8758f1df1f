"""A split is there as a whole or not at all: whatever step of a conversion fails, and whatever is in its way."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, jpeg, shard

import tfrecord_lite
from tfrecord_lite import OutputError
from tfrecord_lite.output import fsync as syncing
from tfrecord_lite.output.stage import Stage

Tree = dict[str, int]
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


def tree(folder: Path) -> Tree:
    """Every file below a folder, with a checksum of what is in it."""
    return {
        path.relative_to(folder).as_posix(): zlib.crc32(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "records" not in path.relative_to(folder).parts[:1]
    }


def stages(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*partial*")]


# --------------------------------------------------------------------------------------------------- failing calls
def old_records(folder: Path) -> Path:
    return write(folder / "records" / "old", detection("a.jpg", boxes=[(1, 1, 9, 9)]), detection("b.jpg"))


def new_records(folder: Path) -> Path:
    # Other pixels under the same name: an old JSON beside a new picture would be wrong.
    changed = detection("a.jpg", boxes=[(2, 2, 30, 30)], image=jpeg(64, 48, (1, 2, 3)))
    return write(folder / "records" / "new", changed, detection("c.jpg", boxes=[(1, 1, 5, 5)]))


def write(folder: Path, *records: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.tfrecord").write_bytes(shard(*records))
    (folder / "val.tfrecord").write_bytes(shard(detection("v.jpg", boxes=[(1, 1, 3, 3)])))
    return folder


LAYOUTS: dict[str, Callable[[Path], tuple[Path, dict[str, Any]]]] = {
    "folder": lambda folder: (folder / "out", {}),
    "roboflow": lambda folder: (folder / "out", {"layout": "roboflow"}),
    "json and images": lambda folder: (folder / "out.json", {"images": folder / "pictures"}),
}


class Failing:
    """Makes the n-th call of a function of ``os`` fail, and counts the calls."""

    def __init__(self, name: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls == number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("over", ["nothing", "an earlier result"])
@pytest.mark.parametrize("function", ["rename", "mkdir", "open", "fsync", "write"])
def test_when_any_call_fails_the_old_state_or_the_new_one_is_there(
    function: str, over: str, layout: str, tmp_path: Path
) -> None:
    def run(folder: Path, records: Path) -> None:
        output, options = LAYOUTS[layout](folder)
        tfrecord_lite.convert(records, output, overwrite=over != "nothing", **options)

    def prepared(folder: Path) -> Path:
        folder.mkdir()
        if over != "nothing":
            run(folder, old_records(folder))
        return new_records(folder)

    folder = tmp_path / "0"
    records = prepared(folder)
    old = tree(folder)
    run(folder, records)
    new = tree(folder)
    assert new != old
    failures = 0
    fresh = False
    for number in range(1, 200):
        if not fresh:
            folder = tmp_path / str(number)
            records = prepared(folder)
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(function, number, patch)
            try:
                run(folder, records)
            except OSError:
                failures += 1
                fresh = True  # as before: so the next failure is tried on what this one left
                assert tree(folder) == old
            else:
                fresh = False
                assert tree(folder) == new  # a call that changes nothing any more may fail
        assert not stages(folder)
        if failing.calls < number:
            break
    assert failing.calls < number
    assert failures


def test_the_json_is_put_in_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out"
    tfrecord_lite.convert(old_records(tmp_path), output)
    placed: list[str] = []
    rename = os.rename

    def watch(source: str, goal: str) -> None:
        rename(source, goal)
        if Path(goal).is_relative_to(output):
            placed.append(Path(goal).relative_to(output).as_posix())

    monkeypatch.setattr(os, "rename", watch)
    tfrecord_lite.convert(new_records(tmp_path), output, overwrite=True)
    of_train = [name for name in placed if "train" in name]
    assert of_train[-1] == "annotations/instances_train.json"
    assert "images/train" in of_train


def test_a_new_result_appears_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    rename = os.rename

    def watch(source: str, goal: str) -> None:
        seen.append(sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")))
        rename(source, goal)

    monkeypatch.setattr(os, "rename", watch)
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert seen == [["records"]]


def test_everything_is_on_the_disk_before_it_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    for place, name in ((syncing, "sync_file_system"), (os, "fsync"), (os, "rename")):
        real = getattr(place, name)

        def watch(*arguments: Any, name: str = name, real: Callable[..., Any] = real) -> Any:
            steps.append(name)
            return real(*arguments)

        monkeypatch.setattr(place, name, watch)
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    before = steps[: steps.index("rename")]
    assert "sync_file_system" in before
    assert before.count("fsync") >= 4, "two JSON files, two reports, and the folders"


def test_neither_syncing_nor_clearing_holds_a_list_of_all_files(tmp_path: Path) -> None:
    stage = Stage(str(tmp_path / "out"))
    folder = Path(stage.folder("images"))
    for number in range(4000):
        (folder / f"{number:060}").touch()
    tracemalloc.start()
    try:
        syncing.sync_tree(stage.path)
        stage.discard()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not os.path.lexists(stage.path)
    assert peak < 4000 * 60 / 2


def test_a_stage_is_cleared_on_file_systems_that_leave_out_entries_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(str(tmp_path / "out"))
    for number in range(20):
        (Path(stage.folder("images")) / str(number)).touch()
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: nullcontext(islice(scandir(folder), 0, None, 2)))
    stage.discard()
    assert not os.path.lexists(stage.path)


# -------------------------------------------------------------------------------------------------------- the stage
def test_everything_is_staged_beside_the_target_under_a_name_that_says_whose_it_is(tmp_path: Path) -> None:
    stage = Stage(str(tmp_path / "deep" / "out"))
    assert Path(stage.path) == tmp_path / "deep" / f".out.partial-{os.getpid()}"
    assert Path(stage.path).is_dir()
    stage.discard()
    assert not Path(stage.path).exists()
    stage = Stage(str(tmp_path), "out.json")
    assert Path(stage.path) == tmp_path / f".out.json.partial-{os.getpid()}"
    stage.discard()


@pytest.fixture
def dead_process() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.skipif(os.name == "nt", reason="there a process cannot be asked for without harm")
def test_what_a_killed_run_left_is_cleared_and_what_a_running_one_has_is_not(tmp_path: Path, dead_process: int) -> None:
    stale = tmp_path / f".out.partial-{dead_process}"
    alive = tmp_path / f".out.partial-{os.getppid()}"
    names = (f".other.partial-{dead_process}", ".out.partial-x", ".out.partial-", f".out.partial-{10**30}")
    others = [tmp_path / name for name in names]
    for folder in (stale, alive, *others):
        (folder / "images").mkdir(parents=True)
        (folder / "images" / "a.jpg").write_bytes(b"x")
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert not stale.exists()
    for folder in (alive, *others):
        assert (folder / "images" / "a.jpg").exists()


@pytest.mark.skipif(os.name == "nt", reason="likewise")
def test_what_a_killed_run_left_of_a_json_file_is_cleared(tmp_path: Path, dead_process: int) -> None:
    stale = tmp_path / f".out.json.partial-{dead_process}"
    stale.mkdir()
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out.json")
    assert not stale.exists()


@pytest.mark.skipif(os.name == "nt", reason="likewise")
def test_the_stage_of_a_process_in_another_container_is_left_alone(tmp_path: Path, dead_process: int) -> None:
    """Its number says nothing here; that it holds its stage locked does."""
    stage = Stage(str(tmp_path / "out"))
    elsewhere = tmp_path / f".out.partial-{dead_process}"
    os.rename(stage.path, elsewhere)
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert elsewhere.exists()
    stage.discard()
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out", overwrite=True)
    assert not elsewhere.exists(), "nobody holds it any more"


@pytest.mark.parametrize("again", [False, True])
def test_nothing_of_the_stage_is_published(again: bool, tmp_path: Path) -> None:
    for _ in range(1 + again):
        tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out", overwrite=True, jobs=2)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["annotations", "images", "reports"]
    assert not list((tmp_path / "out").rglob(".*"))


@needs_links
def test_clearing_never_follows_a_link(tmp_path: Path, dead_process: int) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "a").write_text("mine")
    os.symlink("precious", tmp_path / f".out.partial-{dead_process}")
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert (tmp_path / "precious" / "a").read_text() == "mine"


KILLED = """
import os, sys
import tfrecord_lite
rename = os.rename
def kill(*arguments):
    os.kill(os.getpid(), 9)
os.rename = kill
tfrecord_lite.convert(sys.argv[1], sys.argv[2])
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are of Unix")
def test_a_run_that_is_killed_leaves_nothing_but_its_stage_and_the_next_run_clears_it(tmp_path: Path) -> None:
    records = old_records(tmp_path)
    done = subprocess.run([sys.executable, "-c", KILLED, records, tmp_path / "out"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name.startswith(".out.partial-") for path in tmp_path.iterdir() if path.name != "records"] == [True]
    tfrecord_lite.convert(records, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "records"]


def test_a_run_that_is_rejected_leaves_nothing_not_even_the_folders_it_made(tmp_path: Path) -> None:
    records = write(tmp_path / "records" / "bad", detection("a.jpg", image=b"junk"))
    for output in ("new/deep/out", "new/deep/out.json"):
        with pytest.raises(tfrecord_lite.RejectedInputError):
            tfrecord_lite.convert(records, tmp_path / output)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["records"]


# ------------------------------------------------------------------------------------------------- links in the way
@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    before = tree(folder)
    yield
    assert tree(folder) == before


@needs_links
@pytest.mark.parametrize("part", ["annotations", "images", "reports"])
def test_nothing_is_written_through_a_link_inside_the_target(part: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("mine")
    (tmp_path / "out").mkdir()
    os.symlink(elsewhere, tmp_path / "out" / part)
    records = old_records(tmp_path)
    for overwrite in (False, True):
        with unchanged(tmp_path), pytest.raises(OutputError, match="symbolic link"):
            tfrecord_lite.convert(records, tmp_path / "out", overwrite=overwrite)
    assert not stages(tmp_path)


@needs_links
def test_a_link_in_the_place_of_a_result_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.jpg").write_text("mine")
    (tmp_path / "out" / "annotations").mkdir(parents=True)
    (tmp_path / "out" / "images").mkdir()
    os.symlink("../../mine.json", tmp_path / "out" / "annotations" / "instances_train.json")
    os.symlink("../../mine", tmp_path / "out" / "images" / "train")
    os.symlink("mine.json", tmp_path / "single.json")
    records = old_records(tmp_path)
    with pytest.raises(OutputError, match="exists already"):
        tfrecord_lite.convert(records, tmp_path / "out")
    tfrecord_lite.convert(records, tmp_path / "out", overwrite=True)
    tfrecord_lite.convert(records, tmp_path / "single.json", overwrite=True)
    assert (tmp_path / "mine.json").read_text() == "mine"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.jpg"]
    assert (tmp_path / "mine" / "a.jpg").read_text() == "mine"
    for path in (tmp_path / "out/annotations/instances_train.json", tmp_path / "single.json"):
        assert not path.is_symlink()
        assert json.loads(path.read_text())["images"]


@needs_links
def test_pictures_are_never_written_through_links_in_the_folder_of_images(tmp_path: Path) -> None:
    (tmp_path / "mine.jpg").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    os.symlink("../mine.jpg", pictures / "a.jpg")
    os.symlink("../elsewhere", pictures / "deep")
    records = write(tmp_path / "records", detection("a.jpg"))
    tfrecord_lite.convert(records, tmp_path / "out.json", images=pictures, overwrite=True)
    assert (tmp_path / "mine.jpg").read_text() == "mine"
    assert not (pictures / "a.jpg").is_symlink()
    records = write(tmp_path / "records", detection("deep/a.jpg"))
    with unchanged(tmp_path), pytest.raises(OutputError, match="symbolic link"):
        tfrecord_lite.convert(records, tmp_path / "out.json", images=pictures, overwrite=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@needs_links
def test_a_target_that_is_itself_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "out")
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "annotations" / "instances_train.json").exists()


def test_files_get_the_mode_that_the_user_s_mask_says(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such modes")
    before = os.umask(0o027)
    try:
        tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    finally:
        os.umask(before)
    for path in (tmp_path / "out").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o750 if path.is_dir() else 0o640)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750
