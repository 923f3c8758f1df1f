"""TensorFlow Datasets: the datasets that are known, each as its builder writes it.

Boxes, masks and segments are drawn in pixels here; the expected COCO is taken from the drawing. How features become
keys: tensorflow/datasets core/example_serializer.py; what each dataset holds: the builder named at each test.
"""

from __future__ import annotations

import json

import numpy as np
from PIL import Image
from pixels import as_png, decoded
from pycocotools import mask as pycoco  # type: ignore[import-untyped]
from results import found, xywh
from scene import CAT, DOG, HEIGHT, WIDTH, painted, whole
from tfds_folders import LABELS, Make, features, like_coco, yxyx
from tfrecords import floats, ints, jpeg, png, texts


def test_coco_has_ids_from_1_names_from_the_label_file_and_sizes_from_the_picture(dataset: Make) -> None:
    split = dataset(
        like_coco("000000000139.jpg", (CAT, DOG), (0, 2), 139, **{"objects/is_crowd": ints(0, 1)}),
        like_coco("000000000285.jpg", (), (), 285),
        beside={**LABELS, "features.json": features(), "dataset_info.json": {"name": "coco", "version": "1.1.0"}},
        strict=True,
    )
    assert found(split.coco) == [("person", 1, xywh(CAT)), ("car", 3, xywh(DOG))]
    assert [(each["id"], each["name"]) for each in split.coco["categories"]] == [
        (1, "person"),
        (2, "bicycle"),
        (3, "car"),
    ]
    assert [(each["file_name"], each["source_id"], each["width"], each["height"]) for each in split.coco["images"]] == [
        ("000000000139.jpg", "139", WIDTH, HEIGHT),
        ("000000000285.jpg", "285", WIDTH, HEIGHT),
    ]
    assert [(each["area"], each["iscrowd"], each["attributes"]) for each in split.coco["annotations"]] == [
        (50, 0, {"id": 900}),
        (50, 1, {"id": 901}),
    ]
    assert split.report["keys_not_carried_over"] == {}
    (entry,) = split.report["inputs"]
    assert (entry["schema"], entry["coordinates"]) == ("tfds", "normalized")


def test_without_any_file_beside_it_the_keys_decide(dataset: Make) -> None:
    split = dataset(like_coco("a.jpg", (), (), 1), like_coco("b.jpg", (CAT, DOG), (4, 0), 2))
    assert [each[1:] for each in found(split.coco)] == [(5, xywh(CAT)), (1, xywh(DOG))]
    assert split.report["inputs"][0]["schema"] == "tfds"


def test_ids_start_at_1_even_if_the_first_class_is_never_met(dataset: Make) -> None:
    """Index + 1, always: else the ids of a file would depend on which of its pictures were drawn."""
    assert found(dataset(like_coco("a.jpg", (CAT,), (2,))).coco)[0][1] == 3


def test_an_index_after_the_names_does_not_make_the_others_count_from_1(dataset: Make) -> None:
    split = dataset(like_coco("a.jpg", (CAT, DOG), (1, 3)), beside=LABELS)
    assert found(split.coco) == [("bicycle", 2, xywh(CAT)), ("3", 4, xywh(DOG))]
    assert "class-not-in-label-map" in split.report["warnings"]


def test_unknown_classes_are_refused_by_number(dataset: Make) -> None:
    """ClassLabel writes -1 for what it does not know."""
    split = dataset(like_coco("a.jpg", (CAT, DOG), (-1, 0)), beside=LABELS, on_error="skip")
    assert found(split.coco) == [("person", 1, xywh(DOG))]
    assert split.report["dropped_annotations"] == 1
    assert "-1" in split.report["problems"]["first"][0]


