from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.labels import files
from tfrecord_lite.labels.files import is_label_map, parse_label_map, read_label_map
from tfrecord_lite.labels.items import LabelItem, LabelMap

CAT_AND_DOG = [(1, "cat"), (2, "dog")]
FROM_ZERO = [(0, "cat"), (1, "dog")]


def classes(name: str, text: str | bytes) -> list[tuple[int, str]]:
    labels = parse_label_map(name, text.encode() if isinstance(text, str) else text)
    assert labels.zero_based == (labels.items[0].id == 0)
    return [(item.id, item.name) for item in labels.items]


def refusal(name: str, text: str | bytes) -> str:
    with pytest.raises(LabelMapError) as caught:
        parse_label_map(name, text.encode() if isinstance(text, str) else text)
    message = str(caught.value)
    assert message.isprintable()
    return message


# JSON


@pytest.mark.parametrize("name", ["x.json", "x.pbtxt", "x.txt", "labels"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"1": "cat", "2": "dog"}', CAT_AND_DOG),
        ('\ufeff \r\n{"2": "dog",\n"1": "cat"}', CAT_AND_DOG),
        ('{"cat": 1, "dog": 2}', CAT_AND_DOG),
        ('{"1": 2, "2": 1}', [(1, "2"), (2, "1")]),
        ('{"0": "background", "1": "cat", "2": "dog"}', CAT_AND_DOG),
        ('{"0": "cat", "1": "dog"}', FROM_ZERO),
        ('["cat", "dog"]', FROM_ZERO),
        ('{"label_map": {"1": "cat", "2": "dog"}, "size": 2}', CAT_AND_DOG),
        ('{"names": ["cat", "dog"], "nc": 2}', FROM_ZERO),
        ('{"names": {"1": "cat", "2": "dog"}, "nc": [2]}', CAT_AND_DOG),
        ('[{"id": 2, "name": "dog"}, {"id": 1, "name": "cat"}]', CAT_AND_DOG),
        ('{"images": [], "annotations": [{}], "categories": [{"id": 0, "name": "cat"}]}', [(0, "cat")]),
        ('{"1": "M\\u00fcsli"}', [(1, "Müsli")]),
    ],
)
def test_json_of_any_shape_is_read_whatever_the_name(name: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert classes(name, text) == expected


def test_a_coco_file_gives_everything_that_it_says_of_a_category() -> None:
    person = {"id": 1, "name": "person", "supercategory": "human", "keypoints": ["nose", "eye"], "skeleton": [[1, 2]]}
    rare = {
        "id": 3,
        "name": "aerosol_can",
        "frequency": "r",
        "instance_count": 109,
        "supercategory": None,
        "synset": "x",
    }
    labels = parse_label_map("instances.json", json.dumps({"categories": [rare, person]}).encode())
    assert labels == LabelMap(
        "instances.json",
        (
            LabelItem(1, "person", supercategory="human", keypoints=("nose", "eye"), skeleton=((1, 2),)),
            LabelItem(3, "aerosol_can", frequency="r", instance_count=109),
        ),
        zero_based=False,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "it is empty"),
        ("[]", "it is empty"),
        ('{"1": "cat",\n "2" "dog"}', "x.json:2:6: label map: not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"1": NaN}', "not JSON"),
        ('{"1": "cat", "1": "dog"}', "id 1 is given to both 'cat' and 'dog'"),
        ('{"1": "cat", "2": "cat"}', "'cat' is the name of both id 1 and id 2"),
        ('{"1": "cat", "2": null}', "'2': 'None', expected a whole number and a name"),
        ('{"1": "cat", "dog": "2"}', "expected a whole number and a name"),
        ('{"a": true}', "expected a whole number"),
        ('{"a": 1.5}', "expected a whole number"),
        ('{"-1": "cat"}', "id -1 of 'cat' is out of range"),
        ('{"1": {"name": "cat"}}', "no classes found, expected"),
        ('{"1": ["cat"]}', "no classes found"),
        ('[["cat"]]', "no classes found"),
        ('["cat", 2]', "no classes found"),
        ('{"images": [], "annotations": []}', "no classes found"),
        (
            '{"categories": [{"id": "1", "name": "cat"}]}',
            "category 0 has id '1' and name 'cat', expected a whole number",
        ),
        ('{"categories": [{"id": true, "name": "cat"}]}', "category 0 has id 'True'"),
        ('{"categories": [{"id": 1}]}', "category 0 has id '1' and name 'None'"),
        ('{"categories": [{"id": 1, "name": "cat"}, {"id": 1, "name": "dog"}]}', "id 1 is given to both"),
        ('{"categories": [{"id": 1, "name": "cat", "keypoints": [1]}]}', "keypoints of category 'cat'"),
        ('{"categories": [{"id": 1, "name": "cat", "skeleton": [[1]]}]}', "skeleton of category 'cat'"),
        ('{"categories": [{"id": 1, "name": "cat", "skeleton": [1, 2]}]}', "skeleton of category 'cat'"),
        (b'{"1": "c\xfft"}', "not JSON"),
    ],
)
def test_json_that_is_no_label_map_is_refused_with_the_reason(text: str | bytes, problem: str) -> None:
    assert problem in refusal("x.json", text)


