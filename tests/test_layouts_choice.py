"""Which layout a file has: by the evidence of several records, by --schema, by --map; and what is no file of ours."""

from __future__ import annotations

import gzip
import io
import json
import shlex
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Converted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfrecords import (
    Box,
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
from tfrecord_lite.cli import main
from tfrecord_lite.errors import LayoutError, RejectedInputError, TFRecordLiteError, UsageError

Convert = Callable[..., Converted]
Write = Callable[..., str]

WIDTH, HEIGHT = 64, 48
CAT, DOG = (4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0)
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def xywh(box: Box) -> list[float]:
    """Corners as COCO has the box."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def found(coco: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Name of the category, and the box, of every annotation."""
    names = {category["id"]: category["name"] for category in coco["categories"]}
    return [(names[each["category_id"]], each["bbox"]) for each in coco["annotations"]]


def own(boxes: tuple[Box, ...] = (CAT, DOG), names: tuple[str, ...] = ("cat", "dog")) -> dict[str, bytes]:
    """A layout that nobody knows, in pixels."""
    return {
        "scene.jpg": texts(jpeg(WIDTH, HEIGHT)), "scene.width": ints(WIDTH), "scene.height": ints(HEIGHT),
        "scene.path": texts("a.jpg"), "things.left": floats(*(box[0] for box in boxes)),
        "things.top": floats(*(box[1] for box in boxes)), "things.right": floats(*(box[2] for box in boxes)),
        "things.bottom": floats(*(box[3] for box in boxes)), "things.category": texts(*names),
    }  # fmt: skip


def rejected(path: str, tmp_path: Path, **options: Any) -> str:
    """What a conversion that must fail says."""
    with pytest.raises(RejectedInputError) as caught:
        convert(path, tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()
    return str(caught.value)


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
    assert found(result.coco) == [("cat", xywh(CAT))]
    assert result.coco["categories"][0]["id"] == 7
    assert result.report["inputs"][0]["coordinates"] == "pixel"


@pytest.mark.parametrize("before", [1, 16, 17, 40])
def test_pictures_without_boxes_before_the_first_with_some_change_nothing(converted: Convert, before: int) -> None:
    """The same where the layout itself is made of the keys at hand."""
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
    assert found(result.coco)[-1] == ("dog", xywh(DOG))


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


# ------------------------------------------------------------------------------------------------- an unknown layout
def test_an_unknown_layout_is_told_with_keys_kinds_and_lengths(record_file: Write, tmp_path: Path) -> None:
    text = rejected(record_file(own(), own((CAT,), ("cat",))), tmp_path)
    assert text.count("\n") == 0
    for shown in (
        "scene.jpg (bytes[1])",
        "things.left (float[1-2])",
        "scene.width (int64[1])",
        "things.category (bytes[1-2])",
    ):
        assert shown in text


def test_the_map_line_of_the_message_works_as_it_stands(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file(own())
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    line = capsys.readouterr().err.split("the nearest guess is: ")[1].splitlines()[0]
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *shlex.split(line)]) == 0
    coco = json.loads((tmp_path / "out/annotations/instances_x.json").read_text())
    assert found(coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert [(each["file_name"], each["width"]) for each in coco["images"]] == [("a.jpg", WIDTH)]


def test_the_map_line_works_where_keys_hold_spaces(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({key.replace(".", " of "): value for key, value in own().items()})
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    error = capsys.readouterr().err
    assert "the nearest guess is: " in error
    line = error.split("the nearest guess is: ")[1].splitlines()[0]
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *shlex.split(line)]) == 0


def test_keys_of_an_unknown_layout_never_reach_the_terminal_raw(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({"\x1b[2Jphoto": texts(jpeg()), "\x1b[2Jphoto/xmin": floats(1), "line\nbreak label": ints(1)})
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q"]) == 1
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert error.count("\n") == 2  # the error, and that nothing was published


def test_an_unknown_layout_in_one_of_several_files_publishes_nothing_even_with_skip(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.tfrecord").write_bytes(shard(detection("a.jpg", boxes=[CAT])))
    (folder / "b.tfrecord").write_bytes(shard({"audio": texts(b"RIFF"), "rate": ints(16000)}))
    text = rejected(str(folder), tmp_path, on_error="skip")
    assert "b.tfrecord" in text
    assert "rate (int64[1])" in text


@pytest.mark.parametrize(
    "more",
    [
        {"xmin": floats(4), "ymin": floats(3), "xmax": floats(14), "ymax": floats(12), "label": ints(1)},
        {
            "boxes/x1": floats(4),
            "boxes/y1": floats(3),
            "boxes/x2": floats(14),
            "boxes/y2": floats(12),
            "class": ints(1),
        },
        {"boxes": floats(4, 3, 14, 12), "label": ints(1)},
        {"bboxes": floats(0.1, 0.1, 0.5, 0.5), "labels": ints(1)},
    ],
    ids=["plain sides", "corners below a folder", "a flat list", "bboxes"],
)
@pytest.mark.parametrize("image", ["image", "image_raw", "image/encoded"])
def test_a_picture_beside_unknown_boxes_is_not_taken_for_one_without_objects(
    converted: Convert, image: str, more: dict[str, bytes]
) -> None:
    """To lose every box of a dataset must at least be a warning."""
    record = {image: texts(jpeg(WIDTH, HEIGHT)), "filename": texts("a.jpg"), **more}
    try:
        result = converted(record)
    except RejectedInputError as error:
        assert "--map" in str(error)  # noqa: PT017 - one of three fair ways to say it
        return
    assert result.coco["annotations"] or result.report["warnings"]


def test_a_picture_under_another_key_is_asked_for_and_not_lost(record_file: Write, tmp_path: Path) -> None:
    """A file without pictures is taken at its word about their size; one with them elsewhere must not pass for one."""
    record = detection("a.jpg", boxes=[CAT])
    record["image/picture"] = record.pop("image/encoded")
    path = record_file(record)
    assert "--map encoded=image/picture" in rejected(path, tmp_path)
    convert(path, tmp_path / "with", roles={"encoded": "image/picture"})
    assert [each.name for each in (tmp_path / "with").rglob("*.jpg")] == ["a.jpg"]
    convert(path, tmp_path / "without", roles={"encoded": "-"})
    assert not list((tmp_path / "without").rglob("*.jpg"))


# --------------------------------------------------------------------------------------------------- --schema, --map
def test_a_layout_of_ones_own_is_read_by_its_roles(converted: Convert) -> None:
    roles = {
        "encoded": "scene.jpg", "filename": "scene.path", "text": "things.category", "xmin": "things.left",
        "ymin": "things.top", "xmax": "things.right", "ymax": "things.bottom",
    }  # fmt: skip
    result = converted(own(), roles=roles)
    assert found(result.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert set(result.report["keys_not_carried_over"]) == {"scene.width", "scene.height"}
    assert result.report["inputs"][0]["schema"] == "custom"


def test_a_role_may_be_added_to_a_layout_that_is_known(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT], drop=[PREFIX + "class/label"], **{"my/class": texts("cat")})
    assert found(converted(record, roles={"text": "my/class"}).coco) == [("cat", xywh(CAT))]


@pytest.mark.parametrize(("order", "values"), [("xyxy", CAT), ("yxyx", (3, 4, 12, 14)), ("xywh", (4, 3, 10, 9))])
def test_a_flat_list_of_boxes_has_the_order_that_is_said(converted: Convert, order: str, values: Box) -> None:
    record = {"pic": texts(jpeg(WIDTH, HEIGHT)), "rects": floats(*values), "kind": texts("cat")}
    roles = {"encoded": "pic", "box": "rects", "box_order": order, "text": "kind"}
    result = converted(record, roles=roles, coordinates="pixel")
    assert found(result.coco) == [("cat", xywh(CAT))]


def test_a_layout_of_ones_own_can_stand_in_a_file(converted: Convert, tmp_path: Path) -> None:
    pytest.importorskip("tomllib")
    (tmp_path / "own.toml").write_text(
        'encoded = "scene.jpg"\nfilename = "scene.path"\ntext = "things.category"\nxmin = ["x0", "things.left"]\n'
        'ymin = "things.top"\nxmax = "things.right"\nymax = "things.bottom"\npixel = true\n'
        '[facts]\n"scene.width" = "declared_width"\n'
    )
    result = converted(own(), schema=str(tmp_path / "own.toml"))
    assert found(result.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert result.coco["images"][0]["declared_width"] == WIDTH
    assert set(result.report["keys_not_carried_over"]) == {"scene.height"}


@pytest.mark.parametrize(
    "text",
    [
        "encoded = ",
        "base = 'x'",
        "xmim = 'k'",
        "xmin = 5",
        "pixel = 'yes'",
        "name = 'x'",
        "box_order = 'ltrb'",
        "[facts]\na = {b = 1}",
    ],
)
def test_a_layout_file_that_says_what_no_layout_can_is_told(record_file: Write, tmp_path: Path, text: str) -> None:
    pytest.importorskip("tomllib")
    path = tmp_path / "own.toml"
    path.write_text(f"{text}\n")
    with pytest.raises(UsageError, match=r"own\.toml"):
        convert(record_file({"pic": texts(jpeg()), "rects": floats(*CAT)}), tmp_path / "out", schema=str(path))


def test_an_order_that_does_not_exist_is_told(record_file: Write, tmp_path: Path) -> None:
    path = record_file({"pic": texts(jpeg()), "rects": floats(*CAT)})
    with pytest.raises(UsageError, match="yxyx"):
        convert(path, tmp_path / "out", roles={"encoded": "pic", "box": "rects", "box_order": "ltrb"})


def test_a_role_that_does_not_exist_is_told_with_those_that_do(record_file: Write, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no role 'left'.*xmin"):
        convert(record_file(own()), tmp_path / "out", roles={"left": "things.left"})


def test_a_layout_without_a_role_is_told_by_the_role_and_not_by_a_key_that_nobody_wrote(
    record_file: Write, tmp_path: Path
) -> None:
    path = record_file({"rects": floats(*CAT), "kind": texts("cat")})
    assert "\\x00" not in rejected(path, tmp_path, roles={"box": "rects", "text": "kind"})


@pytest.mark.parametrize("role", ["name", "facts", "pixel", "implied", "merged"])
def test_what_is_no_key_cannot_be_a_role(record_file: Write, tmp_path: Path, role: str) -> None:
    with pytest.raises(UsageError, match="there is no role"):
        convert(record_file(own()), tmp_path / "out", roles={role: "x"})


def test_the_schema_can_be_forced(converted: Convert) -> None:
    """A classification set: as such it has labels, by force of another layout none."""
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


def test_a_schema_that_the_records_cannot_have_is_told(record_file: Write, tmp_path: Path) -> None:
    path = record_file(detection("a.jpg", boxes=[CAT]))
    assert rejected(path, tmp_path, schema="keras_io")
    assert rejected(path, tmp_path, schema="tfds")


def test_an_unknown_schema_is_told_with_the_known_ones(record_file: Write, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"auto.*object_detection"):
        convert(record_file(own()), tmp_path / "out", schema="coco")


# --------------------------------------------------------------------------------------------------- what is not ours
def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.tfrecord", b"x" * 100)
    return target.getvalue()


EVENT = b"\x09" + struct.pack("<d", 1.7e9) + delimited(3, b"brain.Event:2")
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
        (gzip.compress(gzip.compress(shard(detection("a.jpg")))), "compressed twice"),
        (b'{"images": [], "annotations": []}\n', "JSON"),
        (jpeg(), "JPEG"),
        (frame(b"\xff" * 40), "Example"),
        (frame(b""), "empty"),
    ],
    ids=["tfevents", "Waymo", "Parquet", "Git LFS", "HTML", "zip", "gzip twice", "JSON", "JPEG", "garbage", "empty"],
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


def test_a_layout_error_is_part_of_the_public_tree() -> None:
    from tfrecord_lite import LayoutError as public  # noqa: N813, PLC0415 - the name under test

    assert public is LayoutError


def test_a_video_without_frames_is_not_lost_without_a_word(converted: Convert) -> None:
    """A writer that touches feature_lists leaves an empty one: its context may hold a whole picture."""
    record = sequence_example(detection("a.jpg", boxes=[CAT], texts=["cat"]), {})
    result = converted(record, detection("b.jpg", boxes=[DOG], texts=["dog"]), on_error="skip")
    assert len(result.coco["images"]) == 2 or result.report["warnings"] or result.report["problems"]["count"]
