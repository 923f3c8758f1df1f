"""Programs that read every record: this package's two iterators and TensorFlow's two.

    readers.py records|lists|iterator|dataset CORPUS [--digest]

records: this package's frames with both checksums. lists: also the parsed Example and five of its lists. iterator and
dataset: TensorFlow's tf_record_iterator and tf.data, each with ParseFromString and the same five lists.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from telling import BOX_KEYS, LABEL_KEY, Lists, tell_reading


def read_records(path: str) -> Iterator[bytes]:
    from tfrecord_lite import read_records as read  # noqa: PLC0415 - each mode runs where only its own library is

    for record in read(path):
        yield record.payload


def read_lists(path: str) -> Iterator[Lists]:
    from tfrecord_lite import read_examples  # noqa: PLC0415 - likewise

    for example in read_examples(path):
        yield [*map(example.floats, BOX_KEYS), example.ints(LABEL_KEY)]


def read_tensorflow(path: str) -> Iterator[Lists]:
    import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 - likewise

    if sys.argv[1] == "iterator":
        payloads = tf.compat.v1.io.tf_record_iterator(path)
    else:
        payloads = tf.data.TFRecordDataset(path).as_numpy_iterator()
    for payload in payloads:
        example = tf.train.Example()
        example.ParseFromString(payload)
        feature = example.features.feature
        yield [*(list(feature[key].float_list.value) for key in BOX_KEYS), list(feature[LABEL_KEY].int64_list.value)]


if __name__ == "__main__":
    if sys.argv[1] == "records":
        tell_reading(read_records, sys.argv[2])
    else:
        tell_reading(read_lists if sys.argv[1] == "lists" else read_tensorflow, sys.argv[2])
