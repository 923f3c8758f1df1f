"""Label maps in tables and lists, and what holds of a label map file of any kind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from label_files import CAT_AND_DOG, FROM_ZERO, assert_refused_in_no_time, classes, refusal

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.labels import load as files
from tfrecord_lite.labels.load import may_be_label_map, read_label_map
from tfrecord_lite.labels.model import LabelItem, LabelMap

# Tables


@pytest.mark.parametrize("name", ["x.csv", "x.txt", "label_map.pbtxt"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,cat\n2,dog\n", CAT_AND_DOG),
        ("cat,1\ndog,2\n", CAT_AND_DOG),
        ("id,name\n1,cat\n2,dog\n", CAT_AND_DOG),
        ("\ufeffname,id\r\ncat,1\r\ndog,2\r\n", CAT_AND_DOG),
        ("Name; ID\n\n cat ; 1 ;\n dog ; 2 ;\n", CAT_AND_DOG),
        ("1\tcat\n2\tdog\n", CAT_AND_DOG),
        ('"id","name"\n"1","cat"\n"2","dog"\n', CAT_AND_DOG),
        ('id,name\n1,"cat, small"\n2,"the ""dog"""\n', [(1, "cat, small"), (2, 'the "dog"')]),
        ("class,label_id\ncat,1\ndog,2", CAT_AND_DOG),
        ("id,name,supercategory\n1,cat,animal\n2,dog,animal\n", CAT_AND_DOG),
        ("0,background\n1,cat\n2,dog\n", CAT_AND_DOG),
        ("0,cat\n1,dog\n", FROM_ZERO),
        ("# made by hand\n1,cat\n2,dog\n", CAT_AND_DOG),
        ("1,one\n2,2\n", [(1, "one"), (2, "2")]),
    ],
)
def test_a_table_of_ids_and_names_is_read_whatever_the_name(
    name: str, text: str, expected: list[tuple[int, str]]
) -> None:
    assert classes(name, text) == expected


def test_a_csv_of_one_column_is_a_list_of_names() -> None:
    assert classes("x.csv", "class\ncat\ndog\n") == FROM_ZERO
    assert classes("x.csv", "cat\ndog\n") == FROM_ZERO


@pytest.mark.parametrize("name", ["train_labels.csv", "classes.txt", "label_map.pbtxt", "x.yaml"])
@pytest.mark.parametrize(
    "text",
    [
        "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,640,480,cat,1,2,3,4\n",
        "image_id;class;xmin;ymin;xmax;ymax\n1;cat;1;2;3;4\n",
        "ImageID,LabelName,XMin,XMax,YMin,YMax\n000a,/m/01,0.1,0.2,0.3,0.4\n",
    ],
)
def test_a_table_of_boxes_is_called_what_it_is(name: str, text: str) -> None:
    assert f"{name}:1: label map: a table of boxes" in refusal(name, text)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("/m/01g317,Person\n/m/0bt9lr,Dog\n", 1, "no column of whole numbers found, expected the columns id and name"),
        ("LabelName,DisplayName\n/m/01g317,Person\n", 1, "no column of whole numbers found"),
        ("a.jpg,1,2,3,4,cat\n", 1, "6 columns found, expected two: id and name"),
        ("id,name\n1,cat\n2\n", 3, "1 columns found, expected at least 2"),
        ("id,name\n1,cat\ntwo,dog\n", 3, "'two' found as an id, expected a whole number"),
        ("id,name\n1,cat\n1.0,dog\n", 3, "'1.0' found as an id"),
        ("id,name\n1,cat\n1,dog\n", 3, "id 1 is given to both 'cat' (line 2) and 'dog' (line 3)"),
        ("id,name\n-1,cat\n", 2, "id -1 of 'cat' is out of range"),
        ("id,name\n", None, "it is empty"),
        ("1," + "x" * 200_000, 1, "not a table"),
        ("\n\n", None, "it is empty"),
    ],
)
def test_a_table_without_ids_and_names_is_refused_with_its_line(text: str, line: int | None, problem: str) -> None:
    message = refusal("x.csv", text)
    assert problem in message
    assert message.startswith(f"x.csv:{line}: " if line else "x.csv: ")


