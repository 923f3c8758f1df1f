"""The keys of the Object Detection API as scripts of single models and datasets write them: what each does differently.

Boxes are drawn in pixels here; the expected COCO is taken from the drawing. What each script writes is told by its own
source, named at each test.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from results import Convert, found, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import Box, detection, floats, ints, jpeg, texts

from tfrecord_lite import RejectedInputError

PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def in_pixels(*boxes: Box) -> dict[str, bytes]:
    """The four keys of normalised boxes, with pixels in them."""
    return {PREFIX + f"bbox/{side}": floats(*(box[n] for box in boxes)) for n, side in enumerate(SIDES)}


def test_efficientdets_pascal_areas_are_fractions_of_the_picture(converted: Convert) -> None:
    """google/automl efficientdet/dataset/create_pascal_tfrecord.py: area is that of the normalised box."""
    fractions = [(box[2] - box[0]) * (box[3] - box[1]) / (WIDTH * HEIGHT) for box in (CAT, DOG)]
    extra = {
        PREFIX + "area": floats(*fractions), PREFIX + "difficult": ints(0, 1), PREFIX + "truncated": ints(1, 0),
        PREFIX + "view": texts("Left", "Rear"), "image/source_id": texts("17"), PREFIX + "is_crowd": ints(0, 0),
    }  # fmt: skip
    result = converted(detection("2008_000008.jpg", boxes=[CAT, DOG], labels=[8, 12], texts=["cat", "dog"], **extra))
    assert [each["area"] for each in result.coco["annotations"]] == pytest.approx([90, 1200], abs=0.01)
    assert result.report["warnings"] == {}
    assert result.coco["images"][0]["source_id"] == "17"


def test_normalised_areas_are_known_where_the_first_records_have_no_boxes(converted: Convert) -> None:
    area = 90 / (WIDTH * HEIGHT)
    result = converted(
        *(detection(f"{n}.jpg", **{PREFIX + "area": floats()}) for n in range(20)),
        detection("z.jpg", boxes=[CAT], **{PREFIX + "area": floats(area)}),
    )
    assert result.coco["annotations"][0]["area"] == pytest.approx(90, abs=0.01)


def test_ssd_tensorflow_has_its_classes_below_bbox_and_no_name_for_the_picture(converted: Convert) -> None:
    """balancap/SSD-Tensorflow datasets/pascalvoc_to_tfrecords.py."""
    record = detection(
        boxes=[CAT, DOG],
        drop=[
            "image/filename",
            "image/source_id",
            "image/key/sha256",
            "image/height",
            "image/width",
            PREFIX + "class/label",
        ],
        **{
            "image/shape": ints(HEIGHT, WIDTH, 3),
            "image/channels": ints(3),
            "image/format": texts("JPEG"),
            PREFIX + "bbox/label": ints(8, 12),
            PREFIX + "bbox/label_text": texts("cat", "dog"),
            PREFIX + "bbox/difficult": ints(0, 1),
            PREFIX + "bbox/truncated": ints(1, 0),
        },
    )
    result = converted(record, name="voc_train_000.tfrecord")
    assert found(result.coco) == [("cat", 8, xywh(CAT)), ("dog", 12, xywh(DOG))]
    assert result.coco["images"][0]["file_name"].endswith("1.jpg")
    assert result.report["keys_not_carried_over"] == {}
    assert [each["attributes"] for each in result.coco["annotations"]] == [
        {"difficult": 0, "truncated": 1},
        {"difficult": 1, "truncated": 0},
    ]


def test_imagenets_boxes_have_the_class_of_the_picture(converted: Convert) -> None:
    """slim build_imagenet_data.py: one class a picture, its number repeated for each box, its name only once."""
    record = detection(
        "n01440764_10026.JPEG", boxes=[CAT, DOG], drop=[PREFIX + "class/label", "image/source_id", "image/key/sha256"],
        **{
            "image/colorspace": texts("RGB"), "image/channels": ints(3), "image/class/label": ints(1),
            "image/class/synset": texts("n01440764"), "image/class/text": texts("tench, Tinca tinca"),
            "image/format": texts("JPEG"), PREFIX + "bbox/label": ints(1, 1),
        },
    )  # fmt: skip
    result = converted(record, name="train-00000-of-00001")
    assert found(result.coco) == [("tench, Tinca tinca", 1, xywh(CAT)), ("tench, Tinca tinca", 1, xywh(DOG))]
    (image,) = result.coco["images"]
    assert image["synset"] == "n01440764"
    assert image["labels"] == [{"label": 1, "text": "tench, Tinca tinca"}]
    assert result.report["keys_not_carried_over"] == {}


def test_visipedias_classes_count_from_0_parts_are_keypoints_and_areas_fractions(converted: Convert) -> None:
    """visipedia/tfrecords README: v of a part is 0 absent, 1 occluded, 2 visible."""
    area = (CAT[2] - CAT[0]) * (CAT[3] - CAT[1]) / (WIDTH * HEIGHT)
    record = detection(
        "bird.jpg", boxes=[CAT], drop=[PREFIX + "class/label", "image/source_id", "image/key/sha256"],
        **{
            "image/id": texts("17"), "image/class/label": ints(0), "image/class/text": texts("Black footed Albatross"),
            "image/class/conf": floats(0), "image/extra": texts("{}"), PREFIX + "count": ints(1),
            PREFIX + "id": texts("obj-5"), PREFIX + "area": floats(area),
            PREFIX + "bbox/label": ints(0), PREFIX + "bbox/text": texts("Black footed Albatross"),
            PREFIX + "bbox/conf": floats(1), PREFIX + "bbox/score": floats(0.5),
            PREFIX + "parts/x": floats(5 / WIDTH, 13 / WIDTH, 0), PREFIX + "parts/y": floats(4 / HEIGHT, 6 / HEIGHT, 0),
            PREFIX + "parts/v": ints(2, 1, 0),
            "image/detection/bbox/xmin": floats(0.5), "image/detection/label": ints(3),
        },
    )  # fmt: skip
    result = converted(record)
    assert found(result.coco) == [("Black footed Albatross", 1, xywh(CAT))]
    (annotation,) = result.coco["annotations"]
    assert annotation["area"] == pytest.approx(90, abs=0.01)
    assert annotation["keypoints"] == [5, 4, 2, 13, 6, 1, 0, 0, 0]
    assert annotation["attributes"]["id"] == "obj-5"
    assert result.coco["images"][0]["source_id"] == "17"
    unread = {"image/class/conf", "image/extra", "image/detection/bbox/xmin", "image/detection/label"}
    assert set(result.report["keys_not_carried_over"]) == unread


def test_pix2seq_has_pixels_in_the_normalised_keys_and_polygons(converted: Convert) -> None:
    """pix2seq data/scripts/create_coco_tfrecord.py: parts of one object stand apart by -2, -2; a crowd has none."""
    parts = [[4, 3, 14, 3, 14, 12, 4, 12], [20, 15, 60, 15, 60, 45]]
    polygons = [*map(float, parts[0]), -2, -2, *map(float, parts[1])]
    whole = (4.0, 3.0, 60.0, 45.0)
    record = detection("a.jpg", labels=[1, 1], **in_pixels(whole, DOG)) | {
        PREFIX + "segmentation_v": floats(*polygons),
        PREFIX + "segmentation_sep": ints(0, len(polygons), len(polygons)),
        PREFIX + "is_crowd": ints(0, 1),
        PREFIX + "area": floats(690, 1200),
        PREFIX + "score": floats(0.5, 0.75),
        PREFIX + "num_keypoints": ints(0, 0),
    }
    result = converted(record)
    first, second = result.coco["annotations"]
    assert (first["bbox"], second["bbox"]) == (xywh(whole), xywh(DOG))
    assert first["segmentation"] == parts
    assert second["segmentation"] == []
    assert (first["iscrowd"], second["iscrowd"]) == (0, 1)
    assert first["attributes"]["score"] == 0.5
    assert result.report["inputs"][0]["coordinates"] == "pixel"


@pytest.mark.parametrize(
    ("ends", "values"),
    [((0, 6, 12), [5, 5, 2, 9, 9, 1, 30, 30, 2, 0, 0, 0]), ((0, 6, 6), [5, 5, 2, 9, 9, 1])],
    ids=["for each object", "for the first only"],
)
def test_pix2seqs_keypoints_go_to_no_other_object(converted: Convert, ends: tuple[int, ...], values: list[int]) -> None:
    """keypoints_sep says where each object's x, y, v begin: an object without any has none."""
    expected = [list(map(float, values[start:end])) for start, end in pairwise(ends)]
    record = detection("a.jpg", labels=[1, 1], **in_pixels(CAT, DOG)) | {
        PREFIX + "keypoints_v": floats(*values), PREFIX + "keypoints_sep": ints(*ends),
    }  # fmt: skip
    result = converted(record)
    for annotation, points in zip(result.coco["annotations"], expected, strict=True):
        given = annotation.get("keypoints") or annotation.get("attributes", {}).get("keypoints_v") or []
        # Not carried over is no loss as long as the report says so; but what is carried over must be the object's own.
        assert given in ([], points) or not any(given)
        assert given or not points or PREFIX + "keypoints_v" in result.report["keys_not_carried_over"]


