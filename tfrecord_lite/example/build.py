"""A plain mapping -> the payload of a tf.train.Example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, isfinite
from numbers import Integral, Real
from typing import cast

from tfrecord_lite.errors import UsageError, shortened
from tfrecord_lite.example.messages import Example

Scalar = bytes | str | int | float
"""What a feature can hold. A str is written as UTF-8, a bool as 0 or 1; numpy's numbers are numbers, too."""

_LARGEST_FLOAT = (2 - 2**-23) * 2.0**127
_INT64 = range(-(1 << 63), 1 << 63)


def build_example(features: Mapping[str, Scalar | Iterable[Scalar]]) -> bytes:
    """Makes the payload of a record, for ``TFRecordWriter.write``.

    with TFRecordWriter("x.tfrecord") as out:
        out.write(build_example({"image/encoded": data, "image/object/bbox/xmin": [0.1, 0.4]}))

    Args:
        features: a value, or any number of values of one kind, by key: bytes or str, whole numbers, or numbers. Whole
            numbers among others become floats, of 32 bits.

    Returns:
        The same bytes for the same features, in whatever order.

    Raises:
        UsageError: a value cannot be in an Example; names the key.
    """
    message = Example()
    for key, value in features.items():
        if not isinstance(key, str):
            raise UsageError(f"the feature key {shortened(repr(key))} is no str")
        is_scalar = isinstance(value, bytes | str | bytearray | memoryview | Real)
        try:
            values = [value] if is_scalar else list(cast("Iterable[Scalar]", value))
        except TypeError:
            raise UsageError(f"{shortened(key)}: {_shown(value)} is no value of a feature") from None
        feature = message.features.feature[key]
        if not values:
            feature.CopyFrom(type(feature)())  # present, but of no kind
        elif all(isinstance(each, bytes | str | bytearray | memoryview) for each in values):
            feature.bytes_list.value.extend(_as_bytes(key, each) for each in values)
        elif all(isinstance(each, Integral) for each in values):
            feature.int64_list.value.extend(_as_int64(key, each) for each in values)
        elif all(isinstance(each, Real) for each in values):
            feature.float_list.value.extend(_as_float(key, each) for each in values)
        else:
            raise UsageError(f"{shortened(key)}: {_unlike(values)}, expected bytes, str or numbers, of one kind")
    return message.SerializeToString(deterministic=True)


def digest(payload: bytes) -> str:
    """A digest of the payload that ``build_example`` gives: the same for the same features, however written."""
    from hashlib import sha256  # noqa: PLC0415 - few records have a digest

    return sha256(payload).hexdigest()[:32]


def _as_bytes(key: str, value: object) -> bytes:
    if not isinstance(value, str):
        return bytes(cast("bytes", value))
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{shortened(key)}: {_shown(value)} has lone surrogates, and no UTF-8") from None


def _as_int64(key: str, value: object) -> int:
    number = int(cast("int", value))
    if number not in _INT64:
        raise UsageError(f"{shortened(key)}: {_shown(number)} has more than 64 bits")
    return number


def _as_float(key: str, value: object) -> float:
    try:
        number = float(cast("float", value))
    except OverflowError:
        number = inf
    if abs(number) > _LARGEST_FLOAT and (isfinite(number) or isinstance(value, Integral)):
        raise UsageError(f"{shortened(key)}: {_shown(value)} is more than a float of 32 bits can be")
    return number


def _unlike(values: Iterable[object]) -> str:
    """What is wrong with values that are not of one kind."""
    kinds = sorted({type(each).__name__ for each in values})
    return f"the values are of the types {', '.join(kinds)}" if len(kinds) > 1 else f"the values are of type {kinds[0]}"


def _shown(value: object) -> str:
    return shortened(repr(value))