def test_voc_keeps_pose_and_flags_and_the_classes_of_the_picture(dataset: Make) -> None:
    """object_detection/voc.py."""
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)), "image/filename": texts("000005.jpg"),
        "objects/bbox": yxyx(CAT, DOG), "objects/label": ints(0, 1), "objects/pose": ints(2, 4),
        "objects/is_truncated": ints(0, 1), "objects/is_difficult": ints(1, 0),
        "labels": ints(0, 1), "labels_no_difficult": ints(1),
    }  # fmt: skip
    label_files = {
        "objects-label.labels.txt": "cat\ndog\n",
        "labels.labels.txt": "cat\ndog\n",
        "labels_no_difficult.labels.txt": "cat\ndog\n",
        "objects-pose.labels.txt": "a\nb\nc\nd\ne\n",
    }
    split = dataset(record, beside=label_files)
    assert found(split.coco) == [("cat", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]
    assert [each["attributes"] for each in split.coco["annotations"]] == [
        {"difficult": 1, "pose": 2, "truncated": 0},
        {"difficult": 0, "pose": 4, "truncated": 1},
    ]
    assert split.coco["images"][0]["labels"] == [{"label": 1, "text": "cat"}, {"label": 2, "text": "dog"}]
    assert split.report["keys_not_carried_over"] == {}


def test_boxes_of_open_images_are_its_bobjects(dataset: Make) -> None:
    """object_detection/open_images.py: objects are classes of the whole picture; flags are -1, 0 or 1."""
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)),
        "image/filename": texts("0a.jpg"),
        "objects/label": ints(7, 8, 9),
        "objects/confidence": ints(10, 10, 0),
        "objects/source": ints(1, 1, 1),
        "objects_trainable/label": ints(1),
        "objects_trainable/confidence": ints(10),
        "objects_trainable/source": ints(1),
        "bobjects/label": ints(1, 0),
        "bobjects/source": ints(6, 6),
        "bobjects/bbox": yxyx(CAT, DOG),
        "bobjects/is_occluded": ints(-1, 1),
        "bobjects/is_truncated": ints(0, 0),
        "bobjects/is_group_of": ints(-1, 1),
        "bobjects/is_depiction": ints(0, 0),
        "bobjects/is_inside": ints(0, 1),
    }
    split = dataset(record, beside={"bobjects-label.labels.txt": "cat\ndog\n", "objects-label.labels.txt": "x\n" * 10})
    assert found(split.coco) == [("dog", 2, xywh(CAT)), ("cat", 1, xywh(DOG))]
    assert [each["iscrowd"] for each in split.coco["annotations"]] == [0, 1]
    assert split.coco["annotations"][0]["attributes"]["occluded"] == -1
    lost = {key for key in record if key.startswith("objects")} - set(split.report["keys_not_carried_over"])
    assert not lost


def test_wider_face_has_one_category(dataset: Make) -> None:
    """object_detection/wider_face.py."""
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)), "image/filename": texts("0--Parade/a.jpg"), "faces/bbox": yxyx(CAT, DOG),
        "faces/blur": ints(1, 2), "faces/expression": ints(0, 1), "faces/illumination": ints(0, 0),
        "faces/occlusion": ints(0, 2), "faces/pose": ints(1, 0), "faces/invalid": ints(0, 1),
    }  # fmt: skip
    split = dataset(record)
    assert found(split.coco) == [("face", 1, xywh(CAT)), ("face", 1, xywh(DOG))]
    assert split.coco["annotations"][1]["attributes"] == {
        "blur": 2, "expression": 1, "illumination": 0, "invalid": 1, "occlusion": 2, "pose": 0,
    }  # fmt: skip


def test_kittis_boxes_count_y_from_the_bottom(dataset: Make) -> None:
    """datasets/kitti/kitti_dataset_builder.py: ymin is (H - bottom) / H, and the class is called type."""
    flipped = [value for x0, y0, x1, y1 in (CAT, DOG)
               for value in ((HEIGHT - y1) / HEIGHT, x0 / WIDTH, (HEIGHT - y0) / HEIGHT, x1 / WIDTH)]  # fmt: skip
    record = {
        "image": texts(png(WIDTH, HEIGHT)), "image/file_name": texts("000008.png"), "objects/bbox": floats(*flipped),
        "objects/type": ints(0, 3), "objects/truncated": floats(0, 0.5), "objects/occluded": ints(0, 2),
        "objects/alpha": floats(-1.5, 2), "objects/dimensions": floats(1, 2, 3, 4, 5, 6),
        "objects/location": floats(*range(6)), "objects/rotation_y": floats(0.5, 1),
    }  # fmt: skip
    split = dataset(record, beside={"objects-type.labels.txt": "Car\nVan\nTruck\nPedestrian\n"})
    assert found(split.coco) == [("Car", 1, xywh(CAT)), ("Pedestrian", 4, xywh(DOG))]
    assert split.coco["images"][0]["file_name"] == "000008.png"
    assert split.coco["annotations"][1]["attributes"]["dimensions"] == [4, 5, 6]
    assert split.report["keys_not_carried_over"] == {}


