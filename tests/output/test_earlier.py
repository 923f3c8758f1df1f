"""With leave to replace, what an earlier conversion wrote is replaced, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from outputs import old_records

from tfrecord_lite import OutputError, convert


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_pictures_that_no_earlier_conversion_wrote_are_not_replaced(layout: str, tmp_path: Path) -> None:
    records, out = old_records(tmp_path), tmp_path / "out"
    images = out / ("images/train" if layout == "coco" else "train")
    convert(records, out, layout=layout)
    convert(records, out, layout=layout, overwrite=True)
    (images / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(OutputError, match="holds other files than the images of"):
        convert(records, out, layout=layout, overwrite=True)
    with pytest.raises(OutputError, match="holds other files than the images of"):
        convert(records, out, layout=layout, overwrite=True, dry_run=True)
    assert (images / "mine.jpg").read_bytes() == b"mine"
    shutil.rmtree(out)
    images.mkdir(parents=True)
    convert(records, out, layout=layout, overwrite=True)  # an empty folder is in nobody's way


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "sub/.DS_Store"])
def test_what_systems_leave_in_a_folder_does_not_matter(name: str, tmp_path: Path) -> None:
    records, images = old_records(tmp_path), tmp_path / "out" / "images" / "train"
    convert(records, tmp_path / "out")
    written = sorted(path for path in images.rglob("*") if path.is_file())
    (images / name).parent.mkdir(exist_ok=True)
    (images / name).touch()
    convert(records, tmp_path / "out", overwrite=True)
    assert sorted(path for path in images.rglob("*") if path.is_file()) == written


@pytest.mark.parametrize("name", ["captions_train.json", "panoptic_train"])
def test_files_of_other_tasks_that_no_earlier_conversion_wrote_are_not_removed(name: str, tmp_path: Path) -> None:
    mine = tmp_path / "out" / "annotations" / name
    mine.mkdir(parents=True)
    (mine.parent / "instances_train.json").write_text("{}")
    with pytest.raises(OutputError, match="no earlier conversion wrote this"):
        convert(old_records(tmp_path), tmp_path / "out", overwrite=True)
    assert mine.exists()
    mine.rmdir()
    convert(old_records(tmp_path), tmp_path / "out", overwrite=True)
