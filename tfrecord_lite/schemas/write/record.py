"""Sample -> the payload of a record, in the vocabulary of the Object Detection API."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from tfrecord_lite.errors import FeatureError, UsageError, quoted
from tfrecord_lite.example.build import build_example
from tfrecord_lite.sample import Finding, Sample
from tfrecord_lite.schemas.known.object_detection import OBJECT_DETECTION, SHA256
from tfrecord_lite.schemas.write.objects import Filling, write_objects
from tfrecord_lite.schemas.write.values import Features, ValueWriter

_VALUES = ValueWriter(OBJECT_DETECTION)


class Made(NamedTuple):
    """What became of a sample.

    features: of its record, by key. kept: the places of the objects that it has.
    findings: what was changed. refused: why objects are not in it.
    """

    features: Features
    kept: list[int]
    findings: list[Finding]
    refused: list[FeatureError]


def make_features(sample: Sample, filling: Filling = Filling(), original_id: str | None = None) -> Made:  # noqa: B008 - a value
    """The features of a sample's record.

    original_id: the id of the image in its source, where ``sample.image.source_id`` is another one.

    Raises:
        UsageError: some objects have a class number, and others have none.
    """
    schema, image = OBJECT_DETECTION, sample.image
    findings: list[Finding] = []
    refused: list[FeatureError] = []
    features: Features = {schema.width[0]: image.width, schema.height[0]: image.height}
    if image.data is not None:
        features[schema.encoded[0]] = bytes(image.data)
        features[SHA256] = sha256(image.data).hexdigest()
    for keys, text in (
        (schema.format, image.format),
        (schema.filename, image.filename),
        (schema.source_id, image.source_id),
        (schema.original_id, original_id),
    ):
        if text:
            features[keys[0]] = text
    if sample.captions:
        features[schema.caption[0]] = list(sample.captions)
    if image.metadata:
        _VALUES.write_metadata(image.metadata, features)
    kept = write_objects(sample, schema, _VALUES, filling, features, findings, refused)
    if sample.stuff or sample.panoptic is not None:
        from tfrecord_lite.schemas.write.pixels import write_panoptic, write_stuff  # noqa: PLC0415 - few have them

        if sample.stuff:
            write_stuff(sample.stuff, schema, sample.where, features, findings)
        if sample.stuff and sample.panoptic is not None:
            text = "stuff beside panoptic segments: conversions read the segments alone, trainers either"
            findings.append(Finding("label-image-lossy", sample.where, text))
        if sample.panoptic is not None:
            write_panoptic(sample.panoptic, schema, sample.where, features, findings)
    return Made(features, kept, findings, refused)


def make_payload(sample: Sample) -> bytes:
    """The payload of a sample's record.

    Raises:
        UsageError: it cannot be said in one: an object's polygon cannot be drawn, or only some objects have a class.
    """
    made = make_features(sample)
    for problem in made.refused:
        raise UsageError(f"a sample of {quoted(sample.image.filename)} cannot be written: {problem.problem}")
    return build_example(made.features)
