"""What the name of a record file tells: its split, and what its set is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from named_inputs import touch

from tfrecord_lite.inputs.discover import find_sources

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


@pytest.mark.parametrize(
    ("name", "split", "stem"),
    [
        # As written by TensorFlow Models, TensorFlow Datasets, Apache Beam, Roboflow, slim, Kaggle, VoTT and others.
        ("coco_train.record-00000-of-00100", "train", "coco_train"),
        ("train-00000-of-00032.tfrecord", "train", "train"),
        ("train-00000-of-01024", "train", "train"),
        ("coco-train.tfrecord-00000-of-00256", "train", "coco-train"),
        ("coco-validation.tfrecord-00000-of-00256", "validation", "coco-validation"),
        ("coco-train2017.tfrecord-00000-of-00256", "train2017", "coco-train2017"),
        ("val2017-00000-of-00032.tfrecord", "val2017", "val2017"),
        ("train.tfrecord-00000-of-00010", "train", "train"),
        ("train.tfrecord-00000-of-00010.gz", "train", "train"),
        ("train-00000-of-00010.tfrecord.gz", "train", "train"),
        ("voc_train_000.tfrecord", "train", "voc_train_000"),
        ("voc2012.test.tfrecords", "test", "voc2012.test"),
        ("eval.tfrec", "eval", "eval"),
        ("coco_minival.record", "minival", "coco_minival"),
        ("testdev.record", "testdev", "testdev"),
        ("coco-test-dev.record-00000-of-00002", "test-dev", "coco-test-dev"),
        ("TRAIN.TFRECORD", "train", "TRAIN"),
        ("trainval.record", "trainval", "trainval"),
        ("unlabeled.tfr", "unlabeled", "unlabeled"),
        ("file_00-4096.tfrec", None, "file_00-4096"),
        ("pets.tfrecord", None, "pets"),
        ("detrains.tfrecord", None, "detrains"),
        ("latest.tfrecord", None, "latest"),
        ("contest.record", None, "contest"),
        ("pets.records.zlib", None, "pets"),
        ("pets", None, "pets"),
        # Words with more after them.
        ("train0.tfrecord", "train", "train0"),
        ("val12.tfrecord", "val", "val12"),
        ("trainset.tfrecord", "train", "trainset"),
        ("validset.tfrec", "valid", "validset"),
        ("test_set.record", "test", "test_set"),
        ("training1.tfrecord", "training", "training1"),
        ("test00-687.tfrec", "test", "test00-687"),
        ("train00-2071.tfrec", "train", "train00-2071"),
        ("train01-of-05.tfrecord", "train", "train01-of-05"),
        ("train_1-of-5.tfrecord", "train", "train"),
        ("coco_val2014_3.tfrecord", "val2014", "coco_val2014_3"),
        ("train20170.tfrecord", "train", "train20170"),
        ("petsTrain.tfrecord", "train", "petsTrain"),
        ("TestData.tfrecord", "test", "TestData"),
        ("pets_train_val.record", "train_val", "pets_train_val"),
        ("train_test.record", "test", "train_test"),
        ("trainer.tfrecord", None, "trainer"),
        ("validated.tfrecord", None, "validated"),
        ("datatest.tfrecord", None, "datatest"),
        ("attested1.tfrecord", None, "attested1"),
        # Endings of other kinds of files.
        ("pets.png", None, "pets"),
        ("hello.txt", None, "hello"),
        ("hello.txt.tfrecord.gz", None, "hello"),
        ("pets.v2.tfrecord", None, "pets.v2"),
        (".tfrecord", None, ".tfrecord"),
    ],
)
def test_a_name_gives_the_split_and_what_a_set_is_called(name: str, split: str | None, stem: str) -> None:
    touch(name)
    (shard,) = find_sources([name], allow_missing_shards=True).shards
    assert (shard.split, shard.stem) == (split, stem)
    assert shard.path == shard.name == name


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train/pets.tfrecord", "train"),
        ("valid/pets.tfrecord", "valid"),
        ("test/train.tfrecord", "train"),
        ("pets/train-x/pets.tfrecord", None),
        ("train/deep/pets.tfrecord", None),
        ("Train/pets.tfrecord", "train"),
        ("train2017/pets.tfrecord", "train2017"),
        ("trainset/pets.tfrecord", "train"),
        ("val_2/pets.tfrecord", "val"),
        ("trainers/pets.tfrecord", None),
    ],
)
def test_where_a_name_gives_no_split_its_folder_may(path: str, split: str | None) -> None:
    touch(path)
    assert [shard.split for shard in find_sources([path]).shards] == [split]


def test_the_working_folder_gives_the_split_too(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("train/pets.tfrecord")
    monkeypatch.chdir("train")
    assert find_sources(["pets.tfrecord"]).shards[0].split == "train"


def test_a_dataset_of_tensorflow_datasets_names_its_splits() -> None:
    """core/naming.py: dataset-split.tfrecord-NNNNN-of-NNNNN; a split can be called anything, even with hyphens."""
    touch("mini-super-clean.tfrecord-00000-of-00001", "mini-train.tfrecord-00000-of-00001", "other.tfrecord")
    Path("dataset_info.json").write_text('{"name": "mini", "splits": [{"name": "super-clean"}, {"name": "train"}]}')
    assert [shard.split for shard in find_sources(["."]).shards] == ["super-clean", "train", None]


def test_splits_that_differ_in_case_alone_are_one() -> None:
    touch("Train/a.tfrecord", "b_train.tfrecord", "mini-Hard.tfrecord", "mini-hard.tfrecord-00000-of-00001")
    Path("dataset_info.json").write_text('{"name": "mini", "splits": [{"name": "Hard"}, {"name": "hard"}]}')
    splits = {shard.path: shard.split for shard in find_sources(["."]).shards}
    assert len(splits) == 4
    assert set(splits.values()) == {"train", "Hard"}


@pytest.mark.parametrize("content", ["", "[]", '{"name": 1}', '{"name": "mini", "splits": [1]}', "[" * 100_000])
def test_a_dataset_info_that_is_none_does_not_disturb(content: str) -> None:
    touch("mini-train.tfrecord")
    Path("dataset_info.json").write_text(content)
    assert [shard.split for shard in find_sources(["."]).shards] == ["train"]


def test_standard_input_has_a_name_and_no_split() -> None:
    (shard,) = find_sources(["-"]).shards
    assert (shard.path, shard.name, shard.split) == ("-", "standard input", None)
