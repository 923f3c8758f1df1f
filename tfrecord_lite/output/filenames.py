"""A record's file name -> a name that is safe on every system and taken by one image only.

A name from a record may come from anyone's machine: it may be absolute, climb out of its folder, name a device of
Windows, or turn text around on a terminal. None of that is an error; the name is made harmless, and stays as close to
the record's as that allows, since users look for their images by name.

Sources: Windows' rules: "Naming Files, Paths, and Namespaces" of the Win32 reference. Bidirectional controls: Unicode
Standard Annex 9, section 2. Why the ending alone tells no two images apart: Datumaro takes the name without it as an
image's identity, and converters to YOLO write one text file of that name.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING

from tfrecord_lite.images.header import EXTENSIONS_OF, IMAGE_EXTENSIONS

if TYPE_CHECKING:
    from tfrecord_lite.output.seen import Seen

_SUFFIX_ROOM = 12  # bytes kept free for what UniqueNames appends
_LONGEST_PART = 150 - _SUFFIX_ROOM  # bytes of UTF-8 between two separators; file systems take 255, encrypted ones 143
_LONGEST_NAME = 240 - _SUFFIX_ROOM  # bytes of UTF-8 in all; Windows takes 260 characters together with the folder
_LONGEST_INPUT = 1024  # characters that are looked at, from the end: sorting combining marks takes quadratic time
_MOST_SUFFIXES = 1000  # names whose last suffix is remembered

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<path>[^?#]*)", re.DOTALL)
_ROOTED = re.compile(r"[/\\]|~[/\\]|[A-Za-z]:")  # absolute, home folder, drive; \\ also begins a UNC path
_DRIVE = re.compile(r"[A-Za-z]:")
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"|?*'  # control characters; reserved on Windows
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029\ufeff"  # line and paragraph separator, byte order mark
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"  # surrogates and what can never be a character
)
_DEVICE = re.compile(  # whatever follows the first dot
    r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *(?:\.|\Z)", re.IGNORECASE
)


_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{7,99}\.(?:jpe?g|png)")  # longer than the name of any device


def portable_name(name: str, image_format: str) -> str:
    """A record's file name as a relative path with ``/`` that is safe on Windows, macOS and Linux.

    Folders of a relative path are kept; of an absolute path, a drive, a network path or a URL only the last part. A
    known image ending stays as it is, even that of another format (see ``named_by_format``); else the ending of
    ``image_format`` is appended.
    What is too long is cut, and gets a short hash of what it was. The result is in Unicode's form NFC.

    The result has at most 228 bytes of UTF-8, and is empty where nothing is left. A portable name stays as it is.

    image_format: of the image, as in ``ImageInfo.format`` or as a file name ending; where it is neither, as with an
        image that is not there, no ending is appended.
    """
    if _PLAIN.fullmatch(name):  # most are, and need none of what follows
        return name
    url = _URL.match(name)
    path = url["path"] if url else name
    rooted = url is not None or _ROOTED.match(name) is not None
    if rooted and _DRIVE.match(path):
        path = path[2:]
    parts = unicodedata.normalize("NFC", path[-_LONGEST_INPUT:]).replace("\\", "/").split("/")
    if len(path) > _LONGEST_INPUT and len(parts) > 1:
        del parts[0]  # what is left of a name that was cut in two
    safe = [part for part in map(_safe_part, parts) if part]
    if not safe:
        return ""
    *folders, file = safe[-1:] if rooted else safe
    stem, ending = _split_ending(file)
    file = _cut(stem, ending or _ending_of(image_format))
    return _cut_folders([_folder(part) for part in folders], file)


def fallback_name(image_id: int, image_format: str) -> str:
    """The name of an image whose record gives none, as COCO has them: ``000000000042.jpg``."""
    return f"{image_id:012d}{_ending_of(image_format)}"


def with_ending(name: str, ending: str) -> str:
    """A name from ``UniqueNames`` with another image ending: unique among such names as the name itself is."""
    return _split_ending(name)[0] + ending


class UniqueNames:
    """Hands out every name once.

    Two names count as one if they differ only in case, Unicode form or ending, since some file systems and readers see
    no difference. The same names in the same order give the same result.

    seen: where the names are kept; whatever else it holds must not begin with ``name``.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._suffixes: dict[str, int] = {}  # name -> a suffix of it that is taken; the oldest is forgotten first

    def claim(self, name: str) -> str:
        """``name``, or where that is taken already ``name_1`` and so on before the ending.

        name: from ``portable_name`` or ``fallback_name``.
        """
        stem, ending = _split_ending(name)
        if self._seen.add(_key(stem)):
            return name
        # In steps that double, then halve: the number of look-ups grows with the logarithm of the suffix.
        taken = self._suffixes.pop(stem, 0)
        step = 1
        while _key(f"{stem}_{taken + step}") in self._seen:
            taken += step
            step *= 2
        free = taken + step
        while free - taken > 1:
            middle = (free + taken) // 2
            if _key(f"{stem}_{middle}") in self._seen:
                taken = middle
            else:
                free = middle
        self._seen.add(_key(f"{stem}_{free}"))
        self._suffixes[stem] = free
        if len(self._suffixes) > _MOST_SUFFIXES:
            del self._suffixes[next(iter(self._suffixes))]
        return f"{stem}_{free}{ending}"


