"""Payload -> Example: the features of one record, by key and kind.

Parsing follows what TensorFlow reads (tensorflow/core/example/example.proto and feature.proto): lists may be packed or
not, the last of two entries with one key counts, and a feature of no kind, or of no values, is as good as absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfrecord_lite.errors import ExampleError, FeatureError, Location
from tfrecord_lite.messages import DecodeError, ExampleMessage, FeatureMessage
from tfrecord_lite.messages import Example as _ExampleClass
from tfrecord_lite.messages import SequenceExample as _SequenceExampleClass

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
        except DecodeError as error:
            raise ExampleError(where, f"the payload is no tf.train.Example: {_reason(error)}") from None
        if not message.features.feature:
            raise ExampleError(where, _without_features(payload))
        if not _is_one_field(payload) and is_sequence_example(payload):
            raise ExampleError(
                where, "the payload is a tf.train.SequenceExample (a video), expected a tf.train.Example"
            )
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

    def ints(self, key: str) -> list[int]:
        """The values of an int64 feature."""
        feature = self._features.get(key)
        if feature is None:
            return []
        values = list(feature.int64_list.value)
        if not values:
            self._expect(feature, key, "int64_list")
        return values

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


def _reason(error: DecodeError) -> str:
    """Protobuf's own words, without the message name that it repeats."""
    text = str(error).rsplit(": ", 1)[-1].strip().rstrip(".")
    return f"{text or 'protobuf cannot parse it'}"


def _without_features(payload: bytes) -> str:
    """What a payload is that parses, but holds no feature."""
    if not payload:
        return "the record is empty: image and features are missing"
    if b"brain.Event:" in payload[:64]:
        return "the payload is a TensorBoard event, expected a tf.train.Example"
    fields = [number for number, _ in _top_level_fields(payload)]
    if 2 in fields and is_sequence_example(payload):
        return "the payload is a tf.train.SequenceExample (a video), expected a tf.train.Example"
    if set(fields) - {1}:
        return "the payload is a protobuf message of another type, expected a tf.train.Example"
    return "the Example is empty: image and features are missing"


def is_sequence_example(payload: bytes) -> bool:
    """Whether a payload holds feature lists: a SequenceExample without any is an Example, byte for byte."""
    if not any(field == (2, 2) for field in _top_level_fields(payload)):
        return False
    try:
        _SequenceExampleClass().ParseFromString(payload)
    except DecodeError:
        return False
    return True


def _is_one_field(payload: bytes) -> bool:
    """Whether the payload is field 1 and nothing else, as every writer of Examples leaves it: the common case."""
    length, after = _varint(payload, 1)
    return payload[0] == 0x0A and after + length == len(payload)


def _varint(payload: bytes, at: int) -> tuple[int, int]:
    """The varint at ``at`` and the place behind it. The payload has parsed, so it is whole."""
    value = shift = 0
    while True:
        byte = payload[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _top_level_fields(payload: bytes) -> Iterator[tuple[int, int]]:
    """Number and wire type of each field of a message that has parsed, up to the first group."""
    at = 0
    while at < len(payload):
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
