"""The label map that lies beside a record file: which file it is, and which is none."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.inputs import storage
from tfrecord_lite.labels.discover import find_label_map

PBTXT = "item { id: 1 name: 'cat' }\n"
OTHER = "item { id: 1 name: 'dog' }\n"
YAML = "size: 1\nlabel_map: {1: cat}\n"
NAMES = "cat\ndog\n"
BOXES = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,9,9,cat,1,2,3,4\n"

Found = Callable[[Mapping[str, str], str], "str | None"]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """What is found beside a record file in a folder with these files."""

    def find(contents: Mapping[str, str], record_file: str) -> str | None:
        for name, text in {**contents, record_file: ""}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        path = find_label_map(os.path.join(tmp_path, record_file))
        return path and os.path.relpath(path, tmp_path).replace(os.sep, "/")

    return find


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label_map.pbtxt", PBTXT),
        ("mscoco_label_map.pbtxt", PBTXT),
        ("tf_label_map.pbtxt", PBTXT),
        ("Label_Map.PBTXT", PBTXT),
        ("label_map.pb", PBTXT),
        ("label_map.txt", NAMES),
        ("label_map.yaml", YAML),
        ("label_map.yml", YAML),
        ("my_label_map_v2.csv", "1,cat"),
        ("label_map.json", '{"1": "cat"}'),
        ("label_map.pbtxt", "this is broken, and reading it says so"),
        ("object-detection.pbtxt", PBTXT),
        ("labelmap.pbtxt", "# made by hand\n\nitem: <"),
        ("train_metadata.yaml", YAML),
        ("x_meta_data.yaml", YAML),
        ("classes.txt", NAMES),
        ("obj.names", NAMES),
        ("labels.txt", "0:cat\n1:dog\n"),
        ("objects-label.labels.txt", NAMES),
        ("faces-label.labels.txt", NAMES),
        ("species.labels.txt", NAMES),
    ],
)
def test_every_usual_sidecar_is_found(found: Found, name: str, text: str) -> None:
    assert found({name: text}, "train.tfrecord") == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("train_labels.csv", BOXES),
        ("labels.csv", "1,cat"),
        ("classes.txt", BOXES),
        ("labels.txt", "a.jpg 1\nb.jpg 2\n"),
        ("labels.txt", "0 0.5 0.5 0.1 0.1\n"),
        ("labels.txt", ""),
        ("obj.names", "cat\x00"),
        ("graph.pbtxt", "node { name: 'x' }"),
        ("pipeline.pbtxt", "model { ssd { } }"),
        ("object-detection.pbtxt", "no item at all"),
        ("train_metadata.yaml", "size: 3\nversion: 1\n"),
        ("data.yaml", "names: [cat]"),
        ("expected.json", '{"categories": [{"id": 1, "name": "cat"}]}'),
        ("notes.txt", NAMES),
        (".label_map.pbtxt", PBTXT),
        ("._label_map.pbtxt", PBTXT),
        ("label_map.pbtxt.bak", PBTXT),
        ("label_map.tfrecord", PBTXT),
        ("label_map.pbtxt/readme", "a folder"),
        ("sub/label_map.pbtxt", PBTXT),
    ],
)
def test_a_file_that_is_no_sidecar_is_left_alone(found: Found, name: str, text: str) -> None:
    assert found({name: text}, "train.tfrecord") is None


@pytest.mark.parametrize(
    "record_file",
    [
        "ppe.tfrecord",
        "PPE.TFRecords",
        "ppe.record",
        "ppe.tfrec",
        "ppe.tfrecord.gz",
        "ppe",
        "ppe-00000-of-00032.tfrecord",
        "ppe.tfrecord-00000-of-00032",
        "ppe.record-00003-of-00100.gz",
        "ppe-00000-of-01024",
        "ppe-fold-000-of-002-shard-00000-of-00010",
        "ppe@10",
        "ppe@*.tfrecord",
    ],
)
def test_the_label_map_of_the_same_stem_goes_before_any_other(found: Found, record_file: str) -> None:
    if os.name == "nt" and "*" in record_file:
        pytest.skip("no such name on Windows")
    others = {"label_map.pbtxt": OTHER, "ppe_v2_label_map.pbtxt": OTHER, "of_label_map.pbtxt": OTHER}
    assert found({"ppe_label_map.pbtxt": PBTXT, **others}, record_file) == "ppe_label_map.pbtxt"


RANKING = {
    "train_label_map.pbtxt": PBTXT,
    "classes_label_map.txt": NAMES,
    "object-detection.pbtxt": PBTXT,
    "train_metadata.yaml": YAML,
    "other_meta_data.yaml": YAML.replace("cat", "dog"),
    "classes.txt": NAMES,
    "obj.names": NAMES,
    "labels.txt": NAMES,
    "bobjects-label.labels.txt": NAMES,
    "objects-label.labels.txt": "cow",
    "panoptic_objects-label.labels.txt": "sky",
    "objects-type.labels.txt": "van",
    "label.labels.txt": "car",
    "labels.labels.txt": "bus",
    "faces-label.labels.txt": "face",
    "objects-pose.labels.txt": "Frontal",
}


@pytest.mark.parametrize("first", range(len(RANKING)))
def test_sidecars_are_chosen_in_a_fixed_order(found: Found, first: int) -> None:
    present = dict(list(RANKING.items())[first:])
    assert found(present, "train-00000-of-00002.tfrecord") == next(iter(present))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a_label_map.pbtxt", "b_label_map.pbtxt"),
        ("a_label_map.pbtxt", "label_map.yaml"),
        ("a.pbtxt", "b.pbtxt"),
        ("a_metadata.yaml", "b_meta_data.yaml"),
        ("a.names", "b.names"),
    ],
)
def test_two_different_sidecars_of_one_rank_are_an_error_that_names_both(
    found: Found, first: str, second: str, tmp_path: Path
) -> None:
    text = YAML if first.endswith(".yaml") else PBTXT
    with pytest.raises(LabelMapError) as caught:
        found({first: text, second: text + "# "}, "train.tfrecord")
    expected = f"{tmp_path}: label map: '{first}' and '{second}' differ, expected one. Choose with label_map"
    assert str(caught.value) == expected


def test_two_copies_of_one_label_map_are_no_conflict(found: Found) -> None:
    assert found({"b_label_map.pbtxt": PBTXT, "a_label_map.pbtxt": PBTXT}, "x.tfrecord") == "a_label_map.pbtxt"


def test_of_several_tfds_features_none_is_guessed(found: Found) -> None:
    assert found({"objects-pose.labels.txt": "Frontal", "species.labels.txt": "cat"}, "x.tfrecord") is None
    assert found({"a-label.labels.txt": "cat", "b-label.labels.txt": "dog"}, "x.tfrecord") is None


@pytest.mark.parametrize(
    "folder", ["train", "valid", "val", "validation", "test", "Testing", "dev", "eval", "train2017", "val_2"]
)
def test_a_folder_named_like_a_split_shares_the_sidecar_above_it(found: Found, folder: str) -> None:
    assert found({"label_map.pbtxt": PBTXT}, f"{folder}/x.tfrecord") == "label_map.pbtxt"


@pytest.mark.parametrize("folder", ["images", "trainer", "1.0.0", "train/shards"])
def test_no_other_folder_is_left(found: Found, folder: str) -> None:
    assert found({"label_map.pbtxt": PBTXT}, f"{folder}/x.tfrecord") is None


def test_the_folder_of_the_record_file_goes_before_the_one_above(found: Found) -> None:
    assert found({"label_map.pbtxt": PBTXT, "train/classes.txt": NAMES}, "train/x.tfrecord") == "train/classes.txt"


def test_a_relative_path_is_answered_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "label_map.pbtxt").write_text(PBTXT)
    monkeypatch.chdir(tmp_path)
    assert find_label_map("x.tfrecord") == "label_map.pbtxt"
    assert find_label_map(os.path.join("train", "x.tfrecord")) == "label_map.pbtxt"
    monkeypatch.chdir(tmp_path / "train")
    assert find_label_map("x.tfrecord") == os.path.join("..", "label_map.pbtxt")


@pytest.mark.parametrize("name", ["-", "gs://bucket/train/x.tfrecord", "/nope/train/x.tfrecord", ""])
def test_what_lies_in_no_local_folder_has_no_sidecar(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_label_map(name) is None


def test_a_broken_link_is_no_sidecar(found: Found, tmp_path: Path) -> None:
    try:
        (tmp_path / "label_map.pbtxt").symlink_to(tmp_path / "gone")
        (tmp_path / "a_label_map.pbtxt").symlink_to("a_label_map.pbtxt")
    except OSError:
        pytest.skip("this system has no symbolic links")
    assert found({}, "x.tfrecord") is None


def test_a_label_map_in_utf_16_is_found_so_that_reading_it_can_say_so(found: Found, tmp_path: Path) -> None:
    (tmp_path / "labelmap.pbtxt").write_bytes(PBTXT.encode("utf-16"))
    assert found({}, "x.tfrecord") == "labelmap.pbtxt"


def test_no_more_than_64_kib_of_a_file_is_read_to_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "".join(f"class {number}\n" for number in range(20_000))
    (tmp_path / "classes.txt").write_text(long)
    (tmp_path / "b.pbtxt").write_text("node {}\n" + long)
    (tmp_path / "label_map.csv").write_text(long)
    amounts: list[int | None] = []

    class Counted(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            amounts.append(size)
            return super().read(size)

    monkeypatch.setattr(storage, "FileIO", Counted)
    assert find_label_map(str(tmp_path / "x.tfrecord")) == str(tmp_path / "label_map.csv")
    assert amounts == []  # its name proves it
    (tmp_path / "label_map.csv").unlink()
    assert find_label_map(str(tmp_path / "x.tfrecord")) == str(tmp_path / "classes.txt")
    assert amounts == [65536, 65536]


def test_a_large_file_of_names_is_judged_by_its_head(found: Found) -> None:
    long = "".join(f"class {number}\n" for number in range(20_000))
    assert found({"classes.txt": long}, "x.tfrecord") == "classes.txt"
    assert found({"classes.txt": BOXES + long}, "x.tfrecord") is None
