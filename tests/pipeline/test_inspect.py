"""What people are told of files before they convert them."""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, example, floats, frame, ints, jpeg, sequence_example, shard, texts

from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import InputError
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.inspect import Contents, inspect

Write = Callable[..., str]

CAT, DOG = (4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0)
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def only(path: str | Path, **options: Any) -> Contents:
    """The contents of one file."""
    (contents,) = inspect(path, ReadOptions(**options))
    return contents


def test_keys_are_told_with_kinds_lengths_and_in_how_many_records_they_are(record_file: Write) -> None:
    path = record_file(
        detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], texts=["cat", "dog"]),
        detection("b.jpg", boxes=[CAT], labels=[1], texts=["cat"], **{"image/location": texts("ridge")}),
        detection("c.jpg", labels=[], texts=[], drop=[PREFIX + "class/text"]),
    )
    contents = only(path)
    assert (contents.file, contents.records, contents.problems) == (path, 3, 0)
    assert contents.schema == "object_detection"
    facts = {key: (fact.kind, fact.least, fact.most, fact.records) for key, fact in contents.keys.items()}
    assert facts["image/encoded"] == ("bytes", 1, 1, 3)
    assert facts["image/width"] == ("int64", 1, 1, 3)
    assert facts[PREFIX + "bbox/xmin"] == ("float", 0, 2, 3)
    assert facts[PREFIX + "class/text"] == ("bytes", 1, 2, 2)
    assert facts["image/location"] == ("bytes", 1, 1, 1)


def test_classes_are_counted_by_objects_most_frequent_first(record_file: Write) -> None:
    path = record_file(
        detection("a.jpg", boxes=[CAT, DOG, DOG], labels=[1, 2, 2], texts=["cat", "dog", "dog"]),
        detection("b.jpg", boxes=[DOG], labels=[2], texts=["dog"]),
    )
    assert dict(only(path).classes) == {(1, "cat"): 1, (2, "dog"): 3}
    assert only(path).as_json()["classes"] == [
        {"number": 2, "text": "dog", "objects": 3},
        {"number": 1, "text": "cat", "objects": 1},
    ]


def test_classes_by_number_alone_and_by_text_alone_are_counted(record_file: Write) -> None:
    assert dict(only(record_file(detection("a.jpg", boxes=[CAT], labels=[7]))).classes) == {(7, None): 1}
    path = record_file(detection("a.jpg", boxes=[CAT], texts=["cat"]), name="b/x.tfrecord")
    assert dict(only(path).classes) == {(None, "cat"): 1}


def test_classes_in_tables_are_counted_like_others(record_file: Write) -> None:
    table = struct.pack("<10f", *CAT, 3, *DOG, 1)
    roles = (("encoded", "image"), ("rows", "boxes"))
    path = record_file(
        *({"image": texts(jpeg()), "boxes": texts(content)} for content in (table, table[:20], table[:7], b""))
    )
    assert dict(only(path, schema="custom", roles=roles).classes) == {(3, None): 2, (1, None): 1}


def test_a_class_number_that_is_none_is_counted_as_unknown(record_file: Write) -> None:
    numbers = {PREFIX + "class/label": floats(math.nan, math.inf, 2)}
    assert dict(only(record_file(detection("a.jpg", boxes=[CAT] * 3, **numbers))).classes) == {
        (None, None): 2,
        (2, None): 1,
    }


def test_the_splits_and_the_order_of_files_are_those_of_a_conversion(tmp_path: Path) -> None:
    for name in ("val-00000-of-00001.tfrecord", "train-00010-of-00011.tfrecord", "train-00002-of-00011.tfrecord"):
        (tmp_path / name).write_bytes(shard(detection("a.jpg")))
    found = list(inspect(tmp_path, allow_missing_shards=True))
    assert [Path(contents.file).name for contents in found] == [
        "train-00002-of-00011.tfrecord", "train-00010-of-00011.tfrecord", "val-00000-of-00001.tfrecord",
    ]  # fmt: skip
    assert [contents.split for contents in found] == ["train", "train", "val"]


def test_damage_is_counted_and_told_and_the_rest_is_read(tmp_path: Path) -> None:
    good = [frame(example(detection(f"{n}.jpg", boxes=[CAT]))) for n in range(3)]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(good[0] + frame(example(detection("bad.jpg")), data_crc=1) + good[1] + good[2][:-3])
    contents = only(path)
    assert (contents.records, contents.problems) == (2, 2)
    assert contents.first_problem is not None
    assert f"record 1 at byte {len(good[0])}" in contents.first_problem


def test_a_record_that_is_no_example_is_a_problem(record_file: Write) -> None:
    contents = only(record_file(detection("a.jpg", boxes=[CAT]), b"\xff" * 30))
    assert (contents.records, contents.problems) == (2, 1)
    assert contents.classes.total() == 1


def test_an_unknown_schema_is_told_and_its_keys_all_the_same(record_file: Write) -> None:
    contents = only(record_file({"audio": texts(b"RIFF"), "rate": ints(16000)}))
    assert contents.schema is None
    assert contents.problems == 1
    assert contents.first_problem is not None
    assert "rate (int64[1])" in contents.first_problem
    assert set(contents.keys) == {"audio", "rate"}


