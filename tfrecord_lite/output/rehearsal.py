"""A target that stands in for another one: it refuses what that one would refuse, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tfrecord_lite.output.nowhere import Nowhere
from tfrecord_lite.output.target import SplitPaths, Target, Written


class Rehearsal(Nowhere):
    """See Target.

    Args:
        meant: the target in whose place this is; it is looked at, and never opened.
        keeps: whether what is collected is needed on the way, in a temporary folder.
    """

    def __init__(self, meant: Target, *, keeps: bool) -> None:
        super().__init__()
        self.keeps = keeps
        self._meant = meant
        self.only_split = meant.only_split

    def paths(self, split: str) -> SplitPaths:
        """As those of the target that is meant, which tell for which tasks there is room; without images."""
        return self._meant.paths(split)._replace(images=None)

    def replaced(self, splits: Sequence[str]) -> list[str]:
        """See Target."""
        return self._meant.replaced(splits)

    def kept(self, splits: Sequence[str]) -> list[str]:
        """See Target."""
        return self._meant.kept(splits)

    def labelled(self, splits: Sequence[str]) -> dict[str, str]:
        """See Target."""
        return self._meant.labelled(splits)

    def planned(self, splits: Mapping[str, Collection[str]]) -> Written:
        """See Target."""
        return self._meant.planned(splits)

    def open(self, splits: Sequence[str], *, overwrite: bool) -> None:
        """See Target."""
        self._meant.check(splits, overwrite=overwrite)
        super().open(splits, overwrite=overwrite)
