"""The class of each object, under whichever key and as whichever kind of value scripts write it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from results import Convert, found, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import detection, floats, ints, jpeg, texts

from tfrecord_lite.errors import RejectedInputError

PREFIX = "image/object/"
BARE = detection("a.jpg", boxes=[CAT, DOG], drop=[PREFIX + "class/label"])


# --------------------------------------------------------------------------------------------- values of another kind
@pytest.mark.parametrize(
    "values",
    [ints(3, 1), floats(3, 1), texts("3", "1"), texts(" 3", "+1 ")],
    ids=["int64", "whole floats", "digits", "digits with blanks"],
)
def test_whole_numbers_of_any_kind_are_class_numbers(converted: Convert, values: bytes) -> None:
    done = converted(BARE | {PREFIX + "class/label": values}, strict=True)
    assert found(done.coco) == [("3", 3, xywh(CAT)), ("1", 1, xywh(DOG))]


def test_texts_under_the_key_of_the_number_are_names(converted: Convert) -> None:
    done = converted(BARE | {PREFIX + "class/label": texts("cat", "dog")}, strict=True)
    assert found(done.coco) == [("cat", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]


def test_texts_under_both_keys_are_the_names_once(converted: Convert) -> None:
    both = {PREFIX + "class/label": texts("cat", "dog"), PREFIX + "class/text": texts("cat", "dog")}
    assert [each[0] for each in found(converted(BARE | both, strict=True).coco)] == ["cat", "dog"]


@pytest.mark.parametrize("values", [ints(7, 4), floats(7, 4)])
def test_numbers_under_the_key_of_the_name_are_numbers(converted: Convert, values: bytes) -> None:
    done = converted(BARE | {PREFIX + "class/text": values}, strict=True)
    assert found(done.coco) == [("7", 7, xywh(CAT)), ("4", 4, xywh(DOG))]


@pytest.mark.parametrize(
    ("label", "text", "way_out"),
    [
        (texts("n01", "n02"), texts("cat", "dog"), "number"),
        (ints(1, 2), ints(3, 4), "text"),
    ],
    ids=["two names", "two numbers"],
)
def test_two_keys_that_say_the_same_thing_differently_are_an_error_whose_advice_works(
    converted: Convert, label: bytes, text: bytes, way_out: str
) -> None:
    record = BARE | {PREFIX + "class/label": label, PREFIX + "class/text": text}
    with pytest.raises(RejectedInputError, match="Choose with roles=") as caught:
        converted(record)
    assert f"Choose with --map {way_out}=-" in caught.value.text
    assert len(converted(record, roles={way_out: "-"}).coco["annotations"]) == 2


@pytest.mark.parametrize("values", [floats(1.5, 2), floats(float("nan"), 1), floats(float("inf"), 1)])
def test_fractions_are_no_class_numbers(converted: Convert, values: bytes) -> None:
    with pytest.raises(RejectedInputError, match="fractions, expected whole numbers"):
        converted(BARE | {PREFIX + "class/label": values})


def test_tensorflow_datasets_may_have_names_under_the_key_of_the_number(converted: Convert) -> None:
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)),
        "objects/bbox": floats(CAT[1] / HEIGHT, CAT[0] / WIDTH, CAT[3] / HEIGHT, CAT[2] / WIDTH),
        "objects/label": texts("cat"),
    }
    assert found(converted(record).coco) == [("cat", 1, xywh(CAT))]


@pytest.mark.parametrize(
    ("labels", "names", "number"),
    [([3, 0], ["cat", ""], 1), ([0, 3], ["", "cat"], 0), ([3, -1], None, 1)],
)
def test_an_object_without_a_class_is_reported_by_its_number_and_its_key(
    labels: list[int], names: list[str] | None, number: int, converted: Convert
) -> None:
    before = detection("b.jpg", boxes=[CAT], labels=[3], texts=["cat"])
    with pytest.raises(RejectedInputError, match=f"record 1 at byte .*image/object/class/label: object {number}: "):
        converted(before, detection("a.jpg", boxes=[CAT, DOG], labels=labels, texts=names))


def test_the_number_of_an_object_counts_those_that_are_left_out(converted: Convert) -> None:
    """A box before it is no place in the picture, and one is padding."""
    boxes = [(float("nan"), 3, 9, 9), (0, 0, 0, 0), CAT, DOG]
    done = converted(detection("a.jpg", boxes=boxes, labels=[1, 0, 1, -1]), on_error="skip")
    assert [each["category_id"] for each in done.coco["annotations"]] == [1]
    told = "\n".join(done.report["problems"]["first"])
    assert "image/object/class/label: object 3: the class label is -1" in told


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (ints(0, 0, 1, 0), [2]),
        (floats(1, 0, 0), [0]),
        (ints(0, 1, 1), [1, 2]),
        (ints(0, 0, 0), None),
        (ints(0, 1), [0, 1]),
        (ints(0, 1, 2), [0, 1, 2]),
    ],
)
def test_a_value_for_each_class_of_an_image_is_read_by_the_places_of_the_ones(
    values: bytes, classes: list[int] | None, converted: Convert
) -> None:
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "label": values})
    labels = done.coco["images"][0].get("labels")
    assert (labels and [each["label"] for each in labels]) == classes
    told = done.report["warnings"].get("image-class-one-hot", {"count": 0})["count"]
    assert told == (classes not in ([0, 1], [0, 1, 2]))


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (floats(3), [{"label": 3, "text": "bird"}]),
        (texts("2"), [{"label": 2, "text": "dog"}]),
        (texts("cat"), [{"text": "cat"}]),
        (texts("cat", "dog"), [{"text": "cat"}, {"text": "dog"}]),
        (floats(0.25), [{"label": 0.25}]),
    ],
)
def test_the_class_of_an_image_may_be_a_float_digits_or_a_name(
    value: bytes, labels: list[dict[str, object]], converted: Convert
) -> None:
    names = {1: "cat", 2: "dog", 3: "bird"}
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "label": value}, label_map=names)
    assert done.coco["images"][0]["labels"] == labels


# -------------------------------------------------------------------------------------------------- keys of few writers
KEYS: Mapping[str, Mapping[str, bytes]] = {
    "label_id and label_text": {"class/label_id": ints(17, 18), "class/label_text": texts("cat", "dog")},
    "category_id": {"category_id": ints(17, 18), "category_name": texts("cat", "dog")},
    "bbox/class": {"bbox/class": ints(17, 18), "class/name": texts("cat", "dog")},
    "class": {"class": ints(17, 18), "class_text": texts("cat", "dog")},
    "labels": {"labels": ints(17, 18), "names": texts("cat", "dog")},
    "class_id and class_name": {"class_id": ints(17, 18), "class_name": texts("cat", "dog")},
}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_classes_are_found_under_the_keys_of_few_writers(converted: Convert, keys: Mapping[str, bytes]) -> None:
    done = converted(BARE | {PREFIX + key: value for key, value in keys.items()}, strict=True)
    assert found(done.coco) == [("cat", 17, xywh(CAT)), ("dog", 18, xywh(DOG))]


def test_a_class_under_a_second_key_that_says_otherwise_is_kept_as_an_attribute(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], **{PREFIX + "category_id": ints(17, 18)})
    done = converted(record, strict=True)
    assert [each["category_id"] for each in done.coco["annotations"]] == [1, 2]
    assert [each["attributes"]["category_id"] for each in done.coco["annotations"]] == [17, 18]


def test_a_class_under_a_second_key_that_says_the_same_is_read_once(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT, DOG], labels=[1, 2], **{PREFIX + "category_id": ints(1, 2)})
    done = converted(record, strict=True)
    assert [each.get("attributes") for each in done.coco["annotations"]] == [None, None]
    assert done.report["keys_not_carried_over"] == {}


def test_floats_among_records_with_int64_are_a_fault(converted: Convert) -> None:
    records = [detection(f"{name}.jpg", boxes=[(1, 1, 9, 9)], labels=[1]) for name in "ab"]
    records.append({**records[0], "image/object/class/label": floats(1)})
    with pytest.raises(RejectedInputError, match=r"image/object/class/label: the class numbers are floats"):
        converted(*records)
    assert len(converted(*records, on_error="skip").coco["images"]) == 2
