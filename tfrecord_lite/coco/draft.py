"""Sample -> draft: its COCO entries as JSON text, but for what only the writer of a split can give.

That is ids, categories and final file names: they depend on all records before. Each entry begins with them, so that a
draft holds the rest as text. Drafts are made wherever the record is read, in this process or another one; the border
is crossed by little, and never by the bytes of an image: those are staged in a file.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from tfrecord_lite.coco.entries import MOST_OUTLINED_RUNS, annotation_fragments, panoptic_fragment, stuff_fragment
from tfrecord_lite.coco.numbers import Precision
from tfrecord_lite.errors import FeatureError
from tfrecord_lite.sample import Finding, Sample

_FIRST = b'{"bbox":'  # how each of annotation_fragments begins
_BETWEEN = b"}," + _FIRST  # never inside of one: in a text quotes are escaped, and no list there holds objects


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """How drafts are made.

    precision: decimals of pixel coordinates; None to write them exactly.
    masks: how they are written, as the option ``masks`` has it.
    digests: whether the bytes of images are to be compared.
    """

    precision: Precision = 2
    masks: str = "coco"
    digests: bool = False


class ObjectDrafts(NamedTuple):
    """The annotations of one image without ids, by columns.

    labels, names: classes as the record has them. keypoints: how many, None without any; None for all where none has.
    fragments: the entries' texts from the value of ``bbox`` on, without the closing brace.
    """

    labels: Sequence[int | None] = ()
    names: Sequence[str | None] = ()
    keypoints: Sequence[int | None] | None = None
    fragments: Sequence[bytes] = ()


class PanopticDraft(NamedTuple):
    """A panoptic annotation without image id and file name.

    png: in COCO's encoding; None once it is staged. rest: the entry's text from the value of ``segments_info`` on.
    classes: number and instance of the segments, each pair once. segments: how many.
    """

    png: bytes | None
    rest: bytes
    classes: tuple[tuple[int, int], ...]
    segments: int


class Draft(NamedTuple):
    """One image with all that is said of it.

    sample: of which the writer takes what a draft does not hold as text.
    refused: why objects of the record are left out.
    digest: of the image's bytes; empty where nobody asked for it.
    stuff: class number and the entry's text from the value of ``segmentation`` on.
    staged: the file with the image's bytes, where it is not in ``sample``; staged_png: likewise of the panoptic PNG.
    """

    sample: Sample
    objects: ObjectDrafts
    refused: tuple[FeatureError, ...]
    digest: bytes = b""
    stuff: tuple[tuple[int, bytes], ...] = ()
    panoptic: PanopticDraft | None = None
    staged: str | None = None
    staged_png: str | None = None


def make_draft(sample: Sample, options: DraftOptions) -> Draft:
    """Makes the draft of a sample. What cannot be said in COCO is among ``refused``."""
    image, refused, objects = sample.image, sample.refused, sample.objects
    fragments, faults, noisy = annotation_fragments(objects, image, options.precision, options.masks)
    drafts = ObjectDrafts()
    if fragments:
        texts = orjson.dumps(fragments)[1 + len(_FIRST) : -2].split(_BETWEEN)
        counts: list[int | None] | None = None
        if objects.keypoints is not None:
            counts = [None if points is None else len(points) // 3 for points in objects.keypoints]
        drafts = ObjectDrafts(objects.labels, objects.names, counts, texts)
    if faults:
        drafts = _without(drafts, faults)
        problems = [f"the polygon cannot be drawn: {fault}" for fault in faults.values()]
        refused += tuple(FeatureError(sample.where, "segmentation", problem) for problem in problems)
    if noisy:
        text = f"the mask of object {noisy[0]} has more than {MOST_OUTLINED_RUNS} runs: it is written as run lengths"
        found = [Finding("mask-without-outline", sample.where, text)] * len(noisy)
        sample = sample._replace(findings=(*sample.findings, *found))
    digest = b""
    if options.digests and image.data is not None:
        from hashlib import sha256  # noqa: PLC0415 - few runs need it

        digest = sha256(image.data).digest()
    if not (sample.stuff or sample.panoptic):
        return Draft(sample, drafts, refused, digest)
    stuff = tuple((number, stuff_fragment(mask)) for number, mask in sample.stuff.items())
    panoptic = None
    if sample.panoptic is not None:
        segments = sample.panoptic.segments
        classes = tuple(dict.fromkeys((segment.category, segment.instance) for segment in segments))
        panoptic = PanopticDraft(sample.panoptic.png, panoptic_fragment(sample.panoptic), classes, len(segments))
    return Draft(sample, drafts, refused, digest, stuff, panoptic)


def _without(drafts: ObjectDrafts, left_out: Container[int]) -> ObjectDrafts:
    """The drafts without those of these numbers."""
    kept = [number for number in range(len(drafts.fragments)) if number not in left_out]
    return ObjectDrafts(
        [drafts.labels[number] for number in kept],
        [drafts.names[number] for number in kept],
        drafts.keypoints and [drafts.keypoints[number] for number in kept],
        [drafts.fragments[number] for number in kept],
    )
