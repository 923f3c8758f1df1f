"""Conducts one conversion: inputs, label map, one split after the other, and publication at the end.

Policy: bad data is a value that is counted, not an exception that ends the run, so that one run shows all that is
wrong. Only at the end is it decided whether anything is published.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from tfrecord_lite.coco.categories import CategoryTable
from tfrecord_lite.coco.draft import Draft, DraftOptions
from tfrecord_lite.coco.segment_classes import LabelTable
from tfrecord_lite.coco.split_writer import SplitWriter, Tables, WriteOptions
from tfrecord_lite.errors import (
    DataError,
    InputError,
    LayoutError,
    Location,
    NoRecordsError,
    RecordError,
    RejectedInputError,
    UsageError,
    printable,
    quoted,
)
from tfrecord_lite.inputs.discover import STDIN, Shard, find_sources, paths_read
from tfrecord_lite.labels.chosen import LabelMapSource, choose_label_map, choose_panoptic_label_map, label_files
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.converting import CONVERT_OPTIONS
from tfrecord_lite.options.option import check_options
from tfrecord_lite.output.fsync import EarlySync
from tfrecord_lite.output.guard import protect_inputs
from tfrecord_lite.output.target import DatasetFolder, JsonFile, Target
from tfrecord_lite.pipeline.tasks import DraftSource, PartEnd
from tfrecord_lite.report import FULL_MESSAGES, SplitReport
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.detect import Choice
from tfrecord_lite.schemas.registry import check_schema
from tfrecord_lite.schemas.schema import Schema, with_roles
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE
from tfrecord_lite.tfrecord.records import Paths, as_list


@dataclass(frozen=True, slots=True)
class Summary:
    """What a conversion did.

    output: the dataset folder or JSON file; files: the COCO files.
    label_map: where the category names came from; None where the records had to name them.
    warnings: what there is to know of the inputs as a whole.
    """

    output: str
    files: tuple[str, ...]
    splits: tuple[SplitReport, ...]
    categories: int
    label_map: str | None
    warnings: tuple[str, ...]

    @property
    def images(self) -> int:
        """Images in all splits."""
        return sum(split.images for split in self.splits)

    @property
    def annotations(self) -> int:
        """Annotations in all splits."""
        return sum(split.annotations for split in self.splits)

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return {
            "output": printable(self.output),
            "files": [printable(path) for path in self.files],
            "images": self.images,
            "annotations": self.annotations,
            "categories": self.categories,
            "label_map": None if self.label_map is None else printable(self.label_map),
            "warnings": list(self.warnings),
            "splits": [split.as_json() for split in self.splits],
        }


def convert(
    inputs: Paths,
    output: str | os.PathLike[str],
    *,
    label_map: LabelMapSource | None = None,
    schema: str = "auto",
    roles: Mapping[str, str] | None = None,
    coordinates: str = "auto",
    category: str = "object",
    image_root: str | os.PathLike[str] | None = None,
    images: str | os.PathLike[str] | None = None,
    write_images: bool = True,
    masks: str = "coco",
    ignored_labels: Collection[int] = (0, 255),
    panoptic_divisor: int | None = None,
    image_ids: str = "sequential",
    precision: int | None = 2,
    merge_images: bool = False,
    split: str | None = None,
    layout: str = "coco",
    on_error: str = "fail",
    strict: bool = False,
    overwrite: bool = False,
    verify_images: bool = False,
    allow_missing_shards: bool = False,
    allow_empty: bool = False,
    max_record_size: int = MAX_RECORD_SIZE,
    jobs: int = 1,
    on_bytes: Callable[[int], None] | None = None,
) -> Summary:
    """Converts TFRecord files to a COCO dataset.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        output: a dataset folder; or, ending in ``.json``, that one file.
        label_map: a label map file, or ``{1: "cat"}``; None to use the one beside the input, if there is one.
        schema: the schema of the records, where it is not to be recognised.
        roles: keys of one's own for roles of the schema, such as ``{"xmin": "box/left"}``.
        coordinates: ``auto``, ``normalized`` or ``pixel``: the unit of the records' boxes.
        category: name of the one category of records that name no classes.
        image_root: where the pictures are, if the records only name them.
        images: where images go if output is a JSON file.
        write_images: False for annotations only.
        masks: ``coco`` (polygons, and uncompressed RLE where iscrowd is 1), ``polygon``, ``rle``, ``rle-uncompressed``
            or ``none``.
        ignored_labels: numbers in semantic and panoptic label images that mean "no class".
        panoptic_divisor: of DeepLab2's raw panoptic numbers, which are class * divisor + instance.
        image_ids: ``sequential`` from 1, or ``source``: the integer in each record's source id.
        precision: decimals of pixel coordinates, 0 or more; None for exact ones.
        merge_images: make one image of records with the same source id and the same image bytes.
        split: put everything into one split of this name, instead of those that the file names tell.
        layout: ``coco`` or ``roboflow``: how the output folder is arranged.
        on_error: ``fail`` to publish nothing where data is at fault, ``skip`` to drop what is proven bad,
            ``recover`` to look for records behind damaged headers as well.
        strict: treat every warning as an error.
        overwrite: replace existing splits.
        verify_images: decode every image fully.
        allow_missing_shards: accept sets of shards with gaps.
        allow_empty: accept an input without any record.
        max_record_size: the largest record to accept, in bytes.
        jobs: worker processes that read and stage; the output is the same for every number of them. Where Python cannot
            fork (not Linux, or several threads), they import the main module: call this below
            ``if __name__ == "__main__":``.
        on_bytes: called with the number of input bytes that were read since the last call.

    Raises:
        RejectedInputError: the data is at fault; nothing was published.
        UsageError: the call cannot be carried out as given.
        OSError: the file system refuses.
    """
    check_options(CONVERT_OPTIONS, locals())  # first of all: there are no other locals yet than the parameters
    check_schema(schema)
    with_roles(Schema("custom"), roles.items() if roles else ())
    if split is not None and split != _portable_split(split):
        raise UsageError(f"the split {quoted(split)} cannot be part of a file name: use letters, digits, -, _ and .")
    if image_root is not None and not os.path.isdir(image_root):
        raise InputError(os.fspath(image_root), "no such folder; --image-root names the one that the pictures are in")
    sources = find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards)
    records = [shard.path for shard in sources.shards if shard.path != STDIN]
    labels = choose_label_map(label_map, records)
    target = _choose_target(os.fspath(output), images, layout, write_images=write_images)
    groups = _group_by_split(sources.shards, target.only_split or split)
    root = None if image_root is None else os.fspath(image_root)
    read = (*paths_read(sources.shards), *label_files(label_map, records), schema)
    protect_inputs(read, target.replaced(list(groups)), os.fspath(output), image_root=root)
    panoptic = choose_panoptic_label_map(records)
    # Where both label files are there, the things are the classes that objects can have.
    things = frozenset(item.title for item in labels.items) if panoptic and labels else None
    tables = Tables(CategoryTable(labels), LabelTable(labels), LabelTable(panoptic or labels, things))
    reading = ReadOptions(
        coordinates=coordinates,
        schema=schema,
        roles=tuple(roles.items()) if roles else (),
        image_root=root,
        category=category,
        masks=masks != "none",
        ignored_labels=frozenset(ignored_labels),
        panoptic_divisor=None if panoptic_divisor is None else int(panoptic_divisor),
        max_record_size=max_record_size,
        recover=on_error == "recover",
        verify_images=verify_images,
    )
    writing = WriteOptions(source_ids=image_ids == "source", merge_images=merge_images)
    run = _Run(tables, writing, root=_common_folder(sources.shards), drops=on_error != "fail")
    try:
        target.open(list(groups), overwrite=overwrite)
        writes_files = target.paths(next(iter(groups))).images is not None
        with EarlySync(os.path.dirname(target.scratch) if writes_files else None) as disk:  # there scratch will be

            def on_input(count: int) -> None:
                disk.note(count)
                if on_bytes is not None:
                    on_bytes(count)

            source = DraftSource(
                [shard for shards in groups.values() for shard in shards],
                reading,
                DraftOptions(precision, masks, digests=merge_images),
                jobs=jobs,
                folder=target.scratch,
                images=writes_files,
                on_bytes=on_input,
                before_workers=disk.wait,
            )
            with closing(source):
                for name, shards in groups.items():
                    run.convert_split(name, shards, target, source)
            run.judge(strict=strict, allow_empty=allow_empty, warnings=sources.warnings)
            for writer in run.writers:
                writer.finish()
            disk.wait()
        files = target.publish(list(groups))
    finally:
        run.close()
        target.close()
    return Summary(
        os.fspath(output),
        tuple(files),
        tuple(writer.report for writer in run.writers),
        len(tables.categories.entries()),
        labels.source if labels else None,
        sources.warnings,
    )


def _choose_target(output: str, images: str | os.PathLike[str] | None, layout: str, *, write_images: bool) -> Target:
    """A JSON file where the output is named like one, else a dataset folder."""
    if output.lower().endswith(".json"):
        if layout != "coco":
            raise UsageError(f"the layout {layout} needs a folder as output, not a .json file")
        return JsonFile(output, os.fspath(images) if images is not None and write_images else None)
    if images is not None:
        raise UsageError("--images goes with an output that ends in .json: a dataset folder holds its own images")
    return DatasetFolder(output, layout, write_images=write_images)


def _group_by_split(shards: Sequence[Shard], only: str | None) -> dict[str, list[Shard]]:
    """The files of each split, splits in the order of their first file."""
    unknown = {shard.stem for shard in shards if shard.split is None}
    rest = unknown.pop() if len(unknown) == 1 else "all"
    groups: dict[str, list[Shard]] = {}
    for shard in shards:
        name = only or _portable_split(shard.split or rest)
        groups.setdefault(name, []).append(shard)
    return groups


def _portable_split(name: str) -> str:
    """A split name that can be part of a file name."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name).strip(".") or "all"


