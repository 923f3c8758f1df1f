"""COCO dataset -> shards of records, a label map and reports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing

import orjson

from tfrecord_lite.coco.read.dataset import CocoPart, by_split, find_dataset
from tfrecord_lite.coco.read.packed_classes import PackedClasses, unite_classes
from tfrecord_lite.coco.read.samples import CocoSplit
from tfrecord_lite.comparison.result import Comparison
from tfrecord_lite.errors import (
    DataError,
    InputError,
    Location,
    RejectedInputError,
    UsageError,
    counted,
    printable,
    quoted,
    shortened,
)
from tfrecord_lite.labels.to_pbtxt import label_map_text
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.option import check_options
from tfrecord_lite.options.packing import PACK_OPTIONS
from tfrecord_lite.output.checks import protect_inputs
from tfrecord_lite.output.files import report_of
from tfrecord_lite.output.fsync import write_synced
from tfrecord_lite.output.shards import LABEL_MAP, ShardFolder
from tfrecord_lite.pipeline.judge import judge
from tfrecord_lite.pipeline.packing.pack_split import pack_split
from tfrecord_lite.pipeline.packing.packed import Packed
from tfrecord_lite.pipeline.packing.record_maker import Request
from tfrecord_lite.pipeline.reading.source import open_source, portable_split
from tfrecord_lite.tfrecord.records import ignore_bytes

_MOST_NAMES = 5  # that a message shows


def pack(
    dataset: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    image_root: str | os.PathLike[str] | None = None,
    pictures: bool = True,
    target: str = "object_detection",
    split: str | None = None,
    shards: int | None = None,
    shuffle: int | None = None,
    compression: str = "none",
    keep_source: bool = False,
    verify: bool = False,
    overwrite: bool = False,
    on_error: str = "fail",
    strict: bool = False,
    fail_on: Collection[str] = (),
    jobs: int = 1,
    on_bytes: Callable[[int], None] | None = None,
) -> Packed:
    """Writes a COCO dataset as TFRecord files, in the vocabulary of the Object Detection API.

    Args:
        dataset: a COCO file, or a dataset folder.
        output: a folder.
        image_root: where the pictures are, if not at the usual places beside the COCO files.
        pictures: False for records without pictures, whose sizes are those that the COCO files say. No trainer reads
            them; ``convert`` and your own programs do.
        target: ``object_detection``, ``model_garden``, ``efficientdet`` or ``tao``: the trainer that reads the records.
            What it cannot take is reported; what is written is the same.
        split: the name of the shards of one COCO file.
        shards: how many a split has; None for so many that each has 128 MiB of pictures or less.
        shuffle: a seed, by which the images are put in the order of a hash of seed and image id; None for the order of
            the file.
        compression: ``none`` or ``gzip``.
        keep_source: also write the COCO entries into the records, under a key that trainers ignore: ``convert`` then
            restores ids, polygons and fields of one's own.
        verify: compare the records with the dataset as ``compare`` does, before they are published. What was changed
            for the sake of trainers is a difference, too.
        overwrite: replace existing shards of a split.
        on_error: ``fail`` to publish nothing where data is at fault, ``skip`` to leave out what cannot be written.
        strict: treat every warning as an error, and everything that is lost.
        fail_on: codes of warnings and losses to treat as errors.
        jobs: worker processes; the output is the same for every number of them.
        on_bytes: called with the number of bytes that were written since the last call.

    Raises:
        RejectedInputError: the data is at fault, or ``verify`` found a difference; nothing was published.
        CocoFileError: a COCO file is damaged.
        UsageError: the call cannot be carried out as given.
        OSError: the file system refuses.
    """
    check_options(PACK_OPTIONS, locals())  # first, while the parameters are the only locals
    path = os.fspath(dataset)
    parts = find_dataset(path, None if image_root is None else os.fspath(image_root))
    if parts is None:
        raise InputError(path, _why_no_dataset(path))
    splits = _named([(name, CocoSplit(tasks)) for name, tasks in by_split(parts).items()], split)
    classes = unite_classes(splits.values())
    text = label_map_text(classes.items) if classes.items else None
    warnings = tuple(_renumbered(classes))
    folder = ShardFolder(os.fspath(output))
    read = [part.path for part in parts]
    protect_inputs(read, folder.replaced(list(splits)), os.fspath(output), image_root=None)
    request = Request(pictures, target, shards, shuffle, compression == "gzip", keep_source, on_error == "skip", jobs)
    with closing(folder):
        pieces = [LABEL_MAP] if folder.open(list(splits), text, overwrite=overwrite) else []
        root = os.path.commonpath([os.path.dirname(os.path.abspath(each)) for each in read])
        packed = {
            name: pack_split(name, each, classes, folder, request, root, on_bytes or ignore_bytes)
            for name, each in splits.items()
        }
        reports = [report for report, _ in packed.values()]
        fatal = None if strict else frozenset(fail_on)
        judge(reports, [], warnings, drops=request.drops, fatal=fatal, allow_empty=True)
        shutil.rmtree(folder.scratch)
        for name, (report, names) in packed.items():
            report.files = {each: os.path.getsize(os.path.join(folder.root, each)) for each in names}
            if text is not None:
                report.files[LABEL_MAP] = len(text.encode())
            content = orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
            os.makedirs(os.path.join(folder.root, "reports"), exist_ok=True)
            write_synced(os.path.join(folder.root, report_of(name)), content)
            pieces = [*names, report_of(name), *pieces]
        if LABEL_MAP in pieces and text is not None:
            write_synced(os.path.join(folder.root, LABEL_MAP), text.encode())
        compared = None
        if verify:
            where = os.fspath(output)
            label_map = os.path.join(folder.root if LABEL_MAP in pieces else where, LABEL_MAP)
            label_map = "none" if text is None else label_map
            written = dict(zip(by_split(parts), (names for _, names in packed.values()), strict=True))
            compared = _verify(path, parts, folder.root, written, label_map, where, pictures=pictures)
        folder.publish(pieces)
    where = os.fspath(output)
    return Packed(
        where,
        tuple(reports),
        warnings,
        {name: tuple(os.path.join(where, each) for each in names) for name, (_, names) in packed.items()},
        None if text is None else os.path.join(where, LABEL_MAP),
        tuple(os.path.join(where, report_of(name)) for name in packed),
        target,
        max(
            (*(each.id for each in classes.items), *(number for report in reports for number, _ in report.categories)),
            default=0,
        ),
        compared,
    )


def _verify(
    dataset: str,
    parts: Sequence[CocoPart],
    records: str,
    shards: Mapping[str, Collection[str]],
    label_map: str,
    output: str,
    *,
    pictures: bool,
) -> Comparison:
    """Compares records with the dataset that they are made of.

    records: the folder that they are in; output: where they will be.
    shards: the names of those of each split. Not every name of a split can be told from that of a shard.

    Raises:
        RejectedInputError: they differ.
    """
    from tfrecord_lite.pipeline.comparing.run import compare_sides  # noqa: PLC0415
    from tfrecord_lite.pipeline.comparing.sides import CocoSide, RecordSide  # noqa: PLC0415

    source = open_source(records, label_map, split=None, allow_missing_shards=False)
    splits = {
        split: [shard for shard in source.shards if os.path.basename(shard.path) in names]
        for split, names in shards.items()
    }
    packed = RecordSide(records, source._replace(splits=splits), ReadOptions(), None)
    packed.title = output  # where they will be
    compared = compare_sides((CocoSide(dataset, parts, pictures=pictures), packed), pictures=pictures)
    if not compared.equal:
        problems = []
        for kind in compared.differences:
            first = kind.first[0]
            place = ": ".join(part for part in (first.split, first.image, first.object) if part)
            times = counted(kind.count, "time")
            problems.append(DataError(Location(place), f"{kind.kind}: {first.a} | {first.b} in the records ({times})"))
        raise RejectedInputError(problems, len(problems))
    return compared


def _why_no_dataset(path: str) -> str:
    """Why a path is no COCO dataset."""
    if not os.path.exists(path):
        return "no such COCO file"
    if os.path.isfile(path) and path.lower().endswith(".gz"):
        return "this is compressed, expected a JSON file. Decompress it first"
    expected = "expected annotations/*.json, <split>/_annotations.coco.json or *.json"
    here = "there is no COCO file in this folder" if os.path.isdir(path) else "this is no COCO file"
    return f"{here}, {expected}. TFRecord files are converted to COCO by the command convert"


def _renumbered(classes: PackedClasses) -> Iterator[str]:
    """Warnings about categories that records have otherwise: with another number, or not at all."""
    for name in classes.groups[:_MOST_NAMES]:
        yield f"the category 0 is called {quoted(name)} like another one, as a group of all: it is taken for no class"
    named = [f"{shortened(item.title)} {item.id}" for item in classes.renumbered]
    if named:
        more = f" and {len(named) - _MOST_NAMES} more" if len(named) > _MOST_NAMES else ""
        told = ", ".join(named[:_MOST_NAMES]) + more
        yield f"stuff and panoptic categories have the ids of other classes, and these in records: {told}"


def _named(found: Sequence[tuple[str, CocoSplit]], only: str | None) -> dict[str, CocoSplit]:
    """Splits by the name that their shards have."""
    if only is None:
        named = {portable_split(name) if name else "data": split for name, split in found}
        if len(named) < len(found):
            raise UsageError(
                "two splits have names that differ in characters only which shards cannot have. Pack each alone"
            )
        return named
    if only != portable_split(only):
        raise UsageError(f"the split {only} cannot be part of a file name: use letters, digits, -, _ and .")
    if len(found) > 1:
        names = ", ".join(printable(name) for name, _ in found)
        raise UsageError(f"--split names one split, and this dataset has {names}. Name one of its COCO files")
    return {only: found[0][1]}
