"""Payload -> Example: what is a tf.train.Example, what is not, and what its features say."""

from __future__ import annotations

import json
import math
import os
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tfrecords import delimited, example, fixed32, floats, ints, no_kind, number, sequence_example, texts, varint

from tfrecord_lite.errors import DataError, ExampleError, FeatureError, Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.messages import Example as Message
from tfrecord_lite.tfrecord.records import read_records

WHERE = Location("x", 3, 400)
# waymo-research/waymo-open-dataset, dataset.proto: 1 context (its name first), 2 timestamp_micros, 4 images.
FRAME_END = number(2, 1_550_000_000_000_000) + delimited(4, delimited(2, b"\xff\xd8"))
NAMELESS_FRAME = delimited(1, b"") + FRAME_END
NAMED_FRAME = delimited(1, delimited(1, b"1005081002024129653_5313_150_5333_150")) + FRAME_END
GOLDEN = Path(__file__).parents[1] / "golden"


def parse(features: Any, extra: bytes = b"") -> Example:
    return Example.parse(example(features, extra), WHERE)


def test_values_come_by_key_and_kind() -> None:
    read = parse({"f": floats(0.5, -2), "i": ints(1, -1, 2**63 - 1, -(2**63)), "b": texts("a", b"\xff\x00")})
    assert read.floats("f") == [0.5, -2.0]
    assert read.ints("i") == [1, -1, 2**63 - 1, -(2**63)]
    assert read.blobs("b") == [b"a", b"\xff\x00"]
    assert [read.kind(key) for key in ("f", "i", "b", "gone")] == ["float", "int64", "bytes", None]
    assert [read.count(key) for key in ("f", "i", "b", "gone")] == [2, 4, 2, 0]
    assert [list(read.values(key)) for key in ("f", "i", "gone")] == [[0.5, -2.0], [1, -1, 2**63 - 1, -(2**63)], []]
    assert read.keys() == sorted(read) == ["b", "f", "i"]
    assert "f" in read
    assert "gone" not in read
    assert read.where == WHERE


def test_the_protobuf_message_is_there_for_code_written_for_tensorflow() -> None:
    message = parse({"image/width": ints(640)}).message
    assert isinstance(message, Message)
    assert message.features.feature["image/width"].int64_list.value[0] == 640


@pytest.mark.parametrize(
    "feature",
    [
        floats(0.5, -2, 1e-45),
        floats(0.5, -2, 1e-45, packed=False),
        delimited(2, delimited(1, struct.pack("<f", 0.5)) + delimited(1, struct.pack("<2f", -2, 1e-45))),
        delimited(2, number(9, 5) + delimited(1, struct.pack("<3f", 0.5, -2, 1e-45)) + number(7, 1)),
        floats(1, 2, 3) + floats(0.5, -2, 1e-45),
    ],
    ids=["packed", "not packed", "in two parts", "among unknown fields", "said twice"],
)
def test_floats_can_be_seen_as_memory_however_they_were_written(feature: bytes) -> None:
    read = parse({"f": feature, "g": floats(9)})
    view = read.float_view("f")
    assert view.format == "f"
    assert view.tolist() == read.floats("f")
    assert view.tolist()[-3:] == [0.5, -2.0, 2**-149]


def test_many_floats_can_be_seen_as_memory() -> None:
    for count in (31, 32, 4095, 4096, 300_000):  # where the length takes one byte more
        assert len(parse({"f": delimited(2, delimited(1, bytes(4 * count)))}).float_view("f")) == count


def test_a_float_is_the_float32_that_is_stored() -> None:
    (value,) = parse({"f": floats(0.1)}).floats("f")
    assert value == 0.10000000149011612
    assert math.isnan(parse({"f": floats(math.nan)}).floats("f")[0])


@pytest.mark.parametrize("packed", [True, False])
def test_numbers_may_be_packed_or_not(packed: bool) -> None:
    read = parse({"f": floats(1, 2, 3, packed=packed), "i": ints(1, -2, 3, packed=packed)})
    assert read.floats("f") == [1, 2, 3]
    assert read.ints("i") == [1, -2, 3]


def test_numbers_may_be_packed_in_parts() -> None:
    parts = delimited(3, delimited(1, varint(1) + varint(2)) + number(1, 3) + delimited(1, varint(4)))
    assert parse({"i": parts}).ints("i") == [1, 2, 3, 4]


