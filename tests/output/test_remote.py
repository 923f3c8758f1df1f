"""Outputs in an object store: complete once the last file is there, and nobody's objects but ours are replaced."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from pathlib import Path

import pytest
from outputs import tree
from record_files import picture, write

import tfrecord_lite
from tfrecord_lite.errors import InputError, OutputError, RejectedInputError
from tfrecord_lite.inputs.object_place import ObjectPlace
from tfrecord_lite.inputs.place import Entry, Kind, LocalFiles, Status

URL = "store://bucket/out"
INSTANCES = "annotations/instances_train.json"


class Store(ObjectPlace):
    """An object store in a folder. written: names, in order. broken: those that cannot be written."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = LocalFiles()
        self.written: list[str] = []
        self.broken: set[str] = set()

    def _path(self, url: str) -> str:
        return os.path.join(self._root, *url.removeprefix("store://").split("/"))

    def status(self, path: str) -> Status | None:
        return self._files.status(self._path(path))

    def kind(self, path: str) -> Kind:
        return self._files.kind(self._path(path))

    def open(self, path: str, *, ahead: bool) -> RawIOBase:
        return self._files.open(self._path(path), ahead=ahead)

    def entries(self, folder: str) -> list[Entry]:
        if self.kind(folder) != "folder":
            return []
        found = self._files.entries(self._path(folder))
        return [entry._replace(path=f"{folder.rstrip('/')}/{entry.name}") for entry in found]

    def write(self, path: str, source: str, *, new: bool) -> None:
        name = path.removeprefix(f"{URL}/")
        if name in self.broken:
            raise OSError(errno.EIO, "it broke", path)
        target = Path(self._path(path))
        if new and target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        self.written.append(name)

    def remove(self, paths: Iterable[str]) -> None:
        for path in paths:
            Path(self._path(path)).unlink(missing_ok=True)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    store = Store(tmp_path / "stored")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("tfrecord_lite.output.remote.object_place_of", lambda _: store)
    monkeypatch.setattr("tfrecord_lite.inputs.storage.object_place_of", lambda _: store)
    yield store
    assert list((tmp_path / "temporary").iterdir()) == [], "a stage was left"


def there(tmp_path: Path) -> set[str]:
    return set(tree(tmp_path / "stored" / "bucket" / "out"))


def records(tmp_path: Path, *names: str) -> Path:
    return write(tmp_path / "train.tfrecord", *[picture(each) for each in names])


@pytest.mark.parametrize("name", ["data.yaml", "labels/train/mine.txt"])
def test_labels_that_no_conversion_wrote_are_never_replaced(name: str, store: Store, tmp_path: Path) -> None:
    source = records(tmp_path, "a.jpg")
    tfrecord_lite.convert(source, URL)
    mine = Path(store._path(f"{URL}/{name}"))
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("names: [mine]")
    with pytest.raises(OutputError, match=r"is not replaced\. Move it away, or name another output"):
        tfrecord_lite.convert(source, URL, layout="yolo", overwrite=True)
    mine.unlink()
    for _ in range(2):
        tfrecord_lite.convert(source, URL, layout="yolo", overwrite=True)
    with pytest.raises(OutputError, match="the split train has YOLO labels"):
        tfrecord_lite.convert(source, URL, overwrite=True)


@pytest.mark.parametrize("layout", ["coco", "roboflow", "yolo"])
def test_the_objects_are_the_files_of_a_folder_and_the_instances_come_last(
    layout: str, store: Store, tmp_path: Path
) -> None:
    source = records(tmp_path, "a.jpg", "deep/b.jpg")
    summary = tfrecord_lite.convert(source, URL, layout=layout)
    tfrecord_lite.convert(source, tmp_path / "here", layout=layout)
    assert tree(tmp_path / "stored" / "bucket" / "out") == tree(tmp_path / "here")
    assert all(path.startswith(f"{URL}/") for path in (*summary.files, *summary.written.image_folders))
    assert f"{URL}/{store.written[-1]}" == summary.files[0]