def test_keypoints_of_forks_are_keypoints(converted: Convert) -> None:
    record = detection("a.jpg", boxes=[CAT]) | {
        PREFIX + "keypoints/x": floats(5 / WIDTH, 13 / WIDTH), PREFIX + "keypoints/y": floats(4 / HEIGHT, 6 / HEIGHT),
        PREFIX + "keypoints/visibility": ints(2, 1),
    }  # fmt: skip
    (annotation,) = converted(record).coco["annotations"]
    assert annotation["keypoints"] == [5, 4, 2, 13, 6, 1]


@pytest.mark.parametrize("corners", [("x0", "y0", "x1", "y1"), ("x1", "y1", "x2", "y2")])
def test_corners_by_other_names_are_boxes_or_at_least_no_secret(converted: Convert, corners: tuple[str, ...]) -> None:
    """Forks of SSD-Tensorflow for text: a dataset must not lose every box without a warning."""
    record = detection("a.jpg", labels=[1])
    for side in SIDES:
        del record[PREFIX + f"bbox/{side}"]
    for name, value in zip(corners, (4 / WIDTH, 3 / HEIGHT, 14 / WIDTH, 12 / HEIGHT), strict=True):
        record[PREFIX + f"bbox/{name}"] = floats(value)
    result = converted(record, strict=True)
    assert found(result.coco) == [("1", 1, xywh(CAT))]
    assert result.report["keys_not_carried_over"] == {}