# Lists


@pytest.mark.parametrize("name", ["labels.txt", "x.names", "classes", "objects-label.labels.txt"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat\ndog\n", FROM_ZERO),
        ("\ufeffcat\r\n\r\n dog \r\n", FROM_ZERO),
        ("cat\rdog", FROM_ZERO),
        ("# classes\ncat\n#\ndog", FROM_ZERO),
        ("#1\n#2", [(0, "#1"), (1, "#2")]),
        ("background\ncat\ndog", CAT_AND_DOG),
        ("???\ncat\ndog", CAT_AND_DOG),
        ("cat\nN/A\ndog", [(0, "cat"), (2, "dog")]),
        ("0\n1\n7", [(0, "0"), (1, "1"), (2, "7")]),
        (
            "tench, Tinca tinca\ngoldfish, Carassius auratus",
            [(0, "tench, Tinca tinca"), (1, "goldfish, Carassius auratus")],
        ),
        ("10 euro\n20 euro\n50 euro", [(0, "10 euro"), (1, "20 euro"), (2, "50 euro")]),
        ("item\nthing", [(0, "item"), (1, "thing")]),
        ("Müsli\n猫", [(0, "Müsli"), (1, "猫")]),
        ("# label:color_rgb:parts:actions\nbackground:0,0,0::\ncat:128,0,0:tail,ear:\ndog:::run\n", CAT_AND_DOG),
        ("0 0 0 cat\n64 128 64\tdog\n", FROM_ZERO),
        ("0:cat\n1:dog\n", FROM_ZERO),
        ("1:cat\n2:dog\n", CAT_AND_DOG),
        ("0:background\n2:dog: a\n1:cat", [(1, "cat"), (2, "dog: a")]),
        ("0  cat\n1  dog\n", FROM_ZERO),
        ("1 cat\n2\tdog\n", CAT_AND_DOG),
        ("0 traffic light\n9 dog\n", [(0, "traffic light"), (9, "dog")]),
        ("1. cat\n2. dog\n", CAT_AND_DOG),
        ("1) cat\n2) dog\n", CAT_AND_DOG),
        ("1 - cat\n2 - dog\n", CAT_AND_DOG),
        ("cat = 1\ndog=2\n", CAT_AND_DOG),
    ],
)
def test_names_one_a_line_are_numbered_from_zero_unless_they_bring_numbers(
    name: str, text: str, expected: list[tuple[int, str]]
) -> None:
    assert classes(name, text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cat\ndog\ncat", "x.txt:3: label map: 'cat' is the name of both id 0 (line 1) and id 2"),
        (
            "images/a.JPG 1\nimages/b.png 2",
            "x.txt:1: label map: 'images/a.JPG 1' is the name of a file, expected the name",
        ),
        ("cat\n0 0.5 0.5 0.1 0.2", "x.txt:2: label map: '0 0.5 0.5 0.1 0.2' is a row of numbers"),
        ("cat\ndog:128,0,0::", "x.txt:2: label map: 'dog:128,0,0::' is a line of a colour map"),
        ("<?xml version='1.0'?>\n<annotation>", "x.txt:1: label map: '<?xml version='1.0'?>' is markup"),
        ("cat\n" + "x" * 5000, "is a line of 5000 characters"),
        ("cat\x1b[31m\ndog", "'cat\\x1b[31m' is not printable"),
        ("", "it is empty"),
        (" \n\t\n", "it is empty"),
        ("0:cat\n0:dog", "id 0 is given to both 'cat' (line 1) and 'dog' (line 2)"),
        ("9" * 30 + ":cat", "expected a number and a name"),
        ("M\xfcsli".encode("latin-1"), "x.txt:1:2: label map: byte 0xfc is not UTF-8"),
        ("cat\ndog".encode("utf-16"), "UTF-16 or UTF-32 found"),
    ],
)
def test_a_list_of_something_else_is_refused_with_its_line(text: str | bytes, problem: str) -> None:
    assert problem in refusal("x.txt", text)


# Files


