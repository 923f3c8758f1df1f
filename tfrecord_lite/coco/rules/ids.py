"""The ids of images, annotations and categories, and what refers to them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tfrecord_lite.coco.read.json_elements import Block
from tfrecord_lite.coco.rules.columns import column, kinds
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.repeats import Repeats

_OWN = ("missing", "no integer", "repeated")
RULES = (
    Rule("E10", "the id of an image is missing, no integer, or not its own", "Number the images from 1.", _OWN),
    Rule(
        "E11", "the id of an annotation is missing, no integer, or not its own", "Number the annotations from 1.", _OWN
    ),
    Rule("E12", "the id of a category is missing, no integer, or not its own", "Number the categories from 1.", _OWN),
    Rule("E13", "an annotation has the id 0, which COCO's evaluation takes for no match", "Number annotations from 1."),
    Rule("W14", "a category has the id 0, which readers take for the background", "Number categories from 1."),
    Rule(
        "I14",
        "the ids of categories have gaps, as in the official files",
        "Nothing, unless a reader takes ids for positions: then number categories 1, 2, 3, ...",
    ),
    Rule("E15", "an id is negative", "Number from 1.", ("image", "annotation", "category")),
    Rule(
        "W16",
        "an id is larger than 2^53 - 1, so that it is rounded where numbers are floats",
        "Number from 1, and keep such an id under another key, such as source_id.",
        ("image", "annotation", "category"),
    ),
    Rule(
        "E17",
        "an id is 2^63 or more, which no 64-bit integer holds",
        "Number from 1, and keep such an id under another key, such as source_id.",
        ("image", "annotation", "category"),
    ),
    Rule(
        "E18",
        "an annotation refers to an image or a category that is not there",
        "Add the missing entry, or remove the annotation.",
        ("image", "category", "image missing", "category missing", "image no integer", "category no integer"),
    ),
    Rule("E4G", "category_id is null", "Give the object a category, or remove it."),
)

CODE_OF = {"image": "E10", "annotation": "E11", "category": "E12"}
_SAFE = 2**53 - 1
_END = 2**63


def check_id(kind: str, value: object, number: int, found: Findings) -> bool:
    """Checks an id by itself. Returns whether it can be compared with others."""
    code = CODE_OF[kind]
    if value is None:
        found.add(code, "missing", number, "no id")
        return False
    if type(value) is float and value >= _END and value.is_integer():  # parsers read larger numbers as floats
        found.add("E17", kind, number, f"id {value:.0f}")
        return False
    if type(value) is not int:
        found.add(code, "no integer", number, f"id {shown(value)}")
        return False
    if value >= _END:
        found.add("E17", kind, number, f"id {value}")
    elif value > _SAFE:
        found.add("W16", kind, number, f"id {value}")
    elif value < 0:
        found.add("E15", kind, number, f"id {value}")
    elif not value and kind != "image":
        found.add("E13" if kind == "annotation" else "W14", "", number, "id 0")
    return -_END <= value < _END


class Size(NamedTuple):
    """Width and height of an image in pixels; zeros where they are not known."""

    width: int
    height: int


NO_SIZE = Size(0, 0)


class ImageTable:
    """Images by id: their sizes, and whether something refers to them. 25 bytes an image."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._widths = array("q")
        self._heights = array("q")
        self._used = bytearray()
        self.repeated: set[int] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, identity: int, width: int, height: int) -> None:
        """One more image; 0 for a size that is not known."""
        self._ids.append(identity)
        self._widths.append(min(width, _END - 1))
        self._heights.append(min(height, _END - 1))

    def finish(self) -> None:
        """Sorts the images by id, and finds ids that come twice."""
        ids = self._ids
        if any(before >= after for before, after in pairwise(ids)):
            order = sorted(range(len(ids)), key=ids.__getitem__)
            self._ids = ids = array("q", map(ids.__getitem__, order))
            self._widths = array("q", map(self._widths.__getitem__, order))
            self._heights = array("q", map(self._heights.__getitem__, order))
            self.repeated = {before for before, after in pairwise(ids) if before == after}
        self._used = bytearray(len(ids))

    def find(self, identity: int) -> int:
        """The number of an image in this table; -1 where there is none of this id."""
        number = bisect_left(self._ids, identity)
        return number if number < len(self._ids) and self._ids[number] == identity else -1

    def place_of(self, identity: object) -> int:
        """The same for any value that an entry has as an id."""
        return self.find(identity) if type(identity) is int and -_END <= identity < _END else -1

    def size(self, number: int) -> Size:
        """Of an image by its number in this table."""
        return Size(self._widths[number], self._heights[number])

    def use(self, numbers: Iterable[int]) -> None:
        """Something refers to these images, by their numbers in this table."""
        for number in numbers:
            self._used[number] = 1

    def unused(self) -> int:
        """How many images nothing refers to."""
        return self._used.count(0)

    def is_used(self, identity: int) -> bool:
        """Whether something refers to the image of this id."""
        number = self.find(identity)
        return number >= 0 and bool(self._used[number])