def named_by_format(name: str, image_format: str) -> str:
    """A portable name with an ending of the format that the bytes have: ``a.jpg`` of a PNG becomes ``a.png``.

    image_format: of the image, as in ``ImageInfo.format``.
    """
    endings = EXTENSIONS_OF.get(image_format, ())
    if not endings or name.endswith(endings):
        return name
    stem, ending = _split_ending(name)
    return name if ending.lower() in endings or not ending else stem + endings[0]


def _safe_part(part: str) -> str:
    """The part between two separators, made safe; empty where it is to be left out."""
    if _DRIVE.fullmatch(part):
        return ""
    part = _UNSAFE.sub("_", part).rstrip(". ")  # Windows drops dots and spaces at the end
    if part.startswith(("-", "~", ".")) or _DEVICE.match(part):  # an option, a home folder, a hidden file, a device
        return f"_{part}"
    return part


def _folder(part: str) -> str:
    """A safe part as a folder: never named like an image, so that no image can need its name for a file."""
    return _cut(f"{part}_" if _split_ending(part.casefold())[1] else part, "")


def _ending_of(image_format: str) -> str:
    """The file name ending of a format, or of one that is named by its ending; empty where it is unknown."""
    lower = image_format.lower().removeprefix(".")
    if lower in EXTENSIONS_OF:
        return EXTENSIONS_OF[lower][0]
    return f".{lower}" if f".{lower}" in IMAGE_EXTENSIONS else ""


def _split_ending(name: str) -> tuple[str, str]:
    """A name without its image ending, and the ending; that is empty where it is not one of an image."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot and f".{ending.lower()}" in IMAGE_EXTENSIONS else (name, "")


def _cut(stem: str, ending: str) -> str:
    """Stem and ending, short enough for a part of a name."""
    if len(stem) + len(ending) <= _LONGEST_PART // 4 or _length(stem + ending) <= _LONGEST_PART:
        return stem + ending
    room = _LONGEST_PART - len(ending) - 9
    kept = stem.encode()[:room].decode("utf-8", "ignore")  # drops a character that was cut in two
    return f"{kept}_{_hash(stem)}{ending}"


def _cut_folders(folders: list[str], file: str) -> str:
    """Folders and file, short enough for a name: folders that are too many become one, named by a hash of them all."""
    name = "/".join((*folders, file))
    if _length(name) <= _LONGEST_NAME:
        return name
    room = _LONGEST_NAME - _length(file) - 9
    ends = itertools.accumulate(_length(folder) + 1 for folder in folders)
    kept = folders[: sum(end <= room for end in ends)]
    return "/".join((*kept, _hash("/".join(folders)), file))


def _length(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def _hash(text: str) -> str:
    """A short hash of a text: eight characters."""
    from hashlib import blake2b  # noqa: PLC0415 - starts OpenSSL, and few names are too long

    return blake2b(text.encode(), digest_size=4).hexdigest()


def _key(stem: str) -> bytes:
    """The same for all names that some file system takes for one."""
    if stem.isascii():
        return b"name" + stem.lower().encode()
    return b"name" + unicodedata.normalize("NFC", unicodedata.normalize("NFC", stem).casefold()).encode()
