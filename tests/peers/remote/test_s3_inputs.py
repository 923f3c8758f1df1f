"""Records in a bucket: found as in a folder, read whatever happens on the way, and told of when they are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fsspec
import obstore
import pytest
from commands import Capture, said
from obstore.store import S3Store
from outputs import tree
from record_files import picture
from tfrecords import jpeg, shard

from peers.remote.conftest import SECRET, url
from peers.remote.relay import Fault, Relay
from tfrecord_lite.commands.cli import main
from tfrecord_lite.inputs.discover import find_sources
from tfrecord_lite.inputs.storage import find_below, kind_of, open_input, read_start, read_up_to

pytestmark = pytest.mark.usefixtures("in_a_folder")


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put_shards(bucket: S3Store, folder: str = "data", count: int = 3) -> list[str]:
    keys = [f"{folder}/train-{number:05d}-of-{count:05d}.tfrecord" for number in range(count)]
    for number, key in enumerate(keys):
        obstore.put(bucket, key, shard(picture(f"{number}.jpg")))
    return keys


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> int:
    for module in ("ranged", "object_stores"):
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.RANGE", 5000)
    return 5000


def test_inputs_are_found_as_in_a_folder(bucket: S3Store) -> None:
    keys = put_shards(bucket)
    obstore.put(bucket, "data/deep/er/val.tfrecord", shard(picture("v.jpg")))
    obstore.put(bucket, "data/.hidden.tfrecord", b"")
    obstore.put(bucket, "data/read me#1?.txt", b"")
    train = [url(bucket, key) for key in keys]
    val = url(bucket, "data/deep/er/val.tfrecord")
    given = {
        "data": [val, *train],
        "data/": [val, *train],
        "data/train@3.tfrecord": train,
        "data/train@*.tfrecord": train,
        "data/train-*": train,
        "data/train-0000[01]-*": train[:2],
        "data/**/*.tfrecord": [val, *train],
        "*/train-00000-*": train[:1],
        "data/deep/er/val.tfrecord": [val],
        "": [val, *train],
    }
    for key, expected in given.items():
        found = find_sources([url(bucket, key)], allow_missing_shards=True)
        assert sorted(shard.path for shard in found.shards) == sorted(expected), key
        assert all(shard.remote and shard.remote.size for shard in found.shards)
    assert kind_of(url(bucket, "data/gone")) == "nothing"
    assert kind_of(url(bucket, "data/deep")) == "folder"
    assert find_below(url(bucket, "data"), "read me#1?.txt") is not None
    assert find_below(url(bucket, "data/deep"), "../.hidden.tfrecord") is None


def test_a_listing_comes_in_pages(bucket: S3Store, relay: Relay) -> None:
    for number in range(1205):
        obstore.put(bucket, f"many/x-{number:05d}-of-01205.tfrecord", b"")
    found = find_sources([url(bucket, "many/")])
    assert len(found.shards) == 1205
    assert sum("continuation-token" in path for _, path in relay.requests) >= 1
    relay.requests.clear()
    assert len(find_sources([url(bucket, "many/x@1205.tfrecord")]).shards) == 1205
    assert len(relay.requests) < 20, "a set is listed, and not asked for file by file"


@pytest.mark.usefixtures("small_ranges")
def test_what_passes_is_tried_again(bucket: S3Store, relay: Relay) -> None:
    data = os.urandom(44_444)
    obstore.put(bucket, "x", data)
    for ahead in (True, False):
        relay.faults = [Fault("GET", "/x", cut=100), Fault("GET", "/x", cut=0, asked="bytes=10000-")]
        relay.faults.append(Fault("GET", "/x", 503, asked="bytes=20000-"))
        with open_input(url(bucket, "x"), ahead=ahead) as file:
            assert read_up_to(file, 10**6) == data
        relay.faults = []
    obstore.put(bucket, "empty", b"")
    assert read_start(url(bucket, "empty"), 10) == b""


def test_an_object_that_is_replaced_while_it_is_read_is_an_error(
    bucket: S3Store, relay: Relay, small_ranges: int, capsys: Capture
) -> None:
    obstore.put(bucket, "x.tfrecord", shard(*[picture(f"{number}.jpg") for number in range(40)]))
    other = shard(*[picture(f"{number}.jpg", image=jpeg(64, 48, 9)) for number in range(40)])
    replace = Fault("GET", "/x.tfrecord", first=lambda: obstore.put(bucket, "x.tfrecord", other))
    replace.asked = f"bytes={2 * small_ranges}-"
    relay.faults = [replace]
    assert main(["convert", url(bucket, "x.tfrecord"), "-o", "out", "-q"]) == 2
    assert "the object was replaced while it was read" in "".join(said(capsys))
    assert not Path("out").exists()


def test_a_conversion_is_that_of_the_files(bucket: S3Store) -> None:
    keys = put_shards(bucket)
    obstore.put(bucket, "data/label_map.pbtxt", b"item { id: 1 name: 'cat' }")
    obstore.put(bucket, "data/features.json", b"{}")
    for key in [*keys, "data/label_map.pbtxt"]:
        Path(key).parent.mkdir(exist_ok=True)
        Path(key).write_bytes(obstore.get(bucket, key).bytes())
    assert main(["convert", url(bucket, "data/"), "-o", "remote", "-q", "-j", "2"]) == 0
    assert main(["convert", "data", "-o", "here", "-q"]) == 0
    remote, here = tree(Path("remote")), tree(Path("here"))
    assert {name for name in here if remote.get(name) != here[name]} == {"reports/train.json"}, "it names the files"
    assert remote.keys() == here.keys()


def test_workers_read_objects_too(bucket: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put_shards(bucket, count=4)
    for name in ("ALONE_SECONDS", "WORTH_SECONDS"):
        monkeypatch.setattr(f"tfrecord_lite.pipeline.conversion.read_splits.{name}", 0.0)
    assert main(["convert", url(bucket, "data/"), "-o", "out", "-q", "-j", "2"]) == 0
    assert len(list(Path("out/images/train").iterdir())) == 4


def test_the_other_verbs_take_urls_too(bucket: S3Store, capsys: Capture) -> None:
    put_shards(bucket)
    assert main(["verify", url(bucket, "data")]) == 0
    assert capsys.readouterr().out.count("1 record, ok") == 3
    assert main(["inspect", url(bucket, "data/train-00000-of-00003.tfrecord")]) == 0
    assert main(["preview", url(bucket, "data"), "-o", "sheet.png"]) == 0
    assert main(["convert", url(bucket, "data"), "-o", "out", "-q"]) == 0
    for path in Path("out").rglob("*.*"):
        obstore.put(bucket, f"coco/{path.relative_to('out').as_posix()}", path)
    assert main(["validate", url(bucket, "coco")]) == 0
    assert main(["preview", url(bucket, "coco/annotations/instances_train.json"), "-o", "page.html"]) == 0
    assert main(["preview", url(bucket, "coco"), "-o", "second.html"]) == 0


@pytest.mark.parametrize(
    ("fault", "key", "told"),
    [
        (Fault("HEAD", "/data", 403), "data/x.tfrecord", "access is denied"),
        (None, "gone", "no such file or folder"),
        (None, "gone/*.tfrecord", "no file matches this pattern"),
        (None, "a//b", "empty path segment"),
    ],
)
def test_what_cannot_be_is_reported_in_a_line_without_secrets(
    fault: Fault | None, key: str, told: str, bucket: S3Store, relay: Relay, capsys: Capture
) -> None:
    relay.faults = [] if fault is None else [fault]
    assert main(["convert", url(bucket, key), "-o", "out", "-q"]) == 2
    (line,) = said(capsys)
    assert told in line
    assert url(bucket, key) in line
    assert SECRET not in line


def test_without_obstore_a_line_says_what_to_install() -> None:
    code = "import sys; sys.modules['obstore'] = None; from tfrecord_lite.commands.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "verify", "s3://bucket/x"], capture_output=True, text=True, check=False
    )
    assert done.stderr.count("\n") == 1
    assert '-m pip install "tfrecord2coco[remote]"' in done.stderr


def test_other_schemes_are_those_of_fsspec(capsys: Capture) -> None:
    memory = fsspec.filesystem("memory")
    for number in range(2):
        memory.pipe_file(f"/data/train-0000{number}-of-00002.tfrecord", shard(picture(f"{number}.jpg")))
    for given in ("memory://data", "memory://data/*.tfrecord", "memory://data/train@2.tfrecord"):
        assert main(["verify", given]) == 0
        assert capsys.readouterr().out.count("1 record, ok") == 2
    assert main(["convert", "memory://data", "-o", "out", "-q"]) == 0
    assert main(["verify", "unheard://x"]) == 2
    assert "fsspec cannot read unheard://" in capsys.readouterr().err
