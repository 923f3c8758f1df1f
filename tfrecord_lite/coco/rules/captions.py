"""Captions: annotations that are sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfrecord_lite.coco.rules.finding import Findings, Rule, shown

RULES = (
    Rule(
        "E90",
        "a caption is missing, or no text",
        "Write the sentence, or remove the annotation.",
        ("missing", "no text"),
    ),
)


def check_captions(annotations: Sequence[dict[str, Any]], found: Findings) -> None:
    """The annotations of a block."""
    for number, annotation in enumerate(annotations):
        caption = annotation.get("caption")
        if caption is None:
            found.add("E90", "missing", number, "no caption")
        elif type(caption) is not str:
            found.add("E90", "no text", number, f"caption {shown(caption)}")
