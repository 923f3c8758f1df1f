"""Where outputs are written while programs are timed: on a disk, and in memory, which is the same on every machine.

What the file of an image costs differs more between file systems than between programs: 20 µs in memory, 60 on an ext4
with a journal, and 30 to 400 on one without, which passes over each inode that was deleted in the last minutes (Linux:
fs/ext4/ialloc.c, ``recently_deleted``). So nothing is deleted on the disk between two runs.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from itertools import count

from measure import clear

DISK, MEMORY = "disk", "memory"
SHARED_MEMORY = "/dev/shm"  # a tmpfs on Linux


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for outputs. name: what tables call it."""

    name: str
    folder: str
    _numbers: count[int] = field(default_factory=count)

    def fresh(self) -> str:
        """A path that nothing stands at, and nothing stood at before."""
        return os.path.join(self.folder, f"out-{next(self._numbers)}")

    def settle(self, path: str) -> None:
        """After a run: nothing is left to be written back in the time of the next one."""
        if self.name == MEMORY:
            clear(path)
        os.sync()


def memory_folder(needed: int) -> str | None:
    """Where files stand in memory and there is room for so many bytes; None where there is no such place."""
    if not os.access(SHARED_MEMORY, os.W_OK) or shutil.disk_usage(SHARED_MEMORY).free < needed:
        return None
    return SHARED_MEMORY
