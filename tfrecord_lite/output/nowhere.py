"""Targets that write nothing, for runs that only show what a conversion would do."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from tfrecord_lite.output.target import TASKS, SplitPaths, Target, Written

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory


class Nowhere(Target):
    """What a run needs on the way is in a temporary folder; of the result nothing is kept."""

    keeps = False

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None

    def paths(self, split: str) -> SplitPaths:
        """As those of a folder, which has room for every task."""
        return SplitPaths(f"{split}.json", None, None, {task: f"{task}_{split}.json" for task in TASKS})

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        from tempfile import TemporaryDirectory  # noqa: PLC0415 - a conversion need not wait for it

        self._folder = TemporaryDirectory(prefix="tfrecord2coco-")
        self.root, self.scratch = self._folder.name, os.path.join(self._folder.name, "parts")

    def publish(self, splits: Sequence[str]) -> Written:
        return Written(())

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()


class Rehearsal(Nowhere):
    """Refuses what another target would refuse.

    meant: that target; it is looked at, and never opened.
    keeps: whether what is collected is needed on the way, in a temporary folder.
    """

    def __init__(self, meant: Target, *, keeps: bool) -> None:
        super().__init__()
        self.keeps = keeps
        self._meant = meant
        self.only_split = meant.only_split

    def paths(self, split: str) -> SplitPaths:
        """Those of the target that is meant, which show for which tasks there is room; without images."""
        return self._meant.paths(split)._replace(images=None)

    def replaced(self, splits: Sequence[str]) -> list[str]:
        return self._meant.replaced(splits)

    def kept(self, splits: Sequence[str]) -> list[str]:
        return self._meant.kept(splits)

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        return self._meant.labelled(splits)

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        return self._meant.planned(splits)

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        self._meant.check(splits, overwrite=overwrite)
        super().open(splits, overwrite=overwrite)
