"""What people are told of files before they convert them."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_files import picture, write
from tfrecords import detection, floats, frame, ints, jpeg, png, sequence_example, shard, texts

from tfrecord_lite import Inspection, inspect
from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import InputError
from tfrecord_lite.look.terminal import Terminal

Write = Callable[..., str]

CAT, DOG = (4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0)
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def classes_of(found: Inspection) -> dict[str, int]:
    return {each.name: each.times for each in found.classes.objects}


def text_of(found: Inspection, width: int = 100, encoding: str = "utf-8") -> str:
    return "\n".join(found.lines(Terminal(width, encoding)))


# ------------------------------------------------------------------------------------------------------ what there is
def test_keys_are_reported_with_kinds_lengths_counts_and_an_example(record_file: Write) -> None:
    path = record_file(
        detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], texts=["cat", "dog"]),
        detection("b.jpg", boxes=[CAT], labels=[1], texts=["cat"], mine=texts("ridge\n")),
        detection("c.jpg", labels=[], texts=[], drop=[PREFIX + "class/text"], mine=ints(7)),
    )
    found = inspect(path)
    facts = {key: (each.kinds, each.values, each.records) for key, each in found.keys.items()}
    assert list(facts) == sorted(facts)
    assert facts["image/encoded"] == (("bytes",), "1", 3)
    assert facts["image/width"] == (("int64",), "1", 3)
    assert facts[PREFIX + "bbox/xmin"] == (("float",), "0-2", 3)
    assert facts[PREFIX + "class/text"] == (("bytes",), "1-2", 2)
    assert facts["mine"] == (("bytes", "int64"), "1", 2)
    assert found.keys["mine"].example == r"'ridge\n'"
    assert found.keys["image/encoded"].example.startswith("jpeg 64 x 48, ")
    assert found.keys[PREFIX + "bbox/xmin"].example == "0.0625, 0.3125"
    assert "-  mine" in text_of(found)
    assert "3 keys" not in text_of(found)


def test_classes_are_those_of_a_conversion_the_frequent_ones_first(record_file: Write) -> None:
    path = record_file(
        detection("a.jpg", boxes=[CAT, DOG, DOG], labels=[1, 2, 2]),
        detection("b.jpg", boxes=[DOG], labels=[2]),
    )
    found = inspect(path, label_map={1: "cat", 2: "dog"})
    assert found.classes.objects == ((2, "dog", 3), (1, "cat", 1))
    assert classes_of(inspect(path)) == {"2": 3, "1": 1}
    assert "numbers without names: --label-map FILE" in text_of(inspect(path))
    assert "without names" not in text_of(found)


def test_classes_of_whole_images_of_pixels_and_of_segments_are_reported_as_well(record_file: Write) -> None:
    import numpy as np  # noqa: PLC0415 - with the builder of label images
    from numbered_pixels import gray  # noqa: PLC0415 - likewise

    number = {"image/class/label": ints(7), "image/class/text": texts("indoor")}
    pixels = {"image/segmentation/class/encoded": texts(gray(np.full((48, 64), 3)))}
    found = inspect(record_file(detection("a.jpg", **number, **pixels), detection("b.jpg", **number)))
    assert [(each.name, each.times) for each in found.classes.images] == [("indoor", 2)]
    assert [(each.name, each.times) for each in found.classes.pixels] == [("3", 1)]
    assert "1 class of whole images, by images" in text_of(found)


def test_images_objects_and_boxes_are_measured(record_file: Write) -> None:
    large = [(0.0, 0.0, 300.0, 200.0)]
    path = record_file(
        detection("a.jpg", boxes=[CAT, DOG], texts=["cat", "dog"]),
        detection("b.png", (320, 240), boxes=large, texts=["dog"], image=png(320, 240)),
        detection("c.jpg", (32, 24)),
    )
    found = inspect(path)
    shown = found.as_json()
    assert shown["sizes"] == {"smallest": [32, 24], "median": [64, 48], "largest": [320, 240], "different": 3}
    assert shown["formats"] == {"jpeg": 2, "png": 1}
    assert shown["objects_per_image"] == {"0": 1, "1": 1, "2": 1}
    assert shown["box_sizes"] == {"small": 1, "medium": 1, "large": 1}
    lines = text_of(found).splitlines()
    assert "image sizes        32 x 24 to 320 x 240, median 64 x 48" in lines
    assert "objects per image  0 to 2, median 1" in lines


def test_the_files_of_a_split_are_one_row_in_the_order_of_a_conversion(tmp_path: Path) -> None:
    for number in range(12):
        write(tmp_path / f"train-{number:05d}-of-00012.tfrecord", picture(f"{number}.jpg"))
    write(tmp_path / "val.tfrecord", picture("a.jpg"), picture("b.jpg"))
    found = inspect(tmp_path)
    assert [each.records for each in found.files] == [1] * 12 + [2]
    rows = [line.split("  ") for line in text_of(found).splitlines()[1:5]]
    assert [row[-1] for row in rows] == ["files", "train-*.tfrecord, 12 files", "val.tfrecord", "13 files"]


def test_records_without_boxes_say_nothing_of_their_unit(record_file: Write) -> None:
    shown = text_of(inspect(record_file(detection("a.jpg"))))
    assert "object_detection by the keys of 1 record" in shown
    assert "normalized" not in shown


def test_the_label_map_is_reported_with_the_reason_and_those_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[CAT], labels=[2]))
    (tmp_path / "label_map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")
    (tmp_path / "classes.txt").write_text("cat\n")
    found = inspect(path)
    assert found.label_map.files == (str(tmp_path / "label_map.pbtxt"),)
    assert found.label_map.why == "it has all classes"
    assert list(found.label_map.passed_over) == [str(tmp_path / "classes.txt")]
    assert classes_of(found) == {"dog": 1}


@pytest.mark.parametrize("before", [3, 16, 17, 40])
def test_the_unit_of_the_boxes_is_that_of_a_conversion_however_late_they_come(record_file: Write, before: int) -> None:
    empty = [{k: v for k, v in detection(f"{n}.jpg").items() if not k.startswith(PREFIX)} for n in range(before)]
    pixels = {PREFIX + f"bbox/{side}": floats(CAT[n]) for n, side in enumerate(SIDES)}
    (found,) = inspect(record_file(*empty, detection("z.jpg", labels=[1], **pixels))).files
    assert (found.schema, found.pixel) == ("object_detection", True)


def test_the_records_of_a_video_are_counted_as_records_and_the_classes_of_its_frames_together(
    record_file: Write,
) -> None:
    box = {f"region/bbox/{side}": [floats(0.5), floats(0.5)] for side in SIDES}
    lists = {"image/encoded": [texts(jpeg())] * 2, "region/label/string": [texts("cat"), texts("cat")], **box}
    found = inspect(record_file(sequence_example({"image/format": texts("JPEG")}, lists)))
    assert (found.records, found.images, found.files[0].schema) == (1, 2, "sequence_example")
    assert classes_of(found) == {"cat": 2}


# ------------------------------------------------------------------------------------------------------------ bad data
def test_it_goes_on_after_damage(tmp_path: Path) -> None:
    good = [frame(shard(detection(f"{n}.jpg", boxes=[CAT]))[12:-4]) for n in range(3)]
    path = tmp_path / "x.tfrecord"
    path.write_bytes(good[0] + frame(b"junk", data_crc=1) + good[1] + good[2][:-3])
    found = inspect(path)
    assert (found.records, found.images, found.files[0].problems) == (2, 2, 2)
    assert f"record 1 at byte {len(good[0])}" in (found.files[0].first_problem or "")
    assert found.verdict.problem_count == 2
    assert found.next_line is not None
    assert found.next_line.words[-2:] == ("--on-error", "skip")
    assert "without 2 records at fault" in text_of(found)


def test_where_skipping_does_not_help_another_option_is_tried(tmp_path: Path) -> None:
    records = [picture(f"{n}.jpg") for n in range(5)]
    data = bytearray(shard(*records))
    data[len(shard(*records[:2])) + 8] ^= 1  # the checksum of a header: what comes after it is lost
    (tmp_path / "x.tfrecord").write_bytes(data)
    found = inspect(tmp_path / "x.tfrecord")
    assert found.next_line is not None
    assert found.next_line.words[-2:] == ("--on-error", "recover")


def test_of_records_of_no_known_schema_the_keys_are_reported_and_what_reads_them(record_file: Write) -> None:
    found = inspect(record_file({"pic": texts(jpeg()), **{side[1:]: floats(0.5) for side in SIDES}, "x": ints(1)}))
    assert found.files[0].schema is None
    assert set(found.keys) >= {"pic", "x"}
    assert found.verdict.status == "rejected"
    assert found.next_line is None or "--map" in found.next_line.text
    box = dict(zip(("x_min", "y_min", "x_max", "y_max"), map(floats, (0.1, 0.1, 0.5, 0.5)), strict=True))
    found = inspect(record_file({"pic": texts(jpeg()), **box}))
    assert found.verdict.status == "rejected"
    assert found.next_line is not None
    assert "--map encoded=pic" in found.next_line.text


def test_where_it_is_open_which_label_map_is_used_there_is_still_something_to_say(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[CAT], labels=[2]))
    for name, dog in (("a_label_map.pbtxt", "dog"), ("b_label_map.pbtxt", "wolf")):
        (tmp_path / name).write_text(f"item {{ id: 1 name: 'cat' }} item {{ id: 2 name: '{dog}' }}")
    found = inspect(path)
    assert (found.verdict.status, found.verdict.exit_status) == ("error", 2)
    assert "Choose with label_map" in found.verdict.problems[0]
    assert classes_of(found) == {"2": 1}
    assert main(["inspect", str(path)]) == 2


def test_a_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        inspect(tmp_path / "x.tfrecord")


def test_a_class_number_that_is_none_is_a_problem(record_file: Write) -> None:
    numbers = {PREFIX + "class/label": floats(math.nan, math.inf, 2)}
    found = inspect(record_file(detection("a.jpg", boxes=[CAT] * 3, **numbers)))
    assert found.verdict.status == "rejected"


def test_thousands_of_different_keys_are_not_all_listed(record_file: Write) -> None:
    records = [{"image/encoded": texts(jpeg()), **{f"key/{n}/{i}": ints(1) for i in range(100)}} for n in range(15)]
    found = inspect(record_file(*records))
    assert len(found.keys) == 1000
    assert found.more_keys == 1 + 1500 - 1000
    assert "and 960 more; --json lists 1,000" in text_of(found)


def test_nothing_of_the_data_moves_the_cursor(record_file: Write, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\nx\u202e"
    path = record_file(detection("a.jpg", boxes=[CAT], texts=[evil], **{evil + "image": ints(1), "text": texts(evil)}))
    for options in ([], ["--json"], ["--split", "x"]):
        main(["inspect", path, *options])
    main(["inspect", record_file({evil + "photo": texts(jpeg()), "a": ints(1)}, name="b/x.tfrecord")])
    printed = capsys.readouterr()
    assert not {"\x1b", "\u202e"} & set(printed.out + printed.err)


# -------------------------------------------------------------------------------------------------------- large inputs
def test_of_a_large_input_a_sample_is_read_and_that_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tfrecord_lite.pipeline.reading.sampling.MOST_RECORDS", 60)
    write(tmp_path / "train.tfrecord", *(picture(f"{n:03d}.jpg") for n in range(300)))
    write(tmp_path / "val.tfrecord", picture("a.jpg"))
    found = inspect(tmp_path)
    assert not found.whole
    train, val = found.files
    assert (train.whole, val.whole, val.about) == (False, True, None)
    assert 50 <= train.images <= 60
    assert train.records == train.images
    assert train.about is not None
    assert 290 <= train.about <= 310
    shown = text_of(found)
    assert "of about 300" in shown
    assert "This is a sample: the first records of each file. --all reads everything." in shown
    assert "convert would accept this, by this sample" in shown
    everything = inspect(tmp_path, read_all=True)
    assert everything.whole
    assert everything.images == 301
    assert "a sample" not in text_of(everything)


# ------------------------------------------------------------------------------------------------------------- in text
def test_where_a_terminal_has_no_blocks_there_are_plain_characters(record_file: Write) -> None:
    found = inspect(record_file(detection("a.jpg", boxes=[CAT, DOG] * 2, texts=["cat", "dog", "dog", "x" * 99])))
    assert text_of(found, encoding="ascii").isascii()
    assert "  2  " + "#" * 40 in text_of(found, encoding="ascii")
    assert "  2  " + "█" * 40 in text_of(found)
    assert "█" not in text_of(found, encoding="cp1252")
    assert "#" in text_of(found, encoding="no such encoding")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lists_and_tables_fit_the_terminal(width: int, record_file: Write) -> None:
    found = inspect(record_file(detection("a.jpg", boxes=[CAT, DOG], texts=["猫" * 30, "dog" * 40])))
    bars = [line for line in text_of(found, width).splitlines() if "█" in line and "a side" not in line]
    assert all(len(line) <= max(width, 100) for line in bars)


def test_numbers_go_with_their_nouns(record_file: Write) -> None:
    shown = text_of(inspect(record_file({"image/encoded": texts(jpeg()), "image/format": texts("jpeg")})))
    assert "2 keys" in shown
    assert "1 times" not in shown
    assert "1 records" not in shown


# -------------------------------------------------------------------------------------------------------- the command
def test_the_command_prints_what_the_library_does(
    record_file: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    path = record_file(detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], texts=["cat", "dog"]))
    assert main(["inspect", path]) == 0
    assert capsys.readouterr().out == text_of(inspect(path)) + "\n"
    assert str(inspect(path)).splitlines()[1].split() == ["split", "size", "records", "images", "objects", "files"]


def test_the_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.tfrecord", "b.tfrecord"):
        write(tmp_path / name, detection("a.jpg", boxes=[CAT], texts=["cat"]))
    assert main(["inspect", str(tmp_path), "--json"]) == 0
    found: Any = json.loads(capsys.readouterr().out)
    assert [Path(each["file"]).name for each in found["files"]] == ["a.tfrecord", "b.tfrecord"]
    assert found["files"][0]["schema"] == "object_detection"
    assert found["convert"]["status"] == "done"
    assert found["convert"]["warnings"] == {"record-twice": 1}
    assert found["next"][:2] == ["tfrecord2coco", "convert"]


def test_the_command_returns_what_a_conversion_would(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(shard(detection("a.jpg"))[:-1])
    assert main(["inspect", str(path)]) == 1
    assert main(["inspect", str(path), "--on-error", "skip"]) == 0
    assert main(["inspect", str(tmp_path / "none.tfrecord")]) == 2


def test_standard_input_is_read() -> None:
    content = shard(detection("a.jpg", boxes=[CAT], texts=["cat"]))
    command = [sys.executable, "-m", "tfrecord_lite", "inspect", "-"]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert "tfrecord2coco convert - -o coco < FILE" in done.stdout.decode()
