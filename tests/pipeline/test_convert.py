"""One conversion from record files to a dataset: policies, determinism, and what the caller gets back."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_files import picture, write
from results import digests, load
from tfrecords import detection, floats, frame, ints, png, shard, texts

from tfrecord_lite import (
    ChecksumError,
    FeatureError,
    InputError,
    NoRecordsError,
    RejectedInputError,
    Summary,
    TruncatedRecordError,
    UsageError,
    convert,
)

Convert = Callable[..., Any]
GOLDEN = Path(__file__).parents[1] / "golden"


# ------------------------------------------------------------------------------------------------------- bad data: fail
def test_one_run_shows_all_that_is_wrong_and_publishes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "train.tfrecord").write_bytes(
        shard(picture("a.jpg")) + frame(b"bad", data_crc=1) + shard(picture("b.jpg"), detection(image=b"junk"))
    )
    (folder / "val.tfrecord").write_bytes(shard(picture("v.jpg"))[:-3])
    with pytest.raises(RejectedInputError) as caught:
        convert(folder, tmp_path / "out")
    assert [type(problem) for problem in caught.value.problems] == [ChecksumError, FeatureError, TruncatedRecordError]
    assert [problem.where.record for problem in caught.value.problems] == [1, 3, 0]
    assert [os.path.basename(problem.where.file) for problem in caught.value.problems] == [
        "train.tfrecord",
        "train.tfrecord",
        "val.tfrecord",
    ]
    assert caught.value.count == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records"]


def test_the_first_twenty_problems_are_reported_in_full_and_the_rest_is_counted(converted: Convert) -> None:
    with pytest.raises(RejectedInputError) as caught:
        converted(picture("a.jpg"), *[detection(image=b"junk")] * 30)
    assert (len(caught.value.problems), caught.value.count) == (20, 30)
    told = str(caught.value).splitlines()[-2:]
    assert told == ["and 10 more like these", 'on_error="skip" leaves out what is bad, and goes on']


def test_after_a_damaged_header_the_next_file_is_still_read(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    folder.mkdir()
    for name in ("a", "b"):
        sound = shard(picture(f"{name}1.jpg"))
        (folder / f"{name}.tfrecord").write_bytes(sound + frame(b"bad", length_crc=1) + sound)
    with pytest.raises(RejectedInputError) as caught:
        convert(folder, tmp_path / "out")
    assert [os.path.basename(problem.where.file) for problem in caught.value.problems] == ["a.tfrecord", "b.tfrecord"]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0), zlib.compress(b"")])
def test_no_record_in_the_whole_input_is_an_error(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.tfrecord").write_bytes(content)
    with pytest.raises(RejectedInputError, match="allow_empty=True") as caught:
        convert(tmp_path / "x.tfrecord", tmp_path / "out")
    assert isinstance(caught.value.problems[0], NoRecordsError)
    convert(tmp_path / "x.tfrecord", tmp_path / "out", allow_empty=True)
    coco = load(tmp_path / "out" / "annotations" / "instances_x.json")
    assert (coco["images"], coco["annotations"], coco["categories"]) == ([], [], [])


def test_an_empty_shard_among_others_is_no_error(tmp_path: Path) -> None:
    write(tmp_path / "records" / "x-00000-of-00002", picture("a.jpg"))
    write(tmp_path / "records" / "x-00001-of-00002")
    (split,) = convert(tmp_path / "records", tmp_path / "out").splits
    assert split.images == 1
    assert split.as_json()["warnings"]["file-without-records"]["count"] == 1


# ------------------------------------------------------------------------------------------------------- bad data: skip
def test_skip_drops_what_is_proven_bad_and_counts_it(converted: Convert) -> None:
    done = converted(
        picture("a.jpg"),
        b"no example",
        detection("b.jpg", image=b"junk"),
        detection("c.jpg", boxes=[(1, 1, 9, 9)] * 2, **{"image/object/bbox/xmin": floats(float("nan"), 0.25)}),
        picture("d.jpg"),
        on_error="skip",
    )
    assert [image["file_name"] for image in done.coco["images"]] == ["a.jpg", "c.jpg", "d.jpg"]
    assert [image["id"] for image in done.coco["images"]] == [1, 2, 3]
    assert [annotation["id"] for annotation in done.coco["annotations"]] == [1, 2, 3]
    assert (done.report["dropped_records"], done.report["dropped_annotations"]) == (2, 1)
    assert done.report["problems"]["count"] == 3


def test_skip_keeps_everything_before_a_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", picture("a.jpg"), picture("b.jpg"))
    path.write_bytes(path.read_bytes()[:-1])
    (split,) = convert(path, tmp_path / "out", on_error="skip").splits
    assert (split.images, split.dropped_records) == (1, 1)


def test_skip_does_not_guess_where_the_next_record_starts(tmp_path: Path) -> None:
    sound = shard(picture("a.jpg"))
    (tmp_path / "x.tfrecord").write_bytes(sound + frame(b"bad", length_crc=1) + sound)
    with pytest.raises(RejectedInputError):
        convert(tmp_path / "x.tfrecord", tmp_path / "out", on_error="skip")
    assert not (tmp_path / "out").exists()


# ----------------------------------------------------------------------------------------------------------- warnings
WARNED = {
    "size-wrong": {"image/width": ints(5)},
    "format-wrong": {"image/format": texts("png")},
    "text-not-utf8": {"image/object/class/text": texts(b"caf\xe9")},
}


@pytest.mark.parametrize("rule", WARNED)
def test_what_a_person_would_want_to_know_is_counted_and_an_error_where_strict(rule: str, converted: Convert) -> None:
    record = picture("a.jpg", **WARNED[rule])
    done = converted(record)
    assert list(done.report["warnings"]) == [rule]
    assert done.report["warnings"][rule]["count"] == 1
    assert "x.tfrecord: record 0 at byte 0" in done.report["warnings"][rule]["first"]
    with pytest.raises(RejectedInputError, match=rule):
        converted(record, strict=True)


def test_strict_takes_a_sound_dataset(converted: Convert) -> None:
    assert converted(picture("a.jpg"), strict=True).report["images"] == 1


def test_strict_also_judges_how_the_inputs_were_found(tmp_path: Path) -> None:
    path = write(tmp_path / "x-00001-of-00003", picture("a.jpg"))
    (warning,) = convert(path, tmp_path / "out").warnings
    assert "2 of 3" in warning
    with pytest.raises(RejectedInputError, match="2 of 3"):
        convert(path, tmp_path / "strict", strict=True)


# --------------------------------------------------------------------------------------------------------- determinism
def varied(folder: Path) -> list[Path]:
    """Two splits of several shards, with repeated names, texts without numbers and every kind of warning."""
    paths = []
    for index in range(3):
        records = [
            detection(
                f"{number % 2}.jpg",
                (60, 40),
                boxes=[(1, 1, 9 + number, 9), (2, 2, 70, 8)],
                texts=[f"class {number}", "größe"],
                **{"image/object/difficult": ints(0, 1), f"key {number}": ints(1), "image/width": ints(number)},
            )
            for number in range(4)
        ]
        paths.append(write(folder / f"train-0000{index}-of-00003", *records))
    paths.append(write(folder / "val.tfrecord", picture("v.jpg", texts=["class 9"])))
    return paths


RUN = """
import sys
import tfrecord_lite
tfrecord_lite.convert(sys.argv[2:], sys.argv[1])
"""


def test_the_same_input_gives_the_same_bytes_whatever_the_hash_seed_order_locale_and_zone(tmp_path: Path) -> None:
    paths = varied(tmp_path / "records")
    expected: dict[str, str] = {}
    for seed, order in (("0", paths), ("1", [paths[2], paths[0], paths[3], paths[1]])):
        output = tmp_path / f"out {seed}"
        locale = ("C", "C.UTF-8")[int(seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC-{seed}", "LC_ALL": locale}
        subprocess.run([sys.executable, "-c", RUN, output, *order], env=environment, check=True)
        found = digests(output)
        assert found == (expected or found)
        expected = found
    assert len(expected) > 10


def test_a_conversion_can_be_repeated_in_one_process(tmp_path: Path) -> None:
    varied(tmp_path / "records")
    convert(tmp_path / "records", tmp_path / "first")
    convert(tmp_path / "records", tmp_path / "second")
    assert digests(tmp_path / "first") == digests(tmp_path / "second")
    convert(tmp_path / "records", tmp_path / "first", overwrite=True)
    assert digests(tmp_path / "first") == digests(tmp_path / "second")


# ---------------------------------------------------------------------------------------------------- from TensorFlow
def test_what_tensorflow_wrote_becomes_what_it_says(tmp_path: Path) -> None:
    records = load(GOLDEN / "golden.json")["files"]["detection.tfrecord"]["records"]
    summary = convert(GOLDEN / "detection.tfrecord", tmp_path / "out")
    coco = load(Path(summary.files[0]))
    assert len(coco["images"]) == len(records)
    named = {entry["id"]: entry["name"] for entry in coco["categories"]}
    for image, record in zip(coco["images"], records, strict=True):
        values = {key: feature["values"] for key, feature in record["features"].items()}
        width, height = values["image/width"][0], values["image/height"][0]
        assert (image["width"], image["height"]) == (width, height)
        assert image["file_name"] == values["image/filename"][0]
        data = (tmp_path / "out" / "images" / summary.splits[0].split / image["file_name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == values["image/encoded"][0]["sha256"]
        found = [annotation for annotation in coco["annotations"] if annotation["image_id"] == image["id"]]
        sides = [values.get(f"image/object/bbox/{side}", []) for side in ("xmin", "ymin", "xmax", "ymax")]
        expected = [
            [x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height]
            for x0, y0, x1, y1 in zip(*sides, strict=True)
        ]
        assert [annotation["bbox"] for annotation in found] == [pytest.approx(box, abs=0.005001) for box in expected]
        assert [named[annotation["category_id"]] for annotation in found] == values.get("image/object/class/text", [])
        if "image/object/is_crowd" in values:
            assert [annotation["iscrowd"] for annotation in found] == values["image/object/is_crowd"]
        if "image/object/area" in values:
            assert [annotation["area"] for annotation in found] == pytest.approx(values["image/object/area"], rel=1e-6)


# ----------------------------------------------------------------------------------------------------------- the call
def test_a_summary_says_what_was_done(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", picture("a.jpg"), detection("b.jpg"))
    summary = convert(str(path), str(tmp_path / "out"))
    assert isinstance(summary, Summary)
    assert summary.output == str(tmp_path / "out")
    assert summary.files == (str(tmp_path / "out" / "annotations" / "instances_x.json"),)
    assert (summary.images, summary.annotations, summary.categories) == (2, 1, 1)
    assert summary.label_map is None
    assert summary.warnings == ()
    shown = json.loads(json.dumps(summary.as_json()))
    assert (shown["images"], shown["annotations"], shown["categories"]) == (2, 1, 1)
    assert shown["splits"][0]["split"] == "x"


def test_inputs_may_be_one_or_several_of_any_kind(tmp_path: Path) -> None:
    paths = [write(tmp_path / "records" / f"{name}.tfrecord", picture(f"{name}.jpg")) for name in "ab"]
    forms: list[Any] = [paths, [str(path) for path in paths], tuple(paths), tmp_path / "records"]
    for number, inputs in enumerate(forms):
        assert convert(inputs, tmp_path / f"out{number}").images == 2


def test_bytes_that_are_read_are_reported_while_it_runs(tmp_path: Path) -> None:
    paths = varied(tmp_path / "records")
    counts: list[int] = []
    convert(tmp_path / "records", tmp_path / "out", on_bytes=counts.append)
    assert sum(counts) == sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize(
    "options",
    [
        {"on_error": "ignore"},
        {"schema": "yolo"},
        {"image_ids": "hash"},
        {"coordinates": "pixels"},
        {"precision": -1},
        {"precision": 100},
        {"max_record_size": 0},
        {"panoptic_divisor": 0},
        {"panoptic_divisor": 256.5},
        {"masks": "bitmap"},
        {"schema": "no such schema"},
        {"split": "a/b"},
        {"images": "folder"},
    ],
)
def test_an_option_that_makes_no_sense_is_a_usage_error_before_anything_is_written(
    options: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path / "x.tfrecord", picture("a.jpg"))
    with pytest.raises(UsageError):
        convert(path, tmp_path / "out", **options)
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.tfrecord"]


def test_an_input_that_is_missing_is_an_error_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        convert(tmp_path / "gone.tfrecord", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_file_system_s_errors_pass_with_the_name_of_what_failed(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tfrecord", picture("a.jpg"))
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError) as caught:
        convert(path, tmp_path / "file" / "out")
    assert "file" in str(caught.value.filename)


def test_memory_does_not_grow_with_the_number_of_records(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    peaks = []
    for count in (50, 800):
        image = png(64, 48)
        path = write(tmp_path / f"{count}.tfrecord", *[picture(f"{n}.png", image=image) for n in range(count)])
        script = RUN + "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
        done = subprocess.run(
            [sys.executable, "-c", script, tmp_path / f"out{count}", path], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 10_000  # kB
