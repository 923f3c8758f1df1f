"""The image and annotation entries of a COCO file, field by field."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pycocotools import mask as mask_tools  # type: ignore[import-untyped]
from tfrecords import detection, floats, ints, jpeg, png, texts

from tfrecord_lite.coco.draft.entries import fill_image_classes, image_entry, image_fragments
from tfrecord_lite.sample import Image as SampleImage

Convert = Callable[..., Any]


def test_an_image_has_its_id_size_and_name_first(converted: Convert) -> None:
    (image,) = converted(detection("a.jpg", size=(60, 40))).coco["images"]
    assert list(image)[:4] == ["id", "width", "height", "file_name"]
    assert image["id"] == 1
    assert (image["width"], image["height"], image["file_name"]) == (60, 40, "a.jpg")
    assert all(type(image[key]) is int for key in ("id", "width", "height"))


def test_an_annotation_always_has_its_seven_fields_first(converted: Convert) -> None:
    record = detection(size=(60, 40), boxes=[(1, 2, 11, 22), (3, 4, 5, 6)], labels=[3, 4])
    first, second = converted(record).coco["annotations"]
    assert list(first)[:7] == ["id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation"]
    assert first == {
        "id": 1,
        "image_id": 1,
        "category_id": 3,
        "bbox": [1, 2, 10, 20],
        "area": 200,
        "iscrowd": 0,
        "segmentation": [],
    }
    assert (second["id"], second["category_id"], second["bbox"]) == (2, 4, [3, 4, 2, 2])


def test_ids_are_counted_from_1_over_all_images(converted: Convert) -> None:
    records = [detection(f"{n}.jpg", boxes=[(1, 1, 9, 9)] * n) for n in (2, 0, 3)]
    coco = converted(*records).coco
    assert [image["id"] for image in coco["images"]] == [1, 2, 3]
    assert [annotation["id"] for annotation in coco["annotations"]] == [1, 2, 3, 4, 5]
    assert [annotation["image_id"] for annotation in coco["annotations"]] == [1, 1, 3, 3, 3]


def test_source_id_and_the_name_that_the_record_had_are_kept(converted: Convert) -> None:
    record = detection("a.jpg", **{"image/filename": texts("/home/me/a.jpg"), "image/source_id": texts("17")})
    (image,) = converted(record).coco["images"]
    assert (image["file_name"], image["original_file_name"], image["source_id"]) == ("a.jpg", "/home/me/a.jpg", "17")
    (image,) = converted(detection("a.jpg", drop=["image/source_id"])).coco["images"]
    assert "original_file_name" not in image
    assert "source_id" not in image


def test_facts_of_the_record_go_into_the_image(converted: Convert) -> None:
    facts = {
        "image/date_captured": texts("2020-02-03 04:05:06"),
        "image/location": texts("26"),
        "image/seq_id": texts("s1"),
        "image/seq_frame_num": ints(2),
        "image/seq_num_frames": ints(3),
    }
    (image,) = converted(detection(**facts)).coco["images"]
    assert image["date_captured"] == "2020-02-03 04:05:06"
    assert (image["location"], image["seq_id"]) == ("26", "s1")
    assert (image["seq_frame_num"], image["seq_num_frames"]) == (2, 3)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_fact_that_json_cannot_say_is_reported_and_never_null(value: float, converted: Convert) -> None:
    done = converted(detection(**{"image/timestamp": floats(value)}), on_error="skip")
    assert all(entry is not None for image in done.coco["images"] for entry in image.values())
    assert "image/timestamp" in str(done.report)


def test_other_things_that_the_record_says_of_an_object_are_attributes(converted: Convert) -> None:
    record = detection(
        boxes=[(1, 1, 9, 9), (2, 2, 8, 8)],
        **{
            "image/object/difficult": ints(0, 1),
            "image/object/truncated": floats(0.1, 0.25),
            "image/object/view": texts("Frontal", "größe"),
            "image/object/attribute/colour": ints(3, 4),
            "image/object/group_of": ints(0, 1),
        },
    )
    first, second = converted(record).coco["annotations"]
    assert first["attributes"]["truncated"] == 0.1, "a float32 is written with the digits that mean it"
    assert second["attributes"] == {
        "colour": 4,
        "difficult": 1,
        "group_of": 1,
        "truncated": 0.25,
        "view": "größe",
    }


def test_no_attribute_takes_the_place_of_another(converted: Convert) -> None:
    record = detection(boxes=[(1, 1, 9, 9)], **{"image/object/attribute/x": ints(1), "image/object/x": ints(2)})
    done = converted(record)
    kept = sorted(done.coco["annotations"][0]["attributes"].values())
    assert kept == [1, 2] or "image/object" in str(done.report["keys_not_carried_over"])


# ------------------------------------------------------------------------------------------------------ areas, crowds
@pytest.mark.parametrize(
    ("area", "written"),
    [
        (floats(123.4), 123.4),
        (floats(702.1057739257812), 702.1058),
        (ints(150), 150),
        (floats(12), 12),
        (floats(0), 200),
        (floats(-5), 200),
        (floats(float("nan")), 200),
        (floats(float("inf")), 200),
        (floats(60 * 40 + 1), 200),
        (floats(), 200),
    ],
)
def test_the_area_is_the_record_s_where_that_is_plausible_else_that_of_the_box(
    area: bytes, written: float, converted: Convert
) -> None:
    record = detection(size=(60, 40), boxes=[(1, 2, 11, 22)], **{"image/object/area": area})
    (annotation,) = converted(record).coco["annotations"]
    assert annotation["area"] == written


@pytest.mark.parametrize(
    ("features", "crowds"),
    [
        ({"image/object/is_crowd": ints(0, 1)}, [0, 1]),
        ({"image/object/group_of": ints(1, 0)}, [1, 0]),
        ({"image/object/is_crowd": ints(0, 1), "image/object/group_of": ints(1, 0)}, [0, 1]),
        ({"image/object/is_crowd": ints(), "image/object/group_of": ints(1, 0)}, [1, 0]),
        ({"image/object/group_of": ints(-1, 1)}, [0, 1]),
        ({}, [0, 0]),
    ],
)
def test_iscrowd_is_is_crowd_else_group_of(features: dict[str, bytes], crowds: list[int], converted: Convert) -> None:
    coco = converted(detection(boxes=[(1, 1, 9, 9), (2, 2, 8, 8)], **features)).coco
    assert [annotation["iscrowd"] for annotation in coco["annotations"]] == crowds
    assert all(type(annotation["iscrowd"]) is int for annotation in coco["annotations"])


# ---------------------------------------------------------------------------------------------------------- precision
@pytest.mark.parametrize(
    ("precision", "box"), [(2, [1.23, 2.35, 10.0, 20.0]), (0, [1, 2, 10, 20]), (1, [1.2, 2.3, 10.0, 20.0])]
)
def test_boxes_are_rounded_to_the_precision(precision: int, box: list[float], converted: Convert) -> None:
    record = detection(size=(60, 40), boxes=[(1.234, 2.346, 11.234, 22.346)])
    (annotation,) = converted(record, precision=precision).coco["annotations"]
    assert annotation["bbox"] == box


def test_exact_boxes_are_those_of_the_record(converted: Convert) -> None:
    record = detection(size=(64, 32), boxes=[(1.03125, 2.0078125, 11, 22)])
    (annotation,) = converted(record, precision=None).coco["annotations"]
    assert annotation["bbox"] == [1.03125, 2.0078125, 11 - 1.03125, 22 - 2.0078125]
    assert annotation["area"] == (11 - 1.03125) * (22 - 2.0078125)


def test_a_thin_box_keeps_a_width(converted: Convert) -> None:
    record = detection(size=(64, 32), boxes=[(1, 2, 1.001953125, 22)])
    (annotation,) = converted(record).coco["annotations"]
    assert annotation["bbox"][2] > 0


BOXES = st.tuples(st.integers(0, 59), st.integers(0, 39), st.integers(1, 60), st.integers(1, 40)).map(
    lambda each: (each[0], each[1], min(60, each[0] + each[2]), min(40, each[1] + each[3]))
)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(BOXES, max_size=8))
def test_whole_pixels_come_back_as_whole_pixels(converted: Convert, boxes: list[tuple[int, int, int, int]]) -> None:
    record = detection(size=(60, 40), boxes=boxes, image=jpeg(60, 40))
    assert [annotation["bbox"] for annotation in converted(record).coco["annotations"]] == [
        [x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in boxes
    ]


# ------------------------------------------------------------------------------------------------------ masks of noise
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # pycocotools
def test_a_mask_of_noise_is_run_lengths_and_no_million_of_corners(converted: Convert) -> None:
    noise = bytes(255 * (value > 127) for value in random.Random(1).randbytes(200 * 200))
    picture = Image.frombytes("L", (200, 200), noise)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    plain = png(200, 200, (255, 255, 255))
    record = detection(
        "a.jpg", (200, 200), [(1, 1, 9, 9)] * 2, **{"image/object/mask": texts(plain, buffer.getvalue())}
    )
    done = converted(record)
    solid, found = (annotation["segmentation"] for annotation in done.coco["annotations"])
    assert solid == [[0, 0, 200, 0, 200, 200, 0, 200]]
    assert mask_tools.decode(found).tobytes() == bytes(value // 255 for value in noise)
    assert done.report["warnings"]["mask-without-outline"]["count"] == 1


# ------------------------------------------------------------------------------- class numbers that images have
NUMBERS = st.integers(-(2**53), 2**53)
LABELS = st.fixed_dictionaries({"label": NUMBERS}, optional={"text": st.text('aé\n"', max_size=3), "score": NUMBERS})
METADATA = st.dictionaries(
    st.sampled_from(["note", "neg_category_ids", "labels", "größe"]),
    st.one_of(st.text('aé\n"', max_size=3), st.lists(st.one_of(NUMBERS, st.just("x")), max_size=3), st.lists(LABELS)),
)


@settings(deadline=None)
@given(metadata=METADATA, shift=st.sampled_from([0, 1]), titles=st.sampled_from([{}, {1: "cat", 3: 'd"g'}]))
def test_class_numbers_of_an_image_become_ids_and_all_else_stays(
    metadata: dict[str, Any], shift: int, titles: dict[int, str]
) -> None:
    image = SampleImage(None, "jpeg", 60, 40, "a.jpg", "7", metadata)
    entry = fill_image_classes(image_entry(image_fragments(image), 5, "b.jpg"), shift.__add__, titles)
    expected: dict[str, Any] = {"id": 5, "width": 60, "height": 40, "file_name": "b.jpg", "source_id": "7"}
    expected["original_file_name"] = "a.jpg"
    for key, value in metadata.items():
        expected[key] = value
        if key == "neg_category_ids" and isinstance(value, list):
            expected[key] = [each + shift if isinstance(each, int) else each for each in value]
        if key == "labels" and isinstance(value, list):
            expected[key] = [final_label(each, shift, titles) if isinstance(each, dict) else each for each in value]
    assert entry == orjson.dumps(expected)


def final_label(label: dict[str, Any], shift: int, titles: dict[int, str]) -> dict[str, Any]:
    number = label["label"] + shift
    name = {"text": titles[number]} if "text" not in label and number in titles else {}
    return {**label, "label": number, **name}


def test_what_a_record_says_cannot_replace_what_an_image_is() -> None:
    image = SampleImage(None, None, 60, 40, "", None, {"id": 9, "file_name": "x", "note": 1})
    entry = orjson.loads(image_entry(image_fragments(image), 5, "b.jpg"))
    assert entry == {
        "id": 5,
        "width": 60,
        "height": 40,
        "file_name": "b.jpg",
        "record_id": 9,
        "record_file_name": "x",
        "note": 1,
    }
