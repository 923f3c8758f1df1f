"""Nothing that is read is ever replaced, whatever the options, and whatever name leads to it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, shard

from tfrecord_lite import OutputError, convert
from tfrecord_lite.output.checks import protect_inputs

RECORDS = shard(detection("a.jpg", boxes=[(1, 1, 9, 9)], labels=[1]))
UNSEEN = shard(detection("a.jpg", image=None, boxes=[(1, 1, 9, 9)], labels=[1]))
LABELS = b'item { id: 1 name: "cat" }'
links = pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")

ATTACKS: dict[str, tuple[dict[str, bytes], str, str, dict[str, Any], str, str]] = {
    # files, input, output, options; then what is read, and what would be replaced
    "Roboflow's own export": (
        {"ds/train/Animals.tfrecord": RECORDS, "ds/train/Animals_label_map.pbtxt": LABELS},
        "ds",
        "ds",
        {"layout": "roboflow"},
        "ds/train/Animals.tfrecord",
        "ds/train",
    ),
    "records below the images": (
        {"ds/images/train/x.tfrecord": RECORDS},
        "ds/images/train/x.tfrecord",
        "ds",
        {},
        "ds/images/train/x.tfrecord",
        "ds/images/train",
    ),
    "deeper below them": (
        {"ds/images/x/a/b/train.tfrecord": RECORDS},
        "ds",
        "ds",
        {"split": "x"},
        "ds/images/x/a/b/train.tfrecord",
        "ds/images/x",
    ),
    "the output is the input": ({"x.json": RECORDS}, "x.json", "x.json", {}, "x.json", "x.json"),
    "relative paths": (
        {"ds/images/x/x.tfrecord": RECORDS},
        "ds/images/../images/x/x.tfrecord",
        "ds/images/..",
        {"split": "x"},
        "ds/images/../images/x/x.tfrecord",
        "ds/images/../images/x",
    ),
    "the output is the label map": (
        {"x.tfrecord": RECORDS, "x.json": b'{"1": "cat"}'},
        "x.tfrecord",
        "x.json",
        {"label_map": "x.json"},
        "x.json",
        "x.json",
    ),
    "a label map that was found": (
        {"x.tfrecord": RECORDS, "label_map.json": b'{"1": "cat"}'},
        "x.tfrecord",
        "label_map.json",
        {},
        "label_map.json",
        "label_map.json",
    ),
    "a label map in the output": (
        {"x.tfrecord": RECORDS, "ds/train/l.pbtxt": LABELS},
        "x.tfrecord",
        "ds",
        {"label_map": "ds/train/l.pbtxt", "layout": "roboflow", "split": "train"},
        "ds/train/l.pbtxt",
        "ds/train",
    ),
    "a file beside the records": (
        {"x.tfrecord": RECORDS, "features.json": b"{}"},
        "x.tfrecord",
        "features.json",
        {},
        "features.json",
        "features.json",
    ),
    "the folder of images is the input": (
        {"pics/x.tfrecord": RECORDS},
        "pics",
        "x.json",
        {"images": "pics"},
        "pics/x.tfrecord",
        "pics",
    ),
    "pictures that are looked up": (
        {"x.tfrecord": UNSEEN, "ds/images/x/a.jpg": b"?"},
        "x.tfrecord",
        "ds",
        {"image_root": "ds/images/x", "split": "x"},
        "ds/images/x",
        "ds/images/x",
    ),
    "pictures around the output": (
        {"x.tfrecord": UNSEEN, "data/ds/images/x/a.jpg": b"?"},
        "x.tfrecord",
        "data/ds",
        {"image_root": "data", "split": "x"},
        "data",
        "data/ds/images/x",
    ),
}


def before(files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content)


def now() -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


@pytest.mark.usefixtures("in_a_folder_of_its_own")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_output_that_would_replace_what_is_read_is_refused_and_both_are_named(attack: str, overwrite: bool) -> None:
    files, source, output, options, read, replaced = ATTACKS[attack]
    before(files)
    with pytest.raises(OutputError) as caught:
        convert(source, output, overwrite=overwrite, **options)
    message = str(caught.value)
    assert message.startswith(f"{replaced}: ")
    assert f"the output {output} " in message
    assert f" {read} is read" in message
    assert now() == files


@links
@pytest.mark.usefixtures("in_a_folder_of_its_own")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize(
    ("link", "target", "source", "output"),
    [
        ("link", "ds", "ds/images/x/x.tfrecord", "link"),
        ("link", "ds", "link/images/x/x.tfrecord", "ds"),
        ("ds/images/y", "x", "ds/images/y/x.tfrecord", "ds"),
        ("y.tfrecord", "ds/images/x/x.tfrecord", "y.tfrecord", "ds"),
        ("ds/images/x/y.tfrecord", "../../../x.tfrecord", "ds/images/x/y.tfrecord", "ds"),
    ],
)
def test_links_hide_nothing(link: str, target: str, source: str, output: str, overwrite: bool) -> None:
    files = {"ds/images/x/x.tfrecord": RECORDS, "x.tfrecord": RECORDS}
    before(files)
    os.symlink(target, link)
    with pytest.raises(OutputError, match="is read"):
        convert(source, output, split="x", overwrite=overwrite)
    assert files.items() <= now().items()
    assert os.path.islink(link)


@links
def test_files_are_known_by_what_they_are_and_not_by_their_letters(tmp_path: Path) -> None:
    """As on a file system that does not tell case apart, or where a folder is mounted twice."""
    (tmp_path / "Data").mkdir()
    (tmp_path / "Data" / "x.tfrecord").touch()
    os.symlink("Data", tmp_path / "dATA")
    with pytest.raises(OutputError):
        protect_inputs([str(tmp_path / "Data/x.tfrecord")], [str(tmp_path / "dATA")], "out", image_root=None)


@pytest.mark.usefixtures("in_a_folder_of_its_own")
@pytest.mark.parametrize("options", [{}, {"layout": "roboflow"}, {"image_root": "."}, {"label_map": "l.pbtxt"}])
def test_an_output_beside_the_inputs_is_fine(options: dict[str, Any]) -> None:
    files = {"train.tfrecord": RECORDS, "l.pbtxt": LABELS, "val/x.tfrecord": RECORDS, "out/mine.txt": b"mine"}
    before(files)
    convert(".", "out", **options)
    if "image_root" in options:  # of which the output of the first run is a part
        shutil.rmtree("out/images")
    convert(".", "out", overwrite=True, **options)
    assert files.items() <= now().items()
