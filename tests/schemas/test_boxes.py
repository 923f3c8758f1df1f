"""Corner coordinates of records -> boxes in pixels, and what is done about those that cannot be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tfrecords import detection, floats, ints, jpeg, no_kind, texts

from tfrecord_lite import FeatureError, RejectedInputError, Sample
from tfrecord_lite.options import ReadOptions

Read = Callable[..., Sample]
Convert = Callable[..., Any]
BBOX = "image/object/bbox/"
SIDES = ("xmin", "ymin", "xmax", "ymax")
SOUND = (0.25, 0.5, 0.75, 1.0)
SOUND_PIXELS = (10.0, 5.0, 30.0, 45.0)
SIZE = (100, 50)
IMAGE = jpeg(*SIZE)


def raw(*corners: tuple[float, float, float, float], **features: bytes) -> dict[str, bytes]:
    """A record with these corners as they are, in the order xmin, ymin, xmax, ymax."""
    sides = {BBOX + side: floats(*values) for side, values in zip(SIDES, zip(*corners, strict=True), strict=True)}
    labels = ints(*[1] * len(corners))
    return detection("a.jpg", SIZE, image=IMAGE, **{"image/object/class/label": labels, **sides, **features})


def rules(sample: Sample) -> list[str]:
    return [finding.code for finding in sample.findings]


def test_normalised_corners_become_x_y_width_height_in_pixels(sample_of: Read) -> None:
    sample = sample_of(raw((0.25, 0.5, 0.75, 1.0), (0, 0, 1, 1)))
    assert [thing.box for thing in sample.objects] == [(25, 25, 50, 25), (0, 0, 100, 50)]
    assert sample.findings == ()


def test_corners_in_pixels_are_taken_as_they_are(sample_of: Read) -> None:
    sample = sample_of(raw((10, 5, 30.5, 45), (0, 0, 100, 50)))
    assert [thing.box for thing in sample.objects] == [(10, 5, 20.5, 40), (0, 0, 100, 50)]
    assert sample.findings == ()


@pytest.mark.parametrize("packed", [True, False])
def test_each_side_is_found_by_its_key_and_not_by_its_place(packed: bool, sample_of: Read) -> None:
    record = detection("a.jpg", SIZE, image=IMAGE, boxes=[(10, 5, 30, 45)])
    record |= {
        BBOX + side: floats(value, packed=packed) for side, value in zip(SIDES, (0.1, 0.2, 0.3, 0.4), strict=True)
    }
    (thing,) = sample_of(dict(reversed(record.items()))).objects
    assert thing.box == pytest.approx((10, 10, 20, 10))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(*[st.floats(0, 1, width=32)] * 4).map(
            lambda box: (min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
        ),
        max_size=5,
    )
)
def test_float32_times_size_is_all_the_arithmetic_there_is(
    sample_of: Read, corners: list[tuple[float, float, float, float]]
) -> None:
    sample = sample_of(raw(*corners) if corners else detection("a.jpg", SIZE, image=IMAGE))
    for thing, corner in zip(sample.objects, corners, strict=True):
        x0, y0, x1, y1 = (float(np.float32(value)) for value in corner)
        assert thing.box == (x0 * 100, y0 * 50, (x1 - x0) * 100, (y1 - y0) * 50)


def test_a_negative_zero_is_the_zero_that_it_means(converted: Convert) -> None:
    done = converted(raw((-0.0, -0.0, 0.5, 0.5)))
    assert [math.copysign(1, value) for value in done.coco["annotations"][0]["bbox"]] == [1, 1, 1, 1]


# --------------------------------------------------------------------------------------------- kept, and worth knowing
@pytest.mark.parametrize(
    ("corners", "box", "rule"),
    [
        ((0.75, 0.25, 0.25, 0.5), (25, 12.5, 50, 12.5), "box-inverted"),
        ((0.25, 0.5, 0.75, 0.25), (25, 12.5, 50, 12.5), "box-inverted"),
        ((0.25, 0.25, 0.25, 0.5), (25, 12.5, 0, 12.5), "box-without-area"),
        ((0.25, 0.25, 0.5, 0.25), (25, 12.5, 25, 0), "box-without-area"),
        ((0.5, 0.5, 1.25, 1), (50, 25, 75, 25), "box-outside-image"),
        ((0.5, -0.5, 1, 1), (50, -25, 50, 75), "box-outside-image"),
        ((0.5, 0.5, 2, 2), (50, 25, 150, 75), "box-outside-image"),
        ((-2, -2, 2, 2), (-200, -100, 400, 200), "box-outside-image"),
        ((2, 2, -2, -2), (-200, -100, 400, 200), "box-inverted"),
        # in pixels
        ((75, 12, 25, 25), (25, 12, 50, 13), "box-inverted"),
        ((25, 12, 25, 25), (25, 12, 0, 13), "box-without-area"),
        ((50, 25, 120, 50), (50, 25, 70, 25), "box-outside-image"),
        ((-3, 0, 10, 50), (-3, 0, 13, 50), "box-outside-image"),
    ],
)
def test_an_odd_box_is_kept_with_its_corners_in_order_and_told(
    corners: tuple[float, float, float, float], box: tuple[float, ...], rule: str, sample_of: Read
) -> None:
    sample = sample_of(raw(corners))
    assert [thing.box for thing in sample.objects] == [box]
    assert rule in rules(sample)
    assert set(rules(sample)) <= {rule, "box-outside-image"}
    assert "object 0" in sample.findings[0].text
    assert sample.findings[0].where == sample.where


@pytest.mark.parametrize(("right", "is_outside"), [(1.0000001, False), (1.00001, True)])
def test_what_float32_makes_of_a_box_at_the_edge_is_not_outside(
    right: float, is_outside: bool, sample_of: Read
) -> None:
    assert rules(sample_of(raw((0.5, 0.5, right, 1)))) == ["box-outside-image"] * is_outside


def test_a_box_may_be_odd_in_two_ways(sample_of: Read) -> None:
    assert sorted(rules(sample_of(raw((1.5, 0, 0.5, 1))))) == ["box-inverted", "box-outside-image"]


def test_strict_makes_an_odd_box_an_error(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="box-inverted"):
        converted(raw((0.75, 0.25, 0.25, 0.5)), strict=True)


def test_a_box_outside_its_image_is_told_with_what_was_done(sample_of: Read) -> None:
    (finding,) = sample_of(raw((0.5, 0.5, 1.25, 1))).findings
    assert finding.text.endswith("kept as it is")


# ------------------------------------------------------------------------------------------------------------ padding
@pytest.mark.parametrize("blank", [(0, 0, 0, 0), (-1, -1, -1, -1)])
@pytest.mark.parametrize(
    "classes",
    [
        {"class/label": ints(3, 0)},
        {"class/label": ints(3, -1)},
        {"class/label": ints(3, 0), "class/text": texts("cat", "")},
        {"class/label": ints(3, 0), "class/text": texts("cat", "background")},
    ],
)
def test_a_box_of_nothing_and_of_class_0_is_padding_left_out_and_counted(
    blank: tuple[float, float, float, float], classes: dict[str, bytes], converted: Convert
) -> None:
    done = converted(raw(SOUND, blank, **{f"image/object/{key}": value for key, value in classes.items()}))
    assert [each["category_id"] for each in done.coco["annotations"]] == [3]
    assert [each["id"] for each in done.coco["categories"]] == [3]
    assert {code: each["count"] for code, each in done.report["warnings"].items()} == {"box-padding": 1}


def test_a_picture_with_nothing_but_padding_stays(converted: Convert) -> None:
    done = converted(raw((0, 0, 0, 0), (0, 0, 0, 0), **{"image/object/class/label": ints(0, 0)}))
    assert (len(done.coco["images"]), done.coco["annotations"], done.coco["categories"]) == (1, [], [])


@pytest.mark.parametrize(
    ("box", "classes"),
    [
        ((0, 0, 0, 0), {"class/label": ints(3)}),
        ((0, 0, 0, 0), {"class/label": ints(0), "class/text": texts("cat")}),
        ((0, 0, 0, 0), {"class/text": texts("cat")}),
        ((0.5, 0.5, 0.5, 0.5), {"class/label": ints(0)}),
        ((0, 0, 0, 0.5), {"class/label": ints(0)}),
    ],
)
def test_a_box_without_area_that_is_somewhere_or_something_is_no_padding(
    box: tuple[float, float, float, float], classes: dict[str, bytes], sample_of: Read
) -> None:
    record = raw(box, **{f"image/object/{key}": value for key, value in classes.items()})
    if "class/label" not in classes:
        del record["image/object/class/label"]
    sample = sample_of(record)
    assert len(sample.objects) == 1
    assert rules(sample) == ["box-without-area"]


# ---------------------------------------------------------------------------------- neither fractions nor pixels
LARGE = detection("a.png", (200, 300), labels=[1])
ODD = {BBOX + side: floats(value) for side, value in zip(SIDES, (1.165, 0.803, 3.495, 2.933), strict=True)}


def test_broken_fractions_are_implausible_as_pixels_and_nobody_is_sent_there(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match=r"3\.495: out of range.*implausible.*200x300") as caught:
        converted(LARGE | ODD)
    assert "Are these pixels" not in str(caught.value)


def test_pixels_that_a_person_asked_for_are_taken_and_told_where_they_are_tiny(converted: Convert) -> None:
    done = converted(LARGE | ODD, coordinates="pixel")
    assert done.coco["annotations"][0]["bbox"] == pytest.approx([1.165, 0.803, 2.33, 2.13], abs=0.01)
    assert "200x300" in done.report["warnings"]["boxes-tiny"]["first"]


def test_a_tiny_object_among_others_is_nothing_to_tell(converted: Convert) -> None:
    large = {BBOX + side: floats(value) for side, value in zip(SIDES, (10, 10, 150, 250), strict=True)}
    assert "boxes-tiny" not in converted(LARGE | ODD, LARGE | large).report["warnings"]


@pytest.mark.parametrize(
    ("corners", "unit"),
    [((0.30, 0.40, 0.305, 0.405), "normalized"), ((50.0, 60.0, 51.5, 62.0), "pixel"), ((50.0, 60.0, 51, 61), "pixel")],
)
def test_boxes_of_one_or_two_pixels_in_all_records_are_told(
    corners: Sequence[float], unit: str, converted: Convert
) -> None:
    tiny = LARGE | {BBOX + side: floats(value) for side, value in zip(SIDES, corners, strict=True)}
    done = converted(tiny, tiny)
    found = done.report["warnings"]["boxes-tiny"]
    assert found["count"] == 2
    assert f"say --coordinates {unit}" in found["first"] or f", --coordinates {unit}" in found["first"]
    assert "boxes-tiny" not in converted(tiny, coordinates=unit).report["warnings"]
    usual = LARGE | {BBOX + side: floats(value) for side, value in zip(SIDES, (0.1, 0.1, 0.5, 0.5), strict=True)}
    if unit == "normalized":
        assert "boxes-tiny" not in converted(tiny, usual).report["warnings"]


PERCENT = ((5, 10, 40, 92), (50, 2, 95, 50), (10, 10, 30, 30), (60, 70, 99.5, 100))


def in_image(size: tuple[int, int], *boxes: tuple[float, float, float, float]) -> dict[str, bytes]:
    sizes = {"image/width": ints(size[0]), "image/height": ints(size[1])}
    return raw(*boxes, **{"image/encoded": texts(jpeg(*size)), **sizes})


def test_boxes_in_percent_are_told(converted: Convert) -> None:
    records = [in_image((640, 480), *PERCENT)] * 2
    found = converted(*records).report["warnings"]["boxes-percent"]
    assert found["count"] == 2
    assert "No option reads percent" in found["first"]
    assert "say --coordinates pixel" in found["first"]
    assert "boxes-percent" not in converted(*records, coordinates="pixel").report["warnings"]


@pytest.mark.parametrize(
    ("size", "boxes", "records"),
    [
        ((128, 128), PERCENT, 4),
        ((640, 480), PERCENT, 1),
        ((640, 480), PERCENT[:1], 9),
        ((640, 480), (*PERCENT, (0, 0, 101, 20)), 4),
    ],
    ids=["a small picture", "few boxes", "not to the end across", "beyond 100"],
)
def test_pixels_of_small_numbers_are_no_percent(
    size: tuple[int, int], boxes: Sequence[tuple[float, float, float, float]], records: int, converted: Convert
) -> None:
    assert "boxes-percent" not in converted(*[in_image(size, *boxes)] * records).report["warnings"]


def test_small_pixels_of_a_small_picture_are_pixels(converted: Convert) -> None:
    done = converted(detection("a.png", (12, 9), labels=[1]) | ODD)
    assert done.coco["annotations"][0]["bbox"] == pytest.approx([1.165, 0.803, 2.33, 2.13], abs=0.01)


@pytest.mark.parametrize(("coordinates", "asked"), [("auto", True), ("normalized", False)])
def test_whoever_has_said_what_coordinates_are_is_not_asked(coordinates: str, asked: bool, converted: Convert) -> None:
    with pytest.raises(RejectedInputError) as caught:
        converted(raw(SOUND, SOUND, (10, 0, 20, 1)), coordinates=coordinates)
    assert ("Are these pixels" in str(caught.value)) == asked


# ------------------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("others", "corners", "key", "said"),
    [
        (SOUND, (math.nan, 0, 1, 1), "xmin", ["nan", "finite"]),
        (SOUND, (0, 0, math.inf, 1), "xmax", ["inf", "finite"]),
        (SOUND, (0, -math.inf, 1, 1), "ymin", ["-inf", "finite"]),
        (SOUND_PIXELS, (0, 0, 1, math.nan), "ymax", ["nan", "finite"]),
        (SOUND, (10, 0, 20, 1), "xmin", ["10", "normalised", "pixels", "coordinates"]),
        (SOUND, (0, 0, 1, 48), "ymax", ["48", "normalised", "pixels"]),
        (SOUND, (0, 0, 2.1, 1), "xmax", ["2.1", "normalised"]),
        (SOUND_PIXELS, (0.1, 0.2, 0.3, 0.4), "xmin", ["0.1", "pixels"]),
        (SOUND_PIXELS, (0, 0, 1e30, 20), "xmax", ["pixels"]),
    ],
)
def test_a_box_that_is_no_place_in_the_image_is_refused_with_key_and_value(
    others: tuple[float, float, float, float],
    corners: tuple[float, float, float, float],
    key: str,
    said: list[str],
    sample_of: Read,
    converted: Convert,
) -> None:
    record = raw(others, others, corners, others)
    with pytest.raises(FeatureError) as caught:
        sample_of(record)
    message = str(caught.value)
    assert caught.value.key == BBOX + key
    assert "record 0 at byte 0" in message
    assert "object 2" in message
    for words in said:
        assert words in message
    done = converted(record, on_error="skip")
    assert len(done.coco["annotations"]) == 3, "the smallest piece is dropped, and never the image"
    assert (done.report["dropped_annotations"], done.report["images"]) == (1, 1)


def test_every_refused_box_of_a_record_is_told(converted: Convert) -> None:
    with pytest.raises(RejectedInputError) as caught:
        converted(raw(SOUND, (math.nan, 0, 1, 1), SOUND, (0, 0, 9, 1), SOUND))
    assert caught.value.count == 2


def test_a_whole_pixel_is_no_fraction(sample_of: Read) -> None:
    sample = sample_of(raw(SOUND_PIXELS, SOUND_PIXELS, (0, 0, 1, 1)))
    assert sample.objects[2].box == (0, 0, 1, 1)


def test_dropping_a_box_drops_its_class_and_attributes_with_it(converted: Convert) -> None:
    record = raw(
        SOUND,
        (math.nan, 0, 1, 1),
        SOUND,
        **{"image/object/class/label": ints(1, 2, 3), "image/object/difficult": ints(4, 5, 6)},
    )
    kept = converted(record, on_error="skip").coco["annotations"]
    assert [(each["category_id"], each["attributes"]["difficult"]) for each in kept] == [(1, 4), (3, 6)]
    assert [each["id"] for each in kept] == [1, 2]


@pytest.mark.parametrize("missing", [floats(0.25), floats(), no_kind()])
@pytest.mark.parametrize("side", SIDES)
def test_lists_of_unequal_length_are_an_error_that_names_the_lengths(
    side: str, missing: bytes, sample_of: Read
) -> None:
    with pytest.raises(FeatureError, match="lengths") as caught:
        sample_of(raw(SOUND, SOUND, **{BBOX + side: missing}))
    assert f"{side} has {1 if missing == floats(0.25) else 0}" in str(caught.value)


def test_a_side_that_is_not_there_at_all_is_an_error(sample_of: Read) -> None:
    record = raw(SOUND)
    del record[BBOX + "ymax"]
    with pytest.raises(FeatureError, match="ymax has 0"):
        sample_of(record)


def test_a_record_without_any_box_key_is_an_image_without_objects(sample_of: Read) -> None:
    record = raw(SOUND)
    for side in SIDES:
        del record[BBOX + side]
    del record["image/object/class/label"]
    assert len(sample_of(raw(SOUND), record).objects) == 0


@pytest.mark.parametrize("wrong", [texts("0.25", "0.5"), ints(5, 6)])
def test_coordinates_of_another_kind_are_an_error_that_names_both(wrong: bytes, sample_of: Read) -> None:
    with pytest.raises(FeatureError, match=r"of kind (bytes|int64), expected float"):
        sample_of(raw(SOUND, SOUND), raw(SOUND, SOUND, **{BBOX + "xmax": wrong}))


def test_whole_numbers_may_be_the_corners_of_a_whole_image_where_boxes_are_normalised(sample_of: Read) -> None:
    whole = {BBOX + side: ints(value) for side, value in zip(SIDES, (0, 0, 1, 1), strict=True)}
    expected = sample_of(raw((0.0, 0.0, 1.0, 1.0))).objects[0].box
    for before in ([raw(SOUND)], [raw(SOUND), raw(SOUND)], []):
        (thing,) = sample_of(*before, raw(SOUND, **whole)).objects
        assert thing.box == expected

    def boxes_of(record: dict[str, bytes]) -> list[object]:
        return [thing.box for thing in sample_of(record).objects]

    mixed = {BBOX + "xmin": ints(0, 0), BBOX + "ymax": ints(1, 1)}
    with_zeros = (0.0, *SOUND[1:3], 1.0)
    assert boxes_of(raw(SOUND, SOUND, **mixed)) == boxes_of(raw(with_zeros, with_zeros))


@pytest.mark.parametrize("value", [2, -1])
def test_other_whole_numbers_are_no_normalised_corners(value: int, sample_of: Read) -> None:
    with pytest.raises(FeatureError, match="of kind int64, expected float"):
        sample_of(raw(SOUND, SOUND), raw(SOUND, SOUND, **{BBOX + "xmax": ints(1, value)}))


def test_whole_numbers_may_be_pixels(sample_of: Read) -> None:
    sides = {BBOX + side: ints(value) for side, value in zip(SIDES, (10, 5, 30, 45), strict=True)}
    for options in (ReadOptions(coordinates="pixel"), ReadOptions()):
        (thing,) = sample_of(raw(SOUND_PIXELS, **sides), options=options).objects
        assert thing.box == (10, 5, 20, 40)
