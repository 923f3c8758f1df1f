"""The protocol of publication, step by step: an output is there as a whole or not at all, whatever step fails."""

from __future__ import annotations

import errno
import os
import re
import threading
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from outputs import (
    OUTPUTS,
    bad_records,
    convert,
    new_records,
    old_records,
    published,
    stages,
    third_records,
    tree,
)

import tfrecord_lite
from tfrecord_lite import OutputError
from tfrecord_lite.output import fsync as syncing
from tfrecord_lite.output import renames
from tfrecord_lite.output.stage import Stage


@pytest.fixture
def plain_renames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rename by os.rename, as on a system that has no other."""
    monkeypatch.setattr(renames, "_renameat2", lambda: None)


# --------------------------------------------------------------------------------------------------- failing calls
class Failing:
    """Makes the n-th call of a function of ``os`` fail, or all from there on, and counts the calls."""

    def __init__(self, name: str, number: int, monkeypatch: pytest.MonkeyPatch, *, for_good: bool = False) -> None:
        self.calls = 0
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls == number or (for_good and self.calls > number):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))
            return real(*arguments, **options)

        monkeypatch.setattr(os, name, call)


@pytest.mark.usefixtures("plain_renames")
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("over", ["nothing", "an earlier result"])
@pytest.mark.parametrize("function", ["rename", "mkdir", "open", "fsync", "write"])
def test_when_any_call_fails_the_old_state_or_the_new_one_is_there(
    function: str, over: str, kind: str, tmp_path: Path
) -> None:
    def prepared(folder: Path) -> Path:
        folder.mkdir()
        if over != "nothing":
            convert(kind, folder, old_records(folder))
        return new_records(folder)

    folder = tmp_path / "0"
    records = prepared(folder)
    old = tree(folder)
    convert(kind, folder, records)
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
                convert(kind, folder, records)
            except OutputError as error:  # after the last rename
                assert function in ("fsync", "open")
                problem = str(error)
                assert "all is published, but the file system reports 'No space left on device'" in problem
                fresh = False
                assert published(folder) == new
            except OSError:
                failures += 1
                fresh = True  # as before: so the next failure is tried on what this one left
                assert tree(folder) == old
                assert not stages(folder)
            else:
                fresh = False
                assert published(folder) == new  # a call that changes nothing any more may fail
        if failing.calls < number:
            break
    assert failing.calls < number
    assert failures or (function, kind) == ("write", "json")  # whose file has a buffer of its own


@pytest.mark.usefixtures("plain_renames")
@pytest.mark.parametrize("kind", OUTPUTS)
def test_when_nothing_can_be_taken_back_the_message_says_where_it_is_and_the_next_run_takes_it_back(
    kind: str, tmp_path: Path
) -> None:
    convert(kind, tmp_path, old_records(tmp_path))
    old, records = published(tmp_path), new_records(tmp_path)
    kept = 0
    for number in range(1, 100):
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing("rename", number, patch, for_good=True)
            message = ""
            try:
                convert(kind, tmp_path, records)
            except OutputError as error:
                message = str(error)
            except OSError:
                assert tree(tmp_path) == old
        if message:
            kept += 1
            places = [tmp_path, *map(Path, re.findall(r"\S+/old\b", message))]
            assert {checksum for place in places for checksum in published(place).values()} >= set(old.values())
            assert "The next run into this output tries it again" in message
        if failing.calls < number:
            break
        with pytest.raises(tfrecord_lite.RejectedInputError):
            convert(kind, tmp_path, bad_records(tmp_path))
        assert tree(tmp_path) == old
    assert kept


@pytest.mark.usefixtures("plain_renames")
def test_what_is_new_and_cannot_be_taken_back_is_taken_back_by_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    records = new_records(tmp_path)
    kept = 0
    for number in range(1, 100):
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing("rename", number, patch, for_good=True)
            try:
                convert("folder", tmp_path, records, overwrite=False)
            except OutputError as error:
                kept += "could not be taken back" in str(error)
            except OSError:
                assert not tree(tmp_path)
        if failing.calls < number:
            break
        with pytest.raises(tfrecord_lite.RejectedInputError):
            convert("folder", tmp_path, bad_records(tmp_path), overwrite=False)
        assert not tree(tmp_path)
    assert kept


# ------------------------------------------------------------------------------------------------------ step by step
@pytest.mark.usefixtures("plain_renames")
def test_the_json_is_moved_aside_first_and_put_in_place_last(tmp_path: Path) -> None:
    output = tmp_path / "out"
    tfrecord_lite.convert(old_records(tmp_path), output)
    moved: list[str] = []
    rename = os.rename

    def watch(source: str, goal: str) -> None:
        rename(source, goal)
        into = Path(goal).is_relative_to(output) and "partial" not in goal
        moved.append(f"{'in' if into else 'out'} {Path(goal if into else source).relative_to(output).as_posix()}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", watch)
        tfrecord_lite.convert(new_records(tmp_path), output, overwrite=True)
    jsons = ["annotations/instances_train.json", "annotations/instances_val.json"]
    assert moved[:2] == [f"out {name}" for name in reversed(jsons)]
    assert moved[-2:] == [f"in {name}" for name in jsons]
    assert "in images/train" in moved


@pytest.mark.usefixtures("plain_renames")
def test_a_new_result_appears_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    rename = os.rename

    def watch(source: str, goal: str) -> None:
        seen.append(sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")))
        rename(source, goal)

    monkeypatch.setattr(os, "rename", watch)
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert seen == [["records"]]


@pytest.mark.usefixtures("plain_renames")
@pytest.mark.parametrize("over", [False, True])
def test_everything_and_the_journal_are_on_the_disk_before_anything_is_renamed(
    over: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if over:
        tfrecord_lite.convert(new_records(tmp_path), tmp_path / "out")
    steps: list[str] = []
    for place, name in ((syncing, "sync_file_system"), (os, "fsync"), (os, "rename")):
        real = getattr(place, name)

        def watch(*arguments: Any, name: str = name, real: Callable[..., Any] = real) -> Any:
            if name != "rename" or "nothing" not in arguments[0]:  # which asks only whether one is possible
                steps.append(f"{name}, {len(list(tmp_path.rglob('journal')))} journal")
            return real(*arguments)

        monkeypatch.setattr(place, name, watch)
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out", overwrite=over)
    before = steps[: steps.index("rename, 1 journal")]
    assert "sync_file_system, 1 journal" in before
    assert len([step for step in before if step.startswith("fsync")]) >= 4, (
        "two JSON files, two reports, and the folders"
    )
    assert "rename, 0 journal" not in steps


def test_neither_syncing_nor_clearing_holds_a_list_of_all_files(tmp_path: Path) -> None:
    stage = Stage(str(tmp_path), "out", "out")
    folder = Path(stage.new) / "images"
    folder.mkdir()
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
    stage = Stage(str(tmp_path), "out", "out")
    for number in range(20):
        (Path(stage.new) / str(number)).touch()
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda folder: nullcontext(islice(scandir(folder), 0, None, 2)))
    stage.discard()
    assert not os.path.lexists(stage.path)


@pytest.mark.parametrize(("output", "place"), [("out", ".out"), ("deep/out", "deep/.out"), ("x.json", ".x.json")])
def test_a_new_output_is_staged_beside_its_place_and_one_that_is_there_inside(
    output: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    monkeypatch.setattr("tfrecord_lite.output.stage.sync_tree", found.append)
    for _ in range(2):
        tfrecord_lite.convert(old_records(tmp_path), tmp_path / output, overwrite=True)
    first, second = (Path(path).relative_to(tmp_path).as_posix() for path in found)
    inside = place if output.endswith(".json") else f"{output}/.tfrecord2coco"
    for path, start in ((first, place), (second, inside)):
        assert re.fullmatch(rf"{re.escape(start)}\.partial-[0-9a-f]{{8}}", path)


# ----------------------------------------------------------------------------------------------------- what is left
@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_nothing_of_the_stage_is_published_and_nothing_is_left(kind: str, again: bool, tmp_path: Path) -> None:
    for _ in range(1 + again):
        convert(kind, tmp_path, old_records(tmp_path))
    assert not stages(tmp_path)
    assert not list(tmp_path.rglob(".*"))
    if kind == "folder":
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["annotations", "images", "reports"]


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_run_that_is_rejected_leaves_nothing_not_even_the_folders_it_made(kind: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(tfrecord_lite.RejectedInputError):
        convert(kind, tmp_path / "here" / "new" / "deep", bad_records(tmp_path))
    assert list((tmp_path / "here").iterdir()) == []


def test_what_only_looks_like_a_stage_is_nobody_s_to_clear(tmp_path: Path) -> None:
    names = (
        ".other.partial-01234567",
        ".out.partial-x",
        ".out.partial-",
        ".out.partial-0123456g",
        ".out.partial-012345678",
    )
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine").write_text("mine")
    (tmp_path / ".out.partial-01234567").mkdir()
    if os.name != "nt":
        os.symlink(names[0], tmp_path / ".out.partial-76543210")
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert not (tmp_path / ".out.partial-01234567").exists()
    assert all((tmp_path / name / "mine").read_text() == "mine" for name in names)


def test_what_a_run_left_of_a_new_output_is_cleared_also_if_the_folder_was_made_by_somebody_else(
    tmp_path: Path,
) -> None:
    (tmp_path / ".out.partial-01234567" / "new" / "out").mkdir(parents=True)
    (tmp_path / ".out.partial-lock").touch()
    (tmp_path / "out").mkdir()
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert not stages(tmp_path)


# --------------------------------------------------------------------------------------------------- what is in the way
@pytest.mark.parametrize(
    ("kind", "appears"),
    [
        ("folder", "out/annotations/instances_train.json"),
        ("folder", "out/images/train/a.jpg"),
        ("folder", "out/other"),
        ("roboflow", "out/train/a.jpg"),
        ("json", "out.json"),
        ("json and images", "out.json"),
        ("json and images", "deep/pictures/mine.jpg"),
    ],
)
@pytest.mark.parametrize("exists", [False, True])
def test_what_appears_while_records_are_read_is_not_replaced(
    kind: str, appears: str, exists: bool, tmp_path: Path
) -> None:
    output, options = OUTPUTS[kind](tmp_path)
    records = old_records(tmp_path)
    if exists:
        (tmp_path / "out").mkdir()
        (tmp_path / "deep" / "pictures").mkdir(parents=True)
    path = tmp_path / appears

    def appear(_: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")

    if exists and appears == "out/other":  # beside the parts of the output there is room
        tfrecord_lite.convert(records, output, on_bytes=appear, **options)
        assert {"out/other", "out/reports/val.json"} < tree(tmp_path).keys()
    else:
        with pytest.raises(OutputError, match="appeared"):
            tfrecord_lite.convert(records, output, on_bytes=appear, **options)
        assert list(tree(tmp_path)) == [appears]
    assert path.read_text() == "mine"
    assert not stages(tmp_path)


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("over", [False, True])
def test_a_second_run_into_the_same_output_is_refused_by_name_and_leaves_the_first_alone(
    kind: str, over: bool, tmp_path: Path
) -> None:
    if over:
        convert(kind, tmp_path, old_records(tmp_path))
    output, options = OUTPUTS[kind](tmp_path)
    refusals: list[str] = []
    others = third_records(tmp_path)

    def meanwhile(_: int) -> None:
        def second() -> None:
            try:
                convert(kind, tmp_path, others)
            except OutputError as error:
                refusals.append(str(error))

        second()
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()

    tfrecord_lite.convert(new_records(tmp_path), output, overwrite=True, on_bytes=meanwhile, **options)
    assert len(refusals) >= 2
    assert all(str(output) in text and "another run" in text for text in refusals)
    assert not stages(tmp_path)
    first = published(tmp_path)
    convert(kind, tmp_path / "alone", new_records(tmp_path))
    assert published(tmp_path / "alone") == first


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
