"""One image in two datasets -> what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from tfrecord_lite.comparison.description import Identity
from tfrecord_lite.comparison.image import Compared, Region
from tfrecord_lite.comparison.objects import attribute_differences, object_differences
from tfrecord_lite.comparison.result import Difference
from tfrecord_lite.comparison.values import differing_pixels, shown, shown_numbers
from tfrecord_lite.errors import counted, shortened
from tfrecord_lite.masks.rle import decompress

OBJECTS, CAPTIONS, STUFF, SEGMENTS = "objects", "captions", "stuff", "segments"
"""What a COCO file can say of an image, each kind of file one of these."""
Pixels = tuple[str | None, str | None]
"""Digests of the pixels of both pictures, read where their bytes differ; None where they cannot be decoded."""


def image_differences(a: Compared, b: Compared, told: Collection[str], *, ids: bool) -> Iterator[Difference]:
    """What differs in an image.

    told: of OBJECTS and so on, what both datasets can say. ids: whether ids of objects count.
    """
    if (a.width, a.height, a.wrong_size) != (b.width, b.height, b.wrong_size):
        yield Difference("image-size", "", *(each.wrong_size or f"{each.width}x{each.height}" for each in (a, b)))
    yield from attribute_differences("image-fact", "", a.facts, b.facts)
    yield from attribute_differences("image-fact", "", *_lists_of_classes(a, b))
    yield from _one_by_one("image-class", list(map(_shown_label, a.labels)), list(map(_shown_label, b.labels)))
    if OBJECTS in told:
        yield from object_differences(a, b, ids=ids)
    if CAPTIONS in told:
        yield from _one_by_one("caption", a.captions, b.captions)
    if STUFF in told:
        yield from _stuff(a, b)
    if SEGMENTS in told:
        yield from _segments(a.segments, b.segments)


def _lists_of_classes(a: Compared, b: Compared) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The classes that are listed, by name; by number where a dataset has no name for one of them."""
    found: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    for key in a.lists.keys() | b.lists.keys():
        both = [each.lists.get(key) for each in (a, b)]
        named = all(item.name is not None for items in both for item in items or ())
        for shown_as, items in zip(found, both, strict=True):
            if items is not None:
                shown_as[key] = sorted(str(item.name if named else item.number) for item in items)
    return found


def _shown_label(label: object) -> str:
    """A class of an image in words, with numbers as float32 has them."""
    if not isinstance(label, dict):
        return shown(label)
    said = {key: f"{value:.6g}" if isinstance(value, float) else value for key, value in label.items()}
    return ", ".join(f"{key}: {value}" for key, value in sorted(said.items()))


def _one_by_one(kind: str, a: Sequence[str], b: Sequence[str]) -> Iterator[Difference]:
    """Texts that only one side has, as often as it has them."""
    here, there = Counter(a), Counter(b)
    for text in sorted((here - there).elements()):
        yield Difference(kind, "", shown(text), "none")
    for text in sorted((there - here).elements()):
        yield Difference(kind, "", "none", shown(text))


def _stuff(a: Compared, b: Compared) -> Iterator[Difference]:
    """The pixels of each class."""
    here, there = ({region.name: region for region in each.stuff if region.area} for each in (a, b))
    for name in sorted(here.keys() | there.keys()):
        one, other = here.get(name), there.get(name)
        if one is None or other is None:
            texts = (_area(one), _area(other))
        elif one.pixels != other.pixels:
            count = differing_pixels(*(decompress(each.pixels or "") for each in (one, other)))
            texts = _area(one), f"{_area(other)}, {count:,} differ"
        else:
            continue
        yield Difference("stuff", shortened(name), *texts)


def _area(region: Region | None) -> str:
    return "none" if region is None else counted(region.area, "pixel")


def _segments(a: Sequence[Region] | None, b: Sequence[Region] | None) -> Iterator[Difference]:
    """The segments of a panoptic image. Their numbers say nothing; one without any pixel is none."""
    here, there = (Counter(_key(region) for region in each or () if region.area) for each in (a, b))
    lacking, extra = sorted((here - there).elements()), sorted((there - here).elements())
    for key in list(lacking):  # the same segment, otherwise
        other = next((each for each in extra if each[0] == key[0] and each[3] == key[3]), None)
        other = other or next((each for each in extra if each[3] == key[3] or each[4] == key[4] != ""), None)
        if other is not None:
            lacking.remove(key)
            extra.remove(other)
            yield Difference("segment", "", _said(key), _said(other))
    for key in lacking:
        yield Difference("segment", "", _said(key), "none")
    for key in extra:
        yield Difference("segment", "", "none", _said(key))


_Key = tuple[str, bool, int, tuple[int, ...], str]


def _key(region: Region) -> _Key:
    """All that is compared of a segment."""
    return region.name, region.crowd, region.area, tuple(region.box), region.pixels or ""


def _said(key: _Key) -> str:
    """A segment in words."""
    name, crowd, area, box, pixels = key
    group = ", a group" if crowd else ""
    seen = "" if pixels else ", without pixels"
    return f"{shortened(name)} at {shown_numbers(box)}: {counted(area, 'pixel')}{group}{seen}"


# ---------------------------------------------------------------------------------------------- names, ids, picture
def identity_differences(a: Identity, b: Identity, pixels: Pixels | None, *, ids: bool) -> Iterator[Difference]:
    """What differs between names, ids and pictures.

    pixels: None where pictures are not compared. ids: whether ids count.
    """
    names = ({a.name, a.file} - {None}, {b.name, b.file} - {None})
    if all(names) and not names[0] & names[1]:
        kind = "file-name" if a.stem == b.stem else "image-fact"
        yield Difference(kind, "", f"file name: {shown(a.file)}", f"file name: {shown(b.file)}")
    if ids and a.number != b.number:
        yield Difference("id", "", f"image {shown(a.number)}", f"image {shown(b.number)}")
    if ids and None not in (a.source, b.source) and a.source != b.source:
        yield Difference("id", "", f"source {shown(a.source)}", f"source {shown(b.source)}")
    if pixels is not None and a.digest != b.digest:
        yield _picture_difference(a, b, pixels)


def _picture_difference(a: Identity, b: Identity, pixels: Pixels) -> Difference:
    """Two pictures whose bytes differ, or of which one is not there."""
    if a.digest is None or b.digest is None:
        here, there = ("none" if each.digest is None else "is there" for each in (a, b))
        return Difference("picture", "", here, there)
    if None not in pixels and pixels[0] == pixels[1]:
        return Difference("picture-bytes", "", "equal pixels", "other bytes")
    here, there = ("cannot be decoded" if each is None else f"pixels {each[:8]}" for each in pixels)
    return Difference("picture", "", here, there)