def test_an_empty_file_has_no_records_and_no_problems(record_file: Write) -> None:
    contents = only(record_file())
    assert (contents.records, contents.problems, contents.schema, dict(contents.keys)) == (0, 0, None, {})


def test_a_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        list(inspect(tmp_path / "x.tfrecord"))


def test_a_schema_can_be_said(record_file: Write) -> None:
    path = record_file({"pic": texts(jpeg()), "rects": floats(*CAT), "kind": texts("cat")})
    contents = only(path, roles=(("encoded", "pic"), ("box", "rects"), ("text", "kind")))
    assert contents.schema == "custom"
    assert dict(contents.classes) == {(None, "cat"): 1}


def test_the_records_of_a_video_are_counted_as_records_and_the_classes_of_its_frames_together(
    record_file: Write,
) -> None:
    box = {f"region/bbox/{side}": [floats(0.5), floats(0.5)] for side in SIDES}
    lists = {"image/encoded": [texts(jpeg())] * 2, "region/label/string": [texts("cat"), texts("cat")], **box}
    contents = only(record_file(sequence_example({"image/format": texts("JPEG")}, lists)))
    assert (contents.records, contents.schema) == (1, "sequence_example")
    assert dict(contents.classes) == {(None, "cat"): 2}


@pytest.mark.parametrize("before", [3, 16, 17, 40])
def test_the_unit_of_the_boxes_is_that_of_a_conversion_however_late_they_come(record_file: Write, before: int) -> None:
    empty = [{k: v for k, v in detection(f"{n}.jpg").items() if not k.startswith(PREFIX)} for n in range(before)]
    pixels = {PREFIX + f"bbox/{side}": floats(CAT[n]) for n, side in enumerate(SIDES)}
    contents = only(record_file(*empty, detection("z.jpg", labels=[1], **pixels)))
    assert any("pixel" in text for text in contents.evidence)
    assert not any("normalized" in text for text in contents.evidence)


def test_the_schema_is_that_of_a_conversion_however_late_the_boxes_come(record_file: Write) -> None:
    empty = [{"image": texts(jpeg(64, 48, (n, 0, 0))), "label": ints(1)} for n in range(20)]
    last = {**empty[0], "objects/bbox": floats(0.1, 0.1, 0.5, 0.5), "objects/label": ints(4)}
    contents = only(record_file(*empty, last))
    assert contents.schema == "tfds"
    assert contents.classes[4, None] == 1


# -------------------------------------------------------------------------------------------------------- the command
def test_the_command_prints_a_file_a_paragraph_and_returns_0(
    record_file: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], texts=["cat", "dog"]))
    assert main(["inspect", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{path}: 1 record, object_detection"
    assert any(line.split() == ["image/encoded", "bytes", "1", "in", "1", "record"] for line in lines)
    assert any(line.split() == ["image/object/bbox/xmin", "float", "2", "in", "1", "record"] for line in lines)
    assert "  class 1 'cat': 1 object" in lines


def test_the_command_prints_one_json_object_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.tfrecord", "b.tfrecord"):
        (tmp_path / name).write_bytes(shard(detection("a.jpg", boxes=[CAT], texts=["cat"])))
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(each["file"]).name for each in found] == ["a.tfrecord", "b.tfrecord"]
    assert found[0]["schema"] == "object_detection"
    assert found[0]["keys"]["image/width"] == {"kind": "int64", "least": 1, "most": 1, "records": 1}
    assert found[0]["problems"] == {"count": 0, "first": None}


def test_the_command_returns_1_where_something_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(shard(detection("a.jpg"))[:-1])
    assert main(["inspect", str(path)]) == 1
    assert main(["inspect", str(tmp_path / "none.tfrecord")]) == 2


def test_nothing_of_the_data_moves_the_cursor(record_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\nx"
    path = record_file(detection("a.jpg", boxes=[CAT], texts=[evil], **{evil + "image": ints(1)}))
    main(["inspect", path])
    main(["inspect", path, "--json"])
    main(["inspect", record_file({evil + "photo": texts(jpeg()), "a": ints(1)}, name="b/x.tfrecord")])
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err


def test_a_picture_is_never_decoded(record_file: Write) -> None:
    contents = only(record_file(detection("a.jpg", boxes=[CAT], image=b"\xff\xd8\xff nothing behind it")))
    assert (contents.problems, contents.schema) == (0, "object_detection")


def test_standard_input_is_read() -> None:
    content = shard(detection("a.jpg", boxes=[CAT], texts=["cat"]))
    command = [sys.executable, "-m", "tfrecord_lite", "inspect", "-"]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert b"1 record, object_detection" in done.stdout


def test_thousands_of_different_keys_are_not_all_listed(record_file: Write) -> None:
    records = [{"image/encoded": texts(b"x"), **{f"key/{n}/{i}": ints(1) for i in range(100)}} for n in range(15)]
    assert len(only(record_file(*records)).keys) <= 1000
