"""A COCO file is read in parts, in any layout and any order of keys, a block of it at a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from coco_datasets import objects
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfrecord_lite import CocoFileError, compare, convert, pack
from tfrecord_lite.coco.read import json_elements, json_spans, reader
from tfrecord_lite.coco.read.json_elements import Unreadable
from tfrecord_lite.coco.read.reader import CocoFile

COCO = {
    "info": {"description": 'brackets ]}[{ and "quotes" \\'},
    "licenses": [],
    "images": [{"id": 1, "width": 8, "height": 6, "file_name": "Straßenbahn.jpg"}, {"id": 2, "file_name": "}, {.png"}],
    "annotations": [
        {"id": 1, "image_id": 1, "segmentation": [[1, 2.5, 3, 4, 5, 6]], "segments_info": [{"id": 1}, {"id": 2}]},
        {"id": 2, "image_id": 2, "segmentation": {"size": [6, 8], "counts": '"[{\\'}, "caption": "電車 \\\n"},
        {"id": 3, "image_id": 2},
    ],
    "categories": [{"id": 1, "name": "cat"}],
}


def own_layout(content: dict[str, Any]) -> str:
    lists = ("images", "annotations", "categories")
    head = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in content.items() if key not in lists)
    bodies = [
        f'"{key}":[\n' + ",\n".join(json.dumps(each, separators=(",", ":")) for each in content[key]) + "\n]"
        for key in lists
    ]
    return "{" + ",".join([head, *bodies]) + "}\n"


LAYOUTS = {
    "one image a line": own_layout(COCO),
    "official, on one line": json.dumps(COCO),
    "no spaces, no escapes": json.dumps(COCO, separators=(",", ":"), ensure_ascii=False),
    "pretty": json.dumps(COCO, indent=4),
    "pretty with tabs, Windows line ends": json.dumps(COCO, indent="\t").replace("\n", "\r\n"),
    "annotations first": json.dumps(dict(reversed(COCO.items()))),
}


@pytest.fixture(params=[3, 16, 100, 1 << 18], ids=lambda size: f"blocks of {size}")
def block_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How much is read at once; small, so that everything is cut somewhere."""
    size: int = request.param
    monkeypatch.setattr(json_spans, "BLOCK", size)
    monkeypatch.setattr(json_elements, "BLOCK", size)
    return size


