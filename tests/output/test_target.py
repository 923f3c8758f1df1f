"""Where the output goes: both layouts of a dataset folder, and a single JSON file with or without pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from results import digests, files, load
from tfrecords import detection, jpeg, shard

from tfrecord_lite import OutputError, UsageError, convert


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two splits, three images."""
    folder = tmp_path / "records"
    folder.mkdir()
    first, second = detection("a.jpg", boxes=[(1, 1, 9, 9)]), detection("sub/b.jpg")
    (folder / "train.tfrecord").write_bytes(shard(first, second))
    (folder / "val.tfrecord").write_bytes(shard(detection("v.jpg", boxes=[(1, 1, 9, 9)])))
    return folder


# ------------------------------------------------------------------------------------------------- a dataset folder
COCO = {
    "annotations/instances_train.json",
    "annotations/instances_val.json",
    "images/train/a.jpg",
    "images/train/sub/b.jpg",
    "images/val/v.jpg",
    "reports/train.json",
    "reports/val.json",
}
ROBOFLOW = {
    "train/_annotations.coco.json",
    "train/a.jpg",
    "train/sub/b.jpg",
    "val/_annotations.coco.json",
    "val/v.jpg",
    "reports/train.json",
    "reports/val.json",
}


@pytest.mark.parametrize(("layout", "expected"), [("coco", COCO), ("roboflow", ROBOFLOW)])
def test_a_dataset_folder_has_annotations_images_and_reports(
    layout: str, expected: set[str], records: Path, tmp_path: Path
) -> None:
    summary = convert(records, tmp_path / "out", layout=layout)
    assert files(tmp_path / "out") == expected
    wanted = sorted(name for name in expected if name.endswith("coco.json") or "instances" in name)
    assert [Path(path).relative_to(tmp_path / "out").as_posix() for path in summary.files] == wanted
    for path, split in zip(summary.files, ("train", "val"), strict=True):
        folder = tmp_path / "out" / ("images" if layout == "coco" else ".") / split
        for image in load(Path(path))["images"]:
            assert (folder / image["file_name"]).is_file()


@pytest.mark.parametrize(("layout", "expected"), [("coco", COCO), ("roboflow", ROBOFLOW)])
def test_annotations_alone_need_no_images(layout: str, expected: set[str], records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "out", layout=layout, write_images=False)
    assert files(tmp_path / "out") == {name for name in expected if name.endswith(".json")}


def test_both_layouts_hold_the_same_annotations(records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "coco")
    convert(records, tmp_path / "roboflow", layout="roboflow")
    for split in ("train", "val"):
        coco = tmp_path / "coco" / "annotations" / f"instances_{split}.json"
        assert coco.read_bytes() == (tmp_path / "roboflow" / split / "_annotations.coco.json").read_bytes()


