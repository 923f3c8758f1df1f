"""A dataset to look at: its samples are read twice, once to count and once to show some of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from tfrecord_lite.errors import DataError, Location, printable
from tfrecord_lite.look.choose import Candidate, Chooser
from tfrecord_lite.look.classes import Classes
from tfrecord_lite.look.survey import Fact, Survey
from tfrecord_lite.sample import Sample

_LONGEST_TITLE = 60  # characters


class Dataset(Protocol):
    """Samples that can be read again and again.

    title: what it is called. count: its inputs, which are read one by one.
    paths: every file that is read, except pictures. pictures: the folders that these are read from.
    """

    title: str
    count: int
    paths: Sequence[str]
    pictures: Sequence[str]

    def read(self, source: int, survey: Survey) -> Iterator[Sample | DataError]:
        """The samples of one input, and the errors in place of others. survey: gets the warnings of the input."""

    def read_again(self, source: int, wanted: Mapping[int, Location]) -> Iterator[tuple[int, Sample]]:
        """Some samples of it, with their images, in order. wanted: their numbers among all that ``read`` gave."""

    def name_classes(self, survey: Survey) -> Classes:
        """The classes of all samples, once they were met. survey: is told what a conversion would say of them."""

    def facts(self) -> list[Fact]:
        """How they were read, once they were."""

    def limits(self) -> list[str]:
        """What was not read, in words."""
        return []

    def close(self) -> None:
        """Clears up; it cannot be read any more."""


def title_of(inputs: Sequence[str | os.PathLike[str]]) -> str:
    """A title for inputs: the first as it was named, without the beginning of a long path, and how many more."""
    name = printable(os.fspath(inputs[0])).rstrip("/\\") or printable(os.fspath(inputs[0]))
    if len(name) > _LONGEST_TITLE:
        name = "…" + name[-_LONGEST_TITLE:]
    return name if len(inputs) == 1 else f"{name} and {len(inputs) - 1} more"


class Looked(NamedTuple):
    """What a first pass over a dataset gives."""

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
    return Looked(dataset, survey, dataset.name_classes(survey))


def read_chosen(dataset: Dataset, chosen: Sequence[Candidate]) -> Iterator[tuple[int, Sample]]:
    """The samples of these pictures in the order of the input, each with its place in ``chosen``."""
    places = {(each.source, each.number): place for place, each in enumerate(chosen)}
    for source in sorted({each.source for each in chosen}):
        wanted = {each.number: each.where for each in chosen if each.source == source}
        for number, sample in dataset.read_again(source, wanted):
            yield places[source, number], sample
            del sample  # likewise
