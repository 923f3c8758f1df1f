"""The first minute: drawn records, the dataset that they become, and what there is to look at."""

from __future__ import annotations

import os
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from results import digests, load

from tfrecord_lite import OutputError, read_examples, read_samples
from tfrecord_lite.commands.cli import main
from tfrecord_lite.pipeline.demos.demo import Demo, run_demo
from tfrecord_lite.pipeline.demos.scene import KEYPOINTS, NAMES, SIZE, Scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Demo:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        made = run_demo("my demo")
    return Demo(tuple(str(folder / path) for path in made.records), made.summary, made.sheet)


def test_it_draws_two_splits_and_converts_them(demo: Demo, folder: Path) -> None:
    assert all(Path(path).is_file() for path in demo.records)
    assert {split.split for split in demo.summary.splits} == {"train", "val"}
    assert all(not split.findings and not split.problem_count for split in demo.summary.splits)
    assert (folder / "my demo" / "coco" / "annotations" / "instances_train.json").is_file()
    assert demo.summary.label_map is not None
    assert demo.summary.categories == len(NAMES)


def test_it_ends_with_something_to_look_at(demo: Demo, folder: Path) -> None:
    with Image.open(folder / "my demo" / "sheet.png") as sheet:
        assert sheet.width == 1600
    assert (folder / "my demo" / "page.html").read_bytes().startswith(b"<!doctype html>")
    assert (demo.sheet.shown, demo.sheet.warnings, demo.sheet.notes) == (12, {}, ())


def test_it_has_every_class_masks_with_a_hole_keypoints_and_a_crowd(demo: Demo, folder: Path) -> None:
    coco = load(folder / demo.summary.files[0])
    names = {entry["id"]: entry["name"] for entry in coco["categories"]}
    objects = coco["annotations"]
    assert {names[each["category_id"]] for each in objects} == set(NAMES)
    assert any(each["iscrowd"] for each in objects)
    people = [each for each in objects if names[each["category_id"]] == "person" and not each["iscrowd"]]
    assert all(each["num_keypoints"] == len(KEYPOINTS) == 17 for each in people)
    buoy = next(each for each in objects if names[each["category_id"]] == "lifebuoy")
    assert buoy["segmentation"]
    assert buoy["area"] < 0.75 * buoy["bbox"][2] * buoy["bbox"][3]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_drawn_is_where_the_scene_says(seed: int) -> None:
    picture, things = Scene(random.Random(seed)).finish()
    assert picture.size == SIZE
    assert {thing.name for thing in things} <= set(NAMES)
    for thing in things:
        left, top, right, bottom = thing.mask.getbbox() or (0, 0, 0, 0)
        assert right > left
        assert bottom > top
        assert len(thing.keypoints) in (0, len(KEYPOINTS))
        assert all(visibility in (1, 2) for _, _, visibility in thing.keypoints)


@pytest.mark.parametrize("seed", range(4))
def test_keypoints_are_on_their_person(seed: int) -> None:
    scene = Scene(random.Random(seed))
    people = [thing for thing in scene.finish()[1] if thing.keypoints]
    last = people[-1]  # nobody stands before the last one
    points = [(round(x), round(y)) for x, y, visibility in last.keypoints if visibility == 2]
    inside = [last.mask.getpixel(point) == 255 for point in points if 0 <= point[0] < SIZE[0]]
    assert sum(inside) >= 0.8 * len(inside)


def test_nothing_is_seen_at_two_places_at_once() -> None:
    _, things = Scene(random.Random(5)).finish()
    covered = Image.new("L", SIZE)
    total = 0
    for thing in things:
        total += thing.mask.histogram()[255]
        covered.paste(255, mask=thing.mask)
    assert total - covered.histogram()[255] < 0.01 * total, "but for the edges between them"


def test_a_second_demo_replaces_the_first_and_the_lines_that_it_prints_can_be_pasted(
    demo: Demo, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    before = digests(folder)
    assert main(["demo", "-o", "my demo"]) == 0
    assert digests(folder) == before
    lines = [shlex.split(line[2:]) for line in capsys.readouterr().out.splitlines() if line.startswith("$ ")]
    assert [words[:2] for words in lines[:-1]] == [["tfrecord2coco", "convert"], ["tfrecord2coco", "preview"]]
    for words in lines[:-1]:
        assert main(words[1:]) == 0
    assert digests(folder) == before
    assert (folder / lines[-1][-1]).is_file(), "the line that opens the page"
    assert demo.summary.page is not None


def test_its_records_are_the_same_everywhere_byte_for_byte(folder: Path, demo: Demo, tmp_path: Path) -> None:
    script = "import sys; from tfrecord_lite.pipeline.demos.demo import write_records; write_records(sys.argv[1])"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    subprocess.run([sys.executable, "-c", script, tmp_path], env=environment, check=True)
    assert demo.records
    assert digests(tmp_path) == digests(folder / "my demo" / "records")


def test_its_records_are_of_the_object_detection_vocabulary(demo: Demo) -> None:
    found = list(read_examples(demo.records))
    assert len(found) == 12
    for each in found:
        assert {"image/encoded", "image/filename", "image/object/bbox/xmin", "image/object/class/text"} <= set(each)
    assert all(sample.image.format == "jpeg" for sample in read_samples(demo.records))


@pytest.mark.parametrize("name", ["records", "coco"])
def test_folders_of_somebody_else_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "train-00000-of-00002.tfrecord").write_bytes(b"mine")
    with pytest.raises(OutputError, match="of no earlier demo"):
        run_demo(str(tmp_path))
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"mine"]
