"""The verb ``preview``: pictures of a dataset with what is said of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfrecord_lite.pipeline.preview import Preview


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``preview`` beside those of every verb that reads Examples."""
    add = parser.add_argument
    add(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="a contact sheet (sheet.png, .jpg, .webp), a page (page.html), or a new folder for one picture an image",
    )
    add("--sample", type=int, metavar="N", help="how many pictures; default: 20 on a sheet, else 200")
    add("--seed", type=int, default=0, metavar="S", help="another number gives another choice of pictures")
    add("--only-class", action="append", default=[], metavar="NAME", help="such objects only; any number of times")
    add("--warned", action="store_true", help="pictures with warnings first")
    add("--font", metavar="FILE", help="the font of names; default: one of this machine that has their characters")
    add("--label-map", metavar="FILE", help="the names of classes; default: the one beside the input")
    add("--image-root", metavar="DIR", help="where the pictures are, if the records only name them")
    add("--overwrite", action="store_true", help="replace a sheet or page that exists")


def run(options: argparse.Namespace, on_bytes: Callable[[int], None] | None) -> Preview:
    """Runs the verb."""
    from tfrecord_lite.options import ReadOptions  # noqa: PLC0415 - only what a call needs is imported
    from tfrecord_lite.pipeline.preview import preview  # noqa: PLC0415 - likewise
    from tfrecord_lite.schemas.registry import check_schema  # noqa: PLC0415 - likewise

    check_schema(options.schema)
    return preview(
        options.input,
        options.output,
        sample=options.sample,
        seed=options.seed,
        only_classes=options.only_class,
        warned=options.warned,
        font=options.font,
        label_map=options.label_map,
        options=ReadOptions(
            coordinates=options.coordinates,
            schema=options.schema,
            roles=tuple(options.roles),
            image_root=options.image_root,
            max_record_size=options.max_record_size,
        ),
        allow_missing_shards=options.allow_missing_shards,
        overwrite=options.overwrite,
        on_bytes=on_bytes,
    )
