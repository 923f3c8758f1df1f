"""Sample -> what a page shows of it: a small JPEG, and its objects as plain numbers."""

from __future__ import annotations

import base64
from collections.abc import Collection
from io import BytesIO
from typing import Any

import orjson

from tfrecord_lite.errors import FeatureError, printable
from tfrecord_lite.images.decode import decode_scaled
from tfrecord_lite.look.classes import Bone, Classes
from tfrecord_lite.look.outlines import outline_of_mask, outline_of_polygons
from tfrecord_lite.look.shapes import Shape, shapes_of
from tfrecord_lite.sample import Sample

_QUALITY = 75
_MOST_SHAPES = 400  # of one picture
_MOST_OUTLINES = 100_000  # of one picture: characters of outlines, and runs of masks that they are made of
_LONGEST_TEXT = 200  # characters of any text
_MOST_CAPTIONS = 10


class Thumbnails:
    """Makes the pictures of one page.

    side: the longer side of a picture, in pixels.
    classes: the table of classes. only: those that are wanted, by their place in it; None for all.

    skeletons: the different bones that objects have, which these refer to by number.
    """

    def __init__(self, side: int, classes: Classes, only: Collection[int] | None = None) -> None:
        self._side = side
        self._classes = classes
        self._only = only
        self.skeletons: dict[tuple[Bone, ...], int] = {}

    def picture(self, sample: Sample, codes: Collection[str]) -> bytes:
        """One picture as JSON: see ``page.js`` for what the fields mean. codes: of its warnings."""
        image = sample.image
        shapes = shapes_of(sample, self._classes, self._only)
        entry: dict[str, Any] = {
            "name": _text(image.filename or image.source_id or ""),
            "where": printable(str(sample.where)),
            "w": image.width,
            "h": image.height,
            "codes": sorted(codes),
            "left": max(0, len(shapes) - _MOST_SHAPES),
            "captions": [_text(caption) for caption in sample.captions[:_MOST_CAPTIONS]],
        }
        try:
            entry["jpeg"] = self._jpeg(sample)
        except FeatureError as error:
            entry["problem"] = _text(error.problem)
        room = _MOST_OUTLINES
        objects = []
        for shape in shapes[:_MOST_SHAPES]:
            obj = self._object(shape, max(image.width, image.height) if room > 0 else 0)
            room -= len(obj.get("m", "")) + (len(shape.mask.counts) if shape.mask and room > 0 else 0)
            objects.append(obj)
        entry["objects"] = objects
        return orjson.dumps(entry)

    def _jpeg(self, sample: Sample) -> str | None:
        """The picture, no larger than it is, in base64; None where the record has none."""
        image = sample.image
        if image.data is None:
            return None
        scale = min(1.0, self._side / max(image.width, image.height))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        target = BytesIO()
        decode_scaled(image.data, size, sample.where, "image").save(target, "JPEG", quality=_QUALITY)
        return base64.b64encode(target.getvalue()).decode("ascii")

    def _object(self, shape: Shape, longest_side: int) -> dict[str, Any]:
        """One object. longest_side: of the image, in pixels; 0 where there is no room for outlines any more."""
        entry: dict[str, Any] = {"c": -1 if shape.row is None else shape.row}
        if shape.box is not None:
            entry["b"] = [round(value, 1) for value in shape.box]
        if shape.crowd:
            entry["crowd"] = 1
        outline = ""
        if longest_side and shape.mask is not None:
            outline = outline_of_mask(shape.mask, longest_side)
        elif longest_side and shape.polygons:
            outline = outline_of_polygons(shape.polygons)
        if outline:
            entry["m"] = outline
        if shape.keypoints is not None and any(shape.keypoints[2::3]):
            entry["k"] = [round(value, 1) for value in shape.keypoints]
            entry["s"] = self.skeletons.setdefault(shape.bones, len(self.skeletons))
        if shape.attributes:
            said = ", ".join(f"{printable(str(name))} {_value(value)}" for name, value in shape.attributes.items())
            entry["a"] = _text(said)
        return entry


def _value(value: object) -> str:
    """A value of an attribute in few characters."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _text(text: str) -> str:
    """A text of a record, made printable and not too long."""
    return printable(text[:_LONGEST_TEXT]) + ("…" if len(text) > _LONGEST_TEXT else "")
