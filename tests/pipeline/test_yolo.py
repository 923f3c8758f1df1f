"""The layout yolo: labels beside the images and data.yaml beside the COCO files, from the same conversion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numbered_pixels import gray
from record_files import write
from results import load
from tfrecords import detection, floats, ints, png, texts

from tfrecord_lite import OutputError, RejectedInputError, UsageError, convert
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
BOX = (16, 12, 32, 36)  # of 64 x 48 pixels: 0.375 0.5 0.25 0.5


def image(name: str, *classes: str, **more: Any) -> dict[str, bytes]:
    return detection(name, boxes=[BOX] * len(classes), texts=list(classes), **more)


def masks(*kinds: str) -> dict[str, bytes]:
    """A mask for each object: in one piece, or in two."""
    drawn = []
    for kind in kinds:
        pixels = np.zeros((48, 64), np.int64)
        pixels[12:36, 16:32] = 1
        if kind == "two":
            pixels[:, 20:24] = 0
        drawn.append(gray(pixels))
    return {"image/object/mask": texts(*drawn)}


def eyes() -> dict[str, bytes]:
    """Two keypoints of one object."""
    return {
        "image/object/keypoint/x": floats(0.5, 0.25),
        "image/object/keypoint/y": floats(0.5, 0.5),
        "image/object/keypoint/visibility": ints(2, 1),
        "image/object/keypoint/text": texts("left_eye", "right_eye"),
        "image/object/keypoint/num": ints(2),
    }


def labels(split: str = "train") -> dict[str, list[str]]:
    folder = Path("out/labels", split)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text().splitlines() for path in files}


def data() -> Any:
    return yaml.safe_load(Path("out/data.yaml").read_text(encoding="utf-8"))


def report(split: str = "train") -> Any:
    return load(f"out/reports/{split}.json")


def test_a_training_set_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    write("in/train.tfrecord", image("a.jpg", "dog", "cat"), image("sub/b.c.png", image=png()), image("d.jpg", "cat"))
    write("in/val.tfrecord", image("e.jpg", "cat"))
    assert main(["convert", "in", "-o", "out", "--layout", "yolo"]) == 0
    line = "0.375 0.5 0.25 0.5"
    assert labels() == {"a.txt": [f"0 {line}", f"1 {line}"], "d.txt": [f"1 {line}"], "sub/b.c.txt": []}
    assert labels("val") == {"e.txt": [f"1 {line}"]}
    assert data() == {"train": "images/train", "val": "images/val", "names": {0: "dog", 1: "cat"}}
    said = capsys.readouterr()
    assert said.err == ""
    for path in ("labels/train", "labels/val", "data.yaml", "annotations/instances_train.json", "images/train"):
        assert f"wrote {Path('out', path)}" in said.out.splitlines()


def test_numbers_count_from_0_and_the_report_says_the_ids() -> None:
    write("train.tfrecord", detection("a.jpg", boxes=[BOX], labels=[90]))
    convert("train.tfrecord", "out", layout="yolo", label_map={17: "cat", 90: "brush"})
    assert labels()["a.txt"] == ["1 0.375 0.5 0.25 0.5"]
    assert report()["yolo"] == {
        "task": "detect",
        "classes": {"0": {"id": 17, "name": "cat"}, "1": {"id": 90, "name": "brush"}},
    }


def test_masks_make_outlines_of_all_and_of_crowds_nothing() -> None:
    crowd = {"image/object/is_crowd": ints(0, 0, 1)}
    many = [image("a.jpg", "cat", "cat", "cat", **masks("one", "two", "one"), **crowd), image("b.jpg", "cat")]
    write("train.tfrecord", *many)
    convert("train.tfrecord", "out", layout="yolo")
    lines = labels()["a.txt"]
    assert [len(line.split()) for line in lines] == [9, 23]
    assert lines[0] == "0 0.25 0.25 0.5 0.25 0.5 0.75 0.25 0.75"
    assert labels()["b.txt"] == lines[:1]
    warnings = report()["warnings"]
    assert {code: warnings[code]["count"] for code in warnings} == {"yolo-crowd": 1, "yolo-mask-parts": 1}
    assert warnings["yolo-crowd"]["first"].startswith("a.jpg: a group that was not")
    convert("train.tfrecord", "out", layout="yolo", masks="none", overwrite=True)
    assert labels()["a.txt"] == ["0 0.375 0.5 0.25 0.5"] * 2


def test_keypoints_make_poses() -> None:
    points = eyes()
    write("train.tfrecord", image("a.jpg", "person", **points), image("b.jpg", "person"))
    convert("train.tfrecord", "out", layout="yolo")
    assert labels() == {
        "a.txt": ["0 0.375 0.5 0.25 0.5 0.5 0.5 2 0.25 0.5 1"],
        "b.txt": ["0 0.375 0.5 0.25 0.5 0 0 0 0 0 0"],
    }
    assert (data()["kpt_shape"], data()["flip_idx"]) == ([2, 3], [1, 0])
    write("train.tfrecord", image("a.jpg", "person", **points), image("b.jpg", "dog"))
    convert("train.tfrecord", "out", layout="yolo", overwrite=True)
    assert labels()["a.txt"] == ["0 0.375 0.5 0.25 0.5"]
    found = report()["warnings"]["yolo-keypoints"]
    assert found["count"] == 1
    assert "--only-class selects" in found["first"] or "only_classes selects" in found["first"]
    convert("train.tfrecord", "out", layout="yolo", overwrite=True, only_classes=["person"])
    assert report()["yolo"]["task"] == "pose"


def test_what_labels_cannot_say_is_counted_and_strict_minds() -> None:
    about = {"image/caption": texts("a cat", "a pet")}
    write("train.tfrecord", detection("a.jpg", boxes=[BOX, (64, 0, 70, 9)], texts=["cat", "dog"], **about))
    convert("train.tfrecord", "out", layout="yolo")
    warnings = report()["warnings"]
    assert (warnings["yolo-tasks"]["count"], warnings["yolo-box"]["count"]) == (2, 1)
    assert "yolo-box" not in convert("train.tfrecord", "b", layout="yolo", drop_classes=["dog"]).warning_counts
    with pytest.raises(RejectedInputError, match="yolo-tasks"):
        convert("train.tfrecord", "c", layout="yolo", strict=True)
    assert not Path("c").exists()


def test_folders_called_images_do_not_mislead() -> None:
    write("train.tfrecord", image("images/a.jpg", "cat"), image("x/images/a.jpg", "cat"))
    convert("train.tfrecord", "out", layout="yolo")
    pictures = sorted(path.as_posix() for path in Path("out/images/train").rglob("*.jpg"))
    assert pictures == ["out/images/train/images_/a.jpg", "out/images/train/x/images_/a.jpg"]
    assert list(labels()) == ["images_/a.txt", "x/images_/a.txt"]


def test_records_of_one_image_have_one_file() -> None:
    same = {"image/source_id": texts("1")}
    write("train.tfrecord", image("a.jpg", "cat", **same), image("b.jpg", "cat"), image("a.jpg", "dog", **same))
    convert("train.tfrecord", "out", layout="yolo", merge_images=True)
    assert [line[0] for line in labels()["a.txt"]] == ["0", "1"]
    convert("train.tfrecord", "out", layout="yolo", merge_images=True, overwrite=True, only_classes=["dog"])
    assert labels() == {"a.txt": ["0 0.375 0.5 0.25 0.5"], "b.txt": []}
    convert(
        "train.tfrecord", "out", layout="yolo", merge_images=True, overwrite=True, only_classes=["dog"],
        drop_empty_images=True,
    )  # fmt: skip
    assert list(labels()) == ["a.txt"]
    assert [path.name for path in Path("out/images/train").iterdir()] == ["a.jpg"]


def test_a_later_call_adds_its_split_and_keeps_the_numbers() -> None:
    write("train.tfrecord", image("a.jpg", "dog", "cat"))
    write("val.tfrecord", image("b.jpg", "cow", "cat"))
    (warning,) = convert("train.tfrecord", "out", layout="yolo").warnings
    assert warning.startswith("data.yaml has no images of its own for val, and names train there. split_ratio={")
    with pytest.raises(OutputError, match=r"data\.yaml: this already exists\. Replace it with overwrite"):
        convert("val.tfrecord", "out", layout="yolo")
    convert("val.tfrecord", "out", layout="yolo", overwrite=True)
    assert data() == {"train": "images/train", "val": "images/val", "names": {0: "dog", 1: "cat", 2: "cow"}}
    assert [line[0] for line in labels("val")["b.txt"]] == ["2", "1"]
    assert list(labels()) == ["a.txt"]


def test_a_later_call_adds_no_labels_of_another_kind() -> None:
    write("in/train.tfrecord", image("a.jpg", "person", **eyes()))
    write("in/val.tfrecord", image("b.jpg", "person"))
    convert("in/train.tfrecord", "out", layout="yolo")
    said = r"reports.train\.json: this split has labels of the kind pose with 2 keypoints, what is added detect"
    for dry_run in (True, False):
        with pytest.raises(OutputError, match=rf"{said}.*Convert all splits in one call, or name another output"):
            convert("in/val.tfrecord", "out", layout="yolo", overwrite=True, dry_run=dry_run)
    assert not Path("out/labels/val").exists()
    assert data()["kpt_shape"] == [2, 3]
    convert("in", "out", layout="yolo", overwrite=True)
    assert [len(line.split()) for line in labels()["a.txt"] + labels("val")["b.txt"]] == [11, 11]


def test_a_later_call_adds_no_poses_of_other_keypoints() -> None:
    write("train.tfrecord", image("a.jpg", "person", **eyes()))
    three = {
        "image/object/keypoint/x": floats(0.5, 0.25, 0.1),
        "image/object/keypoint/y": floats(0.5, 0.5, 0.1),
        "image/object/keypoint/visibility": ints(2, 1, 2),
        "image/object/keypoint/text": texts("left_eye", "right_eye", "nose"),
        "image/object/keypoint/num": ints(3),
    }
    write("val.tfrecord", image("b.jpg", "dog", **three))
    convert("train.tfrecord", "out", layout="yolo")
    with pytest.raises(OutputError, match="pose with 2 keypoints, what is added pose with 3 keypoints"):
        convert("val.tfrecord", "out", layout="yolo", overwrite=True)
    assert data()["kpt_shape"] == [2, 3]


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_images_are_not_replaced_without_their_labels(layout: str) -> None:
    write("train.tfrecord", image("a.jpg", "cat"))
    convert("train.tfrecord", "out", layout="yolo")
    write("train.tfrecord", image("b.jpg", "cat"))
    for dry_run in (True, False):
        with pytest.raises(OutputError, match="the split train has YOLO labels, which would be left beside other"):
            convert("train.tfrecord", "out", layout=layout, overwrite=True, dry_run=dry_run)
    assert list(labels()) == ["a.txt"]
    convert("train.tfrecord", "out", layout="yolo", overwrite=True)  # as the message says
    assert list(labels()) == ["b.txt"]


@pytest.mark.parametrize("layout", [None, "coco"])
@pytest.mark.parametrize("path", ["labels/train/mine.txt", "data.yaml"])
def test_labels_that_no_conversion_wrote_are_never_replaced(layout: str | None, path: str) -> None:
    write("train.tfrecord", image("a.jpg", "cat"))
    if layout is not None:
        convert("train.tfrecord", "out", layout=layout)
    mine = Path("out", path)
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("names: [mine]")
    for dry_run in (True, False):
        with pytest.raises(OutputError, match=r"is not replaced\. Move it away, or name another output"):
            convert("train.tfrecord", "out", layout="yolo", overwrite=True, dry_run=dry_run)
    assert mine.read_text() == "names: [mine]"
    mine.rename("moved")
    for _ in range(2):
        convert("train.tfrecord", "out", layout="yolo", overwrite=True)
        Path("out/labels/train.cache").write_bytes(b"as ultralytics leaves it")
    assert list(labels()) == ["a.txt"]


def test_following_the_advice_gives_validation_images_of_their_own() -> None:
    write("x.tfrecord", *(image(f"{number}.jpg", "cat") for number in range(30)))
    (warning,) = convert("x.tfrecord", "x", layout="yolo").warnings
    shares = json.loads(warning.split("split_ratio=")[1].split(" divides")[0])
    assert convert("x.tfrecord", "out", layout="yolo", split_ratio=shares).warnings == ()
    assert len(labels()) + len(labels("val")) == 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"write_images": False}, "the layout yolo has labels beside images"),
        ({"masks": "rle"}, "the layout yolo has polygons"),
    ],
)
def test_what_labels_need_is_not_left_out(options: dict[str, Any], message: str) -> None:
    write("x.tfrecord", image("a.jpg", "cat"))
    with pytest.raises(UsageError, match=message):
        convert("x.tfrecord", "out", layout="yolo", **options)


@pytest.mark.usefixtures("impatient")
def test_workers_make_no_difference_and_a_dry_run_says_the_same() -> None:
    names = ("cat", "dog", "cow")
    write(
        "x.tfrecord",
        *(
            image(f"{n}.jpg", *(names * 2)[n % 4 : n % 3 + 2], **masks(*["two"] * len((names * 2)[n % 4 : n % 3 + 2])))
            for n in range(30)
        ),
    )
    options: dict[str, Any] = {"layout": "yolo", "drop_classes": ["dog"], "split_ratio": {"train": 0.5, "val": 0.5}}
    trees = []
    for jobs in (1, 2):
        said = convert("x.tfrecord", "out", jobs=jobs, overwrite=True, dry_run=True, **options)
        done = convert("x.tfrecord", "out", jobs=jobs, overwrite=True, **options)
        assert said.as_json() == done.as_json() | {"status": "dry run"}
        trees.append({path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()})
    assert trees[0] == trees[1]
