"""What the first records of a file hold: keys with kinds and lengths, by which a schema is recognised."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tfrecord_lite.errors import DataError, shortened
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.images.signatures import HEAD_SIZE, image_format
from tfrecord_lite.schemas.schema import Schema, present

LARGEST_FRACTION = 2.0  # of the image: a larger coordinate is not the overshoot of a normalised one, but pixels
_MOST_SHOWN = 20  # keys in a message


class KeyFacts(NamedTuple):
    """A key over several records.

    kind: None where it never has values. least, most: values per record. head: the first bytes of a bytes value.
    """

    kind: str | None
    least: int
    most: int
    head: bytes

    @property
    def is_image(self) -> bool:
        """Whether it holds one value a record that begins as an encoded image does."""
        return self.kind == "bytes" and self.most == 1 and image_format(self.head) is not None


Keys = Mapping[str, KeyFacts]


def survey(examples: Iterable[Example]) -> dict[str, KeyFacts]:
    """The keys of some records."""
    keys: dict[str, KeyFacts] = {}
    for example in examples:
        for key in example:
            count = example.count(key)
            kind = example.kind(key) if count else None
            known = keys.get(key)
            if known is not None:
                least, most = min(known.least, count), max(known.most, count)
                keys[key] = KeyFacts(known.kind or kind, least, most, known.head)
            else:
                head = bytes(example.buffers(key)[0][:HEAD_SIZE]) if kind == "bytes" else b""
                keys[key] = KeyFacts(kind, count, count, head)
    return keys


def known_size(example: Example, schema: Schema) -> tuple[int, int] | None:
    """Width and height of a record's image, by its header, else as the record says; None where neither gives them."""
    key = present(example, schema.encoded)
    with contextlib.suppress(DataError):
        if blobs := example.buffers(key):
            info = read_image_info(blobs[0], example.where, key)
            return info.width, info.height
    with contextlib.suppress(DataError):
        sides = [example.whole_numbers(present(example, keys)) for keys in (schema.width, schema.height)]
        if all(len(side) == 1 and side[0] > 1 for side in sides):  # some writers put 1 or 0 for an unknown size
            return sides[0][0], sides[1][0]
        shape = example.whole_numbers(present(example, schema.shape))
        if len(shape) in (2, 3) and min(shape) > 0:
            return shape[1], shape[0]
    return None


def describe(keys: Keys) -> str:
    """Keys with their kinds and lengths, for a message."""
    shown = []
    for key, facts in sorted(keys.items())[:_MOST_SHOWN]:
        length = str(facts.least) if facts.least == facts.most else f"{facts.least}-{facts.most}"
        shown.append(f"{shortened(key)} ({facts.kind or 'empty'}[{length}])")
    more = len(keys) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
