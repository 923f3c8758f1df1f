"""The reader of PyPI's ``tfrecords``: records only, for it has no messages.

tfrecords_reader.py records CORPUS [--digest]
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

from telling import tell_reading

tfrecords: Any = importlib.import_module("tfrecords")  # mypy would take tests/support/tfrecords.py


def read_payloads(path: str) -> Iterator[bytes]:
    options = tfrecords.TFRecordOptions(compression_type=tfrecords.TFRecordCompressionType.NONE)
    yield from tfrecords.tf_record_iterator(path, options=options, with_share_memory=True)


def main() -> None:
    tell_reading(read_payloads, sys.argv[2])


if __name__ == "__main__":
    main()
