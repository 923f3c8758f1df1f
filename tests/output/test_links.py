"""Links in an output are never followed: nothing is written, moved or removed through them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from outputs import old_records, stages, tree, write
from tfrecords import detection

import tfrecord_lite
from tfrecord_lite import OutputError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    before = tree(folder)
    yield
    assert tree(folder) == before


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
    with pytest.raises(OutputError, match="already exists"):
        tfrecord_lite.convert(records, tmp_path / "out")
    tfrecord_lite.convert(records, tmp_path / "out", overwrite=True)
    tfrecord_lite.convert(records, tmp_path / "single.json", overwrite=True)
    assert (tmp_path / "mine.json").read_text() == "mine"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["a.jpg"]
    assert (tmp_path / "mine" / "a.jpg").read_text() == "mine"
    for path in (tmp_path / "out/annotations/instances_train.json", tmp_path / "single.json"):
        assert not path.is_symlink()
        assert json.loads(path.read_text())["images"]


@pytest.mark.parametrize("name", ["a.jpg", "deep/a.jpg", "v.jpg"])
def test_a_folder_of_images_with_a_link_in_it_is_no_earlier_result(name: str, tmp_path: Path) -> None:
    records = write(tmp_path / "records", detection("a.jpg"), detection("deep/a.jpg"))
    output, pictures = tmp_path / "out.json", tmp_path / "pictures"
    tfrecord_lite.convert(records, output, images=pictures)
    tfrecord_lite.convert(records, output, images=pictures, overwrite=True)
    part = pictures / name.partition("/")[0]
    os.rename(part, tmp_path / "mine")
    os.symlink("../mine", part)
    with unchanged(tmp_path), pytest.raises(OutputError, match="not replaced"):
        tfrecord_lite.convert(records, output, images=pictures, overwrite=True)


def test_a_link_to_a_folder_of_images_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "pictures")
    records = old_records(tmp_path)
    for _ in range(2):
        tfrecord_lite.convert(records, tmp_path / "out.json", images=tmp_path / "pictures", overwrite=True)
    assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["a.jpg", "b.jpg", "v.jpg"]
    assert (tmp_path / "pictures").is_symlink()


def test_a_target_that_is_itself_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    os.symlink("real", tmp_path / "out")
    tfrecord_lite.convert(old_records(tmp_path), tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "annotations" / "instances_train.json").exists()
