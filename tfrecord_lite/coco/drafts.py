"""Sample -> draft: its COCO entries as JSON text, but for what only the writer of a split can give.

That is ids, categories and final file names: they depend on all records before. Each entry begins with them, so that a
draft holds the rest as text. Drafts are made wherever the record is read, in this process or another one; the border
is crossed by little, and never by the bytes of an image: those are staged in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import orjson

from tfrecord_lite.coco.entries import annotation_rest, panoptic_rest, stuff_rest
from tfrecord_lite.coco.numbers import Precision, shortest, shortest_of_each
from tfrecord_lite.errors import FeatureError
from tfrecord_lite.sample import Sample

_FIRST = b'{"bbox":'  # how what annotation_rest gives begins
_BETWEEN = b"}," + _FIRST  # never inside of one: in a text quotes are escaped, and no list there holds objects


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """How drafts are made.

    precision: decimals of pixel coordinates; None to write them exactly.
    masks: one of ``entries.MASKS``.
    digests: whether the bytes of images are to be compared.
    """

    precision: Precision = 2
    masks: str = "coco"
    digests: bool = False


class ObjectDraft(NamedTuple):
    """An annotation without ids.

    number, text: its class as the record has it. keypoints: how many, None without any.
    rest: the entry's text from the value of ``bbox`` on, without the closing brace.
    """

    number: int | None
    text: str | None
    keypoints: int | None
    rest: bytes


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
    objects: tuple[ObjectDraft, ...]
    refused: tuple[FeatureError, ...]
    digest: bytes = b""
    stuff: tuple[tuple[int, bytes], ...] = ()
    panoptic: PanopticDraft | None = None
    staged: str | None = None
    staged_png: str | None = None


def make_draft(sample: Sample, options: DraftOptions) -> Draft:
    """Makes the draft of a sample. What cannot be said in COCO is among ``refused``."""
    image, refused = sample.image, sample.refused
    kept, rests = [], []
    precision, masks = options.precision, options.masks
    areas: Sequence[float | None] = [thing.area for thing in sample.objects]
    if areas and None not in areas:
        areas = shortest_of_each(cast("list[float]", areas))
    else:
        areas = [area if area is None else shortest(area) for area in areas]
    for thing, area in zip(sample.objects, areas, strict=True):
        try:
            rests.append(annotation_rest(thing, area, image, precision, masks))
        except ValueError as error:
            refused += (FeatureError(sample.where, "segmentation", f"the polygon cannot be drawn: {error}"),)
            continue
        kept.append(thing)
    texts = orjson.dumps(rests)[1 + len(_FIRST) : -2].split(_BETWEEN) if rests else ()
    objects = tuple(
        [
            ObjectDraft(thing.number, thing.text, None if thing.keypoints is None else len(thing.keypoints) // 3, text)
            for thing, text in zip(kept, texts, strict=True)
        ]
    )
    digest = b""
    if options.digests and image.data is not None:
        from hashlib import sha256  # noqa: PLC0415 - few runs need it

        digest = sha256(image.data).digest()
    if not (sample.stuff or sample.panoptic):
        return Draft(sample, objects, refused, digest)
    stuff = tuple((number, stuff_rest(mask)) for number, mask in sample.stuff.items())
    panoptic = None
    if sample.panoptic is not None:
        segments = sample.panoptic.segments
        classes = tuple(dict.fromkeys((segment.category, segment.instance) for segment in segments))
        panoptic = PanopticDraft(sample.panoptic.png, panoptic_rest(sample.panoptic), classes, len(segments))
    return Draft(sample, objects, refused, digest, stuff, panoptic)