def read(path: Path) -> dict[str, Any]:
    with CocoFile(path) as coco:
        lists = {key: [each.value for each in coco.elements(key)] for key in coco.parts if coco.is_list(key)}
        return {key: lists.get(key, coco.value(key)) for key in coco.parts}


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_read_is_what_was_written_in_every_layout(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(LAYOUTS[layout].encode())
    assert read(path) == COCO


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_element_knows_its_byte_and_its_line(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    data = LAYOUTS[layout].encode()
    path.write_bytes(data)
    with CocoFile(path) as coco:
        elements = [*coco.elements("images"), *coco.elements("annotations"), *coco.categories()]
        lines = coco.lines(each.offset for each in elements)
    for each in elements:
        value, _ = json.JSONDecoder().raw_decode(data[each.offset :].decode())
        assert value == each.value
        assert lines[each.offset] == data[: each.offset].count(b"\n") + 1


def test_our_own_files_have_a_line_an_image(tmp_path: Path, record_file: Any) -> None:
    from tfrecords import detection  # noqa: PLC0415 - the other tests do not need it

    records = [detection(f"{i}.jpg", boxes=[(0, 0, 4, 4), (1, 1, 5, 5)], texts=["cat", "dog"]) for i in range(3)]
    convert(record_file(*records), tmp_path / "out.json")
    with CocoFile(tmp_path / "out.json") as coco:
        elements = [*coco.elements("images"), *coco.elements("annotations"), *coco.categories()]
        lines = coco.lines(each.offset for each in elements)
        assert [lines[each.offset] for each in elements] == [2, 3, 4, 6, 6, 7, 7, 8, 8, 10, 11]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.dictionaries(st.text(max_size=6), JSON | st.lists(JSON, max_size=30), max_size=5),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    size=st.integers(2, 80),
)
def test_any_object_is_read_whole_whatever_a_block_holds(
    content: dict[str, Any], indent: int | None, ascii_only: bool, size: int, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(json.dumps(content, indent=indent, ensure_ascii=ascii_only).encode("utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_spans, "BLOCK", size)
        patch.setattr(json_elements, "BLOCK", size)
        with CocoFile(path) as coco:
            found = {
                key: [value for block in coco.blocks(key) for value in block.values]
                if coco.is_list(key)
                else coco.value(key)
                for key in coco.parts
            }
    assert found == content


def test_a_key_that_comes_twice_counts_with_its_last_value(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"images":[{"id":1}],"images":[{"id":2}]}')
    with CocoFile(path) as coco:
        assert [each.value["id"] for each in coco.elements("images")] == [2]
        assert [span.key for span in coco.repeated] == ["images"]


def test_a_byte_order_mark_and_trailing_data_are_reported_and_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'\xef\xbb\xbf{"images":[]}\n{}')
    with CocoFile(path) as coco:
        assert coco.has_bom
        assert str(coco.trailing) == f"{path}: line 2, byte 17: '{{}}' after the end of the object, expected nothing"


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, byte 0: the end of the file, expected an object: {"),
        ("[1, 2]", "line 1, byte 0: '[1, 2]', expected an object: {"),
        ('{"a"', "line 1, byte 4: the end of the file, expected a colon after a key"),
        ("{a: 1}", "line 1, byte 1: 'a: 1}', expected a key in quotes"),
        ('{\n"a": 1 "b"', "line 2, byte 9: '\"b\"', expected a comma or the end of the object: }"),
        ('{"a": 1,}', "line 1, byte 8: the object ends after a comma, expected another key"),
        ('{"a": }', "line 1, byte 6: '}', expected a value"),
        ('{"a": "b}', "line 1, byte 6: a string that does not end before the end of the file"),
    ],
)
def test_what_is_no_object_is_refused_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(CocoFileError) as caught:
        CocoFile(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_that_was_cut_off_anywhere_is_refused(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    whole = LAYOUTS[layout].encode().rstrip()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(CocoFileError):
            CocoFile(path)


@pytest.mark.usefixtures("block_size")
@pytest.mark.parametrize(
    ("items", "problem", "line"),
    [
        ('{"id":1},\n{"id":2},\n{"id":3 "x":4}', "", 3),
        ('{"id":1}\n{"id":2}', "expected a comma between two elements", 2),
        ('{"id":1},\n{"id":2},\n', "the list ends after a comma, expected another element", 3),
        ('{"id":1},\n{"id":NaN}', "NaN, which is no number of JSON", 2),
        ('{"id":1},\n{"id":2},\n7', "images holds something that is no object", 3),
    ],
)
def test_an_element_that_is_none_is_reported_with_its_line(items: str, problem: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(f'{{"images":[{items}]}}')
    with CocoFile(path) as coco, pytest.raises(CocoFileError) as caught:
        list(coco.elements("images"))
    assert problem in str(caught.value)
    assert f"{path}: line {line}, byte " in str(caught.value)


@pytest.mark.parametrize(
    ("element", "problem", "offset", "value"),
    [
        (b'{"a":NaN}', "NaN, which is no number of JSON", 5, True),
        (b'{"a":-Infinity}', "-Infinity, which is no number of JSON", 5, True),
        (b'{"a":"\xff"}', "bytes that are not UTF-8", 6, True),
        (b'{"a":1,,}', "", 7, False),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "", 1029, False),
    ],
)
def test_what_is_wrong_within_an_element_is_reported_and_the_others_are_read(
    element: bytes, problem: str, offset: int, value: bool, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b'{"images":[{"id":1}, %b, {"id":3}]}' % element)
    with CocoFile(path) as coco:
        first, bad, last = (each for block in coco.blocks("images") for each in block.values)
    assert (first, last) == ({"id": 1}, {"id": 3})
    assert isinstance(bad, Unreadable)
    assert problem in bad.problem
    assert bad.offset - offset in (0, 1)  # of -Infinity the parser may mean the letter
    assert (bad.value is not None) == value


def test_memory_does_not_grow_with_an_element_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_elements, "LONGEST_ELEMENT", 1 << 19)
    path = tmp_path / "x.json"
    path.write_bytes(b'{"images":[{"id":[' + b"1," * (1 << 19) + b"1]},1]}")
    with CocoFile(path) as coco, pytest.raises(CocoFileError, match="an element that does not end within 524288 b"):
        list(coco.elements("images"))


def test_brackets_that_are_nested_deeper_than_any_data_take_no_time(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    depth = 1_000_000
    path.write_bytes(b'{"a":' + b'[{"b":' * depth + b"1" + b"}]" * depth + b',"images":[{"id":1}]}')
    with CocoFile(path) as coco:
        assert [each.value for each in coco.elements("images")] == [{"id": 1}]
        assert coco.parts["a"].end - coco.parts["a"].start == 8 * depth + 1


@given(marks=st.text("[]{}", max_size=30))
def test_the_two_ways_to_close_brackets_up_are_the_same(marks: str) -> None:
    data = marks.replace("}", "]").replace("{", "[").encode()  # kinds are not compared
    fast, _ = json_spans._outline(data, in_string=False)
    assert fast == json_spans._closed_up(data)


@pytest.mark.parametrize("verb", [pack, compare])
def test_more_categories_than_the_budget_are_refused_with_their_place(
    verb: Callable[..., object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CLASSES", 2)
    path = objects().write(tmp_path / "coco")
    with pytest.raises(CocoFileError, match=r"line 1, byte \d+: more than 2 categories, the budget of a dataset"):
        verb(path, tmp_path / "coco" if verb is compare else tmp_path / "records")
    assert not (tmp_path / "records").exists()
