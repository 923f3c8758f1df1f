"""Conducts one conversion: plan, open the output, read, decide, write, publish."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import closing

from tfrecord_lite.coco.resolve.kept_table import read_kept_table
from tfrecord_lite.coco.write.agreement import check_numbers
from tfrecord_lite.coco.write.split_writer import tasks_of
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.pipeline.conversion.plan import make_plan
from tfrecord_lite.pipeline.conversion.read_splits import read_splits
from tfrecord_lite.pipeline.conversion.settle import settle
from tfrecord_lite.pipeline.conversion.summary import Summary
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE
from tfrecord_lite.tfrecord.records import Paths


def convert(
    inputs: Paths,
    output: str | os.PathLike[str],
    *,
    label_map: LabelMapSource | None = None,
    schema: str = "auto",
    roles: Mapping[str, str] | None = None,
    coordinates: str = "auto",
    category: str = "object",
    drop_empty_boxes: bool = False,
    image_root: str | os.PathLike[str] | None = None,
    image_size: tuple[int, int] | None = None,
    image_index: int | None = None,
    images: str | os.PathLike[str] | None = None,
    write_images: bool = True,
    masks: str = "coco",
    ignored_labels: Collection[int] = (0, 255),
    panoptic_divisor: int | None = None,
    image_ids: str = "sequential",
    precision: int | None = 2,
    merge_images: bool = False,
    limit: int | None = None,
    sample: int | None = None,
    split_ratio: Mapping[str, float] | None = None,
    seed: int = 0,
    only_classes: Collection[str] = (),
    drop_classes: Collection[str] = (),
    drop_empty_images: bool = False,
    rename: Mapping[str, str] | None = None,
    renumber: bool = False,
    split: str | None = None,
    layout: str = "coco",
    on_error: str = "fail",
    strict: bool = False,
    fail_on: Collection[str] = (),
    overwrite: bool = False,
    html: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    verify_images: bool = False,
    allow_missing_shards: bool = False,
    allow_empty: bool = False,
    max_record_size: int = MAX_RECORD_SIZE,
    jobs: int = 1,
    on_bytes: Callable[[int], None] | None = None,
    on_images: Callable[[int, int], None] | None = None,
) -> Summary:
    """Converts TFRecord files to a COCO dataset.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        output: a dataset folder; or, ending in ``.json``, that one file.
        label_map: a label map file, ``{1: "cat"}``, or names in the order of their numbers; ``none`` for none. None to
            use what is beside the input and agrees with the records.
        schema: the schema of the records, where it is not to be recognised.
        roles: your keys for roles of the schema, such as ``{"xmin": "box/left"}``.
        coordinates: ``auto``, ``normalized`` or ``pixel``: the unit of the records' boxes.
        category: name of the one category of records that name no classes.
        drop_empty_boxes: leave out objects whose boxes have no area, which trainers refuse.
        image_root: where the pictures are, if the records only name them.
        image_size: width and height of the images of records that say neither; with it raw pixels can be read.
        image_index: which image to read of records that hold several under one key, from 0.
        images: where images go if output is a JSON file.
        write_images: False for annotations only.
        masks: ``coco`` (polygons, and uncompressed RLE where iscrowd is 1), ``polygon``, ``rle``, ``rle-uncompressed``
            or ``none``.
        ignored_labels: numbers in semantic and panoptic label images that mean "no class".
        panoptic_divisor: of DeepLab2's raw panoptic numbers, which are class * divisor + instance.
        image_ids: ``sequential`` from 1, or ``source``: the integer in each record's source id.
        precision: decimals of pixel coordinates, 0 or more; None for exact ones.
        merge_images: make one image of records with the same source id and the same image bytes.
        limit: the first so many images of each split; nothing after them is read.
        sample: so many images of each split, from everywhere: the same ones however records are divided among files.
        split_ratio: divide all images among these splits, such as ``{"train": 0.8, "val": 0.2}``. The image alone
            decides, so that added ones move no other.
        seed: another number gives another sample, and other splits.
        only_classes: names or ids of classes: only such objects. Images stay.
        drop_classes: names or ids of classes: no such objects. Images stay.
        drop_empty_images: leave out images without objects, even those that never had any.
        rename: new names of classes by their old ones. Classes that get the same name become one.
        renumber: category ids from 1 without gaps; otherwise those of the label map or the records.
        split: put everything into one split of this name, instead of those that the file names say.
        layout: ``coco``, ``roboflow`` or ``yolo``: how the output folder is arranged.
        on_error: ``fail`` to publish nothing where data is at fault, ``skip`` to drop what is proven bad,
            ``recover`` to look for records after damaged headers as well.
        strict: treat every warning as an error, and everything that is lost.
        fail_on: codes of warnings and losses to treat as errors.
        overwrite: replace existing splits.
        html: a file for a page that shows what was read and kept (see ``preview``); the input is read again for it.
        dry_run: do everything but write: read all, decide, refuse what would be refused, and say what would be there.
        verify_images: decode every image fully.
        allow_missing_shards: accept sets of shards with gaps.
        allow_empty: accept an input without any record.
        max_record_size: the largest record to accept, in bytes.
        jobs: worker processes that read and stage; the output is the same for every number of them. Where Python cannot
            fork (not Linux, or several threads), they import the main module: call this below
            ``if __name__ == "__main__":``.
        on_bytes: called with the number of input bytes that were read since the last call.
        on_images: called now and then with how many images and warnings there are so far.

    Raises:
        RejectedInputError: the data is at fault; nothing was published.
        UsageError: the call cannot be carried out as given.
        OSError: the file system refuses.
    """
    given = dict(locals())  # the parameters: there are no other locals yet
    plan = make_plan(inputs, os.fspath(output), given)
    target = plan.target
    if dry_run:
        from tfrecord_lite.output.nowhere import Rehearsal  # noqa: PLC0415 - others need not wait for it

        target = Rehearsal(target, keeps=plan.selection.drop_empty_images or plan.layout == "yolo")
    with closing(target):
        target.open(plan.splits, overwrite=overwrite)
        kept = read_kept_table(target.kept(plan.splits))
        with read_splits(
            plan.source.splits,
            target,
            plan.reading,
            plan.drafting,
            plan.collecting,
            selection=plan.selection,
            jobs=jobs,
            on_bytes=on_bytes,
            on_images=on_images,
        ) as collected:
            decided = settle(plan, collected, kept, None if dry_run else target.root)
            if dry_run:
                planned = target.planned({name: tasks_of(each, decided.resolved) for name, each in collected.items()})
                return Summary.of(plan.output, planned, decided, None, dry_run=True)
            for each in collected.values():
                check_numbers(target.root, each.counted())
        written = target.publish(plan.splits)
    if plan.page is not None:
        from tfrecord_lite.pipeline.conversion.page import write_page  # noqa: PLC0415 - others need not wait for it

        write_page(plan.page, inputs, plan.reading, label_map, decided.reports, overwrite=overwrite)
    return Summary.of(plan.output, written, decided, plan.page)
