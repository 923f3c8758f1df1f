"""What is looked at: the samples of a dataset, which are read twice, once to count and once to show some of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tfrecord_lite.errors import DataError, UsageError, printable
from tfrecord_lite.inputs.discover import Shard, find_sources
from tfrecord_lite.inputs.storage import STDIN
from tfrecord_lite.labels.chosen import LabelMapSource, choose_label_map, choose_panoptic_label_map
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Classes
from tfrecord_lite.look.facts import Fact
from tfrecord_lite.look.survey import Survey
from tfrecord_lite.look.words import counted
from tfrecord_lite.options import ReadOptions
from tfrecord_lite.pipeline.class_names import NamedClasses, name_classes
from tfrecord_lite.pipeline.shard_reader import ShardReader
from tfrecord_lite.sample import Sample
from tfrecord_lite.schemas.detect import Choice
from tfrecord_lite.tfrecord.records import Paths, as_list

_LONGEST_TITLE = 60  # characters
_MOST_NAMED = 50  # files


class Dataset(Protocol):
    """Samples that can be read again and again.

    title: what it is called. count: its inputs, which are read one by one.
    """

    title: str
    count: int

    @property
    def paths(self) -> Sequence[str]:
        """Every file that is read, but for pictures."""

    @property
    def pictures(self) -> Sequence[str]:
        """The folders that pictures are read from."""

    def read(self, source: int, survey: Survey | None = None) -> Iterator[Sample | DataError]:
        """The samples of one input, and what stands in place of others. survey: is told what there is to know of it."""

    def name_classes(self, survey: Survey) -> NamedClasses:
        """The classes of all samples, once they were met."""

    def facts(self) -> list[Fact]:
        """How they were read, once they were."""


class RecordFiles:
    """The samples of record files."""

    def __init__(
        self,
        inputs: Paths,
        options: ReadOptions,
        label_map: LabelMapSource | None,
        *,
        allow_missing_shards: bool,
        on_bytes: Callable[[int], None] | None,
    ) -> None:
        found = find_sources(as_list(inputs), allow_missing_shards=allow_missing_shards)
        if any(shard.path == STDIN for shard in found.shards):
            raise UsageError("standard input can be read once only, and looking takes two passes: save it to a file")
        self._shards: tuple[Shard, ...] = found.shards
        paths = [shard.path for shard in self._shards]
        self._labels = choose_label_map(label_map, paths)
        self._pixel_labels = choose_panoptic_label_map(paths) or self._labels
        self._options = options
        self._on_bytes = on_bytes
        self._zero_based = False
        self._choices: list[tuple[Choice, int]] = []
        self._records = 0
        self.count = len(self._shards)
        self.title = title_of(as_list(inputs))
        self.paths = paths
        self.pictures = [] if options.image_root is None else [options.image_root]

    def read(self, source: int, survey: Survey | None = None) -> Iterator[Sample | DataError]:
        """See Dataset."""
        reader = ShardReader(self._shards[source], self._options, self._on_bytes if survey else None)
        yield from reader
        if survey is None:
            return
        for finding in reader.findings:
            survey.warn(*finding)
        self._records += reader.records
        if reader.choice is not None:
            self._count_choice(reader.choice)
            self._zero_based = self._zero_based or reader.choice.schema.zero_based

    def name_classes(self, survey: Survey) -> NamedClasses:
        """See Dataset."""
        return name_classes(survey, self._labels, self._pixel_labels, zero_based=self._zero_based)

    def _count_choice(self, choice: Choice) -> None:
        """Counts how files were read."""
        for number, (known, times) in enumerate(self._choices):
            if known == choice:
                self._choices[number] = known, times + 1
                return
        self._choices.append((choice, 1))

    def facts(self) -> list[Fact]:
        """See Dataset."""
        names = tuple(printable(shard.name) for shard in self._shards[:_MOST_NAMED])
        found = [Fact("Files", counted(self.count, "file"), names), Fact("Records", f"{self._records:,}")]
        for choice, times in self._choices:
            of = f", {counted(times, 'file')}" if len(self._choices) > 1 else ""
            unit = ("; boxes in pixels" if choice.pixel else "; boxes as fractions") if choice.has_boxes else ""
            found.append(Fact("Schema", f"{choice.schema.name}{unit}{of}", choice.evidence))
        source = self._labels.source if self._labels else "none: the records name the classes"
        found.append(Fact("Label map", printable(source)))
        return found


def title_of(inputs: Sequence[str | os.PathLike[str]]) -> str:
    """What inputs are called: the first, as it was named but for the beginning of a long path, and how many more."""
    name = printable(os.fspath(inputs[0])).rstrip("/\\") or printable(os.fspath(inputs[0]))
    if len(name) > _LONGEST_TITLE:
        name = "…" + name[-_LONGEST_TITLE:]
    return name if len(inputs) == 1 else f"{name} and {len(inputs) - 1} more"


def take_survey(dataset: Dataset, chooser: Chooser) -> Survey:
    """Reads every sample once."""
    survey = Survey(chooser)
    for source in range(dataset.count):
        number = 0
        for event in dataset.read(source, survey):
            if isinstance(event, Sample):
                survey.add(event, source, number)
                number += 1
            else:
                survey.add_problem(event)
            del event  # a large image must not be held while the next one is read
    return survey


def add_class_warnings(survey: Survey, named: NamedClasses) -> None:
    """Adds to the warnings what only the end can say of classes."""
    for key, notes in named.notes.items():
        first = survey.first_of[key]
        for note in notes:
            warned = survey.warn(note.code, first[0].where, note.text, survey.classes[key])
            warned.pictures += [each for each in first if each not in warned.pictures]


def read_chosen(dataset: Dataset, chosen: Sequence[Candidate]) -> Iterator[tuple[int, Sample]]:
    """The samples of these pictures in the order of the input, each with its place in ``chosen``."""
    wanted: dict[int, dict[int, int]] = {}
    for place, candidate in enumerate(chosen):
        wanted.setdefault(candidate.source, {})[candidate.number] = place
    for source, numbers in sorted(wanted.items()):
        left, number = len(numbers), 0
        for event in dataset.read(source):
            if isinstance(event, Sample):
                if number in numbers:
                    yield numbers[number], event
                    left -= 1
                number += 1
            del event  # likewise
            if not left:
                break


def counts_of(survey: Survey, classes: Classes) -> list[int]:
    """How many objects each class of the table has; of the classes of pixels, how many images or segments."""
    counts = [0] * len(classes.rows)
    for key, count in survey.classes.items():
        if (row := classes.index(key.label, key.name)) is not None:
            counts[row] += count
    for number, count in survey.pixels_of.items():
        if (row := classes.index_of_pixels(number)) is not None:
            counts[row] += count
    for number, count in survey.segments_of.items():
        if (row := classes.index_of_segment(number)) is not None:
            counts[row] += count
    return counts


def write_whole(path: str, content: bytes) -> None:
    """Writes a file under another name first, so that nothing half written ever has its own."""
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    partial = os.path.join(folder, f".{name}.partial-{os.getpid()}")
    try:
        with open(partial, "xb") as file:
            file.write(content)
        os.replace(partial, path)
    except BaseException:
        if os.path.exists(partial):
            os.unlink(partial)
        raise
