"""messages.binpb -> message classes, in a descriptor pool of our own.

Generated ``_pb2`` code would register ``tensorflow.Example`` in protobuf's default pool, where an installed TensorFlow
registers it too ("duplicate symbol"), and would refuse to load on a runtime older than the compiler that made it. A
descriptor set is data: the same file loads on every runtime from 4.25 on, and a private pool never collides.
The messages themselves are described in ``proto/`` of the source distribution.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, MutableSequence, Sequence, Sized
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


class ValueList(Protocol[_Value]):
    """BytesList, FloatList or Int64List: ``value`` is a repeated field."""

    value: MutableSequence[_Value]

    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


class FeatureMessage(Protocol):
    """tensorflow.Feature: a list of one kind, or of none."""

    @property
    def bytes_list(self) -> ValueList[bytes]: ...
    @property
    def float_list(self) -> ValueList[float]: ...
    @property
    def int64_list(self) -> ValueList[int]: ...
    def CopyFrom(self, other: FeatureMessage) -> None: ...  # noqa: N802 - protobuf's name
    def WhichOneof(self, oneof_group: str) -> str | None: ...  # noqa: N802 - protobuf's name


class _FeatureMap(Protocol):
    def get(self, key: str) -> FeatureMessage | None: ...
    def __getitem__(self, key: str) -> FeatureMessage: ...
    def __contains__(self, key: object) -> bool: ...
    def __delitem__(self, key: str) -> None: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...


class FeaturesMessage(Protocol):
    """tensorflow.Features: features by key."""

    @property
    def feature(self) -> _FeatureMap: ...
    def ByteSize(self) -> int: ...  # noqa: N802 - protobuf's name


class _FeatureListMessage(Protocol):
    @property
    def feature(self) -> Sequence[FeatureMessage]: ...


class _FeatureListMap(Protocol):
    def __getitem__(self, key: str) -> _FeatureListMessage: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...


class _FeatureListsMessage(Protocol):
    @property
    def feature_list(self) -> _FeatureListMap: ...


class SequenceExampleMessage(Protocol):
    """tensorflow.SequenceExample."""

    @property
    def context(self) -> FeaturesMessage: ...
    @property
    def feature_lists(self) -> _FeatureListsMessage: ...
    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802 - protobuf's name
    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


class ExampleMessage(Protocol):
    """tensorflow.Example. Has every method of a protobuf message; these are the ones used here."""

    @property
    def features(self) -> FeaturesMessage: ...
    @staticmethod
    def FromString(serialized: bytes) -> ExampleMessage: ...  # noqa: N802 - protobuf's name
    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802 - protobuf's name
    def SerializeToString(self, *, deterministic: bool = False) -> bytes: ...  # noqa: N802 - protobuf's name


class KeypointMapMessage(Protocol):
    """object_detection.protos.StringIntLabelMapItem.KeypointMap."""

    id: int
    label: str

    def HasField(self, field_name: str) -> bool: ...  # noqa: N802 - protobuf's name


class LabelMapItemMessage(Protocol):
    """object_detection.protos.StringIntLabelMapItem."""

    name: str
    id: int
    display_name: str
    frequency: int
    instance_count: int

    @property
    def keypoints(self) -> Sequence[KeypointMapMessage]: ...
    def HasField(self, field_name: str) -> bool: ...  # noqa: N802 - protobuf's name


class LabelMapMessage(Protocol):
    """object_detection.protos.StringIntLabelMap."""

    @property
    def item(self) -> Sequence[LabelMapItemMessage]: ...
    def ParseFromString(self, serialized: bytes) -> int: ...  # noqa: N802 - protobuf's name
    def SerializeToString(self) -> bytes: ...  # noqa: N802 - protobuf's name


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