# YAML


@pytest.mark.parametrize("name", ["label_map.yaml", "x.yml", "x.txt"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("label_map: {1: cat, 2: dog}", CAT_AND_DOG),
        ("label_map: {1: cat,\n  2: 'dog', # two\n  }\nsize: 3\n", CAT_AND_DOG),
        ("size: 3\nlabel_map:\n  0: background\n  1: cat\n  2: dog\n", CAT_AND_DOG),
        ("label_map:\r\n  1: cat\r\n  2: dog\r\n", CAT_AND_DOG),
        ("label_map:\n    '1': \"cat\"   # first\n\n    # second\n    '2' : dog\nother:\n  3: cow\n", CAT_AND_DOG),
        ("---\nlabel_map:\n  cat: 1\n  dog: 2\n...\n", CAT_AND_DOG),
        ("0: cat\n1: dog", FROM_ZERO),
        ("cat: 1\ndog: 2\n", CAT_AND_DOG),
        ("- cat\n- dog\n", FROM_ZERO),
        ("names: [cat, dog]", FROM_ZERO),
        ("path: ../x\ntrain: a # b\nnc: 2\nnames: ['cat',\n        \"dog\"]\n", FROM_ZERO),
        ("names:\n- cat\n- dog\nnc: 2\n", FROM_ZERO),
        ("names:\n  - cat\n  - dog\nnc: 2\n", FROM_ZERO),
        ("names:\n  0: cat\n  1: dog\ndownload: |\n  names: 7\n    x = {\n", FROM_ZERO),
        ("'names': [\n  cat,\n  dog\n]\nnc: 2", FROM_ZERO),
        ("names: [x]\nlabel_map: {1: cat, 2: dog}\n", CAT_AND_DOG),
    ],
)
def test_the_yaml_of_label_maps_is_read_whatever_the_name(
    name: str, text: str, expected: list[tuple[int, str]]
) -> None:
    assert classes(name, text) == expected


def test_yaml_that_could_be_something_else_is_read_by_its_extension() -> None:
    assert classes("x.yaml", "{1: cat, 2: dog}") == CAT_AND_DOG
    assert classes("x.yaml", "[cat, dog]  # all") == FROM_ZERO
    assert classes("x.yaml", "%YAML 1.2\n---\n1: cat\n2: dog\n...\n") == CAT_AND_DOG


