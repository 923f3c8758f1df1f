"""The size of an image is what its COCO file says, though its picture is at hand: other readers believe the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from record_files import picture, write

from tfrecord_lite import compare, convert


@pytest.mark.parametrize("other", ["x.tfrecord", "a"], ids=["records", "coco"])
def test_a_file_that_says_another_size_than_its_picture_has_differs(other: str, tmp_path: Path) -> None:
    records = write(tmp_path / "x.tfrecord", picture("a.png"))
    for name in ("a", "b"):
        convert(records, tmp_path / name)
    path = tmp_path / "b" / "annotations" / "instances_x.json"
    content = json.loads(path.read_text())
    content["images"][0]["width"] += 1
    path.write_text(json.dumps(content))
    found = compare(tmp_path / other, tmp_path / "b")
    assert [(each.kind, each.count) for each in found.differences] == [("image-size", 1)]
