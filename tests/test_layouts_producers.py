"""The keys of the Object Detection API as other programs write them: what each of them does differently.

Boxes are drawn in pixels here; the expected COCO is taken from the drawing. What each program writes is told by its own
source, named at each test.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Converted
from tfrecords import Box, detection, floats, ints, jpeg, png, shard, texts

from tfrecord_lite import RejectedInputError, convert

if TYPE_CHECKING:
    from tfrecord_lite import Summary

Convert = Callable[..., Converted]

WIDTH, HEIGHT = 64, 48
CAT, DOG = (4.0, 3.0, 14.0, 12.0), (20.0, 15.0, 60.0, 45.0)
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


def xywh(box: Box) -> list[float]:
    """Corners as COCO has the box."""
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def found(coco: dict[str, Any]) -> list[tuple[str, int, list[float]]]:
    """Name and id of the category, and the box, of every annotation."""
    names = {category["id"]: category["name"] for category in coco["categories"]}
    return [(names[each["category_id"]], each["category_id"], each["bbox"]) for each in coco["annotations"]]


def names(coco: dict[str, Any]) -> dict[int, str]:
    """The category table."""
    return {category["id"]: category["name"] for category in coco["categories"]}


def in_pixels(*boxes: Box) -> dict[str, bytes]:
    """The four keys of normalised boxes, with pixels in them."""
    return {PREFIX + f"bbox/{side}": floats(*(box[n] for box in boxes)) for n, side in enumerate(SIDES)}


def convert_folder(folder: Path, files: dict[str, bytes], **options: Any) -> tuple[Summary, dict[str, Any]]:
    """Converts a folder of these files. Returns the summary, and the COCO file of each split."""
    for name, content in files.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    summary = convert(folder / "in", folder / "out", **options)
    coco = {}
    for split in summary.splits:
        path = folder / "out" / "annotations" / f"instances_{split.split}.json"
        coco[split.split] = json.loads(path.read_text(encoding="utf-8"))
    return summary, coco


def test_fiftyone_counts_classes_from_0_and_all_ids_move_by_one(converted: Convert) -> None:
    """fiftyone/utils/tf.py: no sha256, source_id is the file name, labels in first-seen order from 0, no label map."""
    result = converted(
        detection("a.jpg", boxes=[DOG, CAT], labels=[1, 0], texts=["dog", "cat"], drop=["image/key/sha256"]),
        detection("b.png", boxes=[CAT], labels=[0], texts=["cat"], drop=["image/key/sha256"]),
        name="tf.records",
    )
    assert found(result.coco) == [("dog", 2, xywh(DOG)), ("cat", 1, xywh(CAT)), ("cat", 1, xywh(CAT))]
    assert names(result.coco) == {1: "cat", 2: "dog"}


def test_a_zero_in_the_last_record_moves_the_ids_of_all_records_and_splits(tmp_path: Path) -> None:
    files = {
        "train.tfrecord": shard(*(detection(f"{n}.jpg", boxes=[DOG], labels=[1], texts=["dog"]) for n in range(20))),
        "val.tfrecord": shard(detection("z.jpg", boxes=[CAT], labels=[0], texts=["cat"])),
    }
    _, coco = convert_folder(tmp_path, files)
    assert {each["category_id"] for each in coco["train"]["annotations"]} == {2}
    assert [each["category_id"] for each in coco["val"]["annotations"]] == [1]
    assert names(coco["train"]) == names(coco["val"]) == {1: "cat", 2: "dog"}


def test_cvat_and_datumaro_leave_out_the_pictures_and_number_by_their_label_map(tmp_path: Path) -> None:
    """datumaro tf_detection_api/exporter.py: empty bytes, empty format and source_id; b'' where there is no mask."""
    mask = png(WIDTH, HEIGHT, 1)
    record = detection(
        "dir/frame 1.jpg", boxes=[CAT, (0, 0, WIDTH, HEIGHT)], labels=[2, 1], texts=["dog", "cat"],
        **{"image/encoded": texts(b""), "image/format": texts(b""), "image/key/sha256": texts(b""),
           "image/source_id": texts(b""), PREFIX + "mask": texts(b"", mask)},
    )  # fmt: skip
    label_map = (
        b"item {\n\tid: 1\n\tname: 'cat'\n}\n\nitem {\n\tid: 2\n\tname: 'dog'\n}\n\nitem {\n\tid: 3\n\tname: 'x'\n}\n"
    )
    summary, coco = convert_folder(tmp_path, {"default.tfrecord": shard(record), "label_map.pbtxt": label_map})
    (only,) = coco.values()
    assert found(only) == [("dog", 2, xywh(CAT)), ("cat", 1, [0, 0, WIDTH, HEIGHT])]
    assert names(only) == {1: "cat", 2: "dog", 3: "x"}
    assert (only["images"][0]["width"], only["images"][0]["height"]) == (WIDTH, HEIGHT)
    assert only["images"][0]["file_name"].endswith(".jpg")
    assert "source_id" not in only["images"][0]
    assert [bool(each["segmentation"]) for each in only["annotations"]] == [False, True]
    assert only["annotations"][1]["area"] == WIDTH * HEIGHT
    assert summary.splits[0].problem_count == 0


def test_datumaro_writes_objects_without_label_as_0_and_an_empty_text(tmp_path: Path) -> None:
    record = detection("a.jpg", boxes=[CAT, DOG], labels=[0, 1], texts=["", "cat"])
    summary, coco = convert_folder(tmp_path, {"x.tfrecord": shard(record)}, on_error="skip")
    assert found(coco["x"]) == [("cat", 1, xywh(DOG))]
    assert summary.splits[0].dropped_annotations == 1


def test_roboflow_has_a_folder_and_a_label_map_for_each_split(tmp_path: Path) -> None:
    """No source_id and no sha256; commas in the label map; names such as x_jpg.rf.<hash>.jpg."""
    label_map = b"".join(
        b'item {\n    name: "%s",\n    id: %d,\n    display_name: "%s"\n}\n' % (name, number, name)
        for number, name in ((1, b"helmet"), (2, b"vest"))
    )
    drop = ["image/source_id", "image/key/sha256"]
    files: dict[str, bytes] = {}
    for split, box, label in (("train", CAT, 1), ("valid", DOG, 2), ("test", CAT, 2)):
        text = {1: "helmet", 2: "vest"}[label]
        record = detection(f"{split}_jpg.rf.0a1b2c.jpg", boxes=[box], labels=[label], texts=[text], drop=drop)
        files |= {f"{split}/ppe.tfrecord": shard(record), f"{split}/ppe_label_map.pbtxt": label_map}
    summary, coco = convert_folder(tmp_path, files | {"README.roboflow.txt": b"ppe - v1"}, strict=True)
    assert set(coco) == {"train", "valid", "test"}
    assert found(coco["train"]) == [("helmet", 1, xywh(CAT))]
    assert found(coco["valid"]) == [("vest", 2, xywh(DOG))]
    assert all(names(each) == {1: "helmet", 2: "vest"} for each in coco.values())
    assert coco["train"]["images"][0]["file_name"] == "train_jpg.rf.0a1b2c.jpg"
    assert summary.label_map is not None


def test_vott_counts_from_0_and_its_label_map_from_1_so_that_the_text_counts(tmp_path: Path) -> None:
    """VoTT src/providers/export/tensorFlowRecords.ts: one file a picture, sha256 in base64."""
    files = {"tf_label_map.pbtxt": b"item {\n id: 1\n name: 'cat'\n}\nitem {\n id: 2\n name: 'dog'\n}\n"}
    for name, label, text in (("a.jpg", 0, "cat"), ("b.jpg", 1, "dog")):
        picture = jpeg()
        extra = {
            "image/key/sha256": texts(base64.b64encode(hashlib.sha256(picture).digest())),
            "image/format": texts("jpg"), PREFIX + "difficult": ints(0), PREFIX + "truncated": ints(0),
            PREFIX + "view": texts("Unspecified"),
        }  # fmt: skip
        record = detection(name, boxes=[CAT], labels=[label], texts=[text], image=picture, **extra)
        files[f"{name[0]}.tfrecord"] = shard(record)
    summary, coco = convert_folder(tmp_path, files, split="all")
    assert [each[:2] for each in found(coco["all"])] == [("cat", 1), ("dog", 2)]
    assert names(coco["all"]) == {1: "cat", 2: "dog"}
    assert set(summary.splits[0].findings) == {"class-disagrees"}


def test_mediapipe_model_maker_writes_labels_only_and_names_them_in_its_metadata(tmp_path: Path) -> None:
    """mediapipe_model_maker object_detector/dataset_util.py and cache_files.py."""
    record = detection("a.jpg", boxes=[CAT, DOG], labels=[2, 1], **{"image/format": texts("jpg")})
    metadata = b"size: 1\nlabel_map:\n  0: background\n  1: android\n  2: pig_android\n"
    files = {"cache-00000-of-00001.tfrecord": shard(record), "cache_metadata.yaml": metadata}
    _, coco = convert_folder(tmp_path, files, strict=True)
    (only,) = coco.values()
    assert found(only) == [("pig_android", 2, xywh(CAT)), ("android", 1, xywh(DOG))]
    assert names(only) == {1: "android", 2: "pig_android"}


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


def test_camera_traps_with_more_labels_than_boxes_are_not_paired_blindly(tmp_path: Path) -> None:
    """create_cococameratraps_tfexample_main.py: each annotation has a label, but only some have a box."""
    longer = detection("a.jpg", boxes=[CAT], labels=[3, 4], texts=["deer", "fox"])
    sound = detection("b.jpg", boxes=[DOG], labels=[4], texts=["fox"])
    empty = detection(
        "c.jpg", labels=[], texts=[], **{"image/class/label": ints(0), "image/class/text": texts("empty")}
    )
    summary, coco = convert_folder(tmp_path, {"x.tfrecord": shard(longer, sound, empty)}, on_error="skip")
    assert [image["file_name"] for image in coco["x"]["images"]] == ["b.jpg", "c.jpg"]
    assert found(coco["x"]) == [("fox", 4, xywh(DOG))]
    assert coco["x"]["images"][1]["labels"] == [{"label": 0, "text": "empty"}]
    (problem,) = summary.splits[0].problems
    assert "2 values for 1 boxes" in str(problem)
    assert "image/object/class/" in str(problem)


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


def test_class_numbers_may_be_floats_under_the_names_that_forks_give_them(converted: Convert) -> None:
    """Forks whose tables pandas read."""
    record = detection("a.jpg", boxes=[CAT, DOG], drop=[PREFIX + "class/label"])
    done = converted(record | {PREFIX + "class/id": floats(3, 1)}, strict=True)
    assert found(done.coco) == [("3", 3, xywh(CAT)), ("1", 1, xywh(DOG))]
    with pytest.raises(RejectedInputError, match="fractions, expected whole numbers"):
        converted(record | {PREFIX + "class/id": floats(3.5, 1)})
    with pytest.raises(RejectedInputError, match="kind float, expected int64"):
        converted(record | {PREFIX + "class/label": floats(3, 1)})


def test_one_flat_list_of_boxes_is_read_or_at_least_no_secret(converted: Convert) -> None:
    """A coco2tfrecord script for DALI: image/object/bbox holds 4 N values whose order the file does not tell."""
    record = {
        "image/encoded": texts(jpeg()), "image/fname": texts("a.jpg"), "image/id": ints(7),
        "image/shape": ints(HEIGHT, WIDTH, 3), PREFIX + "bbox": floats(0.1, 0.1, 0.5, 0.5),
        PREFIX + "label": ints(1), PREFIX + "name": texts("cat"),
    }  # fmt: skip
    result = converted(record)
    assert result.coco["annotations"] or result.report["warnings"]
    assert result.coco["images"][0]["file_name"] == "a.jpg"


def test_whole_numbers_may_stand_for_pixels(converted: Convert) -> None:
    """Forks write pixels as int64."""
    record = detection("a.jpg", labels=[1]) | {
        PREFIX + f"bbox/{side}": ints(int(CAT[n])) for n, side in enumerate(SIDES)
    }
    result = converted(record)
    assert [each["bbox"] for each in result.coco["annotations"]] == [xywh(CAT)]
    assert result.report["inputs"][0]["coordinates"] == "pixel"


def test_a_label_map_in_yaml_and_no_file_name_as_vertex_has_them(tmp_path: Path) -> None:
    """vertex-ai-samples data_converter_iod_lib.py: source_id is a gs:// address."""
    record = detection("x", boxes=[CAT], labels=[1], texts=["cat"], drop=["image/filename"])
    record["image/source_id"] = texts("gs://bucket/folder/a.jpg")
    label_map = b"label_map:\n  1: cat\n  2: dog\n"
    files = {"train.tfrecord-00000-of-00001": shard(record), "label_map.yaml": label_map}
    _, coco = convert_folder(tmp_path, files, strict=True)
    assert found(coco["train"]) == [("cat", 1, xywh(CAT))]
    assert names(coco["train"]) == {1: "cat", 2: "dog"}
    assert coco["train"]["images"][0]["source_id"] == "gs://bucket/folder/a.jpg"
