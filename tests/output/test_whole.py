"""A picture, a page, or a folder of pictures: there as a whole or not at all, also after a run that was killed."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from outputs import killed_before, stages

from tfrecord_lite import OutputError
from tfrecord_lite.output.lock import Lock
from tfrecord_lite.output.whole import whole_folder, write_whole

killing = pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is killed in the middle of its work")


def write_folder(path: Path, content: bytes) -> None:
    with whole_folder(str(path)) as folder:
        for name in ("1.jpg", "2.jpg"):
            Path(folder, name).write_bytes(content)


def in_folder(path: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in path.iterdir() if not each.name.startswith(".")}


@killing
@pytest.mark.parametrize("old", [b"old", None])
def test_a_file_whose_run_is_killed_is_the_old_one_or_the_new_one_once_the_next_run_ends(
    old: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    step = 1
    while True:
        path.unlink(missing_ok=True)
        if old is not None:
            path.write_bytes(old)
        if not killed_before(step, partial(write_whole, str(path), b"new", overwrite=True)):
            break
        with pytest.raises(RuntimeError), whole_folder(str(tmp_path / "page.html.")):
            raise RuntimeError  # a run into another output does not touch it
        left = stages(tmp_path)
        write_whole(str(path), b"third", overwrite=True)
        assert path.read_bytes() == b"third"
        assert os.listdir(tmp_path) == ["page.html"], left
        step += 1
    assert step > 5
    assert path.read_bytes() == b"new"


@killing
@pytest.mark.parametrize("is_there", [True, False])
def test_a_folder_whose_run_is_killed_is_complete_or_empty(is_there: bool, tmp_path: Path) -> None:
    path = tmp_path / "pictures"
    step = 1
    while True:
        if is_there:
            path.mkdir(exist_ok=True)
        if not killed_before(step, partial(write_folder, path, b"new")):
            break
        if not path.exists() or not in_folder(path) or len(in_folder(path)) < 2:
            write_folder(path, b"next")  # what is left of the one that was killed is in no one's way
            assert in_folder(path) == {"1.jpg": b"next", "2.jpg": b"next"}
        else:
            with pytest.raises(OutputError, match="no empty folder"):
                write_folder(path, b"next")
            assert in_folder(path) == {"1.jpg": b"new", "2.jpg": b"new"}
        for each in path.iterdir():
            each.unlink()
        path.rmdir()
        step += 1
    assert step > 5
    assert stages(tmp_path) == []


def test_a_folder_whose_writing_fails_is_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_folder(str(tmp_path / "deep" / "pictures")) as folder:
            Path(folder, "1.jpg").write_bytes(b"1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert os.listdir(tmp_path) == []


def test_a_second_run_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with Lock(str(tmp_path / ".page.html.partial-lock"), "it"), pytest.raises(OutputError, match="another run"):
        write_whole(str(path), b"x", overwrite=True)
    assert not path.exists()


def test_a_link_is_replaced_itself_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    path = tmp_path / "page.html"
    path.symlink_to("mine")
    write_whole(str(path), b"new", overwrite=True)
    assert not path.is_symlink()
    assert path.read_bytes() == b"new"
    assert (tmp_path / "mine").read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="no regular file"):
        write_whole(str(tmp_path / "pipe"), b"x", overwrite=True)
    with pytest.raises(OutputError, match="a folder"):
        write_whole(str(tmp_path / "folder"), b"x", overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["folder", "pipe"]


def test_nothing_is_replaced_without_leave(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    with pytest.raises(OutputError, match="already exists"):
        write_whole(str(path), b"new", overwrite=False)
    with pytest.raises(OutputError, match="no empty folder"):
        write_folder(tmp_path, b"new")
    with pytest.raises(OutputError, match="no empty folder"):
        write_folder(path, b"new")
    assert path.read_bytes() == b"old"
