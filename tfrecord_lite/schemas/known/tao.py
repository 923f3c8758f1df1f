"""NVIDIA TAO's records: objects of DetectNet_v2 in pixels, of the DALI pipelines normalised, or as polygons.

Source: tao_tensorflow1_backend, cv/detectnet_v2/dataio/kitti_converter_lib.py and coco_converter_lib.py; polygons:
blocks/multi_source_loader (default_dataloader.py); faces with landmarks (FPENet, GazeNet), one a record:
cv/fpenet/dataio/generate_dataset.py and cv/common/dataio/custom_data_converter.py. Images are on disk, below the
folder of the dataset; ``frame/id`` names them without ending.
"""

from __future__ import annotations

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

TAO = Schema(
    name="tao",
    encoded=("frame/encoded",),
    filename=("frame/id",),
    width=("frame/width",),
    height=("frame/height",),
    xmin=("target/coordinates_x1",),
    ymin=("target/coordinates_y1",),
    xmax=("target/coordinates_x2",),
    ymax=("target/coordinates_y2",),
    outline_x=("target/coordinates/x",),
    outline_y=("target/coordinates/y",),
    outline_object=("target/coordinates/index",),
    pixel=True,
    number=("target/object_class_id",),
    text=("target/object_class",),
    attribute_prefix="target/",
)
TAO_DALI = TAO._replace(name="tao_dali", pixel=False)
TAO_FACES = Schema(
    name="tao_faces",
    filename=("train/image_frame_name",),
    source_id=("train/image_frame_name",),
    merged=True,
    width=("train/image_frame_width",),
    height=("train/image_frame_height",),
    xmin=("train/facebbx_x",),
    ymin=("train/facebbx_y",),
    box_width=("train/facebbx_w",),
    box_height=("train/facebbx_h",),
    pixel=True,
    category="face",
    keypoint_pairs=("train/landmarks",),
    keypoint_hidden=("train/landmarks_occ",),
    attribute_prefix="label/",
    implied=frozenset({"train/num_keypoints"}),
)


def recognise(keys: Keys) -> Schema | None:
    """TAO's schema if there are ``frame/id`` and targets; class ids as numbers are what the DALI pipelines read."""
    if "train/landmarks" in keys and "train/facebbx_x" in keys:
        return TAO_FACES
    if "frame/id" not in keys or not any(key.startswith("target/") for key in keys):
        return None
    return TAO_DALI if "target/object_class_id" in keys else TAO
