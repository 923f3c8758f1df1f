"""Large values are found in a payload without protobuf, and are what protobuf would have found."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfrecords import delimited, detection, example, floats, ints, jpeg, shard, texts, varint

from tfrecord_lite import errors
from tfrecord_lite.errors import ExampleError, Location
from tfrecord_lite.example import example as example_module
from tfrecord_lite.example import wire as large
from tfrecord_lite.example.example import Example
from tfrecord_lite.example.messages import NOT_PARSED
from tfrecord_lite.example.messages import Example as ExampleMessage

WHERE = Location("f", 0, 0)
KEYS = st.sampled_from(["a", "image/encoded", "größe", "k" * 99, "k" * 101, "k" * 300])
FEATURES = st.one_of(
    st.lists(st.binary(max_size=300), max_size=4).map(lambda values: texts(*values)),
    st.lists(st.floats(width=32), max_size=90).map(lambda values: floats(*values)),
    st.lists(st.floats(width=32), max_size=90).map(lambda values: floats(*values, packed=False)),
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40).map(lambda values: ints(*values)),
)


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "_LARGE_VALUES", 40)
    monkeypatch.setattr(large, "_LEAST_AVERAGE", 0)
    monkeypatch.setattr(example_module, "LARGE_PAYLOAD", 0)


def contents(parsed: Example) -> dict[str, Any]:
    """Every value by key, floats as text: NaN is not itself."""
    return {key: (parsed.kind(key), parsed.count(key), repr(list(parsed.values(key)))) for key in parsed}


def by_protobuf(payload: bytes) -> dict[str, Any]:
    message = ExampleMessage()
    message.ParseFromString(payload)
    return contents(Example(message, WHERE))


@pytest.mark.usefixtures("everything_is_large")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(features=st.lists(st.tuples(KEYS, FEATURES), min_size=1, max_size=5))
def test_an_example_is_the_same_whether_or_not_values_are_taken_out(features: list[tuple[str, bytes]]) -> None:
    # Entries one after the other, so that keys come twice.
    payload = delimited(1, b"".join(delimited(1, delimited(1, k.encode()) + delimited(2, f)) for k, f in features))
    parsed = Example.parse(payload, WHERE)
    assert contents(parsed) == by_protobuf(payload)
    assert parsed.message.SerializeToString(deterministic=True) == parsed.message.SerializeToString(deterministic=True)
    assert contents(Example(parsed.message, WHERE)) == by_protobuf(payload)
    for key in parsed:
        if parsed.kind(key) == "bytes":
            assert [bytes(each) for each in parsed.buffers(key)] == parsed.blobs(key)
            assert all(type(each) is bytes for each in parsed.blobs(key))
        if parsed.kind(key) == "float":
            assert repr(parsed.floats(key)) == repr(list(parsed.values(key)))


@pytest.mark.usefixtures("everything_is_large")
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_damage_in_a_payload_is_judged_by_protobuf_alone(data: st.DataObject) -> None:
    payload = bytearray(example(detection("a.jpg", boxes=[(1, 1, 9, 9)])))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    whole = bytes(payload[: data.draw(st.integers(0, len(payload)))])
    try:
        expected: Any = by_protobuf(whole)
    except NOT_PARSED:
        expected = None
    try:
        found: Any = contents(Example.parse(whole, WHERE))
    except ExampleError:
        return  # more is refused than what protobuf refuses, such as an Example without features
    assert found == expected


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("more", [1, 100, 10_000])
def test_a_feature_that_reaches_past_the_payload_is_no_example(more: int) -> None:
    entry = delimited(1, b"m") + delimited(2, floats(*range(100)))
    content = b"\x0a" + varint(len(entry) + more) + entry
    with pytest.raises(ExampleError):
        Example.parse(delimited(1, content), WHERE)


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("value", [large._CUT, b"..." + large._CUT + b"..."])
def test_the_mark_of_large_values_as_a_value_is_a_value(value: bytes) -> None:
    again = [("a", texts(bytes(99))), ("a", texts(value))]
    payload = delimited(1, b"".join(delimited(1, delimited(1, k.encode()) + delimited(2, f)) for k, f in again))
    assert Example.parse(payload, WHERE).blobs("a") == [value]


@pytest.mark.usefixtures("everything_is_large")
def test_a_length_of_more_bytes_than_protobuf_takes_is_left_to_protobuf() -> None:
    (content,) = [example({"a": texts(bytes(99))})[2:]]
    assert len(content) < 128
    padded = bytes((0x0A, len(content) | 0x80, *[0x80] * 4, 0)) + content
    try:
        read = Example.parse(padded, WHERE)
    except ExampleError:
        return
    assert read.blobs("a") == [bytes(99)], "protobuf 4.25 takes it"


@pytest.mark.usefixtures("everything_is_large")
@pytest.mark.parametrize("feature", [texts(bytes(99)), floats(*range(99))])
def test_numbers_of_a_table_stand_in_for_large_values_of_their_key(feature: bytes) -> None:
    read = Example.parse(example({"a": feature, "b": texts(bytes(99))}), WHERE).with_features({"a": [2.5]})
    assert (read.floats("a"), read.numbers("a"), list(read.values("a"))) == ([2.5], [2.5], [2.5])
    assert read.blobs("b") == [bytes(99)]


@pytest.mark.usefixtures("everything_is_large")
def test_large_values_are_views_of_the_payload_and_others_are_not() -> None:
    picture = jpeg(64, 48)
    payload = example({"image/encoded": texts(picture), "a": texts("short"), "m": floats(*range(100))})
    parsed = Example.parse(payload, WHERE)
    (view,) = parsed.buffers("image/encoded")
    assert isinstance(view, memoryview)
    assert view.obj is payload
    assert bytes(view) == picture
    assert type(parsed.buffers("a")[0]) is bytes
    with pytest.raises(errors.FeatureError, match="kind bytes, expected float"):
        parsed.floats("image/encoded")
    with pytest.raises(errors.FeatureError, match="kind float, expected bytes"):
        parsed.buffers("m")


def peak(path: Path, output: Path) -> int:
    """Bytes of memory that a conversion took at most."""
    script = (
        "import sys\n"
        "from tfrecord_lite import convert\n"
        "convert(sys.argv[1], sys.argv[2])\n"
        "lines = open('/proc/self/status').read().splitlines()\n"
        "print(next(line for line in lines if line.startswith('VmHWM')).split()[1])\n"
    )
    arguments = [sys.executable, "-c", script, str(path), str(output)]
    return int(subprocess.run(arguments, capture_output=True, text=True, check=True).stdout) << 10


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("what", ["image", "masks", "compressed image"])
def test_a_record_is_held_in_memory_once(what: str, tmp_path: Path) -> None:
    def write(name: str, pixels: int) -> tuple[Path, int]:
        boxes = [(1.0, 1.0, 9.0, 9.0)] * 10
        features = detection("a.jpg", (pixels, pixels), boxes)
        if what != "masks":
            picture = jpeg(pixels, pixels)
            features["image/encoded"] = texts(picture[:-2] + bytes(40 * pixels**2) + picture[-2:])
        else:
            row = struct.pack(f"<{pixels}f", *[0.0] * 5, *[1.0] * (pixels - 5))
            features["image/object/mask"] = delimited(2, delimited(1, row * (10 * pixels)))
        path = tmp_path / name
        content = shard(features)
        path.write_bytes(zlib.compress(content, 1) if what.startswith("compressed") else content)
        return path, len(content)

    small, _ = write("small.tfrecord", 20)
    large_one, size = write("large.tfrecord", 700)
    more = peak(large_one, tmp_path / "large") - peak(small, tmp_path / "small")
    assert size > 18 << 20
    assert more < 1.5 * size, f"{more >> 20} MB more for {size >> 20} MB"
