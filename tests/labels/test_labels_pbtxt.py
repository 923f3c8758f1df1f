"""Label maps in protobuf's text format: every dialect that is in use, and what is refused, with line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_files import assert_refused_in_no_time, read

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.labels.model import LabelItem

CAT_AND_DOG = 'item {\n  id: 1\n  name: "cat"\n}\nitem {\n  id: 2\n  name: "dog"\n}\n'


def names(text: str | bytes) -> list[tuple[int, str]]:
    return [(item.id, item.name) for item in read(text).items]


# What is understood


@pytest.mark.parametrize(
    "text",
    [
        CAT_AND_DOG,
        'item{id:1 name:"cat"}item{id:2 name:"dog"}',
        "item: { id: 1, name: 'cat', }\nitem: { id: 2; name: 'dog'; }",
        "item < id: 1 name: 'cat' >, item: < name: 'dog' id: 2 >;",
        'item [ { id: 1 name: "cat" }, < id: 2 name: "dog" > ]',
        'item: [\n{ id: 1 name: "cat" } , { id: 2 name: "dog" }\n] ;',
        'item {\n\tname:\t"cat"\n\tid:\t1\n}\nitem {\n\tname:\t"dog"\n\tid:\t2\n}',
        CAT_AND_DOG.replace("\n", "\r\n"),
        CAT_AND_DOG.replace("\n", "\r"),
        "\ufeff" + CAT_AND_DOG,
        "# by hand\nitem { # first\n id: 1 # one\n name: 'c' # half\n \"at\" }\nitem {id: 0x2 name: 'd''o' 'g'} # end",
        "item { id: 01 name: 'cat' } item { id: +2 name: 'dog' }",
        "item { id: 1 name: 'cat' ancestor_ids: [3, 4] ancestor_ids: 5 descendant_ids: [] } item { id: 2 name: 'dog' }",
        "version: 1.5e-3 scale: -inf\nitem { id: 1 name: 'cat' color: RED note: 'a' \"}\" } item { id: 2 name: 'dog' }",
        "item { id: 1 x { id: 9 name: 'x' deep < a { b: 1 } a: { b: 2 } > } name: 'cat' } item { id: 2 name: 'dog' }",
        "version: 1 other { item { id: 5 } } item { x { [a.b]: 3 } id: 1 name: 'cat' } item { id: 2 name: 'dog' }",
        "item { id: 2 name: 'dog' } item { id: 1 name: 'cat' }",
        "item { id: 0 name: 'background' } item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }",
        "item { id: 0 name: 'none' display_name: 'Background' } item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }",
    ],
)
def test_every_dialect_of_the_text_format_is_read(text: str) -> None:
    labels = read(text)
    assert [(item.id, item.name) for item in labels.items] == [(1, "cat"), (2, "dog")]
    assert not labels.zero_based


@pytest.mark.parametrize(
    ("literal", "name"),
    [
        (r'"c\141t"', "cat"),
        (r'"c\x61t"', "cat"),
        (r'"\303\274"', "ü"),
        (r'"\xc3\xBC"', "ü"),
        (r'"\u00fc"', "ü"),
        (r'"\U0001f600"', "😀"),
        (r'"\ud83d\ude00"', "😀"),
        (r"'\u0027 \u005c \U00000022'", "' \\ \""),
        (r"'\X41\?'", "A?"),
        (r'"\"\'\\\?"', "\"'\\?"),
        (r"'\"\''", "\"'"),
        (r'"a\tb\nc\r\a\b\f\v"', "a\tb\nc\r\a\b\f\v"),
        (r'"\0601"', "01"),
        (r'"\1411"', "a1"),
        (r'"\x611"', "a1"),
        (r'"\303" "\274"', "ü"),
        ('"ü 中 😀"', "ü 中 😀"),
        ('"# no comment } item {"', "# no comment } item {"),
        ('"“smart” ‘quotes’ inside"', "“smart” ‘quotes’ inside"),
        ('" cat "', " cat "),
        ('""  "cat"', "cat"),
    ],
)
def test_escapes_in_a_name_are_resolved(literal: str, name: str) -> None:
    assert names(f"item {{ id: 1 name: {literal} }}") == [(1, name)]


@pytest.mark.parametrize(
    ("fields", "item"),
    [
        ("name: '/m/01g317' display_name: 'Person'", LabelItem(1, "/m/01g317", display_name="Person")),
        ("display_name: 'Person'", LabelItem(1, "Person", display_name="Person")),
        ("name: '' display_name: 'Person'", LabelItem(1, "Person", display_name="Person")),
        ("name: 'cat' display_name: ''", LabelItem(1, "cat")),
        ("name: 'cat' frequency: FREQUENT", LabelItem(1, "cat", frequency="f")),
        ("name: 'cat' frequency: 2 instance_count: 17", LabelItem(1, "cat", frequency="c", instance_count=17)),
        ("name: 'cat' frequency: RARE instance_count: 0", LabelItem(1, "cat", frequency="r", instance_count=0)),
        ("name: 'cat' frequency: UNSPECIFIED", LabelItem(1, "cat")),
        (
            "keypoints { id: 2 label: 'ear' } name: 'cat' keypoints: < label: 'nose', id: 0 >",
            LabelItem(1, "cat", keypoints=("nose", "ear")),
        ),
        ("name: 'cat' keypoints [{id: 7 label: 'a'}, {id: 3 label: 'b'}]", LabelItem(1, "cat", keypoints=("b", "a"))),
    ],
)
def test_all_fields_of_an_item_arrive(fields: str, item: LabelItem) -> None:
    assert read(f"item {{ id: 1 {fields} }}").items == (item,)


# The dialect of Datumaro and CVAT: a name as it is between the first and the last quote of its line

DATUMARO = "item {\n\tid: 1\n\tname: '%s'\n}\n\nitem {\n\tid: 2\n\tname: 'dog'\n}\n\n"
"""What plugins/data_formats/tf_detection_api/exporter.py (openvinotoolkit/datumaro) writes."""


@pytest.mark.parametrize(
    "name",
    [
        "dog's",
        "'quoted'",
        "'",
        'say "hi"',
        "back\\slash",
        "c:\\new\\table",
        "ends with \\",
        "a\\\\b",
        "日本語's",
        "a\tb's",
        "it's # no comment",
        "{ id: 3 }'",
        "\\303\\274",
    ],
)
def test_names_that_datumaro_did_not_escape_are_read_as_they_are(name: str) -> None:
    assert names(DATUMARO % name) == [(1, name), (2, "dog")]
    assert names((DATUMARO % name).replace("\n", "\r\n")) == [(1, name), (2, "dog")]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("name: 'dog's'", "dog's"),
        ("name: 'dog's',", "dog's"),
        ('  name:"say "hi"" ;', 'say "hi"'),
        ("display_name : 'dog's' ", "dog's"),
        (r"name: 'back\slash'", r"back\slash"),
        (r"name: 'dog\'s cat's'", "dog's cat's"),
        ('name: "c:\\say "hi""', 'c:\\say "hi"'),
    ],
)
def test_so_is_a_name_alone_on_its_line_where_protobuf_refuses_the_text(line: str, name: str) -> None:
    text = f"item {{\n{line}\n  id: 1,\n}}\n# it's a comment\nitem {{\n  id: 2\n  name: 'cat'\n}}\n"
    assert names(text) == [(1, name), (2, "cat")]


def test_escapes_mean_what_they_say_where_protobuf_takes_the_text() -> None:
    assert names("item {\n  name: 'dog\\'s \\303\\274'\n  id: 1\n}\n") == [(1, "dog's ü")]


def test_the_dialect_does_not_hide_what_is_wrong_elsewhere() -> None:
    with pytest.raises(LabelMapError, match=r"^x\.pbtxt:4:7: label map: id is 'two'"):
        read("item {\n  id: 1\n  name: 'dog's'\n  id: two\n}\n")


# What is refused, and how


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        (CAT_AND_DOG[:-2], "5:1", "'}' is missing: the message that starts here is never closed"),
        (CAT_AND_DOG + 'item { name: "x" }', "9:1", "item 3 has no id, expected one such as id: 1"),
        (CAT_AND_DOG + "item { id: 9 }", "9:1", "item 3 has no name, expected one such as name: 'cat'"),
        (CAT_AND_DOG + "item { id: 9 name: '' }", "9:1", "item 3 has no name, expected one such as name: 'cat'"),
        (CAT_AND_DOG + 'item { id: 1 name: "x" }', "9:1", "id 1 is given to both 'cat' (line 1) and 'x' (line 9)"),
        (CAT_AND_DOG + '  item { id: 3 name: "cat" }', "9:3", "'cat' is the name of both id 1 (line 1) and id 3"),
        (CAT_AND_DOG + 'item { id: 0 name: "bg" }', "9:1", "id 0 is 'bg', and is reserved for 'background'"),
        (CAT_AND_DOG + 'item { id: -1 name: "x" }', "9:1", "id -1 of 'x' is out of range"),
        ("item { id: one name: 'cat' }", "1:12", "id is 'one', expected a whole number"),
        ("item { id: 1.0 name: 'cat' }", "1:12", "id is '1.0', expected a whole number"),
        ("item { id: 08 name: 'cat' }", "1:12", "id is '08', expected a whole number"),
        ("item { id: 0x name: 'cat' }", "1:12", "id is '0x', expected a whole number"),
        ("item { id: 0x0x1 name: 'cat' }", "1:12", "expected a whole number"),
        (f"item {{ id: {'9' * 9999} name: 'cat' }}", "1:12", "expected a whole number"),
        ("item { id: 2147483648 name: 'cat' }", "1:12", "id is '2147483648', expected a whole number up to 2147483647"),
        ("item { id: '1' name: 'cat' }", "1:12", "id is the text '1', expected a whole number"),
        ("item { id: [1] name: 'cat' }", "1:12", "id is a list, expected a whole number"),
        ("item { id { } name: 'cat' }", "1:11", "id is a message, expected a whole number"),
        ("item { id: 1 name: cat }", "1:20", "name is 'cat' without quotes. Write name: 'cat'"),
        ("item { id: 1 id: 2 name: 'cat' }", "1:14", "this is the second id of one item"),
        ("item { id: 1 name: 'cat'\n name: 'dog' }", "2:2", "this is the second name of one item"),
        (
            "item { id: 1 name: 'cat' frequency: OFTEN }",
            "1:37",
            "'OFTEN', expected FREQUENT, COMMON or RARE",
        ),
        ("item { id: 1 name: 'cat' frequency: 4 }", "1:37", "frequency is '4', expected FREQUENT, COMMON or RARE"),
        (
            "item { id: 1 name: 'cat' frequency: 'RARE' }",
            "1:37",
            "is the text 'RARE', expected FREQUENT",
        ),
        ("item { id: 1 name: 'cat }", "1:20", "this text is not closed before its line ends"),
        ("item { id: 1 name: 'ca\nt' }", "1:20", "this text is not closed before its line ends"),
        ("item { id: 1 name: 'cat\\", "1:20", "this text is not closed before its line ends"),
        (r"item { id: 1 name: 'c\qt' }", "1:22", r"'\qt'' is no escape. Write a backslash as \\"),
        (r"item { id: 1 name: '\400' }", "1:21", "is no escape"),
        (r"item { id: 1 name: '\xg' }", "1:21", "is no escape"),
        (r"item { id: 1 name: '\377' }", "1:20", "the text '\\377' is not UTF-8. Check its escapes"),
        (r"item { id: 1 name: '\u00f' }", "1:21", "is no escape"),
        (r"item { id: 1 name: '\U00110000' }", "1:21", "is no character of Unicode"),
        (r"item { id: 1 name: '\ud83d' }", "1:21", "is no character of Unicode"),
        (r"item { id: 1 name: '\ud83d\u0041' }", "1:21", "is no character of Unicode"),
        ("item {\n  id: 1\n  name: “cat”\n}", "3:9", "typographic quote “ (U+201C) found. Use plain quotes: \" or '"),
        ("item { id: 1 name: ‘cat’ }", "1:20", "typographic quote ‘ (U+2018) found"),
        ("item { id: 1 name: 'cat' > ", "1:26", "'>' found, expected '}' for the message of line 1"),
        ("item { id: 1 name: 'cat' } }", "1:28", "'}' closes nothing"),
        ("item { id: 1 name: 'cat' ,, }", "1:27", "',' found, expected the name of a field"),
        ("item { id: 1 name: }", "1:20", "'}' found, expected a value"),
        ("item { id 1 name: 'cat' }", "1:11", "'1' found, expected ':' after 'id'"),
        ("item { id: 1 name: 'cat' ancestor_ids: [1 2] }", "1:43", "'2' found, expected ',' after '1'"),
        (
            "item { id: 1 name: 'cat' keypoints [{id: 1 label: 'a'} {id: 2}] }",
            "1:56",
            "'{' found, expected ',' after '}'",
        ),
        ("item { id: 1 name: 'cat' keypoints: 3 }", "1:37", "keypoints is '3', expected a message"),
        ("item { id: 1 name: 'cat' keypoints { label: 'nose' } }", "1:26", "item 1 has a keypoint without an id"),
        ("item { id: 1 name: 'cat' keypoints { id: 1 } }", "1:26", "item 1 has a keypoint without a label"),
        (
            "item { id: 1 name: 'cat' keypoints { id: 1 label: 'a' } keypoints { id: 1 label: 'b' } }",
            "1:57",
            "item 1 has two keypoints with id 1. Number them apart",
        ),
        ("# toys\nitems { id: 1 name: 'cat' }", "2:1", "'items' is no field of a label map, expected item { id: 1"),
        (
            "item {\n id: 1\n nmae: 'cat'\n}",
            "1:1",
            "has no name, expected one such as name: 'cat'; 'nmae' of line 3",
        ),
        ("item { id: 1 name: 'cat' x: }", "1:29", "'}' found, expected a value"),
        ("item { id: 1 name: 'cat' ancestor_ids: [1, 2 }", "1:46", "'}' found, expected ',' after '2'"),
        ("item", "1:5", "the end of the file found, expected '{' after 'item'"),
        ("item { id: 1 name: 'cat' item { id: 2", "1:26", "'}' is missing"),
        ("item { id: 1 name: '" + "a" * 5000 + "' }", "1:20", "a text longer than 4000 characters"),
        ("", None, "it is empty"),
        ("# nothing\n\n", None, "it is empty"),
        ("item { id: 0 name: 'background' }", None, "nothing but the background"),
        ("1: cat\n2: dog\nitem", None, "expected"),
    ],
)
def test_what_is_wrong_is_reported_with_its_line_and_column(text: str, place: str | None, problem: str) -> None:
    with pytest.raises(LabelMapError) as caught:
        read(text)
    message = str(caught.value)
    assert problem in message
    assert message.startswith(f"x.pbtxt:{place}: label map: " if place else "x.pbtxt")
    if place:
        assert (caught.value.line, caught.value.column) == tuple(map(int, place.split(":")))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_called_by_its_name(encoding: str) -> None:
    with pytest.raises(LabelMapError, match=r"UTF-16 or UTF-32 found, expected UTF-8\. Save it as UTF-8"):
        read(CAT_AND_DOG.encode(encoding))


def test_latin_1_is_reported_with_the_byte_and_its_place() -> None:
    with pytest.raises(LabelMapError, match=r"^x\.pbtxt:2:16: label map: byte 0xfc is not UTF-8\. Save") as caught:
        read("# ok\nitem { name: 'M\xfcsli' id: 1 }".encode("latin-1"))
    assert (caught.value.line, caught.value.column) == (2, 16)


def test_control_characters_of_a_name_do_not_reach_the_terminal() -> None:
    with pytest.raises(LabelMapError) as caught:
        read("item { id: 1 name: '\\033[31mred' } item { id: 1 name: '\\r' 'x' }")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("depth", "allowed"), [(98, True), (99, True), (100, False), (5000, False)])
def test_messages_may_be_nested_up_to_the_limit_of_protobuf(depth: int, allowed: bool) -> None:
    text = "item { id: 1 name: 'cat' " + "a {" * depth + "}" * depth + "}"
    if allowed:
        assert names(text) == [(1, "cat")]
    else:
        with pytest.raises(LabelMapError, match="nested deeper than 100"):
            read(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("item " + "{" * 5_000_000, id="brackets"),
        pytest.param("item {" + "a{" * 2_500_000, id="messages"),
        pytest.param("item {" + " " * 5_000_000, id="spaces"),
        pytest.param("item" + " " * 5_000_000, id="spaces after the name"),
        pytest.param("item {" + "#\n" * 300_000, id="comments"),
        pytest.param("item { id: " + "1" * 5_000_000, id="digits"),
        pytest.param("item { name: '" + "a" * 5_000_000, id="a name without end"),
        pytest.param("item { name: '" + "\\141" * 100_000, id="escapes"),
        pytest.param("item { x: [" + "1," * 100_000, id="a list"),
        pytest.param("item { id: 1 name: 'a' } " * 15_000, id="items on one line"),
        pytest.param("\nitem" * 50_000, id="the word item"),
        pytest.param("[" + "a" * 5_000_000, id="an extension"),
        pytest.param("{" * 5_000_000, id="JSON brackets"),
        pytest.param("{'a':" * 1_000_000, id="JSON objects"),
    ],
)
def test_a_hostile_text_is_refused_in_no_time(text: str) -> None:
    assert_refused_in_no_time("x.pbtxt", text)


PIECES = st.sampled_from(
    [
        *(
            "item",
            "{",
            "}",
            "<",
            ">",
            "[",
            "]",
            ":",
            ",",
            ";",
            "\n",
            " ",
            "\t",
            "# c\n",
            "\0",
            "\ufeff",
            "“",
            "é",
            "foo",
        ),
        *(
            '"',
            "'",
            "\\",
            "\\303",
            "\\u00fc",
            "\\x",
            "1",
            "-",
            "+",
            "1.5e-3",
            "id: 1",
            "id: 0x",
            'name: "cat"',
            "name: ",
        ),
        *("keypoints {", "label: 'a'", "frequency: RARE", "display_name: 'D'", "[a.b]: 1"),
    ]
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.lists(PIECES).map("".join), st.lists(PIECES).map(lambda pieces: f"item {{ {' '.join(pieces)} }}")))
def test_any_text_is_a_label_map_or_a_label_map_error(text: str) -> None:
    try:
        labels = read(text)
    except LabelMapError as error:
        assert str(error).isprintable()  # noqa: PT017 - both ends are fine; neither is a traceback
    else:
        assert all(0 <= item.id < 2**31 and item.name for item in labels.items)
