"""What is staged is counted before it is published: COCO files, pictures and report agree in number."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_files import write
from results import load
from tfrecords import detection

import tfrecord_lite
from tfrecord_lite import OutputError
from tfrecord_lite.coco.write.agreement import check_numbers, count_entries

Harm = Callable[[Path], object]


def cut_images(stage: Path) -> None:
    """Takes an image out of every COCO file."""
    for path in stage.rglob("*.json"):
        if "images" in (content := path.read_text()) and "licenses" in content:
            path.write_text("\n".join(line for line in content.split("\n") if "a.jpg" not in line))


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda stage: next(stage.rglob("a.jpg")).unlink(), r"holds 1 files, expected 2"),
        (lambda stage: next(stage.rglob("a.jpg")).with_name("x.jpg").touch(), r"holds 3 files, expected 2"),
        (cut_images, r"holds 1 images, expected 2"),
    ],
    ids=["a file is gone", "a file more", "an entry is gone"],
)
def test_what_does_not_agree_is_not_published(
    harm: Harm, said: str, layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[(1, 1, 9, 9)]), detection("sub/b.jpg"))

    def harmed(root: str, *arguments: Any, **options: Any) -> None:
        harm(Path(root))
        check_numbers(root, *arguments, **options)

    monkeypatch.setattr("tfrecord_lite.pipeline.conversion.convert.check_numbers", harmed)
    with pytest.raises(OutputError, match=said):
        tfrecord_lite.convert(records, tmp_path / "out", layout=layout)
    assert os.listdir(tmp_path) == ["x.tfrecord"]


@pytest.mark.parametrize("images", [0, 1, 3])
@pytest.mark.parametrize("boxes", [0, 2])
def test_entries_are_counted_as_a_reader_of_json_counts_them(images: int, boxes: int, tmp_path: Path) -> None:
    records = [detection(f"{number}.jpg", boxes=[(1, 1, 9, 9)] * boxes) for number in range(images)]
    path = tmp_path / "out.json"
    tfrecord_lite.convert(write(tmp_path / "x.tfrecord", *records), path, allow_empty=True)
    content = load(path)
    assert count_entries(str(path), "images") == len(content["images"]) == images
    assert count_entries(str(path), "annotations") == len({each["image_id"] for each in content["annotations"]})
