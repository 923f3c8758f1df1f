"""Run by test_side_by_side.py in an interpreter of its own: ``together.py FIRST,SECOND RECORDS OUTPUT``.

Imports the modules in the order given, lets TensorFlow and this package read the same file, and prints what there is to
know as JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

from google.protobuf import descriptor_pool

LABEL_MAP = "object_detection/protos/string_int_label_map.proto"


def is_known(pool: Any, file: str) -> bool:
    """Whether a descriptor pool holds a .proto file."""
    try:
        pool.FindFileByName(file)
    except KeyError:
        return False
    return True


def facts(path: str, output: str) -> dict[str, Any]:
    """Reads the one record of a file in both ways, and converts it."""
    tf, package = sys.modules["tensorflow"], sys.modules["tfrecord_lite"]
    (payload,) = tf.data.TFRecordDataset(path).as_numpy_iterator()
    theirs = tf.train.Example.FromString(payload)
    (ours,) = (example.message for example in package.read_examples(path))
    summary = package.convert(path, output)
    default, private = descriptor_pool.Default(), sys.modules["tfrecord_lite.example.messages"].POOL
    pairs = [(ours.features.feature[key], feature) for key, feature in theirs.features.feature.items()]
    return {
        "modules": [name for name in sys.modules if name in ("tensorflow", "tfrecord_lite")],
        "features": [len(ours.features.feature), len(theirs.features.feature)],
        "equal features": sum(str(a) == str(b) for a, b in pairs),
        "ours, read by TensorFlow": tf.train.Example.FromString(ours.SerializeToString()) == theirs,
        "classes are two": type(ours) is not type(theirs),
        "our descriptors are in our pool": ours.DESCRIPTOR.file.pool is private and private is not default,
        "tensorflow.Example of the default pool is TensorFlow's": (
            default.FindMessageTypeByName("tensorflow.Example") is tf.train.Example.DESCRIPTOR
        ),
        "label map in our pool": is_known(private, LABEL_MAP),
        "label map in the default pool": is_known(default, LABEL_MAP),
        "images and annotations": [summary.images, summary.annotations],
    }


if __name__ == "__main__":
    for module in sys.argv[1].split(","):
        import_module(module)
    print(json.dumps(facts(*sys.argv[2:])))
