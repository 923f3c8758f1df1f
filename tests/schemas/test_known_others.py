"""NVIDIA TAO, keras.io, video and classification records: what each becomes in COCO.

Boxes are drawn in pixels here; the expected COCO is taken from the drawing. What each program writes is told by its own
source, named at each test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from results import Convert, choice, found, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import Box, detection, floats, ints, jpeg, no_kind, png, sequence_example, shard, texts

from tfrecord_lite import convert

SIDES = ("xmin", "ymin", "xmax", "ymax")


# ------------------------------------------------------------------------------------------------------- NVIDIA TAO
def tao(name: str, boxes: Sequence[Box], scale: tuple[float, float] = (1, 1), /, **more: bytes) -> dict[str, bytes]:
    """A record of DetectNet_v2: tao_tensorflow1_backend cv/detectnet_v2/dataio/kitti_converter_lib.py."""
    x, y = scale
    return {
        "frame/id": texts(f"images/{name}"), "frame/width": ints(WIDTH), "frame/height": ints(HEIGHT),
        "target/coordinates_x1": floats(*(box[0] / x for box in boxes)),
        "target/coordinates_y1": floats(*(box[1] / y for box in boxes)),
        "target/coordinates_x2": floats(*(box[2] / x for box in boxes)),
        "target/coordinates_y2": floats(*(box[3] / y for box in boxes)),
        "target/truncation": floats(*[0.5] * len(boxes)), "target/occlusion": ints(*[2] * len(boxes)),
        **more,
    }  # fmt: skip


def test_tao_detectnet_has_pixels_and_leaves_the_pictures_on_disk(converted: Convert) -> None:
    result = converted(
        tao("000001", [CAT, DOG], **{"target/object_class": texts("car", "person")}),
        tao("000002", [], **{"target/object_class": texts()}),
        name="kitti_trainval-fold-000-of-001-shard-00000-of-00001",
    )
    assert found(result.coco) == [("car", 1, xywh(CAT)), ("person", 2, xywh(DOG))]
    assert [image["file_name"] for image in result.coco["images"]] == ["images/000001", "images/000002"]
    assert {(image["width"], image["height"]) for image in result.coco["images"]} == {(WIDTH, HEIGHT)}
    assert result.coco["annotations"][0]["attributes"] == {"occlusion": 2, "truncation": 0.5}
    assert result.report["keys_not_carried_over"] == {}
    assert choice(result) == ("tao", "pixel")


def test_tao_boxes_within_one_pixel_are_pixels_all_the_same(converted: Convert) -> None:
    """By the schema, not by the values."""
    result = converted(tao("000001", [(0.0, 0.0, 1.0, 1.0)], **{"target/object_class": texts("car")}))
    assert result.coco["annotations"][0]["bbox"] == [0, 0, 1, 1]


def test_tao_for_dali_has_normalised_boxes_and_class_numbers_as_floats(converted: Convert) -> None:
    picture = jpeg(WIDTH, HEIGHT)
    result = converted(
        tao("000001", [CAT, DOG], (WIDTH, HEIGHT),
            **{"target/object_class_id": floats(1, 2), "frame/encoded": texts(picture)}),
    )  # fmt: skip
    assert [each[1:] for each in found(result.coco)] == [(1, xywh(CAT)), (2, xywh(DOG))]
    (image,) = result.coco["images"]
    assert image["file_name"].endswith("000001.jpg")
    assert (result.folder / "images" / "x" / image["file_name"]).read_bytes() == picture
    assert choice(result) == ("tao_dali", "normalized")


def test_a_box_of_pixels_among_those_for_dali_is_refused(converted: Convert) -> None:
    """By the schema, not by the values."""
    record = tao("000001", [CAT], **{"target/object_class_id": floats(1), "frame/encoded": texts(jpeg(WIDTH, HEIGHT))})
    result = converted(record, on_error="skip")
    assert (result.coco["annotations"], result.report["dropped_annotations"]) == ([], 1)


def test_tao_polygons_become_polygons_and_boxes_around_them(converted: Convert) -> None:
    """blocks/multi_source_loader: vertices of all objects in one list, with the number of the object beside each."""
    record = {
        "frame/id": texts("images/1"),
        "frame/width": ints(WIDTH),
        "frame/height": ints(HEIGHT),
        "target/object_class": texts("car", "dog"),
        "target/coordinates/x": floats(4, 14, 4, 20, 60, 60, 20),
        "target/coordinates/y": floats(3, 3, 12, 15, 15, 45, 45),
        "target/coordinates/index": ints(0, 0, 0, 1, 1, 1, 1),
    }
    result = converted(record)
    assert found(result.coco) == [("car", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]
    assert [each["segmentation"] for each in result.coco["annotations"]] == [
        [[4, 3, 14, 3, 4, 12]],
        [[20, 15, 60, 15, 60, 45, 20, 45]],
    ]


# --------------------------------------------------------------------------------------------------------- keras.io
def keras_io(number: int, image: int, category: int, box: Box, **more: bytes) -> dict[str, bytes]:
    """One annotation: keras-io examples/keras_recipes/creating_tfrecords.py."""
    return {
        "image": texts(jpeg(WIDTH, HEIGHT, (image, 0, 0))), "path": texts(f"val2017/{image:012d}.jpg"),
        "area": floats(7.5), "bbox": floats(*xywh(box)), "category_id": ints(category), "id": ints(number),
        "image_id": ints(image), **more,
    }  # fmt: skip


def test_keras_io_records_of_one_image_id_become_one_image(converted: Convert) -> None:
    result = converted(
        keras_io(1, 5, 18, CAT), keras_io(2, 9, 3, DOG), keras_io(3, 5, 3, DOG), name="file_00-3.tfrec", strict=True
    )
    assert [(image["id"], image["source_id"]) for image in result.coco["images"]] == [(1, "5"), (2, "9")]
    assert [each["image_id"] for each in result.coco["annotations"]] == [1, 2, 1]
    assert found(result.coco) == [("18", 18, xywh(CAT)), ("3", 3, xywh(DOG)), ("3", 3, xywh(DOG))]
    assert [each["area"] for each in result.coco["annotations"]] == [7.5] * 3
    assert result.report["keys_not_carried_over"] == {}
    assert choice(result) == ("keras_io", "pixel")


def test_a_keras_io_record_without_a_box_is_an_image_without_objects(converted: Convert) -> None:
    """One record without annotation must not make the file one of another schema."""
    empty = keras_io(0, 7, 0, CAT, bbox=floats(), category_id=ints(), id=ints(), area=floats())
    result = converted(keras_io(1, 5, 18, CAT), empty)
    assert [image["source_id"] for image in result.coco["images"]] == ["5", "7"]
    assert found(result.coco) == [("18", 18, xywh(CAT))]


def test_keras_io_ids_may_be_those_of_the_source(converted: Convert) -> None:
    records = [keras_io(1, 5, 18, CAT), keras_io(2, 9, 3, DOG), keras_io(3, 5, 3, DOG)]
    result = converted(*records, image_ids="source")
    assert [image["id"] for image in result.coco["images"]] == [5, 9]
    assert [each["image_id"] for each in result.coco["annotations"]] == [5, 9, 5]


# ------------------------------------------------------------------------------------------------------------ video


def region(prefix: str, *boxes: Box) -> dict[str, bytes]:
    return {
        f"{prefix}/{side}": floats(*(box[n] / (WIDTH, HEIGHT)[n % 2] for box in boxes)) for n, side in enumerate(SIDES)
    }


def video(*per_frame: Mapping[str, bytes], context: Mapping[str, bytes] | None = None) -> bytes:
    """A SequenceExample of these frames, each a picture of its own; where one lacks a key the kind is unset."""
    keys = {key for each in per_frame for key in each}
    lists = {key: [each.get(key, no_kind()) for each in per_frame] for key in sorted(keys)}
    lists["image/encoded"] = [texts(jpeg(WIDTH, HEIGHT, (n, 9, 9))) for n in range(len(per_frame))]
    whole = {"image/format": texts("JPEG"), "image/height": ints(HEIGHT), "image/width": ints(WIDTH)}
    return sequence_example({**whole, **(context or {})}, lists)


def test_each_frame_of_a_video_becomes_an_image(converted: Convert) -> None:
    """object_detection dataset_tools/seq_example_util.py: the kind is unset in a frame without boxes."""
    first = region("region/bbox", CAT, DOG) | {
        "region/label/string": texts("cat", "dog"),
        "region/label/index": ints(1, 2),
        "region/label/confidence": floats(1, 0.5),
        "region/is_annotated": ints(1),
        "image/timestamp": ints(0),
        "image/source_id": texts("v1_0"),
    }
    second = {"region/is_annotated": ints(1), "image/timestamp": ints(40), "image/source_id": texts("v1_1")}
    context = {"clip/media_id": texts("v1"), "clip/frames": ints(2), "example/dataset_name": texts("ava")}
    result = converted(video(first, second, context=context))
    assert found(result.coco) == [("cat", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]
    assert [each["image_id"] for each in result.coco["annotations"]] == [1, 1]
    assert [each["attributes"]["score"] for each in result.coco["annotations"]] == [1, 0.5]
    assert [
        (image["frame_index"], image["timestamp"], image["video_id"], image["dataset_name"], image["source_id"])
        for image in result.coco["images"]
    ] == [(0, 0, "v1", "ava", "v1_0"), (1, 40, "v1", "ava", "v1_1")]
    assert len({image["file_name"] for image in result.coco["images"]}) == 2
    assert result.report["keys_not_carried_over"] == {}
    assert choice(result) == ("sequence_example", "normalized")


def test_frames_that_nobody_annotated_are_no_negatives_but_are_counted(converted: Convert) -> None:
    annotated = region("region/bbox", CAT) | {"region/label/string": texts("cat"), "region/is_annotated": ints(1)}
    result = converted(video({"region/is_annotated": ints(0)}, annotated, {"region/is_annotated": ints(0)}))
    assert [image["frame_index"] for image in result.coco["images"]] == [1]
    said = json.dumps([result.report["warnings"], {k: v for k, v in result.report.items() if k != "inputs"}])
    assert "annotated" in said or "frames" in said, "two frames were left out, and the report does not say so"


def test_tracks_and_what_else_mediapipe_says_of_regions_become_attributes(converted: Convert) -> None:
    """mediapipe util/sequence/media_sequence.py."""
    first = region("region/bbox", CAT, DOG) | {
        "region/label/string": texts("cat", "dog"),
        "region/track/index": ints(7, 8),
        "region/track/string": texts("a", "b"),
        "region/is_occluded": ints(0, 1),
        "PREDICTED/region/bbox/xmin": floats(0.5),
        "CLASS_SEGMENTATION/image/encoded": texts(png(WIDTH, HEIGHT, 1)),
    }
    result = converted(video(first))
    assert [each["attributes"] for each in result.coco["annotations"]] == [
        {"is_occluded": 0, "track_id": 7, "track": "a"},
        {"is_occluded": 1, "track_id": 8, "track": "b"},
    ]
    unread = {"PREDICTED/region/bbox/xmin", "CLASS_SEGMENTATION/image/encoded"}
    assert set(result.report["keys_not_carried_over"]) == unread


def test_the_lstm_detectors_keys_have_no_region_before_them(converted: Convert) -> None:
    """research/lstm_object_detection inputs/tf_sequence_example_decoder.py."""
    first = region("bbox", CAT, DOG) | {
        "bbox/label/index": ints(1, 2), "bbox/label/string": texts("cat", "dog"), "area": floats(80, 1100),
        "is_crowd": ints(0, 1), "difficult": ints(1, 0), "group_of": ints(0, 0),
    }  # fmt: skip
    result = converted(video(first, context={"image/filename": texts("v.jpg"), "image/source_id": texts("v")}))
    assert found(result.coco) == [("cat", 1, xywh(CAT)), ("dog", 2, xywh(DOG))]
    assert [(each["area"], each["iscrowd"]) for each in result.coco["annotations"]] == [(80, 0), (1100, 1)]
    attributes = [each.get("attributes", {}).get("difficult") for each in result.coco["annotations"]]
    assert attributes == [1, 0] or "difficult" in result.report["keys_not_carried_over"]


def test_frames_of_several_videos_keep_their_own_names(converted: Convert) -> None:
    first = region("region/bbox", CAT) | {"region/label/string": texts("cat")}
    videos = [video(first, first, context={"clip/media_id": texts(name)}) for name in ("v1", "v2")]
    result = converted(*videos)
    assert [(image["video_id"], image["frame_index"]) for image in result.coco["images"]] == [
        ("v1", 0), ("v1", 1), ("v2", 0), ("v2", 1),
    ]  # fmt: skip
    assert len({image["file_name"] for image in result.coco["images"]}) == 4
    assert len(list((result.folder / "images" / "x").iterdir())) == 4


# --------------------------------------------------------------------------------------------------- classification
@pytest.mark.parametrize(
    ("key", "value", "label"),
    [("class", ints(3), 3), ("label", ints(0), 0), ("target", ints(1), 1), ("label", texts("melanoma"), "melanoma")],
)
def test_kaggles_classes_become_labels_of_the_images(
    converted: Convert, key: str, value: bytes, label: int | str
) -> None:
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), "id": texts("ISIC_001"), key: value, "age_approx": ints(45)}
    result = converted(record, name="00-192x192-798.tfrec")
    (image,) = result.coco["images"]
    assert image["labels"] == [{"text" if isinstance(label, str) else "label": label}]
    assert (image["source_id"], image["width"], image["height"]) == ("ISIC_001", WIDTH, HEIGHT)
    assert result.coco["annotations"] == []
    assert result.report["keys_not_carried_over"] == {"age_approx": 1}
    assert choice(result)[0] == "classification"


def test_fiftyones_classification_has_its_own_keys(converted: Convert) -> None:
    """fiftyone/utils/tf.py: the label is a name, and missing where there is none."""
    record = {
        "image_bytes": texts(png(WIDTH, HEIGHT)), "filename": texts("a.png"), "format": texts(".png"), "depth": ints(3),
        "height": ints(HEIGHT), "width": ints(WIDTH), "label": texts("cat"),
    }  # fmt: skip
    unlabelled = {key: value for key, value in record.items() if key != "label"}
    unlabelled |= {"filename": texts("b.png"), "image_bytes": texts(png(WIDTH, HEIGHT, 7))}
    result = converted(record, unlabelled, name="tf.records", strict=True)
    assert [image.get("labels") for image in result.coco["images"]] == [[{"text": "cat"}], None]
    assert [image["file_name"] for image in result.coco["images"]] == ["a.png", "b.png"]
    assert result.report["keys_not_carried_over"] == {}


def test_slims_classes_become_labels_of_the_images(converted: Convert) -> None:
    """slim datasets/download_and_convert_flowers.py."""
    record = {
        "image/encoded": texts(jpeg(WIDTH, HEIGHT)), "image/format": texts("jpg"), "image/class/label": ints(4),
        "image/height": ints(HEIGHT), "image/width": ints(WIDTH),
    }  # fmt: skip
    result = converted(record, strict=True)
    assert result.coco["images"][0]["labels"] == [{"label": 4}]
    assert result.report["keys_not_carried_over"] == {}


@pytest.mark.parametrize("key", ["caption", "captions", "captions/text"])
def test_captions_beside_a_picture_get_a_file_of_their_own(key: str, converted: Convert) -> None:
    record = {"image": texts(jpeg(WIDTH, HEIGHT)), key: texts("a cat", "ein Hund")}
    result = converted(record, strict=True)
    captions = json.loads((result.folder / "annotations/captions_x.json").read_text(encoding="utf-8"))
    assert [each["caption"] for each in captions["annotations"]] == ["a cat", "ein Hund"]


def test_the_numbers_of_the_words_of_a_caption_are_none(converted: Convert) -> None:
    result = converted({"image": texts(jpeg(WIDTH, HEIGHT)), "caption": ints(3, 14, 15)})
    assert result.report["keys_not_carried_over"] == {"caption": 1}


def test_pictures_alone_become_a_dataset_of_pictures(converted: Convert) -> None:
    result = converted({"image/encoded": texts(jpeg(WIDTH, HEIGHT))}, {"image/encoded": texts(png(9, 7))})
    assert [(image["width"], image["height"]) for image in result.coco["images"]] == [(WIDTH, HEIGHT), (9, 7)]
    assert result.coco["annotations"] == []


# --------------------------------------------------------------------------------------------------- several schemas
def test_files_of_one_call_may_have_different_schemas(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.tfrecord").write_bytes(shard(detection("a.jpg", boxes=[CAT], texts=["cat"])))
    (folder / "b.tfrecord").write_bytes(shard(tao("000001", [DOG], **{"target/object_class": texts("dog")})))
    (folder / "c.tfrecord").write_bytes(shard(keras_io(1, 5, 1, CAT)))
    (folder / "d.tfrecord").write_bytes(
        shard(video(region("region/bbox", DOG) | {"region/label/string": texts("cat")}))
    )
    convert(folder, tmp_path / "out", split="all")
    coco = json.loads((tmp_path / "out/annotations/instances_all.json").read_text())
    report = json.loads((tmp_path / "out/reports/all.json").read_text())
    assert [each[2] for each in found(coco)] == [xywh(CAT), xywh(DOG), xywh(CAT), xywh(DOG)]
    assert [(entry["schema"], entry["coordinates"]) for entry in report["inputs"]] == [
        ("object_detection", "normalized"), ("tao", "pixel"), ("keras_io", "pixel"), ("sequence_example", "normalized"),
    ]  # fmt: skip


def test_classes_counted_from_0_in_one_file_and_from_1_in_another_meet_by_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    first = detection("a.jpg", boxes=[CAT, DOG], labels=[0, 1], texts=["cat", "dog"])
    second = detection("b.jpg", boxes=[CAT, DOG], labels=[1, 2], texts=["cat", "dog"])
    (folder / "a.tfrecord").write_bytes(shard(first))
    (folder / "b.tfrecord").write_bytes(shard(second))
    convert(folder, tmp_path / "out", split="all")
    coco = json.loads((tmp_path / "out/annotations/instances_all.json").read_text())
    assert [each[0] for each in found(coco)] == ["cat", "dog", "cat", "dog"]
    assert [each["name"] for each in coco["categories"]] == ["cat", "dog"]
