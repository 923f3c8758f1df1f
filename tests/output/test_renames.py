"""Renames replace nothing; folders that cannot be renamed are moved file by file, and back."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tfrecord_lite.output import renames
from tfrecord_lite.output.files import move_new, write_new
from tfrecord_lite.output.renames import move_aside, move_back, rename_new


@pytest.fixture(params=["in one step", "in two", "where the file system refuses"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a name is taken that must be free."""
    if request.param == "in one step" and renames._renameat2() is None:
        pytest.skip("there is no such call here")
    if request.param == "in two":
        monkeypatch.setattr(renames, "_renameat2", lambda: None)
    elif request.param == "where the file system refuses":

        def refuse(*_: object) -> int:
            ctypes.set_errno(errno.EINVAL)
            return -1

        monkeypatch.setattr(renames, "_renameat2", lambda: refuse)
    return str(request.param)


def tree(folder: Path) -> dict[str, str]:
    """Files and folders, and what is in them."""
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else "" for path in folder.rglob("*")
    }


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("there", ["file", "empty folder", "folder", "link", "nothing"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_name_that_is_not_free_is_never_taken(kind: str, there: str, tmp_path: Path) -> None:
    source, goal = tmp_path / "source", tmp_path / "goal"
    if kind == "file":
        source.write_text("new")
    else:
        (source / "sub").mkdir(parents=True)
    if there == "file":
        goal.write_text("mine")
    elif there == "link":
        os.symlink("nowhere", goal)
    elif there != "nothing":
        goal.mkdir()
        if there == "folder":
            (goal / "mine").touch()
    before = tree(tmp_path)
    if there == "nothing":
        rename_new(str(source), str(goal))
        assert not source.exists()
        assert goal.exists()
    else:
        with pytest.raises(FileExistsError) as caught:
            rename_new(str(source), str(goal))
        assert caught.value.filename == str(goal)
        assert tree(tmp_path) == before
        assert there != "link" or os.readlink(goal) == "nowhere"


@pytest.mark.usefixtures("way")
def test_what_is_not_there_cannot_be_renamed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rename_new(str(tmp_path / "nothing"), str(tmp_path / "goal"))


def old_folder(folder: Path) -> dict[str, str]:
    (folder / "old" / "deep" / "empty").mkdir(parents=True)
    for name in ("a", "b", "deep/c", "deep/d"):
        (folder / "old" / name).write_text(name)
    return tree(folder / "old")


@pytest.fixture
def lower_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that were there before cannot be renamed, as those of a container's image: overlayfs says EXDEV."""
    rename = os.rename

    def refuse(source: str, goal: str) -> None:
        if "old" in Path(source).parts and os.path.isdir(source) and not os.path.islink(source):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), source, None, goal)
        rename(source, goal)

    monkeypatch.setattr(os, "rename", refuse)


@pytest.mark.usefixtures("lower_layer")
def test_a_folder_that_cannot_be_renamed_is_moved_file_by_file(tmp_path: Path) -> None:
    before = old_folder(tmp_path)
    os.symlink("a", tmp_path / "old" / "link")
    before["link"] = "a"
    move_aside(str(tmp_path / "old"), str(tmp_path / "aside"))
    assert tree(tmp_path / "aside") == before
    assert os.readlink(tmp_path / "aside" / "link") == "a"
    assert not (tmp_path / "old").exists()
    move_back(str(tmp_path / "aside"), str(tmp_path / "old"))
    assert tree(tmp_path / "old") == before


@pytest.mark.usefixtures("lower_layer", "way")
@pytest.mark.parametrize("failing", range(1, 8))
def test_a_move_that_fails_on_the_way_is_taken_back(
    failing: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old_folder(tmp_path)
    calls = 0

    def fail(event: str) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO), event)

    with monkeypatch.context() as patch:
        for name in ("mkdir", "rmdir", "rename"):
            real = getattr(os, name)

            def call(*arguments: str, name: str = name, real: object = real) -> None:
                if name != "rename" or not os.path.isdir(arguments[0]):
                    fail(name)
                real(*arguments)  # type: ignore[operator]  # one of the three

            patch.setattr(os, name, call)
        with pytest.raises(OSError, match="Input/output error"):
            move_aside(str(tmp_path / "old"), str(tmp_path / "aside"))
    if (tmp_path / "aside").exists():
        move_back(str(tmp_path / "aside"), str(tmp_path / "old"))
    assert tree(tmp_path) == {"old": ""} | {f"old/{name}": text for name, text in before.items()}


@pytest.mark.parametrize("taken", ["a", "deep/c", "deep"])
def test_what_took_a_place_meanwhile_stays_and_so_does_what_was_there(taken: str, tmp_path: Path) -> None:
    old_folder(tmp_path)
    move_aside(str(tmp_path / "old"), str(tmp_path / "aside"))
    path = tmp_path / "old" / taken
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(FileExistsError) as caught:
        move_back(str(tmp_path / "aside"), str(tmp_path / "old"))
    assert caught.value.filename == str(path)
    assert path.read_text() == "mine"
    kept = {**tree(tmp_path / "aside"), **tree(tmp_path / "old")}
    assert {"a", "b", "deep/c", "deep/d"} <= kept.keys() | {taken}
    os.unlink(path)
    move_back(str(tmp_path / "aside"), str(tmp_path / "old"))
    assert tree(tmp_path / "old") == {"deep": "", "deep/empty": ""} | {x: x for x in ("a", "b", "deep/c", "deep/d")}


def test_file_systems_that_leave_out_names_or_list_old_ones_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir
    told: dict[str, list[os.DirEntry[str]]] = {}

    @contextmanager
    def odd(folder: str) -> Iterator[Iterator[os.DirEntry[str]]]:
        """Every other entry, and after them those of the last time."""
        with scandir(folder) as entries:
            now = list(entries)[::2]
        yield iter([*now, *told.get(folder, [])])
        told[folder] = now

    before = old_folder(tmp_path)
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside" / "deep").mkdir()
    monkeypatch.setattr(os, "scandir", odd)
    move_back(str(tmp_path / "old"), str(tmp_path / "aside"))
    monkeypatch.undo()
    assert tree(tmp_path) == {"aside": ""} | {f"aside/{name}": text for name, text in before.items()}


def test_a_file_of_the_stage_is_never_moved_over_another(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).write_text(name)
    move_new(str(tmp_path / "1"), str(tmp_path), "sub/a.png")
    with pytest.raises(FileExistsError) as caught:
        move_new(str(tmp_path / "2"), str(tmp_path), "sub/a.png")
    assert caught.value.filename == os.path.join(tmp_path, "sub/a.png")
    with pytest.raises(FileExistsError):
        write_new(str(tmp_path), "sub/a.png", b"3")
    assert (tmp_path / "sub/a.png").read_text() == "1"
    assert (tmp_path / "2").read_text() == "2"


@pytest.mark.skipif(sys.platform != "linux", reason="there is no such call elsewhere")
def test_linux_has_a_rename_that_replaces_nothing() -> None:
    assert renames._renameat2() is not None or not os.confstr("CS_GNU_LIBC_VERSION")