@pytest.mark.parametrize("nothing", [no_kind(), floats(), ints(), texts()])
def test_a_feature_of_no_kind_or_of_no_values_is_as_good_as_absent(nothing: bytes) -> None:
    read = parse({"a": nothing, "b": ints(1)})
    assert read.floats("a") == []
    assert read.ints("a") == []
    assert read.blobs("a") == []
    assert list(read.values("a")) == []
    assert read.count("a") == 0
    assert "a" in read


def test_an_absent_feature_has_no_values() -> None:
    read = parse({"b": ints(1)})
    assert (read.floats("a"), read.ints("a"), read.blobs("a"), list(read.values("a"))) == ([], [], [], [])


@pytest.mark.parametrize("key", ["\ud800", "k\udcff", None, 3])
def test_what_can_be_no_key_is_absent(key: Any) -> None:
    read = parse({"a": ints(1)})
    assert (read.count(key), read.kind(key), read.ints(key), list(read.values(key))) == (0, None, [], [])
    assert key not in read


def test_an_example_says_the_same_whatever_is_done_with_its_message() -> None:
    read = parse({"a": ints(1)})
    assert list(read.message.features.feature["b"].int64_list.value) == []  # which makes the feature
    assert "b" not in read
    assert (read.keys(), read.kind("b"), read.empty) == (["a"], None, [])


def test_the_last_of_two_entries_with_one_key_counts() -> None:
    assert parse([("a", ints(1)), ("b", ints(2)), ("a", texts("last"))]).blobs("a") == [b"last"]
    # Two Examples one after the other are one, by the rules of protobuf.
    both = Example.parse(example({"a": ints(1), "b": ints(2)}) + example({"a": ints(3)}), WHERE)
    assert (both.ints("a"), both.ints("b")) == ([3], [2])


def test_fields_that_nobody_knows_are_passed_over() -> None:
    extra = number(7, 1) + delimited(9, b"unknown") + fixed32(11, b"1234")
    assert parse({"a": ints(1)}, extra).ints("a") == [1]


@pytest.mark.parametrize(
    ("feature", "found", "read", "expected"),
    [
        (ints(1), "int64", "floats", "float"),
        (texts("1"), "bytes", "floats", "float"),
        (floats(1), "float", "ints", "int64"),
        (texts("1"), "bytes", "ints", "int64"),
        (floats(1), "float", "blobs", "bytes"),
        (ints(1), "int64", "blobs", "bytes"),
    ],
)
def test_a_feature_of_another_kind_is_an_error_that_names_both(
    feature: bytes, found: str, read: str, expected: str
) -> None:
    with pytest.raises(FeatureError) as caught:
        getattr(parse({"image/a": feature}), read)("image/a")
    assert str(caught.value) == (
        f"x: record 3 at byte 400: image/a: the feature is of kind {found}, expected {expected}"
    )
    assert caught.value.key == "image/a"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        pytest.param(b"", "the record is empty", id="no bytes"),
        pytest.param(example({}), "the Example is empty", id="no features"),
        pytest.param(
            sequence_example({"image/width": ints(3)}, {"image/encoded": [texts("a"), texts("b")]}),
            "tf.train.SequenceExample",
            id="a video",
        ),
        pytest.param(
            sequence_example({}, {"image/encoded": [texts("a")]}),
            "tf.train.SequenceExample",
            id="a video without context",
        ),
        pytest.param(
            b"\x09" + bytes(8) + delimited(3, b"brain.Event:2"), "TensorBoard event", id="the start of an event file"
        ),
        pytest.param(NAMED_FRAME, "Waymo", id="a frame of the Waymo Open Dataset"),
        pytest.param(NAMELESS_FRAME, "Waymo", id="such a frame that protobuf takes for an Example"),
        pytest.param(number(2, 5) + delimited(3, b"x"), "message of another type", id="another message"),
        pytest.param(b"\xff\xd8\xff\xe0 a JPEG", "no tf.train.Example", id="a picture"),
        pytest.param(example({"a": texts("abcdef")})[:-3], "no tf.train.Example", id="cut"),
        pytest.param(example([(b"\xff\xfe", ints(1))]), "no tf.train.Example", id="a key that is no UTF-8"),
    ],
)
def test_what_is_no_example_is_an_error_that_says_what_it_is(payload: bytes, said: str) -> None:
    with pytest.raises(ExampleError) as caught:
        Example.parse(payload, WHERE)
    message = str(caught.value)
    assert message.startswith("x: record 3 at byte 400: ")
    assert said in message
    assert message.isprintable()


