"""Label maps of any kind as tests read them: the classes in a text, or why it is refused."""

from __future__ import annotations

import time

import pytest

from tfrecord_lite.errors import LabelMapError
from tfrecord_lite.labels.load import parse_label_map
from tfrecord_lite.labels.model import LabelMap

CAT_AND_DOG = [(1, "cat"), (2, "dog")]
FROM_ZERO = [(0, "cat"), (1, "dog")]


def read(text: str | bytes) -> LabelMap:
    """One of protobuf's, as text or serialised."""
    return parse_label_map("x.pbtxt", text.encode() if isinstance(text, str) else text)


def classes(name: str, text: str | bytes) -> list[tuple[int, str]]:
    labels = parse_label_map(name, text.encode() if isinstance(text, str) else text)
    assert labels.zero_based == (labels.items[0].id == 0)
    return [(item.id, item.name) for item in labels.items]


def refusal(name: str, text: str | bytes) -> str:
    with pytest.raises(LabelMapError) as caught:
        parse_label_map(name, text.encode() if isinstance(text, str) else text)
    message = str(caught.value)
    assert message.isprintable()
    return message


def assert_refused_in_no_time(name: str, text: str) -> None:
    """A text that is made to take long does not, and the message stays short."""
    start = time.process_time()
    with pytest.raises(LabelMapError) as caught:
        parse_label_map(name, text.encode())
    assert time.process_time() - start < 5  # what grows with the square takes minutes
    assert len(str(caught.value)) < 400
