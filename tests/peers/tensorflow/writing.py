"""Record files as people make them with TensorFlow: features, Examples, pictures, TFRecordWriter."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

# Where the types are checked, TensorFlow is not installed.
import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]


def texts(*values: str | bytes) -> Any:
    """A tf.train.Feature with a BytesList."""
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[tf.compat.as_bytes(value) for value in values]))


def floats(*values: float) -> Any:
    """A tf.train.Feature with a FloatList."""
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def ints(*values: int) -> Any:
    """A tf.train.Feature with an Int64List."""
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def example(features: Mapping[str, Any]) -> bytes:
    """A tf.train.Example as bytes."""
    data: bytes = tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()
    return data


def sequence_example(context: Mapping[str, Any], lists: Mapping[str, Iterable[Any]]) -> bytes:
    """A tf.train.SequenceExample as bytes: features of the whole, and lists of one feature a frame."""
    frames = {key: tf.train.FeatureList(feature=features) for key, features in lists.items()}
    data: bytes = tf.train.SequenceExample(
        context=tf.train.Features(feature=context), feature_lists=tf.train.FeatureLists(feature_list=frames)
    ).SerializeToString()
    return data


def picture(name: str, width: int, height: int) -> bytes:
    """A picture of one colour, encoded as the ending of the name says."""
    pixels = tf.fill([height, width, 3], tf.cast(len(name) * 9 % 256, tf.uint8))
    encode = tf.io.encode_png if name.endswith(".png") else tf.io.encode_jpeg
    data: bytes = encode(pixels).numpy()
    return data


def write(path: str | os.PathLike[str], payloads: Iterable[bytes], compression: str = "") -> None:
    """A TFRecord file. compression: ``""``, ``"GZIP"`` or ``"ZLIB"``."""
    with tf.io.TFRecordWriter(os.fspath(path), tf.io.TFRecordOptions(compression_type=compression)) as writer:
        for payload in payloads:
            writer.write(payload)


def read(path: str | os.PathLike[str], compression: str = "") -> list[bytes]:
    """The payloads of a TFRecord file, as tf.data reads them."""
    return list(tf.data.TFRecordDataset(os.fspath(path), compression_type=compression).as_numpy_iterator())
