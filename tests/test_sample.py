"""The plain values in the middle, as a user meets them: short to print, an image to open, rows for a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from tfrecords import detection, floats, ints, jpeg, texts

import tfrecord_lite
from tfrecord_lite import FeatureError, Image, Object, Sample, UsageError, to_rows

Read = Callable[..., Sample]


def record(**features: bytes) -> dict[str, bytes]:
    return detection("a.jpg", (64, 48), boxes=[(1, 2, 33, 44), (4, 4, 8, 8)], texts=["cat", "dog"], **features)


def test_printing_one_takes_one_short_line(sample_of: Read, record_file: Callable[..., str]) -> None:
    sample = sample_of(record())
    (example,) = tfrecord_lite.read_examples(record_file(record()))
    for value, said in (
        (sample, "objects: 2>"),
        (sample.image, "<Image 'a.jpg', jpeg, 64x48, "),
        (example, "features>"),
    ):
        text = repr(value)
        assert said in text
        assert len(text) < 250
        assert text.isprintable()
    assert "record 0 at byte 0" in repr(sample)
    assert "record 0 at byte 0" in repr(example)


def test_an_image_opens_as_one_of_pillow(sample_of: Read) -> None:
    with sample_of(record()).image.open() as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 48))
        picture.load()


def test_an_image_that_is_not_there_says_so() -> None:
    with pytest.raises(UsageError, match="no image"):
        Image(None, None, 1, 1, "a.jpg", None).open()


def test_bytes_of_another_format_are_not_decoded() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        Image(b"%!PS-Adobe", "jpeg", 1, 1, "a.jpg", None).open()


def test_rows_are_plain_values_one_an_object(sample_of: Read) -> None:
    sample = sample_of(record(**{"image/object/difficult": ints(1, 0), "image/object/area": floats(50, 16)}))
    cat, dog = to_rows(sample)
    assert (cat["image"], cat["image_width"], cat["record"]) == ("a.jpg", 64, 0)
    assert (cat["name"], cat["label"], dog["name"]) == ("cat", None, "dog")
    assert [round(float(str(cat[key])), 3) for key in ("x", "y", "width", "height", "area")] == [1, 2, 32, 42, 50]
    assert (cat["crowd"], cat["attributes.difficult"], dog["attributes.difficult"]) == (False, 1, 0)
    assert (cat["mask_area"], cat["keypoints"]) == (None, None)
    assert json.loads(json.dumps([cat, dog])) == [cat, dog]
    csv.DictWriter(io.StringIO(), list(cat)).writerows([cat, dog])


def test_keypoints_are_counted_and_masks_measured(sample_of: Read) -> None:
    keypoints = {
        "image/object/keypoint/x": floats(0.1, 0.2, 0.3, 0.4),
        "image/object/keypoint/y": floats(0.1, 0.2, 0.3, 0.4),
        "image/object/keypoint/visibility": ints(2, 0, 1, 2),
        "image/object/keypoint/text": texts("nose", "tail", "nose", "tail"),
    }
    assert [row["keypoints"] for row in to_rows(sample_of(record(**keypoints)))] == [1, 2]


def test_a_sample_without_objects_has_no_rows(sample_of: Read) -> None:
    assert to_rows(sample_of(detection("a.jpg"))) == []


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        ("cat", "this is 'cat', expected an Object"),
        (Object((1, 2, 3)), "box is (1, 2, 3), expected x, y, width and height in pixels"),  # type: ignore[arg-type]
        (Object((1, 2, 3, float("nan"))), "box is (1, 2, 3, nan), expected"),
        (Object((1, 2, "3", 4)), "box is (1, 2, '3', 4), expected"),  # type: ignore[arg-type]
        (Object(None), "box is None, expected"),  # type: ignore[arg-type]
        (Object((1, 2, 3, 4), "cat"), "label is 'cat', expected a whole number or None"),  # type: ignore[arg-type]
        (Object((1, 2, 3, 4), 1, 5), "name is 5, expected a text or None"),  # type: ignore[arg-type]
        (Object((1, 2, 3, 4), keypoints=[1, 2]), "keypoints is [1, 2], expected x, y, visibility"),
        (Object((1, 2, 3, 4), keypoints=[1, 2, None]), "keypoints is"),  # type: ignore[list-item]
        (Object((1, 2, 3, 4), polygons=[[1, 2, 3]]), "polygons is [[1, 2, 3]], expected lists"),
        (Object((1, 2, 3, 4), polygons=[1, 2]), "polygons is"),  # type: ignore[list-item]
        (Object((1, 2, 3, 4), mask=b"png"), "mask is b'png', expected a Mask or None"),  # type: ignore[arg-type]
        (Object((1, 2, 3, 4), area="1"), "area is '1', expected a number or None"),  # type: ignore[arg-type]
        (Object((1, 2, 3, 4), attributes=[1]), "attributes is [1], expected values by name"),  # type: ignore[arg-type]
    ],
)
def test_an_object_of_ones_own_with_values_that_it_cannot_have_is_refused_by_name(thing: Object, said: str) -> None:
    with pytest.raises(FeatureError) as caught:
        Sample.of(jpeg(), [Object((1, 2, 3, 4)), thing], filename="a.jpg")
    assert str(caught.value).startswith(f"a.jpg: object 1: {said}")
