"""Record files on the disk, and the picture that most of them hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from tfrecords import detection, shard

Named = TypeVar("Named", str, Path)


def write(path: Named, *records: Any) -> Named:
    """Writes records as ``shard`` takes them, below folders that need not be there. Returns the path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(shard(*records))
    return path


def picture(name: str, **options: Any) -> dict[str, bytes]:
    """A picture with one box."""
    return detection(name, boxes=[(1, 1, 9, 9)], **options)
