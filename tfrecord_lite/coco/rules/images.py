"""The entries of images: names, sizes, and what depends on them. ``pictures`` looks into the files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import Any

from tfrecord_lite.coco.read.json_elements import Block
from tfrecord_lite.coco.rules.document import Profile
from tfrecord_lite.coco.rules.finding import Findings, Rule, shown
from tfrecord_lite.coco.rules.ids import ImageTable, check_id
from tfrecord_lite.coco.rules.repeats import Repeats

RULES = (
    Rule(
        "E20",
        "file_name is missing, empty, or no text",
        "Write the path of the picture, relative to the folder of the pictures.",
        ("missing", "no text", "empty"),
    ),
    Rule(
        "E21",
        "width or height is missing, no integer, or not positive",
        "Write the size of the picture in pixels as integers.",
        ("missing", "no integer", "not positive"),
    ),
    Rule("E22", "two images have the same file_name", "Give each picture a file of its own, or make them one image."),
    Rule(
        "W23",
        "two file names differ only in case, or only after the last dot",
        "Rename one of them: readers that cut the ending off, or file systems without case, take them for one.",
        ("ending", "case"),
    ),
    Rule(
        "W24",
        "file_name leads out of the folder, or is absolute, or has a backslash",
        "Write paths relative to the folder of the pictures, with / between folders.",
        ("absolute", "parent", "backslash"),
    ),
    Rule("I29", "the license of an image is not among the licenses", "Add it to licenses, or remove it."),
    Rule("I2B", "images without annotations", "Nothing, where nothing is to be seen in them."),
    Rule(
        "E91",
        "neg_category_ids or not_exhaustive_category_ids is no list of known categories",
        "Write ids of categories, or an empty list.",
        ("no list", "unknown"),
    ),
)

_DRIVE = re.compile(r"[A-Za-z]:|[\\/]")
_LISTS = ("neg_category_ids", "not_exhaustive_category_ids")


class Images:
    """Checks images, and fills the table of them."""

    def __init__(self, table: ImageTable, licenses: frozenset[object], profile: Profile, found: Findings) -> None:
        self._table = table
        self._licenses = licenses
        self._profile = profile
        self._found = found
        self._names = Repeats()

    def check(self, images: Sequence[dict[str, Any]], categories: frozenset[int]) -> None:
        """The images of a block."""
        keys = []
        for number, image in enumerate(images):
            identity = image.get("id")
            width, height = self._size(image, number)
            if check_id("image", identity, number, self._found):
                self._table.add(identity, width, height)  # type: ignore[arg-type]
            name = image.get("file_name")
            if self._is_name(image, name, number):
                keys.append(hash(_key(name)))  # type: ignore[arg-type]
            if "license" in image and image["license"] is not None and not self._is_licensed(image["license"]):
                self._found.add("I29", "", number, f"license {shown(image['license'])}")
            if self._profile.lvis:
                self._check_lists(image, number, categories)
        self._names.extend(keys)

    def check_names(self, blocks: Iterable[Block]) -> None:
        """Reports names that come twice: one more pass, if there are any."""
        repeated = self._names.repeated()
        self._names.close()
        if not repeated:
            return
        seen: dict[str, dict[str, str]] = {}
        for block in blocks:
            self._found.enter("image", block)
            for number, image in enumerate(block.values):
                name = image.get("file_name") if type(image) is dict else None
                if type(name) is str and hash(key := _key(name)) in repeated:
                    self._compare(name, seen.setdefault(key, {}), number)

    def _size(self, image: dict[str, Any], number: int) -> tuple[int, int]:
        width, height = image.get("width"), image.get("height")
        if type(width) is int and type(height) is int and width > 0 and height > 0:
            return width, height
        sizes = {"width": width, "height": height}
        for name, value in sizes.items():
            if value is None:
                self._found.add("E21", "missing", number, f"no {name}")
            elif type(value) is not int:
                self._found.add("E21", "no integer", number, f"{name} {shown(value)}")
            elif value <= 0:
                self._found.add("E21", "not positive", number, f"{name} {value}")
        return 0, 0

    def _is_name(self, image: dict[str, Any], name: object, number: int) -> bool:
        if name is None:
            if not (self._profile.lvis and "coco_url" in image):  # LVIS has only the address
                self._found.add("E20", "missing", number, "no file_name")
            return False
        if type(name) is not str:
            self._found.add("E20", "no text", number, f"file_name {shown(name)}")
            return False
        if not name.strip():
            self._found.add("E20", "empty", number, f"file_name {shown(name)}")
            return False
        if _DRIVE.match(name):
            self._found.add("W24", "absolute", number, f"file_name {shown(name)}")
        elif "\\" in name:
            self._found.add("W24", "backslash", number, f"file_name {shown(name)}")
        elif ".." in name and ".." in name.split("/"):
            self._found.add("W24", "parent", number, f"file_name {shown(name)}")
        return True

    def _is_licensed(self, value: object) -> bool:
        try:
            return value in self._licenses
        except TypeError:  # a list or an object
            return False

    def _check_lists(self, image: dict[str, Any], number: int, categories: frozenset[int]) -> None:
        for key in _LISTS:
            ids = image.get(key)
            if type(ids) is not list or any(type(each) is not int for each in ids):
                self._found.add("E91", "no list", number, f"{key} {shown(ids)}")
            elif not categories.issuperset(ids):
                self._found.add("E91", "unknown", number, f"{key} {shown(ids)}")

    def _compare(self, name: str, others: dict[str, str], number: int) -> None:
        """Reports an image whose key others had before. others: their names, as they are and without case."""
        if name in others:
            self._found.add("E22", "", number, f"file_name {shown(name)} came before")
        elif others:
            folded = name.casefold()
            case, other = ("case", others[folded]) if folded in others else ("ending", next(iter(others)))
            self._found.add("W23", case, number, f"file_name {shown(name)}, and {shown(other)} before")
        others.setdefault(name, name)
        others.setdefault(name.casefold(), name)


def _key(name: str) -> str:
    """What names share that readers may confuse."""
    return posixpath.splitext(name)[0].casefold()


def say_unused(table: ImageTable, blocks: Iterable[Block], found: Findings) -> None:
    """Reports images without annotations: one more pass, up to the last of them."""
    unused = table.unused()
    for block in blocks:
        found.enter("image", block)
        for number, image in enumerate(block.values):
            if not unused:
                return
            identity = image.get("id") if type(image) is dict else None
            if type(identity) is int and not table.is_used(identity):
                unused -= 1
                found.add("I2B", "", number, "no annotations")
