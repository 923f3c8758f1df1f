"""The vocabulary of the TensorFlow Object Detection API, which most writers of detection records share.

Reader and names: tensorflow/models research/object_detection data_decoders/tf_example_decoder.py and
core/standard_fields.py; writers: dataset_tools/create_*_tf_record.py. Roboflow, the raccoon script and its forks, VoTT,
Datumaro and CVAT, FiftyOne, EfficientDet and MediaPipe write a subset of these keys.
"""

from __future__ import annotations

from tfrecord_lite.schemas.layout import Layout

OBJECT_DETECTION = Layout(
    name="object_detection",
    encoded=("image/encoded",),
    filename=("image/filename",),
    source_id=("image/source_id",),
    format=("image/format",),
    width=("image/width",),
    height=("image/height",),
    xmin=("image/object/bbox/xmin",),
    ymin=("image/object/bbox/ymin",),
    xmax=("image/object/bbox/xmax",),
    ymax=("image/object/bbox/ymax",),
    number=("image/object/class/label",),
    text=("image/object/class/text",),
    area=("image/object/area", "image/object/segment/area"),
    crowd=("image/object/is_crowd",),
    group=("image/object/group_of",),
    attribute_prefix="image/object/",
    no_attributes=frozenset(
        {
            "image/object/mask",
            "image/object/keypoint/num",
            "image/object/keypoint/text",
            "image/object/keypoint/visibility",
            "image/object/keypoint/x",
            "image/object/keypoint/y",
        }
    ),
    facts={
        "image/date_captured": "date_captured",
        "image/location": "location",
        "image/seq_id": "seq_id",
        "image/seq_frame_num": "seq_frame_num",
        "image/seq_num_frames": "seq_num_frames",
        "image/timestamp": "timestamp",
        "image/unix_time": "unix_time",
    },
    implied=frozenset({"image/channels", "image/colorspace", "image/key/sha256"}),
    predictions=("image/detection/", "predicted/"),
)
