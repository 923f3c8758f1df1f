"""What one image is called in two datasets, and its picture -> what differs."""

from __future__ import annotations

from collections.abc import Iterator

from tfrecord_lite.comparison.description import Identity
from tfrecord_lite.comparison.difference import Difference
from tfrecord_lite.comparison.values import shown

Pixels = tuple[str | None, str | None]
"""Digests of the pixels of both pictures, read where their bytes differ; None where they cannot be decoded."""


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
