"""Recovery as tests call it.

``recovered`` checks of every file it reads that each byte belongs to one event, that events are numbered in order, and
that progress adds up to the file.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from damages import starts
from tfrecords import frame

from tfrecord_lite.errors import RecordError
from tfrecord_lite.tfrecord.framing import MAX_RECORD_SIZE, Record, Repair
from tfrecord_lite.tfrecord.recovery import recover_frames


@dataclass
class Outcome:
    """What a file gave."""

    events: list[Record | RecordError | Repair]

    @property
    def payloads(self) -> list[bytes]:
        return [event.payload for event in self.events if isinstance(event, Record)]

    @property
    def errors(self) -> list[RecordError]:
        return [event for event in self.events if isinstance(event, RecordError)]

    @property
    def repairs(self) -> list[Repair]:
        return [event for event in self.events if isinstance(event, Repair)]

    @property
    def losses(self) -> list[tuple[int | None, int | None]]:
        """Where something is lost, and how much."""
        return [(error.where.offset, error.length) for error in self.errors]


def recovered(data: bytes, *, size: int | None = None, max_record_size: int = MAX_RECORD_SIZE) -> Outcome:
    """Reads bytes as a file, and checks what holds of every file."""
    size = len(data) if size is None else size
    progress: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x")
        Path(path).write_bytes(data)
        with FileIO(path) as file:
            events = list(
                recover_frames(file, "x", size=size, max_record_size=max_record_size, on_bytes=progress.append)
            )
    check_extents(events, size)
    assert sum(progress) == size
    assert all(count > 0 for count in progress)
    return Outcome(events)


def check_extents(events: Iterable[Record | RecordError | Repair], size: int) -> None:
    """Every byte belongs to one event."""
    offset = number = 0
    for event in events:
        assert event.where == ("x", number, offset)
        if isinstance(event, Repair):
            continue
        number += 1
        if isinstance(event, Record):
            offset += 16 + len(event.payload)
        else:
            assert event.contained or event.length == size, "a file without a record is refused"
            assert event.length
            offset += event.length
    assert offset == size


CONTENTS = [b"first" * 20, b"second" * 30, b"", b"fourth" * 10, b"last" * 25]
DATA = b"".join(map(frame, CONTENTS))
STARTS = starts(CONTENTS)


def without(*numbers: int) -> list[bytes]:
    return [content for number, content in enumerate(CONTENTS) if number not in numbers]
