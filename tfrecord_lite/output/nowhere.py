"""A target that takes nothing: for who wants to know what a conversion would do, and not have it done."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from tfrecord_lite.output.target import TASKS, SplitPaths, Written

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory


class Nowhere:
    """See Target. What a run needs on the way is in a temporary folder; of the result nothing is kept."""

    only_split: str | None = None
    keeps = False

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self.root = self.scratch = ""

    @property
    def writes_images(self) -> bool:
        """See Target."""
        return False

    def paths(self, split: str) -> SplitPaths:
        """As those of a folder, which has room for every task."""
        return SplitPaths(f"{split}.json", None, None, {task: f"{task}_{split}.json" for task in TASKS})

    def replaced(self, splits: Sequence[str]) -> list[str]:
        """See Target."""
        del splits
        return []

    def kept(self, splits: Sequence[str]) -> list[str]:
        """See Target."""
        del splits
        return []

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        """See Target."""
        del splits
        return {}

    def check(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """See Target."""

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        """See Target."""
        del splits
        return Written(())

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """See Target."""
        del splits, overwrite
        from tempfile import TemporaryDirectory  # noqa: PLC0415 - a conversion need not wait for it

        self._folder = TemporaryDirectory(prefix="tfrecord2coco-")
        self.root, self.scratch = self._folder.name, os.path.join(self._folder.name, "parts")

    def publish(self, splits: Sequence[str]) -> Written:
        """See Target."""
        del splits
        return Written(())

    def close(self) -> None:
        """See Target."""
        if self._folder is not None:
            self._folder.cleanup()
