"""Pictures that records only name: where they are looked for below ``image_root``, and what is not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from record_files import write
from tfrecords import detection, jpeg

from tfrecord_lite import InputError, RejectedInputError, convert

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
PICTURE = jpeg()


def place(path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(PICTURE)


def convert_one(name: str, root: str) -> list[str]:
    """The images that come of one record with the name of a picture and without its bytes."""
    write("x.tfrecord", detection(name, boxes=[(1, 1, 9, 9)], drop=["image/encoded"]))
    convert("x.tfrecord", "out", image_root=root, overwrite=True)
    return sorted(path.name for path in Path("out", "images", "x").rglob("*.jpg"))


def refusal(name: str, root: str) -> str:
    with pytest.raises(RejectedInputError) as caught:
        convert_one(name, root)
    assert not os.path.exists("out")
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.jpg", "deep/a.jpg", "deep\\a.jpg", "/data/elsewhere/a.jpg", "a", "./a.jpg"])
def test_a_picture_is_found_with_its_folders_or_by_its_last_name(name: str) -> None:
    place("root/a.jpg")
    assert convert_one(name, "root") == ["a.jpg"]


@pytest.mark.parametrize("found", ["a.jpg", "c/a.jpg", "b/c/a.jpg", "a/b/c/a.jpg"])
def test_a_picture_is_found_by_the_last_parts_of_its_path_the_longest_first(found: str) -> None:
    place(f"root/{found}")
    Path("root/d").mkdir()
    assert convert_one("/home/ana/a/b/c/a.jpg", "root") == ["a.jpg"]
    if found != "a.jpg":
        Path("root/a.jpg").write_bytes(b"another, which is no picture")
        assert convert_one("/home/ana/a/b/c/a.jpg", "root") == ["a.jpg"]


@pytest.mark.parametrize("end", ["", os.sep])
def test_the_root_of_the_file_system_is_a_folder_like_any_other(end: str) -> None:
    place("root/a.jpg")
    found = os.path.realpath(os.path.join("root", "a.jpg"))
    drive = os.path.splitdrive(found)[0]
    assert convert_one(os.path.relpath(found, drive + os.sep), drive + os.sep) == ["a.jpg"]
    assert convert_one("a.jpg", os.path.dirname(found) + end) == ["a.jpg"]


@pytest.mark.parametrize("name", ["../a.jpg", "b.jpg", "deep"])
def test_what_is_not_below_the_folder_is_not_found(name: str) -> None:
    place("a.jpg")
    place("root/deep/c.jpg")
    assert f"no picture '{name}' below the folder that image_root names" in refusal(name, "root")


@needs_links
def test_neither_links_that_lead_out_nor_pipes_nor_devices_are_read() -> None:
    place("outside/a.jpg")
    os.mkdir("root")
    os.symlink(os.path.join("..", "outside", "a.jpg"), "root/link.jpg")
    os.symlink("/dev/zero", "root/device.jpg")
    os.mkfifo("root/pipe.jpg")
    for name in ("link.jpg", "device.jpg", "pipe.jpg"):
        assert f"no picture '{name}'" in refusal(name, "root")


def test_a_picture_beyond_the_largest_record_is_refused_before_it_is_read_whole() -> None:
    place("root/a.jpg")
    os.truncate("root/a.jpg", 3 << 30)
    problem = "the picture 'a.jpg' has 3221225472 bytes, more than the 268435456 that max_record_size allows"
    assert problem in refusal("a.jpg", "root")


def test_a_root_that_is_no_folder_is_an_input_error() -> None:
    place("root/a.jpg")
    for root in ("root/a.jpg", "gone"):
        with pytest.raises(InputError, match="no such folder; image_root names the one"):
            convert_one("a.jpg", root)
