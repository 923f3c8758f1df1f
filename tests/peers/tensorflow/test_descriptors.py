"""The messages of proto/ are upstream's, field by field: names, numbers, types, labels, packing, oneofs.

TensorFlow brings the descriptors of tf.train.Example with it. The label map belongs to the Object Detection API, which
no current package installs; its facts are written down here.
"""

from __future__ import annotations

from typing import Any

import pytest

# Where the types are checked, TensorFlow is not installed.
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from hypothesis import given, settings
from hypothesis import strategies as st

from tfrecord_lite.example import messages

FILES = {
    "tensorflow/core/example/example.proto": tf.train.Example,
    "tensorflow/core/example/feature.proto": tf.train.Feature,
}
MESSAGES = {
    "Example": tf.train.Example,
    "SequenceExample": tf.train.SequenceExample,
    "Features": tf.train.Features,
    "Feature": tf.train.Feature,
    "FeatureLists": tf.train.FeatureLists,
    "FeatureList": tf.train.FeatureList,
    "BytesList": tf.train.BytesList,
    "FloatList": tf.train.FloatList,
    "Int64List": tf.train.Int64List,
}

# tensorflow/models, research/object_detection/protos/string_int_label_map.proto, at commit 3617973: number, label and
# type of each field by message.
LABEL_MAP: dict[str, dict[str, tuple[int, str, str]]] = {
    "StringIntLabelMap": {
        "item": (1, "repeated", ".object_detection.protos.StringIntLabelMapItem"),
    },
    "StringIntLabelMapItem": {
        "name": (1, "optional", "string"),
        "id": (2, "optional", "int32"),
        "display_name": (3, "optional", "string"),
        "keypoints": (4, "repeated", ".object_detection.protos.StringIntLabelMapItem.KeypointMap"),
        "ancestor_ids": (5, "repeated", "int32"),
        "descendant_ids": (6, "repeated", "int32"),
        "frequency": (7, "optional", ".object_detection.protos.LVISFrequency"),
        "instance_count": (8, "optional", "int32"),
    },
    "StringIntLabelMapItem.KeypointMap": {
        "id": (1, "optional", "int32"),
        "label": (2, "optional", "string"),
    },
}
LVIS_FREQUENCY = {"UNSPECIFIED": 0, "FREQUENT": 1, "COMMON": 2, "RARE": 3}


def file_of(descriptor: Any) -> FileDescriptorProto:
    """The description of a .proto file."""
    proto = FileDescriptorProto()
    descriptor.CopyToProto(proto)
    return proto


def messages_of(file: FileDescriptorProto) -> dict[str, DescriptorProto]:
    """Every message of a file, nested ones and the entries of maps included, by its name within the package."""
    found: dict[str, DescriptorProto] = {}

    def collect(prefix: str, descriptors: Any) -> None:
        for message in descriptors:
            found[prefix + message.name] = message
            collect(f"{prefix}{message.name}.", message.nested_type)

    collect("", file.message_type)
    return found


def type_of(field: FieldDescriptorProto) -> str:
    """The type of a field: a scalar's name, or a message's or enum's full one."""
    return field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def label_of(field: FieldDescriptorProto) -> str:
    """``optional``, ``repeated`` or ``required``."""
    return FieldDescriptorProto.Label.Name(field.label).removeprefix("LABEL_").lower()


def facts_of(message: DescriptorProto) -> dict[str, Any]:
    """All that decides how a message is written and what its fields are called in Python."""
    fields = {
        field.name: {
            "number": field.number,
            "type": type_of(field),
            "label": label_of(field),
            "packed": field.options.packed,
            "oneof": message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else None,
            "has presence": field.proto3_optional,
            "default": field.default_value,
        }
        for field in message.field
    }
    return {
        "fields": fields,
        "oneofs": [oneof.name for oneof in message.oneof_decl],
        "map entry": message.options.map_entry,
        "extensible": bool(message.extension_range),
        "enums": [enum.name for enum in message.enum_type],
    }


