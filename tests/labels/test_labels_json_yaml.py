"""Label maps in JSON and in YAML: what is understood, and what is refused with the reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_files import CAT_AND_DOG, FROM_ZERO, classes, refusal

from tfrecord_lite.labels.load import parse_label_map
from tfrecord_lite.labels.model import LabelItem, LabelMap

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
