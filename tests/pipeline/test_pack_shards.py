"""Shards: how many, in which order, compressed or not, and that the output is there as a whole or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from coco_datasets import Dataset, objects, picture, splits
from packing import packed, records, there_and_back
from results import digests, files

from tfrecord_lite import OutputError, RejectedInputError, UsageError, pack, read_examples
from tfrecord_lite.commands.cli import main
from tfrecord_lite.pipeline.packing import pack_plan


def many(count: int = 40) -> Dataset:
    """Small pictures with one object each."""
    dataset = objects()
    first = dataset.annotations[0]
    dataset.coco["images"] = [
        {"id": 7 * number, "width": 30, "height": 30, "file_name": f"{number:03}.png"} for number in range(count)
    ]
    dataset.coco["annotations"] = [
        {**first, "id": number + 1, "image_id": 7 * number} for number in reversed(range(count))
    ]
    dataset.files = {
        f"images/train/{number:03}.png": picture((30, 30), [(0, 0, number + 1, 5)]) for number in range(count)
    }
    return dataset


def test_shards_are_named_and_filled_as_asked(tmp_path: Path) -> None:
    result = packed(many(10), tmp_path, shards=3)
    names = [f"train-{number:05d}-of-00003.tfrecord" for number in range(3)]
    assert files(tmp_path / "records") == {*names, "label_map.pbtxt", "reports/train.json"}
    assert result.shards["train"] == tuple(str(tmp_path / "records" / name) for name in names)
    assert [each.blobs("image/source_id")[0] for each in records(tmp_path)] == [b"%d" % (7 * n) for n in range(10)]


def test_a_shard_has_no_more_pictures_than_its_size_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = many()
    sizes = list(map(len, dataset.files.values()))
    most = sum(sizes) // 4
    monkeypatch.setattr(pack_plan, "SHARD_SIZE", most)
    shards = packed(dataset, tmp_path).shards["train"]
    found = [
        sum(len(each.blobs("image/encoded")[0]) for each in read_examples(path, allow_missing_shards=True))
        for path in shards
    ]
    assert sum(found) == sum(sizes)
    assert all(most / 2 < size < most + max(sizes) for size in found)


def test_a_seed_gives_an_order_and_another_seed_another(tmp_path: Path) -> None:
    many().write(tmp_path / "coco")
    orders = []
    for place, seed in enumerate((1, 1, 2, None)):
        (tmp_path / str(place)).mkdir()
        pack(tmp_path / "coco", tmp_path / str(place) / "records", shuffle=seed, shards=2)
        orders.append([each.blobs("image/source_id")[0] for each in records(tmp_path / str(place))])
    first, again, other, plain = orders
    assert first == again
    assert len({tuple(first), tuple(other), tuple(plain)}) == 3
    assert sorted(first) == sorted(other) == sorted(plain)


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_the_output_is_the_same_for_every_number_of_workers(
    compression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_plan, "_SPAN_IMAGES", 3)
    many().write(tmp_path / "coco")
    found = [
        pack(tmp_path / "coco", tmp_path / str(jobs), shards=2, shuffle=5, jobs=jobs, compression=compression)
        for jobs in (1, 3)
    ]
    assert digests(tmp_path / "1") == digests(tmp_path / "3")
    assert [split.as_json() for split in found[0].splits] == [split.as_json() for split in found[1].splits]


def test_compressed_shards_hold_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    dataset = many(5)
    assert there_and_back(dataset, tmp_path / "a", compression="gzip") == there_and_back(dataset, tmp_path / "b")
    name = "records/train-00000-of-00001.tfrecord"
    assert gzip.decompress((tmp_path / "a" / name).read_bytes()) == (tmp_path / "b" / name).read_bytes()


def test_all_splits_of_a_dataset_are_packed(tmp_path: Path) -> None:
    result = packed(splits(), tmp_path)
    assert {name: len(paths) for name, paths in result.shards.items()} == {"train": 1, "val": 1}
    with pytest.raises(UsageError, match="split"):
        pack(tmp_path / "coco", tmp_path / "other", split="mine")
    pack(tmp_path / "coco/annotations/instances_val.json", tmp_path / "other", split="mine")
    assert "mine-00000-of-00001.tfrecord" in files(tmp_path / "other")


def test_what_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    packed(many(6), tmp_path, shards=3)
    before = digests(tmp_path / "records")
    with pytest.raises(OutputError, match="overwrite"):
        pack(tmp_path / "coco", tmp_path / "records", shards=2)
    assert digests(tmp_path / "records") == before
    (tmp_path / "records/notes.txt").write_text("mine")
    pack(tmp_path / "coco", tmp_path / "records", shards=2, overwrite=True)
    names = {f"train-{number:05d}-of-00002.tfrecord" for number in range(2)}
    assert files(tmp_path / "records") == {*names, "label_map.pbtxt", "reports/train.json", "notes.txt"}


def test_the_label_map_goes_with_the_last_of_its_classes(tmp_path: Path) -> None:
    dataset = many(2)
    packed(dataset, tmp_path)
    (tmp_path / "records/notes.txt").write_text("mine")
    bare = Dataset({**dataset.coco, "annotations": [], "categories": []}, files=dataset.files)
    bare.write(tmp_path / "bare")
    pack(tmp_path / "bare", tmp_path / "records", overwrite=True)
    shard = "train-00000-of-00001.tfrecord"
    assert files(tmp_path / "records") == {shard, "reports/train.json", "notes.txt"}


@pytest.mark.parametrize("foreign", ["train-00000-of-00001.tfrecord", "label_map.pbtxt", "reports/train.json"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_files_that_pack_did_not_write_are_never_replaced(foreign: str, overwrite: bool, tmp_path: Path) -> None:
    path = tmp_path / "records" / foreign
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"split": "train", "inputs": [{"file": "a.tfrecord", "records": 1}]}')
    before = digests(tmp_path / "records")
    with pytest.raises(OutputError, match=f"{path.name}: .* never replaced: no report of pack.*move it away"):
        packed(many(6), tmp_path, shards=3, overwrite=overwrite)
    assert digests(tmp_path / "records") == before
    path.rename(tmp_path / "elsewhere")
    assert pack(tmp_path / "coco", tmp_path / "records").images == 6


@pytest.mark.parametrize(
    "foreign", ["train-00000-of-00002.tfrecord", "train-00000-of-00001.tfrecord", "label_map.pbtxt"]
)
def test_files_of_others_beside_those_of_pack_are_never_replaced(foreign: str, tmp_path: Path) -> None:
    packed(many(6), tmp_path)
    path = tmp_path / "records" / foreign
    path.write_bytes(b"made by hand")
    before = digests(tmp_path / "records")
    other = many(6)
    other.categories[0]["name"] = "wolf"
    with pytest.raises(OutputError, match=f"{path.name}: .* never replaced: no report of pack.*move it away"):
        packed(other, tmp_path, overwrite=True)
    assert digests(tmp_path / "records") == before
    path.unlink()
    assert packed(other, tmp_path, overwrite=True).images == 6


def test_a_later_split_needs_the_same_classes(tmp_path: Path) -> None:
    packed(many(6), tmp_path)
    pack(tmp_path / "coco", tmp_path / "records", split="again")
    other = many(3)
    other.categories[0]["name"] = "wolf"
    other.write(tmp_path / "wolves")
    with pytest.raises(OutputError, match=r"label_map\.pbtxt: this names the classes of again, train"):
        pack(tmp_path / "wolves", tmp_path / "records", split="wolves")


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    dataset = many(6)
    dataset.files["images/train/004.png"] = b"no picture"
    with pytest.raises(RejectedInputError):
        packed(dataset, tmp_path, shards=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coco"]


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    dataset = objects()
    dataset.path = "reports/train.json"
    path = dataset.write(tmp_path)
    with pytest.raises(OutputError):
        pack(path, tmp_path, image_root=tmp_path / "images/train", split="train", overwrite=True)
    assert path.is_file()


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1), (["--shards", "0"], 2)])
def test_exit_statuses(options: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many(4).write(tmp_path / "coco")
    command = ["pack", str(tmp_path / "coco"), "-o", str(tmp_path / "records"), "-j", "1", *options]
    assert main(command) == status
    printed = capsys.readouterr()
    assert ("wrote" in printed.out) == (status == 0)
    assert (tmp_path / "records").exists() == (status == 0)