class _Run:
    """The state of one conversion: its splits, and how much of the data was at fault."""

    def __init__(self, tables: Tables, writing: WriteOptions, *, root: str, drops: bool) -> None:
        self._tables = tables
        self.writers: list[SplitWriter] = []
        self._writing = writing
        self._root = root
        self._drops = drops
        self._fatal: list[DataError] = []
        self._fatal_count = 0

    def convert_split(self, name: str, shards: Sequence[Shard], target: Target, source: DraftSource) -> None:
        """Takes the drafts of a split, file after file."""
        report = SplitReport(name, self._root)
        writer = SplitWriter(target.root, target.paths(name), report, self._tables, self._writing)
        self.writers.append(writer)
        for shard in shards:
            records, choice = 0, None
            findings: list[Finding] = []
            for event in source.read():
                if isinstance(event, Draft):
                    for problem in writer.add(event):
                        self._note(problem, report)
                elif isinstance(event, PartEnd):
                    records += event.records
                    findings += event.findings
                    choice = event.choice
                else:
                    report.dropped_records += 1
                    self._note(event, report)
                del event  # a large image must not be held while the next one is read
            if choice is not None and choice.schema.zero_based:
                self._tables.expect_zero()
            report.records += records
            report.add_findings(findings)
            report.inputs.append(_describe(shard, records, choice, report))

    def _note(self, problem: DataError, report: SplitReport) -> None:
        """Counts what is at fault; whether the run can still succeed depends on the policy."""
        report.add_problem(problem)
        uncontained = isinstance(problem, RecordError) and not problem.contained
        if not self._drops or uncontained or isinstance(problem, LayoutError):
            self._fatal_count += 1
            if len(self._fatal) < FULL_MESSAGES:
                self._fatal.append(problem)

    def judge(self, *, strict: bool, allow_empty: bool, warnings: Sequence[str]) -> None:
        """Raises where nothing may be published."""
        reports = [writer.report for writer in self.writers]
        for writer in self.writers:
            if (problem := writer.settle_classes()) is not None:
                self._note(problem, writer.report)
        if strict:
            for text in warnings:
                self._fatal.append(DataError(Location("input"), text))
                self._fatal_count += 1
            for report in reports:
                for code, found in sorted(report.findings.items()):
                    self._fatal.append(DataError(found.where, f"{code}: {found.text} ({found.count} times)"))
                    self._fatal_count += 1
        if self._fatal_count:
            raise RejectedInputError(self._fatal, self._fatal_count)
        if not allow_empty and not any(report.records or report.problem_count for report in reports):
            names = ", ".join(str(entry["file"]) for report in reports for entry in report.inputs[:1])
            error = NoRecordsError(Location(names), "no records in the whole input. Accept that with --allow-empty")
            raise RejectedInputError([error], 1)

    def close(self) -> None:
        """Closes what an abandoned run leaves open."""
        for writer in self.writers:
            writer.discard()


def _common_folder(shards: Sequence[Shard]) -> str:
    """The folder that all inputs stand in: the report names them from there, wherever the dataset stands."""
    folders = [os.path.dirname(os.path.abspath(shard.path)) for shard in shards if shard.path != STDIN]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # standard input only, or different drives
        return ""


def _describe(shard: Shard, records: int, choice: Choice | None, report: SplitReport) -> dict[str, Any]:
    """How a file was read, for the report."""
    entry: dict[str, Any] = {"file": report.short_name(shard.name), "records": records}
    if choice is not None:
        entry["schema"] = choice.schema.name
        entry["coordinates"] = "pixel" if choice.pixel else "normalized"
        entry["evidence"] = list(choice.evidence)
    return entry
