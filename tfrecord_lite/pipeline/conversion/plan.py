"""The options of a conversion -> its plan: what is read, how, and where it goes. No record is read yet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from tfrecord_lite.coco.draft.draft import DraftOptions
from tfrecord_lite.coco.write.collector import ImageOptions
from tfrecord_lite.errors import UsageError
from tfrecord_lite.inputs.urls import is_url
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.option import Option, check_options
from tfrecord_lite.output.checks import protect_inputs
from tfrecord_lite.output.target import DatasetFolder, JsonFile, Target
from tfrecord_lite.pipeline.reading.selection import Selection
from tfrecord_lite.pipeline.reading.source import Source, open_source
from tfrecord_lite.schemas.registry import check_reading
from tfrecord_lite.tfrecord.records import Paths

_SHAPING = frozenset(
    {
        "label_map",
        "roles",
        "coordinates",
        "category",
        "drop_empty_boxes",
        "ignored_labels",
        "panoptic_divisor",
        "merge_images",
        "masks",
        "precision",
        "image_ids",
        "only_classes",
        "drop_classes",
        "drop_empty_images",
        "rename",
        "renumber",
    }
)
"""Options that change what is written, other than how the output folder is arranged."""


class Plan(NamedTuple):
    """What a conversion is to do. It can cross the border of a process.

    output: as it is given; target: what it means. source: the files to read.
    splits: the names of those that are written, in order.
    reading, drafting, collecting: how records, drafts and images are made. selection: what is taken of all.
    page: the file of the page, where one is wanted.
    layout: how the output folder is arranged.
    on_error: what is done about bad data. fatal: codes of warnings and losses after which nothing is published; None
    for all. allow_empty: whether an input without any record is accepted.
    asked: an option that asks for another output than COCO entries that records may carry along; empty without one.
    """

    output: str
    target: Target
    source: Source
    splits: list[str]
    reading: ReadOptions
    drafting: DraftOptions
    collecting: ImageOptions
    selection: Selection
    page: str | None
    layout: str
    on_error: str
    fatal: frozenset[str] | None
    allow_empty: bool
    asked: str


def make_plan(inputs: Paths, output: str, options: Mapping[str, Any]) -> Plan:
    """Checks the options of a conversion, and finds its input.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        output: a dataset folder, or a ``.json`` file.
        options: the parameters of ``convert`` by name; there may be others besides.

    Raises:
        UsageError: the options cannot be carried out. OutputError: what is written would replace what is read.
        InputError: an input is missing. LabelMapError: a label map cannot be read.
    """
    check_options(CONVERT_OPTIONS, options)
    selection = Selection.given(options)
    images = None if options["images"] is None else os.fspath(options["images"])
    target = _choose_target(output, images, options["layout"], write_images=options["write_images"])
    if selection.shares and target.only_split is not None:
        raise UsageError("--split-ratio needs a folder as output: a .json file is one split")
    if options["layout"] == "yolo":
        _check_labels(options)
    reading = ReadOptions.given(
        options,
        masks=options["masks"] != "none",
        pictures=target.writes_images,
        recover=options["on_error"] == "recover",
    )
    check_reading(reading)
    only = target.only_split if target.only_split is not None else options["split"]
    if only is None and selection.shares:
        only = "all"
    missing = options["allow_missing_shards"]
    source = open_source(inputs, options["label_map"], split=only, allow_missing_shards=missing)
    splits = selection.names or list(source.splits)
    read = (*source.paths, options["schema"])
    pieces = target.replaced(splits)
    protect_inputs(read, pieces, output, image_root=reading.image_root)
    page = None if options["html"] is None else os.fspath(options["html"])
    if page is not None:
        from tfrecord_lite.pipeline.conversion.page import check_page  # noqa: PLC0415 - most runs write none

        root, overwrite = reading.image_root, options["overwrite"]
        check_page(page, read, pieces, source.shards, image_root=root, overwrite=overwrite)
    return Plan(
        output,
        target,
        source,
        splits,
        reading,
        DraftOptions(options["precision"], options["masks"], digests=options["merge_images"]),
        ImageOptions(source_ids=options["image_ids"] == "source", merge=options["merge_images"]),
        selection,
        page,
        options["layout"],
        options["on_error"],
        None if options["strict"] else frozenset(options["fail_on"]),
        options["allow_empty"],
        next((each.spelling for each in CONVERT_OPTIONS if _asks(each, options[each.name])), ""),
    )


def _check_labels(options: Mapping[str, Any]) -> None:
    """Refuses options that leave YOLO's labels without what they need."""
    if not options["write_images"]:
        raise UsageError("the layout yolo has labels beside images: --no-images leaves nothing to train with")
    if options["masks"].startswith("rle"):
        raise UsageError(f"the layout yolo has polygons, and cannot go with --masks={options['masks']}")


def _asks(option: Option, value: object) -> bool:
    """Whether an option asks for another output than the records by themselves would give."""
    if option.name == "layout":
        return value == "yolo"
    return option.name in _SHAPING and value != option.default and bool(value or option.default)


def _choose_target(output: str, images: str | None, layout: str, *, write_images: bool) -> Target:
    """A JSON file where the output is named like one, else a dataset folder; at a URL the same by way of a stage."""
    if not output:
        raise UsageError("the name of the output is empty. Name a folder or a .json file; . is the current folder")
    if is_url(output):
        from tfrecord_lite.output.remote import RemoteTarget  # noqa: PLC0415 - most outputs are files

        if images is not None:
            raise UsageError("--images goes with an output file of this machine. At a URL name a folder as the output")
        return RemoteTarget(output, lambda path: _choose_target(path, None, layout, write_images=write_images))
    if output.lower().endswith(".json"):
        if layout != "coco":
            raise UsageError(f"the layout {layout} needs a folder as output, not a .json file")
        return JsonFile(output, images if write_images else None)
    if images is not None:
        raise UsageError("--images goes with an output that ends in .json: a dataset folder holds its own images")
    return DatasetFolder(output, layout, write_images=write_images)
