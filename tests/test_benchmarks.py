"""The benchmarks are programs that are right about what they say: nothing else would notice where they are not.

What is promised of them: a corpus of equal arguments is the same file; results that differ are found before anything is
timed; and every script still finds what it needs of the package.
"""

from __future__ import annotations

import importlib
import json
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image
from record_files import write
from tfrecords import detection, jpeg, shard

from tfrecord_lite import read_examples

FOLDER = Path(__file__).parent.parent / "benchmarks"
PROGRAMS = FOLDER / "programs"
SCRIPTS = [path for path in sorted(FOLDER.glob("*.py")) if '__name__ == "__main__"' in path.read_text("utf-8")]
OF_PEERS = {"plain_writer", "published"}  # run where those are installed
OURS = [path for path in sorted(PROGRAMS.glob("*.py")) if path.stem not in OF_PEERS]


@pytest.fixture(autouse=True)
def _beside_the_benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Modules are found as they are when a script runs, and forgotten afterwards: their names are not ours alone."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(PROGRAMS)
    monkeypatch.syspath_prepend(FOLDER)
    yield
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(FOLDER)):
            del sys.modules[name]


@pytest.fixture
def module() -> Callable[[str], ModuleType]:
    return importlib.import_module


Module = Callable[[str], Any]


# ------------------------------------------------------------------------------------------------ all of them
@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_a_benchmark_finds_all_it_needs(path: Path) -> None:
    assert callable(runpy.run_path(str(path), run_name="imported")["main"])


@pytest.mark.parametrize("path", OURS, ids=[path.stem for path in OURS])
def test_a_measured_program_of_ours_finds_all_it_needs(path: Path) -> None:
    assert runpy.run_path(str(path), run_name="imported")


# ------------------------------------------------------------------------------------------------ the corpus
def test_the_same_arguments_give_the_same_file_in_any_process(tmp_path: Path, module: Module) -> None:
    corpus = module("corpus")
    corpus.write_corpus(str(tmp_path / "here"), corpus.Corpus(records=5, size=1500, boxes=3, masks=True, seed=7))
    arguments = ["--records", "5", "--size", "1500", "--boxes", "3", "--masks", "1", "--seed", "7"]
    # Another process has another hash seed, and another order of protobuf's maps.
    subprocess.run([sys.executable, FOLDER / "corpus.py", str(tmp_path / "there"), *arguments], check=True)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "there").read_bytes()


def test_another_seed_gives_another_file(tmp_path: Path, module: Module) -> None:
    corpus = module("corpus")
    for seed in (1, 2):
        corpus.write_corpus(str(tmp_path / str(seed)), corpus.Corpus(records=2, size=1500, seed=seed))
    assert (tmp_path / "1").read_bytes() != (tmp_path / "2").read_bytes()


def test_shards_hold_the_records_of_one_file(tmp_path: Path, module: Module) -> None:
    corpus = module("corpus")

    def payloads(shards: int) -> list[bytes]:
        wanted = corpus.Corpus(records=10, size=1500, boxes=2, shards=shards)
        paths = corpus.write_dataset(str(tmp_path / str(shards)), wanted)
        return [example.message.SerializeToString(deterministic=True) for example in read_examples(paths)]

    plain = payloads(1)
    assert len(plain) == len(set(plain)) == 10
    assert payloads(3) == plain


@pytest.mark.parametrize("size", [300, 3000, 94_000])
def test_pictures_have_the_wanted_size_on_average_and_decode_without_complaint(module: Module, size: int) -> None:
    corpus = module("corpus")
    drawn = corpus.draw_pictures(module("random").Random(3), 4, size)
    # A comment takes 4 bytes or more, so that up to 3 can be missing.
    assert size - 3 <= sum(len(picture.data) for picture in drawn) / len(drawn) <= size + 1
    for picture in drawn:
        with Image.open(BytesIO(corpus.numbered(picture, 12))) as image:
            image.load()
            assert (image.format, image.size) == ("JPEG", picture.size)


def test_a_picture_that_cannot_be_so_small_is_refused(module: Module) -> None:
    with pytest.raises(ValueError, match="ask for larger images"):
        module("corpus").draw_pictures(module("random").Random(3), 1, 50)


def test_a_mask_covers_most_of_its_box_and_nothing_else(module: Module) -> None:
    data = module("corpus").draw_mask(module("random").Random(3), (100, 80), (20.0, 10.0, 70.0, 40.0))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (100, 80)
        assert image.getcolors() is not None
        x0, y0, x1, y1 = image.getbbox() or (0, 0, 0, 0)
        set_pixels = image.histogram()[1]
    assert 20 <= x0 < x1 <= 71
    assert 10 <= y0 < y1 <= 41
    assert 0.5 < set_pixels / (50 * 30) < 1


# ------------------------------------------------------------------------------------------------ the floor
def test_the_floor_writes_the_image_bytes_whatever_their_length(tmp_path: Path) -> None:
    pictures = [jpeg(8, 8) + b" " * more for more in (0, 1 << 14, 3 << 20, 5)]  # one, two and more bytes of varint
    records = [dict(sorted(detection(image=picture).items())) for picture in pictures]
    write(tmp_path / "x.tfrecord", *records)
    command = [sys.executable, *map(str, (PROGRAMS / "floor.py", "write", tmp_path / "x.tfrecord", tmp_path / "out"))]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert said.keys() == {"records", "seconds"}
    assert said["records"] == 4
    assert [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())] == pictures


