"""Masks, keypoints and label images of the Object Detection API and of the Model Garden: what each key becomes in COCO.

They are drawn in pixels here; the expected COCO is taken from the drawing. Key names and their meaning:
tensorflow/models research/object_detection core/standard_fields.py and data_decoders/tf_example_decoder.py;
official/vision/data/tf_example_feature_key.py and create_coco_tf_record.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pixels import as_png, decoded
from results import Convert, Converted, found, task, xywh
from scene import CAT, DOG, HEIGHT, WIDTH, painted, whole
from tfrecords import detection, floats, ints, texts

from tfrecord_lite.errors import RejectedInputError

PREFIX = "image/object/"


# -------------------------------------------------------------------------------------------------- masks, keypoints
@pytest.mark.parametrize("value", [1, 255])
def test_png_masks_become_masks_pixel_by_pixel(converted: Convert, value: int) -> None:
    masks = texts(as_png(painted(CAT, value)), as_png(painted(DOG, value)))
    record = detection("a.jpg", boxes=[CAT, DOG], **{PREFIX + "mask": masks, PREFIX + "is_crowd": ints(0, 1)})
    result = converted(record)
    first, second = result.coco["annotations"]
    assert isinstance(first["segmentation"], list)
    assert isinstance(second["segmentation"]["counts"], list)
    for annotation, box in zip((first, second), (CAT, DOG), strict=True):
        assert np.array_equal(decoded(annotation["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(box)))
        assert annotation["area"] == (box[2] - box[0]) * (box[3] - box[1])


def test_float_masks_are_read_row_by_row(converted: Convert) -> None:
    values = [value for box in (CAT, DOG) for value in painted(box).tobytes()]
    result = converted(detection("a.jpg", boxes=[CAT, DOG], **{PREFIX + "mask": floats(*values)}), masks="rle")
    for annotation, box in zip(result.coco["annotations"], (CAT, DOG), strict=True):
        assert np.array_equal(decoded(annotation["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(box)))


def test_empty_mask_bytes_and_masks_of_no_weight_are_no_masks(converted: Convert) -> None:
    masks = texts(b"", as_png(painted(DOG)), as_png(painted(DOG)))
    record = detection(
        "a.jpg", boxes=[CAT, DOG, DOG], **{PREFIX + "mask": masks, PREFIX + "mask/weight": floats(1, 1, 0)}
    )
    segmentations = [each["segmentation"] for each in converted(record).coco["annotations"]]
    assert segmentations[0] == segmentations[2] == []
    assert segmentations[1]


def test_masks_with_classes_of_their_own_are_annotations_of_their_own(converted: Convert) -> None:
    extra = {"mask": texts(as_png(painted(DOG))), "mask/class/text": texts("dog"), "mask/class/label": ints(2)}
    record = detection("a.jpg", boxes=[CAT], texts=["cat"], labels=[1], **{PREFIX + k: v for k, v in extra.items()})
    result = converted(record)
    assert found(result.coco) == [("cat", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]
    assert result.coco["annotations"][0]["segmentation"] == []
    assert np.array_equal(
        decoded(result.coco["annotations"][1]["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(DOG))
    )


def test_sparse_masks_name_object_row_and_column(converted: Convert) -> None:
    small = (2.0, 1.0, 5.0, 4.0)
    triples = [v for n, box in enumerate((small, CAT)) for y in range(int(box[1]), int(box[3]))
               for x in range(int(box[0]), int(box[2])) for v in (n, y, x)]  # fmt: skip
    extra = {"mask/indices": ints(*triples), "mask/values": floats(*[1] * (len(triples) // 3))}
    result = converted(detection("a.jpg", boxes=[small, CAT], **{PREFIX + k: v for k, v in extra.items()}), masks="rle")
    for annotation, box in zip(result.coco["annotations"], (small, CAT), strict=True):
        assert np.array_equal(decoded(annotation["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(box)))


def keypoint_features(points: Sequence[Sequence[tuple[float, float, int]]], names: Sequence[str]) -> dict[str, bytes]:
    flat = [point for each in points for point in each]
    return {
        PREFIX + "keypoint/x": floats(*(x / WIDTH for x, _, _ in flat)),
        PREFIX + "keypoint/y": floats(*(y / HEIGHT for _, y, _ in flat)),
        PREFIX + "keypoint/visibility": ints(*(v for _, _, v in flat)),
        PREFIX + "keypoint/num": ints(*(sum(v > 0 for _, _, v in each) for each in points)),
        PREFIX + "keypoint/text": texts(*(list(names) * len(points))),
    }


def test_keypoints_become_triples_in_pixels_and_name_themselves_in_the_category(converted: Convert) -> None:
    points = [[(5.0, 4.0, 2), (13.0, 11.0, 1)], [(30.0, 20.0, 2), (9.0, 9.0, 0)]]
    record = detection("a.jpg", boxes=[CAT, DOG], texts=["person"] * 2, **keypoint_features(points, ["nose", "tail"]))
    result = converted(record)
    first, second = result.coco["annotations"]
    assert (first["keypoints"], first["num_keypoints"]) == ([5, 4, 2, 13, 11, 1], 2)
    assert (second["keypoints"], second["num_keypoints"]) == ([30, 20, 2, 0, 0, 0], 1)
    (category,) = result.coco["categories"]
    assert (category["keypoints"], category["skeleton"]) == (["nose", "tail"], [])
    assert result.report["keys_not_carried_over"] == {}


def test_without_visibility_a_keypoint_at_nan_is_not_labelled(converted: Convert) -> None:
    features = keypoint_features([[(5.0, 4.0, 2), (math.nan, math.nan, 0)]], ["nose", "tail"])
    del features[PREFIX + "keypoint/visibility"]
    (annotation,) = converted(detection("a.jpg", boxes=[CAT], **features)).coco["annotations"]
    assert (annotation["keypoints"], annotation["num_keypoints"]) == ([5, 4, 2, 0, 0, 0], 1)


def test_dense_pose_points_are_numbered_and_placed_as_in_coco(converted: Convert) -> None:
    """create_coco_tf_record.py: part index from 0, places by the image; COCO: from 1, places of 0 to 256 in the box."""
    extra = {
        "num": ints(1, 0), "part_index": ints(6), "x": floats((4 + 5) / WIDTH), "y": floats((3 + 4.5) / HEIGHT),
        "u": floats(0.25), "v": floats(0.75),
    }  # fmt: skip
    record = detection("a.jpg", boxes=[CAT, DOG], **{PREFIX + "densepose/" + k: v for k, v in extra.items()})
    first, second = converted(record).coco["annotations"]
    assert {key: first[key] for key in first if key.startswith("dp_")} == {
        "dp_I": [7], "dp_x": [pytest.approx(128, abs=0.01)], "dp_y": [pytest.approx(128, abs=0.01)],
        "dp_U": [0.25], "dp_V": [0.75],
    }  # fmt: skip
    assert not any(key.startswith("dp_") for key in second)


# -------------------------------------------------------------------------------------------------------- label images
def segments_of(result: Converted, *, stuff: int) -> dict[str, Any]:
    """The one panoptic annotation, whose segments are the cat and the dog, of class 1, and a strip of this class."""
    panoptic = task(result, "panoptic")
    (annotation,) = panoptic["annotations"]
    segments = sorted((s["category_id"], s["iscrowd"], s["bbox"], s["area"]) for s in annotation["segments_info"])
    assert segments == [
        (1, 0, [4, 3, 10, 9], 90),
        (1, 0, [20, 15, 40, 30], 1200),
        (stuff, 0, [0, 46, 64, 2], 128),
    ]
    assert {each["id"]: each["isthing"] for each in panoptic["categories"]} == {1: 1, stuff: 0}
    return dict(annotation)


@pytest.mark.parametrize(
    ("category_key", "instance_key"),
    [
        ("image/panoptic/category_mask", "image/panoptic/instance_mask"),
        ("image/panoptic/category/encoded", "image/panoptic/instance/encoded"),
    ],
)
def test_two_panoptic_masks_become_one_panoptic_png(converted: Convert, category_key: str, instance_key: str) -> None:
    """Category 1 has two instances (things), category 92 none (stuff); 0 is nothing."""
    category, instance = painted(CAT, 1), painted(CAT, 1)
    category.paste(1, whole(DOG))
    instance.paste(2, whole(DOG))
    category.paste(92, (0, 46, WIDTH, HEIGHT))
    record = detection("a.jpg", boxes=[CAT], labels=[1])
    record |= {category_key: texts(as_png(category)), instance_key: texts(as_png(instance))}
    result = converted(record)
    annotation = segments_of(result, stuff=92)
    drawn = np.asarray(Image.open(result.folder / "annotations/panoptic_x" / annotation["file_name"]).convert("RGB"))
    numbers = drawn.astype(int) @ [1, 256, 65536]
    for segment in annotation["segments_info"]:
        assert (numbers == segment["id"]).sum() == segment["area"]


def test_a_semantic_label_image_becomes_stuff(converted: Convert) -> None:
    """DeepLab: 0 is background, 255 ignored."""
    labels = painted(CAT, 15)
    labels.paste(255, (30, 0, 40, 10))
    record = detection("2007_000032", size=(WIDTH, HEIGHT))
    record |= {
        "image/segmentation/class/encoded": texts(as_png(labels)),
        "image/segmentation/class/format": texts("png"),
    }
    result = converted(record)
    (annotation,) = task(result, "stuff")["annotations"]
    assert (annotation["category_id"], annotation["bbox"], annotation["area"]) == (15, xywh(CAT), 90)
    assert np.array_equal(decoded(annotation["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(CAT)))


def raw_panoptic() -> dict[str, bytes]:
    """DeepLab2 for COCO: class * 256 + instance in 32 bits a pixel; a person twice, sky, and nothing (0)."""
    numbers = np.zeros((HEIGHT, WIDTH), "<i4")
    for (x0, y0, x1, y1), value in ((whole(CAT), 256 + 1), (whole(DOG), 256 + 2), ((0, 46, 64, 48), 119 * 256)):
        numbers[y0:y1, x0:x1] = value
    record = {key: value for key, value in detection("a.jpg").items() if not key.startswith(PREFIX)}
    record["image/segmentation/class/encoded"] = texts(numbers.tobytes())
    return record | {"image/segmentation/class/format": texts("raw")}


@pytest.mark.parametrize("divisor", [256, 256.0])
def test_raw_panoptic_numbers_are_class_and_instance_by_the_divisor(divisor: float, converted: Convert) -> None:
    """google-research/deeplab2 data/data_utils.py."""
    result = converted(raw_panoptic(), panoptic_divisor=divisor)
    segments = segments_of(result, stuff=119)["segments_info"]
    assert all(type(segment["category_id"]) is int for segment in segments)


def test_raw_panoptic_numbers_without_divisor_are_refused_with_what_to_do(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="panoptic_divisor"):
        converted(raw_panoptic())
