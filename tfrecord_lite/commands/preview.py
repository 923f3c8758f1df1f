"""The verb ``preview``: pictures of a dataset with what is said of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from tfrecord_lite.options.previewing import PREVIEW_OPTIONS

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.preview import Preview

OUTPUT_HELP = "a contact sheet (sheet.png, .jpg, .webp), a page (page.html), or a new folder for one picture an image"


def run(options: argparse.Namespace, on_bytes: Callable[[int], None] | None) -> Preview:
    """Runs the verb."""
    from tfrecord_lite.pipeline.preview import preview  # noqa: PLC0415 - only what a call needs is imported

    values = {each.name: getattr(options, each.name) for each in PREVIEW_OPTIONS}
    values |= {"roles": dict(options.roles), "only_classes": tuple(options.only_classes)}
    return preview(options.input, options.output, on_bytes=on_bytes, **values)
