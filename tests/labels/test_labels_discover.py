"""The label maps that lie beside record files: which files are candidates, in which order, and which are none."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tfrecord_lite.inputs import storage
from tfrecord_lite.labels.discover import Candidate, find_hint, find_label_maps

PBTXT = "item { id: 1 name: 'cat' }\n"
YAML = "size: 1\nlabel_map: {1: cat}\n"
NAMES = "cat\ndog\n"
BOXES = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,9,9,cat,1,2,3,4\n"

Found = Callable[..., list[str]]


def make(folder: Path, contents: Mapping[str, str], *record_files: str) -> list[Candidate]:
    """The candidates of record files in a folder with these files."""
    for name, text in {**contents, **dict.fromkeys(record_files, "")}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return find_label_maps([os.path.join(folder, name) for name in record_files])


def names(candidates: list[Candidate], folder: Path) -> list[str]:
    return [os.path.relpath(path, folder).replace(os.sep, "/") for each in candidates for path in each.paths]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    def find(contents: Mapping[str, str], *record_files: str) -> list[str]:
        return names(make(tmp_path, contents, *record_files), tmp_path)

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
        ("labelmap.txt", NAMES),
        ("labelmap.pbtxt", PBTXT),
        ("label-map.json", '{"1": "cat"}'),
        ("labels_map.pbtxt", PBTXT),
        ("object-detection.pbtxt", PBTXT),
        ("parts.pbtxt", "# made by hand\n\nitem: < id: 1 name: 'cat' >"),
        ("train_metadata.yaml", YAML),
        ("x_meta_data.yaml", YAML),
        ("classes.txt", NAMES),
        ("predefined_classes.txt", NAMES),
        ("obj.names", NAMES),
        ("_darknet.labels", NAMES),
        ("labels.txt", "0:cat\n1:dog\n"),
        ("objects-label.labels.txt", NAMES),
        ("faces-label.labels.txt", NAMES),
        ("species.labels.txt", NAMES),
    ],
)
def test_every_usual_sidecar_is_found(tmp_path: Path, name: str, text: str) -> None:
    (candidate,) = make(tmp_path, {name: text}, "train.tfrecord")
    assert candidate.paths == (str(tmp_path / name),)
    assert candidate.label_map is not None
    assert candidate.label_map.items[0].name == "cat"


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
        ("labelmapping.txt", NAMES),
        ("label_map.pbtxt/readme", "a folder"),
        ("sub/label_map.pbtxt", PBTXT),
    ],
)
def test_a_file_that_is_no_sidecar_is_left_alone(found: Found, name: str, text: str) -> None:
    assert found({name: text}, "train.tfrecord") == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("label_map.pbtxt", "this is broken, and reading it says so", "found, expected"),
        ("labelmap.txt", "cat\ndog:128,0,0::", "is a line of a colour map"),
        ("parts.pbtxt", "item { id: 1 }", "item 1 has no name"),
    ],
)
def test_what_is_a_label_map_by_its_name_or_its_first_word_is_reported_if_it_is_broken(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (candidate,) = make(tmp_path, {name: text}, "train.tfrecord")
    assert candidate.label_map is None
    assert candidate.problem is not None
    assert problem in str(candidate.problem)
    assert str(candidate.problem).startswith(str(tmp_path / name))


def test_a_label_map_in_utf_16_is_found_so_that_reading_it_can_say_so(tmp_path: Path) -> None:
    (tmp_path / "parts.pbtxt").write_bytes(PBTXT.encode("utf-16"))
    (candidate,) = make(tmp_path, {}, "x.tfrecord")
    assert "UTF-16" in str(candidate.problem)


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
    ],
)
def test_the_label_map_of_the_same_stem_goes_before_any_other(found: Found, record_file: str) -> None:
    others = dict.fromkeys(("label_map.pbtxt", "ppe_v2_label_map.pbtxt", "of_label_map.pbtxt"), PBTXT)
    order = found({"ppe_label_map.pbtxt": PBTXT, **others}, record_file)
    assert order == ["ppe_label_map.pbtxt", "ppe_v2_label_map.pbtxt", "label_map.pbtxt", "of_label_map.pbtxt"]


RANKING = {
    "animals_label_map.pbtxt": PBTXT,
    "animals_v2_label_map.txt": NAMES,
    "label_map.pbtxt": PBTXT,
    "label_map.txt": NAMES,
    "object-detection.pbtxt": PBTXT,
    "animals_metadata.yaml": YAML,
    "other_meta_data.yaml": YAML,
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


def test_candidates_come_in_a_fixed_order(found: Found) -> None:
    assert found(dict(reversed(RANKING.items())), "animals-00000-of-00002.tfrecord") == [*RANKING]


def test_only_the_features_that_are_the_class_of_nothing_known_are_weak(tmp_path: Path) -> None:
    candidates = make(tmp_path, RANKING, "animals.tfrecord")
    assert [os.path.basename(each.paths[0]) for each in candidates if each.is_weak] == [*RANKING][-2:]


@pytest.mark.parametrize(
    "folder",
    ["train", "valid", "val", "validation", "test", "Testing", "dev", "eval", "train2017", "val_2", "trainset"],
)
def test_a_folder_named_like_a_split_shares_the_sidecar_above_it(found: Found, folder: str) -> None:
    assert found({"label_map.pbtxt": PBTXT}, f"{folder}/x.tfrecord") == ["label_map.pbtxt"]


@pytest.mark.parametrize("folder", ["images", "trainer", "1.0.0", "train/shards"])
def test_no_other_folder_is_left(found: Found, folder: str) -> None:
    assert found({"label_map.pbtxt": PBTXT}, f"{folder}/x.tfrecord") == []


def test_the_folder_of_the_record_file_goes_before_the_one_above(found: Found) -> None:
    files = {"label_map.pbtxt": PBTXT, "train/classes.txt": NAMES}
    assert found(files, "train/x.tfrecord") == ["train/classes.txt", "label_map.pbtxt"]


def test_label_maps_of_one_name_are_one_where_they_agree(tmp_path: Path) -> None:
    files = {"train/a_label_map.pbtxt": PBTXT, "valid/a_label_map.pbtxt": PBTXT + "item { id: 2 name: 'dog' }"}
    (candidate,) = make(tmp_path, files, "train/a.tfrecord", "valid/a.tfrecord")
    assert names([candidate], tmp_path) == [*files]
    assert candidate.label_map is not None
    assert [item.name for item in candidate.label_map.items] == ["cat", "dog"]


def test_so_are_those_of_several_stems(tmp_path: Path) -> None:
    files = {"a_label_map.pbtxt": PBTXT, "b_label_map.pbtxt": "item { id: 2 name: 'dog' }"}
    (candidate,) = make(tmp_path, files, "a.tfrecord", "b.tfrecord")
    assert names([candidate], tmp_path) == [*files]


def test_label_maps_of_one_name_stay_apart_where_they_contradict_each_other(tmp_path: Path) -> None:
    files = {"train/classes.txt": "cat\ndog", "valid/classes.txt": "dog\ncat"}
    assert len(make(tmp_path, files, "train/a.tfrecord", "valid/a.tfrecord")) == 2


def test_a_folder_is_listed_once_for_all_files_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))  # type: ignore[func-returns-value]
    make(tmp_path, {"label_map.pbtxt": PBTXT}, *(f"picture {number}.tfrecord" for number in range(100)))
    assert listed == [str(tmp_path)]


def test_a_relative_path_is_answered_by_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "label_map.pbtxt").write_text(PBTXT)
    monkeypatch.chdir(tmp_path)
    assert [each.paths for each in find_label_maps(["x.tfrecord"])] == [("label_map.pbtxt",)]
    assert [each.paths for each in find_label_maps([os.path.join("train", "x.tfrecord")])] == [("label_map.pbtxt",)]
    monkeypatch.chdir(tmp_path / "train")
    assert [each.paths for each in find_label_maps(["x.tfrecord"])] == [(os.path.join("..", "label_map.pbtxt"),)]


def test_beside_standard_input_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "label_map.pbtxt").write_text(PBTXT)
    monkeypatch.chdir(tmp_path)
    assert find_label_maps(["-"]) == []
    assert find_hint(["-"]) is None


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are of Unix")
def test_broken_links_pipes_and_devices_are_no_sidecars(found: Found, tmp_path: Path) -> None:
    (tmp_path / "label_map.pbtxt").symlink_to(tmp_path / "gone")
    (tmp_path / "a_label_map.pbtxt").symlink_to("a_label_map.pbtxt")
    os.mkfifo(tmp_path / "classes.txt")
    (tmp_path / "obj.names").symlink_to("/dev/zero")
    assert found({}, "x.tfrecord") == []


def test_a_file_that_nobody_named_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    large = "".join(f"class {number}\n" for number in range(1_000_000))
    (tmp_path / "classes.txt").write_text(large)
    opened: list[str] = []

    class Noted(io.FileIO):
        def __init__(self, path: str) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(storage, "FileIO", Noted)
    assert make(tmp_path, {}, "x.tfrecord") == []
    assert opened == []
    (tmp_path / "classes.txt").rename(tmp_path / "label_map.txt")
    (candidate,) = make(tmp_path, {}, "x.tfrecord")
    assert "is larger than 4 MiB" in str(candidate.problem)


@pytest.mark.parametrize("path", ["training/object-detection.pbtxt", "annotations/labelmap.txt", "classes.txt"])
def test_a_label_map_that_is_near_is_a_hint(tmp_path: Path, path: str) -> None:
    record_file = str(tmp_path / "records" / "x.tfrecord")
    assert make(tmp_path, {path: PBTXT if path.endswith("pbtxt") else NAMES}, "records/x.tfrecord") == []
    assert find_hint([record_file]) == str(tmp_path / path)


def test_what_is_no_label_map_is_no_hint(tmp_path: Path) -> None:
    files = {
        "training/pipeline.pbtxt": "model {}",
        "training/label_map.pbtxt": "broken",
        "elsewhere/labelmap.txt": NAMES,
    }
    make(tmp_path, files, "records/x.tfrecord")
    assert find_hint([str(tmp_path / "records" / "x.tfrecord")]) is None
