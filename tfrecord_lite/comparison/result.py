"""What a comparison comes to: a value that prints well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tfrecord_lite.comparison.difference import Counted, Place
from tfrecord_lite.errors import counted
from tfrecord_lite.options.comparing import COMPARE_OPTIONS
from tfrecord_lite.options.console import envelope
from tfrecord_lite.spelling import Caller, in_python, in_shell

_OPTIONS = {option.spelling for option in COMPARE_OPTIONS}
CALLER = Caller({option.name for option in COMPARE_OPTIONS})


@dataclass(frozen=True, slots=True)
class Content:
    """How much there is of a dataset. title: what it is called."""

    title: str
    splits: int
    images: int = 0
    objects: int = 0

    def with_images(self, count: int) -> Content:
        """With so many images more."""
        return replace(self, images=self.images + count)

    def with_objects(self, count: int) -> Content:
        """With so many objects more."""
        return replace(self, objects=self.objects + count)

    def __str__(self) -> str:
        return f"{counted(self.images, 'image')}, {counted(self.objects, 'object')}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two datasets and what differs between them.

    a, b: how much there is of each.
    differences: by kind, each with its count and its first places, whatever the order of the datasets.
    typed_notes: what there is to know of how they were read and compared, in words of the command line.
    strict: whether lesser differences count.
    """

    a: Content
    b: Content
    differences: tuple[Counted, ...]
    typed_notes: tuple[str, ...] = ()
    strict: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What there is to know of how they were read and compared."""
        return tuple(in_python(note, CALLER) for note in self.typed_notes)

    @property
    def equal(self) -> bool:
        """Whether both datasets mean the same."""
        return not any(self.strict or not kind.is_lesser for kind in self.differences)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Every kind of difference with its first places, and one line for all."""
        width = max((len(kind.kind) for kind in self.differences), default=0)
        for kind in self.differences:
            lesser = "  (lesser)" if kind.is_lesser and not self.strict else ""
            yield f"{kind.kind:<{width}}  {kind.count:,}{lesser}"
            for place in kind.first:
                yield f"    {_at(place)}{place.a} | {place.b}"
            if kind.count > len(kind.first):
                yield f"    and {kind.count - len(kind.first):,} more"
        told = ", ".join(f"{kind.kind} {kind.count:,}" for kind in self.differences)
        if self.equal:
            yield f"equal: {self.a}" + (f" (lesser differences: {told})" if told else "")
            return
        yield f"differs: {told}"
        yield f"  a: {self.a}: {self.a.title}"
        yield f"  b: {self.b}: {self.b.title}"

    def as_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        return envelope(exit_status=int(not self.equal)) | {
            "equal": self.equal,
            "a": _content(self.a),
            "b": _content(self.b),
            "differences": [
                {
                    "kind": kind.kind,
                    "lesser": kind.is_lesser,
                    "count": kind.count,
                    "first": [place._asdict() for place in kind.first],
                }
                for kind in self.differences
            ],
            "notes": [in_shell(note, _OPTIONS) for note in self.typed_notes],
        }


def _content(content: Content) -> dict[str, Any]:
    return {
        "dataset": content.title,
        "splits": content.splits,
        "images": content.images,
        "objects": content.objects,
    }


def _at(place: Place) -> str:
    """A place in words, and a colon."""
    return "".join(f"{part}: " for part in (place.split, place.image, place.object) if part)
