"""Label maps in JSON and in YAML: what is understood, and what is refused with the reason."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from label_files import CAT_AND_DOG, FROM_ZERO, assert_refused_in_no_time, classes, refusal

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
        ('{"classes": ["cat", "dog"]}', FROM_ZERO),
        ('{"labels": [{"id": 2, "name": "dog"}, {"id": 1, "name": "cat"}]}', CAT_AND_DOG),
        ('{"id2label": {"0": "cat", "1": "dog"}, "label2id": {"cat": 0, "dog": 1}}', FROM_ZERO),
        ("{'cat': 1, 'dog': 2}", CAT_AND_DOG),
        ('{1: "cat", 2: "dog",}', CAT_AND_DOG),
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


@pytest.mark.parametrize("key", ["classes", "labels"])
def test_a_yaml_file_may_call_its_list_otherwise(key: str) -> None:
    assert classes("x.yaml", f"size: 2\n{key}:\n  - cat\n  - dog\n") == FROM_ZERO
    assert classes("x.yaml", f"{key}: 1\ndog: 2\n") == [(1, key), (2, "dog")]


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
        ("'  folded\n    over lines'", "  folded over lines"),
        (r'"M\xFCsli \u00fc \U0001F600 \"\\\/ \t\0"', 'Müsli ü 😀 "\\/ \t\0'),
        ('"a \\\n    \\ b"', "a  b"),
        ('"a\n    #b"', "a #b"),
        ("\n    'on the next line'", "on the next line"),
    ],
)
def test_a_name_in_yaml_is_read_as_pyyaml_writes_it(scalar: str, name: str) -> None:
    assert classes("x.yaml", f"label_map:\n  1: {scalar}\n  2: dog\n") == [(1, name), (2, "dog")]
    assert classes("x.yaml", f"names:\n  - {scalar}\n  - dog\nnc: 2\n") == [(0, name), (1, "dog")]


@pytest.fixture(params=["libyaml", "Python"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML has no libyaml where there was no wheel of it."""
    if request.param == "Python":
        monkeypatch.delattr(yaml, "CBaseLoader", raising=False)


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("label_map: cat", 1, "a single value found, expected names in [ ] or { }"),
        ("label_map: |\n  1: cat", 1, "a single value found"),
        ("label_map:\nsize: 3", None, "it is empty"),
        ("names: []", None, "it is empty"),
        ("# nothing", None, "it is empty"),
        ("names: [cat, [dog]]", 1, "a list found, expected a name"),
        ("label_map: {1:cat}", 1, "no name found for '1:cat', expected one such as '1: cat'"),
        ("label_map: {\n1: cat, 2}", 2, "no name found for '2'"),
        ("label_map: {1: }", 1, "no name found for '1'"),
        ("label_map:\n  1: cat\n  2:", 3, "no name found for '2'"),
        ("label_map:\n  1: cat\n  2: # dog\n  3: cow", 3, "no name found for '2'"),
        ("names:\n  - cat\n  - ''", 3, "no name found"),
        ("label_map:\n  1:\n    name: cat", 3, "keys and values found for '1', expected a name"),
        (
            "names:\n  - id: 1\n    name: cat",
            2,
            "keys and values found, expected a name. Put it in quotes if it is one",
        ),
        ("label_map:\n  1: cat\n  2: traffic: light", 3, "not YAML: mapping values are not allowed"),
        ("label_map:\n  1: &a [cat]\n  2: *a", 2, "a list found for '1', expected a name"),
        ("names: &a [*a]", 1, "a list found"),
        ("label_map:\n  one: cat", 2, "'one': 'cat', expected a whole number and a name"),
        ("label_map:\n  1: cat\n  1: dog", 3, "id 1 is given to both 'cat' (line 2) and 'dog' (line 3)"),
        ("label_map: {1: cat,\n\n 2: cat}", 3, "'cat' is the name of both id 1 (line 1) and id 2"),
        ("names:\n  - cat\n  - cat", 3, "'cat' is the name of both id 0 (line 2) and id 1"),
        ("path: x\nversion: 2", 1, "'path': 'x', expected a whole number and a name"),
        ("names: [cat,\n dog\n", 3, "',' or ']'"),
        ("names: [cat,, dog]", 1, "not YAML: "),
        ("names: [cat, dog}", 1, "',' or ']'"),
        ("names: [cat] dog", 1, "not YAML: "),
        ("label_map:\n  1: cat\n  2 dog\n", 4, "could not find expected ':' while scanning a simple key of line 3"),
        ("label_map:\n  1: cat\n 2: dog", 3, "not YAML: "),
        ("label_map:\n  1: cat\n\t2: dog", 3, ". Indent with spaces, not with tabs"),
        ("label_map:\n\t1: cat", 2, ". Indent with spaces, not with tabs"),
        ("label_map:\n  1: cat\n  - dog", 3, "not YAML: "),
        ("label_map:\n  1: *a", 2, "not YAML: found undefined alias"),
        ("label_map:\n  1: 'cat\n  2: dog", 3, "unexpected end of stream while scanning a quoted scalar of line 2"),
        ("label_map:\n  1: 'cat' dog", 2, "not YAML: "),
        ('label_map:\n  1: "c\\qt"', 2, "unknown escape character"),
        ('label_map:\n  1: "c\\xg0"', 2, "while "),
        ("1: cat\n---\n1: dog", 2, "expected a single document in the stream"),
        ("names: \xa0# comment", 1, "a single value found"),
        ("names:\xa0# comment\n", 1, "a single value found"),
        ("names: \u2003#\n", 1, "a single value found"),
        ("names: \x0c# comment\n", 1, "not YAML: '\\x0c' cannot be part of it"),
        ("names: [a\x07]", 1, "not YAML: '\\x07' cannot be part of it"),
    ],
)
def test_yaml_that_is_no_label_map_is_refused_with_its_line(text: str, line: int | None, problem: str) -> None:
    message = refusal("x.yaml", text)
    assert problem in message
    assert message.startswith(f"x.yaml:{line}:" if line else "x.yaml:")


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("names: " + "[" * 100_000, id="brackets"),
        pytest.param("names: " + "{a: " * 100_000, id="braces"),
        pytest.param("- " * 100_000, id="dashes"),
        pytest.param("\n".join(" " * depth + "a:" for depth in range(2000)), id="indentation"),
        pytest.param("a: &a [x, x]\n" + "".join(f"a{n}: &a [*a, *a]\n" for n in range(60)) + "names: *a", id="laughs"),
    ],
)
def test_nesting_and_aliases_without_end_are_refused_at_once(text: str) -> None:
    assert_refused_in_no_time("x.yaml", text)


@pytest.mark.usefixtures("either_parser")
def test_what_yaml_allows_besides_is_read() -> None:
    assert classes("x.yaml", "label_map:\n  1: &a cat\n  2: !!str dog\nother: *a\n") == CAT_AND_DOG
    assert classes("x.yaml", "label_map:\n  1: |\n    cat\n  2: >-\n    dog\n") == CAT_AND_DOG
    assert classes("x.yaml", "1: \xa0# c\n") == [(1, "\xa0# c")]  # no space of YAML's
    assert classes("x.yaml", "all: &all [cat, dog]\nnames: *all\nx: !!python/object:os.system {}\n") == FROM_ZERO


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