def quadrangles(*corners: Sequence[float], labels: Sequence[int], texts_: Sequence[str]) -> dict[str, bytes]:
    """ZJULearning/pixel_link datasets/dataset_utils.py: upright boxes, and the corners of those that are not."""
    boxes = [(min(each[::2]), min(each[1::2]), max(each[::2]), max(each[1::2])) for each in corners]
    unwritten = [PREFIX + "class/label", "image/height", "image/width", "image/source_id", "image/key/sha256"]
    record = detection("a.jpg", boxes=boxes, drop=unwritten)
    record |= {PREFIX + "bbox/label": ints(*labels), PREFIX + "bbox/label_text": texts(*texts_)}
    for place in range(8):
        values = (each[place] / (WIDTH, HEIGHT)[place % 2] for each in corners)
        record[PREFIX + f"bbox/{'xy'[place % 2]}{place // 2 + 1}"] = floats(*values)
    return record | {"image/shape": ints(HEIGHT, WIDTH, 3)}


FIRST, SECOND = [4.0, 3.0, 14.0, 4.0, 12.0, 12.0, 5.0, 10.0], [30.0, 5.0, 50.0, 20.0, 40.0, 35.0, 20.0, 20.0]


def test_corners_of_rotated_boxes_are_polygons_and_words_are_no_classes(converted: Convert) -> None:
    result = converted(
        quadrangles(FIRST, SECOND, labels=[1, 1], texts_=["STOP", "Rue de la Paix"]),
        quadrangles(labels=[], texts_=[]),
        label_map={1: "text"},
        strict=True,
    )
    assert found(result.coco) == [("text", 1, [4, 3, 10, 9]), ("text", 1, [20, 5, 30, 30])]
    assert [each["segmentation"] for each in result.coco["annotations"]] == [[FIRST], [SECOND]]
    assert [each["attributes"]["text"] for each in result.coco["annotations"]] == ["STOP", "Rue de la Paix"]
    assert len(result.coco["images"]) == 2
    assert result.report["keys_not_carried_over"] == {}


