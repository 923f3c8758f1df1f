"""Payload -> a small payload and views of its large values: no image is copied in order to be found.

protobuf copies a payload into a message, and each value out of it again: a record would take three times its size. So
the encoded image, masks and long lists of floats are found in the payload by the wire format, and protobuf parses the
rest. What is not written as every writer does it (fields in another order or split, unknown fields) is left to
protobuf as a whole.

Sources: protobuf.dev/programming-guides/encoding; tensorflow/core/example/example.proto and feature.proto. An Example
has field 1, Features; that has field 1, an entry for each feature: field 1 its key, field 2 the Feature. A Feature has
field 1, BytesList, or field 2, FloatList; each has its values in field 1, floats packed.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Large = Sequence[memoryview] | Sequence[float]
"""The values of a feature: a view of each bytes value, or one view of all floats."""

LARGE_PAYLOAD = 128 << 10  # bytes of a payload from which copies cost more than the search
_LARGE_VALUES = 64 << 10  # bytes of a feature that is taken out
_LEAST_AVERAGE = 64  # bytes a value on average, at least; a view takes more memory than smaller ones
_LONGEST_KEY = 100  # bytes; with more the length of an entry without values would take two
_FIRST, _SECOND = 0x0A, 0x12  # tags: field 1 or 2, of a length and as many bytes
_CUT = b"\0cut"
_CUT_FEATURE = b"\x12\x08\x0a\x06\x0a\x04" + _CUT  # a Feature with a BytesList of that one value


class Cut(NamedTuple):
    """A payload without its large values.

    payload: the rest, in which the features of large values are marked. large: those values, by key.
    """

    payload: bytes
    large: Mapping[str, Large]


def is_cut(values: Sequence[bytes]) -> bool:
    """Whether these are the mark of large values that were cut out; if not, the same key came again later.

    ``cut_out`` makes sure that no other values equal the mark.
    """
    return len(values) == 1 and values[0] == _CUT


def cut_out(payload: bytes) -> Cut | None:
    """Takes the large values out of a payload; None where there are none, or it is not written in the usual way."""
    try:
        return _cut_out(payload)
    except (IndexError, UnicodeDecodeError):
        return None


def _cut_out(payload: bytes) -> Cut | None:
    end = len(payload)
    at = kept = _field(payload, 0, end, _FIRST)
    large: dict[str, Large] = {}
    pieces: list[bytes] = []
    while end - at >= _LARGE_VALUES:
        start = at
        if payload[at] != _FIRST:
            return None
        size = payload[at + 1]
        at += 2
        if size > 0x7F:
            size, at = _read_length(payload, at - 1)
        if size >= _LARGE_VALUES:
            # The common case is one byte for the length of the key.
            key_end = at + 2 + payload[at + 1]
            if payload[at] != _FIRST or payload[at + 1] > _LONGEST_KEY or at + size > end:
                return None
            values = _values(payload, _field(payload, key_end, at + size, _SECOND), at + size)
            if values is not None:
                key = payload[at + 2 : key_end].decode()
                if key in large:
                    return None
                large[key] = values
                entry = payload[at:key_end] + _CUT_FEATURE
                pieces += (payload[kept:start], bytes((_FIRST, len(entry))), entry)
                kept = at + size
        at += size
    if not large:
        return None
    pieces.append(payload[kept:])
    rest = b"".join(pieces)
    if rest.count(_CUT) > len(large):
        return None
    return Cut(bytes((_FIRST,)) + _varint(len(rest)) + rest, large)


def _field(payload: bytes, at: int, end: int, tag: int) -> int:
    """Where the content of the field at ``at`` begins, which reaches to ``end``. IndexError where it is another one."""
    size, start = _read_length(payload, at + 1)
    if payload[at] != tag or start + size != end:
        raise IndexError
    return start


def _values(payload: bytes, at: int, end: int) -> Large | None:
    """The values of the Feature from ``at`` to ``end``; None where they should be left to protobuf."""
    tag = payload[at]
    if tag == _SECOND and sys.byteorder == "little":
        start = _field(payload, _field(payload, at, end, _SECOND), end, _FIRST)
        return None if (end - start) % 4 else memoryview(payload)[start:end].cast("f")
    if tag != _FIRST:
        return None
    view = memoryview(payload)
    views: list[memoryview] = []
    size, at = _read_length(payload, at + 1)
    if at + size != end:
        raise IndexError
    while at < end:
        if payload[at] != _FIRST or _LEAST_AVERAGE * len(views) > size:
            return None
        length, at = _read_length(payload, at + 1)
        views.append(view[at : at + length])
        at += length
    return views if at == end else None


def _read_length(payload: bytes, at: int) -> tuple[int, int]:
    """``read_varint`` of a length, which protobuf refuses where it takes more bytes than 32 bits do."""
    length, after = read_varint(payload, at)
    if after - at > 5:
        raise IndexError
    return length, after


def read_varint(payload: bytes, at: int) -> tuple[int, int]:
    """The varint at ``at`` and the place after it. IndexError where there is none."""
    value = payload[at] & 0x7F
    shift = 7
    while payload[at] > 0x7F:
        if shift > 63:
            raise IndexError("a varint of more than 10 bytes")
        at += 1
        value |= (payload[at] & 0x7F) << shift
        shift += 7
    return value, at + 1


def _varint(value: int) -> bytes:
    """The bytes of a varint."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
