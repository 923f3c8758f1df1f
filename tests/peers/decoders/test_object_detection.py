"""The Object Detection API's own decoder reads what ``pack`` writes, field by field: research/object_detection."""

from __future__ import annotations

from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from coco_datasets import JOINTS, Dataset
from object_detection.core.standard_fields import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    InputDataFields as Fields,
)
from object_detection.data_decoders.tf_example_decoder import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    TfExampleDecoder,
)
from object_detection.protos import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    input_reader_pb2,
)
from object_detection.utils import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    label_map_util,
)

from peers.decoders.scene import FORMATS, NAMES, Truth, of_format, scene, truths
from tfrecord_lite import pack

EVERYTHING = {
    "load_instance_masks": True,
    "instance_mask_type": input_reader_pb2.PNG_MASKS,
    "num_keypoints": JOINTS,
    "load_track_id": True,
}

Pairs = list[tuple[Truth, dict[str, Any]]]


def write(dataset: Dataset, folder: Path) -> Path:
    """Writes a dataset and its records. Returns the path of the label map."""
    dataset.write(folder / "coco")
    pack(folder / "coco", folder / "records", shards=2)
    return folder / "records" / "label_map.pbtxt"


def pairs(folder: Path, **options: Any) -> Pairs:
    """What each picture holds, and what the decoder finds in its record as an input pipeline runs it."""
    paths = sorted(map(str, (folder / "records").glob("*.tfrecord")))
    found = tf.data.TFRecordDataset(paths).map(TfExampleDecoder(**options).decode).as_numpy_iterator()
    return list(zip(truths(folder / "coco"), found, strict=True))


@pytest.fixture(name="label_map", scope="module")
def fixture_label_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The label map beside the records of the dataset."""
    return write(scene(), tmp_path_factory.mktemp("packed"))


@pytest.fixture(name="read", scope="module")
def fixture_read(label_map: Path) -> Pairs:
    """What there is, and what is found by numbers and places."""
    return pairs(label_map.parents[1], **EVERYTHING)


@pytest.fixture(name="read_by_name", scope="module")
def fixture_read_by_name(label_map: Path) -> Pairs:
    """The same by names of classes and keypoints."""
    by_name = {"label_map_proto_file": str(label_map), "use_keypoint_label_map": True}
    return pairs(label_map.parents[1], **EVERYTHING, **by_name)


def test_it_reads_pictures_boxes_classes_areas_and_crowds(read: Pairs) -> None:
    for truth, found in read:
        height, width = truth.image["height"], truth.image["width"]
        assert found[Fields.source_id] == str(truth.image["id"]).encode()
        assert found[Fields.filename] == truth.image["file_name"].encode()
        assert found[Fields.key] == sha256(truth.data).hexdigest().encode()
        assert found[Fields.original_image_spatial_shape].tolist() == [height, width]
        assert found[Fields.image].shape == (height, width, 3)
        assert truth.pixels is None or np.array_equal(found[Fields.image], truth.pixels)
        assert found[Fields.groundtruth_boxes] == pytest.approx(truth.boxes, abs=1e-6)
        assert found[Fields.groundtruth_classes].tolist() == truth.classes
        assert found[Fields.groundtruth_area].tolist() == truth.areas
        assert found[Fields.groundtruth_is_crowd].tolist() == truth.crowds
        assert found[Fields.groundtruth_weights].tolist() == [1.0] * len(truth.classes)


def test_it_reads_masks_pixel_by_pixel(read: Pairs) -> None:
    for truth, found in read:
        assert np.array_equal(found[Fields.groundtruth_instance_masks], truth.masks)
        assert found[Fields.groundtruth_instance_mask_weights].tolist() == truth.masked


@pytest.mark.parametrize("way", ["read", "read_by_name"])
def test_it_reads_keypoints(way: str, request: pytest.FixtureRequest) -> None:
    for truth, found in request.getfixturevalue(way):
        assert found[Fields.groundtruth_keypoints] == pytest.approx(truth.keypoints, abs=1e-6, nan_ok=True)
        labelled = ~np.isnan(truth.keypoints[:, :, 0])
        assert np.array_equal(found[Fields.groundtruth_keypoint_visibilities], labelled)


def test_it_reads_what_else_is_said(read: Pairs) -> None:
    for truth, found in read:
        attributes = [each["attributes"] for each in truth.entries]
        assert found[Fields.groundtruth_difficult].tolist() == [each["difficult"] for each in attributes]
        assert found[Fields.groundtruth_group_of].tolist() == [bool(each["group_of"]) for each in attributes]
        assert found[Fields.groundtruth_track_ids].tolist() == [each["track_id"] for each in truth.entries]
        assert found[Fields.groundtruth_verified_neg_classes].tolist() == truth.image["neg_category_ids"]
        not_exhaustive = truth.image["not_exhaustive_category_ids"]
        assert found[Fields.groundtruth_not_exhaustive_classes].tolist() == not_exhaustive


def test_names_and_numbers_of_classes_agree(label_map: Path, read_by_name: Pairs) -> None:
    assert label_map_util.get_label_map_dict(str(label_map)) == {name: number for number, name in NAMES.items()}
    assert list(label_map_util.get_keypoint_label_map_dict(str(label_map)).values()) == list(range(JOINTS))
    for truth, found in read_by_name:
        assert found[Fields.groundtruth_classes].tolist() == truth.classes


def test_it_reads_dense_pose(tmp_path: Path) -> None:
    dataset = scene()
    with_objects = {each["image_id"] for each in dataset.annotations}  # it ends at a record without objects
    dataset.coco["images"] = [each for each in dataset.images if each["id"] in with_objects]
    write(dataset, tmp_path)
    (_, first), *others = pairs(tmp_path, load_dense_pose=True)
    assert first[Fields.groundtruth_dp_num_points].tolist() == [2, 0, 0, 0]
    assert first[Fields.groundtruth_dp_part_ids][0].tolist() == [0, 23]  # COCO counts parts from 1
    # y, x, v, u; COCO has places within the box, from 0 to 256
    places = [[(3 + 64 * 9 / 256) / 61, 2 / 97, 0.75, 0.25], [(3 + 255 * 9 / 256) / 61, 8 / 97, 1.0, 0.5]]
    assert first[Fields.groundtruth_dp_surface_coords][0] == pytest.approx(np.array(places), abs=1e-6)
    for truth, found in others:
        assert found[Fields.groundtruth_dp_num_points].tolist() == [0] * len(truth.classes)
        assert found[Fields.groundtruth_dp_surface_coords].shape == (len(truth.classes), 0, 4)


@pytest.mark.parametrize(("name", "is_decoded"), FORMATS.items())
def test_pictures_that_it_cannot_decode_are_reported(name: str, is_decoded: bool, tmp_path: Path) -> None:
    of_format(name).write(tmp_path / "coco")
    result = pack(tmp_path / "coco", tmp_path / "records", target="object_detection")
    assert ("format-not-decoded" not in result.warning_counts) == is_decoded
    with nullcontext() if is_decoded else pytest.raises(tf.errors.InvalidArgumentError):
        ((_, found),) = pairs(tmp_path)
        assert found[Fields.image].shape == (30, 20, 3)