@pytest.mark.parametrize("path", FILES)
def test_our_file_has_the_package_syntax_and_messages_of_tensorflows(path: str) -> None:
    ours, theirs = file_of(messages.POOL.FindFileByName(path)), file_of(FILES[path].DESCRIPTOR.file)
    assert ours.name == theirs.name == path
    assert ours.package == theirs.package == "tensorflow"
    assert ours.syntax == theirs.syntax == "proto3"
    assert list(ours.dependency) == list(theirs.dependency)
    assert messages_of(ours).keys() == messages_of(theirs).keys()
    assert [*ours.enum_type, *theirs.enum_type, *ours.extension, *theirs.extension] == []


@pytest.mark.parametrize("path", FILES)
def test_every_message_has_the_fields_of_tensorflows(path: str) -> None:
    ours, theirs = file_of(messages.POOL.FindFileByName(path)), file_of(FILES[path].DESCRIPTOR.file)
    for name, message in messages_of(theirs).items():
        assert facts_of(messages_of(ours)[name]) == facts_of(message), name


def test_every_message_that_tensorflow_offers_to_users_was_compared() -> None:
    compared = {name for cls in FILES.values() for name in messages_of(file_of(cls.DESCRIPTOR.file)) if "." not in name}
    assert compared == MESSAGES.keys()
    assert {cls.DESCRIPTOR.name for cls in MESSAGES.values()} == MESSAGES.keys()
    assert {cls.DESCRIPTOR.file.name for cls in MESSAGES.values()} == FILES.keys()


def test_the_comparison_finds_another_number_type_label_packing_and_oneof() -> None:
    feature, int64_list = tf.train.Feature.DESCRIPTOR, tf.train.Int64List.DESCRIPTOR

    def described(descriptor: Any) -> DescriptorProto:
        proto = DescriptorProto()
        descriptor.CopyToProto(proto)
        return proto

    changes: list[DescriptorProto] = [described(int64_list) for _ in range(5)]
    changes[0].field[0].number = 2
    changes[1].field[0].type = FieldDescriptorProto.TYPE_INT32
    changes[2].field[0].label = FieldDescriptorProto.LABEL_OPTIONAL
    changes[3].field[0].options.packed = False
    changes[4].field[0].name = "values"
    assert all(facts_of(change) != facts_of(described(int64_list)) for change in changes)
    without_oneof = described(feature)
    without_oneof.field[0].ClearField("oneof_index")
    assert facts_of(without_oneof) != facts_of(described(feature))


def test_the_label_map_has_the_fields_of_the_object_detection_api() -> None:
    file = file_of(messages.StringIntLabelMap.DESCRIPTOR.file)  # type: ignore[attr-defined]
    assert (file.package, file.syntax or "proto2") == ("object_detection.protos", "proto2")
    fields = {
        name: {field.name: (field.number, label_of(field), type_of(field)) for field in message.field}
        for name, message in messages_of(file).items()
    }
    assert fields == LABEL_MAP
    for message in messages_of(file).values():
        assert not message.oneof_decl
        assert not any(field.options.packed or field.default_value for field in message.field)
    assert {enum.name: {value.name: value.number for value in enum.value} for enum in file.enum_type} == {
        "LVISFrequency": LVIS_FREQUENCY
    }


lists = st.one_of(
    st.builds(lambda values: ("bytes_list", values), st.lists(st.binary(max_size=9), max_size=4)),
    st.builds(lambda values: ("float_list", values), st.lists(st.floats(width=32, allow_nan=False), max_size=4)),
    st.builds(lambda values: ("int64_list", values), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4)),
)


@settings(deadline=None, max_examples=200)
@given(features=st.dictionaries(st.text(max_size=6), lists, max_size=5))
def test_both_write_the_same_bytes_and_read_the_same_values(features: dict[str, tuple[str, list[Any]]]) -> None:
    written = []
    for cls in (messages.Example, tf.train.Example):
        message: Any = cls()
        for key, (kind, values) in features.items():
            getattr(message.features.feature[key], kind).SetInParent()
            getattr(message.features.feature[key], kind).value.extend(values)
        written.append(message.SerializeToString(deterministic=True))
    assert written[0] == written[1]
    theirs = tf.train.Example.FromString(written[0])
    ours: Any = messages.Example()
    ours.ParseFromString(written[1])
    assert {key: str(feature) for key, feature in ours.features.feature.items()} == {
        key: str(feature) for key, feature in theirs.features.feature.items()
    }
    assert {key: feature.WhichOneof("kind") for key, feature in ours.features.feature.items()} == {
        key: kind for key, (kind, _) in features.items()
    }
