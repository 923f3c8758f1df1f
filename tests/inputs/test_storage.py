"""The one place that opens inputs: what it reads, and what it does not open."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tfrecord_lite.inputs.storage import find_below, kind_of, open_input, place_of, read_sidecar, read_start, status_of

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")


def test_a_file_has_a_size_and_a_version_that_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"abc")
    os.utime(file, ns=(1, 1))
    before = status_of(str(file))
    os.utime(file, ns=(1, 2))
    after = status_of(str(file))
    assert before is not None
    assert after is not None
    assert before.size == after.size == 3
    assert before.version != after.version
    assert status_of(str(tmp_path)) is None
    assert status_of("-") is None
    with pytest.raises(FileNotFoundError):
        status_of(str(tmp_path / "gone"))


@needs_links
@needs_pipes
def test_what_a_path_leads_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for link in ("file", "pipe", "gone", "."):
        os.symlink(link, tmp_path / f"link to {link}")
    os.symlink("itself", tmp_path / "itself")
    kinds = {entry.name: (entry.kind, entry.is_link) for entry in place_of(str(tmp_path)).entries(str(tmp_path))}
    assert kinds == {
        "file": ("file", False),
        "itself": ("nothing", True),
        "link to .": ("folder", True),
        "link to file": ("file", True),
        "link to gone": ("nothing", True),
        "link to pipe": ("other", True),
        "pipe": ("other", False),
    }
    assert {name: kind_of(str(tmp_path / name)) for name in kinds} == {name: kind for name, (kind, _) in kinds.items()}
    assert kind_of("no\0path") == "nothing"


def test_a_file_is_read_from_its_start_up_to_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"abcdef")
    assert [read_start(str(file), most) for most in (0, 3, 6, 7)] == [b"", b"abc", b"abcdef", b"abcdef"]


@needs_pipes
def test_a_pipe_that_is_named_is_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["sh", "-c", "(printf ab; sleep 0.1; printf c) > pipe"], cwd=tmp_path):
        assert read_start(str(tmp_path / "pipe"), 100) == b"abc"


def test_an_error_while_reading_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone") as caught, open_input(str(tmp_path / "gone")):
        pass
    assert caught.value.filename == str(tmp_path / "gone")
    with pytest.raises(OSError, match="it broke") as caught, open_input("-"):
        raise OSError(5, "it broke")
    assert caught.value.filename == "standard input"


@needs_pipes
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "large", "sparse", "gone", "impossible"])
def test_a_sidecar_that_is_no_file_of_bearable_size_is_none(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "large":
            path.write_bytes(bytes(11))
        case "sparse":
            with path.open("wb") as file:
                file.truncate(3 << 30)
    assert read_sidecar("no\0path" if kind == "impossible" else str(path), 10) is None


def test_a_sidecar_that_grew_since_it_was_looked_at_is_none(tmp_path: Path) -> None:
    sizes = Path("/sys/kernel/notes"), Path("/proc/self/status")  # files that say they have no size, or less
    for path in filter(Path.exists, sizes):
        assert read_sidecar(str(path), 10) is None
    (tmp_path / "x").write_bytes(b"0123456789")
    assert read_sidecar(str(tmp_path / "x"), 10) == b"0123456789"


def test_a_file_is_found_below_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root" / "deep").mkdir(parents=True)
    for name in ("outside", "root/a", "root/deep/b", "rooted"):
        (tmp_path / name).touch()
    root = str(tmp_path / "root")
    assert find_below(root, "a") == os.path.join(os.path.realpath(root), "a")
    assert find_below(root, os.path.join("deep", "b")) is not None
    assert find_below(root + os.sep, "a") is not None
    for path in ("deep", "gone", os.path.join("..", "outside"), os.path.join("..", "rooted"), "a\0b"):
        assert find_below(root, path) is None
    monkeypatch.chdir(root)
    assert find_below(".", "a") is not None


def test_a_file_is_found_below_the_root_of_the_file_system(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.touch()
    root = os.path.splitdrive(os.path.realpath(file))[0] + os.sep
    assert find_below(root, os.path.relpath(os.path.realpath(file), root)) == os.path.realpath(file)


@needs_links
def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").touch()
    (tmp_path / "root" / "inside").touch()
    os.symlink(os.path.join("..", "outside"), tmp_path / "root" / "out")
    os.symlink("inside", tmp_path / "root" / "in")
    os.symlink("root", tmp_path / "link")
    assert find_below(str(tmp_path / "root"), "out") is None
    assert find_below(str(tmp_path / "root"), "in") is not None
    assert find_below(str(tmp_path / "link"), "inside") is not None
