"""The picture files of a dataset: are they there, do they have the stated size, can they be decoded?"""

from __future__ import annotations

import os
import posixpath
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from tfrecord_lite.budgets import add_input
from tfrecord_lite.coco.rules.finding import Findings, Place, Rule, shown
from tfrecord_lite.errors import BudgetError, FeatureError, Location
from tfrecord_lite.images.decode import decode_fully
from tfrecord_lite.images.header import EXTENSIONS_OF, IMAGE_EXTENSIONS, read_image_info
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.inputs.storage import find_below, is_file, place_of, read_start
from tfrecord_lite.inputs.urls import is_url, is_web, join

RULES = (
    Rule(
        "I25", "there are no pictures beside the file", "Name their folder with --images, to have them checked as well."
    ),
    Rule("E25", "a picture is missing", "Put it where file_name says, or remove the image."),
    Rule("W26", "pictures that no image names", "Add images for them, or move them away."),
    Rule(
        "E27",
        "a picture cannot be read",
        "Replace the file, or remove the image.",
        ("no picture", "cut off", "not decodable"),
    ),
    Rule("I27", "a picture is too large to be decoded for a check", "Look at it with a program for large pictures."),
    Rule(
        "E28",
        "a picture has another size than width and height say",
        "Write the size of the file as it is stored, and mend the boxes that were made for the other.",
        ("other", "swapped", "rotated"),
    ),
    Rule(
        "W28",
        "a picture has an EXIF orientation, which some readers apply and some do not",
        "Rotate the pixels, and remove the orientation.",
    ),
    Rule("I2A", "the ending of a file name is not that of its format", "Rename the file, and write the new name."),
)

_KEY = "picture"
_LARGEST = 1 << 28  # bytes of a file
_ENDS = 1 << 14  # bytes of each end of a file that its fingerprint is made of


class Pictures:
    """The pictures of one folder. Several COCO files may name pictures of the same one.

    decode: whether every picture is decoded, and not only its header read. fingerprints: whether to make them.
    """

    def __init__(self, folder: str, *, decode: bool = False, fingerprints: bool = False) -> None:
        self.folder = folder
        self._decode = decode
        self._fingerprints = fingerprints
        self._named = array("q")
        self.count = 0

    def check(self, images: Sequence[dict[str, Any]], found: Findings) -> Iterator[tuple[int, bytes]]:
        """The images of a block. Yields the number of each whose picture can be read, and its fingerprint."""
        for number, image in enumerate(images):
            name = image.get("file_name")
            if type(name) is not str or not name.strip() or "\0" in name:
                continue
            path = find_picture(self.folder, name)
            if path is None:
                found.add("E25", "", number, f"{shown(name)} is not in the folder")
                continue
            try:
                info, fingerprint = self._look_at(path)
            except OSError as error:
                found.add("E25", "", number, f"{shown(name)}: {error.strerror}")
                continue
            except BudgetError as error:
                found.add("I27", "", number, f"{shown(name)}: {error.problem}")
                continue
            except FeatureError as error:
                case = "not decodable" if "cannot be decoded" in error.problem else "no picture"
                found.add("E27", case, number, f"{shown(name)}: {error.problem.removeprefix(f'{_KEY}: ')}")
                continue
            self.count += 1
            self._compare(image, name, info, number, found)
            yield number, fingerprint

    def name(self, images: Sequence[dict[str, Any]]) -> None:
        """Notes the names of pictures that images have, for check_surplus."""
        names = [image.get("file_name") for image in images]
        self._named.extend(hash(self._within(name)) for name in names if type(name) is str)

    def is_empty(self) -> bool:
        """Whether there is not a single picture in the folder."""
        return next(self._files(), None) is None

    def check_surplus(self, found: Findings) -> None:
        """Pictures of the folder that no image names."""
        named = array("q", sorted(self._named))
        for path in self._files():
            key = hash(_relative(path, self.folder))
            at = bisect_left(named, key)
            if at == len(named) or named[at] != key:
                place = Place(path, "picture", None, None, None, "no image names it")
                found.add_place("W26", "", place if found.wants("W26") else None)

    def _files(self) -> Iterator[str]:
        """The pictures in the folder, by the ending of their names."""
        for folder, folders, files in _walk(self.folder) if is_url(self.folder) else os.walk(self.folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for file in sorted(files):
                if os.path.splitext(file)[1].lower() in IMAGE_EXTENSIONS:
                    yield join(folder, file)

    def _within(self, name: str) -> str:
        """A name as it is below the folder."""
        if ".." in name:
            path = os.path.join(self.folder, *name.split("/"))
            return os.path.relpath(path, self.folder).replace(os.sep, "/")
        return posixpath.normpath(name)

    def _look_at(self, path: str) -> tuple[ImageInfo, bytes]:
        """What a picture file is, and its fingerprint: its size and 16 KiB of each end; empty unless asked for."""
        where = Location(path)
        data = read_start(path, _LARGEST + 1)
        if len(data) > _LARGEST:
            raise BudgetError(where, _KEY, f"a file of more than {_LARGEST} bytes")
        if not data:
            raise FeatureError(where, _KEY, "the file is empty")
        add_input(len(data))
        info = read_image_info(data, where, _KEY)
        if self._decode:
            decode_fully(data, where, _KEY)
        ends = (len(data), zlib.crc32(data[:_ENDS]), zlib.crc32(data[-_ENDS:])) if self._fingerprints else ()
        return info, repr(ends).encode()

    def _compare(self, image: dict[str, Any], name: str, info: ImageInfo, number: int, found: Findings) -> None:
        """Compares a picture with the entry of its image."""
        width, height = image.get("width"), image.get("height")
        if type(width) is int and type(height) is int and (width, height) != (info.width, info.height):
            case, why = "other", ""
            if (height, width) == (info.width, info.height):
                case, why = ("rotated", ": as EXIF rotates it") if info.orientation > 4 else ("swapped", ": swapped")
            text = f"{shown(name)} has {info.width} x {info.height} pixels, the image says {width} x {height}{why}"
            found.add("E28", case, number, text)
        elif info.orientation != 1:
            found.add("W28", "", number, f"{shown(name)} has the EXIF orientation {info.orientation}")
        if not info.complete:
            found.add("E27", "cut off", number, f"{shown(name)} was cut off")
        ending = posixpath.splitext(name)[1].lower()
        if ending in IMAGE_EXTENSIONS and ending not in EXTENSIONS_OF[info.format]:
            found.add("I2A", "", number, f"{shown(name)} is {info.format}")


def find_picture(folder: str, name: str) -> str | None:
    """The file of this name in a folder; None where there is none, or the name leads out of it."""
    if ".." in name:
        return find_below(folder, name)
    path = join(folder, *name.split("/"))
    return path if is_file(path) else None


def _walk(root: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """``os.walk`` for a folder in a store; nothing where nothing can be listed."""
    if is_web(root):
        return
    entries = place_of(root).entries(root)
    folders = [entry.name for entry in entries if entry.kind == "folder"]
    yield root, folders, [entry.name for entry in entries if entry.kind == "file"]
    for name in folders:
        yield from _walk(join(root, name))


def _relative(path: str, folder: str) -> str:
    """A path from a folder on, with ``/`` between its parts."""
    if is_url(folder):
        return path.removeprefix(folder.rstrip("/") + "/")
    return os.path.relpath(path, folder).replace(os.sep, "/")
