"""The result of a comparison: kinds of differences, how many there are of each, and the first places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from tfrecord_lite.errors import counted
from tfrecord_lite.options.comparing import COMPARE_OPTIONS
from tfrecord_lite.options.console import envelope
from tfrecord_lite.spelling import Caller, in_python, in_shell

_OPTIONS = {option.spelling for option in COMPARE_OPTIONS}
CALLER = Caller({option.name for option in COMPARE_OPTIONS})
_MOST_PLACES = 5  # of a kind that are kept

KINDS: Mapping[str, str] = MappingProxyType(
    {
        # the dataset
        "split": "a split that the other dataset lacks",
        "category": "a class, or a fact of one, that the other dataset lacks or has otherwise",
        # images
        "image": "an image that the other dataset lacks",
        "image-size": "the width or the height of an image",
        "picture": "the picture itself: other pixels, or none on one side",
        "image-fact": "what is said of an image, such as its date",
        "image-class": "a class of an image as a whole",
        "caption": "a caption",
        "stuff": "the pixels of a class in a semantic label image",
        "segment": "a segment of a panoptic image: its class, whether it is a group, its area or its pixels",
        # objects
        "object": "an object that the other dataset lacks",
        "class": "the class of an object, by name",
        "box": "the box of an object",
        "crowd": "whether an object is marked as a crowd (iscrowd)",
        "area": "the area of an object",
        "mask": "the mask of an object, pixel by pixel",
        "keypoints": "the keypoints of an object",
        "dense-pose": "the DensePose points of an object",
        "attribute": "what else is said of an object",
        # with --ids
        "id": "the id of an image, an object or a category; with --ids",
        # lesser ones
        "picture-bytes": "other bytes of a picture with equal pixels",
        "file-name": "the folder or the ending of a picture's file name",
    }
)
"""Each kind with a line that explains it."""
LESSER = frozenset({"picture-bytes", "file-name"})
"""Kinds that leave the meaning of a dataset as it is."""


class Difference(NamedTuple):
    """One difference. object: the object, in words; empty where it is about the image or the dataset as a whole.

    a, b: what either dataset has, in words.
    """

    kind: str
    object: str
    a: str
    b: str

    @classmethod
    def lacking(cls, kind: str, obj: str = "", *, in_b: bool) -> Difference:
        """Something that one of the datasets lacks. in_b: whether that is b."""
        return cls(kind, obj, *(("is there", "none") if in_b else ("none", "is there")))


class Place(NamedTuple):
    """A difference with its place. split, image: empty where it is about more than one."""

    split: str
    image: str
    object: str
    a: str
    b: str


@dataclass(slots=True)
class Counted:
    """The differences of one kind: how many, and the first places."""

    kind: str
    count: int = 0
    first: list[Place] = field(default_factory=list)

    @property
    def is_lesser(self) -> bool:
        """Whether the meaning is the same."""
        return self.kind in LESSER


class Table:
    """Differences by kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, Counted] = {}

    def add(self, difference: Difference, split: str = "", image: str = "") -> None:
        """Counts a difference."""
        kind, *what = difference
        known = self._kinds.setdefault(kind, Counted(kind))
        known.count += 1
        if len(known.first) < _MOST_PLACES:
            known.first.append(Place(split, image, *what))

    def rows(self) -> tuple[Counted, ...]:
        """The kinds that were met, in their own order."""
        return tuple(self._kinds[kind] for kind in KINDS if kind in self._kinds)


@dataclass(slots=True)
class Content:
    """How much there is of a dataset. title: what it is called."""

    title: str
    splits: int
    images: int = 0
    objects: int = 0

    def __str__(self) -> str:
        return f"{counted(self.images, 'image')}, {counted(self.objects, 'object')}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two datasets and what differs between them.

    a, b: how much there is of each.
    differences: by kind, each with its count and its first places, whatever the order of the datasets.
    typed_notes: about how they were read and compared, in words of the command line.
    strict: whether lesser differences count.
    """

    a: Content
    b: Content
    differences: tuple[Counted, ...]
    typed_notes: tuple[str, ...] = ()
    strict: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """About how they were read and compared."""
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
