"""Records at a URL: the verbs that read take it like a file, and tell what goes wrong on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Capture, coco, said
from outputs import tree
from record_files import picture
from tfrecords import jpeg, shard, texts
from web_server import Fault, Site, serve

from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")
TRAIN = "/data/train-00000-of-00002.tfrecord"
SECOND = "/data/train-00001-of-00002.tfrecord"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("tfrecord_lite.inputs.retries._FIRST_WAIT", 0.001)
    with serve() as site:
        site.files = {TRAIN: shard(picture("a.jpg"), picture("b.jpg")), SECOND: shard(picture("c.jpg"))}
        yield site


def convert(*arguments: str, to: str = "out") -> int:
    return main(["convert", *arguments, "-o", to, "-q"])


def local() -> list[str]:
    """The same shards as files."""
    Path("local").mkdir(exist_ok=True)
    for name, records in ((TRAIN, [picture("a.jpg"), picture("b.jpg")]), (SECOND, [picture("c.jpg")])):
        Path("local", Path(name).name).write_bytes(shard(*records))
    return ["local"]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_conversion_is_that_of_the_files(ranges: bool, jobs: str, site: Site) -> None:
    site.ranges = ranges
    assert convert(site.url("/data/train@2.tfrecord"), "-j", jobs, to="remote") == 0
    assert convert(*local(), to="here") == 0
    remote, here = tree(Path("remote")), tree(Path("here"))
    assert remote.keys() == here.keys()
    assert {name for name in here if remote[name] != here[name]} == {"reports/train.json"}, "it names the files"
    report = json.loads(Path("remote/reports/train.json").read_text())
    assert [each["file"] for each in report["inputs"]] == [site.url(TRAIN), site.url(SECOND)]


def test_all_that_goes_wrong_on_the_way_at_once_changes_nothing(site: Site) -> None:
    size = len(site.files[TRAIN])
    site.faults[TRAIN] = [Fault(503, {"Retry-After": "0"}), Fault(), Fault(cut=0), Fault(cut=size // 2), Fault(500)]
    assert convert(site.url(TRAIN), "--allow-missing-shards") == 0
    assert [image["file_name"] for image in coco("out/annotations/instances_train.json")["images"]] == [
        "a.jpg",
        "b.jpg",
    ]


def test_what_does_not_pass_ends_the_run_and_nothing_is_published(site: Site, capsys: Capture) -> None:
    site.faults[TRAIN] = [Fault(), Fault(), *[Fault(cut=10)] * 6]
    assert convert(site.url(TRAIN), site.url(SECOND)) == 2
    assert said(capsys) == [
        f"tfrecord2coco: error: {site.url(TRAIN)}: the connection was cut "
        f"{len(site.files[TRAIN]) - 60} bytes before the end, 6 times in a row"
    ]
    assert not Path("out").exists()


def test_an_object_that_is_replaced_meanwhile_ends_the_run(
    site: Site, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("ranged", "web"):
        monkeypatch.setattr(f"tfrecord_lite.inputs.{module}.RANGE", 500)
    site.at[TRAIN, 500] = Fault(headers={"ETag": "another"})
    assert convert(site.url(TRAIN)) == 2
    assert any("the object was replaced while it was read" in line for line in said(capsys))
    assert not Path("out").exists()


def test_files_beside_records_are_looked_for_by_their_names(site: Site) -> None:
    site.files["/data/labels/map.pbtxt"] = b"item { id: 1 name: 'cat' }"
    assert convert(site.url(TRAIN), site.url(SECOND), "--label-map", site.url("/data/labels/map.pbtxt")) == 0
    assert coco("out/annotations/instances_train.json")["categories"][0]["name"] == "cat"


def test_pictures_are_looked_up_at_a_url(site: Site) -> None:
    site.files["/pictures/deep/a b#1.jpg"] = jpeg(64, 48)
    record = {**picture("deep/a b#1.jpg")}
    del record["image/encoded"]
    site.files["/named.tfrecord"] = shard(record)
    assert convert(site.url("/named.tfrecord"), "--image-root", site.url("/pictures")) == 0
    assert Path("out/images/named/deep/a b#1.jpg").read_bytes() == jpeg(64, 48)
    del site.files["/pictures/deep/a b#1.jpg"]
    assert main(["convert", site.url("/named.tfrecord"), "-o", "x", "-q", "--image-root", site.url("/pictures/")]) == 1


def test_the_other_verbs_take_urls_too(site: Site, capsys: Capture) -> None:
    assert main(["verify", site.url(TRAIN)]) == 0
    assert capsys.readouterr().out == f"{site.url(TRAIN)}: 2 records, ok\n"
    assert main(["inspect", site.url(TRAIN)]) == 0
    assert "object_detection" in capsys.readouterr().out
    assert main(["preview", site.url(TRAIN), site.url(SECOND), "-o", "sheet.png"]) == 0
    assert Path("sheet.png").stat().st_size > 1000
    assert convert(*local()) == 0
    site.files["/coco/x.json"] = Path("out/annotations/instances_train.json").read_bytes()
    for name in "abc":
        site.files[f"/coco/images/{name}.jpg"] = jpeg(64, 48)
    assert main(["validate", site.url("/coco/x.json"), "--images", site.url("/coco/images/")]) == 0
    assert main(["preview", site.url("/coco/x.json"), "--image-root", site.url("/coco/images"), "-o", "p.html"]) == 0
    assert site.ranges_of("/coco/images/a.jpg")


def test_damage_at_a_url_is_reported_with_its_place(site: Site, capsys: Capture) -> None:
    site.files[TRAIN] = site.files[TRAIN][:-5]
    for ranges in (True, False):
        site.ranges = ranges
        assert main(["verify", site.url(TRAIN)]) == 1
        assert f"{site.url(TRAIN)}: record 1 at byte" in capsys.readouterr().out
        assert convert(site.url(TRAIN), "--on-error", "recover", "--allow-missing-shards", "--overwrite") == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("/data/*.tfrecord", "a web server does not list files. Name each of them, or a set of shards as base@10"),
        ("/data/train@*", "a web server does not list files"),
        ("/data/", "a web server does not list files"),
        ("/data/gone.tfrecord", "there is no such file on the server"),
        ("/data/train@2", "no such set of shards: looked for"),
        ("/data/train@3.tfrecord", "no such set of shards: looked for"),
    ],
)
def test_what_cannot_be_is_reported_with_what_to_do(given: str, told: str, site: Site, capsys: Capture) -> None:
    assert convert(site.url(given)) == 2
    (line,) = said(capsys)
    assert told in line


def test_a_gap_in_a_set_is_an_error_here_too(site: Site, capsys: Capture) -> None:
    del site.files[SECOND]
    assert convert(site.url("/data/train@2.tfrecord")) == 2
    assert "1 of 2 shards are missing" in said(capsys)[0]


def test_a_signature_is_never_shown(site: Site, capsys: Capture) -> None:
    query = "?X-Amz-Signature=secret"
    site.files["/labels.txt"] = b"cat"
    site.files["/pictures/a.jpg"] = jpeg(64, 48)
    site.files["/bad.tfrecord"] = shard({"image/encoded": texts(b"junk")})
    given = [site.url(name) + query for name in (TRAIN, SECOND, "/bad.tfrecord")]
    pictures = site.url("/pictures/") + query
    assert convert(*given, "--image-root", pictures, "--label-map", site.url("/labels.txt") + query) == 1
    for verb in (["verify", *given], ["inspect", "--json", *given], ["preview", "-o", "page.html", *given]):
        main(verb)
    assert main(["convert", *given, "-o", "out", "--json", "--on-error", "skip", "--html", "x.html"]) == 0
    assert convert(site.url("/gone") + query) == 2
    site.faults[TRAIN] = [Fault(403)]
    assert convert(given[0]) == 2
    shown = capsys.readouterr()
    assert any(path.endswith(query) for path, _ in site.requests)
    for text in (shown.out, shown.err, *(path.read_text() for path in Path().rglob("*.[jh][st][om][nl]"))):
        assert text
        assert "secret" not in text


def test_a_web_server_takes_no_output(site: Site, capsys: Capture) -> None:
    assert convert(*local(), to=site.url("/out")) == 2
    assert said(capsys) == [
        f"tfrecord2coco: error: {site.url('/out')}: a web server takes no files. "
        "Name a folder, or a URL of an object store"
    ]
    assert site.requests == []


@pytest.mark.parametrize(
    "call",
    [
        ["preview", "local", "-o", "s3://bucket/sheet.png"],
        ["preview", "local", "-o", "s3://bucket/pictures"],
        ["convert", "local", "-o", "x.json", "--images", "s3://bucket/images", "-q"],
        ["convert", "local", "-o", "x", "--html", "s3://bucket/x.html", "-q"],
        ["pack", "coco", "-o", "s3://bucket/records"],
        ["demo", "-o", "s3://bucket/demo"],
    ],
    ids=" ".join,
)
def test_what_is_written_to_files_refuses_a_url(call: list[str], capsys: Capture) -> None:
    assert convert(*local(), to="coco") == 0
    capsys.readouterr()
    assert main(call) == 2
    assert "this is written to files of this machine. Name a path" in said(capsys)[0]
    assert not Path("s3:").exists()


FORKED = """
import sys
from tfrecord_lite.pipeline.conversion import read_splits
read_splits.ALONE_SECONDS = read_splits.WORTH_SECONDS = 0.0
from tfrecord_lite.commands.cli import main
sys.exit(main())
"""


@pytest.mark.slow
def test_workers_have_connections_of_their_own(site: Site) -> None:
    names = [f"/many/train-{number:05d}-of-00012.tfrecord" for number in range(12)]
    for number, name in enumerate(names):
        site.files[name] = shard(picture(f"{number}.jpg"))
    command = [sys.executable, "-c", FORKED, "convert", site.url("/many/train@12.tfrecord"), "-q", "-j"]
    for jobs in ("1", "3"):
        assert subprocess.run([*command, jobs, "-o", f"out-{jobs}"], check=False).returncode == 0
    assert tree(Path("out-1")) == tree(Path("out-3"))
