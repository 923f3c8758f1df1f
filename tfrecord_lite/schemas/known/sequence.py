"""Video: the frames of a tf.train.SequenceExample, each read as an image with its regions.

Sources: tensorflow/models research/object_detection dataset_tools/seq_example_util.py and
data_decoders/tf_sequence_example_decoder.py; mediapipe util/sequence/media_sequence.py; without ``region/``:
research/lstm_object_detection inputs/tf_sequence_example_decoder.py.
"""

from __future__ import annotations

from tfrecord_lite.example.sequence import FRAME_INDEX
from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

SEQUENCE = Schema(
    name="sequence_example",
    encoded=("image/encoded",),
    filename=("image/filename", "image/source_id"),
    source_id=("image/source_id",),
    format=("image/format",),
    width=("image/width",),
    height=("image/height",),
    xmin=("region/bbox/xmin", "bbox/xmin"),
    ymin=("region/bbox/ymin", "bbox/ymin"),
    xmax=("region/bbox/xmax", "bbox/xmax"),
    ymax=("region/bbox/ymax", "bbox/ymax"),
    number=("region/label/index", "bbox/label/index"),
    text=("region/label/string", "bbox/label/string"),
    area=("area",),
    crowd=("is_crowd",),
    group=("group_of",),
    metadata={
        FRAME_INDEX: "frame_index",
        "clip/media_id": "video_id",
        "clip/data_path": "video_path",
        "example/dataset_name": "dataset_name",
        "image/timestamp": "timestamp",
    },
    attribute_prefix="region/",
    attribute_names={"label/confidence": "score", "track/index": "track_id", "track/string": "track"},
    implied=frozenset(
        {
            "clip/end/timestamp",
            "clip/frames",
            "clip/start/timestamp",
            "image/channels",
            "image/key/sha256",
            "region/is_annotated",
            "region/timestamp",
        }
    ),
    predictions=("predicted/", "PREDICTED/"),
)


def recognise(keys: Keys) -> Schema | None:
    """The schema of a frame, which has a number in its video, where frames hold images or at least their size."""
    has_image = any(key in keys and keys[key].kind is not None for key in SEQUENCE.encoded)
    has_size = all(key in keys for key in (*SEQUENCE.width, *SEQUENCE.height))
    return SEQUENCE if FRAME_INDEX in keys and (has_image or has_size) else None
