"""TensorFlow's two iterators over records, each with ParseFromString and five lists.

tensorflow_readers.py iterator|dataset CORPUS [--digest]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore]
from telling import BOX_KEYS, LABEL_KEY, Lists, tell_reading


def records(mode: str, path: str) -> Iterable[bytes]:
    if mode == "iterator":
        found: Iterable[bytes] = tf.compat.v1.io.tf_record_iterator(path)
    else:
        found = tf.data.TFRecordDataset(path).as_numpy_iterator()
    return found


def read_lists(mode: str, path: str) -> Iterator[Lists]:
    for payload in records(mode, path):
        example = tf.train.Example()
        example.ParseFromString(payload)
        feature = example.features.feature
        yield [*(list(feature[key].float_list.value) for key in BOX_KEYS), list(feature[LABEL_KEY].int64_list.value)]


def main() -> None:
    mode, path = sys.argv[1:3]
    tell_reading(lambda path: read_lists(mode, path), path)


if __name__ == "__main__":
    main()
