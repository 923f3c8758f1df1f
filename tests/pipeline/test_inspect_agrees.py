"""What ``inspect`` says of a conversion is what the conversion then does: the same refusals, warnings and numbers."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands import Capture
from record_files import picture, write
from results import load
from tfrecords import detection, floats, ints, jpeg, shard, texts

from tfrecord_lite import Inspection, RejectedInputError, TFRecordLiteError, convert, inspect
from tfrecord_lite.commands.cli import main
from tfrecord_lite.pipeline.demos.demo import write_records

GOLDEN = Path(__file__).parents[1] / "golden"
BOX = [(1, 1, 9, 9)]


def assert_agrees(source: Path, out: Path, **options: Any) -> Inspection:
    """Inspects an input and converts it."""
    found = inspect(source, read_all=True, **options)
    said, failure = found.verdict, None
    try:
        summary = convert(source, out, **options)
    except TFRecordLiteError as error:
        failure = error
    if failure is not None:
        is_rejected = isinstance(failure, RejectedInputError)
        assert said.status == ("rejected" if is_rejected else "error")
        assert list(said.typed_problems) == failure.text.splitlines()
        assert said.problem_count == getattr(failure, "count", 1)
        return found
    assert said.status == "done"
    assert found.warnings == summary.warnings
    assert [each.as_json() for each in found.reports] == [each.as_json() for each in summary.splits]
    assert (found.images, found.objects) == (summary.images, summary.annotations)
    assert {each.name: each.times for each in found.classes.objects} == summary.classes
    assert found.warning_counts == summary.warning_counts
    return found


def damaged(*records: Mapping[str, bytes]) -> bytes:
    """Records, of which a bit in the middle is another."""
    data = bytearray(shard(*records))
    data[len(data) // 2] ^= 1
    return bytes(data)


OWN = ("x_min", "y_min", "x_max", "y_max")
ROLES = {"encoded": "pic", **dict(zip(("xmin", "ymin", "xmax", "ymax"), OWN, strict=True))}
own = {"pic": texts(jpeg()), **{key: floats(value) for key, value in zip(OWN, (0.1, 0.1, 0.5, 0.5), strict=True)}}
NAN = {"image/object/bbox/xmin": floats(float("nan"))}
INPUTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "clean": (shard(detection("a.jpg", boxes=BOX * 2, texts=["cat", "dog"]), picture("b.jpg")), {}),
    "a wrong size and a key more": (shard(picture("a.jpg", mine=ints(1), **{"image/width": ints(5)})), {}),
    "damage": (damaged(*(picture(f"{n}.jpg") for n in range(5))), {}),
    "damage that is skipped": (damaged(*(picture(f"{n}.jpg") for n in range(5))), {"on_error": "skip"}),
    "a box that is none": (shard(picture("a.jpg"), picture("b.jpg", **NAN)), {}),
    "no known schema": (shard(own), {}),
    "keys that were told": (shard(own), {"roles": ROLES}),
    "a key that no record has": (shard(picture("a.jpg")), {"roles": {"text": "nobody"}}),
    "an option without effect": (shard(picture("a.jpg", labels=[1])), {"category": "cat"}),
    "warnings that are errors": (shard(picture("a.jpg", **{"image/width": ints(5)})), {"strict": True}),
    "a code that is an error": (shard(picture("a.jpg", **{"image/width": ints(5)})), {"fail_on": ("size-wrong",)}),
    "no records": (b"", {}),
    "no records, accepted": (b"", {"allow_empty": True}),
    "ids from sources": (shard(picture("a.jpg"), picture("a.jpg")), {"image_ids": "source"}),
    "a class that the label map lacks": (shard(picture("a.jpg", labels=[9])), {"label_map": {1: "cat"}}),
    "classes from 0": (shard(picture("a.jpg", labels=[0])), {"label_map": ["cat", "dog"]}),
    "no picture": (shard(detection("a.jpg", boxes=BOX, drop=["image/encoded"])), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", INPUTS)
def test_what_is_said_is_what_is_done(name: str, tmp_path: Path) -> None:
    data, options = INPUTS[name]
    (tmp_path / "train.tfrecord").write_bytes(data)
    assert_agrees(tmp_path / "train.tfrecord", tmp_path / "out", **options)


@pytest.mark.parametrize("name", ["detection", "gzip", "plain", "sequence", "zlib"])
def test_so_it_is_of_what_tensorflow_wrote(name: str, tmp_path: Path) -> None:
    assert_agrees(GOLDEN / f"{name}.tfrecord", tmp_path / "out")


@pytest.mark.slow
def test_so_it_is_of_the_demo(tmp_path: Path) -> None:
    write_records(str(tmp_path / "records"))
    found = assert_agrees(tmp_path / "records", tmp_path / "again")
    assert found.images == 12


def test_of_several_splits_and_a_label_map_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "in/train-00000-of-00002", detection("a.jpg", boxes=BOX, labels=[2]))
    write(tmp_path / "in/train-00001-of-00002", detection("b.jpg", boxes=BOX, labels=[1]), picture("a.jpg"))
    write(tmp_path / "in/val.tfrecord", detection("c.jpg", boxes=BOX, labels=[3]))
    (tmp_path / "in/label_map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    assert_agrees(tmp_path / "in", tmp_path / "out")


# -------------------------------------------------------------------------------------------------------- the next line
LINES: dict[str, tuple[bytes, list[str]]] = {
    "as it is": (shard(picture("a.jpg")), []),
    "options of the reading": (shard(own), ["--map", "encoded=pic", "--map", "xmin=x_min", "--map", "ymin=y_min",
                                            "--map", "xmax=x_max", "--map", "ymax=y_max", "--category", "a cat's"]),
    "numbers and sizes": (shard(picture("a.jpg")), ["--ignored-labels", "0,7", "--masks", "rle"]),
    "advice that is taken": (shard(own), []),
    "damage": (damaged(*(picture(f"{n}.jpg") for n in range(5))), []),
    "a box that is none": (shard(picture("a.jpg"), picture("b.jpg", **NAN)), []),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("file", ["x.tfrecord", "it's $HOME; (a copy) é.tfrecord", "-x.tfrecord"])
def test_the_line_to_use_next_works(
    name: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    data, options = LINES[name]
    Path(file).write_bytes(data)
    Path("coco").mkdir()
    main(["inspect", "--json", *options, "--", file])
    found = json.loads(capsys.readouterr().out)
    words = shlex.split(found["next_line"])
    assert words == found["next"]
    assert main(words[1:]) == 0
    assert Path("coco-2/annotations").is_dir()


def test_a_mapping_cannot_be_typed(record_file: Callable[..., str]) -> None:
    path = record_file(detection("a.jpg", boxes=BOX, labels=[1]))
    assert inspect(path, label_map={1: "cat"}).next_line is None
    assert inspect(path, label_map={1: "cat"}).verdict.status == "done"


def test_the_next_line_takes_advice_before_it_drops_everything(tmp_path: Path) -> None:
    features = detection("a.jpg", boxes=[(1, 2, 11, 12)], drop=["image/object/bbox/ymin"])
    features["image/object/bbox/zl"] = floats(0.1)
    found = inspect(write(tmp_path / "x.tfrecord", features))
    assert found.next_line is not None
    assert found.next_line.words[-2:] == ("--map", "ymin=image/object/bbox/zl")
    text = write(tmp_path / "text.tfrecord", b"this is no Example", b"nor is this")
    assert inspect(text).next_line is None


def test_the_next_line_reads_what_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    records = []
    for number, boxes in enumerate(([(4, 5, 30, 40)], [(1, 2, 20, 22), (30, 5, 60, 45)])):
        corners = floats(*(value for box in boxes for value in box))
        kinds = texts(*("cat", "dog")[: len(boxes)])
        records.append({**detection(f"{number}.jpg"), "cajas": corners, "klass": kinds})
    write(tmp_path / "x.tfrecord", *records)
    main(["inspect", "--json", "x.tfrecord"])
    found = json.loads(capsys.readouterr().out)
    assert main([*found["next"][1:], "-q"]) == 0
    assert capsys.readouterr().err == ""
    coco = load("coco/annotations/instances_x.json")
    assert [each["bbox"] for each in coco["annotations"]] == [[4, 5, 26, 35], [1, 2, 19, 20], [30, 5, 30, 40]]
    assert [each["name"] for each in coco["categories"]] == ["cat", "dog"]


def test_the_next_line_takes_no_advice_that_would_lose_what_is_read(tmp_path: Path) -> None:
    usual = [detection(f"{n}.jpg", boxes=BOX, texts=["cat"]) for n in range(20)]
    other = {**detection("b.jpg"), "cajas": floats(4, 5, 30, 40, 1, 2, 20, 22), "klass": texts("cat", "dog")}
    found = inspect(write(tmp_path / "x.tfrecord", *usual, other))
    assert "boxes-not-read" in found.warning_counts
    assert found.next_line is not None
    assert "--map" not in found.next_line.words
