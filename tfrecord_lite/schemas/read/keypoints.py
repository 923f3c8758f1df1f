"""Keypoints and DensePose points of a record's objects, in the pixels of the image."""

from __future__ import annotations

from collections.abc import Sequence

from tfrecord_lite.budgets import POINTS, check_feature
from tfrecord_lite.errors import FeatureError, counted
from tfrecord_lite.example.example import Example
from tfrecord_lite.sample import Box, Finding
from tfrecord_lite.schemas.detect.evidence import LARGEST_FRACTION
from tfrecord_lite.schemas.read.values import cut, read_text
from tfrecord_lite.schemas.schema import Schema, present


def read_keypoints(
    example: Example, schema: Schema, count: int, scale: tuple[float, float], findings: list[Finding]
) -> list[list[float]] | None:
    """The keypoints of each object as COCO has them: x, y, visibility, one triple after the other.

    A keypoint that is not labelled is 0, 0, 0. Where the record gives no visibility a keypoint with coordinates is
    visible (2) and one without (NaN) not labelled, as in the Object Detection API's decoder (tf_example_decoder.py).
    None where the record has no keypoints.

    Raises:
        FeatureError: the lists do not fit each other or the objects, or COCO cannot have a value.
    """
    x_key, y_key = present(example, schema.keypoint_x), present(example, schema.keypoint_y)
    if example.count(present(example, schema.keypoint_triples)):
        of_triples = _from_triples(example, schema, count, scale)
        _compare_counts(example, schema, of_triples, findings)
        return of_triples
    xs, ys = example.numbers(x_key), example.numbers(y_key)  # whole ones where they are pixels
    if schema.keypoint_pairs and example.count(pair_key := present(example, schema.keypoint_pairs)):
        x_key, pairs = pair_key, example.numbers(pair_key)
        xs, ys = pairs[::2], pairs[1::2]
    if not xs and not ys:
        return None
    check_feature(example.where, x_key, len(xs), POINTS, "keypoints")
    seen_key = present(example, schema.keypoint_visibility)
    seen: Sequence[int] = example.ints(seen_key)
    if schema.keypoint_hidden and example.count(hidden_key := present(example, schema.keypoint_hidden)):
        seen_key, seen = hidden_key, [2 - hidden for hidden in example.ints(hidden_key)]
    seen = seen or [2 if x == x and y == y else 0 for x, y in zip(xs, ys)]  # noqa: B905, PLR0124 - lengths are compared below; NaN is not itself
    if not len(xs) == len(ys) == len(seen) or not count or len(xs) % count:
        problem = f"the lengths of the keypoint lists differ: {len(xs)} x, {len(ys)} y, {len(seen)} visibilities"
        raise FeatureError(example.where, x_key, f"{problem} for {count} objects")
    points: list[float] = []
    for x, y, visibility in zip(xs, ys, seen, strict=True):
        if visibility not in (0, 1, 2):
            raise FeatureError(example.where, seen_key, f"a visibility of {visibility}, expected 0, 1 or 2")
        if visibility == 0 or x != x or y != y:  # noqa: PLR0124 - NaN
            points += (0, 0, 0)
        elif x - x or y - y:
            raise FeatureError(example.where, x_key, f"a keypoint at ({x}, {y}), expected finite numbers")
        else:
            points += (float(x * scale[0]), float(y * scale[1]), visibility)
    _check_unit(example, x_key, points[::3], scale[0])
    _check_unit(example, y_key, points[1::3], scale[1])
    size = len(points) // count
    objects = [points[start : start + size] for start in range(0, len(points), size)]
    _compare_counts(example, schema, objects, findings)
    return objects


def _check_unit(example: Example, key: str, values: Sequence[float], factor: float) -> None:
    """FeatureError where fractions of the image are none. values: in pixels; factor: pixels of a side, 1 of pixels."""
    if factor > 1 and max(values) > LARGEST_FRACTION * factor:
        problem = f"a keypoint at {max(values) / factor:g}: out of range for normalised coordinates, as the boxes are"
        advice = "Are these pixels? Options read one unit; --map keypoint_x=- --map keypoint_y=- leaves keypoints out"
        raise FeatureError(example.where, key, f"{problem}. {advice}")


def read_own_keypoints(
    example: Example, schema: Schema, count: int, scale: tuple[float, float], findings: list[Finding]
) -> Sequence[list[float] | None] | None:
    """The same without those that only fill up the lists, in which all objects of a record have as many.

    Raises:
        FeatureError: as ``read_keypoints`` does; or it is not said for each object how many are its own.
    """
    objects = read_keypoints(example, schema, count, scale, findings)
    key = present(example, schema.keypoint_total)
    totals = example.ints(key)
    if not objects or not totals:
        return objects
    if len(totals) != len(objects) or not all(
        0 <= total <= len(points) // 3 for total, points in zip(totals, objects, strict=True)
    ):
        size = len(objects[0]) // 3
        problem = f"{totals[:5]} found, expected one number from 0 to {size} for each of {len(objects)} objects"
        raise FeatureError(example.where, key, problem)
    return [points[: 3 * total] or None for total, points in zip(totals, objects, strict=True)]


def count_objects(example: Example, schema: Schema) -> int:
    """How many objects the keypoints of a record without boxes belong to, by whatever it says of each; else 1."""
    ends = example.count(present(example, schema.keypoint_ends))
    keys = (*schema.number, *schema.text, *schema.keypoint_count)
    return max(ends - 1, *map(example.count, keys), 1) if keys or ends else 1


