"""Masks and label images as the bytes of arrays: of any type of number, bare or with the shape before them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from results import Convert, Converted, task
from scene import CAT, DOG, HEIGHT, WIDTH, whole
from tfrecords import Box, delimited, detection, jpeg, number, texts

from tfrecord_lite.errors import RejectedInputError

Array = npt.NDArray[Any]
MASK = "image/object/mask"
TYPES = ["u1", "i1", "?", "<u2", "<i4", "<f4", "<i8", "<f8"]
CODES = {"u1": 4, "i1": 6, "?": 10, "<u2": 17, "<i4": 3, "<f4": 1, "<i8": 9, "<f8": 2}
AREAS = [90, 1200]  # of CAT and DOG


def drawn(box: Box, value: int = 1) -> Array:
    plane = np.zeros((HEIGHT, WIDTH), np.int64)
    x0, y0, x1, y1 = whole(box)
    plane[y0:y1, x0:x1] = value
    return plane


def tensor(array: Array, kind: str) -> bytes:
    sizes = b"".join(delimited(2, number(1, size)) for size in array.shape)
    return number(1, CODES[kind]) + delimited(2, sizes) + delimited(4, array.tobytes())


def areas(done: Converted) -> list[float]:
    return [each["area"] for each in done.coco["annotations"] if each["segmentation"]]


def areas_of_stuff(done: Converted) -> list[int]:
    return sorted(int(each["area"]) for each in task(done, "stuff")["annotations"])


@pytest.mark.parametrize("as_tensor", [False, True])
@pytest.mark.parametrize("kind", TYPES)
def test_masks_of_any_type_of_number_are_read(kind: str, as_tensor: bool, converted: Convert) -> None:
    """All of a record in one value, and one value an object, under the key of encoded ones or a key of their own."""
    masks = np.stack([drawn(CAT), drawn(DOG)]).astype(kind)
    joined = tensor(masks, kind) if as_tensor else masks.tobytes()
    record = detection("a.jpg", boxes=[CAT, DOG], **{MASK: texts(joined)})
    assert areas(converted(record, strict=True)) == AREAS
    record = detection("a.jpg", boxes=[CAT, DOG], masks=texts(joined))
    assert areas(converted(record, roles={"mask_bytes": "masks"}, strict=True)) == AREAS
    if not as_tensor:
        record = detection("a.jpg", boxes=[CAT, DOG], **{MASK: texts(*(mask.tobytes() for mask in masks))})
        assert areas(converted(record, strict=True)) == AREAS


def test_twice_as_many_masks_are_not_taken_for_wider_numbers(converted: Convert) -> None:
    masks = np.stack([drawn(CAT), drawn(DOG)]).astype("u1")
    record = detection("a.jpg", boxes=[CAT], masks=texts(masks.tobytes()))
    with pytest.raises(RejectedInputError, match="2 masks for 1 boxes"):
        converted(record, roles={"mask_bytes": "masks"})


@pytest.mark.parametrize("as_tensor", [False, True])
@pytest.mark.parametrize("kind", TYPES)
def test_label_images_of_any_type_of_number_are_read(kind: str, as_tensor: bool, converted: Convert) -> None:
    labels = (drawn(CAT) + drawn(DOG, 1 if kind == "?" else 7)).astype(kind)
    data = tensor(labels, kind) if as_tensor else labels.tobytes()
    done = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "labels_raw": texts(data)}, roles={"semantic": "labels_raw"})
    assert areas_of_stuff(done) == ([1290] if kind == "?" else AREAS)


@pytest.mark.parametrize(("kind", "value"), [("<f4", 0.5), ("<i4", -1), ("<i4", 70_000), ("<f8", 1e9)])
def test_numbers_that_are_no_classes_are_an_error(kind: str, value: float, converted: Convert) -> None:
    labels = np.full((HEIGHT, WIDTH), value).astype(kind)
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "labels_raw": texts(labels.tobytes())}
    with pytest.raises(RejectedInputError, match="labels_raw: an array of numbers"):
        converted(record, roles={"semantic": "labels_raw"})


def test_classes_beyond_a_byte_are_read(converted: Convert) -> None:
    labels = drawn(CAT, 1000).astype("<i4")
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "labels_raw": texts(labels.tobytes())}
    done = converted(record, roles={"semantic": "labels_raw"})
    assert areas_of_stuff(done) == AREAS[:1]
