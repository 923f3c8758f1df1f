"""Schemas that nobody knows: how they are told, and how a user describes them, by --map or in a file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from results import Convert, named, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import (
    Box,
    detection,
    floats,
    ints,
    jpeg,
    shard,
    texts,
)

from tfrecord_lite import convert
from tfrecord_lite.commands.cli import main
from tfrecord_lite.errors import RejectedInputError, UsageError

Write = Callable[..., str]
PREFIX = "image/object/"


def own(boxes: tuple[Box, ...] = (CAT, DOG), names: tuple[str, ...] = ("cat", "dog")) -> dict[str, bytes]:
    """A schema that nobody knows, in pixels."""
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
    return caught.value.text


# ------------------------------------------------------------------------------------------------- an unknown schema
def test_an_unknown_schema_is_reported_with_keys_kinds_and_lengths(record_file: Write, tmp_path: Path) -> None:
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
    assert named(coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert [(each["file_name"], each["width"]) for each in coco["images"]] == [("a.jpg", WIDTH)]


def test_where_there_is_no_guess_the_message_says_where_to_read_on(record_file: Write, tmp_path: Path) -> None:
    text = rejected(record_file({"a": ints(3)}), tmp_path)
    assert text.endswith("Say which key plays which role with --map; the command roles explains the roles")


def test_the_advice_for_records_without_images_and_sizes_works(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({"rects": floats(0.1, 0.2, 0.3, 0.4), "names": texts("cat")})
    call = ["convert", path, "-o", str(tmp_path / "out"), "-q", "--map", "box=rects", "--map", "text=names"]
    assert main(call) == 1
    assert "--image-size WxH says the size" in capsys.readouterr().err
    assert main([*call, "--image-size=64x48"]) == 0


def test_the_map_line_works_where_keys_hold_spaces(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({key.replace(".", " of "): value for key, value in own().items()})
    assert main(["convert", path, "-o", str(tmp_path / "first"), "-q"]) == 1
    error = capsys.readouterr().err
    assert "the nearest guess is: " in error
    line = error.split("the nearest guess is: ")[1].splitlines()[0]
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q", *shlex.split(line)]) == 0


def test_keys_of_an_unknown_schema_never_reach_the_terminal_raw(
    record_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record_file({"\x1b[2Jphoto": texts(jpeg()), "\x1b[2Jphoto/xmin": floats(1), "line\nbreak label": ints(1)})
    assert main(["convert", path, "-o", str(tmp_path / "out"), "-q"]) == 1
    error = capsys.readouterr().err
    assert "\x1b" not in error
    assert error.count("\n") == 2  # the error, and that nothing was published


def test_an_unknown_schema_in_one_of_several_files_publishes_nothing_even_with_skip(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.tfrecord").write_bytes(shard(detection("a.jpg", boxes=[CAT])))
    (folder / "b.tfrecord").write_bytes(shard({"audio": texts(b"RIFF"), "rate": ints(16000)}))
    text = rejected(str(folder), tmp_path, on_error="skip")
    assert "b.tfrecord" in text
    assert "rate (int64[1])" in text


SIDES = dict(zip(("x1", "y1", "x2", "y2"), map(floats, (4, 3, 14, 12)), strict=True))


@pytest.mark.parametrize(
    ("more", "is_read"),
    [
        (dict(zip(("xmin", "ymin", "xmax", "ymax"), SIDES.values(), strict=True)) | {"label": ints(1)}, True),
        ({f"boxes/{side}": value for side, value in SIDES.items()} | {"class": ints(1)}, False),
        ({"boxes": floats(4, 3, 14, 12), "label": ints(1)}, False),
        ({"bboxes": floats(0.1, 0.1, 0.5, 0.5), "labels": ints(1)}, False),
    ],
    ids=["plain sides", "corners below a folder", "a flat list", "bboxes"],
)
@pytest.mark.parametrize("image", ["image", "image_raw", "image/encoded"])
def test_a_picture_beside_unknown_boxes_is_not_taken_for_one_without_objects(
    converted: Convert, image: str, more: dict[str, bytes], is_read: bool
) -> None:
    result = converted({image: texts(jpeg(WIDTH, HEIGHT)), "filename": texts("a.jpg"), **more})
    assert [each["bbox"] for each in result.coco["annotations"]] == ([[4, 3, 10, 9]] if is_read else [])
    assert ("boxes-not-read" in result.report["warnings"]) is not is_read


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
def test_a_schema_of_ones_own_is_read_by_its_roles(converted: Convert) -> None:
    roles = {
        "encoded": "scene.jpg", "filename": "scene.path", "text": "things.category", "xmin": "things.left",
        "ymin": "things.top", "xmax": "things.right", "ymax": "things.bottom",
    }  # fmt: skip
    result = converted(own(), roles=roles)
    assert named(result.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert set(result.report["keys_not_carried_over"]) == {"scene.width", "scene.height"}
    assert result.report["inputs"][0]["schema"] == "custom"


def test_a_role_may_be_added_to_a_schema_that_is_known(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT], drop=[PREFIX + "class/label"], **{"my/class": texts("cat")})
    assert named(converted(record, roles={"text": "my/class"}).coco) == [("cat", xywh(CAT))]


@pytest.mark.parametrize(("order", "values"), [("xyxy", CAT), ("yxyx", (3, 4, 12, 14)), ("xywh", (4, 3, 10, 9))])
def test_a_flat_list_of_boxes_has_the_order_that_is_said(converted: Convert, order: str, values: Box) -> None:
    record = {"pic": texts(jpeg(WIDTH, HEIGHT)), "rects": floats(*values), "kind": texts("cat")}
    roles = {"encoded": "pic", "box": "rects", "box_order": order, "text": "kind"}
    result = converted(record, roles=roles, coordinates="pixel")
    assert named(result.coco) == [("cat", xywh(CAT))]


def test_a_schema_of_ones_own_can_be_in_a_file(converted: Convert, tmp_path: Path) -> None:
    pytest.importorskip("tomllib")
    (tmp_path / "own.toml").write_text(
        'encoded = "scene.jpg"\nfilename = "scene.path"\ntext = "things.category"\nxmin = ["x0", "things.left"]\n'
        'ymin = "things.top"\nxmax = "things.right"\nymax = "things.bottom"\npixel = true\n'
        '[metadata]\n"scene.width" = "declared_width"\n'
    )
    result = converted(own(), schema=str(tmp_path / "own.toml"))
    assert named(result.coco) == [("cat", xywh(CAT)), ("dog", xywh(DOG))]
    assert result.coco["images"][0]["declared_width"] == WIDTH
    assert set(result.report["keys_not_carried_over"]) == {"scene.height"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("encoded = ", "Invalid value"),
        ("base = 'x'", "expected one of"),
        ("xmim = 'k'", "Did you mean xmin"),
        ("xmin = 5", "expected a key or a list of keys"),
        ("pixel = 'yes'", "expected true or false"),
        ("box_order = 5", "expected yxyx, xyxy, xywh or cxcywh"),
        ("xmin = 'k'\nleft = 'k'", "given twice"),
        ("box_order = 'ltrb'", "yxyx"),
        ("[metadata]\na = {b = 1}", "expected a table of names"),
    ],
)
def test_a_schema_file_that_says_what_no_schema_can_is_reported(
    record_file: Write, tmp_path: Path, text: str, said: str
) -> None:
    pytest.importorskip("tomllib")
    path = tmp_path / "own.toml"
    path.write_text(f"{text}\n")
    with pytest.raises(UsageError, match=rf"own\.toml.*{said}"):
        convert(record_file({"pic": texts(jpeg()), "rects": floats(*CAT)}), tmp_path / "out", schema=str(path))


def test_an_order_that_does_not_exist_is_reported(record_file: Write, tmp_path: Path) -> None:
    path = record_file({"pic": texts(jpeg()), "rects": floats(*CAT)})
    with pytest.raises(UsageError, match="yxyx"):
        convert(path, tmp_path / "out", roles={"encoded": "pic", "box": "rects", "box_order": "ltrb"})


def test_a_schema_without_a_role_is_reported_by_the_role_and_not_by_a_key_that_nobody_wrote(
    record_file: Write, tmp_path: Path
) -> None:
    path = record_file({"rects": floats(*CAT), "kind": texts("cat")})
    assert "\\x00" not in rejected(path, tmp_path, roles={"box": "rects", "text": "kind"})


def test_a_schema_that_the_records_cannot_have_is_reported(record_file: Write, tmp_path: Path) -> None:
    path = record_file(detection("a.jpg", boxes=[CAT]))
    assert rejected(path, tmp_path, schema="keras_io")
    assert rejected(path, tmp_path, schema="tfds")


def test_an_unknown_schema_is_reported_with_the_known_ones(record_file: Write, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"auto.*object_detection"):
        convert(record_file(own()), tmp_path / "out", schema="coco")