def boxes_of_keypoints(
    example: Example,
    schema: Schema,
    scale: tuple[float, float],
    findings: list[Finding],
    refused: list[FeatureError],
) -> list[Box | None]:
    """The boxes of objects that have only keypoints: the extent of the labelled ones.

    Raises:
        FeatureError: as ``read_keypoints`` does.
    """
    objects = read_keypoints(example, schema, count_objects(example, schema), scale, [])
    boxes: list[Box | None] = []
    for number, points in enumerate(objects or ()):
        xs = [x for x, seen in zip(points[::3], points[2::3], strict=True) if seen]
        ys = [y for y, seen in zip(points[1::3], points[2::3], strict=True) if seen]
        if not xs:
            key = present(example, schema.keypoint_x + schema.keypoint_pairs + schema.keypoint_triples)
            refused.append(FeatureError(example.where, key, f"object {number} has no box and no labelled keypoint"))
            boxes.append(None)
            continue
        boxes.append((min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
    if boxes:
        text = f"{counted(len(boxes), 'object')} without a box: the extent of the labelled keypoints is taken for it"
        findings.append(Finding("box-from-keypoints", example.where, text))
    return boxes


def _from_triples(example: Example, schema: Schema, count: int, scale: tuple[float, float]) -> list[list[float]]:
    """Keypoints as pix2seq has them (data/scripts/create_coco_tfrecord.py): an object without any has no values.

    Without a list of ends each object has as many. In pixels; fractions only where boxes are, and without ends.
    """
    key, ends_key = present(example, schema.keypoint_triples), present(example, schema.keypoint_ends)
    values, ends = example.numbers(key), example.ints(ends_key)
    if not ends and count and len(values) % (3 * count) == 0:
        ends = list(range(0, len(values) + 1, len(values) // count))
        if max(*values[::3], *values[1::3]) <= LARGEST_FRACTION:
            factors = (*scale, 1)
            values = [value * factors[place % 3] for place, value in enumerate(values)]
    if not ends:
        problem = f"{len(values)} values for {counted(count, 'object')}, expected triples of x, y and visibility"
        raise FeatureError(example.where, key, f"{problem}, as many for each object")
    objects = cut(example, ends_key, ends, values, count)
    check_feature(example.where, key, len(values) // 3, POINTS, "keypoints")
    size = max(map(len, objects), default=0)
    points: list[list[float]] = []
    for each in objects:
        triples: list[float] = []
        for x, y, seen in zip(each[::3], each[1::3], each[2::3], strict=False):
            if x - x or y - y or seen - seen:
                raise FeatureError(example.where, key, f"a keypoint at ({x}, {y}), expected finite numbers")
            triples += (float(x), float(y), int(seen)) if seen in (1, 2) else (0, 0, 0)
        if len(triples) != len(each) or len(each) not in (0, size):
            raise FeatureError(example.where, key, f"{len(each)} values of one object, {size} of another")
        points.append(triples or [0] * size)
    return points


def _compare_counts(
    example: Example, schema: Schema, objects: Sequence[Sequence[float]], findings: list[Finding]
) -> None:
    """Notes where the record's count of labelled keypoints is wrong."""
    key = present(example, schema.keypoint_count)
    counts = example.ints(key)
    if counts and counts != [sum(seen > 0 for seen in points[2::3]) for points in objects]:
        findings.append(Finding("keypoint-count-wrong", example.where, f"{key}: does not count the labelled keypoints"))


def read_keypoint_names(example: Example, schema: Schema, size: int, findings: list[Finding]) -> tuple[str, ...]:
    """The names of the keypoints, which a record repeats for each object; empty where it has none.

    size: keypoints an object.
    """
    key = present(example, schema.keypoint_text)
    blobs = example.blobs(key)
    if len(blobs) < size:
        return ()
    return tuple(read_text(blob, key, example.where, findings) for blob in blobs[:size])


def read_dense_pose(
    example: Example, schema: Schema, boxes: Sequence[Box | None], scale: tuple[float, float]
) -> list[dict[str, list[float]] | None] | None:
    """The DensePose points of each object: body part, place in the box, place on the part. None where there are none.

    The writer (tensorflow/models, create_coco_tf_record.py) numbers parts from 0 and divides places by the image size;
    COCO numbers them from 1 and has places from 0 to 256 in the box.

    Raises:
        FeatureError: the lists do not fit each other.
    """
    if not schema.dense_pose or not (counts := example.ints(schema.dense_pose + "num")):
        return None
    parts = example.ints(schema.dense_pose + "part_index")
    check_feature(example.where, schema.dense_pose + "part_index", len(parts), POINTS, "DensePose points")
    lists = [example.floats(schema.dense_pose + name) for name in ("x", "y", "u", "v")]
    if len(counts) != len(boxes) or min(counts) < 0 or {len(parts), *map(len, lists)} != {sum(counts)}:
        raise FeatureError(example.where, schema.dense_pose + "num", "the lengths of the DensePose lists differ")
    if not all(value - value == 0 for each in lists for value in each):
        raise FeatureError(
            example.where, schema.dense_pose + "num", "a DensePose point is at no place: NaN or infinite"
        )
    objects: list[dict[str, list[float]] | None] = []
    start = 0
    for count, box in zip(counts, boxes, strict=True):
        end = start + count
        xs, ys, us, vs = (each[start:end] for each in lists)
        place: dict[str, list[float]] | None = None
        if box is not None and count:
            x, y, width, height = box
            place = {
                "dp_I": [part + 1 for part in parts[start:end]],
                "dp_x": [round((value * scale[0] - x) / (width or 1) * 256, 3) for value in xs],
                "dp_y": [round((value * scale[1] - y) / (height or 1) * 256, 3) for value in ys],
                "dp_U": us,
                "dp_V": vs,
            }
        objects.append(place)
        start = end
    return objects