@pytest.mark.parametrize("as_path", [str, Path, os.fsencode])
def test_a_file_is_read_from_any_kind_of_path(tmp_path: Path, as_path: Any) -> None:
    file = tmp_path / "label_map.pbtxt"
    file.write_text("item { id: 1 name: 'cat' }")
    labels = read_label_map(as_path(file))
    assert labels == LabelMap(str(file), (LabelItem(1, "cat"),), zero_based=False)


def test_what_cannot_be_read_at_all_stays_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_label_map(tmp_path / "nope.pbtxt")
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_label_map(tmp_path)


def test_a_large_file_is_refused_unless_it_may_be_coco(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_BYTES", 1 << 20)
    large = tmp_path / "large"
    large.write_bytes(b"cat\n" * (1 << 18) + b"x")
    with pytest.raises(LabelMapError, match="larger than 1 MiB, the limit for all but COCO"):
        read_label_map(large)
    large.write_bytes(b'\xef\xbb\xbf {"categories": [{"id": 1, "name": "cat"}]' + b" " * (1 << 20) + b"}")
    assert read_label_map(large).items == (LabelItem(1, "cat"),)
    monkeypatch.setattr(files, "_LARGEST_COCO", 1 << 20)
    with pytest.raises(LabelMapError, match=r"larger than 0 GiB\. Write its categories to a file alone"):
        read_label_map(large)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.txt", "a\n" * 300_001),
        ("x.yaml", "names: [" + "a," * 300_001 + "]"),
        ("x.csv", "1,a\n" * 300_001),
        ("x.json", '["a"' + ',"a"' * 300_000 + "]"),
        ("x.json", "{" + ",".join(f'"{number}":"a"' for number in range(300_001)) + "}"),
        ("x.json", '{"names": ["a"' + ',"a"' * 300_000 + "]}"),
        ("x.pbtxt", "item {\n" * 300_001),
    ],
)
def test_more_elements_than_there_can_be_classes_are_refused_before_they_are_made(name: str, text: str) -> None:
    assert "more than 262144 lines or elements, the budget of a label map. Is this the right file?" in refusal(
        name, text
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("names: [" + "a," * 30_000, id="a list"),
        pytest.param("names: " + "[" * 1_000_000, id="brackets"),
        pytest.param("names: '" + "''" * 200_000, id="quotes"),
        pytest.param('names: ["' + "a\n" * 200_000, id="folded lines"),
        pytest.param("names:\n" + " 'a' : 'a'\n" * 30_000, id="quoted keys"),
        pytest.param("names:\n - a\n" + "   b\n" * 200_000 + " - a\n - a\n", id="continued lines"),
        pytest.param("names:\n - a\n" + "   #\n" * 200_000 + " - a", id="comments"),
        pytest.param(" " * 1_000_000, id="spaces"),
        pytest.param("\n" * 300_000, id="lines"),
        pytest.param("1" * 1_000_000, id="digits"),
        pytest.param("1:" + " " * 1_000_000 + "\n1:", id="a number and spaces"),
        pytest.param("a" * 1_000_000 + ": " + "1" * 5_000_000, id="a long key"),
        pytest.param("," * 300_000, id="commas"),
        pytest.param('"' * 300_001, id="quotes without end"),
        pytest.param("0 " * 400_000, id="numbers"),
        pytest.param("a\n" * 10_000, id="the same name"),
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.yaml", "x.csv"])
def test_a_hostile_file_is_refused_in_no_time(name: str, text: str) -> None:
    assert_refused_in_no_time(name, text)


# Is it worth reading?


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("x.pbtxt", b"# parts\nitem { id: 1 name: 'cat' }", True),
        ("x.pbtxt", b"\xef\xbb\xbfitem: <", True),
        ("x.pbtxt", "item {".encode("utf-16"), True),
        ("x.pbtxt", b"model { ssd { } }", False),
        ("x.pbtxt", b"", False),
        ("x_metadata.yaml", b"size: 1\r\nlabel_map: {1: cat}", True),
        ("x_metadata.yaml", b"size: 1\nversion: 2\n", False),
        ("classes.txt", b"cat\ndog", True),
    ],
)
def test_other_files_with_such_endings_are_not_read_as_label_maps(name: str, data: bytes, expected: bool) -> None:
    assert may_be_label_map(name, data) is expected
