"""Sample -> draft: what the COCO files will say about one image, as JSON text.

Ids, categories and file names are missing: they depend on other records. A draft names a class by its index in the
tables of the part of the input that it belongs to. It is the same whichever process makes it.
"""

from __future__ import annotations

from array import array
from collections.abc import Container, Iterable, Sequence
from itertools import repeat
from typing import NamedTuple, TypeVar, cast

import orjson

from tfrecord_lite.coco.draft.entries import (
    ImageFragments,
    annotation_fragments,
    image_fragments,
    segment_fragment,
)
from tfrecord_lite.coco.draft.numbers import Precision
from tfrecord_lite.coco.draft.part_summary import ObjectClass, PartSummary, SegmentClass
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.output.filenames import named_by_format, portable_name
from tfrecord_lite.sample import Finding, Image, Original, Sample

_Value = TypeVar("_Value")
_MANY = 1000  # objects of one image; with as many, or more, their texts are held in memory of their own size


class DraftOptions(NamedTuple):
    """How drafts are made.

    precision: decimals of pixel coordinates; None to write them exactly.
    masks: how they are written, as the option ``masks`` has it.
    digests: whether the bytes of images are to be compared.
    """

    precision: Precision = 2
    masks: str = "coco"
    digests: bool = False


class Tasks(NamedTuple):
    """What is written about an image besides its instances. Texts are lines, indexes have 4 bytes.

    captions, stuff, segments: see the fragments of ``entries``. stuff_classes, segment_classes: the class of each, by
    its index. png: the JSON text of the name of the panoptic PNG; empty where there is no panoptic segmentation.
    """

    captions: bytes = b""
    stuff_classes: bytes = b""
    stuff: bytes = b""
    segment_classes: bytes = b""
    segments: bytes = b""
    png: bytes = b""


class Draft(NamedTuple):
    """One image and everything that is written about it.

    where: its record. fingerprint: the same for two records of the same content.
    fragments: of its entry. classes: the class of each object, by its index of 4 bytes. objects: their annotations
        without ids, one a line. tasks: what else is written; None where there is nothing.
    name: the file name that the record gives, made safe; empty where it has none.
    image_format: such as ``jpeg``; empty where it is not known.
    source_id: as the record has it. merged: whether records with this source id are one image.
    digest: of the image's bytes; empty unless asked for.
    image: the encoded bytes; None where there are none to be written, or they are in a file already.
    original: entries of COCO files that the record carries along; empty where it has none.
    staged: that file. png, staged_png: likewise of the panoptic segmentation, where there is one.
    """

    where: Location
    fingerprint: bytes
    fragments: ImageFragments
    classes: bytes
    objects: bytes
    tasks: Tasks | None
    name: str
    image_format: str
    source_id: str | None
    merged: bool
    digest: bytes
    image: Buffer | None = None
    staged: str | None = None
    png: bytes | None = None
    staged_png: str | None = None
    original: bytes = b""


def make_draft(sample: Sample, options: DraftOptions, summary: PartSummary) -> Draft:
    """Makes the draft of a sample, and adds to the summary what it counts and finds."""
    image, image_format = sample.image, sample.image.format or ""
    for problem in sample.refused:
        summary.add_problem(problem)
        summary.dropped_objects += problem.objects
    classes, objects = _draft_objects(sample, options, summary)
    if sample.findings:
        summary.add_findings(sample.findings)
    if sample.implied:
        summary.implied.update(sample.implied)
    if sample.effects:
        summary.effects.update(sample.effects)
    if sample.unmapped:
        summary.add_unmapped(sample.unmapped)
    tasks = None
    if sample.captions or sample.stuff or sample.panoptic is not None:
        tasks = _draft_tasks(sample, summary)
    digest = b""
    if options.digests and image.data is not None:
        from hashlib import sha256  # noqa: PLC0415 - few runs need it

        digest = sha256(image.data).digest()
    return Draft(
        sample.where,
        sample.fingerprint,
        image_fragments(image),
        classes,
        objects,
        tasks,
        _file_name(image, sample.original),
        image_format,
        image.source_id,
        sample.merged,
        digest,
        image.data,
        None,
        None if sample.panoptic is None else sample.panoptic.png,
        original=b"" if sample.original is None else sample.original.text,
    )


