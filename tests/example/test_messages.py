"""The messages of proto/, in a pool of our own that collides with nobody's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tfrecords import delimited, example, floats, ints, number, sequence_example, texts

import tfrecord_lite
from tfrecord_lite.example.messages import DecodeError, Example, SequenceExample, StringIntLabelMap

PROTO = Path(__file__).parents[2] / "proto"
BINPB = Path(tfrecord_lite.__file__).parent / "example" / "messages.binpb"


def test_the_descriptor_set_is_what_the_compiler_makes_of_the_proto_files(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools", reason="compiling needs grpcio-tools")
    target = tmp_path / "messages.binpb"
    subprocess.run([sys.executable, str(PROTO / "compile.py"), str(target)], check=True)
    assert target.read_bytes() == BINPB.read_bytes(), "compile proto/ again: python proto/compile.py"


def test_every_proto_file_is_in_the_descriptor_set() -> None:
    from google.protobuf import descriptor_pb2  # noqa: PLC0415 - the ordinary way in, which the package avoids

    files = descriptor_pb2.FileDescriptorSet.FromString(BINPB.read_bytes())
    assert sorted(file.name for file in files.file) == sorted(
        path.relative_to(PROTO).as_posix() for path in PROTO.rglob("*.proto")
    )


IN_THE_DEFAULT_POOL = """
from google.protobuf import descriptor_pool
import tfrecord_lite.example.messages, tfrecord_lite.labels.load, tfrecord_lite.example.example
pool = descriptor_pool.Default()
for name in (
    "tensorflow.Example",
    "tensorflow.Feature",
    "tensorflow.SequenceExample",
    "object_detection.protos.StringIntLabelMap",
):
    try:
        print(pool.FindMessageTypeByName(name).full_name)
    except KeyError:
        pass
for name in ("tensorflow/core/example/example.proto", "tensorflow/core/example/feature.proto"):
    try:
        print(pool.FindFileByName(name).name)
    except KeyError:
        pass
"""


def test_nothing_of_ours_is_in_the_default_pool_where_tensorflow_registers_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", IN_THE_DEFAULT_POOL], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_an_example_can_be_filled_and_written_like_tf_train_example() -> None:
    message = Example()
    message.features.feature["image/width"].int64_list.value.extend([640])
    message.features.feature["image/object/bbox/xmin"].float_list.value.extend([0.25, 0.5])
    message.features.feature["image/filename"].bytes_list.value.append(b"a.jpg")
    read = Example()
    read.ParseFromString(message.SerializeToString())
    assert read == message
    assert sorted(read.features.feature) == ["image/filename", "image/object/bbox/xmin", "image/width"]


def test_what_is_written_is_the_wire_format_of_the_specification() -> None:
    message = Example()  # of one key: maps have no order
    message.features.feature["a"].int64_list.value.extend([1, -1])
    assert message.SerializeToString() == example({"a": ints(1, -1)})
    message = Example()
    message.features.feature["a"].float_list.value.append(0.5)
    assert message.SerializeToString() == example({"a": floats(0.5)})
    message = Example()
    message.features.feature["a"].bytes_list.value.append(b"x")
    assert message.SerializeToString() == example({"a": texts("x")})


def test_a_sequence_example_is_read() -> None:
    message = SequenceExample()
    message.ParseFromString(sequence_example({"image/width": ints(3)}, {"image/encoded": [texts(b"1"), texts(b"2")]}))
    lists = message.feature_lists.feature_list
    assert [list(feature.bytes_list.value) for feature in lists["image/encoded"].feature] == [[b"1"], [b"2"]]


def test_a_label_map_is_read() -> None:
    message = StringIntLabelMap()
    item = (
        delimited(1, b"cat") + number(2, 3) + delimited(3, b"Cat") + delimited(4, number(1, 1) + delimited(2, b"nose"))
    )
    message.ParseFromString(delimited(1, item + number(7, 1) + number(8, 12)))
    (entry,) = message.item
    assert (entry.name, entry.id, entry.display_name) == ("cat", 3, "Cat")
    assert [(keypoint.id, keypoint.label) for keypoint in entry.keypoints] == [(1, "nose")]
    assert (entry.frequency, entry.instance_count) == (1, 12)


def test_what_is_no_message_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        Example().ParseFromString(b"\xff\xff\xff")
