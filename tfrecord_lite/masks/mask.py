"""The value that every mask of a record becomes: run lengths, with its area and its box; and masks as one.

``from_pixels`` makes them, and needs Pillow; this does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Mask:
    """One binary mask as run lengths.

    height, width: of the mask, in pixels.
    counts: lengths of the runs in column-major order (down the first column, then down the next), background and
        foreground in turn. The first is background, 0 where the first pixel is set; no other is 0. They add up to
        height * width.
    """

    height: int
    width: int
    counts: list[int]
    _box: Box | None = field(default=None, repr=False, compare=False)  # what bbox is, where the maker knew it

    @property
    def area(self) -> int:
        """Pixels of foreground."""
        return sum(self.counts[1::2])

    @property
    def bbox(self) -> Box:
        """The smallest box (x, y, width, height) around the foreground, in pixels; four zeros where there is none."""
        if self._box is not None:
            return self._box
        lengths = self.counts[1::2]
        if not lengths:
            return 0, 0, 0, 0
        edges = list(accumulate(self.counts))
        left = edges[0] // self.height
        right = (edges[2 * len(lengths) - 1] - 1) // self.height + 1
        tops = [start % self.height for start in edges[: 2 * len(lengths) : 2]]
        top, bottom = min(tops), max(map(add, tops, lengths))
        if bottom > self.height:  # a run that goes on in the next column has both the last row and the first
            top, bottom = 0, self.height
        return left, top, right - left, bottom - top


def union(masks: Sequence[Mask]) -> Mask:
    """The pixels of at least one of these masks, which are of one size; at least one mask."""
    first = masks[0]
    if len(masks) == 1:
        return first
    spans: list[tuple[int, int]] = []
    for mask in masks:
        edges = list(accumulate(mask.counts))
        spans += zip(edges[0::2], edges[1::2], strict=False)  # background at the end is not followed by anything
    return from_spans(sorted(spans), first.height, first.width)


def from_spans(spans: Iterable[tuple[int, int]], height: int, width: int) -> Mask:
    """The mask, of this size in pixels, whose foreground is these spans, which may overlap.

    spans: first place and the one after the last of each, in column-major order; sorted.
    """
    counts: list[int] = []
    end = 0
    for first, last in spans:
        if counts and first <= end:
            counts[-1] += max(0, last - end)
        else:
            counts += (first - end, last - first)
        end = max(end, last)
    if end < height * width:
        counts.append(height * width - end)
    return Mask(height, width, counts)