@pytest.mark.parametrize(
    ("scalar", "name"),
    [
        ("traffic light", "traffic light"),
        ("traffic  light  # two spaces", "traffic  light"),
        ("a long name\n    that goes on", "a long name that goes on"),
        ("it's", "it's"),
        ("no", "no"),  # not a truth value: names are names
        ("1.50", "1.50"),
        ("a#b", "a#b"),
        ("a:b", "a:b"),
        ("-dash", "-dash"),
        ("'it''s # no comment: really'", "it's # no comment: really"),
        ("'  folded\n\n    over lines'", "  folded  over lines"),
        (r'"M\xFCsli \u00fc \U0001F600 \"\\\/ \t\0"', 'Müsli ü 😀 "\\/ \t\0'),
        ('"a \\\n    \\ b"', "a  b"),
        ('"a\n    #b"', "a #b"),
        ("\n    'on the next line'", "on the next line"),
    ],
)
def test_a_name_in_yaml_is_read_as_pyyaml_writes_it(scalar: str, name: str) -> None:
    assert classes("x.yaml", f"label_map:\n  1: {scalar}\n  2: dog\n") == [(1, name), (2, "dog")]
    assert classes("x.yaml", f"names:\n  - {scalar}\n  - dog\nnc: 2\n") == [(0, name), (1, "dog")]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("label_map: cat", 1, "a single value found, expected names in [ ] or { }"),
        ("label_map: |\n  1: cat", 1, "a single value found"),
        ("label_map:\nsize: 3", None, "it is empty"),
        ("names: []", None, "it is empty"),
        ("# nothing", None, "it is empty"),
        ("names: [cat,\n dog", 1, "'[' is never closed, expected ',' or ']'"),
        ("names: [cat", 1, "'[' is never closed"),
        ("names: [cat, [dog]]", 1, "'[' found, expected a name"),
        ("names: [: cat]", 1, "no name found behind the key"),
        ("names: [cat,, dog]", 1, "',' found, expected a name"),
        ("names: [cat, dog}", 1, "'}' found, expected ',' or ']'"),
        ("names: [cat] dog", 1, "'dog' found behind the closing bracket"),
        ("label_map: {1:cat}", 1, "no value behind '1:cat'"),
        ("label_map: {\n1: cat, 2}", 2, "no value behind '2'"),
        ("label_map: {1: }", 1, "'}' found, expected a name"),
        ("label_map:\n  1: cat\n  2 dog", 3, "'2 dog' found, expected an entry such as 1: cat"),
        ("label_map:\n  1: cat\n  2:", 3, "no name found behind the key"),
        ("label_map:\n  1: cat\n  2: # dog\n  3: cow", 3, "no name found behind the key"),
        ("label_map:\n  1: cat\n 2: dog", 3, "1 spaces before this line, expected 2 spaces"),
        ("label_map:\n  1: cat\n\t2: dog", 3, "a tab in the indentation"),
        ("label_map:\n\t1: cat", 2, "a tab in the indentation"),
        ("label_map:\n  1: cat\n  - dog", 3, "names with and without a key are mixed"),
        ("label_map:\n  1:\n    name: cat", 3, "'name: cat' is no plain name in YAML"),
        ("names:\n  - id: 1\n    name: cat", 2, "is no plain name in YAML. Put it in quotes if it is one"),
        ("label_map:\n  1: &a cat\n  2: *a", 2, "is no plain name in YAML"),
        ("label_map:\n  1: !!str cat", 2, "is no plain name"),
        ("label_map:\n  1: |\n    cat", 2, "is no plain name"),
        ("label_map:\n  1: 'cat\n  2: dog", 2, "this text is never closed, expected another '"),
        ("label_map:\n  1: 'cat' dog", 2, "'dog' found behind the closing quote"),
        ('label_map:\n  1: "c\\qt"', 2, "is no escape. Write a backslash as \\\\"),
        ('label_map:\n  1: "c\\xg0"', 2, "is no escape"),
        ('label_map:\n  1: "c\\u00"', 2, "is no escape"),
        ('label_map:\n  1: "\\ud800"', 2, "is no character of Unicode"),
        ("label_map:\n  'a: 1", 2, "this text is never closed"),
        ("label_map:\n  'a' 1", 2, "expected an entry such as 1: cat"),
        ("label_map:\n  one: cat", 2, "'one': 'cat', expected a whole number and a name"),
        ("label_map:\n  1: cat\n  1: dog", 3, "id 1 is given to both 'cat' (line 2) and 'dog' (line 3)"),
        ("label_map: {1: cat,\n\n 2: cat}", 3, "'cat' is the name of both id 1 (line 1) and id 2"),
        ("names:\n  - cat\n  - cat", 3, "'cat' is the name of both id 0 (line 2) and id 1"),
        ("path: x\nversion: 2", 1, "'path': 'x', expected a whole number and a name"),
    ],
)
def test_yaml_that_is_no_label_map_is_refused_with_its_line(text: str, line: int | None, problem: str) -> None:
    message = refusal("x.yaml", text)
    assert problem in message
    assert message.startswith(f"x.yaml:{line}: label map: " if line else "x.yaml: label map: ")


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
        ("0:cat\n1:dog\n", FROM_ZERO),
        ("1:cat\n2:dog\n", CAT_AND_DOG),
        ("0:background\n2:dog: a\n1:cat", [(1, "cat"), (2, "dog: a")]),
        ("0  cat\n1  dog\n", FROM_ZERO),
        ("1 cat\n2\tdog\n", CAT_AND_DOG),
        ("0 traffic light\n9 dog\n", [(0, "traffic light"), (9, "dog")]),
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
        (
            "# label:color_rgb:parts:actions\ncat:128,0,0::",
            "x.txt:2: label map: 'cat:128,0,0::' is a line of a colour map",
        ),
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
    monkeypatch.setattr(files, "_LARGEST_BYTES", 1 << 20)
    large = tmp_path / "large"
    large.write_bytes(b"cat\n" * (1 << 18) + b"x")
    with pytest.raises(LabelMapError, match="larger than 1 MiB, the limit for all but COCO"):
        read_label_map(large)
    large.write_bytes(b'\xef\xbb\xbf {"categories": [{"id": 1, "name": "cat"}]' + b" " * (1 << 20) + b"}")
    assert read_label_map(large).items == (LabelItem(1, "cat"),)


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
    start = time.process_time()
    with pytest.raises(LabelMapError) as caught:
        parse_label_map(name, text.encode())
    assert time.process_time() - start < 5  # what grows with the square takes minutes
    assert len(str(caught.value)) < 400


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1).map(str.strip),
    min_size=1,
    unique=True,
)


