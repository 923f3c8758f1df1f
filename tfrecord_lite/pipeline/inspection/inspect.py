"""Looks into record files: what they hold, what a conversion would say of them, and how to call it.

Records are read as a conversion reads them, into a target that keeps nothing, and the same code makes the decisions.
No record is kept: memory does not grow with the input.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any

from tfrecord_lite.budgets import Allowance
from tfrecord_lite.coco.draft.draft import DraftOptions
from tfrecord_lite.coco.write.collector import Collector, ImageOptions
from tfrecord_lite.errors import (
    LabelMapError,
    RejectedInputError,
    TFRecordLiteError,
)
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.inputs.storage import STDIN, size_of
from tfrecord_lite.labels.choose import LabelMaps, LabelMapSource
from tfrecord_lite.look.counts import Counts
from tfrecord_lite.look.keys import KeyTable
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.inspecting import INSPECT_OPTIONS
from tfrecord_lite.options.option import check_options
from tfrecord_lite.output.nowhere import Nowhere
from tfrecord_lite.pipeline.conversion.decide import Decided, decide
from tfrecord_lite.pipeline.inspection.classes import describe_label_map, name_classes
from tfrecord_lite.pipeline.inspection.inspected_file import FileWatch, InspectedFile
from tfrecord_lite.pipeline.inspection.inspection import Inspection, Verdict
from tfrecord_lite.pipeline.inspection.next_line import Advice, Line
from tfrecord_lite.pipeline.reading.part_reader import drafts_of
from tfrecord_lite.pipeline.reading.sampling import Cut, Limit, limits_of
from tfrecord_lite.pipeline.reading.shard_reader import ShardReader
from tfrecord_lite.pipeline.reading.source import Source, open_source
from tfrecord_lite.schemas.read.record import SampleReaders
from tfrecord_lite.schemas.registry import check_reading
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE
from tfrecord_lite.tfrecord.records import Paths, as_list, ignore_bytes

Notify = Callable[[int], None]
_MOST_TRIALS = 3  # looks with other options


def inspect(
    inputs: Paths,
    *,
    read_all: bool = False,
    allow_empty: bool = False,
    allow_missing_shards: bool = False,
    max_record_size: int = MAX_RECORD_SIZE,
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
    write_images: bool = True,
    split: str | None = None,
    masks: str = "coco",
    image_ids: str = "sequential",
    on_error: str = "fail",
    strict: bool = False,
    fail_on: Collection[str] = (),
    verify_images: bool = False,
    on_bytes: Notify | None = None,
) -> Inspection:
    """Says what record files hold, what ``convert`` would warn about or refuse, and how to call it. Writes nothing.

    Args:
        inputs: files, folders, globs or ``base@N`` specifications.
        read_all: read every record; else of large inputs no more than 5,000 records or 500 MB of images, the first ones
            of each file.
        allow_empty: accept an input without any record.
        allow_missing_shards: accept sets of shards with gaps.
        max_record_size: the largest record to accept, in bytes.
        label_map: a label map file, ``{1: "cat"}``, or names in the order of their numbers; ``none`` for none.
        schema: the schema of the records, where it is not to be recognised.
        roles: your keys for roles of the schema, such as ``{"xmin": "box/left"}``.
        coordinates: ``auto``, ``normalized`` or ``pixel``: the unit of the records' boxes.
        category: name of the one category of records that name no classes.
        drop_empty_boxes: leave out objects whose boxes have no area.
        image_root: where the pictures are, if the records only name them.
        image_size: width and height of the images of records that say neither.
        image_index: which image to read of records that hold several under one key, from 0.
        ignored_labels: numbers in semantic and panoptic label images that mean "no class".
        panoptic_divisor: of DeepLab2's raw panoptic numbers, which are class * divisor + instance.
        merge_images: make one image of records with the same source id and the same image bytes.
        write_images: False for annotations only.
        split: put everything into one split of this name.
        masks: ``coco``, ``polygon``, ``rle``, ``rle-uncompressed`` or ``none``, as in ``convert``.
        image_ids: ``sequential`` from 1, or ``source``: the integer in each record's source id.
        on_error: ``fail``, ``skip`` or ``recover``, as in ``convert``.
        strict: treat every warning as an error, and everything that is lost.
        fail_on: codes of warnings and losses to treat as errors.
        verify_images: decode every image fully.
        on_bytes: called with the number of input bytes that were read since the last call.

    Raises:
        UsageError: the call cannot be carried out as given; InputError: an input is missing.
        OSError: a file cannot be read.
    """
    given = dict(locals())  # the parameters: there are no other locals yet
    check_options(INSPECT_OPTIONS, given)
    return _Look(given).inspect()


class _Look:
    """One look at an input.

    given: the options, by name. trials: how many more looks may find out if other options help.
    """

    def __init__(self, given: Mapping[str, Any], *, trials: int = _MOST_TRIALS) -> None:
        self._given = given
        self._is_trial = trials < _MOST_TRIALS
        self._trials = 0 if STDIN in as_list(given["inputs"]) else trials
        self._inputs = tuple(os.fspath(each) for each in as_list(given["inputs"]))
        self._reading = ReadOptions.given(
            given,
            masks=given["masks"] != "none",
            pictures=given["write_images"],
            recover=given["on_error"] == "recover",
        )
        self._drafting = DraftOptions(masks=given["masks"], digests=given["merge_images"])
        self._collecting = ImageOptions(source_ids=given["image_ids"] == "source", merge=given["merge_images"])
        self._counts, self._keys = Counts(), KeyTable()
        self._files: list[InspectedFile] = []
        self._is_sample = False

    def inspect(self) -> Inspection:
        """Reads, decides, and puts together what there is to say."""
        check_reading(self._reading)
        given = self._given
        source = open_source(
            given["inputs"],
            given["label_map"],
            split=given["split"],
            allow_missing_shards=given["allow_missing_shards"],
        )
        limits = [Limit()] * len(source.shards) if given["read_all"] else limits_of(source.shards)
        by_path = dict(zip((shard.path for shard in source.shards), limits, strict=True))
        with closing(Nowhere()) as target, ExitStack() as stack:
            if not self._is_trial:  # which goes on with what is left
                stack.enter_context(Allowance(size_of([shard.path for shard in source.shards])).in_use())
            target.open(list(source.splits), overwrite=False)
            collected = {}
            readers = SampleReaders(self._reading)
            for name, shards in source.splits.items():
                collector = Collector(target.root, target.paths(name), self._collecting, keep=target.keeps)
                with closing(collector):
                    for shard in shards:
                        self._read(shard, name, collector, readers, by_path[shard.path])
                collected[name] = collector
            decided, verdict = self._decide(source, collected)
        resolved = decided.resolved
        return Inspection(
            self._inputs,
            source.root,
            tuple(self._files),
            not self._is_sample,
            decided.unnamed_splits,
            self._counts,
            self._keys.ordered(),
            self._keys.more,
            name_classes(self._counts, resolved, decided.reports),
            describe_label_map(resolved, is_given=given["label_map"] is not None),
            resolved.classes.decision,
            decided.reports,
            decided.warnings,
            verdict,
            self._next_line(decided, verdict, [shard.path for shard in source.shards]),
        )

    # --------------------------------------------------------------------------------------------------- reading
    def _read(self, shard: Shard, split: str, collector: Collector, readers: SampleReaders, limit: Limit) -> None:
        """Reads one file as far as its limit goes."""
        on_bytes = self._given["on_bytes"] or ignore_bytes
        reader = ShardReader(shard, self._reading, on_bytes, readers=readers, on_example=self._keys.add)
        events = Cut(reader, limit)
        watch = FileWatch(events, self._counts)
        images, objects, problems = collector.images, self._counts.objects, collector.tally.problem_count
        for draft in drafts_of(reader, watch, self._drafting, collector.summary):
            collector.add(draft)
            del draft  # a large image must not be held while the next one is read
        self._is_sample |= events.was_cut
        status = shard.status()
        size = None if status is None else status.size
        choice = reader.choice
        self._files.append(
            InspectedFile(
                shard.name,
                split,
                size,
                reader.records - watch.ahead,
                collector.images - images,
                self._counts.objects - objects,
                watch.problems + collector.tally.problem_count - problems,
                watch.first_problem,
                None if choice is None else choice.schema.name,
                choice.pixel if choice is not None and choice.has_boxes else None,
                () if choice is None else choice.evidence,
                watch.whole,
                watch.about(shard.path, size),
            )
        )

    # -------------------------------------------------------------------------------------------------- deciding
    def _decide(self, source: Source, collected: Mapping[str, Collector]) -> tuple[Decided, Verdict]:
        """What a conversion would decide, and how it would end."""
        try:
            decided = decide(source, self._reading, collected)
        except LabelMapError as error:  # it is open which one is used: without any there is still something to say
            return decide(source._replace(label_maps=LabelMaps()), self._reading, collected), Verdict.of(error)
        return decided, self._judge(decided, self._given["on_error"])

    def _judge(self, decided: Decided, on_error: str) -> Verdict:
        """How a conversion would end."""
        given = self._given
        fatal = None if given["strict"] else frozenset(given["fail_on"])
        try:
            decided.judge(on_error, fatal, allow_empty=given["allow_empty"])
        except RejectedInputError as error:
            return Verdict.of(error)
        return Verdict()

    def _next_line(self, decided: Decided, verdict: Verdict, paths: Sequence[str]) -> Line | None:
        """The line to use next: where a conversion is refused, one with options that help, if there are such."""
        advice = Advice(self._inputs, self._given, decided, self._try if self._trials else None)
        if verdict.status == "done":
            return advice.of_accepted(paths)
        if verdict.status == "error" or self._given["on_error"] != "fail":
            return None
        remains = any(report.images for report in decided.reports)
        return advice.of_refused(can_skip=remains and self._judge(decided, "skip").status == "done")

    def _try(self, options: Mapping[str, object]) -> Inspection | None:
        """An inspection with other options; None where these cannot be used."""
        with contextlib.suppress(TFRecordLiteError):
            return _Look({**self._given, **options, "on_bytes": None}, trials=self._trials - 1).inspect()
        return None