def _file_name(image: Image, original: Original | None) -> str:
    """The name that the record gives, made safe, with the ending of the bytes; empty where it gives none."""
    given = (original.file_name if original is not None else "") or image.filename
    if not given:
        return ""
    name = portable_name(given, image.format or "")
    return name if image.data is None or image.format is None else named_by_format(name, image.format)


def _draft_tasks(sample: Sample, summary: PartSummary) -> Tasks:
    """Captions, stuff and panoptic segments of a sample."""
    from tfrecord_lite.coco.draft.segmentation import stuff_fragment  # noqa: PLC0415 - few records have such things

    segments = sample.panoptic.segments if sample.panoptic is not None else ()
    kinds = [SegmentClass(each.category, each.instance != 0, each.crowd) for each in segments]
    return Tasks(
        _lines(map(_dump_tight, sample.captions)),
        summary.stuff.note(sample.stuff, sample.where).tobytes(),
        _lines(map(stuff_fragment, sample.stuff.values())),
        summary.segments.note(kinds, sample.where).tobytes(),
        _lines(map(segment_fragment, segments)),
    )


def _draft_objects(sample: Sample, options: DraftOptions, summary: PartSummary) -> tuple[bytes, bytes]:
    """The indexes of the objects' classes, and their annotations as text. What cannot be written becomes a problem."""
    objects, where = sample.objects, sample.where
    if not objects.boxes:
        return b"", b""
    fragments, faults, noisy = annotation_fragments(objects, sample.image, options.precision, options.masks, where)
    texts = list(map(orjson.dumps if len(fragments) < _MANY else _dump_tight, fragments))
    counts: list[int | None] | None = None
    if objects.keypoints is not None:
        counts = [None if points is None else len(points) // 3 for points in objects.keypoints]
    labels, names, numbers = objects.labels, objects.names, objects.numbers
    if faults:
        for index, fault in faults.items():
            problem = f"the polygon of object {objects.number(index)} cannot be drawn: {fault}"
            summary.add_problem(FeatureError(where, "segmentation", problem))
        summary.dropped_objects += len(faults)
        texts, labels, names = _without(texts, faults), _without(labels, faults), _without(names, faults)
        numbers = _without(list(map(objects.number, range(len(objects)))), faults)
        counts = counts and _without(counts, faults)
    if noisy:
        from tfrecord_lite.coco.draft.segmentation import MOST_OUTLINED_RUNS  # noqa: PLC0415 - it is loaded by now

        number = objects.number(noisy[0])
        text = f"the mask of object {number} has more than {MOST_OUTLINED_RUNS} runs: it is written as run lengths"
        summary.add_finding(Finding("mask-without-outline", where, text), len(noisy))
    keypoint_names: Iterable[tuple[str, ...]] = repeat(())
    if counts is not None and sample.keypoint_names:
        keypoint_names = [sample.keypoint_names if count == len(sample.keypoint_names) else () for count in counts]
    classes = zip(labels, names, counts or repeat(None), keypoint_names)  # noqa: B905 - some are without end
    found = cast("Iterable[ObjectClass]", classes)
    return summary.classes.note_objects(found, where, numbers, sample.class_key).tobytes(), _lines(texts)


def _dump_tight(value: object) -> bytes:
    """A JSON text in memory of its own size: orjson's results keep the 4 KB buffers that they were written to."""
    return bytes(memoryview(orjson.dumps(value)))


def _without(values: Sequence[_Value], left_out: Container[int]) -> list[_Value]:
    """The values without those of these indexes."""
    return [value for index, value in enumerate(values) if index not in left_out]


def _lines(texts: Iterable[bytes]) -> bytes:
    """JSON texts as lines: within one a line break is escaped."""
    return b"\n".join(texts)


def lines_of(field: bytes) -> list[bytes]:
    """The texts in a field of a draft."""
    return field.split(b"\n") if field else []


def indexes_of(field: bytes) -> array[int]:
    """The indexes in a field of a draft."""
    return array("I", field)
