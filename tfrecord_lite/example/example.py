"""Payload -> Example: the features of one record, by key and kind.

Parsing follows what TensorFlow reads (tensorflow/core/example/example.proto and feature.proto): lists may be packed or
not, the last of two entries with one key counts, and a feature of no kind, or of no values, is as good as absent.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tfrecord_lite.budgets import FEATURES, VALUES, check_feature
from tfrecord_lite.errors import ExampleError, FeatureError, Location, VideoError
from tfrecord_lite.example.foreign import top_level_fields, why_not_parsed, why_without_features
from tfrecord_lite.example.messages import NOT_PARSED, ExampleMessage, FeatureMessage, unknown_fields
from tfrecord_lite.example.messages import Example as _ExampleClass
from tfrecord_lite.example.messages import SequenceExample as _SequenceExampleClass
from tfrecord_lite.example.wire import LARGE_PAYLOAD, Large, cut_out, is_cut, read_varint

_KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}
_FLOATS, _INTS, _BLOBS = (float,), (int,), (bytes,)
_NUMBERS, _BUFFERS = (float, int), (bytes, memoryview)
_KIND_OF: dict[type, str] = {bytes: "bytes", memoryview: "bytes", float: "float", int: "int64"}
_DIGITS = re.compile(rb"\s*[+-]?[0-9]{1,18}\s*")
_Values = Any  # of protobuf: a sequence of bytes, float or int, whose slices are lists; or what cut_out gives
_NOTHING: Mapping[str, Large] = {}


class Example:
    """A tf.train.Example and where it is.

    ``floats``, ``ints`` and ``blobs`` return a list, empty where the feature is absent, of no kind or of no values.
    They raise FeatureError where it is of another kind.
    """

    __slots__ = ("_empty", "_features", "_large", "_message", "_payload", "_values", "_whole", "where")

    def __init__(
        self, message: ExampleMessage, where: Location, payload: bytes = b"", large: Mapping[str, Large] = _NOTHING
    ) -> None:
        self.where = where
        self._message = message
        self._whole = None if large else message  # a cut message lacks the large values
        self._payload = payload
        self._large = large
        self._features = message.features.feature
        # What was looked up so far: each lookup makes message objects, which is what reading costs.
        self._values: dict[str, _Values] = dict(large)
        self._empty: list[str] | None = None  # set once all were looked up

    @classmethod
    def parse(cls, payload: bytes, where: Location) -> Example:
        """Parses the payload of a record.

        Raises:
            VideoError: it is a tf.train.SequenceExample. ExampleError: it is something else than a tf.train.Example.
        """
        try:
            if len(payload) >= LARGE_PAYLOAD and (cut := cut_out(payload)) is not None:
                message = _ExampleClass.FromString(cut.payload)
                features = message.features.feature
                if all(is_cut(features[key].bytes_list.value) for key in cut.large):
                    return cls(message, where, payload, cut.large)
            message = _ExampleClass.FromString(payload)
            if len(unknown_fields(message)) and is_sequence_example(payload):
                problem = "the payload is a tf.train.SequenceExample (a video), expected a tf.train.Example"
                raise VideoError(where, problem)
        except NOT_PARSED as error:
            raise ExampleError(where, f"the payload is no tf.train.Example: {why_not_parsed(error, payload)}") from None
        example = cls(message, where)
        if not example._features:
            raise ExampleError(where, why_without_features(payload))
        return example

    def __repr__(self) -> str:
        return f"<Example {self.where}, {len(self.keys())} features>"

    def check_size(self) -> None:
        """Refuses more features, or more values other than floats, than one record may have.

        Raises:
            BudgetError: it has more.
        """
        check_feature(self.where, "features", len(self._features), FEATURES, "features")
        self._look_at_all()
        counts = {key: len(values) for key, values in self._values.items() if values and type(values[0]) is not float}
        most = max(sorted(counts), key=counts.__getitem__, default="")
        check_feature(self.where, most, sum(counts.values()), VALUES, "values")

    @property
    def message(self) -> ExampleMessage:
        """The protobuf message itself; code written for ``tf.train.Example`` goes on working with it."""
        if self._empty is None:
            self._look_at_all()  # asking a message for a feature that it lacks adds an empty one
        if self._whole is None:
            self._whole = _ExampleClass()
            self._whole.ParseFromString(self._payload)
        return self._whole

    @property
    def empty(self) -> list[str]:
        """The keys of features without values."""
        return self._look_at_all() if self._empty is None else self._empty

    def __contains__(self, key: str) -> bool:
        """Whether the key is there, even without values."""
        if self._empty is None:
            self._look_at_all()
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        if self._empty is None:
            self._look_at_all()
        return iter(self._values)

    def keys(self) -> list[str]:
        """Every key, sorted."""
        return sorted(self)

    def kind(self, key: str) -> str | None:
        """``"bytes"``, ``"float"`` or ``"int64"``; None where the feature is absent or of no kind."""
        if values := self._found(key):
            return _KIND_OF[type(values[0])]
        feature = self._features.get(key) if key in self else None
        return None if feature is None else _KINDS.get(feature.WhichOneof("kind") or "")

    def count(self, key: str) -> int:
        """How many values the feature has, of any kind."""
        return len(self._found(key))

    def values(self, key: str) -> Sequence[bytes] | Sequence[float] | Sequence[int]:
        """The values of a feature of any kind."""
        values = self._found(key)
        return _copies(values) if key in self._large and not isinstance(values, memoryview) else values

    def buffers(self, key: str) -> Sequence[bytes | memoryview]:
        """As ``blobs``, but large values are not copied."""
        values = self._found(key)
        if not values:
            return ()
        if key not in self._large:
            values = self._values[key] = values[:]  # kept: an image is looked at more than once
        if type(values[0]) not in _BUFFERS:
            raise self._wrong_kind(key, values, _BLOBS)
        found: Sequence[bytes | memoryview] = values
        return found

    def floats(self, key: str) -> list[float]:
        """The values of a float feature, each a float32."""
        return self._list(key, _FLOATS)

    def float_view(self, key: str) -> memoryview[float]:
        """The values of a float feature that has some, side by side in memory; the format of the view is ``f``."""
        known = self._found(key)
        if isinstance(known, memoryview):
            return known
        if isinstance(known, list):
            return memoryview(array("f", known))
        # The quickest way to the values: packed floats are a tag, a length and the plain numbers.
        packed = self._features[key].float_list.SerializeToString()
        length, start = read_varint(packed, 1)
        if sys.byteorder == "little":  # as protobuf has it
            return memoryview(packed)[start : start + length].cast("f")
        values = array("f", packed[start : start + length])
        values.byteswap()
        return memoryview(values)

    def ints(self, key: str) -> list[int]:
        """The values of an int64 feature."""
        return self._list(key, _INTS)

    def numbers(self, key: str) -> list[float]:
        """The values of a float feature, or of an int64 one as they are."""
        return self._list(key, _NUMBERS)

    def whole_numbers(self, key: str) -> list[int]:
        """The values of an int64 feature; or of another one that holds whole numbers, as floats or as digits."""
        try:
            return self._list(key, _INTS)
        except FeatureError:
            if self.kind(key) != "float":
                texts = self.blobs(key)
                if not all(map(_DIGITS.fullmatch, texts)):
                    raise
                return list(map(int, texts))
            values = self.floats(key)
            if any(value != value // 1 for value in values):  # neither a fraction, nor NaN or infinite
                raise FeatureError(self.where, key, "the feature holds fractions, expected whole numbers") from None
            return list(map(int, values))

    def blobs(self, key: str) -> list[bytes]:
        """The values of a bytes feature."""
        return self._list(key, _BLOBS)

    def with_features(self, features: Mapping[str, Sequence[bytes] | Sequence[float]]) -> Example:
        """The same record with features added or replaced, which hold in another form what others say."""
        large = {key: values for key, values in self._large.items() if key not in features}
        example = Example(self._message, self.where, self._payload, large)
        empty = example._look_at_all()
        for key, values in features.items():
            fractions = any(isinstance(value, float) for value in values)
            example._values[key] = list(map(float, values)) if fractions else list(values)
            if key in empty:
                empty.remove(key)
            if not values:
                empty.append(key)
        return example

    def digest_without(self, key: str) -> str:
        """The digest of the other features of the record; see ``example.build.digest``."""
        from tfrecord_lite.example.build import digest  # noqa: PLC0415 - few records have a digest

        message = _ExampleClass()
        message.ParseFromString(self._payload or self.message.SerializeToString())
        del message.features.feature[key]
        return digest(message.SerializeToString(deterministic=True))

    def _found(self, key: str) -> _Values:
        """The values of a feature of any kind, as they are."""
        values = self._values.get(key)
        return self._look_up(key) if values is None else values

    def _look_up(self, key: str) -> _Values:
        """The values of a feature that was not looked up before."""
        if self._empty is not None:
            return ()
        try:
            feature = self._features.get(key)
        except (TypeError, ValueError):  # a key that no message can have, such as a lone surrogate
            return ()
        if feature is None:
            return ()
        found = self._values[key] = getattr(feature, _kinds_met[key]).value or _look_at(key, feature)
        return found

    def _look_at_all(self) -> list[str]:
        """Looks up every feature; the keys of those without values."""
        features, values, kinds = self._features, self._values, _kinds_met
        empty = self._empty = []
        for key in features:
            feature = features[key]
            found = values[key] = getattr(feature, kinds[key]).value or _look_at(key, feature)  # as in _look_up
            if not found:
                empty.append(key)
        values.update(self._large)  # in place of their marks
        return empty

    def _list(self, key: str, expected: tuple[type, ...]) -> list[Any]:
        """The values of a feature as a new list, where they are of one of these types."""
        values = self._values.get(key)
        if values is None:
            values = self._look_up(key)
        if not values:
            return []
        if key in self._large:
            listed = cast("list[Any]", values.tolist()) if isinstance(values, memoryview) else _copies(values)
        else:
            listed = values[:]
        if type(listed[0]) not in expected:
            raise self._wrong_kind(key, listed, expected)
        return listed

    def _wrong_kind(self, key: str, values: Sequence[Any], expected: tuple[type, ...]) -> FeatureError:
        kinds = f"the feature is of kind {_KIND_OF[type(values[0])]}, expected {_KIND_OF[expected[0]]}"
        return FeatureError(self.where, key, kinds)


def _copies(values: Sequence[memoryview]) -> list[Any]:
    """Large values as bytes."""
    return [bytes(value) for value in values]


class _Kinds(dict[str, str]):
    """The kind that each key had when it was last looked at, since the next record is likely to agree."""

    def __missing__(self, key: str) -> str:
        return "bytes_list"


_kinds_met = _Kinds()
_MOST_KINDS = 4096


def _look_at(key: str, feature: FeatureMessage) -> _Values:
    """The values of a feature of any kind, which is remembered."""
    kind = feature.WhichOneof("kind")
    if kind is None:
        return ()
    if len(_kinds_met) < _MOST_KINDS:
        _kinds_met[key] = kind
    return getattr(feature, kind).value


def is_sequence_example(payload: bytes) -> bool:
    """Whether a payload holds feature lists: a SequenceExample without any is an Example, byte for byte."""
    try:
        length, after = read_varint(payload, 1)
        if payload[0] == 0x0A and after + length == len(payload):
            return False  # field 1 and nothing else, as every writer of Examples leaves it: the common case
        if (2, 2) not in top_level_fields(payload):
            return False
        _SequenceExampleClass().ParseFromString(payload)
    except (IndexError, *NOT_PARSED):
        return False
    return True
