"""Every protobuf runtime, in C or in pure Python, reads the same from a record and refuses what is none."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import delimited, detection, example, floats, ints, no_kind, number, shard, texts

from tfrecord_lite import Example, ExampleError, LabelMapError, Location, convert, read_examples
from tfrecord_lite.labels.load import read_label_map

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
WHERE = Location("x.tfrecord", 0, 0)


def plain(value: float | bytes) -> Any:
    """A value as golden.json has it."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"length": len(value), "sha256": hashlib.sha256(value).hexdigest()}


def test_it_reads_what_tensorflow_reads_of_the_golden_records() -> None:
    golden = json.loads((GOLDEN / "golden.json").read_text("utf-8"))["files"]["detection.tfrecord"]["records"]
    for found, truth in zip(read_examples(GOLDEN / "detection.tfrecord"), golden, strict=True):
        assert found.keys() == sorted(truth["features"])
        for key, feature in truth["features"].items():
            assert found.kind(key) == feature["kind"]
            assert [plain(value) for value in found.values(key)] == feature["values"]


def test_it_reads_every_way_to_write_a_list() -> None:
    payload = example(
        [
            ("ints", ints(9)),
            ("packed", ints(1, -1, 2**63 - 1, -(2**63))),
            ("unpacked", ints(1, -1, 2**63 - 1, -(2**63), packed=False)),
            ("floats", floats(0.1, -0.0, math.inf)),
            ("unpacked floats", floats(0.1, -0.0, math.inf, packed=False)),
            ("empty", floats()),
            ("of no kind", no_kind()),
            ("ints", ints(5)),  # the last of two entries with one key counts
        ]
    )
    found = Example.parse(payload, WHERE)
    assert found.ints("ints") == [5]
    assert found.ints("packed") == found.ints("unpacked") == [1, -1, 2**63 - 1, -(2**63)]
    assert found.floats("floats") == found.floats("unpacked floats") == [0.10000000149011612, -0.0, math.inf]
    assert found.values("empty") == []
    assert found.kind("of no kind") is None


VALID = example(detection("a.jpg", boxes=[(1, 2, 3, 4)], image=b"\xff\xd8\xff"))
WRONG = {
    "a key that is not UTF-8": example([(b"\xff\xfe", ints(1))]),
    "a key that is not UTF-8, among others": example([("a", ints(1)), (b"image/\xe4", ints(1)), ("b", ints(2))]),
    "a key with half a character": example([("猫".encode()[:2], texts("x"))]),
    "a key that is a surrogate": example([(b"\xed\xa0\x80", ints(1))]),
    "cut in the middle": VALID[: len(VALID) // 2],
    "a length beyond the end": b"\x0a\x7f" + VALID[2:],
    "a length that never ends": b"\x0a" + b"\xff" * 20,
    "a field number of 0": b"\x02\x00",
    "a group that is not closed": b"\x0b",
    "groups in groups in groups": b"\x1b" * 5000 + b"\x1c" * 5000,
    "a group that was not opened": b"\x0c",
    "a wire type that does not exist": b"\x0f\x00",
    "text": b"This is no protobuf message.",
    "packed floats of three bytes": example({"x": delimited(2, delimited(1, b"abc"))}),
    "a packed integer that is cut": example({"x": delimited(3, delimited(1, b"\xff"))}),
    "an integer instead of a message": number(1, 5) * 3,
}


@pytest.mark.parametrize("payload", WRONG.values(), ids=WRONG)
def test_what_is_no_example_is_refused_in_our_words(payload: bytes) -> None:
    with pytest.raises(ExampleError, match=r"^x\.tfrecord: record 0 at byte 0: "):
        Example.parse(payload, WHERE)


def parsed(payload: bytes) -> bool:
    """Whether a payload is taken for an Example; any other error than ours goes on."""
    try:
        Example.parse(payload, WHERE)
    except ExampleError:
        return False
    return True


def test_a_changed_byte_gives_an_example_or_our_error() -> None:
    results = set()
    for place in range(len(VALID)):
        for change in (0x01, 0x80, 0xFF):
            results.add(parsed(VALID[:place] + bytes([VALID[place] ^ change]) + VALID[place + 1 :]))
    assert results == {True, False}


@settings(deadline=None, max_examples=300)
@given(payload=st.binary(max_size=40) | st.binary(max_size=20).map(lambda content: delimited(1, delimited(1, content))))
def test_any_bytes_give_an_example_or_our_error(payload: bytes) -> None:
    parsed(payload)


def label_map_item(identifier: int, name: bytes) -> bytes:
    """A StringIntLabelMapItem within its map."""
    return delimited(1, delimited(1, name) + number(2, identifier))


def test_it_reads_a_binary_label_map(tmp_path: Path) -> None:
    path = tmp_path / "label_map.pbtxt"
    path.write_bytes(label_map_item(1, b"cat") + label_map_item(90, "狗".encode()))
    assert [(item.id, item.name) for item in read_label_map(path).items] == [(1, "cat"), (90, "狗")]


WRONG_LABEL_MAPS = {
    "cut": label_map_item(1, b"cat")[:-3],
    "a length beyond the end": b"\x0a\xff\xff",
    "a wire type that does not exist": label_map_item(1, b"cat") + b"\x0f",
    "a name that is not UTF-8": label_map_item(1, b"\xff\xfe"),
}


@pytest.mark.parametrize("content", WRONG_LABEL_MAPS.values(), ids=WRONG_LABEL_MAPS)
def test_what_is_no_label_map_is_refused_in_our_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "label_map.pbtxt"
    path.write_bytes(content)
    with pytest.raises(LabelMapError, match="label map: "):
        read_label_map(path)


def test_it_converts(tmp_path: Path) -> None:
    (tmp_path / "train.tfrecord").write_bytes(
        shard(
            detection("a.jpg", (64, 48), [(4, 4.25, 20, 30), (0, 0, 64, 48)], [1, 2], ["cat", "狗"]),
            detection("b.png", (10, 10)),
        )
    )
    summary = convert(tmp_path / "train.tfrecord", tmp_path / "coco", strict=True)
    coco = json.loads((tmp_path / "coco/annotations/instances_train.json").read_text("utf-8"))
    assert (summary.images, summary.annotations) == (2, 2)
    assert [annotation["bbox"] for annotation in coco["annotations"]] == [[4, 4.25, 16, 25.75], [0, 0, 64, 48]]
    assert [category["name"] for category in coco["categories"]] == ["cat", "狗"]
