"""What a record says of its image: values, lists, classes of it as a whole; and the COCO entries that it carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tfrecord_lite.budgets import OBJECTS, TEXT, check_feature
from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Finding, Original, Value
from tfrecord_lite.schemas.read.values import plain_values, read_json_object
from tfrecord_lite.schemas.schema import Schema, only

_UNKNOWN = -1  # the class number of what TensorFlow Datasets does not know (core/features/class_label_feature.py)

_MOST_DIGITS = 9  # of a class number in text
_LEAST_CLASSES = 3  # of a list that says of every class whether the image has it


class MetadataReader:
    """Reads these values of records with one set of keys.

    schema: narrowed. example: one of the records. has_boxes: whether they have boxes.
    """

    def __init__(self, schema: Schema, example: Example, *, has_boxes: bool) -> None:
        self._schema = schema
        self._values = {key: name for key, name in schema.metadata.items() if key in example}
        self._lists = {key: name for key, name in schema.metadata_lists.items() if key in example}
        self._json = only(schema.metadata_json) if schema.metadata_json else None
        self._label_keys = {
            "label": schema.label_number,
            "text": schema.label_text,
            "confidence": schema.label_confidence,
        }
        self._has_labels = any(self._label_keys.values())
        # Classes of objects without any box say what the image shows, as those of camera traps do.
        self._has_lone_classes = bool(schema.geometry) and not has_boxes

    def read(self, example: Example, findings: list[Finding]) -> dict[str, Value]:
        """The values by the names that the COCO image gives them."""
        metadata: dict[str, Value] = {}
        for key, name in self._values.items():
            if values := plain_values(example, key, findings):
                _add(metadata, name, key, values[0] if len(values) == 1 else values)
        for key, name in self._lists.items():
            _add(metadata, name, key, list(plain_values(example, key, findings)))
        if self._json is not None:
            for blob in example.blobs(self._json):
                check_feature(example.where, self._json, len(blob), TEXT, "bytes of text")
                metadata.update(read_json_object(blob, self._json, example.where, findings))
        if (self._has_labels or self._has_lone_classes) and (labels := self._labels(example, findings)):
            metadata["labels"] = labels
        return metadata

    def _labels(self, example: Example, findings: list[Finding]) -> list[dict[str, Value]]:
        """Classes of the image as a whole, as the record has them: COCO's detection files have no place for them."""
        schema = self._schema
        labels: list[dict[str, Value]] = []
        if self._has_labels:
            columns: dict[str, Sequence[Value]] = {
                name: plain_values(example, only(keys), findings) for name, keys in self._label_keys.items()
            }
            most = max(map(len, columns.values()))
            check_feature(example.where, only(schema.label_number), most, OBJECTS, "classes of the image")
            _settle_kinds(columns)
            if (places := _hot_places(columns)) is not None:
                text = f"{only(schema.label_number)} holds {most} values of 0 and 1, one for each class of the dataset"
                text += ": the places of the ones, counted from 0, are taken for the class numbers"
                findings.append(Finding("image-class-one-hot", example.where, text))
                columns["label"] = places
            rows = _rows(columns)
            if len({len(values) for values in columns.values() if values}) > 1:
                lengths = ", ".join(f"{name} has {len(values)}" for name, values in columns.items() if values)
                text = f"the classes of the image are lists of different lengths: {lengths}. They are kept side by side"
                findings.append(Finding("image-classes-uneven", example.where, text))
            labels = [label for label in rows if label.get("label") != _UNKNOWN]
            if len(labels) < len(rows):
                text = f"{only(schema.label_number)}: the class of the image is -1, not known: left out"
                findings.append(Finding("image-class-unknown", example.where, text))
            if schema.label_names:
                for label in labels:
                    if "label" not in label:
                        continue  # a name
                    number = str(label.pop("label"))
                    label["text"] = schema.label_names.get(number, number)
        if self._has_lone_classes:
            numbers = plain_values(example, only(schema.number), findings)
            texts = plain_values(example, only(schema.text), findings)
            labels += [label for label in _rows({"label": numbers, "text": texts}) if label not in labels]
        return labels


def _settle_kinds(columns: dict[str, Sequence[Value]]) -> None:
    """Makes numbers of whole floats and of digits, and names of other texts under the key of the number."""
    values = columns["label"]
    if values and all(isinstance(value, float) and value.is_integer() for value in values):
        columns["label"] = [int(value) for value in values if isinstance(value, float)]
    elif values and all(isinstance(value, str) for value in values):
        texts = [value for value in values if isinstance(value, str)]
        if all(text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS for text in texts):
            columns["label"] = list(map(int, texts))
        elif not columns["text"] or columns["text"] == values:
            columns["text"], columns["label"] = texts, ()


def _hot_places(columns: Mapping[str, Sequence[Value]]) -> list[Value] | None:
    """The places of the ones, where the numbers say of every class whether the image has it; else None.

    As class numbers they would name class 0 or 1 more than once.
    """
    values = columns["label"]
    is_vector = len(values) >= _LEAST_CLASSES and 0 in values and all(value in (0, 1) for value in values)
    if not is_vector or len(columns["text"]) == len(values):
        return None
    return [place for place, value in enumerate(values) if value]


def _add(metadata: dict[str, Value], name: str, key: str, value: Value) -> None:
    """Adds a value; where another key has that name already, and another value, under its key."""
    metadata[name if metadata.get(name, value) == value else key] = value


def _rows(columns: Mapping[str, Sequence[Value]]) -> list[dict[str, Value]]:
    """Columns of values as rows. Shorter columns do not belong to the rows of the longest: theirs come after."""
    rows: list[dict[str, Value]] = []
    left = {name: values for name, values in columns.items() if values}
    while left:
        count = max(map(len, left.values()))
        together = {name: values for name, values in left.items() if len(values) == count}
        rows += [{name: values[i] for name, values in together.items()} for i in range(count)]
        left = {name: values for name, values in left.items() if name not in together}
    return rows


def read_original(example: Example, schema: Schema, findings: list[Finding]) -> tuple[Original | None, tuple[str, ...]]:
    """The entries that the record was made of; and their key, where they are not taken.

    They hold a digest of all other features: a program that edits records knows nothing of them. schema: narrowed.
    """
    if not schema.source_json:
        return None, ()
    key = schema.source_json[0]
    original = _read(example, key, findings)
    return original, () if original is not None else (key,)


def _read(example: Example, key: str, findings: list[Finding]) -> Original | None:
    """The entries; None, and a finding, where the record has been changed since."""
    if example.count(key) != 1 or example.kind(key) != "bytes":
        return None
    text = example.blobs(key)[0]
    source = read_json_object(text, key, example.where, findings)
    image, digest = source.get("image"), source.get("of")
    if not isinstance(image, str):
        return None
    if digest != example.digest_without(key):
        told = f"{key}: the record was changed after it was packed; what it says counts, not the COCO entries"
        findings.append(Finding("source-stale", example.where, told))
        return None
    return Original(text, str(source.get("file_name") or ""))
