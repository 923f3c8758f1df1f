"""The vocabulary of the TensorFlow Object Detection API, which most writers of detection records share.

Reader and names: tensorflow/models research/object_detection data_decoders/tf_example_decoder.py and
core/standard_fields.py; writers: dataset_tools/create_*_tf_record.py. Roboflow, the raccoon script and its forks, VoTT,
Datumaro and CVAT, FiftyOne, EfficientDet and MediaPipe write a subset of these keys. The panoptic and semantic ones are
the Model Garden's (official/vision/data/tf_example_feature_key.py, create_coco_tf_record.py) and DeepLab's
(research/deeplab/datasets/build_data.py), the polygons pix2seq's (data/scripts/create_coco_tfrecord.py).
"""

from __future__ import annotations

from typing import Any

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema, with_prefix

SHA256 = "image/key/sha256"
"""The digest of the encoded image as hexadecimal text, which writers add and readers ignore."""

OBJECT_DETECTION = Schema(
    name="object_detection",
    encoded=("image/encoded",),
    filename=("image/filename", "image/fname"),
    source_id=("image/source_id", "image/id", "image/img_id"),
    original_id=("image/original_id",),
    format=("image/format",),
    width=("image/width",),
    height=("image/height",),
    shape=("image/shape",),  # SSD-Tensorflow: height, width, channels
    xmin=("image/object/bbox/xmin",),
    ymin=("image/object/bbox/ymin",),
    xmax=("image/object/bbox/xmax",),
    ymax=("image/object/bbox/ymax",),
    number=(
        "image/object/class/label",
        "image/object/bbox/label",  # ImageNet, SSD-Tensorflow, visipedia
        "image/object/class/id",
        "image/object/class/index",
        "image/object/label",
        "image/object/classes",
        # of forks whose writers are not public
        "image/object/class/label_id",
        "image/object/class/category_id",
        "image/object/class_id",
        "image/object/category_id",
        "image/object/label_id",
        "image/object/bbox/class",
        "image/object/bbox/label_id",
        "image/object/class",
        "image/object/labels",
    ),
    text=(
        "image/object/class/text",
        "image/object/bbox/label_text",  # SSD-Tensorflow
        "image/object/bbox/text",  # visipedia
        "image/object/class/name",
        "image/object/name",
        "image/object/class/label_text",  # of forks whose writers are not public
        "image/object/class_text",
        "image/object/class_name",
        "image/object/label_text",
        "image/object/category_name",
        "image/object/category",
        "image/object/names",
    ),
    area=("image/object/area", "image/object/segment/area"),
    crowd=("image/object/is_crowd",),
    group=("image/object/group_of",),
    mask=("image/object/mask", "image/segmentation/object"),
    mask_indices=("image/object/mask/indices",),
    mask_values=("image/object/mask/values",),
    mask_weight=("image/object/mask/weight",),
    mask_number=("image/object/mask/class/label", "image/segmentation/object/class"),
    mask_text=("image/object/mask/class/text",),
    polygon=("image/object/segmentation_v",),
    polygon_ends=("image/object/segmentation_sep",),
    keypoint_x=("image/object/keypoint/x", "image/object/keypoints/x", "image/object/parts/x"),
    keypoint_y=("image/object/keypoint/y", "image/object/keypoints/y", "image/object/parts/y"),
    keypoint_visibility=(
        "image/object/keypoint/visibility",
        "image/object/keypoints/visibility",
        "image/object/parts/v",
    ),
    keypoint_text=("image/object/keypoint/text",),
    keypoint_count=("image/object/keypoint/num",),
    keypoint_total=("image/object/keypoint/total",),  # our own: written where objects have different numbers
    keypoint_triples=("image/object/keypoints_v",),
    keypoint_ends=("image/object/keypoints_sep",),
    dense_pose="image/object/densepose/",
    caption=("image/caption",),
    semantic=("image/segmentation/class/encoded",),
    semantic_format=("image/segmentation/class/format",),
    panoptic_category=("image/panoptic/category_mask", "image/panoptic/category/encoded"),
    panoptic_instance=("image/panoptic/instance_mask", "image/panoptic/instance/encoded"),
    label_number=("image/class/label",),
    label_text=("image/class/text",),
    label_confidence=("image/class/confidence",),
    metadata={
        "image/class/synset": "synset",
        "image/date_captured": "date_captured",
        "image/location": "location",
        "image/seq_frame_num": "seq_frame_num",
        "image/seq_id": "seq_id",
        "image/seq_num_frames": "seq_num_frames",
        "image/timestamp": "timestamp",
        "image/unix_time": "unix_time",
    },
    metadata_lists={
        "image/neg_category_ids": "neg_category_ids",
        "image/image_neg_category_ids": "neg_category_ids",  # as the ViLD writer spells it
        "image/not_exhaustive_category_ids": "not_exhaustive_category_ids",
    },
    metadata_prefix="image/attribute/",
    metadata_json=("image/attributes",),
    attribute_prefix="image/object/",
    attribute_json=("image/object/attributes",),
    source_json=("coco/source",),
    attribute_names={
        "bbox/confidence": "confidence",
        "bbox/difficult": "difficult",
        "bbox/truncated": "truncated",
        "class/score": "score",
        "track/label": "track_id",
    },
    attribute_sizes={"attribute/label": 0, "class/multiclass_scores": 0, "keypoint/z": 0, "keypoint/z/weights": 0},
    implied=frozenset(
        {
            "image/channels",
            "image/colorspace",
            "image/object/count",
            SHA256,
            "image/segmentation/class/height",
            "image/segmentation/class/width",
            "image/sha256",
            "image/panoptic/category/format",
            "image/panoptic/instance/format",
        }
    ),
    predictions=("image/detection/", "predicted/", "image/object/predicted/"),
)

