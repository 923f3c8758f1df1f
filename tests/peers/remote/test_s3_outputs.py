"""Datasets written to a bucket: complete once the file of the instances is there, and told of where they are not."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import obstore
import pytest
from commands import Capture, said
from obstore.store import S3Store
from outputs import tree
from record_files import picture, write

from peers.remote.conftest import url
from peers.remote.relay import Fault, Relay
from tfrecord_lite.commands.cli import main

INSTANCES = "out/annotations/instances_train.json"


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    write("train.tfrecord", picture("a.jpg"), picture("deep/b ü#1.jpg"))
    yield
    assert list((tmp_path / "temporary").iterdir()) == [], "a stage was left"


def keys(bucket: S3Store, prefix: str = "out") -> set[str]:
    return {meta["path"] for page in obstore.list(bucket, prefix) for meta in page}


def convert(*arguments: str) -> int:
    return main(["convert", *arguments, "-q"])


@pytest.mark.parametrize("layout", ["coco", "roboflow"])
def test_what_is_written_is_what_a_folder_has(layout: str, bucket: S3Store, relay: Relay) -> None:
    options = [] if layout == "coco" else ["--layout", layout]
    assert convert("train.tfrecord", "-o", url(bucket, "out"), *options) == 0
    assert convert("train.tfrecord", "-o", "out", *options) == 0
    assert keys(bucket) == {f"out/{name}" for name in tree(Path("out"))}
    for name in tree(Path("out")):
        assert bytes(obstore.get(bucket, f"out/{name}").bytes()) == Path("out", name).read_bytes()
    written = [path for method, path in relay.requests if method == "PUT"]
    assert written[0].partition("/out/")[2].startswith(".tfrecord2coco-"), "whether it can be written is tried first"
    assert written[-1].endswith("instances_train.json" if layout == "coco" else "_annotations.coco.json")
    assert len(written) == len(keys(bucket)) + 2, "the probe, and a note of what is about to be written"


def test_a_single_file_is_one_object(bucket: S3Store, capsys: Capture) -> None:
    assert convert("train.tfrecord", "-o", url(bucket, "deep/x.json")) == 0
    assert keys(bucket, "") == {"deep/x.json"}
    assert convert("train.tfrecord", "-o", url(bucket, "y.json"), "--images", "images") == 2
    assert "At a URL name a folder as the output" in said(capsys)[-1]


def test_an_output_that_is_there_is_replaced_with_leave_only(bucket: S3Store, relay: Relay, capsys: Capture) -> None:
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 0
    obstore.put(bucket, "out/notes.txt", b"mine")
    before = keys(bucket)
    write("train.tfrecord", picture("a.jpg", texts=["cat"]), picture("c.jpg"))
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 2
    assert "this already exists. Replace it with --overwrite" in said(capsys)[-1]
    assert keys(bucket) == before
    relay.requests.clear()
    assert convert("train.tfrecord", "-o", url(bucket, "out"), "--overwrite") == 0
    assert keys(bucket) == before - {"out/images/train/deep/b ü#1.jpg"} | {"out/images/train/c.jpg"}
    changes = [path.partition("/out/")[2] for method, path in relay.requests if method in ("PUT", "DELETE", "POST")]
    assert "instances_train.json" in changes[-2], "and then the note is removed"


def test_what_no_conversion_wrote_is_not_replaced(bucket: S3Store, capsys: Capture) -> None:
    obstore.put(bucket, "out/images/train/mine.jpg", b"the only copy")
    assert convert("train.tfrecord", "-o", url(bucket, "out"), "--overwrite") == 2
    assert "this is another object than the images of annotations/instances_train.json" in said(capsys)[-1]
    assert keys(bucket) == {"out/images/train/mine.jpg"}


def test_a_run_that_refuses_its_input_writes_nothing(bucket: S3Store) -> None:
    write("train.tfrecord", picture("a.jpg", image=b"junk"))
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 1
    assert keys(bucket, "") == set()
    assert convert("train.tfrecord", "-o", url(bucket, "out"), "--on-error", "skip", "--dry-run", "--allow-empty") == 0
    assert keys(bucket, "") == set()


def test_what_a_failed_run_leaves_is_named(bucket: S3Store, relay: Relay, capsys: Capture) -> None:
    relay.faults = [Fault("PUT", "/out/images/train/a.jpg", 403)]
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 2
    line = said(capsys)[-1]
    assert f"{url(bucket, 'out/images/train/a.jpg')}: access is denied" in line
    assert "4 objects" in line or "None of" in line
    assert INSTANCES not in keys(bucket)
    relay.faults = [Fault("PUT", INSTANCES, 403)]
    assert convert("train.tfrecord", "-o", url(bucket, "out"), "--overwrite") == 2
    line = said(capsys)[-1]
    assert "3 of 4 objects were written, of the files of instances none. Run again with --overwrite" in line
    assert INSTANCES not in keys(bucket)
    write("train.tfrecord", picture("other.jpg"))
    assert convert("train.tfrecord", "-o", url(bucket, "out"), "--overwrite") == 0
    assert keys(bucket) == {INSTANCES, "out/images/train/other.jpg", "out/reports/train.json"}


def test_what_passes_is_tried_again(bucket: S3Store, relay: Relay) -> None:
    relay.faults = [Fault("PUT", "/out/images/train/a.jpg", 503), Fault("PUT", INSTANCES, 500)]
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 0
    assert len(keys(bucket)) == 4


def test_no_leave_to_write_is_found_out_before_anything_is_read(bucket: S3Store, relay: Relay, capsys: Capture) -> None:
    relay.faults = [Fault("PUT", "/out/.tfrecord2coco-", 403)]
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 2
    assert "access is denied" in said(capsys)[-1]
    assert keys(bucket, "") == set()


def test_of_two_runs_at_a_time_one_is_refused(bucket: S3Store, relay: Relay, capsys: Capture) -> None:
    relay.faults = [Fault("PUT", INSTANCES, first=lambda: obstore.put(bucket, INSTANCES, b"of the other"))]
    assert convert("train.tfrecord", "-o", url(bucket, "out")) == 2
    assert "another run wrote this in the meantime" in said(capsys)[-1]
    assert bytes(obstore.get(bucket, INSTANCES).bytes()) == b"of the other"


def test_a_later_split_keeps_the_categories_of_those_that_are_there(bucket: S3Store) -> None:
    write("train.tfrecord", picture("a.jpg", texts=["cat"]))
    write("val.tfrecord", picture("b.jpg", texts=["dog"]))
    for target in (url(bucket, "out"), "out"):
        assert convert("train.tfrecord", "-o", target) == 0
        assert convert("val.tfrecord", "-o", target) == 0
    key = "annotations/instances_val.json"
    assert bytes(obstore.get(bucket, f"out/{key}").bytes()) == Path("out", key).read_bytes()


def test_nothing_that_is_read_is_replaced(bucket: S3Store, capsys: Capture) -> None:
    key = "out/images/train/train.tfrecord"
    obstore.put(bucket, key, Path("train.tfrecord"))
    assert convert(url(bucket, key), "-o", url(bucket, "out"), "--overwrite") == 2
    assert "would replace this, but" in said(capsys)[-1]
    assert keys(bucket) == {key}


def test_fsspec_writes_what_obstore_does_not(capsys: Capture) -> None:
    assert convert("train.tfrecord", "-o", "memory://out") == 0
    assert convert("train.tfrecord", "-o", "out") == 0
    memory = fsspec.filesystem("memory")
    assert {name.removeprefix("/out/") for name in memory.find("/out")} == set(tree(Path("out")))
    assert convert("train.tfrecord", "-o", "memory://out") == 2
    assert convert("train.tfrecord", "-o", "memory://out", "--overwrite") == 0
    assert main(["preview", "train.tfrecord", "-o", "memory://sheet.png"]) == 2
    assert "Name a path, and copy the result" in said(capsys)[-1]