@settings(deadline=None)
@given(NAMES)
def test_any_names_come_back_from_json_and_from_yaml_in_double_quotes(names: list[str]) -> None:
    expected = [(number, f"n{name}") for number, name in enumerate(names, 1)]
    literal = json.dumps(dict(expected))
    assert classes("x.json", literal) == expected
    assert classes("x.json", literal.encode("utf-8-sig")) == expected
    unicode_literal = json.dumps(dict(expected), ensure_ascii=False, indent=1)
    assert classes("x.yaml", f"label_map: {unicode_literal}\n") == expected
    quoted = "".join(f"  {number}: '{name.replace(chr(39), chr(39) * 2)}'\n" for number, name in expected)
    assert classes("x.yaml", f"size: 1\nlabel_map:\n{quoted}") == expected


# Is it one at all?


@pytest.mark.parametrize(
    ("name", "head", "whole", "expected"),
    [
        ("classes.txt", b"cat\ndog", True, True),
        ("classes.txt", b"cat\ndog\nc", False, True),
        ("classes.txt", b"cat\ndog\ncat", False, True),  # the last line may go on
        ("classes.txt", b"cat\ndog\ncat\n", False, False),
        ("classes.txt", b"a line without end", False, False),
        ("classes.txt", b"a.jpg 1\nb.jpg 2\n", True, False),
        ("classes.txt", b'{"1": "cat"}', True, True),
        ("classes.txt", b'{"1": "cat", ', False, False),
        ("classes.txt", b"\n\x07\n\x03cat\x10\x01", True, True),
        ("classes.txt", b"", True, False),
        ("classes.txt", b"\xff\xfec\0", True, False),
        ("x_metadata.yaml", b"size: 1\nlabel_map: {1: cat}", True, True),
        ("x_metadata.yaml", b"label_map:\n 1: cat\n 2: do", False, True),
        ("x_metadata.yaml", b"size: 1\nversion: 2\n", True, False),
        ("x_metadata.yaml", b"label_map: 7\n", True, False),
        ("x.names", b"item { id: 1 name: 'cat' }\nitem {\n", False, True),
    ],
)
def test_a_file_is_judged_by_its_first_bytes(name: str, head: bytes, whole: bool, expected: bool) -> None:
    assert is_label_map(name, head, whole=whole) is expected
