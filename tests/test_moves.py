"""Renames are done as a whole or not at all, in memory that does not grow with their number."""

from __future__ import annotations

import os
import tempfile
import tracemalloc
from itertools import pairwise
from pathlib import Path

import pytest

from tfrecord_lite import moves
from tfrecord_lite.moves import Moves
from tfrecord_lite.publish import Publication, Stage, publish_all


def tree(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


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
    done = Moves(str(tmp_path))
    done.do(str(tmp_path / "a"), str(tmp_path / "aside"))  # whose place the next one takes
    done.do(str(tmp_path / "new"), str(tmp_path / "a"))
    names = ["a", "b", "c", "d", "e", "f"]
    for old, new in pairwise(names):
        done.do(str(tmp_path / old), str(tmp_path / new))
    with pytest.raises(FileNotFoundError):
        done.do(str(tmp_path / "not there"), str(tmp_path / "g"))
    assert tree(tmp_path) == {"aside": "a", "f": "new"}
    assert done.count == 8
    done.undo()
    done.close()
    assert tree(tmp_path) == before


@pytest.mark.parametrize("failing", [1, 2, 9, 10, 19])
def test_a_folder_that_is_filled_is_as_before_where_a_step_fails(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 4)
    out = tmp_path / "out"
    merge(out, 5)
    for path in out.rglob("*.jpg"):
        path.write_text("old")
    before = tree(tmp_path)
    rename, calls = os.rename, 0

    def fail(source: str, goal: str) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(5, "Input/output error", goal)
        rename(source, goal)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="Input/output error"):
        merge(out, 15)  # five times two renames, ten times one
    assert tree(tmp_path) == before
    merge(out, 15)
    assert tree(out) == {f"deep/{number:040}.jpg": "new" for number in range(15)}


def test_a_disk_too_full_to_note_a_rename_is_an_error_and_all_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(moves, "_MOST_IN_MEMORY", 4)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    (tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="No space left"):
        merge(tmp_path / "out", 10)
    assert tree(tmp_path) == {}


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
    assert len(tree(tmp_path)) == 4000
    assert peak < 4000 * 60 / 2
