"""This package from inside a process.

    ours.py records|lists|annotations CORPUS [OUT] [--digest]

records: frames and both checksums. lists: also the parsed Example and five of its lists. annotations: a conversion
without images, into OUT.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from telling import BOX_KEYS, LABEL_KEY, Lists, tell, tell_reading

from tfrecord_lite import convert, read_examples, read_records


def read_payloads(path: str) -> Iterator[bytes]:
    for record in read_records(path):
        yield record.payload


def read_lists(path: str) -> Iterator[Lists]:
    for example in read_examples(path):
        yield [*map(example.floats, BOX_KEYS), example.ints(LABEL_KEY)]


def main() -> None:
    mode, path, *rest = sys.argv[1:]
    if mode == "annotations":
        tell(lambda: convert(path, rest[0], write_images=False).images)
    else:
        tell_reading(read_lists if mode == "lists" else read_payloads, path)


if __name__ == "__main__":
    main()
