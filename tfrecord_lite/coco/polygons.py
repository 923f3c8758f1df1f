"""Masks as polygons and polygons as masks, to the pixel: COCO's reader gives back the mask that a polygon came from.

How the reader sees a polygon (pycocotools common/maskApi.c, ``rleFrPoly``). Its corners are rounded to fifths of a
pixel, and its edges walked in such steps. Where an edge passes the middle of a column, the column changes there from
background to foreground or back, from the next pixel down. Only parity counts: two changes at one place are none. Hence

* an outline that follows the edges of pixels comes back exactly: each of its horizontal edges is a change in each of
  its columns, and its vertical edges pass the middle of none;
* a hole can be joined to the outline around it by a cut of no width, walked down and up again. Polygons of one
  annotation are united, so this is the only way to write a hole ("keyhole").

Regions that touch at a corner only are polygons of their own; a hole that touches the outside at a corner is no hole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from tfrecord_lite.masks import Mask

_SCALE = 5  # steps to a pixel
_FARTHEST = 2**31 // _SCALE - 1  # pixels from the origin; the reader counts its steps in 32 bits
_MOST_CHANGES = 2**21  # of a column, in all columns: beyond it, polygons are no outlines of anything


class _Outline(NamedTuple):
    """The horizontal edges of a mask, each as long as the outline goes straight on.

    An edge is a number. Its two ends are numbers, too: twice the edge is the left one, and one more the right one.
    """

    y: list[int]  # of each edge
    is_top: list[bool]  # whether the foreground is below the edge
    left: list[int]  # x of its left end
    right: list[int]  # x of its right end
    above: list[int]  # the edge on top of the foreground above its left end; of no meaning where is_top
    turn: list[int]  # for each end: the end that a vertical edge joins it to


def trace(mask: Mask) -> list[list[int]]:
    """The polygons of a mask, along the edges of its pixels: one for each region, holes and all.

    They are corners x0, y0, x1, y1, ... in pixels, the outside clockwise. pycocotools makes the identical mask of them.
    The time it takes grows with the number of runs, not of pixels.
    """
    outline = _outline(mask)
    seen = [False] * len(outline.y)
    outsides: list[list[int]] = []
    holes: defaultdict[int, list[list[int]]] = defaultdict(list)  # by the edge above that a hole is joined to
    for edge, is_top in enumerate(outline.is_top):
        if seen[edge]:
            continue
        loop = _loop(outline, edge)
        for part in loop:
            seen[part] = True
        # Edges are numbered from the left, and down each line. So this one starts at the upper left of its loop, where
        # foreground begins on the outside, and ends in a hole.
        if is_top:
            outsides.append(loop)
        else:
            # The loop on top of that foreground starts further to the left, or in the same column further up. So a
            # chain of holes that are joined to holes never comes back, and ends at an outside.
            holes[outline.above[edge]].append(loop[1:] + loop[:1])
    return [_corners(outline, loop, holes) for loop in outsides]


def from_polygons(polygons: Sequence[Sequence[float]], height: int, width: int) -> Mask:
    """The mask that pycocotools makes of polygons: all pixels inside of at least one.

    Args:
        polygons: corners x0, y0, x1, y1, ... of each, in pixels.
        height: of the mask, in pixels, at least 1.
        width: of the mask, in pixels, at least 1.

    Raises:
        ValueError: a polygon has fewer than three corners, half a corner, or one that is not finite or too far away;
            or the polygons are so tangled that they would not fit into memory.
    """
    spans: list[tuple[int, int]] = []
    changes_left = _MOST_CHANGES
    for number, polygon in enumerate(polygons):
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f"polygon {number} has {len(polygon)} numbers, expected an even number of at least 6")
        if not all(-_FARTHEST <= value <= _FARTHEST for value in polygon):  # NaN is no such value either
            raise ValueError(f"polygon {number} has a corner beyond {_FARTHEST}, expected pixels")
        changes: list[int] = []
        for edge in _scaled_edges(polygon):
            columns = _columns_passed(edge, width)
            changes_left -= len(columns)
            if changes_left < 0:
                raise ValueError(f"polygon {number} passes too many columns, expected {_MOST_CHANGES} in all at most")
            changes += _changes(edge, columns, height)
        odd = _odd(changes)
        spans += zip(odd[0::2], odd[1::2], strict=True)
    counts: list[int] = []
    end = 0
    for first, last in sorted(spans):
        if counts and first <= end:
            counts[-1] += max(0, last - end)
        else:
            counts += (first - end, last - first)
        end = max(end, last)
    if end < height * width:
        counts.append(height * width - end)
    return Mask(height, width, counts)


def _columns(mask: Mask) -> Iterator[tuple[int, list[int]]]:
    """Each column that differs from the one before, and its changes down the column.

    A change is twice its y, and one more where foreground begins. Thus they sort by y, and at one y ends come first.
    """
    height = mask.height
    edges = list(accumulate(mask.counts))
    first = last = -1  # the columns that look like ``changes``
    changes: list[int] = []
    for start, end in zip(edges[0::2], edges[1::2], strict=False):
        position = start
        while position < end:
            column, top = divmod(position, height)
            if column != last:
                yield first, changes
                if column > last + 1:
                    yield last + 1, []
                first = last = column
                changes = []
            bottom = min(height, end - column * height)
            changes += (2 * top + 1, 2 * bottom)
            position = column * height + bottom
            if top == 0 and bottom == height:  # as many more full columns as there are, at once
                last += (end - position) // height
                position = (last + 1) * height
    yield first, changes
    yield last + 1, []


def _outline(mask: Mask) -> _Outline:
    """The horizontal edges of a mask, and how vertical ones join their ends."""
    outline = _Outline([], [], [], [], [], [])
    before: list[int] = []
    open_edges: list[int] = []  # the edge that each change of the column before belongs to
    for x, changes in _columns(mask):
        edges: list[int] = []
        end = -1  # of an edge, waiting for its vertical edge to end
        i = j = 0
        while i < len(before) or j < len(changes):
            if j == len(changes) or (i < len(before) and before[i] < changes[j]):
                outline.right[open_edges[i]] = x
                next_end = 2 * open_edges[i] + 1
                i += 1
            elif i < len(before) and before[i] == changes[j]:  # straight on
                edges.append(open_edges[i])
                i += 1
                j += 1
                continue
            else:
                next_end = 2 * len(outline.y)
                _open_edge(outline, x, changes[j], edges[-1] if edges else -1)
                edges.append(next_end // 2)
                j += 1
            if end < 0:
                end = next_end
            else:
                outline.turn[end], outline.turn[next_end] = next_end, end
                end = -1
        before, open_edges = changes, edges
    return outline


def _open_edge(outline: _Outline, x: int, change: int, above: int) -> None:
    """Adds an edge that starts at x."""
    outline.y.append(change // 2)
    outline.is_top.append(bool(change % 2))
    outline.left.append(x)
    outline.right.append(x)
    outline.above.append(above)
    outline.turn.extend((-1, -1))


def _loop(outline: _Outline, first: int) -> list[int]:
    """The edges of one loop, in order from the first: tops to the right, bottoms to the left."""
    loop = []
    edge = first
    while True:
        loop.append(edge)
        edge = outline.turn[2 * edge + outline.is_top[edge]] // 2
        if edge == first:
            return loop


def _corners(outline: _Outline, loop: list[int], holes: dict[int, list[list[int]]]) -> list[int]:
    """The polygon of a loop, with the holes that are joined to it, and those that are joined to these."""
    corners: list[tuple[int, int]] = []
    ahead: list[int | tuple[int, int]] = [*reversed(loop)]  # edges to walk and corners to add, the next one last
    while ahead:
        step = ahead.pop()
        if isinstance(step, tuple):
            corner = step
        elif not outline.is_top[step]:
            corners.append((outline.right[step], outline.y[step]))
            corner = (outline.left[step], outline.y[step])
        else:
            y = outline.y[step]
            corners.append((outline.left[step], y))
            corner = (outline.right[step], y)
            if step in holes:
                ahead.append(corner)
                for hole in reversed(holes[step]):  # they were found from left to right
                    # Down to the left end of the hole's last edge, around the hole to the same place, and up.
                    x = outline.left[hole[-1]]
                    ahead += [(x, y), *hole[::-1], (x, outline.y[hole[-1]]), (x, y)]
                continue
        corners.append(corner)
    return [number for i, corner in enumerate(corners) if corner != corners[i - 1] for number in corner]


class _Edge(NamedTuple):
    """An edge of a polygon, in fifths of a pixel, along its longer direction: to the right, or down."""

    x: int
    y: int
    dx: int
    dy: int


def _scaled_edges(polygon: Sequence[float]) -> Iterator[_Edge]:
    """The edges that the reader walks, without those that pass no column."""
    xs = [int(_SCALE * x + 0.5) for x in polygon[0::2]]
    ys = [int(_SCALE * y + 0.5) for y in polygon[1::2]]
    for x, y, next_x, next_y in zip(xs, ys, xs[1:] + xs[:1], ys[1:] + ys[:1], strict=True):
        dx, dy = next_x - x, next_y - y
        if not dx:
            continue
        if (dx if abs(dx) >= abs(dy) else dy) < 0:
            yield _Edge(next_x, next_y, -dx, -dy)
        else:
            yield _Edge(x, y, dx, dy)


def _columns_passed(edge: _Edge, width: int) -> range:
    """The columns of the image whose middle the edge passes: the step from 2/5 of the column to 3/5."""
    first, last = min(edge.x, edge.x + edge.dx), max(edge.x, edge.x + edge.dx)
    return range(max(0, -((2 - first) // _SCALE)), min(width - 1, (last - 3) // _SCALE) + 1)


def _changes(edge: _Edge, columns: range, height: int) -> Iterator[int]:
    """Where the edge changes the columns, as positions in the column-major image."""
    x, y, dx, dy = edge
    flat = dx >= abs(dy)
    # The arithmetic below is the reader's own, term by term: rounding decides which pixel it is.
    slope = dy / dx if flat else dx / dy
    for column in columns:
        middle = _SCALE * column + 2
        if flat:
            step = middle - x
            row = min(int(y + slope * step + 0.5), int(y + slope * (step + 1) + 0.5))
        else:
            row = y + _last_step_before(edge, slope, middle)
        yield column * height + max(0, min(height, (row + 2) // _SCALE))


def _last_step_before(edge: _Edge, slope: float, middle: int) -> int:
    """The last step down a steep edge that is still on its own side of the middle of a column."""

    def is_beyond(step: int) -> bool:
        return (int(edge.x + slope * step + 0.5) > middle) == (edge.dx > 0)

    # To divide would be faster, and right up to rounding.
    return bisect_left(range(edge.dy), True, key=is_beyond) - 1


def _odd(changes: list[int]) -> list[int]:
    """The places that occur an odd number of times, in order."""
    odd: list[int] = []
    for place in sorted(changes):
        if odd and odd[-1] == place:
            odd.pop()
        else:
            odd.append(place)
    return odd
