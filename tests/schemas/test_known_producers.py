"""The keys of the Object Detection API as annotation tools export them: classes, label maps, folders, what is left out.

Boxes are drawn in pixels here; the expected COCO is taken from the drawing. What each program writes is told by its own
source, named at each test.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from results import Convert, found, names, xywh
from scene import CAT, DOG, HEIGHT, WIDTH
from tfrecords import detection, ints, jpeg, png, shard, texts

from tfrecord_lite import convert

if TYPE_CHECKING:
    from tfrecord_lite import Summary
PREFIX = "image/object/"
SIDES = ("xmin", "ymin", "xmax", "ymax")


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
