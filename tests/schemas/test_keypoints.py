"""Keypoints and DensePose points, from the lists of a record to the triples of the COCO file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tfrecords import detection, floats, ints, texts

from tfrecord_lite import RejectedInputError

Convert = Callable[..., Any]
Points = Sequence[tuple[float, float, int]]

SIZE = (64, 48)
BOXES = [(4, 4, 40, 44), (10, 2, 60, 30)]
NOSE_EYES: list[Points] = [[(10, 8, 2), (8.25, 6.5, 1), (0, 0, 0)], [(30.75, 20, 2), (0, 0, 0), (63, 47.25, 1)]]
X, Y = "image/object/keypoint/x", "image/object/keypoint/y"
VISIBILITY, TEXT, NUM = "image/object/keypoint/visibility", "image/object/keypoint/text", "image/object/keypoint/num"
NAN = float("nan")
LABEL_MAP = """item { id: 1 name: "person"
  keypoints { id: 1 label: "left_eye" } keypoints { id: 0 label: "nose" } keypoints { id: 2 label: "right_eye" } }
item { id: 2 name: "dog" }
"""


# A type checker takes the values of **{...} for values of the named arguments too; hence Any for them here.
def record(
    objects: Any = NOSE_EYES,
    boxes: Any = BOXES,
    *,
    drop: Any = (),
    prefix: Any = "image/object/keypoint/",
    **more: Any,
) -> dict[str, bytes]:
    """As create_coco_tf_record.py writes them: divided by the size, one object after the other."""
    points = [point for each in objects for point in each]
    features = {
        prefix + "x": floats(*(x / SIZE[0] for x, _, _ in points)),
        prefix + "y": floats(*(y / SIZE[1] for _, y, _ in points)),
        prefix + "visibility": ints(*(seen for _, _, seen in points)),
    }
    options = {key: more.pop(key) for key in ("labels", "texts") if key in more}
    built = detection("a.jpg", SIZE, boxes, **options, **{**features, **more})
    return {key: value for key, value in built.items() if key not in drop}


def triples(objects: Sequence[Points]) -> list[list[float]]:
    return [[value for point in points for value in point] for points in objects]


def keypoints(done: Any) -> list[list[float]]:
    return [annotation["keypoints"] for annotation in done.coco["annotations"]]


# ------------------------------------------------------------------------------------------------------ triples
NOTHING: Points = [(0, 0, 0)] * 3
SIDES = ("xmin", "ymin", "xmax", "ymax")


def in_pixels(features: dict[str, bytes], **more: bytes) -> dict[str, bytes]:
    """The features, with boxes in pixels."""
    columns = zip(SIDES, zip(*BOXES, strict=True), strict=True)
    return features | {f"image/object/bbox/{side}": floats(*values) for side, values in columns} | more


READ: dict[str, tuple[dict[str, bytes], list[list[float]], list[int]]] = {
    # a record, the keypoints of its objects, and how many of them are labelled: hidden ones are
    "pixels and visibility": (record(), triples(NOSE_EYES), [2, 2]),
    "none of them labelled": (record([NOSE_EYES[0], NOTHING]), triples([NOSE_EYES[0], NOTHING]), [2, 0]),
    "not labelled is 0, 0, 0 wherever the record has it": (
        record([[(10, 8, 2), (8, 6, 0), (63, 47, 0)]], BOXES[:1]), [[10, 8, 2, 0, 0, 0, 0, 0, 0]], [1]
    ),
    # tf_example_decoder.py: visibilities are 2 where the keypoint is a number, else 0.
    "without visibility what has coordinates is visible": (
        record([[(10, 8, 2), (NAN, NAN, 2), (0, 0, 2)], [(NAN, 5, 2), (5, NAN, 2), (63, 47, 2)]], drop=[VISIBILITY]),
        [[10, 8, 2, 0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 0, 63, 47, 2]], [2, 1],
    ),
    "NaN is not labelled whatever the visibility says": (
        record([[(NAN, NAN, 2), (NAN, 4, 1), (4, NAN, 2), (5, 5, 1)]], BOXES[:1]),
        [[0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 1]], [1],
    ),
    "the unit of the boxes": (
        in_pixels(record(), **{X: floats(10, 8.25, 0, 30.75, 0, 63), Y: floats(8, 6.5, 0, 20, 0, 47.25)}),
        triples(NOSE_EYES), [2, 2],
    ),
    "outside the image": (record([[(-3, 50, 1), (70, 5, 2)]], BOXES[:1]), [[-3, 50, 1, 70, 5, 2]], [2]),
    "another spelling of the keys": (record(prefix="image/object/keypoints/"), triples(NOSE_EYES), [2, 2]),
    "the parts of visipedia": (
        {key.removesuffix("isibility"): value for key, value in record(prefix="image/object/parts/").items()},
        triples(NOSE_EYES), [2, 2],
    ),
    # google-research/pix2seq, data/scripts/create_coco_tfrecord.py: x, y, v in pixels, and where each object's end.
    "pix2seq": (
        in_pixels(
            detection("a.jpg", SIZE, BOXES),
            **{
                "image/object/keypoints_v": floats(*(value for points in triples(NOSE_EYES) for value in points)),
                "image/object/keypoints_sep": ints(0, 9, 18),
            },
        ),
        triples(NOSE_EYES), [2, 2],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_keypoints_are_triples_of_pixels_and_visibility(name: str, converted: Convert) -> None:
    features, expected, labelled = READ[name]
    done = converted(features, strict=True)
    assert keypoints(done) == expected
    assert [annotation["num_keypoints"] for annotation in done.coco["annotations"]] == labelled
    assert all(type(seen) is int for points in keypoints(done) for seen in points[2::3])


@pytest.mark.parametrize(("precision", "x"), [(2, 10.12), (0, 10.0), (3, 10.123), (None, 10.123)])
def test_keypoints_have_the_decimals_that_were_asked_for(precision: int | None, x: float, converted: Convert) -> None:
    found = keypoints(converted(record([[(10.123, 8, 2)]], BOXES[:1]), precision=precision))[0][0]
    assert math.isclose(found, x, rel_tol=1e-6)


def test_a_record_without_objects_needs_no_keypoints(converted: Convert) -> None:
    coco = converted(record([], []), record()).coco
    assert [annotation["image_id"] for annotation in coco["annotations"]] == [2, 2]


def test_objects_that_are_refused_take_only_their_own_keypoints_with_them(converted: Convert) -> None:
    features = record(**{"image/object/bbox/xmin": floats(NAN, BOXES[1][0] / SIZE[0])})
    assert keypoints(converted(features, on_error="skip")) == triples(NOSE_EYES[1:])


# ----------------------------------------------------------------------------------------------- names and order
def test_names_come_from_the_record_in_its_order(converted: Convert) -> None:
    done = converted(record(**{TEXT: texts(*["nose", "left eye", "œil droit"] * 2)}), strict=True)
    (category,) = done.coco["categories"]
    assert category["keypoints"] == ["nose", "left eye", "œil droit"]
    assert category["skeleton"] == []


def test_names_come_from_the_label_map_in_the_order_of_their_ids(tmp_path: Any, converted: Convert) -> None:
    path = tmp_path / "label_map.pbtxt"
    path.write_text(LABEL_MAP, encoding="utf-8")
    features = record(**{TEXT: texts(*["a", "b", "c"] * 2)})
    person, dog = converted(features, label_map=path).coco["categories"]
    assert (person["keypoints"], person["skeleton"]) == (["nose", "left_eye", "right_eye"], [])
    assert "keypoints" not in dog
    assert "skeleton" not in dog


def test_names_and_skeleton_come_from_a_coco_file_as_label_map(tmp_path: Any, converted: Convert) -> None:
    person = {"id": 1, "name": "person", "keypoints": ["nose", "left", "right"], "skeleton": [[1, 2], [1, 3]]}
    path = tmp_path / "coco.json"
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": [person]}), encoding="utf-8")
    (category,) = converted(record(), label_map=path).coco["categories"]
    assert (category["keypoints"], category["skeleton"]) == (person["keypoints"], person["skeleton"])


def test_keypoints_without_names_are_numbered_from_1(converted: Convert) -> None:
    (category,) = converted(record()).coco["categories"]
    assert category["keypoints"] == ["keypoint_1", "keypoint_2", "keypoint_3"]


def test_names_are_found_where_the_first_record_has_none(converted: Convert) -> None:
    nothing = record([], [])
    (category,) = converted(nothing, record(**{TEXT: texts(*["n", "l", "r"] * 2)})).coco["categories"]
    assert category["keypoints"] == ["n", "l", "r"]


def test_names_that_are_not_utf8_are_reported(converted: Convert) -> None:
    done = converted(record(**{TEXT: texts("nose", b"\xe9", "r", "nose", b"\xe9", "r")}))
    assert done.coco["categories"][0]["keypoints"] == ["nose", "�", "r"]
    assert "text-not-utf8" in done.report["warnings"]


def test_names_in_another_order_are_not_taken_for_the_same_keypoints(converted: Convert) -> None:
    """Keypoints have no names of their own in COCO, only a place: two orders in one category are two meanings."""
    first = record(**{TEXT: texts(*["nose", "left", "right"] * 2)})
    second = record(**{TEXT: texts(*["nose", "right", "left"] * 2)}) | {"image/filename": texts("b.jpg")}
    done = converted(first, second, on_error="skip")
    (category,) = done.coco["categories"]
    assert category["keypoints"] == ["nose", "left", "right"]
    assert done.report["warnings"]["keypoint-names-differ"]["count"] == 2


def test_only_categories_whose_objects_have_keypoints_name_them(converted: Convert) -> None:
    plain = detection("b.jpg", SIZE, BOXES[:1], labels=[2])
    person, other = converted(record(), plain).coco["categories"]
    assert len(person["keypoints"]) == 3
    assert "keypoints" not in other


def test_an_object_of_a_class_without_keypoints_is_padded_by_its_writer_and_is_no_error(
    tmp_path: Any, converted: Convert
) -> None:
    # create_coco_tf_record.py pads objects without keypoints with K zeros, whatever their class.
    path = tmp_path / "label_map.pbtxt"
    path.write_text(LABEL_MAP, encoding="utf-8")
    done = converted(record([NOSE_EYES[0], [(0, 0, 0)] * 3], labels=[1, 2]), label_map=path)
    person, dog = done.coco["annotations"]
    assert (person["num_keypoints"], dog["num_keypoints"]) == (2, 0)
    assert (person["category_id"], dog["category_id"]) == (1, 2)
    assert dog["keypoints"] == [0] * 9


# ----------------------------------------------------------------------------------------------- what cannot be
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({X: floats(*[0.5] * 5)}, "5 x, 6 y, 6 visibilities for 2 objects"),
        ({Y: floats()}, "6 x, 0 y, 6 visibilities"),
        ({X: floats()}, "0 x, 6 y, 6 visibilities"),
        ({VISIBILITY: ints(2, 2, 2)}, "6 x, 6 y, 3 visibilities"),
        ({VISIBILITY: ints(2, 2, 2, 2, 2, 3)}, "visibility of 3, expected 0, 1 or 2"),
        ({VISIBILITY: ints(-1, 2, 2, 2, 2, 2)}, "visibility of -1"),
        ({VISIBILITY: floats(*[2.0] * 6)}, "kind float, expected int64"),
        ({X: floats(*[0.5] * 5, float("inf"))}, "expected finite numbers"),
        ({Y: floats(float("-inf"), *[0.5] * 5)}, "expected finite numbers"),
    ],
)
def test_lists_that_do_not_fit_are_an_error(change: dict[str, bytes], reason: str, converted: Convert) -> None:
    points: list[Points] = [[(1, 1, 2)] * 3] * 2
    with pytest.raises(RejectedInputError, match=reason) as caught:
        converted(record(points, **change))
    assert "image/object/keypoint/" in str(caught.value)


def test_keypoints_that_are_no_whole_number_an_object_are_an_error(converted: Convert) -> None:
    points: list[Points] = [[(1, 1, 2)] * 3, [(1, 1, 2)] * 2]
    with pytest.raises(RejectedInputError, match="5 x, 5 y, 5 visibilities for 2 objects"):
        converted(record(points))


def test_another_number_of_keypoints_than_the_category_has_is_an_error(converted: Convert) -> None:
    other = record([NOSE_EYES[0][:2]], BOXES[:1])
    with pytest.raises(RejectedInputError, match="2 keypoints, its category 3"):
        converted(record(), other)
    assert len(converted(record(), other, on_error="skip").coco["annotations"]) == 2


def test_another_number_of_keypoints_than_the_label_map_has_is_an_error(tmp_path: Any, converted: Convert) -> None:
    path = tmp_path / "label_map.pbtxt"
    path.write_text(LABEL_MAP, encoding="utf-8")
    with pytest.raises(RejectedInputError, match="2 keypoints, its category 3"):
        converted(record([NOSE_EYES[0][:2]], BOXES[:1]), label_map=path)


@pytest.mark.parametrize(("counts", "told"), [((2, 2), False), ((2, 3), True), ((0, 0), True)])
def test_a_count_of_keypoints_that_is_wrong_is_reported(
    counts: tuple[int, int], told: bool, converted: Convert
) -> None:
    done = converted(record(**{NUM: ints(*counts)}))
    assert ("keypoint-count-wrong" in done.report["warnings"]) == told
    assert [annotation["num_keypoints"] for annotation in done.coco["annotations"]] == [2, 2]


# ----------------------------------------------------------------------------------------------------- DensePose
POSE = "image/object/densepose/"


def dense_pose(**changes: bytes) -> dict[str, bytes]:
    """Two objects with two points and one: create_coco_tf_record.py divides x and y by the image, parts are from 0."""
    return {
        POSE + "num": ints(2, 1),
        POSE + "part_index": ints(0, 23, 4),
        POSE + "x": floats(4 / 64, 22 / 64, 60 / 64),
        POSE + "y": floats(4 / 48, 24 / 48, 16 / 48),
        POSE + "u": floats(0.25, 0.5, 1),
        POSE + "v": floats(0, 0.125, 0.1),
        **{POSE + name: value for name, value in changes.items()},
    }


def test_dense_pose_points_are_those_of_coco(converted: Convert) -> None:
    first, second = converted(detection("a.jpg", SIZE, BOXES, **dense_pose()), strict=True).coco["annotations"]
    # COCO: parts 1 to 24, places from 0 to 256 in the box.
    assert first["dp_I"] == [1, 24]
    assert first["dp_x"] == pytest.approx([0, (22 - 4) / 36 * 256], abs=0.01)
    assert first["dp_y"] == pytest.approx([0, (24 - 4) / 40 * 256], abs=0.01)
    assert (first["dp_U"], first["dp_V"]) == ([0.25, 0.5], [0, 0.125])
    assert (second["dp_I"], second["dp_U"], second["dp_V"]) == ([5], [1], [0.1])
    assert second["dp_x"] == pytest.approx([256], abs=0.01)


def test_an_object_without_dense_pose_points_has_no_such_fields(converted: Convert) -> None:
    features = dense_pose(num=ints(0, 3))
    first, second = converted(detection("a.jpg", SIZE, BOXES, **features)).coco["annotations"]
    assert not any(key.startswith("dp_") for key in first)
    assert second["dp_I"] == [1, 24, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"num": ints(2, 2)},
        {"num": ints(3)},
        {"num": ints(-1, 4)},
        {"part_index": ints(1, 2)},
        {"x": floats(0.5)},
        {"v": floats()},
    ],
)
def test_dense_pose_lists_that_do_not_fit_are_an_error(change: dict[str, bytes], converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="DensePose lists differ"):
        converted(detection("a.jpg", SIZE, BOXES, **dense_pose(**change)))


@pytest.mark.parametrize("name", ["x", "y", "u", "v"])
@pytest.mark.parametrize("value", [NAN, float("inf")])
def test_dense_pose_points_at_no_place_are_an_error(name: str, value: float, converted: Convert) -> None:
    features = detection("a.jpg", SIZE, BOXES, **dense_pose(**{name: floats(0.5, value, 0.5)}))
    done = converted(features, on_error="skip")
    assert done.coco["annotations"] == []
    assert "a DensePose point is at no place" in done.report["problems"]["first"][0]


def test_dense_pose_lists_without_their_counts_are_not_lost_silently(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, BOXES, **dense_pose())
    del features[POSE + "num"]
    done = converted(features)
    assert done.report["keys_not_carried_over"] == {key: 1 for key in features if key.startswith(POSE)}


# ---------------------------------------------------------------------------------------------- keypoints without boxes
def bare(**features: bytes) -> dict[str, bytes]:
    """A picture with these features of objects, and no box."""
    record = {key: value for key, value in detection("a.jpg").items() if not key.startswith("image/object/")}
    return record | {f"image/object/{key}": value for key, value in features.items()}


POINTS = {"parts/x": ints(10, 20, 30, 40), "parts/y": ints(11, 21, 31, 41), "parts/v": ints(2, 1, 2, 0)}


def test_keypoints_without_a_box_are_one_object_and_their_extent_is_its_box(converted: Convert) -> None:
    done = converted(bare(**POINTS))
    (annotation,) = done.coco["annotations"]
    assert annotation["bbox"] == [10, 11, 20, 20]
    assert annotation["keypoints"] == [10, 11, 2, 20, 21, 1, 30, 31, 2, 0, 0, 0]
    assert annotation["num_keypoints"] == 3
    assert done.report["warnings"]["box-from-keypoints"]["count"] == 1


def test_fractions_are_keypoints_in_the_unit_of_boxes(converted: Convert) -> None:
    points = {"keypoint/x": floats(0.25, 0.5), "keypoint/y": floats(0.25, 0.75), "class/text": texts("cat")}
    done = converted(bare(**points))
    (annotation,) = done.coco["annotations"]
    assert annotation["bbox"] == [16, 12, 16, 24]
    assert [each["name"] for each in done.coco["categories"]] == ["cat"]
    assert "labels" not in done.coco["images"][0]


@pytest.mark.parametrize(
    "of_each", [{"class/label": ints(1, 2)}, {"class/text": texts("a", "b")}, {"keypoint/num": ints(2, 1)}]
)
def test_what_a_record_says_of_each_object_shows_how_many_there_are(
    of_each: dict[str, bytes], converted: Convert
) -> None:
    done = converted(bare(**POINTS, **of_each))
    assert [each["bbox"] for each in done.coco["annotations"]] == [[10, 11, 10, 10], [30, 31, 0, 0]]


def test_an_object_without_a_box_and_a_labelled_keypoint_is_an_error(converted: Convert) -> None:
    hidden = {**POINTS, "parts/v": ints(2, 1, 0, 0), "class/label": ints(1, 2)}
    with pytest.raises(RejectedInputError, match="parts/x: object 1 has no box and no labelled keypoint"):
        converted(bare(**hidden))
    assert len(converted(bare(**hidden), on_error="skip").coco["annotations"]) == 1


def test_a_box_that_is_there_is_not_touched_by_keypoints(converted: Convert) -> None:
    done = converted(record())
    assert done.coco["annotations"][0]["bbox"] == [4, 4, 36, 40]


def test_keypoints_in_pixels_beside_boxes_in_fractions_are_an_error_with_advice(converted: Convert) -> None:
    pixels = record(**{X: floats(10, 20, 0, 30, 40, 0), Y: floats(8, 18, 0, 28, 38, 0)})
    with pytest.raises(RejectedInputError, match="keypoint/x: a keypoint at 30: out of range") as caught:
        converted(pixels)
    roles = {"keypoint_x": "-", "keypoint_y": "-"}
    assert f"roles={json.dumps(roles)}" in str(caught.value)
    done = converted(pixels, roles=roles)
    assert [each["bbox"] for each in done.coco["annotations"]] == [[4, 4, 36, 40], [10, 2, 50, 28]]
