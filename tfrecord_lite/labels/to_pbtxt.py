r"""Label map -> protobuf's text format, as the Object Detection API's ``label_map_util`` reads it.

    item {
      id: 1
      name: "caf\303\251"
      keypoints { id: 0 label: "nose" }
    }
    # item 1 supercategory: "place"
    # item 1 skeleton: [[1, 2]]

What COCO says of a category and the message has no field for is in comments, which protobuf's parsers pass over. They
are between items, since Datumaro looks for items with a pattern that knows an id and a name, and nothing else.

Source: object_detection/protos/string_int_label_map.proto (tensorflow/models).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tfrecord_lite.labels.model import LabelItem

_FREQUENCIES = {"f": "FREQUENT", "c": "COMMON", "r": "RARE"}  # of LVIS
_LARGEST = 2**31 - 1  # of an int32
_PLAIN = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}


def label_map_text(items: Iterable[LabelItem]) -> str:
    """The text of a label map. It is ASCII, so that no reader's locale can spoil it."""
    return "".join(f"{line}\n" for item in items for line in ("item {", *_fields(item), "}", *_comments(item)))


def _fields(item: LabelItem) -> Iterator[str]:
    yield f"  id: {item.id}"
    yield f"  name: {_quoted(item.name)}"
    if item.display_name:
        yield f"  display_name: {_quoted(item.display_name)}"
    if item.frequency in _FREQUENCIES:
        yield f"  frequency: {_FREQUENCIES[item.frequency]}"
    if item.instance_count is not None and 0 <= item.instance_count <= _LARGEST:
        yield f"  instance_count: {item.instance_count}"
    for number, label in enumerate(item.keypoints if all(item.keypoints) else ()):
        yield f"  keypoints {{ id: {number} label: {_quoted(label)} }}"


def _comments(item: LabelItem) -> Iterator[str]:
    if item.supercategory and item.supercategory != item.title:
        yield f"# item {item.id} supercategory: {json.dumps(item.supercategory)}"
    if item.skeleton:
        yield f"# item {item.id} skeleton: {json.dumps(item.skeleton)}"


def _quoted(text: str) -> str:
    """A text between quotes: what is not ASCII as octal bytes of its UTF-8."""
    data = text.translate(_PLAIN).encode(errors="replace")
    return '"' + "".join(chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in data) + '"'