def test_what_is_there_is_replaced_with_leave_only_and_only_if_it_is_ours(store: Store, tmp_path: Path) -> None:
    tfrecord_lite.convert(records(tmp_path, "a.jpg", "b.jpg"), URL)
    source = records(tmp_path, "a.jpg", "c.jpg")
    with pytest.raises(OutputError, match="already exists"):
        tfrecord_lite.convert(source, URL)
    assert "images/train/b.jpg" in there(tmp_path)
    tfrecord_lite.convert(source, URL, overwrite=True)
    assert there(tmp_path) == {INSTANCES, "images/train/a.jpg", "images/train/c.jpg", "reports/train.json"}
    mine = write(tmp_path / "mine.jpg", picture("x"))
    store.write(f"{URL}/images/train/.DS_Store", str(mine), new=True)
    tfrecord_lite.convert(source, URL, overwrite=True)
    assert "images/train/.DS_Store" not in there(tmp_path)
    store.write(f"{URL}/images/train/mine.jpg", str(mine), new=True)
    before = there(tmp_path)
    with pytest.raises(OutputError, match="this is another object than the images of annotations"):
        tfrecord_lite.convert(source, URL, overwrite=True)
    assert there(tmp_path) == before


@pytest.mark.parametrize("broken", [INSTANCES, "images/train/b.jpg", "reports/train.json"])
def test_a_run_that_fails_says_what_it_leaves_and_the_next_one_replaces_it(
    broken: str, store: Store, tmp_path: Path
) -> None:
    store.broken = {broken}
    with pytest.raises(OutputError, match=r"it broke\. \d of 4 objects were written, of the files of instances none"):
        tfrecord_lite.convert(records(tmp_path, "a.jpg", "b.jpg"), URL)
    assert INSTANCES not in there(tmp_path)
    store.broken = set()
    tfrecord_lite.convert(records(tmp_path, "c.jpg"), URL, overwrite=True)
    assert there(tmp_path) == {INSTANCES, "images/train/c.jpg", "reports/train.json"}
    assert not list((tmp_path / "stored" / "bucket" / "out").glob(".*")), "no note is left"


def test_nothing_is_written_of_records_that_are_refused_or_only_tried(store: Store, tmp_path: Path) -> None:
    source = write(tmp_path / "train.tfrecord", picture("a.jpg", image=b"junk"))
    with pytest.raises(RejectedInputError):
        tfrecord_lite.convert(source, URL)
    tfrecord_lite.convert(records(tmp_path, "a.jpg"), URL, dry_run=True)
    assert there(tmp_path) == set()
    assert {name.partition("-")[0] for name in store.written} == {".tfrecord2coco"}, "but for the probe"


def test_a_later_split_shares_the_categories_and_touches_nothing_else(store: Store, tmp_path: Path) -> None:
    tfrecord_lite.convert(write(tmp_path / "train.tfrecord", picture("a.jpg", texts=["cat"])), URL)
    before = len(store.written)
    tfrecord_lite.convert(write(tmp_path / "val.tfrecord", picture("b.jpg", texts=["dog"])), URL)
    assert {name for name in store.written[before:] if not name.startswith(".")} == {
        "annotations/instances_val.json",
        "images/val/b.jpg",
        "reports/val.json",
    }


def test_another_run_that_wrote_the_instances_meanwhile_is_not_replaced(store: Store, tmp_path: Path) -> None:
    class Raced(Store):
        def write(self, path: str, source: str, *, new: bool) -> None:
            if path.endswith(INSTANCES):
                super().write(path, source, new=False)
            super().write(path, source, new=new)

    store.__class__ = Raced
    with pytest.raises(OutputError, match="another run wrote this in the meantime"):
        tfrecord_lite.convert(records(tmp_path, "a.jpg"), URL)


@pytest.mark.usefixtures("store")
def test_nothing_that_is_read_is_replaced(tmp_path: Path) -> None:
    source = records(tmp_path, "a.jpg")
    stored = tmp_path / "stored" / "bucket" / "out" / "images" / "train"
    stored.mkdir(parents=True)
    shutil.copyfile(source, stored / "train.tfrecord")
    with pytest.raises(OutputError, match="would replace this, but"):
        tfrecord_lite.convert(f"{URL}/images/train/train.tfrecord", URL, overwrite=True)


def test_a_web_server_takes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a web server takes no files"):
        tfrecord_lite.convert(records(tmp_path, "a.jpg"), "https://example.org/out")