def test_lvis_has_a_mask_an_object_and_lists_of_categories(dataset: Make) -> None:
    """datasets/lvis/lvis_dataset_builder.py: the lists count from 0 as the labels do; there is no file name."""
    masks = texts(as_png(painted(CAT, 1)), as_png(painted(DOG, 255)))
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)), "image/id": ints(397133), "neg_category_ids": ints(4),
        "not_exhaustive_category_ids": ints(0, 2), "objects/id": ints(1, 2), "objects/area": ints(89, 1199),
        "objects/bbox": yxyx(CAT, DOG), "objects/label": ints(0, 1202), "objects/segmentation": masks,
    }  # fmt: skip
    split = dataset(record, masks="rle")
    assert [each[1:] for each in found(split.coco)] == [(1, xywh(CAT)), (1203, xywh(DOG))]
    (image,) = split.coco["images"]
    assert (image["neg_category_ids"], image["not_exhaustive_category_ids"]) == ([5], [1, 3])
    for annotation, box in zip(split.coco["annotations"], (CAT, DOG), strict=True):
        assert np.array_equal(decoded(annotation["segmentation"], (WIDTH, HEIGHT)), np.asarray(painted(box)))
    assert [each["area"] for each in split.coco["annotations"]] == [89, 1199]


def panoptic_record() -> dict[str, bytes]:
    """Two persons (class 0) and sky (class 2), numbers as COCO's panoptic PNG has them."""
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    drawn = {70000: CAT, 515: DOG, 9: (0.0, 46.0, 64.0, 48.0)}
    for number, box in drawn.items():
        picture.paste((number % 256, number // 256 % 256, number // 65536), whole(box))
    return like_coco(
        "a.jpg", (CAT, DOG), (0, 0),
        **{
            "panoptic_image": texts(as_png(picture)), "panoptic_image/filename": texts("a.png"),
            "panoptic_objects/id": ints(*drawn), "panoptic_objects/label": ints(0, 0, 2),
            "panoptic_objects/bbox": yxyx(*drawn.values()), "panoptic_objects/area": ints(90, 1200, 128),
            "panoptic_objects/is_crowd": ints(0, 0, 0),
        },
    )  # fmt: skip


PANOPTIC_LABELS = {
    "objects-label.labels.txt": "person\nbicycle\n",
    "panoptic_objects-label.labels.txt": "person\nbicycle\nsky\n",
}


def test_coco_panoptic_keeps_both_its_boxes_and_its_segments(dataset: Make) -> None:
    """coco/2017_panoptic: the PNG is in COCO's encoding, R + 256 G + 65536 B."""
    split = dataset(panoptic_record(), beside=PANOPTIC_LABELS)
    assert [each[1:] for each in found(split.coco)] == [(1, xywh(CAT)), (1, xywh(DOG))]
    panoptic = json.loads((split.folder / "annotations/panoptic_train.json").read_text())
    (annotation,) = panoptic["annotations"]
    segments = {segment["id"]: segment for segment in annotation["segments_info"]}
    assert {number: segment["category_id"] for number, segment in segments.items()} == {70000: 1, 515: 1, 9: 3}
    assert segments[515]["bbox"] == xywh(DOG)
    assert {number: segment["area"] for number, segment in segments.items()} == {70000: 90, 515: 1200, 9: 128}
    drawn = np.asarray(Image.open(split.folder / "annotations/panoptic_train" / annotation["file_name"]).convert("RGB"))
    numbers = drawn.astype(int) @ [1, 256, 65536]
    assert (numbers[20, 30], numbers[5, 5], numbers[47, 0], numbers[0, 0]) == (515, 70000, 9, 0)
    assert split.report["keys_not_carried_over"] == {}


def test_the_names_of_panoptic_classes_are_those_of_the_panoptic_label_file(dataset: Make) -> None:
    split = dataset(panoptic_record(), beside=PANOPTIC_LABELS)
    panoptic = json.loads((split.folder / "annotations/panoptic_train.json").read_text())
    assert [(each["id"], each["name"]) for each in panoptic["categories"]] == [(1, "person"), (3, "sky")]


def test_segment_anything_has_run_lengths(dataset: Make) -> None:
    """datasets/segment_anything: no classes; counts and size of each mask; the size of the picture as a record says."""
    codes = [pycoco.encode(np.asfortranarray(np.asarray(painted(box)))) for box in (CAT, DOG)]
    record = {
        "image/content": texts(jpeg(WIDTH, HEIGHT)),
        "image/file_name": texts("sa_1.jpg"),
        "image/image_id": ints(1),
        "image/width": ints(WIDTH),
        "image/height": ints(HEIGHT),
        "annotations/id": ints(5, 6),
        "annotations/area": floats(90, 1200),
        "annotations/bbox": yxyx(CAT, DOG),
        "annotations/crop_box": yxyx(CAT, DOG),
        "annotations/predicted_iou": floats(0.5, 0.75),
        "annotations/stability_score": floats(0.25, 1),
        "annotations/point_coords/ragged_flat_values": floats(1, 2, 3, 4),
        "annotations/point_coords/ragged_row_lengths_0": ints(1, 1),
        "annotations/segmentation/counts": texts(*(code["counts"] for code in codes)),
        "annotations/segmentation/size": ints(HEIGHT, WIDTH, HEIGHT, WIDTH),
    }
    split = dataset(record, masks="rle")
    assert found(split.coco) == [("object", 1, xywh(CAT)), ("object", 1, xywh(DOG))]
    assert [each["segmentation"]["counts"] for each in split.coco["annotations"]] == [
        c["counts"].decode() for c in codes
    ]
    assert split.coco["annotations"][0]["attributes"]["predicted_iou"] == 0.5
    assert split.coco["images"][0]["source_id"] == "1"


def test_the_one_box_of_a_picture_has_the_class_of_the_picture(dataset: Make) -> None:
    """cars196, caltech_birds2011: no sequence."""
    records = [
        {"image": texts(jpeg(WIDTH, HEIGHT)), "bbox": yxyx(box), "label": ints(label), "image/filename": texts(name)}
        for name, box, label in (("a.jpg", CAT, 0), ("b.jpg", DOG, 1))
    ]
    split = dataset(*records, beside={"label.labels.txt": "AM General Hummer\nAcura RL\n"}, strict=True)
    assert found(split.coco) == [("AM General Hummer", 1, xywh(CAT)), ("Acura RL", 2, xywh(DOG))]


def test_boxes_without_class_have_the_class_of_the_picture(dataset: Make) -> None:
    """stanford_dogs: objects/bbox alone, and one label a record."""
    record = {
        "image": texts(jpeg(WIDTH, HEIGHT)), "image/filename": texts("n02085620_1.jpg"), "label": ints(1),
        "objects/bbox": yxyx(CAT, DOG),
    }  # fmt: skip
    split = dataset(record, beside={"label.labels.txt": "chihuahua\nbeagle\n"})
    assert found(split.coco) == [("beagle", 2, xywh(CAT)), ("beagle", 2, xywh(DOG))]


def test_boxes_are_those_of_the_objects_where_there_are_others_as_well(dataset: Make) -> None:
    """ref_coco: coco_annotations are all of the picture, objects those that are spoken of."""
    others = {"coco_annotations/bbox": yxyx(CAT, DOG, CAT), "coco_annotations/label": ints(1, 1, 1)}
    split = dataset(like_coco("a.jpg", (DOG,), (1,), **others), beside=LABELS)
    assert found(split.coco) == [("bicycle", 2, xywh(DOG))]
    assert split.report["keys_not_carried_over"] == dict.fromkeys(others, 1)


def test_lists_of_lists_are_not_carried_over_but_listed(dataset: Make) -> None:
    """ref_coco: sentences about each object."""
    ragged = {
        "objects/refexp/raw/ragged_flat_values": texts("left one", "the cat", "right one"),
        "objects/refexp/raw/ragged_row_lengths_0": ints(2, 1),
    }
    split = dataset(like_coco("a.jpg", (CAT, DOG), (0, 1), **ragged), beside=LABELS)
    assert len(split.coco["annotations"]) == 2
    assert split.report["keys_not_carried_over"] == dict.fromkeys(ragged, 1)


def test_lists_of_lists_are_never_given_to_the_wrong_object(dataset: Make) -> None:
    """Two sentences for the first object and none for the second: as long as the objects, but not one each."""
    ragged = {
        "objects/refexp/raw/ragged_flat_values": texts("left one", "the cat"),
        "objects/refexp/raw/ragged_row_lengths_0": ints(2, 0),
    }
    split = dataset(like_coco("a.jpg", (CAT, DOG), (0, 1), **ragged), beside=LABELS)
    assert "the cat" not in json.dumps(split.coco["annotations"][1])


def test_captions_get_a_file_of_their_own(dataset: Make) -> None:
    """coco_captions."""
    more = {"captions/text": texts("a cat", "one dog"), "captions/id": ints(4, 5)}
    split = dataset(like_coco("a.jpg", (CAT,), (0,), **more), beside=LABELS)
    captions = json.loads((split.folder / "annotations/captions_train.json").read_text())
    assert [each["caption"] for each in captions["annotations"]] == ["a cat", "one dog"]
    assert split.report["keys_not_carried_over"] == {}
