"""Images with one class each, or captions, and no boxes: Kaggle's, FiftyOne's and other classification records.

Sources: fiftyone/utils/tf.py (TFImageClassificationDataset); the Kaggle sets by their published readers. Their classes
go into ``labels`` of the image: COCO's detection files have no place for them.
"""

from __future__ import annotations

from tfrecord_lite.schemas.detect.evidence import Keys
from tfrecord_lite.schemas.schema import Schema

CLASSIFICATION = Schema(
    name="classification",
    encoded=("image", "image_bytes", "image_raw", "image/encoded", "img", "img_raw", "img_bytes", "image/raw", "jpeg"),
    filename=("filename", "image/filename", "image_name", "file_name", "image/file_name", "path"),
    source_id=("image_id", "id", "image/id"),
    format=("format", "image/format"),
    width=("width", "image/width"),
    height=("height", "image/height"),
    shape=("shape", "image/shape", "image_shape", "img_shape"),
    label_number=("label", "class", "target", "image/class/label"),
    label_text=("label_text", "class_name", "image/class/text"),
    caption=("caption", "captions", "captions/text"),
    implied=frozenset({"depth", "channels", "captions/id"}),
)


def recognise(keys: Keys) -> Schema | None:
    """An image and nothing that looks like a box."""
    if any(facts.kind == "bytes" for key, facts in keys.items() if key in CLASSIFICATION.encoded):
        return CLASSIFICATION._replace(caption=captions_in(keys))
    return None


def captions_in(keys: Keys) -> tuple[str, ...]:
    """The keys that hold captions as text: others hold the numbers of words."""
    return tuple(key for key in CLASSIFICATION.caption if key in keys and keys[key].kind == "bytes")
