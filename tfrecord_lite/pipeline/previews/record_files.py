"""Record files, to be looked at."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from tfrecord_lite.coco.draft.part_summary import FileSummary, ObjectClass, PartSummary, SegmentClass
from tfrecord_lite.coco.resolve.resolve import Resolved, resolve
from tfrecord_lite.errors import DataError, Location, counted, printable
from tfrecord_lite.inputs.discover import Shard
from tfrecord_lite.inputs.storage import STDIN, open_input
from tfrecord_lite.labels.choose import Choice as LabelMapChoice
from tfrecord_lite.labels.choose import LabelMapSource
from tfrecord_lite.look.classes import Bone, Classes, Key, bones_of_category
from tfrecord_lite.look.survey import Fact, Survey
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.options.codes import INPUT
from tfrecord_lite.pipeline.previews.looking import Dataset, title_of
from tfrecord_lite.pipeline.reading.sampling import Cut, Limit, limits_of
from tfrecord_lite.pipeline.reading.shard_reader import ShardPart, ShardReader
from tfrecord_lite.pipeline.reading.source import open_source
from tfrecord_lite.sample import Sample
from tfrecord_lite.schemas.detect.choice import Choice
from tfrecord_lite.tfrecord.records import Paths, Span, as_list, find_spans

_MOST_NAMED = 50  # files
_CHUNK = 1 << 20  # bytes


class RecordFiles(Dataset):
    """The samples of record files. See ``looking.Dataset``."""

    def __init__(
        self,
        inputs: Paths,
        options: ReadOptions,
        label_map: LabelMapSource | None,
        *,
        limited: bool = False,
        allow_missing_shards: bool = True,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        source = open_source(inputs, label_map, split=None, allow_missing_shards=allow_missing_shards)
        self._undo = ExitStack()
        self._shards = tuple(self._copied(shard) if shard.path == STDIN else shard for shard in source.shards)
        self._label_maps = source.label_maps
        self._label_map = LabelMapChoice(None)
        self._options = options
        self._on_bytes = on_bytes
        self._zero_based = False
        self._cut = 0  # files of which not all was read
        self._limits = limits_of(self._shards) if limited else [Limit()] * len(self._shards)
        self._choices: dict[int, Choice] = {}
        self._records = 0
        self.count = len(self._shards)
        self.title = title_of(as_list(inputs))
        self.paths = [*source.paths, options.schema]
        self.pictures = [] if options.image_root is None else [options.image_root]

    def close(self) -> None:
        """See Dataset."""
        self._undo.close()

    def _copied(self, shard: Shard) -> Shard:
        """Standard input as a file, which can be read twice."""
        folder = self._undo.enter_context(tempfile.TemporaryDirectory(prefix="tfrecord2coco-"))
        path = os.path.join(folder, "stdin")
        with open_input(STDIN) as records, open(path, "wb") as copy:
            while chunk := records.read(_CHUNK):
                copy.write(chunk)
        return shard._replace(path=path)

    def read(self, source: int, survey: Survey) -> Iterator[Sample | DataError]:
        """See Dataset."""
        reader = ShardReader(self._shards[source], self._options, self._on_bytes)
        events = Cut(reader, self._limits[source])
        yield from events
        self._cut += events.was_cut
        for finding in reader.findings:
            survey.warn(*finding)
        self._records += reader.records
        if reader.choice is not None:
            self._choices[source] = reader.choice
            self._zero_based = self._zero_based or reader.choice.schema.zero_based

    def read_again(self, source: int, wanted: Mapping[int, Location]) -> Iterator[tuple[int, Sample]]:
        """See Dataset. Records of uncompressed files are read alone, others with all before them."""
        shard, choice = self._shards[source], self._choices.get(source)
        status = shard.status()
        is_apart = choice is not None and not choice.frames and not self._options.recover
        if is_apart and status is not None and _has_spans(shard.path, status.size):
            for number, where in sorted(wanted.items()):
                span = Span(where.offset or 0, where.record or 0, status.size)
                event = next(
                    iter(ShardReader(shard, self._options, None, ShardPart(span, choice, status, is_last=False)))
                )
                if isinstance(event, Sample):
                    yield number, event
                del event  # a large image must not be held while the next one is read
            return
        left = len(wanted)
        for number, event in enumerate(ShardReader(shard, self._options)):
            if number in wanted and isinstance(event, Sample):
                yield number, event
                left -= 1
            del event  # likewise
            if not left:
                break

    def name_classes(self, survey: Survey) -> Classes:
        """See Dataset. Classes get the names that a conversion would give them."""
        where = Location(self._shards[0].name)
        met = PartSummary()
        met.classes.note(map(ObjectClass._make, survey.classes), where)
        met.stuff.note(survey.pixels_of, where)
        met.segments.note((SegmentClass(number, True, False) for number in survey.segments_of), where)
        met.add_file(FileSummary(where.file, self._records, zero_based=self._zero_based))
        resolved = resolve([met], self._label_maps)
        self._label_map = resolved.label_map
        for text in resolved.warnings:
            survey.warn(INPUT, where, text)
        for key, why in resolved.classes.refusals.items():
            survey.warn_class(Key._make(key), "object-without-class", why)
        for key, notes in resolved.classes.notes.items():
            for note in notes:
                survey.warn_class(Key._make(key), note.code, note.text)
        return _table_of(resolved)

    def limits(self) -> list[str]:
        """See Dataset."""
        if not self._cut:
            return []
        return [f"Of {counted(self._cut, 'file')} only the first records were read; --all reads everything."]

    def facts(self) -> list[Fact]:
        """See Dataset."""
        names = tuple(printable(shard.name) for shard in self._shards[:_MOST_NAMED])
        records = f"{self._records:,}" + (", a sample" if self._cut else "")
        found = [Fact("Files", counted(self.count, "file"), names), Fact("Records", records, tuple(self.limits()))]
        choices: list[Choice] = []
        choices += (each for each in self._choices.values() if not any(map(each.reads_as, choices)))
        for choice in choices:
            times = sum(each.reads_as(choice) for each in self._choices.values())
            of = f", {counted(times, 'file')}" if len(choices) > 1 else ""
            unit = f", {'pixel' if choice.pixel else 'normalized'} boxes" if choice.has_boxes else ""
            found.append(Fact("Schema", f"{choice.schema.name}{unit}{of}", choice.evidence))
        label_map = ", ".join(self._label_map.files) or "none: the records name the classes"
        return [*found, Fact("Label map", printable(label_map))]


def _table_of(resolved: Resolved) -> Classes:
    """The classes that were met. Those of pixels and of segments are those of objects that have the same name."""
    used = set(resolved.classes.ids.values())
    rows: list[tuple[int, str, tuple[Bone, ...] | None]] = []
    for category in resolved.classes.categories:
        if category.id in used:
            skeleton = category.item.skeleton if category.item is not None else ()
            rows.append((category.id, category.name, bones_of_category(skeleton, category.keypoints)))
    of_ids = {number: place for place, (number, _, _) in enumerate(rows)}
    of_names = {name: place for place, (_, name, _) in enumerate(rows)}

    def place(category: Mapping[str, Any]) -> int:
        name = category["name"]
        if name not in of_names:
            of_names[name] = len(rows)
            rows.append((category["id"], name, None))
        return of_names[name]

    stuff = {entry["id"]: place(entry) for entry in resolved.stuff.categories}
    panoptic = {entry["id"]: place(entry) for entry in resolved.panoptic.categories}
    return Classes(
        rows,
        {(each.label, each.name): of_ids[number] for each, number in resolved.classes.ids.items()},
        {label: stuff[number] for label, number in resolved.stuff.ids.items()},
        {each.label: panoptic[number] for each, (number, _) in resolved.panoptic.meanings.items()},
    )


def _has_spans(path: str, size: int) -> bool:
    """Whether a file is divided into records that can be read alone."""
    first = next(find_spans(path, size, 1), None)
    return first is not None and first.end < size
