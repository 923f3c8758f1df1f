"""Which schema a file has: by the evidence of several records, or by --schema; and what is no file of ours."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from results import Convert, named, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import (
    delimited,
    detection,
    floats,
    frame,
    ints,
    jpeg,
    no_kind,
    number,
    png,
    sequence_example,
    shard,
    texts,
)

from tfrecord_lite import convert
from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import LayoutError, TFRecordLiteError

Write = Callable[..., str]
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


# ------------------------------------------------------------------------------------- not by the first record alone
@pytest.mark.parametrize("before", [1, 5, 15, 16, 17, 40])
def test_records_without_objects_before_the_first_with_some_change_nothing(converted: Convert, before: int) -> None:
    """Neither the unit of the boxes, nor the classes, nor the unit of the areas."""
    pixels = {PREFIX + f"bbox/{side}": floats(CAT[n]) for n, side in enumerate(SIDES)}
    empty = [
        {key: value for key, value in detection(f"{n}.jpg").items() if not key.startswith(PREFIX)}
        for n in range(before)
    ]
    result = converted(*empty, detection("z.jpg", labels=[7], texts=["cat"], **pixels))
    assert named(result.coco) == [("cat", xywh(CAT))]
    assert result.coco["categories"][0]["id"] == 7
    assert result.report["inputs"][0]["coordinates"] == "pixel"


@pytest.mark.parametrize("before", [1, 16, 17, 40])
def test_pictures_without_boxes_before_the_first_with_some_change_nothing(converted: Convert, before: int) -> None:
    """The same where the schema itself is made of the keys at hand."""
    empty = [
        {"image": texts(jpeg(WIDTH, HEIGHT, (n, 0, 0))), "image/filename": texts(f"{n}.jpg")} for n in range(before)
    ]
    last = empty[0] | {
        "image/filename": texts("z.jpg"), "objects/label": ints(0),
        "objects/bbox": floats(CAT[1] / HEIGHT, CAT[0] / WIDTH, CAT[3] / HEIGHT, CAT[2] / WIDTH),
    }  # fmt: skip
    result = converted(*empty, last)
    assert [each["bbox"] for each in result.coco["annotations"]] == [xywh(CAT)]
    assert result.report["inputs"][0]["schema"] == "tfds"


def test_a_class_key_that_comes_late_names_its_objects(converted: Convert) -> None:
    unnamed = [detection(f"{n}.jpg", boxes=[CAT], drop=[PREFIX + "class/label"]) for n in range(20)]
    result = converted(*unnamed, detection("z.jpg", boxes=[DOG], texts=["dog"]))
    assert named(result.coco)[-1] == ("dog", xywh(DOG))


def test_one_box_far_outside_does_not_make_a_normalised_file_one_of_pixels(converted: Convert) -> None:
    records = [detection(f"{n}.jpg", boxes=[CAT]) for n in range(9)]
    wild = detection("z.jpg", labels=[1], **{PREFIX + f"bbox/{side}": floats(300 + n) for n, side in enumerate(SIDES)})
    result = converted(wild, *records, on_error="skip")
    assert result.report["inputs"][0]["coordinates"] == "normalized"
    assert [each["bbox"] for each in result.coco["annotations"]] == [xywh(CAT)] * 9
    assert result.report["dropped_annotations"] == 1


def test_coordinates_can_be_said(converted: Convert) -> None:
    """A picture of one pixel: nothing in the values could tell."""
    record = detection("a.png", size=(1, 1), boxes=[(0, 0, 1, 1)])
    assert converted(record, coordinates="pixel").report["inputs"][0]["coordinates"] == "pixel"
    result = converted(
        detection("a.jpg", boxes=[(0, 0, 1, 1)], **{PREFIX + "bbox/xmax": floats(1), PREFIX + "bbox/ymax": floats(1)}),
        coordinates="pixel",
    )
    assert result.coco["annotations"][0]["bbox"] == [0, 0, 1, 1]


def test_the_report_says_what_was_decided_and_by_what(converted: Convert) -> None:
    (entry,) = converted(*(detection(f"{n}.jpg", boxes=[CAT, DOG]) for n in range(3))).report["inputs"]
    assert (entry["file"], entry["records"]) == ("x.tfrecord", 3)
    assert any("3 records" in text for text in entry["evidence"])
    assert any("6 boxes" in text for text in entry["evidence"])


# ------------------------------------------------------------------------------------------------------------ --schema
def test_the_schema_can_be_forced(converted: Convert) -> None:
    """A classification set: as such it has labels, by force of another schema none."""
    record = {"image/encoded": texts(jpeg(WIDTH, HEIGHT)), "image/class/label": ints(4)}
    assert converted(record).report["inputs"][0]["schema"] == "object_detection"
    assert converted(record, schema="classification").report["inputs"][0]["schema"] == "classification"


def test_a_forced_schema_reads_pixels_where_it_would_not_be_recognised(converted: Convert) -> None:
    record = {
        "frame/id": texts("images/1"), "frame/width": ints(WIDTH), "frame/height": ints(HEIGHT),
        "target/object_class_id": floats(1), **{f"target/coordinates_{side}": floats(CAT[n])
                                                for n, side in enumerate(("x1", "y1", "x2", "y2"))},
    }  # fmt: skip
    result = converted(record, schema="tao")
    assert [each["bbox"] for each in result.coco["annotations"]] == [xywh(CAT)]
    assert result.report["inputs"][0]["schema"] == "tao"


def test_the_report_says_that_a_schema_was_forced(converted: Convert) -> None:
    (entry,) = converted(detection("a.jpg", boxes=[CAT]), schema="object_detection").report["inputs"]
    assert any("--schema" in text for text in entry["evidence"])


# --------------------------------------------------------------------------------------------------- what is not ours
def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.tfrecord", b"x" * 100)
    return target.getvalue()


EVENT = b"\x09" + struct.pack("<d", 1.7e9) + delimited(3, b"brain.Event:2")
SCENARIO = number(10, 10) + b"".join(b"\x09" + struct.pack("<d", n / 10) for n in range(91)) + delimited(5, b"scene-1")
SCENARIO += delimited(2, number(1, 7)) * 3 + number(6, 2) + delimited(8, number(1, 5))
LISTS = {"features": [floats(1, 2, 3)] * 300, "clip/label": [ints(4)] * 300}
WAYMO = delimited(1, delimited(1, b"segment-1")) + number(2, 1522688014970187) + delimited(4, number(1, 1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (frame(EVENT), "TensorBoard event"),
        (frame(WAYMO), "Waymo"),
        (b"PAR1" + b"\x15\x04" * 50, "Parquet"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n", "git lfs pull"),
        (b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n", "web page"),
        (zipped(), "zip"),
        (gzip.compress(gzip.compress(shard(detection("a.jpg")), mtime=0), mtime=0), "compressed twice"),
        (b'{"images": [], "annotations": []}\n', "JSON"),
        (jpeg(), "JPEG"),
        (frame(b"\xff" * 40), "Example"),
        (frame(jpeg()), "it is a JPEG picture"),
        (frame(png()), "a PNG picture"),
        (frame(b"images/cat.jpg 3"), "is text"),
        (frame(b'{"image": "a.jpg", "label": 3}'), "JSON text"),
        (frame(SCENARIO), "Waymo Open Dataset scenario"),
        (frame(sequence_example({"clip/id": texts("x")}, LISTS)), "no image"),
        (frame(b""), "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_file_of_examples_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    path = tmp_path / "x.tfrecord"
    path.write_bytes(content)
    assert main(["convert", str(path), "-o", str(tmp_path / "out"), "-q"]) == 1
    first, *rest = capsys.readouterr().err.splitlines()
    assert said.lower() in first.lower()
    assert len(rest) == 1  # that nothing was published
    assert not (tmp_path / "out").exists()


# ---------------------------------------------------------------------------------------------------------- any keys
KEYS = st.sampled_from(
    [
        "image",
        "image/encoded",
        "image/content",
        "bbox",
        "objects/bbox",
        "objects/label",
        "label",
        "category_id",
        "image_id",
        "image/object/bbox/xmin",
        "image/object/bbox/ymin",
        "image/object/bbox/xmax",
        "image/object/bbox/ymax",
        "image/object/class/label",
        "image/object/class/text",
        "image/object/mask",
        "image/object/area",
        "frame/id",
        "frame/width",
        "frame/height",
        "target/object_class",
        "target/coordinates_x1",
        "target/coordinates/x",
        "target/coordinates/index",
        "panoptic_image",
        "panoptic_objects/id",
        "image/segmentation/class/encoded",
        "image/object/keypoint/x",
        "image/object/keypoint/y",
        "image/object/segmentation_v",
        "image/object/segmentation_sep",
        "depth/image/encoded",
        "image/width",
        "image/height",
        "image/filename",
        "image/source_id",
        "frame/index",
    ]
)
VALUES = st.one_of(
    st.just(no_kind()),
    st.lists(st.integers(-2, 80), max_size=8).map(lambda values: ints(*values)),
    st.lists(st.floats(width=32), max_size=8).map(lambda values: floats(*values)),
    st.lists(st.sampled_from([b"", b"cat", b"\xff", jpeg(8, 6), png(8, 6, 1)]), max_size=4).map(lambda v: texts(*v)),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=8), min_size=1, max_size=3), st.sampled_from(["fail", "skip"]))
def test_any_values_under_known_keys_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, bytes]], on_error: str
) -> None:
    """Only errors of ours leave, and what is published can be read."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "x.tfrecord").write_bytes(shard(*records))
    try:
        convert(folder / "x.tfrecord", folder / "out", on_error=on_error)
    except TFRecordLiteError:
        assert not (folder / "out").exists()
    else:
        json.loads((folder / "out/annotations/instances_x.json").read_text(), parse_constant=pytest.fail)


def test_a_schema_error_is_part_of_the_public_tree() -> None:
    from tfrecord_lite import LayoutError as public  # noqa: N813, PLC0415 - the name under test

    assert public is LayoutError


def test_a_video_without_frames_is_an_error(converted: Convert) -> None:
    """A writer that touches feature_lists leaves an empty one: its context may hold a whole picture."""
    record = sequence_example(detection("a.jpg", boxes=[CAT], texts=["cat"]), {})
    result = converted(record, detection("b.jpg", boxes=[DOG], texts=["dog"]), on_error="skip")
    assert [each["file_name"] for each in result.coco["images"]] == ["b.jpg"]
    assert "a tf.train.SequenceExample (a video) without any frame" in result.report["problems"]["first"][0]
