"""The reader of PyPI's ``tfrecord``: records, messages and five lists. It does not verify checksums.

tfrecord_reader.py lists CORPUS [--digest]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from telling import BOX_KEYS, LABEL_KEY, Lists, tell_reading
from tfrecord.reader import tfrecord_loader  # type: ignore[import-not-found,import-untyped,unused-ignore]

DESCRIPTION = {**dict.fromkeys(BOX_KEYS, "float"), LABEL_KEY: "int"}


def read_lists(path: str) -> Iterator[Lists]:
    for found in tfrecord_loader(path, None, DESCRIPTION):
        yield list(found.values())


def main() -> None:
    tell_reading(read_lists, sys.argv[2])


if __name__ == "__main__":
    main()
