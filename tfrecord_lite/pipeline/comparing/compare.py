"""Two datasets -> what differs between them by meaning, each a COCO dataset or record files.

Both are read once, one after the other, and described on disk; then images are compared pair by pair. Pictures whose
bytes differ are read once more, for their pixels. Memory does not grow with the datasets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping

from tfrecord_lite.coco.read.dataset import find_dataset
from tfrecord_lite.comparison.result import CALLER, Comparison
from tfrecord_lite.errors import InputError, UsageError, speaking
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.comparing import COMPARE_OPTIONS
from tfrecord_lite.options.option import check_options
from tfrecord_lite.pipeline.comparing.run import compare_sides
from tfrecord_lite.pipeline.comparing.sides import CocoSide, RecordSide, Side
from tfrecord_lite.pipeline.previews.coco_files import is_about_records
from tfrecord_lite.pipeline.reading.source import open_source
from tfrecord_lite.schemas.registry import check_schema
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE
from tfrecord_lite.tfrecord.records import Paths, as_list


@speaking(CALLER)
def compare(
    a: Paths,
    b: Paths,
    *,
    ids: bool = False,
    strict: bool = False,
    pictures: bool = True,
    label_map: LabelMapSource | None = None,
    schema: str = "auto",
    roles: Mapping[str, str] | None = None,
    coordinates: str = "auto",
    category: str = "object",
    drop_empty_boxes: bool = False,
    image_root: str | os.PathLike[str] | None = None,
    image_size: tuple[int, int] | None = None,
    image_index: int | None = None,
    ignored_labels: Collection[int] = (0, 255),
    panoptic_divisor: int | None = None,
    merge_images: bool = False,
    split: str | None = None,
    on_error: str = "fail",
    allow_missing_shards: bool = False,
    max_record_size: int = MAX_RECORD_SIZE,
    on_bytes: Callable[[int], None] | None = None,
    on_images: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compares two datasets by meaning. Neither order nor ids count.

    Images are matched by their names, or else by source id, picture or id; objects by class and box, the nearest
    first. docs/compare.md says what is compared, and how near is equal.

    Args:
        a: a COCO dataset, a folder or a ``.json`` file; or record files, as ``convert`` takes them.
        b: likewise.
        ids: compare the ids of images, objects and categories as well, and source ids.
        strict: lesser differences count as well.
        pictures: False to leave the pictures themselves out.
        label_map: of record files, as for ``convert``; so are all that follow.
        schema: the schema of the records, where it is not to be recognised.
        roles: your keys for roles of the schema, such as ``{"xmin": "box/left"}``.
        coordinates: ``auto``, ``normalized`` or ``pixel``: the unit of the records' boxes.
        category: name of the one category of records that name no classes.
        drop_empty_boxes: leave out objects of records whose boxes have no area.
        image_root: where the pictures are, if the records only name them, or are not beside a COCO file.
        image_size: width and height of the images of records that say neither.
        image_index: which image to read of records that hold several under one key, from 0.
        ignored_labels: numbers in semantic and panoptic label images that mean "no class".
        panoptic_divisor: of DeepLab2's raw panoptic numbers, which are class * divisor + instance.
        merge_images: make one image of records with the same source id and the same image bytes.
        split: put all records into one split of this name, instead of those that the file names say.
        on_error: ``fail`` where data is at fault, ``skip`` to leave out what is proven bad, ``recover`` to look for
            records after damaged headers as well.
        allow_missing_shards: accept sets of shards with gaps.
        max_record_size: the largest record to accept, in bytes.
        on_bytes: called with the number of bytes of record files that were read since the last call.
        on_images: called now and then with how many images of both datasets were read so far, and 0.

    Raises:
        RejectedInputError: the data is at fault. CocoFileError: a COCO file is damaged.
        UsageError: the call cannot be carried out as given.
        OSError: the file system refuses.
    """
    given = dict(locals())  # the parameters: there are no other locals yet
    check_options(COMPARE_OPTIONS, given)
    check_schema(schema)
    reading = ReadOptions.given(given, recover=on_error == "recover")
    sides = [
        _open(inputs, reading, label_map, split, on_bytes, allow_missing_shards=allow_missing_shards)
        for inputs in (a, b)
    ]
    if all(isinstance(side, CocoSide) for side in sides) and (split or is_about_records(reading, label_map)):
        raise UsageError("both are COCO datasets, and options about records mean nothing to them")
    return compare_sides(
        (sides[0], sides[1]),
        ids=ids,
        pictures=pictures,
        merge=merge_images,
        drops=on_error != "fail",
        strict=strict,
        on_images=on_images,
    )


def _open(
    inputs: Paths,
    reading: ReadOptions,
    label_map: LabelMapSource | None,
    split: str | None,
    on_bytes: Callable[[int], None] | None,
    *,
    allow_missing_shards: bool,
) -> Side:
    """A COCO dataset where the path is one, else record files."""
    given = [os.fspath(each) for each in as_list(inputs)]
    parts = find_dataset(given[0]) if len(given) == 1 else None
    if parts is not None and reading.image_root and not any(part.pictures for part in parts):
        parts = find_dataset(given[0], reading.image_root)
    if parts is not None:
        return CocoSide(given[0], parts, pictures=reading.pictures)
    if len(given) == 1 and given[0].lower().endswith(".json"):
        raise InputError(given[0], "no such file")
    source = open_source(inputs, label_map, split=split, allow_missing_shards=allow_missing_shards)
    return RecordSide(inputs, source, reading, on_bytes)
