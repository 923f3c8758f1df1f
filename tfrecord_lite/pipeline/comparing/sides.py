"""One side of a comparison: a COCO dataset or record files, split by split, and what their classes are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Protocol

from tfrecord_lite.coco.draft.part_summary import PartSummary
from tfrecord_lite.coco.read.dataset import CocoPart, by_split
from tfrecord_lite.coco.read.packed_classes import group_of
from tfrecord_lite.coco.read.samples import CLASS_FACTS, CocoSplit
from tfrecord_lite.coco.read.to_sample import Entry, names_of, object_entries
from tfrecord_lite.coco.resolve.resolve import Resolved, resolve
from tfrecord_lite.comparison.classes import ClassTable, Names
from tfrecord_lite.comparison.description import Ids
from tfrecord_lite.comparison.differences import CAPTIONS, OBJECTS, SEGMENTS, STUFF
from tfrecord_lite.errors import DataError, FeatureError, UsageError, counted, printable
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.labels.choose import hints
from tfrecord_lite.labels.model import is_background
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.conversion.decide import absent_keys, without_effect
from tfrecord_lite.pipeline.previews.looking import title_of
from tfrecord_lite.pipeline.reading.part_reader import describe_file
from tfrecord_lite.pipeline.reading.shard_reader import ShardReader
from tfrecord_lite.pipeline.reading.source import Source
from tfrecord_lite.sample import Sample
from tfrecord_lite.schemas.read.record import SampleReaders
from tfrecord_lite.tfrecord.records import Paths, as_list

_EVERYTHING = frozenset({OBJECTS, CAPTIONS, STUFF, SEGMENTS})
_TOLD = {"captions": CAPTIONS, "stuff": STUFF, "panoptic": SEGMENTS}  # by a COCO file alone; others have objects
_NOTHING: Mapping[str, object] = MappingProxyType({})


Event = tuple[Sample | DataError, Ids | None]
"""An image, or the error in its place; and its ids if it comes from a COCO file."""


class Side(Protocol):
    """A dataset that is compared.

    title: what it is called. told: what it can say of an image.
    tables: of each split, in order: what was met there, and what is wrong.
    """

    title: str
    told: frozenset[str]
    tables: Mapping[str, PartSummary]

    def read(self, split: str) -> Iterator[Event]:
        """The images of a split. Everything else that was found is added to its table."""

    def read_again(self, split: str, wanted: Collection[int]) -> Iterator[tuple[int, Sample]]:
        """Some images of a split with their pictures, each with its number among all that ``read`` gave."""

    def finish(self) -> list[DataError]:
        """Once every split was read: decides what classes mean, and adds to the tables what has none.

        Returns:
            What is wrong with the dataset as a whole.
        """
        return []

    def notes(self) -> list[str]:
        """Warnings about how it was read."""
        return []

    def beside(self) -> list[str]:
        """What the dataset says beside all that is compared."""

    def names(self, split: str) -> Names:
        """What the classes of a split are called, once everything was read."""

    def classes(self) -> ClassTable:
        """The categories, likewise."""


# ---------------------------------------------------------------------------------------------- COCO
class CocoSide(Side):
    """A COCO dataset. See Side. pictures: whether the files of the images are read."""

    def __init__(self, path: str, parts: Sequence[CocoPart], *, pictures: bool) -> None:
        splits = by_split(parts)
        self.title = title_of([path])
        self.tables: Mapping[str, PartSummary] = {split: PartSummary() for split in splits}
        self._splits = {split: CocoSplit(tasks) for split, tasks in splits.items()}
        is_file = path.lower().endswith(".json")
        self.told = frozenset({_TOLD.get(parts[0].task, OBJECTS)}) if is_file else _EVERYTHING
        self._pictures = pictures

    def read(self, split: str) -> Iterator[Event]:
        """See Side."""
        for event, joined in self._splits[split].read_joined(pictures=self._pictures, segments=True):
            entries = object_entries(joined.annotations)
            is_whole = isinstance(event, Sample) and len(event.objects) == len(entries)
            image = joined.image.get("id")
            objects = [entry.get("id") for entry in entries] if is_whole else None
            yield event, Ids(image if type(image) is int else None, objects)
            del event  # a large image must not be held while the next one is read

    def read_again(self, split: str, wanted: Collection[int]) -> Iterator[tuple[int, Sample]]:
        """See Side."""
        return self._splits[split].read_again(wanted)

    def beside(self) -> list[str]:
        """See Side."""
        return sorted({key for coco in self._splits.values() for key in coco.beside()})

    def names(self, split: str) -> Names:
        """See Side."""
        table, coco = self.tables[split], self._splits[split]
        stuff, panoptic = names_of(coco.stuff).names, names_of(coco.panoptic).names
        return Names(
            [name or str(label) for label, name, _, _ in table.classes],
            [label for label, _, _, _ in table.classes],
            [stuff.get(number, str(number)) for number in table.stuff],
            [(panoptic.get(each.label, str(each.label)), each.is_crowd) for each in table.segments],
            int,
            coco.names.names,
        )

    def classes(self) -> ClassTable:
        """See Side."""
        tables = [table for coco in self._splits.values() for table in coco.tables.values()]
        entries = (
            each for table in tables for each in table if not (each.get("id") == 0 and _is_no_class(each, table))
        )
        listed = ((str(entry.get("name")), _facts_of(entry)) for entry in entries)
        unlisted = (
            (str(label), _NOTHING) for table in self.tables.values() for label, name, _, _ in table.classes if not name
        )
        return ClassTable(is_whole=True, is_coco=True, facts=_united(chain(listed, unlisted)))


def _is_no_class(zero: Entry, table: Sequence[Entry]) -> bool:
    """Whether a category 0 is the background, or a group of all: conversions leave these out."""
    return is_background(str(zero.get("name"))) or zero is group_of(table)


def _facts_of(entry: Entry) -> dict[str, object]:
    """What a category says of its class, except what all of them say."""
    return {key: entry[key] for key in CLASS_FACTS if entry.get(key) not in (None, entry.get("name"))}


def _united(classes: Iterable[tuple[str, Mapping[str, object]]]) -> dict[str, Mapping[str, object]]:
    """What all files say of each class, by name; where two disagree, the first one counts."""
    facts: dict[str, Mapping[str, object]] = {}
    for name, said in classes:
        known = facts.setdefault(name, _NOTHING)
        new = {key: value for key, value in said.items() if value is not None and key not in known}
        if new:
            facts[name] = {**known, **new}
    return facts


# ---------------------------------------------------------------------------------------------- records
class RecordSide(Side):
    """Record files. See Side."""

    def __init__(
        self, inputs: Paths, source: Source, options: ReadOptions, on_bytes: Callable[[int], None] | None
    ) -> None:
        if any(shard.path == STDIN for shard in source.shards):
            raise UsageError("records from standard input cannot be compared: write them to a file")
        self.title = title_of(as_list(inputs))
        self.told = _EVERYTHING
        self.tables: Mapping[str, PartSummary] = {split: PartSummary() for split in source.splits}
        self._source = source
        self._options = options
        self._on_bytes = on_bytes
        self._readers = SampleReaders(options)
        self._resolved: Resolved | None = None

    def read(self, split: str) -> Iterator[Event]:
        """See Side."""
        table = self.tables[split]
        for shard in self._source.splits[split]:
            reader = ShardReader(shard, self._options, self._on_bytes, readers=self._readers)
            for event in reader:
                if isinstance(event, Sample):
                    table.effects.update(event.effects)
                    table.add_unmapped(event.unmapped)
                yield event, None
                del event  # a large image must not be held while the next one is read
            table.add_findings(reader.findings)
            table.add_file(describe_file(reader))

    def read_again(self, split: str, wanted: Collection[int]) -> Iterator[tuple[int, Sample]]:
        """See Side."""
        number = 0
        for shard in self._source.splits[split]:
            for event in ShardReader(shard, self._options, readers=self._readers):
                if isinstance(event, Sample) and number in wanted:
                    yield number, event
                number += 1
                del event  # likewise

    def finish(self) -> list[DataError]:
        """See Side. Classes get the names that a conversion would give them."""
        self._resolved = resolve(list(self.tables.values()), self._source.label_maps)
        refusals = self._resolved.classes.refusals
        for table in self.tables.values():
            for each, count, place in table.classes.used():
                if (why := refusals.get(each)) is not None:
                    number, key = table.classes.origins[table.classes[each]]
                    told = why if count == 1 else f"{why} ({counted(count, 'object')})"
                    table.add_problem(FeatureError(place, key, f"object {number}: {told}"))
        return list(absent_keys(self.tables.values()))

    @property
    def _known(self) -> Resolved:
        if self._resolved is None:
            raise UsageError("the classes of records have names once all of them were read")
        return self._resolved

    def notes(self) -> list[str]:
        """See Side."""
        known, records = self._known, [shard.path for shard in self._source.shards]
        notes = [*self._source.warnings, *known.warnings, *hints(known.label_map, records)]
        notes += without_effect(self._options, self.tables.values())
        if known.classes.unclear:
            notes.append(known.classes.unclear)
        return [f"{printable(self.title)}: {note}" for note in notes]

    def beside(self) -> list[str]:
        """See Side."""
        return sorted({key for table in self.tables.values() for key in table.unmapped_keys})

    def names(self, split: str) -> Names:
        """See Side."""
        known, table = self._known, self.tables[split]
        titles = {category.id: category.name for category in known.classes.categories}
        stuff = {entry["id"]: str(entry["name"]) for entry in known.stuff.categories}
        panoptic = {entry["id"]: str(entry["name"]) for entry in known.panoptic.categories}
        ids = [known.classes.ids.get(each) for each in table.classes]
        meanings = [known.panoptic.meanings[each] for each in table.segments]
        return Names(
            [None if number is None else titles[number] for number in ids],
            ids,
            [stuff[known.stuff.ids[number]] for number in table.stuff],
            [(panoptic[number], bool(crowd)) for number, crowd in meanings],
            known.classes.id_of_number,
            titles,
            known.classes.titles,
        )

    def classes(self) -> ClassTable:
        """See Side. Without a label map records have no classes but those of their objects."""
        known = self._known
        classes: list[tuple[str, Mapping[str, object]]] = []
        for category in known.classes.categories:
            item, keypoints = category.item, list(category.keypoints)
            said: dict[str, object] = {"keypoints": keypoints or None}
            if item is not None:
                bones = [list(bone) for bone in item.skeleton] or None
                keypoints = list(item.keypoints) or keypoints
                said = {"supercategory": item.supercategory, "keypoints": keypoints or None, "skeleton": bones}
                said |= {"frequency": item.frequency, "instance_count": item.instance_count}
            classes.append((category.name, said))
        classes += ((str(entry["name"]), {}) for entry in known.stuff.categories)
        classes += ((str(entry["name"]), {"isthing": entry["isthing"]}) for entry in known.panoptic.categories)
        return ClassTable(is_whole=bool(known.label_map.files), is_coco=False, facts=_united(classes))
