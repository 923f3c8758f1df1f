"""A hundred images to try, a sample, a split by shares: the same for every number of workers and all sets of shards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numbered_pixels import gray
from record_files import write
from results import load
from tfrecords import detection, jpeg, shard, texts

from tfrecord_lite import RejectedInputError, UsageError, convert
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def numbered(number: int, **more: bytes) -> dict[str, bytes]:
    """A picture of its own, with a box of one of three classes."""
    color = (number % 256, number // 256, 7)
    name = ("cat", "dog", "cow")[number % 3]
    return detection(f"{number:03}.jpg", boxes=[(1, 1, 9, 9)], texts=[name], image=jpeg(64, 48, color), **more)


def read(split: str, folder: str = "out") -> Any:
    return load(f"{folder}/annotations/instances_{split}.json")


def names(split: str, folder: str = "out") -> list[str]:
    return [each["file_name"] for each in read(split, folder)["images"]]


def report(split: str) -> Any:
    return load(f"out/reports/{split}.json")


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------------------------------- the first images
def test_the_first_images_of_each_split_are_taken_and_nothing_after_them_is_read() -> None:
    damaged = shard(*map(numbered, range(5))) + b"damage that is not met"
    Path("train-0.tfrecord").write_bytes(damaged)
    write("train-1.tfrecord", b"no Example")
    write("val.tfrecord", *map(numbered, range(10, 12)))
    summary = convert(["train-0.tfrecord", "train-1.tfrecord", "val.tfrecord"], "out", limit=3, jobs=2)
    assert (names("train"), names("val")) == (["000.jpg", "001.jpg", "002.jpg"], ["010.jpg", "011.jpg"])
    assert sorted(path.name for path in Path("out/images/train").iterdir()) == names("train")
    assert report("train")["chosen"] == {"limit": 3}
    assert [each["file"] for each in report("train")["inputs"]] == ["train-0.tfrecord"]
    assert summary.images == 5


def test_the_first_images_come_with_all_their_records() -> None:
    many = [numbered(number, **{"image/source_id": texts(str(number))}) for number in (0, 1, 2, 1, 0)]
    write("train.tfrecord", *many)
    convert("train.tfrecord", "out", limit=2, merge_images=True)
    assert names("train") == ["000.jpg", "001.jpg"]
    assert [each["image_id"] for each in read("train")["annotations"]] == [1, 2, 2, 1]
    assert report("train")["not_chosen"] == {"images": 1}


def test_a_hundred_images_to_try_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    write("train.tfrecord", *map(numbered, range(120)))
    assert main(["convert", "train.tfrecord", "-o", "out", "--limit", "100"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "train: 100 images, 100 annotations",
        "no more than the first 100 images of each split were read",
    ]
    assert main(["convert", "train.tfrecord", "-o", "sampled", "--sample", "100"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "train: 100 images, 100 annotations (not chosen: 20 images)"


# --------------------------------------------------------------------------------------------------------- a sample
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_what_is_taken_is_the_same_for_every_division_of_the_input(data: st.DataObject) -> None:
    count, most = data.draw(st.integers(1, 25)), data.draw(st.integers(1, 12))
    repeated = data.draw(st.lists(st.integers(0, count - 1), max_size=4))
    records = [numbered(number) for number in [*range(count), *repeated]]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=3)))
    how = data.draw(st.sampled_from(["sample", "limit", "split_ratio"]))
    options: dict[str, Any] = {how: most, "split": "x"}
    if how == "split_ratio":
        options = {how: {"x": most / 16, "y": 1 - most / 16}}
    options["seed"] = data.draw(st.integers(0, 3))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder / "one" / "a.tfrecord", *records)
        for number, (begin, end) in enumerate(zip([0, *cuts], [*cuts, len(records)], strict=True)):
            if begin < end:
                write(folder / "several" / f"a{number}.tfrecord", *records[begin:end])
        for division in ("one", "several"):
            convert(folder / division, folder / f"{division} out", **options)
        one, several = (tree(folder / f"{division} out") for division in ("one", "several"))
        assert one.keys() == several.keys()
        assert all(one[name] == several[name] for name in one if not name.startswith("reports/"))
        taken = sum(name.startswith("images/") for name in one)
        assert taken == (len(records) if how == "split_ratio" else min(most, len(records)))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"sample": 7, "seed": 5}, marks=pytest.mark.slow),
        pytest.param({"limit": 7}, marks=pytest.mark.slow),
        pytest.param({"split_ratio": {"train": 0.6, "val": 0.3, "test": 0.1}}, marks=pytest.mark.slow),
        {"sample": 12, "split_ratio": {"train": 0.5, "val": 0.5}, "drop_classes": ["cow"], "drop_empty_images": True},
        {"sample": 5, "merge_images": True},
        {"drop_classes": ["cow"], "drop_empty_images": True},
    ],
)
def test_workers_make_no_difference(options: dict[str, Any]) -> None:
    mask = {
        f"image/panoptic/{kind}_mask": texts(gray(np.ones((48, 64), np.uint8))) for kind in ("category", "instance")
    }
    about = [{"image/source_id": texts(str(number % 25))} | (mask if number % 3 else {}) for number in range(40)]
    write("in/train.tfrecord", *(numbered(number % 25, **more) for number, more in enumerate(about)))
    write("in/val.tfrecord", *map(numbered, range(40, 60)))
    trees = []
    for jobs in (1, 3):
        convert("in", "out", jobs=jobs, overwrite=True, **options)
        trees.append(tree(Path("out")))
    assert trees[0] == trees[1]
    assert not list(Path().rglob(".*partial*"))
    said = convert("in", "out", jobs=2, overwrite=True, dry_run=True, **options)
    assert [each.as_json() for each in said.splits] == [report(each.split) for each in said.splits]
    for split in said.splits:
        ids = [each["id"] for each in read(split.split)["images"]]
        assert ids == list(range(1, len(ids) + 1))


def test_a_sample_of_each_split_depends_on_the_seed_and_is_counted() -> None:
    write("in/train.tfrecord", *map(numbered, range(30)))
    write("in/val.tfrecord", *map(numbered, range(30, 34)))
    convert("in", "out", sample=5, seed=1)
    assert (len(names("train")), len(names("val"))) == (5, 4)
    assert report("train")["chosen"] == {"sample": 5, "seed": 1}
    assert report("train")["not_chosen"] == {"images": 25}
    assert (report("train")["records"], report("train")["images"]) == (30, 5)
    assert "not_chosen" not in report("val")
    convert("in", "other", sample=5, seed=2)
    assert names("train", "other") != names("train")
    convert("in", "more", sample=6, seed=1)
    assert set(names("train")) < set(names("train", "more"))


def test_damage_is_reported_wherever_it_is_and_classes_only_of_what_is_taken() -> None:
    write("train.tfrecord", *map(numbered, range(9)), detection("bad.jpg", image=b"junk"))
    with pytest.raises(RejectedInputError):
        convert("train.tfrecord", "out", sample=1)
    summary = convert("train.tfrecord", "out", sample=1, on_error="skip")
    assert (summary.images, summary.categories) == (1, 1)
    assert report("train")["dropped_records"] == 1


# ----------------------------------------------------------------------------------------------------------- shares
def test_three_files_without_a_split_in_their_names_become_train_and_val(capsys: pytest.CaptureFixture[str]) -> None:
    for file in range(3):
        write(f"in/part{'abc'[file]}.tfrecord", *map(numbered, range(20 * file, 20 * file + 20)))
    assert main(["convert", "in", "-o", "out", "--split-ratio", "train=0.8,val=0.2"]) == 0
    said = capsys.readouterr().out.splitlines()
    train, val = names("train"), names("val")
    assert said[:2] == [
        f"{n}: {len(found)} images, {len(found)} annotations" for n, found in (("train", train), ("val", val))
    ]
    assert sorted(train + val) == [f"{number:03}.jpg" for number in range(60)]
    assert 5 <= len(val) <= 20
    assert read("train")["categories"] == read("val")["categories"]
    assert sum(each["records"] for split in ("train", "val") for each in report(split)["inputs"]) == 60
    assert report("val")["chosen"] == {"share": 0.2, "seed": 0}
    assert f"wrote {Path('out/annotations/instances_val.json')}" in said


def test_images_that_are_added_move_no_other_one() -> None:
    write("before/a.tfrecord", *map(numbered, range(30)))
    write("after/0.tfrecord", *map(numbered, range(100, 120)))
    write("after/a.tfrecord", *map(numbered, reversed(range(30))))
    shares = {"train": 0.5, "val": 0.5}
    for folder in ("before", "after"):
        convert(folder, f"{folder} out", split_ratio=shares)
    for split in shares:
        assert set(names(split, "before out")) <= set(names(split, "after out"))


def test_one_picture_is_never_on_both_sides() -> None:
    write("a.tfrecord", *(detection(f"{number}.jpg", image=jpeg()) for number in range(20)))
    convert("a.tfrecord", "out", split_ratio={"train": 0.5, "val": 0.5})
    assert sorted(map(len, (names("train"), names("val")))) == [0, 20]


def test_what_cannot_be_read_is_counted_once() -> None:
    write("a.tfrecord", *map(numbered, range(8)), detection("bad.jpg", image=b"junk"))
    shares = {"train": 0.5, "val": 0.5}
    with pytest.raises(RejectedInputError) as caught:
        convert("a.tfrecord", "out", split_ratio=shares)
    assert caught.value.count == 1
    summary = convert("a.tfrecord", "out", split_ratio=shares, on_error="skip")
    assert [each.dropped_records for each in summary.splits] == [1, 0]
    assert sum(each.records for each in summary.splits) == 9


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--split-ratio train=0.8,val=0.3", "--split-ratio: 0.8 + 0.3 make 1.1, expected 1"),
        ("--split-ratio train=0.8,val", "'train=0.8,val' is not names of splits with their shares"),
        ("--split-ratio a/b=1", "'a/b=1' is not names of splits"),
        ("--split-ratio train=1 --split x", "--split and --split-ratio exclude each other"),
        ("--limit 3 --sample 3", "--limit and --sample exclude each other"),
        ("--limit 0", "'0' is not a whole number of images, 1 or more"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("a.tfrecord", numbered(0))
    assert main(["convert", "a.tfrecord", "-o", "out", *words.split()]) == 2
    assert message in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize("shares", [{"train": 0}, {"a b": 1}, {}, {"train": "1"}, {"x.": 1.0}, {1: 1}])
def test_shares_that_cannot_be_meant_are_refused(shares: Any) -> None:
    with pytest.raises(UsageError, match="split_ratio is"):
        convert("a.tfrecord", "out", split_ratio=shares)


def test_a_single_file_has_no_room_for_several_splits() -> None:
    write("a.tfrecord", numbered(0))
    with pytest.raises(UsageError, match="split_ratio needs a folder"):
        convert("a.tfrecord", "out.json", split_ratio={"train": 1})
