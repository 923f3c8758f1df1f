"""Values of features as samples hold them: checked for number and kind, texts decoded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeVar

import orjson

from tfrecord_lite.budgets import TEXT, check_feature
from tfrecord_lite.errors import FeatureError, Location, quoted
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.signatures import image_format
from tfrecord_lite.sample import Finding

_LONGEST_TEXT = 4096  # bytes; longer ones are unlikely to be text
_Value = TypeVar("_Value")


def read_text(value: bytes, key: str, where: Location, findings: list[Finding]) -> str:
    """Text of a record. What is not UTF-8 becomes U+FFFD, and a finding."""
    check_feature(where, key, len(value), TEXT, "bytes of text")
    try:
        return value.decode()
    except UnicodeDecodeError:
        findings.append(Finding("text-not-utf8", where, f"{key}: {quoted(value)} is not UTF-8"))
        return value.decode(errors="replace")


def read_texts(values: Sequence[bytes], key: str, where: Location, findings: list[Finding]) -> list[str]:
    """``read_text`` of each value."""
    check_feature(where, key, sum(map(len, values)), TEXT, "bytes of text")
    try:
        return list(map(bytes.decode, values))
    except UnicodeDecodeError:
        return [read_text(value, key, where, findings) for value in values]


def per_object(example: Example, key: str, values: Sequence[_Value], count: int) -> Sequence[_Value | None]:
    """One value for each object, None for all where there are none. FeatureError where the number differs."""
    if len(values) == count:
        return values
    if not values:
        return (None,) * count
    problem = f"the lengths of the lists differ: {len(values)} values for {count} boxes"
    raise FeatureError(example.where, key, problem)


def cut(example: Example, key: str, ends: list[int], values: Sequence[_Value], count: int) -> list[Sequence[_Value]]:
    """The values of each object. ends: where each begins and ends, under ``key``. FeatureError if they do not fit."""
    if len(ends) != count + 1 or ends != sorted(ends) or ends[0] < 0 or ends[-1] > len(values):
        problem = f"{len(ends)} ends for {count} objects and {len(values)} values, expected {count + 1} rising ones"
        raise FeatureError(example.where, key, problem)
    return [values[start:end] for start, end in pairwise(ends)]


def is_plain(value: float | bytes) -> bool:
    """Whether a value can be JSON: finite numbers, and bytes that look like text."""
    if isinstance(value, bytes):
        return len(value) <= _LONGEST_TEXT and b"\0" not in value and image_format(value) is None
    return value - value == 0  # neither infinite nor NaN


def read_json_object(blob: bytes, key: str, where: Location, findings: list[Finding]) -> dict[str, Any]:
    """A JSON object in a feature; an empty one, and a finding, where there is none. An empty text is no fault."""
    try:
        value = orjson.loads(blob) if blob else {}
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    findings.append(Finding("value-not-plain", where, f"{key}: {quoted(blob)} is no JSON object"))
    return {}


def plain_values(example: Example, key: str, findings: list[Finding]) -> list[int | float | str]:
    """The values of a feature as JSON can hold them; none, and a finding, where it cannot hold one of them."""
    values = example.values(key)
    if not all(map(is_plain, values)):
        findings.append(Finding("value-not-plain", example.where, f"{key}: a value is neither text nor finite number"))
        return []
    return [read_text(value, key, example.where, findings) if isinstance(value, bytes) else value for value in values]
