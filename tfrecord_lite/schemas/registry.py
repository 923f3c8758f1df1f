"""The families of record schemas, and which of them a file belongs to."""

from __future__ import annotations

from collections.abc import Callable

from tfrecord_lite.errors import InputError, UsageError, nearest, quoted
from tfrecord_lite.inputs.storage import is_folder
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.known import buffers, classification, keras_io, object_detection, plain, sequence, tao, tfds
from tfrecord_lite.schemas.schema import Schema

# In the order in which they are tried: the specific before the general.
_FAMILIES: tuple[Callable[[Keys, str], Schema | None], ...] = (
    lambda keys, _: tao.recognise(keys),
    lambda keys, _: sequence.recognise(keys),
    lambda keys, _: buffers.recognise(keys),
    lambda keys, _: plain.recognise(keys),
    lambda keys, _: object_detection.recognise(keys),
    lambda keys, _: keras_io.recognise(keys),
    tfds.recognise,
    lambda keys, _: classification.recognise(keys),
)
KNOWN = {
    schema.name: schema
    for schema in (
        object_detection.OBJECT_DETECTION,
        object_detection.OBJECT_DETECTION_PIXELS,
        object_detection.QUADRANGLES,
        *object_detection.NUMBERED_CORNERS,
        object_detection.UNIFIED_DETECTOR,
        tao.TAO,
        tao.TAO_DALI,
        tao.TAO_FACES,
        keras_io.KERAS_IO,
        plain.PLAIN,
        sequence.SEQUENCE,
        buffers.FAST_MASK_RCNN,
        buffers.R2CNN,
        classification.CLASSIFICATION,
        Schema("custom"),
    )
}
SCHEMAS = ("auto", *sorted([*KNOWN, "tfds"]))
"""What ``--schema`` takes besides the name of a schema file. ``custom`` has no keys but those given for its roles."""


def find_schema(keys: Keys, path: str, name: str) -> Schema | None:
    """The schema that keys follow; the one of that name where one is asked for."""
    if name == "auto":
        return next((schema for family in _FAMILIES if (schema := family(keys, path))), None)
    if name == "tfds":
        return tfds.recognise(keys, path)
    return KNOWN[name] if name in KNOWN else _read_schema_file(name)


def named_schema(name: str) -> Schema:
    """The schema of this name or in this file.

    Raises:
        UsageError: there is none, or its keys depend on the dataset. OSError: the file cannot be read.
    """
    check_schema(name)
    if name in ("auto", "tfds"):
        raise UsageError(f"the keys of the schema {name} depend on the records; inspect shows those of a file")
    return KNOWN[name] if name in KNOWN else _read_schema_file(name)


def check_reading(options: ReadOptions) -> None:
    """Refuses a schema, roles and a folder of images that do not exist, before any record is read.

    Raises:
        UsageError: there is no such schema or role. InputError: there is no such folder. OSError: a schema file cannot
            be read.
    """
    check_schema(options.schema)
    if options.roles:
        from tfrecord_lite.schemas.own_keys import with_roles  # noqa: PLC0415 - few calls give any

        with_roles(Schema("custom"), options.roles)
    if options.image_root is not None and not is_folder(options.image_root):
        raise InputError(options.image_root, "no such folder; --image-root names the one that the pictures are in")


def check_schema(name: str) -> None:
    """Refuses what ``--schema`` cannot mean, before any record is read. Raises UsageError, OSError."""
    if name.lower().endswith(".toml"):
        _read_schema_file(name)
    elif name not in SCHEMAS:
        hint = f". Did you mean {near[0]}?" if (near := nearest(name, SCHEMAS)) else ""
        raise UsageError(f"the schema is {quoted(name)}, expected one of {', '.join(SCHEMAS)} or a file.toml{hint}")


def _read_schema_file(path: str) -> Schema:
    """A user's own schema. Raises UsageError, OSError."""
    from tfrecord_lite.schemas.custom import load_schema  # noqa: PLC0415 - few calls have one

    return load_schema(path, KNOWN)
