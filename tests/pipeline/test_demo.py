"""The first minute: drawn records and the dataset that they become."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from results import digests, load

from tfrecord_lite import read_examples
from tfrecord_lite.pipeline.demo import run_demo


def test_the_demo_draws_two_splits_and_converts_them(tmp_path: Path) -> None:
    paths, summary = run_demo(str(tmp_path / "demo"))
    assert all(Path(path).is_file() for path in paths)
    assert {split.split for split in summary.splits} == {"train", "val"}
    assert all(not split.findings and not split.problem_count for split in summary.splits)
    assert (tmp_path / "demo" / "coco" / "annotations" / "instances_train.json").is_file()
    assert summary.label_map is not None
    assert summary.categories == 3


def test_every_box_is_where_its_shape_is_drawn(tmp_path: Path) -> None:
    run_demo(str(tmp_path))
    for split in ("train", "val"):
        coco = load(tmp_path / "coco" / "annotations" / f"instances_{split}.json")
        for entry in coco["images"]:
            with Image.open(tmp_path / "coco" / "images" / split / entry["file_name"]) as picture:
                assert picture.size == (entry["width"], entry["height"])
                drawn = ImageChops.difference(picture, Image.new("RGB", picture.size, picture.getpixel((0, 0))))
            boxes = [each["bbox"] for each in coco["annotations"] if each["image_id"] == entry["id"]]
            assert boxes
            for x, y, width, height in boxes:
                assert drawn.crop((int(x), int(y), int(x + width), int(y + height))).getbbox() == (0, 0, width, height)
                drawn.paste((0, 0, 0), (int(x), int(y), int(x + width), int(y + height)))
            assert drawn.getbbox() is None, "nothing is drawn without a box"


def test_a_second_demo_replaces_the_first(tmp_path: Path) -> None:
    run_demo(str(tmp_path))
    before = digests(tmp_path)
    run_demo(str(tmp_path))
    assert digests(tmp_path) == before


@pytest.mark.parametrize("implementation", ["upb", "python"])
def test_the_demo_is_the_same_everywhere_byte_for_byte(implementation: str, tmp_path: Path) -> None:
    run_demo(str(tmp_path / "here"))
    script = "import sys; from tfrecord_lite.pipeline.demo import run_demo; run_demo(sys.argv[1])"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation}
    subprocess.run([sys.executable, "-c", script, tmp_path / "there"], env=environment, check=True)
    assert digests(tmp_path / "there") == digests(tmp_path / "here")


def test_its_records_are_of_the_object_detection_vocabulary(tmp_path: Path) -> None:
    paths, _ = run_demo(str(tmp_path))
    found = list(read_examples(paths))
    assert len(found) == 12
    for each in found:
        assert {"image/encoded", "image/filename", "image/object/bbox/xmin", "image/object/class/text"} <= set(each)
