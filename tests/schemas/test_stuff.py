"""Label images of classes, held against numpy: each class of an image is one annotation."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pytest
from numbered_pixels import FORMAT, SEMANTIC, Numbers, drawn, gray, record
from PIL import Image
from pixels import as_png, box_of
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]
from results import task, xywh
from tfrecords import png, texts

from tfrecord_lite import RejectedInputError

Convert = Callable[..., Any]


def palette(numbers: Numbers) -> bytes:
    """A palette PNG of these indices, whose colours mean nothing."""
    image = Image.frombytes("P", numbers.shape[::-1], numbers.astype(np.uint8).tobytes())
    image.putpalette([value * 7 % 256 for value in range(768)])
    return as_png(image)


def assert_stuff(done: Any, numbers: Numbers, ignored: Collection[int], shift: int = 0) -> None:
    """Each class is one annotation, with just its pixels."""
    classes = [int(value) for value in np.unique(numbers) if value not in ignored]
    coco = task(done, "stuff")
    assert [annotation["category_id"] for annotation in coco["annotations"]] == [value + shift for value in classes]
    assert [category["id"] for category in coco["categories"]] == [value + shift for value in classes]
    for annotation, value in zip(coco["annotations"], classes, strict=True):
        pixels = numbers == value
        assert np.array_equal(pycoco.decode(annotation["segmentation"]), pixels), value
        assert annotation["area"] == pixels.sum()
        assert annotation["bbox"] == xywh(box_of(pixels))
        assert annotation["iscrowd"] == 0


@pytest.mark.parametrize("encode", [gray, palette])
def test_each_class_of_a_label_image_is_one_annotation_with_its_pixels(
    encode: Callable[[Numbers], bytes], converted: Convert
) -> None:
    numbers = drawn(1, [0, 1, 7, 21, 200, 255])
    done = converted(record(**{SEMANTIC: texts(encode(numbers)), FORMAT: texts("png")}), strict=True)
    assert_stuff(done, numbers, {0, 255})
    assert done.report["stuff"] == 4


def test_classes_of_16_bits_count_in_full(converted: Convert) -> None:
    numbers = drawn(2, [0, 3, 259, 1000, 65535])
    assert_stuff(converted(record(**{SEMANTIC: texts(gray(numbers))})), numbers, {0})


@pytest.mark.parametrize(("ignored", "shift"), [((0,), 0), ((255,), 1), ((), 1), ((0, 7), 0), ((1, 2, 3), 1)])
def test_ignored_numbers_are_no_classes_and_0_is_one_where_it_is_not_ignored(
    ignored: Collection[int], shift: int, converted: Convert
) -> None:
    numbers = drawn(3, [0, 1, 7, 255])
    done = converted(record(**{SEMANTIC: texts(gray(numbers))}), ignored_labels=ignored)
    assert_stuff(done, numbers, ignored, shift)


def test_a_0_that_comes_late_shifts_the_classes_of_all_records(converted: Convert) -> None:
    first, second = drawn(4, [1, 2]), drawn(5, [0, 2])
    done = converted(
        record("a.jpg", **{SEMANTIC: texts(gray(first))}),
        record("b.jpg", **{SEMANTIC: texts(gray(second))}),
        ignored_labels=(255,),
    )
    annotations = task(done, "stuff")["annotations"]
    assert [(each["image_id"], each["category_id"]) for each in annotations] == [(1, 2), (1, 3), (2, 1), (2, 3)]


def test_a_label_image_of_nothing_but_ignored_numbers_has_no_annotation(converted: Convert) -> None:
    done = converted(
        record("a.jpg", **{SEMANTIC: texts(gray(drawn(6, [0, 255])))}),
        record("b.jpg", **{SEMANTIC: texts(gray(drawn(6, [0, 5])))}),
    )
    assert [(each["image_id"], each["category_id"]) for each in task(done, "stuff")["annotations"]] == [(2, 5)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(gray(drawn(1, [0, 1], (20, 15))), "20x15 pixels, the image has 40x30", id="another size"),
        pytest.param(png(40, 30, (1, 2, 3)), "colours", id="colours"),
        pytest.param(b"no image", "no image", id="text"),
        pytest.param(gray(drawn(1, [0, 1]))[:70], "cannot be decoded", id="cut"),
    ],
)
def test_a_label_image_that_cannot_be_used_is_an_error(data: bytes, reason: str, converted: Convert) -> None:
    bad, good = record(**{SEMANTIC: texts(data)}), record("b.jpg", **{SEMANTIC: texts(gray(drawn(1, [0, 5])))})
    with pytest.raises(RejectedInputError, match=reason) as caught:
        converted(bad, good)
    assert f"record 0 at byte 0: {SEMANTIC}" in str(caught.value)
    done = converted(bad, good, on_error="skip")
    assert done.report["dropped_records"] == 1
    assert [annotation["image_id"] for annotation in task(done, "stuff")["annotations"]] == [1]


def test_two_label_images_of_one_record_are_an_error(converted: Convert) -> None:
    data = gray(drawn(1, [0, 1]))
    with pytest.raises(RejectedInputError, match="holds 2 label images"):
        converted(record(**{SEMANTIC: texts(data, data)}))
