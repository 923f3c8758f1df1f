"""Records that keep numbers as the bytes of arrays: networks for TensorFlow 1, and what grew out of their scripts.

Sources: CharlesShang/FastMaskRCNN libs/datasets/download_and_convert_coco.py; DetectionTeamUCAS FPN_Tensorflow,
R2CNN_Faster-RCNN_Tensorflow, RetinaNet_Tensorflow and others, data/io/convert_data_to_tfrecord.py.
"""

from __future__ import annotations

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

FAST_MASK_RCNN = Schema(
    name="fast_mask_rcnn",
    encoded=("image/encoded",),
    source_id=("image/img_id",),
    format=("image/format",),
    width=("image/width",),
    height=("image/height",),
    rows=("label/gt_boxes",),
    row_type="float32",
    row_columns="xmin ymin xmax ymax number",
    row_count=("label/num_instances",),
    pixel=True,
    mask_bytes=("label/gt_masks",),
    implied=frozenset({"label/encoded", "label/format"}),  # the masks again, painted over each other
)

# Upright boxes, and rotated ones by their corners.
R2CNN = Schema(
    name="r2cnn",
    encoded=("img",),
    filename=("img_name",),
    width=("img_width",),
    height=("img_height",),
    rows=("gtboxes_and_label",),
    row_type="int32",
    row_columns="xmin ymin xmax ymax number | x y x y x y x y number",
    row_count=("num_objects",),
    pixel=True,
)


def recognise(keys: Keys) -> Schema | None:
    """The schema whose table of boxes is there."""
    for schema in (FAST_MASK_RCNN, R2CNN):
        if any(key in keys and keys[key].kind in ("bytes", None) for key in schema.rows):
            return schema
    return None