def test_corners_of_rotated_boxes_may_have_classes_with_names(converted: Convert) -> None:
    result = converted(quadrangles(FIRST, SECOND, FIRST, labels=[1, 2, 1], texts_=["ship", "plane", "ship"]))
    assert [each[:2] for each in found(result.coco)] == [("ship", 1), ("plane", 2), ("ship", 1)]


def test_a_corner_that_is_missing_is_an_error_that_names_the_lengths(converted: Convert) -> None:
    record = quadrangles(FIRST, SECOND, labels=[1, 1], texts_=["a", "b"]) | {PREFIX + "bbox/y3": floats(0.5)}
    with pytest.raises(RejectedInputError, match="y3 has 1"):
        converted(record)


@pytest.mark.parametrize("key", ["class/id", "class/index", "class/label"])
def test_class_numbers_may_be_floats(converted: Convert, key: str) -> None:
    """Forks whose tables pandas read."""
    record = detection("a.jpg", boxes=[CAT, DOG], drop=[PREFIX + "class/label"])
    done = converted(record | {PREFIX + key: floats(3, 1)}, strict=True)
    assert found(done.coco) == [("3", 3, xywh(CAT)), ("1", 1, xywh(DOG))]
    with pytest.raises(RejectedInputError, match="fractions, expected whole numbers"):
        converted(record | {PREFIX + key: floats(3.5, 1)})


def test_one_flat_list_of_boxes_is_reported_with_options_that_read_it(converted: Convert) -> None:
    """A coco2tfrecord script for DALI: image/object/bbox holds 4 N values whose order the file does not tell."""
    record = {
        "image/encoded": texts(jpeg()), "image/fname": texts("a.jpg"), "image/id": ints(7),
        "image/shape": ints(HEIGHT, WIDTH, 3), PREFIX + "bbox": floats(0.1, 0.1, 0.5, 0.5),
        PREFIX + "label": ints(1), PREFIX + "name": texts("cat"),
    }  # fmt: skip
    result = converted(record)
    told = result.report["warnings"]["boxes-not-read"]["first"]
    assert told.endswith("These options would read it: --map box=image/object/bbox --map box_order=yxyx")
    assert result.coco["images"][0]["file_name"] == "a.jpg"


def test_whole_numbers_may_stand_for_pixels(converted: Convert) -> None:
    """Forks write pixels as int64."""
    record = detection("a.jpg", labels=[1]) | {
        PREFIX + f"bbox/{side}": ints(int(CAT[n])) for n, side in enumerate(SIDES)
    }
    result = converted(record)
    assert [each["bbox"] for each in result.coco["annotations"]] == [xywh(CAT)]
    assert result.report["inputs"][0]["coordinates"] == "pixel"
