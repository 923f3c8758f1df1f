"""``validate`` as a user sees it: what it says, of what, and to whom."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import keypoints, objects, panoptic, picture, splits
from coco_defects import both, entry, file, image, no_entry_key
from commands import Capture, said
from results import Converted
from tfrecords import detection, floats, ints

from tfrecord_lite import InputError, UsageError, validate
from tfrecord_lite.commands.cli import main

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def broken() -> Path:
    """A dataset with an error, a warning and two that are alike, in ``data``."""
    dataset = objects()
    both(entry(0, id=0), entry(1, area=0), entry(2, bbox=None), entry(3, bbox=[1, 2]))(dataset)
    return dataset.write(Path("data"))


def test_the_result_names_the_code_the_places_and_the_remedy() -> None:
    broken()
    lines = str(validate("data")).splitlines()
    assert lines[0] == "data: 1 file, 4 images, 12 annotations, 3 categories, 4 pictures: 2 errors, 1 warning"
    start = lines.index("error E40: bbox is missing, or is not four finite numbers, 2 times")
    assert lines[start + 1 : start + 4] == [
        "    annotations/instances_train.json:1: annotation 3: bbox null",
        "    annotations/instances_train.json:1: annotation 4: bbox [1, 2]",
        "  do: Write [x, y, width, height] in pixels.",
    ]
    assert [line.split(":")[0] for line in lines if line.startswith(("error", "warning", "note"))] == [
        "error E13",
        "error E40",
        "warning W48",
    ]


def test_only_the_first_places_are_shown_and_the_rest_is_counted() -> None:
    dataset = objects()
    for each in dataset.annotations:
        each["area"] = None
    dataset.write(Path("data"))
    (finding,) = [finding for finding in validate("data").findings if finding.code == "E47"]
    assert (finding.count, len(finding.places), finding.cases) == (12, 5, {"null": 12})
    assert "    and 7 more" in str(validate("data")).splitlines()


def test_places_are_lines_and_bytes_of_the_file() -> None:
    path = broken()
    data = json.dumps(json.loads(path.read_bytes()), indent=1).encode()
    path.write_bytes(data)
    for finding in validate(path).findings:
        for place in finding.places:
            if place.kind == "annotation":
                assert place.offset is not None
                value, _ = json.JSONDecoder().raw_decode(data[place.offset :].decode())
                assert value["id"] == place.id
                assert place.line == data[: place.offset].count(b"\n") + 1


def test_what_is_sound_is_ok_in_a_line(capsys: Capture) -> None:
    objects().write(Path("data"))
    assert main(["validate", "data"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "data: 1 file, 4 images, 12 annotations, 3 categories, 4 pictures: ok\n"
    assert shown.err == ""
    assert main(["validate", "data", "--all"]) == 0
    assert "note I35: " in capsys.readouterr().out


def test_errors_decide_the_exit_status_and_warnings_do_not(capsys: Capture) -> None:
    broken()
    assert main(["validate", "data/annotations/instances_train.json"]) == 1
    dataset = objects()
    entry(1, area=0)(dataset)
    dataset.write(Path("data"))
    assert main(["validate", "data"]) == 0
    assert main(["validate", "nowhere"]) == 2
    Path("empty").mkdir()
    assert main(["validate", "empty"]) == 2
    assert main(["validate", "data", "--images", "nowhere"]) == 2
    assert said(capsys) == [
        "tfrecord2coco: error: nowhere: no such file or folder",
        "tfrecord2coco: error: empty: there is no COCO file in this folder, expected annotations/*.json, "
        "<split>/_annotations.coco.json or *.json. TFRecord files are converted to COCO by the command convert",
        "tfrecord2coco: error: nowhere: no such folder, expected the pictures",
    ]


def test_json_is_complete(capsys: Capture) -> None:
    broken()
    assert main(["validate", "data", "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)
    assert (shown["ok"], shown["problems"]["count"], len(shown["warnings"])) == (False, 2, 1)
    assert shown["files"] == [
        {
            "path": "data/annotations/instances_train.json",
            "images": 4,
            "annotations": 12,
            "categories": 3,
            "pictures": 4,
        }
    ]
    found = {finding["code"]: finding for finding in shown["findings"]}
    assert {"E13", "E40", "W48", "I2B", "I35"} <= found.keys()
    assert found["E13"]["places"] == [
        {
            "file": "data/annotations/instances_train.json",
            "kind": "annotation",
            "id": 0,
            "line": 1,
            "offset": found["E13"]["places"][0]["offset"],
            "text": "id 0",
        }
    ]
    assert found["E13"].keys() == {"code", "severity", "what", "remedy", "count", "cases", "places", "breaks"}


def test_only_what_breaks_a_reader_is_asked_for(capsys: Capture) -> None:
    broken()
    whole = validate("data")
    for code, reader in (("E13", "faster-coco-eval"), ("E40", "pycocotools")):
        (finding,) = [finding for finding in whole.findings if finding.code == code]
        assert reader in {breakage.reader for breakage in finding.breaks}
    only = validate("data", readers=["PyCocoTools"])
    assert {breakage.reader for finding in only.findings for breakage in finding.breaks} == {"pycocotools"}
    assert all(finding.breaks for finding in only.findings)
    assert len(only.findings) < len(whole.findings)
    assert main(["validate", "data", "--for", "pycocotools, nobody"]) == 2
    assert said(capsys)[0].startswith("tfrecord2coco: error: --for nobody: no such reader, expected some of ")
    with pytest.raises(UsageError):
        validate("data", readers=["nobody"])


def test_pictures_are_decoded_where_their_folder_is_named() -> None:
    dataset = objects()
    data = bytearray(picture((33, 21)))
    data[data.index(b"IDAT") + 4 :][:9] = bytes(9)
    start = data.index(b"IDAT") + 4
    data[start : start + 12] = bytes(12)
    file("images/train/four.png", bytes(data))(dataset)
    path = dataset.write(Path("data"))
    assert validate("data").ok
    assert validate(path).ok
    assert not validate(path, images="data/images/train").ok
    assert not validate("data", images="data/images").ok


@pytest.mark.parametrize(
    ("json_path", "pictures"),
    [
        ("annotations/instances_train.json", "images/train"),
        ("annotations/instances_train.json", "train"),
        ("annotations/instances_train.json", "images"),
        ("train/_annotations.coco.json", "train"),
        ("_annotations.coco.json", "."),
        ("labels.json", "data"),
        ("labels.json", "images"),
        ("any name.json", "."),
    ],
)
def test_pictures_are_found_in_every_layout(json_path: str, pictures: str) -> None:
    dataset = objects()
    dataset.files = {name.replace("images/train", pictures): data for name, data in dataset.files.items()}
    dataset.path = json_path
    dataset.write(Path("data"))
    result = validate("data")
    assert [finding.code for finding in result.findings if finding.severity != "info"] == []
    assert [file.pictures for file in result.files] == [4]


def test_pictures_that_two_splits_share_a_folder_for_are_no_surplus() -> None:
    dataset = splits()
    dataset.files = {
        name.replace("images/train/", "images/").replace("images/val/", "images/"): data
        for name, data in dataset.files.items()
    }
    dataset.write(Path("data"))
    assert [finding.code for finding in validate("data").findings if finding.code[0] in "EW"] == []


def test_several_tasks_share_the_pictures_of_a_split() -> None:
    folder = Path("data")
    for base in (objects(), keypoints(), panoptic()):
        base.write(folder)
    result = validate(folder)
    assert [file.pictures for file in result.files] == [4, 0, 0]
    assert [finding.code for finding in result.findings if finding.code[0] in "EW"] == []


def test_hostile_texts_reach_neither_the_terminal_nor_the_json_unescaped(capsys: Capture) -> None:
    dataset = objects()
    both(image(file_name="\x1b[31m\u202e/../x", id="\ud800"), entry(1, id="\x1b]0;x", category_id=[[]] * 999))(dataset)
    dataset.write(Path("data"))
    for options in ([], ["--all"], ["--json"]):
        assert main(["validate", "data", *options]) == 1
        out = capsys.readouterr().out
        assert all(line.isprintable() for line in out.splitlines())


def test_our_own_files_are_sound_in_every_layout_and_kind_of_masks(
    converted: Callable[..., Converted],
) -> None:
    def records() -> list[Any]:
        return [
            detection(
                f"{number}.jpg",
                (40, 30),
                [(1, 2, 11, 12), (5.5, 6.25, 30, 29)],
                [1, 3],
                ["cat", "dog"],
                **{
                    "image/object/is_crowd": ints(0, 1),
                    "image/object/keypoint/x": floats(0.1, 0.2, 0.3, 0.4),
                    "image/object/keypoint/y": floats(0.1, 0.2, 0.3, 0.4),
                    "image/object/keypoint/visibility": ints(2, 1, 2, 1),
                },
            )
            for number in range(3)
        ]

    for options in ({}, {"layout": "roboflow"}, {"masks": "rle"}, {"label_map": {1: "cat", 3: "dog", 9: "cow"}}):
        done = converted(*records(), **options)
        result = validate(done.folder)
        assert [finding.code for finding in result.findings if finding.severity != "info"] == []
        assert result.files[0].pictures == 3


def test_a_folder_without_a_coco_file_and_a_missing_one_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no COCO file"):
        validate(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        validate(tmp_path / "x.json")


def test_a_broken_entry_does_not_hide_the_others(tmp_path: Path) -> None:
    dataset = objects()
    no_entry_key("area")(dataset)
    dataset.raw = dataset.text.replace('"id": 1, "image_id": 1', '"id": 1 "image_id": 1').encode()
    result = validate(dataset.write(tmp_path))
    found = {finding.code: finding for finding in result.findings}
    assert "E01" in found
    assert found["E47"].count == 1
    assert result.files[0].annotations == 11


def test_files_of_one_name_in_two_splits_can_be_told_apart(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "_annotations.coco.json").write_text(
            '{"images": [{}], "annotations": [], "categories": []}'
        )
    told = "\n".join(validate(tmp_path).lines())
    for split in ("train", "valid"):
        assert f"    {split}{os.sep}_annotations.coco.json:1" in told
