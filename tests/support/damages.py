"""Damages to record files, byte by byte, and where records start."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable

from tfrecords import masked_crc


def starts(contents: Iterable[bytes]) -> list[int]:
    """Where each record starts, and where the last one ends."""
    return list(itertools.accumulate((16 + len(content) for content in contents), initial=0))


def flipped(data: bytes, *offsets: int, bits: int = 0xFF) -> bytes:
    """The data with these bytes damaged."""
    changed = bytearray(data)
    for offset in offsets:
        changed[offset] ^= bits
    return bytes(changed)


def written(data: bytes, offset: int, new: bytes) -> bytes:
    """The data with other bytes at an offset."""
    return data[:offset] + new + data[offset + len(new) :]


def header(length: int) -> bytes:
    """A sound record header."""
    data = struct.pack("<Q", length)
    return data + struct.pack("<I", masked_crc(data))
