"""What became of the records: counted while a conversion runs, and written as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tfrecords import detection, frame, ints, shard, texts

from tfrecord_lite import convert
from tfrecord_lite.errors import ChecksumError, DataError, Location
from tfrecord_lite.report import SplitReport
from tfrecord_lite.sample import Finding

Convert = Callable[..., Any]


def test_a_report_of_nothing_says_so() -> None:
    report = SplitReport(split="train").as_json()
    assert report["split"] == "train"
    for key in ("records", "images", "annotations", "dropped_records", "dropped_annotations"):
        assert report[key] == 0
    assert report["problems"] == {"count": 0, "first": []}
    assert report["warnings"] == report["keys_not_carried_over"] == {}
    assert report["inputs"] == []


def test_the_first_twenty_problems_are_reported_and_all_are_counted() -> None:
    report = SplitReport(split="train")
    for number in range(50):
        report.add_problem(ChecksumError(Location("x", number, 0), "is bad"))
    problems = report.as_json()["problems"]
    assert problems["count"] == 50
    assert problems["first"] == [f"x: record {number} at byte 0: is bad" for number in range(20)]


def test_findings_are_counted_by_rule_and_the_first_is_reported() -> None:
    report = SplitReport(split="train")
    report.add_findings(
        [Finding("size-wrong", Location("x", 3, 7), "first"), Finding("image-cut", Location("x"), "cut")]
    )
    report.add_findings([Finding("size-wrong", Location("x", 4, 9), "second")])
    assert report.as_json()["warnings"] == {
        "image-cut": {"count": 1, "first": "x: cut"},
        "size-wrong": {"count": 2, "first": "x: record 3 at byte 7: first"},
    }


def test_keys_are_listed_up_to_a_thousand_and_counted_beyond() -> None:
    report = SplitReport(split="train")
    for number in range(1500):
        report.add_unmapped([f"key {number:04d}", "common"])
    shown = report.as_json()
    assert len(shown["keys_not_carried_over"]) == 1000
    assert shown["keys_not_carried_over"]["common"] == 1500
    assert shown["keys_not_carried_over_unlisted"] == 501


def test_a_report_can_be_printed_whatever_the_data_says() -> None:
    report = SplitReport(split="train")
    report.add_unmapped(["key\x1b[31m\n"])
    report.add_problem(DataError(Location("x\x1b[0m", 1, 2), "is bad"))
    report.add_findings([Finding("rule", Location("x\x1b[0m", 1, 2), "text")])
    shown = report.as_json()
    shown.pop("inputs")
    for text in (*shown["keys_not_carried_over"], *shown["problems"]["first"], shown["warnings"]["rule"]["first"]):
        assert text.isprintable()


def test_the_report_of_a_split_says_what_was_read_and_how(converted: Convert) -> None:
    done = converted(
        detection("a.jpg", boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], mine=ints(1)),
        detection("b.png", **{"image/format": texts("gif")}),
        b"no example",
        on_error="skip",
    )
    report = done.report
    assert (report["split"], report["records"], report["images"], report["annotations"]) == ("x", 3, 2, 2)
    assert (report["dropped_records"], report["dropped_annotations"]) == (1, 0)
    assert report["problems"]["count"] == 1
    assert report["warnings"]["format-wrong"]["count"] == 1
    assert report["keys_not_carried_over"] == {"mine": 1}
    (entry,) = report["inputs"]
    assert (entry["file"], entry["records"]) == ("x.tfrecord", 3)
    assert entry["schema"] == "object_detection"
    assert entry["coordinates"] == "normalized"


def test_what_is_written_of_records_and_dropped_adds_up_to_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.tfrecord"
    sound = shard(*[detection(f"{n}.jpg", boxes=[(1, 1, 9, 9)]) for n in range(5)])
    path.write_bytes(sound + frame(b"\xff") + frame(b"bad", data_crc=1) + sound[:-5])
    (split,) = convert(path, tmp_path / "out", on_error="skip").splits
    report = split.as_json()
    # Five, and four again of the same content; the tenth is cut.
    assert report["images"] == 9
    assert report["dropped_records"] == 3
    assert report["records"] == 10, "of these one is sound as a record, but no Example"
    assert report["problems"]["count"] == 3


def test_the_report_does_not_depend_on_where_the_dataset_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = detection("a.jpg", boxes=[(1, 1, 9, 9)], **{"image/width": ints(5)})
    reports = set()
    for folder, given in (("one", "records/x.tfrecord"), ("two/deeper", "records"), ("three", None)):
        place = tmp_path / folder
        (place / "records").mkdir(parents=True)
        (place / "records" / "x.tfrecord").write_bytes(shard(record) + frame(b"bad", data_crc=1))
        monkeypatch.chdir(place)
        convert(given or place / "records" / "x.tfrecord", place / "out", on_error="skip")
        reports.add((place / "out" / "reports" / "x.json").read_bytes())
    (report,) = reports
    assert str(tmp_path).encode() not in report
    assert json.loads(report)["warnings"]["size-wrong"]["first"].startswith("x.tfrecord: record 0")
