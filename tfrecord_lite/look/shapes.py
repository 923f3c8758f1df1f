"""Sample -> what is drawn of it, largest first: boxes, masks, keypoints and the pixels of classes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tfrecord_lite.look.classes import Bone, Classes, bones_of_names
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Box, Sample, Value


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
        Shape(classes.index_of_pixels(number), None, mask=mask)
        for number, mask in sorted(sample.stuff.items(), key=lambda item: -item[1].area)
    ]
    if sample.panoptic is not None and sample.objects.masks is None and sample.objects.polygons is None:
        from tfrecord_lite.look.segments import segment_masks  # noqa: PLC0415 - few samples have such

        for segment, mask in segment_masks(sample.panoptic, sample.where):
            shapes.append(Shape(classes.index_of_segment(segment.category), None, segment.crowd, mask))
    objects = []
    for obj in sample.objects:
        index = classes.index(obj.label, obj.name)
        bones: tuple[Bone, ...] = ()
        if obj.keypoints is not None:
            known = None if index is None else classes.rows[index].bones
            count = len(obj.keypoints) // 3
            bones = tuple(bone for bone in (by_name if known is None else known) if max(bone) < count)
        objects.append(Shape(index, obj.box, obj.crowd, obj.mask, obj.polygons, obj.keypoints, bones, obj.attributes))
    objects.sort(key=lambda shape: -shape.box[2] * shape.box[3] if shape.box else 0)
    return [shape for shape in shapes + objects if only is None or shape.row in only]
