"""The page of a conversion: what was read and kept, beside the dataset."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from record_files import write
from results import digests
from tfrecords import detection, floats

from tfrecord_lite import OutputError, RejectedInputError, UsageError, convert

OUTSIDE = {"image/object/bbox/xmax": floats(1.5)}


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Two pictures, one of them with a box outside, and a record that is none."""
    path = tmp_path / "x.tfrecord"
    good = detection("good.jpg", boxes=[(1, 1, 30, 30)], texts=["cat"])
    write(path, good, detection("out.jpg", boxes=[(1, 1, 30, 30)], texts=["dog"], **OUTSIDE), b"\xff")
    return path


def test_it_says_what_was_kept_and_what_was_dropped(records: Path, tmp_path: Path) -> None:
    page = tmp_path / "out" / "page.html"
    summary = convert(records, tmp_path / "out", on_error="skip", html=page)
    assert summary.page == str(page)
    assert summary.as_json()["page"] == str(page)
    text = page.read_text(encoding="utf-8")
    for said in ("Kept in x", "2 images, 2 annotations, 1 record dropped", "box-outside-image", "good.jpg", "out.jpg"):
        assert said in text
    assert 'class="place" data-picture="1"' in text


def test_it_has_the_warnings_of_the_conversion_and_their_counts(tmp_path: Path) -> None:
    record = detection("a.jpg", boxes=[(1, 1, 30, 30)], texts=["cat"], **OUTSIDE)
    write(tmp_path / "x.tfrecord", record, record)
    summary = convert(tmp_path / "x.tfrecord", tmp_path / "out", html=tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    for code, found in summary.splits[0].findings.items():
        times = "1 time" if found.count == 1 else f"{found.count} times"
        assert f'<code>{code}</code><span class="times">{times}<' in text
    assert {"record-twice", "box-outside-image"} <= summary.splits[0].findings.keys()


def test_the_dataset_is_the_same_with_it_and_without(records: Path, tmp_path: Path) -> None:
    convert(records, tmp_path / "with", on_error="skip", html=tmp_path / "page.html")
    convert(records, tmp_path / "without", on_error="skip")
    assert digests(tmp_path / "with") == digests(tmp_path / "without")


def test_there_is_none_where_nothing_is_published(records: Path, tmp_path: Path) -> None:
    with pytest.raises(RejectedInputError):
        convert(records, tmp_path / "out", html=tmp_path / "page.html")
    assert sorted(os.listdir(tmp_path)) == ["x.tfrecord"]


def test_what_is_there_is_replaced_only_if_that_is_asked_for(records: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        convert(records, tmp_path / "out", on_error="skip", html=page)
    assert page.read_text() == "mine"
    assert not (tmp_path / "out").exists()
    convert(records, tmp_path / "out", on_error="skip", html=page, overwrite=True)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_an_input_is_never_replaced(records: Path, tmp_path: Path) -> None:
    before = records.read_bytes()
    with pytest.raises(OutputError, match="is read"):
        convert(records, tmp_path / "out", on_error="skip", html=records, overwrite=True)
    assert records.read_bytes() == before


def test_standard_input_cannot_be_read_twice(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="save it to a file"):
        convert("-", tmp_path / "out", html=tmp_path / "page.html")


def test_the_command_names_the_page(tmp_path: Path) -> None:
    write(tmp_path / "x.tfrecord", detection("a.jpg", boxes=[(1, 1, 9, 9)], texts=["cat"]))
    command = [sys.executable, "-m", "tfrecord_lite", "convert", "x.tfrecord", "-o", "out", "--html", "page.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "wrote page.html"


def test_a_file_without_records_has_a_page_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "x.tfrecord").write_bytes(b"")
    convert(tmp_path / "x.tfrecord", tmp_path / "out", allow_empty=True, html=tmp_path / "page.html")
    assert "0 images" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("output", "page"),
    [
        ("out.json", "out.json"),
        ("out.json", "./sub/../out.json"),
        ("out.json", "OUT.JSON"),
        ("out.json", "pictures/page.html"),
        ("out", "out/annotations/instances_x.json"),
        ("out", "out/images/x/page.html"),
        ("out", "out"),
        ("out", "out/images"),
        ("out", "out/reports/x.json"),
    ],
)
def test_it_is_refused_in_the_place_of_what_the_conversion_writes(
    output: str, page: str, records: Path, tmp_path: Path
) -> None:
    images = tmp_path / "pictures" if output.endswith(".json") else None
    for _ in ("nothing is there", "an earlier result is there"):
        with pytest.raises(OutputError, match=r"the page would be in its place|this is a folder"):
            convert(records, tmp_path / output, images=images, on_error="skip", html=tmp_path / page, overwrite=True)
        convert(records, tmp_path / output, images=images, on_error="skip", overwrite=True)


def test_a_picture_that_is_read_is_not_replaced(records: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.jpg").write_bytes(b"mine")
    with pytest.raises(OutputError, match="from which pictures are read"):
        convert(
            records,
            tmp_path / "out",
            image_root=tmp_path / "pictures",
            html=tmp_path / "pictures" / "a.jpg",
            overwrite=True,
        )
    assert (tmp_path / "pictures" / "a.jpg").read_bytes() == b"mine"


def test_a_page_that_cannot_be_is_refused_before_the_work(records: Path, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        convert(records, tmp_path / "out", on_error="skip", html=records / "page.html")
    assert not (tmp_path / "out").exists()
