"""The objects of a sample -> features: boxes as parts of the image, classes, areas, masks, keypoints and attributes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from tfrecord_lite.budgets import COLUMNS, POLYGON_COLUMNS, Budget
from tfrecord_lite.errors import FeatureError, Location, UsageError, counted
from tfrecord_lite.example.build import Scalar
from tfrecord_lite.masks.mask import Mask, from_spans
from tfrecord_lite.masks.polygons import from_polygons
from tfrecord_lite.masks.to_png import mask_png
from tfrecord_lite.sample import Box, Finding, Image, Object, Sample
from tfrecord_lite.schemas.schema import Schema
from tfrecord_lite.schemas.write.values import Features, ValueWriter

_NOTHING = 0.005  # pixels that a box may reach beyond the image without a word: what COCO's two decimals round off


class Filling(NamedTuple):
    """What every object gets, whether it has its own or not: trainers read masks and keypoints by place.

    masks: a mask, which is empty and has the weight 0 where an object has none.
    keypoints: how many each object gets; missing ones are unlabelled.
    keypoint_names: theirs, for records whose own objects do not name any.
    dense_pose: a number of DensePose points, which is 0 where an object has none.
    """

    masks: bool = False
    keypoints: int = 0
    keypoint_names: tuple[str, ...] = ()
    dense_pose: bool = False


class Shaped(NamedTuple):
    """An object that can be written. corners: xmin, ymin, xmax, ymax as parts of the image."""

    obj: Object
    corners: tuple[float, float, float, float]
    mask: Mask | None


def write_objects(
    sample: Sample,
    schema: Schema,
    values: ValueWriter,
    filling: Filling,
    features: Features,
    findings: list[Finding],
    refused: list[FeatureError],
) -> list[int]:
    """Adds the objects of a sample to ``features``; the places in the sample of those that can be written.

    ``findings`` gets what was changed, ``refused`` why an object cannot be written. values: writes their attributes.

    Raises:
        UsageError: some objects have a class number, and others have none.
    """
    shaped: dict[int, Shaped] = {}
    columns = Budget(POLYGON_COLUMNS, COLUMNS)
    for number, obj in enumerate(sample.objects):
        try:
            mask = _mask(obj, sample.image, columns)
        except ValueError as error:
            problem = f"the polygon of object {sample.objects.number(number)} cannot be drawn: {error}"
            refused.append(FeatureError(sample.where, "segmentation", problem))
            continue
        corners = _corners(obj.box, sample.image, sample.where, number, findings)
        shaped[number] = Shaped(obj, corners, mask)
    rows = list(shaped.values())
    objects = [row.obj for row in rows]
    for place, keys in enumerate(schema.sides):
        features[keys[0]] = [row.corners[place] for row in rows]
    _write_classes(objects, schema, features)
    if not rows:
        return []
    features[schema.area[0]] = [_area(row, sample, findings) for row in rows]
    features[schema.crowd[0]] = [int(obj.crowd) for obj in objects]
    if filling.masks or any(row.mask for row in rows):
        _write_masks([row.mask for row in rows], sample, schema, features, findings)
    if filling.keypoints or any(obj.keypoints for obj in objects):
        _write_keypoints(objects, sample, schema, filling, features)
    if filling.dense_pose or any(obj.dense_pose for obj in objects):
        _write_dense_pose(objects, sample.image, schema, features)
    values.write_attributes([obj.attributes for obj in objects], features)
    return list(shaped)


def _mask(obj: Object, image: Image, columns: Budget) -> Mask | None:
    """The mask of an object, drawn from its polygons where it has only these. ValueError where they cannot be drawn."""
    if obj.mask is None and obj.polygons:
        return from_polygons(obj.polygons, image.height, image.width, columns)
    return obj.mask


def _corners(
    box: Box, image: Image, where: Location, number: int, findings: list[Finding]
) -> tuple[float, float, float, float]:
    """Corners of a box as parts of the image, in order and within it: trainers end at a coordinate beyond 1."""
    x, y, width, height = box
    xs, ys = sorted((x, x + width)), sorted((y, y + height))
    if width < 0 or height < 0:
        text = f"object {number} has a box of {width:g} by {height:g} pixels: its corners are put in order"
        findings.append(Finding("box-inverted", where, text))
    if min(xs[0], ys[0]) < -_NOTHING or xs[1] > image.width + _NOTHING or ys[1] > image.height + _NOTHING:
        size = f"{image.width}x{image.height}"
        text = f"object {number} has the box {_shown(box)} in an image of {size}: it is cut off there"
        findings.append(Finding("box-clamped", where, text))
    x0, x1 = (min(max(value / image.width, 0.0), 1.0) for value in xs)
    y0, y1 = (min(max(value / image.height, 0.0), 1.0) for value in ys)
    if not (x1 - x0) * image.width > _NOTHING or not (y1 - y0) * image.height > _NOTHING:
        text = f"object {number} has the box {_shown(box)}, of which the image has no part: it is kept without area"
        findings.append(Finding("box-without-area", where, text))
    return x0, y0, x1, y1


def _shown(box: Box) -> str:
    return "[" + ", ".join(f"{value:g}" for value in box) + "]"


def _write_classes(objects: Sequence[Object], schema: Schema, features: Features) -> None:
    """Numbers and names of classes: some trainers read these, some those."""
    numbers = [obj.label for obj in objects if obj.label is not None]
    if numbers and len(numbers) < len(objects):
        raise UsageError(
            f"{counted(len(objects) - len(numbers), 'object')} without a class number beside others that have one"
        )
    if numbers or not objects:
        features[schema.number[0]] = numbers
    if not objects or any(obj.name is not None for obj in objects):
        features[schema.text[0]] = [obj.name or "" for obj in objects]


def _area(row: Shaped, sample: Sample, findings: list[Finding]) -> float:
    """The area of an object in square pixels: its own, else that of its mask, else that of its box."""
    given, image = row.obj.area, sample.image
    if given is not None and 0 < given <= image.width * image.height:
        return given
    if given:
        text = f"an area of {given:g} in an image of {image.width}x{image.height}: that of mask or box counts"
        findings.append(Finding("area-implausible", sample.where, text))
    if row.mask is not None:
        return float(row.mask.area)
    return abs(row.obj.box[2] * row.obj.box[3])


def _write_masks(
    masks: Sequence[Mask | None], sample: Sample, schema: Schema, features: Features, findings: list[Finding]
) -> None:
    """A PNG an object, since trainers decode them all, and weights where some of them must not count."""
    image = sample.image
    nothing = mask_png(from_spans((), image.height, image.width)) if not all(masks) else b""
    pngs: list[Scalar] = []
    weights = []
    for mask in masks:
        counts = mask is not None and mask.area > 0
        if mask is not None and not counts:
            findings.append(
                Finding("mask-empty", sample.where, "the mask of an object has no pixels: it does not count")
            )
        pngs.append(mask_png(mask) if mask is not None else nothing)
        weights.append(1.0 if counts else 0.0)
    features[schema.mask[0]] = pngs
    if not all(weights):
        features[schema.mask_weight[0]] = weights


def _write_keypoints(
    objects: Sequence[Object], sample: Sample, schema: Schema, filling: Filling, features: Features
) -> None:
    """As many keypoints an object, those that are not labelled at 0, 0 with the visibility 0; and all their names."""
    totals = [len(obj.keypoints or ()) // 3 for obj in objects]
    count = max(filling.keypoints, *totals)
    points = [[*(obj.keypoints or ()), *[0.0] * (3 * count - len(obj.keypoints or ()))] for obj in objects]
    flat = list(chain.from_iterable(points))
    image = sample.image
    features[schema.keypoint_x[0]] = [float(x / image.width) for x in flat[0::3]]
    features[schema.keypoint_y[0]] = [float(y / image.height) for y in flat[1::3]]
    features[schema.keypoint_visibility[0]] = [int(seen) for seen in flat[2::3]]
    features[schema.keypoint_count[0]] = [sum(seen > 0 for seen in each[2::3]) for each in points]
    if any(total != count for total in totals):
        features[schema.keypoint_total[0]] = totals
    names = sample.keypoint_names or filling.keypoint_names
    if len(names) == count:
        features[schema.keypoint_text[0]] = [*names] * len(objects)


def _write_dense_pose(objects: Sequence[Object], image: Image, schema: Schema, features: Features) -> None:
    """DensePose points: parts from 0, places as parts of the image, as the Object Detection API's writer has them.

    Source: research/object_detection/dataset_tools/create_coco_tf_record.py (tensorflow/models).
    """
    key = schema.dense_pose
    counts, parts = [], []
    places: dict[str, list[float]] = {"x": [], "y": [], "u": [], "v": []}
    for obj in objects:
        pose = obj.dense_pose or {}
        x, y, width, height = obj.box
        counts.append(len(pose.get("dp_I", ())))
        parts += [round(part) - 1 for part in pose.get("dp_I", ())]
        places["x"] += [float((x + value / 256 * width) / image.width) for value in pose.get("dp_x", ())]
        places["y"] += [float((y + value / 256 * height) / image.height) for value in pose.get("dp_y", ())]
        places["u"] += map(float, pose.get("dp_U", ()))
        places["v"] += map(float, pose.get("dp_V", ()))
    features[key + "num"] = counts
    features[key + "part_index"] = parts
    features.update({key + name: values for name, values in places.items()})