def test_a_sequence_example_without_lists_is_an_example_byte_for_byte() -> None:
    context = {"image/width": ints(3)}
    assert Example.parse(example(context), WHERE).ints("image/width") == [3]


@settings(deadline=None, max_examples=300)
@given(payload=st.binary(max_size=200))
def test_any_bytes_are_an_example_or_an_example_error(payload: bytes) -> None:
    check(payload)


@settings(deadline=None, max_examples=300)
@given(
    payload=st.lists(
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from([b"\x0a", b"\x12", b"\x1a", b"\x08", b"\x10", b"\x0b", b"\x0c", b"\x80" * 9, b"\xff" * 9]),
            st.builds(delimited, st.integers(1, 5), st.binary(max_size=8)),
            st.builds(number, st.integers(1, 5), st.integers(0, 2**64 - 1)),
            st.just(example({"a": floats(1, 2), "b": texts("x")})),
            st.just(sequence_example({"a": ints(1)}, {"b": [ints(1)]})),
        ),
        max_size=6,
    ).map(b"".join)
)
def test_pieces_of_messages_are_an_example_or_an_example_error(payload: bytes) -> None:
    check(payload)


def check(payload: bytes) -> None:
    try:
        read = Example.parse(payload, WHERE)
    except ExampleError:
        return
    for key in read:
        for method in (read.floats, read.ints, read.blobs):
            try:
                values = method(key)
            except FeatureError:
                assert read.count(key)
            else:
                assert len(values) in (0, read.count(key))


@pytest.mark.parametrize("content", [b"\xff", b"\x80", b"\x00", b"\x0b", b"\x08\x01", b"\x0a\x00", b"\x12\x00"])
def test_garbage_takes_time_in_proportion_to_its_size(content: bytes) -> None:
    def seconds(size: int) -> float:
        payload = content * (size // len(content))
        taken = []
        for _ in range(3):
            started = time.process_time()
            with pytest.raises(DataError):
                Example.parse(payload, WHERE)
            taken.append(time.process_time() - started)
        return min(taken)

    assert seconds(240_000) < 120 * seconds(10_000) + 0.1  # of 24 times the size; by the square it would be 576 times


def test_detections_that_tensorflow_wrote_are_read_as_tensorflow_reads_them() -> None:
    truth = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["files"]["detection.tfrecord"]["records"]
    found = list(read_records(GOLDEN / "detection.tfrecord"))
    assert len(found) == len(truth)
    for record, expected in zip(found, truth, strict=True):
        read = Example.parse(record.payload, record.where)
        assert read.keys() == sorted(expected["features"])
        for key, feature in expected["features"].items():
            assert read.kind(key) in (feature["kind"], None)
            methods: dict[str, Callable[[str], Sequence[bytes | float]]]
            methods = {"bytes": read.blobs, "float": read.floats, "int64": read.ints}
            for value, true in zip(methods[feature["kind"]](key), feature["values"], strict=True):
                if isinstance(true, dict):
                    assert isinstance(value, bytes)
                    assert len(value) == true["length"]
                else:
                    assert value == (true.encode() if isinstance(true, str) else true)


def test_a_video_that_tensorflow_wrote_is_recognised() -> None:
    (record,) = read_records(GOLDEN / "sequence.tfrecord")
    with pytest.raises(ExampleError, match="SequenceExample"):
        Example.parse(record.payload, record.where)


PURE_PYTHON = """
import random
from tfrecord_lite.errors import ExampleError, Location
from tfrecord_lite.example.example import Example
from google.protobuf.internal import api_implementation
assert api_implementation.Type() == "python"
chance = random.Random(5)
sound = bytes.fromhex(%r)
outcomes = [0, 0]
for turn in range(3000):
    payload = bytearray(sound)
    for _ in range(chance.randint(1, 4)):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    if turn %% 3 == 0:
        del payload[chance.randrange(len(payload)):]
    try:
        Example.parse(bytes(payload), Location("x", 0, 0))
        outcomes[0] += 1
    except ExampleError:
        outcomes[1] += 1
print(outcomes)
"""


def test_protobuf_in_pure_python_lets_no_other_error_out() -> None:
    sound = example({"a": floats(1, 2), "b": texts("x", "y"), "c": ints(1, -1)}, number(5, 1))
    done = subprocess.run(
        [sys.executable, "-c", PURE_PYTHON % sound.hex()],
        env={**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    parsed, refused = json.loads(done.stdout)
    assert parsed > 100
    assert refused > 100
