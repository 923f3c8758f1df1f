"""What verbs that read Examples have in common: the options about reading, and what the library is given for them."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from tfrecord_lite.options.reading import (
    ALLOW_MISSING_SHARDS,
    COORDINATES,
    IMAGE_INDEX,
    IMAGE_SIZE,
    MAX_RECORD_SIZE_OPTION,
    ROLES,
    SCHEMA,
)

if TYPE_CHECKING:
    from tfrecord_lite.options import ReadOptions

READING = (ALLOW_MISSING_SHARDS, MAX_RECORD_SIZE_OPTION, SCHEMA, ROLES, COORDINATES, IMAGE_SIZE, IMAGE_INDEX)


def read_options(options: Namespace) -> ReadOptions:
    """How records are read, as the options say. Raises UsageError, OSError where there is no such schema."""
    from tfrecord_lite.options import ReadOptions  # noqa: PLC0415 - help must not wait for it
    from tfrecord_lite.schemas.registry import check_reading  # noqa: PLC0415 - likewise

    reading = ReadOptions.given(vars(options) | {"roles": dict(options.roles)})
    check_reading(reading)
    return reading
