"""TIFF and BigTIFF: the header, and the first image alone with nothing but the tags that decoding needs.

A TIFF is a directory of tags, each with its values or the offset of them; nothing stops a thousand tags from having the
same megabyte, or a tile from being larger than the image. So nothing but the few tags below is ever read.

Sources: TIFF 6.0, sections 2 to 15; for BigTIFF libtiff's documentation of the format (bigtiff.html).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.info import Decodable, ImageInfo, NoImageError, known_orientation

_WIDTH, _HEIGHT, _BITS, _ORIENTATION, _SAMPLES, _ROWS = 256, 257, 258, 274, 277, 278
_STRIPS, _STRIP_SIZES, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES = 273, 279, 322, 323, 324, 325
_NEEDED = frozenset(
    {_WIDTH, _HEIGHT, _BITS, _SAMPLES, _ROWS, _STRIPS, _STRIP_SIZES, _TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_SIZES}
    | {259, 262, 266, 284, 317, 320, 338, 339}  # compression, photometry, bit order, planes, predictor, palette, kinds
    | {292, 293, 347, 530, 532, 50674}  # of the compressions: T.4, T.6, JPEG, YCbCr, LERC
)
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value of each type."""
_WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}  # types of whole numbers, and what struct calls them
_MOST_ENTRIES = 1 << 16


class _Entry(NamedTuple):
    """A tag: the number of its type, how many values it has, where they are, and its bytes in the directory."""

    kind: int
    number: int
    at: int
    raw: bytes


class _Directory:
    """The first directory of a TIFF. struct.error where it ends before it should."""

    def __init__(self, data: Buffer) -> None:
        self._data = data
        self.order = "<" if data[0] == data[1] == 0x49 else ">"
        (version,) = struct.unpack_from(f"{self.order}H", data, 2)
        self.is_big = version == 43
        head, count, self._entry, self.offset = (
            ("8xQ", "Q", "HHQ8s", "Q") if self.is_big else ("4xI", "H", "HHI4s", "I")
        )
        (start,) = struct.unpack_from(self.order + head, data)
        (entries,) = struct.unpack_from(self.order + count, data, start)
        if entries > _MOST_ENTRIES:
            raise NoImageError(f"the image cannot be read as TIFF: its directory has {entries} entries")
        at, size = start + struct.calcsize(self.order + count), struct.calcsize(self.order + self._entry)
        self.entries: dict[int, _Entry] = {}
        for entry in range(at, at + size * entries, size):
            tag, kind, number, value = struct.unpack_from(self.order + self._entry, data, entry)
            if kind in _SIZES and tag not in self.entries:
                inline = number * _SIZES[kind] <= len(value)
                (offset,) = struct.unpack(self.order + self.offset, value)
                place = entry + size - len(value) if inline else offset
                self.entries[tag] = _Entry(kind, number, place, bytes(data[entry : entry + size]))
        (self.next,) = struct.unpack_from(self.order + self.offset, data, at + size * entries)

    def numbers(self, tag: int) -> Sequence[int]:
        """The whole numbers of a tag; none where it is not there, or is cut off."""
        entry = self.entries.get(tag)
        if entry is None or entry.kind not in _WHOLE:
            return ()
        if entry.at + entry.number * _SIZES[entry.kind] > len(self._data):
            return ()
        return struct.unpack_from(f"{self.order}{entry.number}{_WHOLE[entry.kind]}", self._data, entry.at)

    def number(self, tag: int, otherwise: int) -> int:
        """The first number of a tag."""
        return next(iter(self.numbers(tag)), otherwise)


def read(data: Buffer) -> ImageInfo:
    """The first directory: the size as stored, and whether all strips or tiles are there."""
    directory = _Directory(data)
    width, height = directory.number(_WIDTH, 0), directory.number(_HEIGHT, 0)
    if not (width and height):
        raise NoImageError("the image cannot be read as TIFF: its directory gives no width and height")
    complete = True
    for starts, sizes in ((_STRIPS, _STRIP_SIZES), (_TILES, _TILE_SIZES)):
        if starts in directory.entries:
            ends = map(sum, zip(directory.numbers(starts), directory.numbers(sizes), strict=False))
            complete = 0 < max(ends, default=0) <= len(data)
    orientation = known_orientation(directory.number(_ORIENTATION, 1))
    return ImageInfo("tiff", width, height, orientation, bool(directory.next), complete)


def decodable(data: Buffer, info: ImageInfo) -> Decodable:
    """The first image with the tags that decoding needs, in a new directory after all else."""
    directory = _Directory(data)
    needed = {tag: entry for tag, entry in directory.entries.items() if tag in _NEEDED}
    metadata = sum(entry.number * _SIZES[entry.kind] for entry in needed.values())
    across, down = directory.number(_TILE_WIDTH, 0), directory.number(_TILE_HEIGHT, 0)
    if across and down:
        piece = across * down
        pixels = -(-info.width // across) * -(-info.height // down) * piece
    else:
        piece = info.width * min(info.height, directory.number(_ROWS, info.height))
        pixels = info.width * info.height
    bits = directory.number(_BITS, 1) * directory.number(_SAMPLES, 1)
    order, big = directory.order, directory.is_big
    end = len(data) + len(data) % 2  # a directory begins at an even place
    head = bytes(data[:8]) + struct.pack(f"{order}Q", end) if big else bytes(data[:4]) + struct.pack(f"{order}I", end)
    count = struct.pack(f"{order}{'Q' if big else 'H'}", len(needed))
    entries = [entry.raw for _, entry in sorted(needed.items())]
    last = bytes(8 if big else 4)
    bare = b"".join((head, data[len(head) :], bytes(end - len(data)), count, *entries, last))
    return Decodable(bare, pixels, piece * -(-bits // 8), metadata=metadata)
