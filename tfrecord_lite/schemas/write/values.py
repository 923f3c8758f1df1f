"""What JSON can hold -> features: numbers and texts under keys of their own, the rest as the text of a JSON object.

A feature is a list of one kind of value, and its floats have 32 bits. What would not come back as it is from such a
list is written as JSON: a value that other objects lack, a float of many digits, true, null, lists and objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import orjson

from tfrecord_lite.example.build import Scalar
from tfrecord_lite.schemas.read.objects import attribute_names, is_ragged
from tfrecord_lite.schemas.read.values import is_plain
from tfrecord_lite.schemas.schema import Schema

Features = dict[str, Scalar | Sequence[Scalar]]

_INT64 = range(-(1 << 63), 1 << 63)
_FLOAT32 = (1e-37, 1e38)  # absolute values between which a float of 32 bits keeps six decimal digits


def as_column(values: Sequence[object]) -> list[Scalar] | None:
    """Values as those of one feature; None where they would not come back as they are."""
    kinds = {type(value) for value in values}
    kind = kinds.pop() if len(kinds) == 1 else None
    check: Callable[[Any], bool] | None = _CHECKS.get(kind)
    return cast("list[Scalar]", list(values)) if check is not None and all(map(check, values)) else None


def _is_float32(value: float) -> bool:
    if value == 0:
        return True
    return _FLOAT32[0] < abs(value) < _FLOAT32[1] and float(f"{value:.6g}") == value


def _is_text(value: str) -> bool:
    try:
        blob = value.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return is_plain(blob)


_CHECKS: Mapping[type | None, Callable[[Any], bool]] = {int: _INT64.__contains__, float: _is_float32, str: _is_text}


class ValueWriter:
    """Writes metadata of images and attributes of objects, which no role of the schema holds."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read_keys = schema.read_keys
        self._metadata = _by_name(schema.metadata.items())
        self._lists = _by_name(schema.metadata_lists.items())
        # The Object Detection API has difficult and truncated beside the box, others within.
        names = [(rest, name) for rest, name in schema.attribute_names.items() if not rest.startswith("bbox/")]
        self._attributes = _by_name(names)
        self._taken = self._read_keys.difference(schema.group)
        self._elsewhere = (*schema.predictions, schema.dense_pose)

    def write_metadata(self, metadata: Mapping[str, Any], features: Features) -> None:
        """Adds what there is to say of the image as a whole."""
        rest: dict[str, Any] = {}
        for name, value in metadata.items():
            if name in self._lists and isinstance(value, list) and (column := as_column(value)) is not None:
                features[self._lists[name]] = column
            elif (key := self._key_of_image(name)) and not isinstance(value, list) and (column := as_column([value])):
                features[key] = column
            elif name != "labels" or not self._write_labels(value, features):
                rest[name] = value
        if rest:
            features[self._schema.metadata_json[0]] = orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)

    def _key_of_image(self, name: str) -> str | None:
        """The key of something that is said of the image; None where it would be read as something else."""
        key = self._schema.metadata_prefix + name
        return self._metadata.get(name) or (key if name and key not in self._read_keys else None)

    def _write_labels(self, labels: object, features: Features) -> bool:
        """Adds classes of the image as a whole; whether they are such, all alike."""
        schema = self._schema
        roles = {"label": schema.label_number, "text": schema.label_text, "confidence": schema.label_confidence}
        if not isinstance(labels, list) or not labels or not all(isinstance(each, dict) for each in labels):
            return False
        names = set(labels[0])
        if not names <= roles.keys() or any(set(each) != names for each in labels):
            return False
        columns = {name: as_column([each[name] for each in labels]) for name in names}
        if any(column is None for column in columns.values()):
            return False
        features.update({roles[name][0]: column for name, column in columns.items() if column is not None})
        return True

    def write_attributes(self, attributes: Sequence[Mapping[str, Any]], features: Features) -> None:
        """Adds what else there is to say of the objects."""
        columns: dict[str, list[Scalar]] = {}
        for name in dict.fromkeys(name for each in attributes for name in each):
            if all(name in each for each in attributes):
                column = as_column([each[name] for each in attributes])
                if column is not None:
                    columns[name] = column
        keys = {name: self._key_of_object(name) for name in columns}
        read = attribute_names(list(keys.values()), self._schema)
        plain = {name: key for name, key in keys.items() if read.get(key) == name and not is_ragged(key)}
        features.update({key: columns[name] for name, key in plain.items()})
        rest = [{name: value for name, value in each.items() if name not in plain} for each in attributes]
        if any(rest):
            texts = [orjson.dumps(each, option=orjson.OPT_SORT_KEYS) if each else b"" for each in rest]
            features[self._schema.attribute_json[0]] = texts

    def _key_of_object(self, name: str) -> str:
        """The key of an attribute: that of the vocabulary where it has one."""
        prefix, rest = self._schema.attribute_prefix, self._attributes.get(name, name)
        key = prefix + rest
        taken = key in self._taken or key.startswith(self._elsewhere) or rest in self._schema.attribute_sizes
        return f"{prefix}attribute/{name}" if taken or name.startswith("attribute/") else key


def _by_name(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keys by what they are called: of several the first."""
    return {name: key for key, name in reversed(list(pairs))}
