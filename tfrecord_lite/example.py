"""Payload -> Example: the features of one record, by key and kind.

Parsing follows what TensorFlow reads (tensorflow/core/example/example.proto and feature.proto): lists may be packed or
not, the last of two entries with one key counts, and a feature of no kind, or of no values, is as good as absent.
"""

from __future__ import annotations

import contextlib
import sys
from array import array
from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import ExampleError, FeatureError, Location
from tfrecord_lite.messages import NOT_PARSED, ExampleMessage, FeatureMessage
from tfrecord_lite.messages import Example as _ExampleClass
from tfrecord_lite.messages import SequenceExample as _SequenceExampleClass

_MOST_FIELDS = 64  # at the top level of a message that are looked at: Examples have one or two
_A_VIDEO = "the payload is a tf.train.SequenceExample (a video), expected a tf.train.Example"
_KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}


class Example:
    """A tf.train.Example and where it stands.

    message: the protobuf message itself; code written for ``tf.train.Example`` goes on working with it.

    ``floats``, ``ints`` and ``blobs`` return a list, empty where the feature is absent, of no kind or of no values.
    They raise FeatureError where it is of another kind.
    """

    __slots__ = ("_features", "message", "where")

    def __init__(self, message: ExampleMessage, where: Location) -> None:
        self.message = message
        self.where = where
        self._features = message.features.feature

    @classmethod
    def parse(cls, payload: bytes, where: Location) -> Example:
        """Parses the payload of a record. ExampleError where it is something else than a tf.train.Example."""
        message = _ExampleClass()
        try:
            message.ParseFromString(payload)
        except NOT_PARSED as error:
            raise ExampleError(where, f"the payload is no tf.train.Example: {_reason(error, payload)}") from None
        if not message.features.feature:
            raise ExampleError(where, _without_features(payload))
        if is_sequence_example(payload):
            raise ExampleError(where, _A_VIDEO)
        return cls(message, where)

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, be it without values."""
        return key in self._features

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def keys(self) -> list[str]:
        """Every key, sorted."""
        return sorted(self._features)

    def kind(self, key: str) -> str | None:
        """``"bytes"``, ``"float"`` or ``"int64"``; None where the feature is absent or of no kind."""
        feature = self._features.get(key)
        return None if feature is None else _KINDS.get(feature.WhichOneof("kind") or "")

    def count(self, key: str) -> int:
        """How many values the feature has, of whatever kind."""
        return len(self.values(key))

    def values(self, key: str) -> Sequence[bytes] | Sequence[float] | Sequence[int]:
        """The values of a feature of whatever kind."""
        feature = self._features.get(key)
        if feature is None:
            return ()
        return feature.float_list.value or feature.int64_list.value or feature.bytes_list.value

    def floats(self, key: str) -> list[float]:
        """The values of a float feature, each a float32."""
        feature = self._features.get(key)
        if feature is None:
            return []
        values = list(feature.float_list.value)
        if not values:
            self._expect(feature, key, "float_list")
        return values

    def float_view(self, key: str) -> memoryview[float]:
        """The values of a float feature that has some, copied to memory of their own; its format is ``f``."""
        # The quickest way to them: numbers of a fixed size follow each other as they are, behind tag and length.
        packed = self.message.features.feature[key].float_list.SerializeToString()
        length, start = _varint(packed, 1)
        if sys.byteorder == "little":  # as protobuf has it
            return memoryview(packed)[start : start + length].cast("f")
        values = array("f", packed[start : start + length])
        values.byteswap()
        return memoryview(values)

    def ints(self, key: str) -> list[int]:
        """The values of an int64 feature."""
        feature = self._features.get(key)
        if feature is None:
            return []
        values = list(feature.int64_list.value)
        if not values:
            self._expect(feature, key, "int64_list")
        return values

    def whole_numbers(self, key: str) -> list[int]:
        """The values of an int64 feature, or of a float feature that holds whole numbers."""
        if self.kind(key) != "float":
            return self.ints(key)
        values = self.floats(key)
        if any(value != value // 1 for value in values):
            raise FeatureError(self.where, key, "the feature holds fractions, expected whole numbers")
        return [int(value) for value in values]

    def blobs(self, key: str) -> list[bytes]:
        """The values of a bytes feature."""
        feature = self._features.get(key)
        if feature is None:
            return []
        values = list(feature.bytes_list.value)
        if not values:
            self._expect(feature, key, "bytes_list")
        return values

    def _expect(self, feature: FeatureMessage, key: str, expected: str) -> None:
        """Raises where a feature without values of the expected kind is of another kind, not just empty."""
        kind = feature.WhichOneof("kind")
        if kind is None or kind == expected or not getattr(feature, kind).value:
            return
        raise FeatureError(self.where, key, f"the feature is of kind {_KINDS[kind]}, expected {_KINDS[expected]}")


def _reason(error: Exception, payload: bytes) -> str:
    """What the payload is instead, where that can be told; else protobuf's own words without the name it repeats."""
    fields = set()
    with contextlib.suppress(IndexError):
        for field in _top_level_fields(payload):
            fields.add(field)
    if fields >= {(1, 2), (2, 0), (4, 2)}:
        return "it looks like a Waymo Open Dataset frame, which needs a reader of its own"
    text = str(error).rsplit(": ", 1)[-1].strip().rstrip(".")
    return text or "protobuf cannot parse it"


def _without_features(payload: bytes) -> str:
    """What a payload is that parses, but holds no feature."""
    if not payload:
        return "the record is empty: image and features are missing"
    if b"brain.Event:" in payload[:64]:
        return "the payload is a TensorBoard event, expected a tf.train.Example"
    if is_sequence_example(payload):
        return _A_VIDEO
    fields = list(_top_level_fields(payload))
    if (2, 0) in fields and (4, 2) in fields:
        return "the payload is a Waymo Open Dataset frame, expected a tf.train.Example"
    if any(number != 1 for number, _ in fields):
        return "the payload is a protobuf message of another type, expected a tf.train.Example"
    return "the Example is empty: image and features are missing"


def is_sequence_example(payload: bytes) -> bool:
    """Whether a payload holds feature lists: a SequenceExample without any is an Example, byte for byte."""
    try:
        length, after = _varint(payload, 1)
        if payload[0] == 0x0A and after + length == len(payload):
            return False  # field 1 and nothing else, as every writer of Examples leaves it: the common case
        if (2, 2) not in _top_level_fields(payload):
            return False
        _SequenceExampleClass().ParseFromString(payload)
    except (IndexError, *NOT_PARSED):
        return False
    return True


def _varint(payload: bytes, at: int) -> tuple[int, int]:
    """The varint at ``at`` and the place behind it. IndexError where there is none."""
    value = shift = 0
    for _ in range(10):
        byte = payload[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise IndexError("a varint of more than 10 bytes")


def _top_level_fields(payload: bytes) -> Iterator[tuple[int, int]]:
    """Number and wire type of the first fields of a message, up to a group. IndexError where it is cut."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at >= len(payload):
            return
        tag, at = _varint(payload, at)
        number, wire_type = tag >> 3, tag & 7
        yield number, wire_type
        if wire_type == 0:
            _, at = _varint(payload, at)
        elif wire_type == 1:
            at += 8
        elif wire_type == 2:
            length, at = _varint(payload, at)
            at += length
        elif wire_type == 5:
            at += 4
        else:
            return