# The Model Garden's builder can write the same boxes in pixels (official/vision/data/tf_example_feature_key.py).
OBJECT_DETECTION_PIXELS = OBJECT_DETECTION._replace(
    name="object_detection_pixels",
    xmin=("image/object/bbox/xmin_pixels",),
    ymin=("image/object/bbox/ymin_pixels",),
    xmax=("image/object/bbox/xmax_pixels",),
    ymax=("image/object/bbox/ymax_pixels",),
    pixel=True,
)

# Text in pictures (official/projects/unified_detector data_conversion/utils.py): words, lines and paragraphs are the
# classes 1, 2 and 3, and the polygon of each is a text.
UNIFIED_DETECTOR = OBJECT_DETECTION._replace(name="unified_detector", vertices=("image/object/vertices",))

# Detectors of text: the corners of rotated boxes beside the upright ones (ZJULearning/pixel_link
# datasets/dataset_utils.py, and other forks of SSD-Tensorflow).
QUADRANGLES = OBJECT_DETECTION._replace(
    name="object_detection_quadrangles",
    corners="image/object/bbox/",
    may_transcribe=True,
    attribute_names={**OBJECT_DETECTION.attribute_names, "bbox/label_text": "text"},
)


def _with_corners(first: str, second: str) -> Schema:
    """Forks that number the two corners of a box."""
    sides: dict[str, Any] = {
        f"{axis}{side}": (f"image/object/bbox/{axis}{number}",)
        for side, number in (("min", first), ("max", second))
        for axis in "xy"
    }
    return OBJECT_DETECTION._replace(name=f"object_detection_x{first}_x{second}", **sides)


NUMBERED_CORNERS = (_with_corners("0", "1"), _with_corners("1", "2"))


def recognise(keys: Keys) -> Schema | None:  # noqa: PLR0911 - one return a schema
    """This vocabulary, where a record has an image or a side of a box under its names, prefixed or not."""
    if "image/object/vertices" in keys and keys["image/object/vertices"].kind == "bytes":
        return UNIFIED_DETECTOR
    if all(key in keys for key in QUADRANGLES.corner_keys):
        return QUADRANGLES
    for schema in (OBJECT_DETECTION, OBJECT_DETECTION_PIXELS):
        if any(key in keys for key in schema.xmin):
            return schema
    for schema in NUMBERED_CORNERS:
        if all(key in keys for side in schema.sides for key in side):
            return schema
    if any(key in keys for key in (*OBJECT_DETECTION.encoded, *OBJECT_DETECTION.geometry)):
        return OBJECT_DETECTION
    prefixes = {key[: -len("image/encoded")] for key in keys if key.endswith("/image/encoded")}
    if len(prefixes) == 1 and not (prefix := prefixes.pop()).startswith(OBJECT_DETECTION.predictions):
        in_pixels = any(prefix + key in keys for key in OBJECT_DETECTION_PIXELS.xmin)
        return with_prefix(OBJECT_DETECTION_PIXELS if in_pixels else OBJECT_DETECTION, prefix)
    return None