@pytest.mark.parametrize("place", [0, 9, 40, -1])
def test_the_floor_verifies_both_checksums(tmp_path: Path, module: Module, place: int) -> None:
    data = bytearray(shard(detection()))
    data[place] ^= 1
    (tmp_path / "x.tfrecord").write_bytes(data)
    with pytest.raises(SystemExit, match="checksum"):
        list(module("floor").payloads(str(tmp_path / "x.tfrecord")))


# ------------------------------------------------------------------------------------------------ equal results
BOX = {"id": 1, "image_id": 1, "category_id": 2, "bbox": [1.0, 2.0, 3.0, 4.0]}
COCO: Mapping[str, Any] = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 8, "height": 6}],
    "annotations": [BOX, {**BOX, "id": 2, "bbox": [0.0, 0.0, 1.0, 1.0]}],
    "categories": [{"id": 2, "name": "dog"}],
}


def compare(module: Module, folder: Path, other: Mapping[str, Any]) -> None:
    for name, coco in (("a", COCO), ("b", other)):
        (folder / name).write_text(json.dumps(coco), "utf-8")
    module("equality").check_same(str(folder / "a"), str(folder / "b"))


def test_datasets_are_the_same_whatever_their_image_ids_and_last_decimals_are(tmp_path: Path, module: Module) -> None:
    images = [{**COCO["images"][0], "id": 77}]
    annotations = [{**BOX, "image_id": 77, "bbox": [1.0099, 2, 2.9901, 4]}, {**COCO["annotations"][1], "image_id": 77}]
    compare(module, tmp_path, {**COCO, "images": images, "annotations": annotations})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"images": [{**COCO["images"][0], "width": 9}]}, id="size of an image"),
        pytest.param({"images": [{**COCO["images"][0], "file_name": "b.jpg"}]}, id="name of an image"),
        pytest.param({"categories": [{"id": 2, "name": "cat"}]}, id="name of a category"),
        pytest.param(
            {
                "annotations": [{**entry, "category_id": 3} for entry in COCO["annotations"]],
                "categories": [{"id": 3, "name": "dog"}],
            },
            id="id of a category",
        ),
        pytest.param({"annotations": [BOX]}, id="a box is missing"),
        pytest.param(
            {"annotations": [{**BOX, "bbox": [1.0, 2.0, 3.0, 4.02]}, COCO["annotations"][1]]}, id="a side of a box"
        ),
        pytest.param({"annotations": [{**BOX, "id": 3}, COCO["annotations"][1]]}, id="order of the boxes"),
    ],
)
def test_a_difference_between_datasets_is_found(tmp_path: Path, module: Module, changes: dict[str, Any]) -> None:
    with pytest.raises(module("equality").UnequalError):
        compare(module, tmp_path, {**COCO, **changes})


def test_folders_are_compared_by_names_and_on_request_by_bytes(tmp_path: Path, module: Module) -> None:
    equality = module("equality")
    for name in ("ours", "theirs"):
        (tmp_path / name / "below").mkdir(parents=True)
        (tmp_path / name / "below" / "a.jpg").write_bytes(name[:1].encode())
    ours, theirs = str(tmp_path / "ours"), str(tmp_path / "theirs")
    equality.check_files(ours, theirs, content=False)
    with pytest.raises(equality.UnequalError, match=r"a\.jpg"):
        equality.check_files(ours, theirs, content=True)
    (tmp_path / "theirs" / "b.jpg").touch()
    with pytest.raises(equality.UnequalError, match=r"b\.jpg"):
        equality.check_files(ours, theirs, content=False)


# ------------------------------------------------------------------------------------------------ runs and medians
def test_a_run_reports_the_memory_of_the_command_and_its_children_alone(module: Module) -> None:
    ballast = bytearray(b"x") * (150 << 20)  # of this process; it must not count
    run = module("harness").run
    nothing = run([sys.executable, "-c", "pass"])
    child = "x = bytearray(80 << 20)"
    both = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{child}'])"])
    assert len(ballast) > both.peak > 80 << 20 > nothing.peak > 1 << 20


def test_a_command_that_fails_is_no_measurement(module: Module) -> None:
    harness = module("harness")
    with pytest.raises(harness.CommandError, match="what it said"):
        harness.run([sys.executable, "-c", "raise SystemExit('what it said')"])


def test_all_are_run_in_turn_and_the_medians_are_taken(module: Module) -> None:
    harness, order = module("harness"), []

    def one(name: str, seconds: list[float]) -> Any:
        order.append(name)
        return harness.Cost(seconds.pop(0), 0.0, 1)

    times = {"a": [3.0, 1.0, 2.0], "b": [5.0, 5.0, 9.0]}
    runs = {name: lambda name=name, left=left: one(name, left) for name, left in times.items()}
    costs = harness.in_turn(runs, 3, lambda: order.append("before"))
    assert order == ["before", "a", "before", "b"] * 3
    assert {name: harness.typical(found).seconds for name, found in costs.items()} == {"a": 2.0, "b": 5.0}


def test_a_table_is_markdown(module: Module) -> None:
    assert module("harness").table(("a", "b"), [("x", "1"), ("long name", "22")]).splitlines() == [
        "| a         |   b |",
        "| --------- | --: |",
        "| x         |   1 |",
        "| long name |  22 |",
    ]
