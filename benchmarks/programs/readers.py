"""Programs that read every record: the floor, this package's two iterators and TensorFlow's two.

    readers.py floor|records|lists|iterator|dataset CORPUS [--digest]

floor: as floor.py reads. records: this package's frames with both checksums. lists: also the parsed Example and five of
its lists. iterator and dataset: TensorFlow's tf_record_iterator and tf.data, each with ParseFromString and these lists.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from telling import tell

BOX_KEYS = tuple(f"image/object/bbox/{side}" for side in ("xmin", "ymin", "xmax", "ymax"))
LABEL_KEY = "image/object/class/label"

Lists = Sequence[Sequence[float]]
"""The five lists of a record: four sides of its boxes, and labels."""
Result = Lists | bytes | memoryview
"""What reading gives of a record: its lists, or its payload."""


def reader(mode: str) -> Callable[[str], Iterable[Result]]:
    """Imports what a mode needs, outside the time, and returns what reads a file."""
    if mode == "floor":
        from floor import payloads  # noqa: PLC0415 - each mode runs where only its own library is

        return payloads
    if mode in ("records", "lists"):
        from tfrecord_lite import read_examples, read_records  # noqa: PLC0415 - likewise

        if mode == "records":
            return lambda path: (record.payload for record in read_records(path))
        return lambda path: ([*map(each.floats, BOX_KEYS), each.ints(LABEL_KEY)] for each in read_examples(path))
    import tensorflow as tf  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 - likewise

    def read(path: str) -> Iterator[Lists]:
        whole = tf.data.TFRecordDataset(path).as_numpy_iterator
        for payload in tf.compat.v1.io.tf_record_iterator(path) if mode == "iterator" else whole():
            example = tf.train.Example()
            example.ParseFromString(payload)
            feature = example.features.feature
            labels = list(feature[LABEL_KEY].int64_list.value)
            yield [*(list(feature[key].float_list.value) for key in BOX_KEYS), labels]

    return read


def tell_reading(read: Callable[[str], Iterable[Result]], path: str) -> None:
    """Reads a file record by record; with ``--digest`` as the last argument, says what was read instead."""
    if sys.argv[-1] == "--digest":
        print(json.dumps(_digest(read(path))))
    else:
        tell(lambda: sum(1 for _ in read(path)))


def _digest(results: Iterable[Result]) -> dict[str, object]:
    """One number for all that was read: equal for equal values, whatever types hold them."""
    digest, records = hashlib.sha256(), 0
    for result in results:
        records += 1
        parts = [bytes(result)] if isinstance(result, bytes | memoryview) else map(_packed, result, "ffffq")
        for part in parts:
            digest.update(len(part).to_bytes(8, "little") + part)
    return {"records": records, "digest": digest.hexdigest()}


def _packed(values: Sequence[float], kind: str) -> bytes:
    """Numbers as 32-bit floats (f) or 64-bit integers (q)."""
    return struct.pack(f"<{len(values)}{kind}", *values)


if __name__ == "__main__":
    tell_reading(reader(sys.argv[1]), sys.argv[2])
