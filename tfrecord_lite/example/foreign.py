"""A payload that is not an Example -> what it is instead, for the message.

Sources: tensorflow/core/util/event.proto; waymo-open-dataset src/waymo_open_dataset/dataset.proto (Frame: context 1,
timestamp_micros 2, images 4) and protos/scenario.proto (timestamps_seconds 1, tracks 2, scenario_id 5, sdc_track_index
6, map_features 8).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tfrecord_lite.example.wire import read_varint
from tfrecord_lite.tfrecord.foreign import foreign_kind

_HEAD = 512  # bytes by which a format is recognised
_MOST_FIELDS = 512  # at the top level of a message that are looked at: Examples have one or two
_EXPECTED = "expected a tf.train.Example"


def why_not_parsed(error: Exception, payload: bytes) -> str:
    """What a payload is that protobuf refuses; protobuf's own words where that is not known."""
    if (kind := _kind(payload)) is not None:
        return f"it is {kind}"
    text = str(error).rsplit(": ", 1)[-1].strip().rstrip(".")
    return text or "protobuf cannot parse it"


def why_without_features(payload: bytes) -> str:
    """What a payload is that parses, but holds no feature."""
    if not payload:
        return "the record is empty: image and features are missing"
    if (kind := _kind(payload)) is not None:
        return f"the payload is {kind}, {_EXPECTED}"
    if any(number != 1 for number, _ in top_level_fields(payload)):
        return f"the payload is a protobuf message of another type, {_EXPECTED}"
    return "the Example is empty: image and features are missing"


def why_without_frames(payload: bytes) -> str:
    """What a payload is that parses as a SequenceExample, but has no frame."""
    if (kind := _kind(payload)) is not None:
        return f"the payload is {kind}, {_EXPECTED}"
    return "the payload is a tf.train.SequenceExample (a video) without any frame"


def _kind(payload: bytes) -> str | None:
    """A format, or a message of another type, that is known."""
    if b"brain.Event:" in payload[:64]:
        return "a TensorBoard event"
    fields = set()
    with contextlib.suppress(IndexError):
        for field in top_level_fields(payload):
            fields.add(field)
    if fields >= {(1, 2), (2, 0), (4, 2)}:
        return "a Waymo Open Dataset frame, which needs a reader of its own"
    if fields >= {(2, 2), (5, 2), (6, 0)} and fields & {(1, 1), (1, 2)}:
        return "a Waymo Open Dataset scenario, which holds motion and no pictures"
    return foreign_kind(payload[:_HEAD])


def top_level_fields(payload: bytes) -> Iterator[tuple[int, int]]:
    """Number and wire type of the first fields of a message, up to a group. IndexError where it is cut."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at >= len(payload):
            return
        tag, at = read_varint(payload, at)
        number, wire_type = tag >> 3, tag & 7
        yield number, wire_type
        if wire_type == 0:
            _, at = read_varint(payload, at)
        elif wire_type == 1:
            at += 8
        elif wire_type == 2:
            length, at = read_varint(payload, at)
            at += length
        elif wire_type == 5:
            at += 4
        else:
            return
