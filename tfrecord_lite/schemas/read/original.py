"""COCO entries that a record carries along, where they are still those of the record."""

from __future__ import annotations

from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Finding, Original
from tfrecord_lite.schemas.read.values import read_json_object
from tfrecord_lite.schemas.schema import Schema


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
