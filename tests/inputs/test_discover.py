"""What a user names as input, and which files and splits that means."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from named_inputs import paths, refusal, touch

from tfrecord_lite.errors import InputError
from tfrecord_lite.inputs.discover import find_sources, natural_key

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

needs_links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")


# --------------------------------------------------------------------------------------------------------- the order
@pytest.mark.parametrize(
    "ordered",
    [
        ["x-2", "x-10", "x-100"],
        ["a", "b", "c"],
        ["x-02", "x-2", "x-3"],
        ["shard9.tfrecord", "shard10.tfrecord"],
        ["1", "2", "11", "a"],
        ["x", "x-1", "x-1-1"],
    ],
)
def test_numbers_are_ordered_by_their_value(ordered: list[str]) -> None:
    shuffled = [*ordered[1::2], *ordered[::2]]
    assert sorted(shuffled, key=natural_key) == ordered


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("0123456789ab-٣"), max_size=8), unique=True))
def test_the_order_is_total_and_does_not_depend_on_where_it_starts(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    assert sorted([*names[1::2], *names[::2]], key=natural_key) == ordered
    assert len({natural_key(name) for name in names}) == len(names)


def test_neither_the_order_of_arguments_nor_the_way_they_are_named_matters() -> None:
    names = [f"records/x-{number}.tfrecord" for number in (1, 2, 10, 20)]
    touch(*names)
    for inputs in (names, names[::-1], ["records"], ["records/*"], ["records/x-??.tfrecord", names[1], names[0]]):
        assert paths(find_sources(inputs)) == names


# ----------------------------------------------------------------------------------------------------------- folders
def test_a_folder_is_searched_for_record_files_and_nothing_else() -> None:
    wanted = [
        "in/a.tfrecord",
        "in/b.tfrecords.gz",
        "in/c.record",
        "in/d.records",
        "in/e.tfrec",
        "in/f.tfr.zlib",
        "in/g-00000-of-00001",
        "in/h.tfrecord-00000-of-00001.gz",
        "in/sub/deep/i.TFRecord",
        "in/train/j-00000-of-00001.tfrecord",
    ]
    passed_over = [
        "in/a.tfrecord.idx",  # NVIDIA DALI
        "in/a.tfrecord.index",
        "in/a_meta_data.yaml",
        "in/label_map.pbtxt",
        "in/features.json",
        "in/notes.txt",
        "in/image.png",
        "in/model.ckpt.data-00000-of-00001",  # a checkpoint
        "in/model.ckpt.index",
        "in/.hidden.tfrecord",
        "in/.git/x.tfrecord",
        "in/.out.partial-123/x.tfrecord",
        "in/x.tfrecord.partial",
        "in/records",
    ]
    touch(*wanted, *passed_over)
    assert paths(find_sources(["in"])) == wanted
    assert paths(find_sources(["in/"])) == wanted


def test_a_folder_without_record_files_is_an_error() -> None:
    touch("in/notes.txt")
    with pytest.raises(InputError, match="in: no record files found"):
        find_sources(["in"])


def test_a_file_that_is_named_needs_no_known_ending() -> None:
    touch("anything.bin")
    assert paths(find_sources(["anything.bin"])) == ["anything.bin"]


def test_a_hidden_folder_that_is_named_is_searched() -> None:
    touch(".cache/a.tfrecord")
    assert paths(find_sources([".cache"])) == [".cache/a.tfrecord"]


def test_a_folder_that_cannot_be_looked_into_is_an_error_and_not_a_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    touch("in/a.tfrecord", "in/locked/b.tfrecord")
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if os.path.basename(path) == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for given_path in ("in", os.path.join("in", "locked")):
        with pytest.raises(PermissionError) as caught:
            find_sources([given_path])
        assert os.path.basename(caught.value.filename) == "locked"


# ------------------------------------------------------------------------------------------------------------- globs
def test_a_glob_means_the_files_that_match() -> None:
    touch("a/x-1.tfrecord", "a/x-2.tfrecord", "a/y.tfrecord", "b/x-3.tfrecord", "a/x-folder/z.tfrecord")
    assert paths(find_sources(["a/x-*"])) == ["a/x-1.tfrecord", "a/x-2.tfrecord"]
    assert paths(find_sources(["?/x-[13].tfrecord"])) == ["a/x-1.tfrecord", "b/x-3.tfrecord"]
    assert len(find_sources(["**/*.tfrecord"]).shards) == 5
    with pytest.raises(InputError, match="no file matches"):
        find_sources(["a/q*"])


def test_a_file_whose_name_looks_like_a_pattern_is_that_file() -> None:
    touch("x[1].tfrecord", "x1.tfrecord", "x@3")
    assert paths(find_sources(["x[1].tfrecord"])) == ["x[1].tfrecord"]
    assert paths(find_sources(["x@3"])) == ["x@3"]


def test_a_glob_with_an_at_sign_and_a_number_is_a_glob() -> None:
    touch("mail@2024-a.tfrecord", "mail@2024-b.tfrecord")
    assert len(find_sources(["mail@2024*.tfrecord"]).shards) == 2


# ---------------------------------------------------------------------------------------------------------- duplicates
def test_a_file_given_twice_is_an_error_under_whatever_name() -> None:
    touch("in/x.tfrecord")
    assert "given twice" in refusal("in/x.tfrecord", "in/x.tfrecord")
    assert "given twice" in refusal("in", "in/x.tfrecord")
    assert "given twice" in refusal("in/x.tfrecord", "in/../in/x.tfrecord")
    assert "given twice" in refusal("in/x.tfrecord", os.path.abspath("in/x.tfrecord"))
    assert "given twice" in refusal("in/*", "in/x*")
    assert "given twice" in refusal("-", "-")


@needs_links
def test_a_link_to_a_file_is_that_file() -> None:
    touch("x.tfrecord", "other.tfrecord")
    os.symlink("x.tfrecord", "symbolic.tfrecord")
    os.link("x.tfrecord", "hard.tfrecord")
    assert "same file as x.tfrecord" in refusal("x.tfrecord", "symbolic.tfrecord")
    assert "same file as x.tfrecord" in refusal("x.tfrecord", "hard.tfrecord")
    assert "given twice" in refusal(".")
    assert paths(find_sources(["symbolic.tfrecord", "other.tfrecord"])) == ["other.tfrecord", "symbolic.tfrecord"]


# ------------------------------------------------------------------------------------------------ what is not there
def test_what_does_not_exist_is_an_error() -> None:
    for given_path in ("x.tfrecord", "gone/x.tfrecord", ""):
        with pytest.raises(InputError, match="no such file or folder"):
            find_sources([given_path])
    with pytest.raises(InputError, match="no input"):
        find_sources([])


@needs_links
def test_a_link_that_leads_nowhere_says_so() -> None:
    os.symlink("gone", "x.tfrecord")
    with pytest.raises(InputError, match="symbolic link leads to no file"):
        find_sources(["x.tfrecord"])


@needs_links
def test_links_to_folders_are_followed() -> None:
    touch("ssd/shards/a.tfrecord", "data/b.tfrecord")
    os.symlink(os.path.join("..", "ssd", "shards"), os.path.join("data", "train"))
    os.symlink("data", "link")
    found = find_sources(["data"])
    assert paths(found) == ["data/b.tfrecord", "data/train/a.tfrecord"]
    assert [shard.split for shard in found.shards] == [None, "train"]
    assert found.warnings == ()
    assert paths(find_sources(["link"])) == ["link/b.tfrecord", "link/train/a.tfrecord"]


@needs_links
def test_a_folder_is_searched_once_however_many_links_lead_to_it() -> None:
    touch("data/v1/train/a.tfrecord")
    for target, link in [
        ("v1", "data/latest"),
        ("..", "data/v1/up"),
        (".", "data/v1/train/itself"),
        (os.path.join("..", "v1", "train"), "data/v1/again"),
    ]:
        os.symlink(target, link)
    found = find_sources(["data"])
    assert paths(found) == ["data/v1/train/a.tfrecord"]
    assert sorted(found.warnings) == [
        f"{os.path.join('data', *link)}: leads to {os.path.join('data', *folder)}, which is searched once only"
        for link, folder in [
            (("latest",), ("v1",)),
            (("v1", "again"), ("v1", "train")),
            (("v1", "train", "itself"), ("v1", "train")),
            (("v1", "up"), ()),
        ]
    ]


@needs_links
def test_a_record_file_of_a_folder_that_is_not_there_is_an_error_and_not_a_loss() -> None:
    touch("in/a.tfrecord")
    os.symlink("gone", "in/b.tfrecord")
    os.symlink("gone", "in/notes")
    assert refusal("in").startswith(os.path.join("in", "b.tfrecord") + ": this symbolic link leads to no file")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_pipes_and_devices_in_a_folder_are_not_opened() -> None:
    touch("in/a.tfrecord")
    os.mkfifo("in/b.tfrecord")
    os.symlink("/dev/zero", "in/c.tfrecord")
    found = find_sources(["in"])
    assert paths(found) == ["in/a.tfrecord"]
    assert found.warnings == tuple(
        f"in/{name}.tfrecord: a pipe or a device is read only where it is named" for name in "bc"
    )
    assert paths(find_sources(["in/*"])) == ["in/a.tfrecord"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "large"])
def test_a_dataset_info_that_is_no_file_of_bearable_size_is_not_opened(kind: str) -> None:
    touch("mini-train.tfrecord")
    match kind:
        case "pipe":
            os.mkfifo("dataset_info.json")
        case "device":
            os.symlink("/dev/zero", "dataset_info.json")
        case "folder":
            os.mkdir("dataset_info.json")
        case "large":
            with open("dataset_info.json", "wb") as file:
                file.truncate(3 << 30)
    assert [shard.split for shard in find_sources(["."]).shards] == ["train"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_named_pipe_and_a_link_to_it_are_inputs() -> None:
    os.mkfifo("pipe")
    os.symlink("pipe", "link")
    assert paths(find_sources(["pipe"])) == ["pipe"]
    assert paths(find_sources(["link"])) == ["link"]


@needs_links
@pytest.mark.parametrize("how", ["alone", "twice", "gap", "folder", "set"])
def test_control_characters_of_names_never_reach_a_message(how: str) -> None:
    folder = "in\x1b[31m"
    touch(f"{folder}/x\n-00000-of-00002.tfrecord")
    shown: list[str] = []
    try:
        match how:
            case "alone":
                shown += find_sources([f"{folder}/x\n-00000-of-00002.tfrecord"]).warnings
            case "twice":
                os.link(f"{folder}/x\n-00000-of-00002.tfrecord", "y.tfrecord")
                find_sources([f"{folder}/x\n-00000-of-00002.tfrecord", "y.tfrecord"])
            case "gap":
                find_sources([folder])
            case "folder":
                find_sources([f"{folder}/gone"])
            case "set":
                find_sources([f"{folder}/gone@10"])
    except InputError as error:
        shown.append(str(error))
    assert shown
    assert all(text.isprintable() for text in shown)
