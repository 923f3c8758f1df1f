"""Label maps as messages: serialised ones, and both forms held against protobuf's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from label_files import read
from tfrecords import delimited, number, varint

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.example.messages import StringIntLabelMap
from tfrecord_lite.labels.load import parse_label_map
from tfrecord_lite.labels.model import LabelItem


def item(*fields: bytes) -> bytes:
    return delimited(1, b"".join(fields))


CAT = item(delimited(1, b"cat"), number(2, 1))
DOG = item(delimited(1, b"dog"), number(2, 2))


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (CAT + DOG, (LabelItem(1, "cat"), LabelItem(2, "dog"))),
        (item(number(2, 1), delimited(1, "Müsli".encode())), (LabelItem(1, "Müsli"),)),
        (item(number(2, 0), delimited(1, b"background")) + CAT, (LabelItem(1, "cat"),)),
        (item(number(2, 5), delimited(3, b"Person")), (LabelItem(5, "Person", display_name="Person"),)),
        (
            item(
                delimited(4, number(1, 1) + delimited(2, b"ear")),
                delimited(4, number(1, 0) + delimited(2, b"nose")),
                *(delimited(1, b"/m/01"), number(2, 300), delimited(3, b"Cat"), number(7, 3), number(8, 12)),
                number(99, 7),
            ),
            (LabelItem(300, "/m/01", "Cat", None, ("nose", "ear"), (), "r", 12),),
        ),
        (item(delimited(1, b"carpenter"), number(2, 1)), (LabelItem(1, "carpenter"),)),  # looks like lines of text
        (item(delimited(1, b"x" * 87), number(2, 1)), (LabelItem(1, "x" * 87),)),  # its length is a [
        (item(delimited(1, b"x" * 119), number(2, 1)), (LabelItem(1, "x" * 119),)),  # its length is a {
    ],
)
def test_a_serialised_label_map_is_read_whatever_its_name(data: bytes, items: tuple[LabelItem, ...]) -> None:
    assert parse_label_map("x.pbtxt", data).items == items
    assert parse_label_map("x.txt", data).items == items


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (bytes(range(256)), "neither text nor a binary StringIntLabelMap"),
        (bytes(1000), "neither text nor a binary StringIntLabelMap"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "neither text nor a binary StringIntLabelMap"),
        (CAT[:-1], "."),
        (CAT + item(number(2, 3)), "item 2 has no name, expected one such as name: 'cat'"),
        (CAT + item(delimited(1, b"x")), "item 2 has no id"),
        (CAT + item(number(2, 3), delimited(1, b"c\xfft")), "not UTF-8"),
        (CAT + item(number(2, 1), delimited(1, b"x")), "id 1 is given to both 'cat' and 'x'"),
        (item(number(2, 0), delimited(1, b"bg")), "id 0 is 'bg', and is reserved for 'background'"),
        (item(number(2, -1), delimited(1, b"x")), "id -1 of 'x' is out of range"),
        (item(number(2, 1), delimited(1, b"x"), delimited(4, number(1, 0))), "item 1 has a keypoint without a label"),
        (
            item(number(2, 1), delimited(1, b"x"), *[delimited(4, number(1, 0) + delimited(2, b"a"))] * 2),
            "item 1 has two keypoints with id 0",
        ),
        (varint(0x0B) * 100_000, "."),
    ],
)
def test_bytes_that_are_no_label_map_are_refused(data: bytes, problem: str) -> None:
    with pytest.raises(LabelMapError) as caught:
        read(data)
    assert problem in str(caught.value)
    assert str(caught.value).isprintable()


# Against protobuf's own text format

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)  # which old protobuf prints as it is
INT32 = st.integers(-(2**31), 2**31 - 1)


@st.composite
def messages(draw: st.DrawFn) -> Any:
    message: Any = StringIntLabelMap()
    for id_ in draw(st.sets(st.integers(1, 2**31 - 1), min_size=1, max_size=4)):
        added = message.item.add()
        added.id, added.name = id_, f"{id_}{draw(TEXT)}"
        for field, values in [("display_name", TEXT), ("frequency", st.integers(0, 3)), ("instance_count", INT32)]:
            if draw(st.booleans()):
                setattr(added, field, draw(values))
        for keypoint_id in draw(st.sets(INT32, max_size=3)):
            keypoint = added.keypoints.add()
            keypoint.id, keypoint.label = keypoint_id, f"k{draw(TEXT)}"
        added.ancestor_ids.extend(draw(st.lists(INT32, max_size=3)))
    return message


def items_of(message: Any) -> Sequence[LabelItem]:
    return [
        LabelItem(
            id=item.id,
            name=item.name,
            display_name=item.display_name or None,
            keypoints=tuple(keypoint.label for keypoint in sorted(item.keypoints, key=lambda keypoint: keypoint.id)),
            frequency=[None, "f", "c", "r"][item.frequency],
            instance_count=item.instance_count if item.HasField("instance_count") else None,
        )
        for item in sorted(message.item, key=lambda item: item.id)
    ]


@settings(deadline=None)
@given(messages(), st.booleans(), st.booleans(), st.booleans())
def test_what_protobuf_prints_is_read_back(message: Any, one_line: bool, utf8: bool, angle: bool) -> None:
    text = text_format.MessageToString(message, as_one_line=one_line, as_utf8=utf8, pointy_brackets=angle)
    assert list(read(text).items) == items_of(message)


@settings(deadline=None)
@given(messages())
def test_what_protobuf_serialises_is_read_back(message: Any) -> None:
    assert list(read(message.SerializeToString()).items) == items_of(message)


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=60), st.sampled_from([b"", b"item {", CAT, b"\n\x07", b"[", b"{", b"names: ", b"1,", b"\xff"])
)
def test_any_bytes_are_a_label_map_or_a_label_map_error(data: bytes, prefix: bytes) -> None:
    for name in ("x.pbtxt", "x.txt", "x.yaml", "x.csv", "x.json"):
        try:
            labels = parse_label_map(name, prefix + data)
        except LabelMapError as error:
            assert str(error).isprintable()  # noqa: PT017 - likewise
        else:
            assert labels.items
