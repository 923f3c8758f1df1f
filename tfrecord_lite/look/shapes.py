"""Sample -> what is drawn of it, largest first: boxes, masks, keypoints and the pixels of classes and segments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from PIL import Image, ImageChops

from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.look.classes import Bone, Classes, bones_of_names
from tfrecord_lite.masks.from_pixels import mask_of_pixels
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Box, Panoptic, Sample, Segment, Value

_MOST_SEGMENTS = 400  # of one image
_MOST_PIXELS = 1 << 27  # that are looked at for one image, segment by segment
_PANOPTIC = "panoptic"


class Shape(NamedTuple):
    """One shape to draw, in pixels of the stored image.

    row: its class, by its place in the table; None where it has none that is known. crowd: see ``sample.Object``.
    box: x, y, width, height; None of the pixels of a class, which are no object.
    """

    row: int | None
    box: Box | None
    crowd: bool = False
    mask: Mask | None = None
    polygons: list[list[float]] | None = None
    keypoints: list[float] | None = None
    bones: tuple[Bone, ...] = ()
    attributes: Mapping[str, Value] = MappingProxyType({})


def shapes_of(sample: Sample, classes: Classes, only: Collection[int] | None = None) -> list[Shape]:
    """What there is to draw of a sample: pixels of classes, then objects, each of them largest first.

    only: the classes that are wanted, by their place in the table; None for all.
    """
    by_name = bones_of_names(sample.keypoint_names)
    shapes = [
        Shape(classes.of_pixels.get(number), None, mask=mask)
        for number, mask in sorted(sample.stuff.items(), key=lambda item: -item[1].area)
    ]
    if sample.panoptic is not None and sample.objects.masks is None and sample.objects.polygons is None:
        shapes += (
            Shape(classes.of_segments.get(segment.category), None, segment.crowd, mask)
            for segment, mask in _segment_masks(sample.panoptic, sample.where)
        )
    objects = []
    for obj in sample.objects:
        row = classes.of.get((obj.label, obj.name))
        bones: tuple[Bone, ...] = ()
        if obj.keypoints is not None:
            known = None if row is None else classes.rows[row].bones
            count = len(obj.keypoints) // 3
            bones = tuple(bone for bone in (by_name if known is None else known) if max(bone) < count)
        objects.append(Shape(row, obj.box, obj.crowd, obj.mask, obj.polygons, obj.keypoints, bones, obj.attributes))
    objects.sort(key=lambda shape: -shape.box[2] * shape.box[3] if shape.box else 0)
    return [shape for shape in shapes + objects if only is None or shape.row in only]


def _segment_masks(panoptic: Panoptic, where: Location) -> Iterator[tuple[Segment, Mask]]:
    """The mask of each segment, the largest first; nothing where the image cannot be decoded."""
    try:
        info = read_image_info(panoptic.png, where, _PANOPTIC)
        image = decoded_image(panoptic.png, info, where, _PANOPTIC).convert("RGB")
    except FeatureError:
        return
    left = _MOST_PIXELS
    for segment in sorted(panoptic.segments, key=lambda each: -each.area)[:_MOST_SEGMENTS]:
        x, y, width, height = segment.box
        box = max(0, x), max(0, y), min(image.width, x + width), min(image.height, y + height)
        left -= image.width * image.height
        if left < 0:
            return
        if box[0] < box[2] and box[1] < box[3]:
            try:
                mask = _pixels_of(image, box, segment.number, where)
            except FeatureError:  # noise, of which nothing could be seen
                continue
            yield segment, mask


def _pixels_of(image: Image.Image, box: tuple[int, int, int, int], number: int, where: Location) -> Mask:
    """The pixels in a box that have this number."""
    digits = (number & 0xFF, number >> 8 & 0xFF, number >> 16)
    here = Image.new("L", (box[2] - box[0], box[3] - box[1]), 255)
    for channel, digit in zip(image.crop(box).split(), digits, strict=True):
        here = ImageChops.darker(here, channel.point([255 * (value == digit) for value in range(256)]))
    whole = Image.new("L", image.size)
    whole.paste(here, box)
    return mask_of_pixels(whole, where, _PANOPTIC)
