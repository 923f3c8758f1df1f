"""TensorFlow writes small TFRecord files, reads them back, and notes in golden.json what it read.

Run by hand, where TensorFlow is installed; see README.md beside this file:

    python make_golden.py [FOLDER]
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

# Where the types are checked, TensorFlow is not installed.
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]

PixelBox: TypeAlias = tuple[int, int, int, int]  # x0, y0, x1, y1
Truth: TypeAlias = dict[str, Any]  # what goes into golden.json

# The same in three files: text, nothing, more than a buffer of 64 KiB, every byte there is, and a run of zeros.
PAYLOADS = (b"foo", b"", (bytes(range(251)) * 279)[:70_000], bytes(range(256)), bytes(40))
COMPRESSIONS = {"plain.tfrecord": "", "gzip.tfrecord": "GZIP", "zlib.tfrecord": "ZLIB"}
LONGEST_HEX = 64  # bytes of a payload that golden.json spells out

DTYPES = {"bytes_list": tf.string, "float_list": tf.float32, "int64_list": tf.int64}
KINDS = {tf.string: "bytes", tf.float32: "float", tf.int64: "int64"}


def drawn(name: str, width: int, height: int, boxes: Sequence[PixelBox]) -> bytes:
    """A gradient, each box filled with a colour of its own, encoded as the ending of the name says."""
    y, x = np.mgrid[0:height, 0:width]
    picture: npt.NDArray[np.uint8] = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1).astype(np.uint8)
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        picture[y0:y1, x0:x1] = (60 * i + 40, 200 - 60 * i, 90)
    encode = tf.io.encode_png if name.endswith(".png") else tf.io.encode_jpeg
    data: bytes = encode(picture).numpy()
    return data


def texts(*values: str | bytes) -> Any:
    """A tf.train.Feature with a BytesList."""
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[tf.compat.as_bytes(value) for value in values]))


def floats(*values: float) -> Any:
    """A tf.train.Feature with a FloatList."""
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def ints(*values: int) -> Any:
    """A tf.train.Feature with an Int64List."""
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def detection(
    name: str,
    size: tuple[int, int],
    boxes: Sequence[PixelBox],
    labels: Sequence[int],
    names: Sequence[str],
    **more: Any,
) -> bytes:
    """A tf.train.Example with the keys that the Object Detection API writes for Pascal VOC, and more."""
    width, height = size
    image = drawn(name, width, height, boxes)
    features = {
        "image/height": ints(height),
        "image/width": ints(width),
        "image/filename": texts(name),
        "image/source_id": texts(name),
        "image/key/sha256": texts(hashlib.sha256(image).hexdigest()),
        "image/encoded": texts(image),
        "image/format": texts("png" if name.endswith(".png") else "jpeg"),
        "image/object/bbox/xmin": floats(*(box[0] / width for box in boxes)),
        "image/object/bbox/xmax": floats(*(box[2] / width for box in boxes)),
        "image/object/bbox/ymin": floats(*(box[1] / height for box in boxes)),
        "image/object/bbox/ymax": floats(*(box[3] / height for box in boxes)),
        "image/object/class/text": texts(*names),
        "image/object/class/label": ints(*labels),
        **more,
    }
    return serialized(tf.train.Example(features=tf.train.Features(feature=features)))


def detections() -> list[bytes]:
    """No box, one box, three boxes with all that Pascal VOC, COCO and Open Images say of one; text beyond ASCII."""
    return [
        detection("empty.jpg", (96, 64), [], [], []),
        detection("one.png", (64, 80), [(8, 10, 40, 70)], [1], ["cat"]),
        detection(
            "three.jpg",
            (120, 90),
            [(0, 0, 30, 30), (50, 20, 120, 90), (33, 7, 47, 11)],
            [2, 1, 2],
            ["dog", "cat", "dog"],
            **{
                "image/object/area": floats(652.25, 4900.0, 41.5),
                "image/object/is_crowd": ints(0, 1, 0),
                "image/object/difficult": ints(0, 0, 1),
                "image/object/truncated": ints(1, 0, 0),
                "image/object/group_of": ints(0, 1, 0),
                "image/object/view": texts("Frontal", "Unspecified", "Left"),
            },
        ),
        detection(
            "Straßenbahn_電車.png",
            (75, 50),
            [(5, 5, 70, 45), (1, 2, 4, 8)],
            [3, 4],
            ["Straßenbahn", "電車 🚋"],
            **{
                "image/unix_time": ints(-14_182_940),  # before 1970
                "image/object/attribute/offset": ints(-(2**63), 2**63 - 1),
            },
        ),
    ]


def frames(rows: Iterable[Any]) -> Any:
    """A tf.train.FeatureList of one feature a frame."""
    return tf.train.FeatureList(feature=rows)


def video() -> bytes:
    """A tf.train.SequenceExample of three frames: two boxes, none, one.

    The keys, and the feature of no kind for a frame without boxes, are those of tensorflow/models
    ``research/object_detection/dataset_tools/seq_example_util.py``.
    """
    width, height = 80, 60
    boxes: list[list[PixelBox]] = [[(10, 6, 30, 36), (40, 12, 72, 54)], [], [(12, 6, 32, 36)]]
    names = [["cat", "dog"], [], ["cat"]]
    none = tf.train.Feature()
    context = {
        "example/dataset_name": texts("golden"),
        "clip/media_id": texts("clip-7"),
        "clip/frames": ints(len(boxes)),
        "clip/start/timestamp": ints(1_000_000),
        "clip/end/timestamp": ints(1_080_000),
        "image/format": texts("JPEG"),
        "image/channels": ints(3),
        "image/height": ints(height),
        "image/width": ints(width),
    }
    lists = {
        "image/encoded": frames(texts(drawn(".jpg", width, height, shown)) for shown in boxes),
        "image/source_id": frames(texts(f"clip-7/{i}") for i in range(len(boxes))),
        "image/timestamp": frames(ints(1_000_000 + 40_000 * i) for i in range(len(boxes))),
        "region/is_annotated": frames(ints(1) for _ in boxes),
        "region/label/string": frames(texts(*shown) if shown else none for shown in names),
    }
    for i, (side, extent) in enumerate((("xmin", width), ("ymin", height), ("xmax", width), ("ymax", height))):
        lists[f"region/bbox/{side}"] = frames(
            floats(*(box[i] / extent for box in shown)) if shown else none for shown in boxes
        )
    message = tf.train.SequenceExample(
        context=tf.train.Features(feature=context), feature_lists=tf.train.FeatureLists(feature_list=lists)
    )
    return serialized(message)


def serialized(message: Any) -> bytes:
    """The message as bytes, maps in the order of their keys, so that every run gives the same."""
    data: bytes = message.SerializeToString(deterministic=True)
    return data


def written_and_read(path: Path, payloads: Iterable[bytes], compression: str = "") -> Truth:
    """Write the payloads with TensorFlow; what TensorFlow then reads."""
    with tf.io.TFRecordWriter(str(path), tf.io.TFRecordOptions(compression_type=compression)) as writer:
        for payload in payloads:
            writer.write(payload)
    dataset = tf.data.TFRecordDataset(str(path), compression_type=compression)
    return {"compression": compression, "records": [described(payload) for payload in dataset.as_numpy_iterator()]}


def described(data: bytes) -> Truth:
    """Length and digest of bytes; the bytes themselves where they are few."""
    facts: Truth = {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    return facts | {"hex": data.hex()} if len(data) <= LONGEST_HEX else facts


def plain(value: Any) -> Any:
    """A value of a tensor for JSON: a float32 as the double that is exactly it, bytes as text where they are UTF-8."""
    if not isinstance(value, bytes):
        return value.item()
    try:
        return value.decode()
    except UnicodeDecodeError:
        return described(value)


def parsed_example(payload: bytes) -> Truth:
    """What tf.io.parse_single_example reads: kind and values by key."""
    kinds = {key: kind(feature) for key, feature in tf.train.Example.FromString(payload).features.feature.items()}
    tensors = tf.io.parse_single_example(payload, {key: tf.io.VarLenFeature(dtype) for key, dtype in kinds.items()})
    return {key: values(tensors[key]) for key in sorted(tensors)}


def parsed_sequence(payload: bytes) -> tuple[Truth, Truth]:
    """What tf.io.parse_single_sequence_example reads: the context as above, and the values of each frame by key."""
    message = tf.train.SequenceExample.FromString(payload)
    context_kinds = {key: kind(feature) for key, feature in message.context.feature.items()}
    list_kinds = {key: kind(*rows.feature) for key, rows in message.feature_lists.feature_list.items()}
    context, lists = tf.io.parse_single_sequence_example(
        payload,
        context_features={key: tf.io.VarLenFeature(dtype) for key, dtype in context_kinds.items()},
        sequence_features={key: tf.io.VarLenFeature(dtype) for key, dtype in list_kinds.items()},
    )
    return {key: values(context[key]) for key in sorted(context)}, {key: rows(lists[key]) for key in sorted(lists)}


def kind(*features: Any) -> Any:
    """The type of the values of a feature, or of the first among several that has any."""
    return next(DTYPES[name] for feature in features if (name := feature.WhichOneof("kind")))


def values(tensor: Any) -> Truth:
    """Kind and values of a sparse tensor of one dimension."""
    return {"kind": KINDS[tensor.dtype], "values": [plain(value) for value in tensor.values.numpy()]}


def rows(tensor: Any) -> Truth:
    """Kind and values, frame by frame, of a sparse tensor of two dimensions."""
    shown: list[list[Any]] = [[] for _ in range(tensor.dense_shape.numpy()[0])]
    for (frame, _), value in zip(tensor.indices.numpy(), tensor.values.numpy(), strict=True):
        shown[frame].append(plain(value))
    return {"kind": KINDS[tensor.dtype], "frames": shown}


def main(folder: Path) -> None:
    """Make all files of this folder but the two that were written by hand."""
    files = {name: written_and_read(folder / name, PAYLOADS, compression) for name, compression in COMPRESSIONS.items()}

    payloads = detections()
    files["detection.tfrecord"] = written_and_read(folder / "detection.tfrecord", payloads)
    for record, payload in zip(files["detection.tfrecord"]["records"], payloads, strict=True):
        record["features"] = parsed_example(payload)

    files["sequence.tfrecord"] = written_and_read(folder / "sequence.tfrecord", [video()])
    (record,) = files["sequence.tfrecord"]["records"]
    record["context"], record["lists"] = parsed_sequence(video())

    truth = {"tensorflow": tf.__version__, "files": files}
    text = json.dumps(truth, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / "golden.json").write_text(text + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
