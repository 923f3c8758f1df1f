"""The parts of what ``inspect`` finds: files, classes, the label map, what ``convert`` would do, and how to call it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tfrecord_lite.errors import DataError, RejectedInputError, TFRecordLiteError
from tfrecord_lite.spelling import in_python


class InspectedFile(NamedTuple):
    """One file.

    size: in bytes; None of a pipe. records: sound ones that were read.
    problems: records that cannot be read, and objects that cannot be said in COCO; typed_problem: the first of them, in
        words of the command line.
    schema: that its records follow, None where none is known; pixel: whether its boxes are pixels, None without any.
    whole: whether all of it was read; about: else how many records there are, about; None where it is unknown.
    """

    file: str
    split: str
    size: int | None
    records: int
    images: int
    objects: int
    problems: int
    typed_problem: str | None
    schema: str | None
    pixel: bool | None
    evidence: tuple[str, ...]
    whole: bool
    about: int | None

    @property
    def first_problem(self) -> str | None:
        """The first of the problems, in words."""
        return None if self.typed_problem is None else in_python(self.typed_problem)


class CountedClass(NamedTuple):
    """A class. id: of its category, None where it has none. name: as ``convert`` writes it. times: how many have it."""

    id: int | None
    name: str
    times: int


class Classes(NamedTuple):
    """The classes that were met, the frequent ones first.

    objects: with how many objects; images: of images as a whole, with how many images.
    pixels: of semantic label images, with how many images; segments: of panoptic images, with how many segments.
    """

    objects: tuple[CountedClass, ...] = ()
    images: tuple[CountedClass, ...] = ()
    pixels: tuple[CountedClass, ...] = ()
    segments: tuple[CountedClass, ...] = ()


class UsedLabelMap(NamedTuple):
    """The label map. files: that it is from, none where the records name the classes. why: it is used, in words.

    passed_over: other files beside the inputs, each with the reason why it is not used.
    """

    files: tuple[str, ...]
    why: str
    passed_over: Mapping[str, str]


class Verdict(NamedTuple):
    """What ``convert`` would do: the same code decides.

    status: ``done``, ``rejected`` (the data is at fault) or ``error``; exit_status: 0, 1 or 2.
    typed_problems: why not, as ``convert`` says it on the command line; problem_count: how many there are.
    """

    status: str = "done"
    exit_status: int = 0
    typed_problems: tuple[str, ...] = ()
    problem_count: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Why not, as ``convert`` says it."""
        return tuple(map(in_python, self.typed_problems))

    @classmethod
    def of(cls, error: TFRecordLiteError) -> Verdict:
        """That of a run that ends with this error."""
        if isinstance(error, RejectedInputError):
            return cls("rejected", 1, tuple(error.text.splitlines()), error.count)
        return cls("error", 1 if isinstance(error, DataError) else 2, (error.text,), 1)


class Line(NamedTuple):
    """What to type next. words: as a program gets them; text: as a shell takes it. note: what it does to bad data."""

    words: tuple[str, ...]
    text: str
    note: str = ""