def test_another_split_may_join_a_dataset_that_is_there(records: Path, tmp_path: Path) -> None:
    convert(records / "train.tfrecord", tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    convert(records / "val.tfrecord", tmp_path / "out")
    assert files(tmp_path / "out") == COCO | {"mine.txt"}


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_a_split_that_is_there_is_not_replaced_unless_that_is_asked_for(
    layout: str, records: Path, tmp_path: Path
) -> None:
    convert(records, tmp_path / "out", layout=layout)
    before = files(tmp_path / "out")
    (records / "val.tfrecord").write_bytes(shard(detection("new.jpg", image=jpeg(9, 9))))
    with pytest.raises(OutputError, match="overwrite=True") as caught:
        convert(records / "val.tfrecord", tmp_path / "out", layout=layout)
    assert Path(caught.value.path).exists()
    assert files(tmp_path / "out") == before
    convert(records / "val.tfrecord", tmp_path / "out", layout=layout, overwrite=True)
    assert files(tmp_path / "out") == {name.replace("v.jpg", "new.jpg") for name in before}


@pytest.mark.parametrize("part", ["images/train", "reports/train.json", "annotations/instances_train.json"])
def test_any_part_of_a_split_that_is_there_is_in_the_way(part: str, records: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / part).mkdir(parents=True)
    with pytest.raises(OutputError, match="already exists"):
        convert(records, tmp_path / "out")
    convert(records, tmp_path / "out", overwrite=True)
    assert files(tmp_path / "out") == COCO


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_new_annotations_without_images_leave_the_images_that_are_there(
    layout: str, records: Path, tmp_path: Path
) -> None:
    convert(records, tmp_path / "out", layout=layout)
    before = files(tmp_path / "out")
    convert(records, tmp_path / "out", layout=layout, write_images=False, overwrite=True)
    assert files(tmp_path / "out") == before


def test_a_file_in_the_place_of_the_folder_is_never_replaced(records: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="not a folder"):
            convert(records, tmp_path / "out", overwrite=overwrite)
    assert (tmp_path / "out").read_text() == "mine"


def test_odd_names_of_outputs_are_refused_in_words(records: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    with pytest.raises(OutputError, match="this exists and is not a folder"):
        convert(records, f"{mine}/")
    assert mine.read_text() == "mine"
    with pytest.raises(UsageError, match="the name of the output is empty"):
        convert(records, "")


def test_a_later_split_that_differs_in_case_only_is_refused(records: Path, tmp_path: Path) -> None:
    convert(records / "train.tfrecord", tmp_path / "out")
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="the split train is here, and Train differs in case only"):
            convert(records / "val.tfrecord", tmp_path / "out", split="Train", overwrite=overwrite)
    convert(records / "val.tfrecord", tmp_path / "out", split="other")  # as the message says


def test_an_empty_folder_is_as_good_as_none(records: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    convert(records, tmp_path / "out")
    assert files(tmp_path / "out") == COCO


def test_nothing_is_read_before_it_is_clear_where_the_output_goes(records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "out")
    (records / "train.tfrecord").write_bytes(b"damaged")
    with pytest.raises(OutputError):
        convert(records, tmp_path / "out")


# ------------------------------------------------------------------------------------------------ a single JSON file
def test_a_json_file_is_that_one_file(records: Path, tmp_path: Path) -> None:
    summary = convert(records, tmp_path / "deep" / "out.json")
    assert files(tmp_path / "deep") == {"out.json"}
    assert summary.files == (str(tmp_path / "deep" / "out.json"),)
    coco = load(tmp_path / "deep" / "out.json")
    assert [image["file_name"] for image in coco["images"]] == ["a.jpg", "sub/b.jpg", "v.jpg"]
    assert [image["id"] for image in coco["images"]] == [1, 2, 3]
    assert [split.split for split in summary.splits] == ["out"]


def test_images_go_into_a_folder_where_one_is_named(records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "out.JSON", images=tmp_path / "deep" / "pictures")
    assert files(tmp_path / "deep") == {"pictures/a.jpg", "pictures/sub/b.jpg", "pictures/v.jpg"}
    assert len(load(tmp_path / "out.JSON")["images"]) == 3


def test_an_empty_folder_of_images_is_filled(records: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    convert(records, tmp_path / "out.json", images=tmp_path / "pictures")
    assert files(tmp_path / "pictures") == {"a.jpg", "sub/b.jpg", "v.jpg"}


def test_the_images_of_an_earlier_result_are_replaced_as_a_whole_where_that_is_asked_for(
    records: Path, tmp_path: Path
) -> None:
    output, pictures = tmp_path / "out.json", tmp_path / "pictures"
    convert(records, output, images=pictures)
    pictures.chmod(0o750)
    (records / "train.tfrecord").write_bytes(shard(detection("new.jpg")))
    with pytest.raises(OutputError, match="overwrite=True"):
        convert(records, output, images=pictures)
    assert files(pictures) == {"a.jpg", "sub/b.jpg", "v.jpg"}
    convert(records, output, images=pictures, overwrite=True)
    assert files(pictures) == {"new.jpg", "v.jpg"}
    assert pictures.stat().st_mode & 0o777 == 0o750 or os.name == "nt"
    assert [image["file_name"] for image in load(output)["images"]] == ["new.jpg", "v.jpg"]


@pytest.mark.parametrize(
    "changes",
    [
        {"pictures/mine.jpg": b"mine"},
        {"pictures/sub/mine.jpg": b"mine"},
        {"pictures/a.jpg": None},
        {"pictures/a.jpg": None, "pictures/mine.jpg": b"mine"},
        {"out.json": None},
        {"out.json": b"mine"},
        {"out.json": b""},
        {"out.json": b'{"images": [{"file_name": "a.jpg"}, {"file_name": "sub/b.jpg"}, {"file_name": "v.jpg"}]}'},
        {"out.json": b'{"info":{}\n{"file_name":"a.jpg"},\n{"file_name":"sub/b.jpg"},\n{"file_name":"v.jpg"}\n'},
        {"out.json": b'{"info":{}\n[]\n],\n'},
        {"out.json": b'{"info":{}\n{}\n],\n'},
        {"out.json": b'{"info":{}\n\xff\n],\n'},
    ],
    ids=str,
)
def test_a_folder_with_anything_but_the_images_of_the_json_is_never_replaced(
    changes: dict[str, bytes | None], records: Path, tmp_path: Path
) -> None:
    output, pictures = tmp_path / "out.json", tmp_path / "pictures"
    convert(records, output, images=pictures)
    for name, content in changes.items():
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_bytes(content)
    before = digests(tmp_path)
    with pytest.raises(OutputError, match="new folder for images"):
        convert(records, output, images=pictures, overwrite=True)
    assert digests(tmp_path) == before


@pytest.mark.parametrize("images", ["out", "out/x.json", ".", "out/../out/"])
def test_the_json_cannot_lie_in_the_folder_of_its_images(images: str, records: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match='layout="roboflow"'):
        convert(records, tmp_path / "out" / "x.json", images=os.path.join(tmp_path, images))
    assert not (tmp_path / "out").exists()


def test_images_may_lie_in_a_folder_beside_the_json(records: Path, tmp_path: Path) -> None:
    for _ in range(2):
        convert(records, tmp_path / "out" / "coco.json", images=tmp_path / "out" / "images", overwrite=True)
        assert files(tmp_path / "out") == {"coco.json", "images/a.jpg", "images/sub/b.jpg", "images/v.jpg"}


def test_a_json_file_that_is_there_is_not_replaced_unless_that_is_asked_for(records: Path, tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("mine")
    with pytest.raises(OutputError, match="overwrite=True"):
        convert(records, tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "mine"
    convert(records, tmp_path / "out.json", overwrite=True)
    assert len(load(tmp_path / "out.json")["images"]) == 3


def test_a_folder_in_the_place_of_the_json_is_never_replaced(records: Path, tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="folder"):
            convert(records, tmp_path / "out.json", overwrite=overwrite)


def test_no_images_wins_over_a_folder_for_them(records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "out.json", images=tmp_path / "pictures", write_images=False)
    assert not (tmp_path / "pictures").exists()


# ------------------------------------------------------------------------------------------------------------- usage
@pytest.mark.parametrize(
    ("output", "options", "said"),
    [
        ("out", {"images": "pictures"}, "images"),
        ("out.json", {"layout": "roboflow"}, "folder"),
        ("out", {"layout": "voc"}, "layout"),
        ("out.json", {"layout": "yolo"}, "folder"),
        (".json", {}, "name"),
        ("out", {"split": "../evil"}, "split"),
        ("out", {"split": "a/b"}, "split"),
        ("out", {"split": ""}, "split"),
        ("out", {"split": ".."}, "split"),
    ],
)
def test_what_cannot_be_written_as_asked_is_a_usage_error(
    output: str, options: dict[str, Any], said: str, records: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=said):
        convert(records, os.path.join(tmp_path, output), **options)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]
