"""The families of record layouts, and which of them a file belongs to."""

from __future__ import annotations

from collections.abc import Callable

from tfrecord_lite.errors import UsageError, quoted
from tfrecord_lite.schemas.custom import load_layout
from tfrecord_lite.schemas.evidence import Keys
from tfrecord_lite.schemas.known import buffers, classification, keras_io, object_detection, sequence, tao, tfds
from tfrecord_lite.schemas.schema import Layout

# In the order in which they are asked: what is peculiar before what is common.
_FAMILIES: tuple[Callable[[Keys, str], Layout | None], ...] = (
    lambda keys, _: tao.recognise(keys),
    lambda keys, _: sequence.recognise(keys),
    lambda keys, _: buffers.recognise(keys),
    lambda keys, _: object_detection.recognise(keys),
    lambda keys, _: keras_io.recognise(keys),
    tfds.recognise,
    lambda keys, _: classification.recognise(keys),
)
_NAMED = {
    layout.name: layout
    for layout in (
        object_detection.OBJECT_DETECTION,
        object_detection.OBJECT_DETECTION_PIXELS,
        object_detection.QUADRANGLES,
        *object_detection.NUMBERED_CORNERS,
        object_detection.UNIFIED_DETECTOR,
        tao.TAO,
        tao.TAO_DALI,
        tao.TAO_FACES,
        keras_io.KERAS_IO,
        sequence.SEQUENCE,
        buffers.FAST_MASK_RCNN,
        buffers.R2CNN,
        classification.CLASSIFICATION,
        Layout("custom"),
    )
}
SCHEMAS = ("auto", *sorted([*_NAMED, "tfds"]))
"""What ``--schema`` takes besides the name of a layout file. ``custom`` has no keys but those given for its roles."""


def find_layout(keys: Keys, path: str, schema: str) -> Layout | None:
    """The layout that keys follow; the one of that name where one is asked for."""
    if schema == "auto":
        return next((layout for family in _FAMILIES if (layout := family(keys, path))), None)
    if schema == "tfds":
        return tfds.recognise(keys, path)
    return _NAMED[schema] if schema in _NAMED else load_layout(schema, _NAMED)


def check_schema(schema: str) -> None:
    """Refuses what ``--schema`` cannot mean, before any record is read. Raises UsageError, OSError."""
    if schema.lower().endswith(".toml"):
        load_layout(schema, _NAMED)
    elif schema not in SCHEMAS:
        raise UsageError(f"the schema is {quoted(schema)}, expected one of {', '.join(SCHEMAS)} or a file.toml")
