"""Pictures that are not where the COCO file says, and records without any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from coco_datasets import SIZES, Dataset, keypoints, objects, run_lengths
from packing import packed, records

from tfrecord_lite import InputError, RejectedInputError, compare, convert, pack
from tfrecord_lite.commands.cli import main


def test_a_dataset_without_its_pictures_is_reported_with_what_names_them(tmp_path: Path) -> None:
    dataset = objects()
    (tmp_path / "elsewhere").mkdir()
    for name in SIZES:
        (tmp_path / "elsewhere" / f"{name}.png").write_bytes(dataset.files.pop(f"images/train/{name}.png"))
    path = dataset.write(tmp_path / "coco")
    with pytest.raises(InputError, match="image_root"):
        pack(path, tmp_path / "records")
    assert pack(path, tmp_path / "records", image_root=tmp_path / "elsewhere").images == 4


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_pictures_that_are_not_there_are_reported_once(
    jobs: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = objects()
    for name in ("one", "two", "four"):
        del dataset.files[f"images/train/{name}.png"]
    dataset.write(tmp_path / "coco")
    command = ["pack", str(tmp_path / "coco"), "-o", str(tmp_path / "records"), "-j", jobs]
    told = "image 1: file_name: 3 of 4 pictures not in "
    assert main(command) == 1
    (line, last) = capsys.readouterr().err.splitlines()
    assert told in line
    assert line.endswith("all pictures with --no-pictures")
    assert last == "tfrecord2coco: 1 problem found, nothing was published"
    assert main([*command, "--on-error=skip"]) == 0
    assert [told in line for line in capsys.readouterr().err.splitlines()].count(True) == 1
    assert len(records(tmp_path)) == 1


@pytest.mark.parametrize("make", [objects, run_lengths, keypoints])
def test_records_without_pictures_say_all_else(make: Callable[[], Dataset], tmp_path: Path) -> None:
    dataset = make()
    dataset.files.clear()
    result = packed(dataset, tmp_path, pictures=False, verify=True)
    assert result.compared is not None
    assert result.compared.equal
    assert all("image/encoded" not in each and each.ints("image/width") for each in records(tmp_path))
    convert(tmp_path / "records", tmp_path / "back")
    assert compare(tmp_path / "coco", tmp_path / "back").equal


def test_records_without_pictures_need_the_sizes_of_these(tmp_path: Path) -> None:
    dataset = objects()
    del dataset.images[1]["width"]
    with pytest.raises(RejectedInputError, match="image 2: width: the size is 'None' by '75'"):
        packed(dataset, tmp_path, pictures=False)
