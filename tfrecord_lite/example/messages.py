"""messages.binpb -> message classes, in a descriptor pool of our own.

Generated ``_pb2`` code would register ``tensorflow.Example`` in protobuf's default pool, where an installed TensorFlow
registers it too ("duplicate symbol"), and would refuse to load on a runtime older than the compiler that made it. A
descriptor set is data: the same file loads on every runtime from 4.25 on, and a private pool never collides.
The messages themselves are described in ``proto/`` of the source distribution.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence, Sized
from typing import Any, Protocol, TypeVar, cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet

__all__ = [
    "NOT_PARSED",
    "DecodeError",
    "Example",
    "ExampleMessage",
    "FeatureMessage",
    "LabelMapMessage",
    "SequenceExample",
    "SequenceExampleMessage",
    "StringIntLabelMap",
    "TextFormatError",
    "parse_text",
    "unknown_fields",
]

TextFormatError = text_format.ParseError
"""What parse_text raises."""

NOT_PARSED = (DecodeError, ValueError, RecursionError)
"""What ``ParseFromString`` raises: the pure-Python runtime has words of its own for bad text and for deep nesting."""

_Value = TypeVar("_Value")


class Message(Protocol):
    """What all messages have of protobuf's methods, as far as they are used here."""

    @staticmethod
    def FromString(serialized: bytes) -> Any: ...  # noqa: ANN401, N802 - the message's own type; protobuf's name
    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802 - protobuf's name
    def SerializeToString(self, *, deterministic: bool = False) -> bytes: ...  # noqa: N802 - protobuf's name
    def ByteSize(self) -> int: ...  # noqa: N802 - protobuf's name
    def HasField(self, field_name: str) -> bool: ...  # noqa: N802 - protobuf's name
    def WhichOneof(self, oneof_group: str) -> str | None: ...  # noqa: N802 - protobuf's name


class ValueList(Message, Protocol[_Value]):
    """BytesList, FloatList or Int64List: ``value`` is a repeated field."""

    value: MutableSequence[_Value]


class FeatureMessage(Message, Protocol):
    """tensorflow.Feature: a list of one kind, or of none."""

    @property
    def bytes_list(self) -> ValueList[bytes]: ...
    @property
    def float_list(self) -> ValueList[float]: ...
    @property
    def int64_list(self) -> ValueList[int]: ...
    def CopyFrom(self, other: FeatureMessage) -> None: ...  # noqa: N802 - protobuf's name


class FeaturesMessage(Message, Protocol):
    """tensorflow.Features: features by key; asking for a key that is absent adds an empty one."""

    @property
    def feature(self) -> MutableMapping[str, FeatureMessage]: ...


class ExampleMessage(Message, Protocol):
    """tensorflow.Example."""

    @property
    def features(self) -> FeaturesMessage: ...


class _FeatureListMessage(Protocol):
    @property
    def feature(self) -> Sequence[FeatureMessage]: ...


class _FeatureListsMessage(Protocol):
    @property
    def feature_list(self) -> Mapping[str, _FeatureListMessage]: ...


class SequenceExampleMessage(Message, Protocol):
    """tensorflow.SequenceExample."""

    @property
    def context(self) -> FeaturesMessage: ...
    @property
    def feature_lists(self) -> _FeatureListsMessage: ...


class KeypointMapMessage(Message, Protocol):
    """object_detection.protos.StringIntLabelMapItem.KeypointMap."""

    id: int
    label: str


class LabelMapItemMessage(Message, Protocol):
    """object_detection.protos.StringIntLabelMapItem."""

    name: str
    id: int
    display_name: str
    frequency: int
    instance_count: int

    @property
    def keypoints(self) -> Sequence[KeypointMapMessage]: ...


class LabelMapMessage(Message, Protocol):
    """object_detection.protos.StringIntLabelMap."""

    @property
    def item(self) -> Sequence[LabelMapItemMessage]: ...


def parse_text(lines: Iterable[str], message: LabelMapMessage) -> None:
    """Reads protobuf's text format into a message; fields that it does not have are passed over.

    Raises:
        TextFormatError: the lines are not of this format.
    """
    cast("Any", text_format).ParseLines(lines, message, allow_unknown_field=True)


def _load_pool() -> descriptor_pool.DescriptorPool:
    """The private pool with every file of messages.binpb; the set lists dependencies before what needs them."""
    # By the import system, which also finds it in a zip archive; importlib.resources takes 17 ms to import.
    content = pkgutil.get_data(__name__, "messages.binpb")
    if content is None:
        raise ImportError("the loader of this package cannot read messages.binpb, which is part of it")
    files = descriptor_pb2.FileDescriptorSet.FromString(content)
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def _message_class(name: str) -> type:
    """The class of a message by its full name."""
    return cast("type", message_factory.GetMessageClass(POOL.FindMessageTypeByName(name)))


POOL = _load_pool()
unknown_fields = cast("Callable[[ExampleMessage], Sized]", UnknownFieldSet)
"""The fields of a message that its type does not have."""
Example = cast("type[ExampleMessage]", _message_class("tensorflow.Example"))
SequenceExample = cast("type[SequenceExampleMessage]", _message_class("tensorflow.SequenceExample"))
StringIntLabelMap = cast("type[LabelMapMessage]", _message_class("object_detection.protos.StringIntLabelMap"))