class References:
    """The ids of annotations, and the images and categories that they name.

    counts: annotations by category.
    """

    def __init__(self, images: ImageTable, categories: frozenset[int], found: Findings) -> None:
        self._images = images
        self._categories = categories
        self._found = found
        self._ids = Repeats()
        self.counts: Counter[int] = Counter()

    def check_ids(self, values: Sequence[dict[str, Any]]) -> None:
        """Has each annotation an id of its own?"""
        ids = column(values, "id")
        if kinds(ids) != {int} or not 0 < min(ids) <= max(ids) <= _SAFE:
            ids = [each for number, each in enumerate(ids) if check_id("annotation", each, number, self._found)]
        self._ids.extend(ids)

    def check_images(self, values: Sequence[dict[str, Any]]) -> list[int]:
        """Is each annotation's image there? Returns the number of each in the table of images; -1 where it is not."""
        ids = column(values, "image_id")
        find = self._images.place_of
        if kinds(ids) != {int}:
            return [self._checked_image(each, number) for number, each in enumerate(ids)]
        places = {each: find(each) for each in set(ids)}
        numbers = [places[each] for each in ids]
        if -1 in numbers:
            return [self._checked_image(each, number) for number, each in enumerate(ids)]
        self._images.use(places.values())
        return numbers

    def check_categories(self, values: Sequence[dict[str, Any]]) -> list[Any]:
        """Is each annotation's category there? Returns what they name."""
        ids = column(values, "category_id")
        if kinds(ids) != {int} or not self._categories.issuperset(ids):
            for number, each in enumerate(ids):
                self._check_category(each, number, values[number])
            self.counts.update(each for each in ids if type(each) is int)
        else:
            self.counts.update(ids)
        return ids

    def repeated(self) -> set[int]:
        """Ids that more than one annotation has."""
        return self._ids.repeated()

    def close(self) -> None:
        """Removes what was kept in files."""
        self._ids.close()

    def _checked_image(self, identity: object, number: int) -> int:
        place = -1
        if identity is None:
            self._found.add("E18", "image missing", number, "no image_id")
        elif type(identity) is not int:
            self._found.add("E18", "image no integer", number, f"image_id {shown(identity)}")
        else:
            place = self._images.place_of(identity)
            if place < 0:
                self._found.add("E18", "image", number, f"image_id {identity}, which no image has")
            else:
                self._images.use([place])
        return place

    def _check_category(self, identity: object, number: int, annotation: dict[str, Any]) -> None:
        if identity is None:
            if "category_id" in annotation:
                self._found.add("E4G", "", number, "category_id null")
            else:
                self._found.add("E18", "category missing", number, "no category_id")
        elif type(identity) is not int:
            self._found.add("E18", "category no integer", number, f"category_id {shown(identity)}")
        elif identity not in self._categories:
            self._found.add("E18", "category", number, f"category_id {identity}, which no category has")


def check_gaps(ids: Iterable[int], found: Findings) -> None:
    """Are the ids of the categories 1, 2, 3, ...?"""
    known = {each for each in ids if each > 0}
    if known and max(known) != len(known):
        gap = next(each for each in range(1, len(known) + 1) if each not in known)
        found.add_at("I14", "", None, f"{len(known)} categories up to the id {max(known)}, but none with the id {gap}")


def say_repeated(kind: str, blocks: Iterable[Block], repeated: set[int], found: Findings) -> None:
    """Reports entries whose ids came before: one more pass, if there are any."""
    seen: set[int] = set()
    for block in blocks:
        found.enter(kind, block)
        for number, value in enumerate(block.values):
            identity = value.get("id") if type(value) is dict else None
            if type(identity) is int and identity in repeated:
                if identity in seen:
                    found.add(CODE_OF[kind], "repeated", number, f"id {identity} came before")
                seen.add(identity)
