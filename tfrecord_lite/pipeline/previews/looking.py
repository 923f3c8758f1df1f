"""What is looked at: the samples of a dataset, which are read twice, once to count and once to show some of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tfrecord_lite.errors import DataError, Location, printable
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Classes
from tfrecord_lite.look.facts import Fact
from tfrecord_lite.look.survey import Survey
from tfrecord_lite.pipeline.previews.class_names import NamedClasses
from tfrecord_lite.sample import Sample

_LONGEST_TITLE = 60  # characters


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

    def read(self, source: int, survey: Survey) -> Iterator[Sample | DataError]:
        """The samples of one input, and what comes instead of others. survey: takes note of all of it."""

    def read_again(self, source: int, wanted: Mapping[int, Location]) -> Iterator[tuple[int, Sample]]:
        """Some samples of it, with their images, in order. wanted: their numbers among all that ``read`` gave."""

    def name_classes(self, survey: Survey) -> NamedClasses:
        """The classes of all samples, once they were met."""

    def facts(self) -> list[Fact]:
        """How they were read, once they were."""

    def limits(self) -> list[str]:
        """What was not read, in words."""

    def close(self) -> None:
        """Clears up; it cannot be read any more."""


def title_of(inputs: Sequence[str | os.PathLike[str]]) -> str:
    """What inputs are called: the first, as it was named but for the beginning of a long path, and how many more."""
    name = printable(os.fspath(inputs[0])).rstrip("/\\") or printable(os.fspath(inputs[0]))
    if len(name) > _LONGEST_TITLE:
        name = "…" + name[-_LONGEST_TITLE:]
    return name if len(inputs) == 1 else f"{name} and {len(inputs) - 1} more"


@dataclass(frozen=True, slots=True)
class Looked:
    """What a first pass over a dataset gives. notes on classes are among the warnings of the survey."""

    dataset: Dataset
    survey: Survey
    classes: Classes


def look_at(dataset: Dataset, chooser: Chooser) -> Looked:
    """Reads every sample once, and names the classes that were met."""
    survey = Survey(chooser=chooser)
    for source in range(dataset.count):
        number = 0
        for event in dataset.read(source, survey):
            if isinstance(event, Sample):
                survey.add(event, source, number)
            else:
                survey.add_problem(event)
            number += 1  # noqa: SIM113 - enumerate would hold the event
            del event  # a large image must not be held while the next one is read
    named = dataset.name_classes(survey)
    for key, notes in named.notes.items():
        first = survey.first_of[key]
        for note in notes:
            warned = survey.warn(note.code, first[0].where, note.text, survey.classes[key])
            warned.pictures += [each for each in first if each not in warned.pictures]
    return Looked(dataset, survey, named.classes)


def read_chosen(dataset: Dataset, chosen: Sequence[Candidate]) -> Iterator[tuple[int, Sample]]:
    """The samples of these pictures in the order of the input, each with its place in ``chosen``."""
    places = {(each.source, each.number): place for place, each in enumerate(chosen)}
    for source in sorted({each.source for each in chosen}):
        wanted = {each.number: each.where for each in chosen if each.source == source}
        for number, sample in dataset.read_again(source, wanted):
            yield places[source, number], sample
            del sample  # likewise


def counts_of(looked: Looked) -> list[int]:
    """How many objects each class of the table has; of the classes of pixels, how many images or segments."""
    survey, classes = looked.survey, looked.classes
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
