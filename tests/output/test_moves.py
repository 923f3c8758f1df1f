"""Renames are done as a whole or not at all, in memory that does not grow with their number."""

from __future__ import annotations

import io
import os
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tfrecord_lite.output import moves
from tfrecord_lite.output.moves import Moves
from tfrecord_lite.output.stage import Publication, Stage, publish_all


def tree(folder: Path) -> dict[str, str]:
    """Files and folders, and what is in them."""
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else "" for path in folder.rglob("*")}


def new_and_old(folder: Path) -> dict[str, str]:
    """A folder with five files that are to be replaced among fifteen; what stands there before."""
    merge(folder / "out", 5)
    for path in (folder / "out").rglob("*.jpg"):
        path.write_text("old")
    return tree(folder)


def filled(stage: Stage, count: int) -> None:
    folder = Path(stage.folder("deep"))
    for number in range(count):
        (folder / f"{number:040}.jpg").write_text("new")


def merge(folder: Path, count: int) -> None:
    """Publishes files into a folder that has something in it."""
    stage = Stage(str(folder))
    filled(stage, count)
    try:
        publish_all([(stage, [Publication((".",), merged=".")])])
    finally:
        stage.discard()


@pytest.mark.parametrize("kept_in_memory", [1, 2, 3, 7, 8, 10_000])
def test_what_was_renamed_is_renamed_back_the_last_one_first(
    kept_in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", kept_in_memory)
    (tmp_path / "a").write_text("a")
    (tmp_path / "new").write_text("new")
    before = tree(tmp_path)
    done = Moves(str(tmp_path / "notes"))
    done.do(str(tmp_path / "a"), str(tmp_path / "aside"))  # whose place the next one takes
    done.do(str(tmp_path / "new"), str(tmp_path / "a"))
    names = ["a", "b", "c", "d", "e", "f"]
    for old, new in pairwise(names):
        done.do(str(tmp_path / old), str(tmp_path / new))
    with pytest.raises(FileNotFoundError):
        done.do(str(tmp_path / "not there"), str(tmp_path / "g"))
    assert {name: text for name, text in tree(tmp_path).items() if text} == {"aside": "a", "f": "new"}
    assert done.count == 8
    done.undo()
    done.close()
    assert {name: text for name, text in tree(tmp_path).items() if text} == before


@pytest.mark.parametrize("failing", [1, 2, 9, 10, 19])
def test_a_folder_that_is_filled_is_as_before_where_a_step_fails(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 4)
    before = new_and_old(tmp_path)
    rename, calls = os.rename, 0

    def fail(source: str, goal: str) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(5, "Input/output error", goal)
        rename(source, goal)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="Input/output error"):
        merge(tmp_path / "out", 15)  # five times two renames, ten times one
    assert tree(tmp_path) == before
    merge(tmp_path / "out", 15)
    assert tree(tmp_path / "out") == {"deep": ""} | {f"deep/{number:040}.jpg": "new" for number in range(15)}


def test_folders_that_were_made_go_again_where_a_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    stage = Stage(str(tmp_path / "out"))
    (Path(stage.folder("a/b")) / "1.jpg").write_text("new")
    (Path(stage.folder("c")) / "2.jpg").write_text("new")
    (tmp_path / "out" / "a").mkdir()
    before = tree(tmp_path / "out" / "a")
    rename = os.rename
    done: list[str] = []

    def fail(source: str, goal: str) -> None:
        if len(done) == 1:
            done.append(goal)
            raise OSError(5, "Input/output error", goal)
        done.append(goal)
        rename(source, goal)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="Input/output error"):
        publish_all([(stage, [Publication((".",), merged=".")])])
    stage.discard()
    assert tree(tmp_path / "out") == {"a": ""} | before


class Full(io.FileIO):
    """A file on a disk with room for so many bytes."""

    def __init__(self, room: int, folder: str) -> None:
        super().__init__(os.path.join(folder, "notes"), "x+")
        self._room = room

    def write(self, data: Any) -> int:
        if not self._room:
            raise OSError(28, "No space left on device")
        taken = min(self._room, len(data), 50)  # a little at a time, as a file may
        self._room -= taken
        return super().write(data[:taken])


@pytest.mark.parametrize("room", [0, 300, 301, 600, 777, 1200, 1201])
def test_a_disk_too_full_to_note_a_rename_is_an_error_and_all_is_as_before(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(buffering: int = -1, dir: str = "") -> io.FileIO | io.BufferedRandom:  # noqa: A002 - its name there
        return Full(room, dir) if buffering == 0 else io.BufferedRandom(Full(room, dir))

    monkeypatch.setattr(tempfile, "TemporaryFile", make)
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 4)
    before = new_and_old(tmp_path)
    with pytest.raises(OSError, match="No space left"):
        merge(tmp_path / "out", 15)
    assert tree(tmp_path) == before


class Ended(BaseException):
    """What a signal is here."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file that nobody held yet
def test_whenever_a_signal_comes_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 2)
    steps = 0

    def run(end: int) -> bool:
        """Ten renames, each second one to where the one before it was from, ended before an instruction, if it was."""
        folder = tmp_path / str(end)
        folder.mkdir()
        for number in range(10):
            (folder / f"{number}.jpg").write_text(str(number))
        before = tree(folder)
        done = Moves(str(tmp_path / "notes"))
        nonlocal steps
        steps = 0

        def trace(frame: FrameType, event: str, _: object) -> Any:
            nonlocal steps
            if frame.f_code.co_filename != moves.__file__:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                steps += 1
                if steps == end:
                    sys.settrace(None)
                    raise Ended
            return trace

        before_all = sys.gettrace()
        sys.settrace(trace)
        try:
            for number in range(0, 10, 2):
                done.do(str(folder / f"{number}.jpg"), str(folder / f"{number}.aside"))
                done.do(str(folder / f"{number + 1}.jpg"), str(folder / f"{number}.jpg"))
        except Ended:
            return True
        finally:
            sys.settrace(before_all)
            done.undo()
            done.close()
            assert tree(folder) == before
        return False

    end = 1
    while run(end):
        end += 1
    assert end > 200


def test_a_file_system_that_leaves_out_names_or_tells_old_ones_is_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir
    told: dict[str, list[os.DirEntry[str]]] = {}

    @contextmanager
    def odd(folder: str | int) -> Iterator[Iterator[os.DirEntry[str]]]:
        """Every other entry, and behind them those of the last time."""
        with scandir(folder) as entries:
            now = list(entries)[::2]
        yield iter([*now, *told.get(str(folder), [])])
        told[str(folder)] = now

    stage = Stage(str(tmp_path / "out"))
    filled(stage, 20)
    (tmp_path / "out").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", odd)
        publish_all([(stage, [Publication((".",), merged=".")])])
    stage.discard()
    assert tree(tmp_path) == {"out": "", "out/deep": ""} | {f"out/deep/{number:040}.jpg": "new" for number in range(20)}


def test_memory_does_not_grow_with_the_files_that_are_added_to_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 100)
    (tmp_path / "out").mkdir()
    merge(tmp_path / "out", 1)
    stage = Stage(str(tmp_path / "out"))
    filled(stage, 4000)
    tracemalloc.start()
    try:
        publish_all([(stage, [Publication((".",), merged=".")])])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(tree(tmp_path / "out" / "deep")) == 4000
    assert peak < 4000 * 60 / 2
