"""Masks as polygons and polygons as masks, to the pixel: COCO's reader gives back the mask that a polygon came from.

How the reader sees a polygon (pycocotools common/maskApi.c, ``rleFrPoly``). Its corners are rounded to fifths of a
pixel, and its edges walked in such steps. Where an edge passes the middle of a column, the column changes there from
background to foreground or back, from the next pixel down. Only parity counts: two changes at one place cancel. Hence

* an outline that follows the edges of pixels comes back exactly: each of its horizontal edges is a change in each of
  its columns, and its vertical edges pass the middle of none;
* a hole can be joined to the outline around it by a cut of no width, walked down and up again. Polygons of one
  annotation are united, so this is the only way to write a hole ("keyhole").

Regions that touch at a corner only are polygons of their own; a hole that touches the outside at a corner is no hole.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from operator import add, eq
from typing import NamedTuple

from tfrecord_lite.budgets import COLUMNS, POLYGON_COLUMNS, Budget
from tfrecord_lite.masks.mask import Mask, from_spans

_SCALE = 5  # steps to a pixel
_FARTHEST = 2**31 // _SCALE - 1  # pixels from the origin; the reader counts its steps in 32 bits
_MOST_AT_ONCE = 2**20  # columns that the polygons of one object pass: all changes in them are held at once
_MOST_SHARED = 2**16  # numbers of columns or rows that are made beforehand


def trace(mask: Mask) -> list[list[int]]:
    """The polygons of a mask, along the edges of its pixels: one for each region, holes and all.

    They are corners x0, y0, x1, y1, ... in pixels, the outside clockwise. pycocotools makes the identical mask of them.
    The time it takes grows with the number of runs, not of pixels.
    """
    # A change is where foreground begins or ends in a column, as one number: column * stride + 2 * y, and one more
    # where it begins. Thus changes sort by column and y, and at one y ends come first.
    stride = 2 * mask.height + 2
    beginnings, corners = _beginnings_and_corners(mask, stride)
    across = _partners(corners, stride)
    numbers: Sequence[int] = range(max(mask.height, mask.width) + 1)
    if len(numbers) < _MOST_SHARED:
        numbers = list(numbers)  # each is an object once, however many polygons have it
    loop_of = array("i", bytes(4 * len(corners)))  # the number of the loop, from 1, that a corner belongs to
    loops: list[list[int]] = [[]]
    outsides: list[int] = []
    holes: list[tuple[int, int]] = []  # and where the foreground above begins
    for first in range(len(corners)):
        if loop_of[first]:
            continue
        # This one is the upper left of its loop: foreground begins here on the outside, and ends in a hole.
        number = len(loops)
        if corners[first] % 2:
            outsides.append(number)
            near = last = first
        else:
            holes.append((number, beginnings[bisect_left(beginnings, corners[first]) - 1]))
            near = last = first ^ 1  # so that the walk ends at the upper left
        x = numbers[corners[near] // stride]
        loop: list[int] = []
        while True:  # along a horizontal edge from near to far, and on along a vertical one
            far = across[near]
            y = numbers[corners[near] % stride >> 1]
            next_x = numbers[corners[far] // stride]
            loop += (x, y, next_x, y)
            loop_of[near] = loop_of[far] = number
            x = next_x
            near = far ^ 1
            if near == last:
                break
        loops.append(loop)
    if holes:
        pieces = _cut(loops, holes, corners, loop_of, stride)
        return [_joined(number, loops, pieces) if number in pieces else loops[number] for number in outsides]
    return [loops[number] for number in outsides]


def from_polygons(polygons: Sequence[Sequence[float]], height: int, width: int, budget: Budget | None = None) -> Mask:
    """The mask, of this size in pixels, that pycocotools makes of polygons: all pixels inside of at least one.

    polygons: corners x0, y0, x1, y1, ... of each, in pixels.
    budget: of the columns that the edges of a record's polygons pass; None where these are its only ones.

    Raises:
        ValueError: a polygon has fewer than three corners, half a corner, or one that is not finite or too far away.
        ExceededError: the edges pass more columns than a record may have; it is a ValueError, too.
    """
    budget = budget or Budget(POLYGON_COLUMNS, COLUMNS)
    own = Budget(_MOST_AT_ONCE, "polygon columns for one object")
    spans: list[tuple[int, int]] = []
    for number, polygon in enumerate(polygons):
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f"polygon {number} has {len(polygon)} numbers, expected an even number of at least 6")
        if not all(-_FARTHEST <= value <= _FARTHEST for value in polygon):  # NaN is no such value either
            raise ValueError(f"polygon {number} has a corner beyond {_FARTHEST}, expected pixels")
        changes: list[int] = []
        for edge in _scaled_edges(polygon):
            columns = _columns_passed(edge, width)
            budget.spend(len(columns))
            own.spend(len(columns))
            changes += _changes(edge, columns, height)
        changes.sort()
        odd = _odd(changes)
        del changes  # of a large polygon they take as much memory as all else
        spans += zip(odd[0::2], odd[1::2], strict=True)
    spans.sort()
    return from_spans(spans, height, width)


def _beginnings_and_corners(mask: Mask, stride: int) -> tuple[list[int], Sequence[int]]:
    """Where foreground begins in columns, except whole columns of it; and where the outline turns. Both sorted.

    It turns at changes that only one of two neighbouring columns has. Corners are in the right one of these. Those of
    a column, two by two, are the ends of its vertical edges.
    """
    height = mask.height
    edges = list(accumulate(mask.counts))
    ends = edges[1::2]
    starts = edges[: 2 * len(ends) : 2]
    firsts = [start // height for start in starts]  # columns; a position in the mask is column * height + y
    lasts = [(end - 1) // height for end in ends]
    starts = [2 * (start + column) + 1 for start, column in zip(starts, firsts, strict=True)]
    ends = [2 * (end + column) for end, column in zip(ends, lasts, strict=True)]
    going_on = [] if firsts == lasts else [each for each in zip(firsts, lasts, strict=True) if each[0] < each[1]]
    del edges, firsts, lasts  # of a mask of noise they are large
    both = [*starts, *(start + stride for start in starts), *ends, *(end + stride for end in ends)]
    for first, last in going_on:  # such a run ends at the foot of a column, and begins at the head of the next
        both += (first * stride + stride - 2, last * stride + stride - 2)
        both += ((first + 1) * stride + 1, (last + 1) * stride + 1)
    both.sort()
    starts += [last * stride + 1 for _, last in going_on]
    starts.sort()
    neighbours = zip(chain([-1], both), both, chain(islice(both, 1, None), [-1]), strict=False)
    return starts, array("q", [each for before, each, after in neighbours if before != each != after])


def _partners(corners: Sequence[int], stride: int) -> Sequence[int]:
    """For each corner the one at the other end of its horizontal edge."""
    partners = array("i", bytes(4 * len(corners)))
    waiting: dict[int, int] = {}  # for each change in the column: the left end of the edge that goes on there
    for number, corner in enumerate(corners):
        change = corner % stride
        left = waiting.pop(change, -1)
        if left < 0:
            waiting[change] = number
        else:
            partners[number], partners[left] = left, number
    return partners


def _cut(
    loops: Sequence[list[int]],
    holes: Sequence[tuple[int, int]],
    corners: Sequence[int],
    loop_of: Sequence[int],
    stride: int,
) -> dict[int, list[list[int] | int]]:
    """Cuts loops where holes hang on them: pieces of the loop, and in between the numbers of holes to walk around.

    A hole hangs on the edge above its upper left corner, where the foreground in between begins.
    """
    rows: dict[int, list[int]] = {above % stride: [] for _, above in holes}  # corners with the same change
    for number, corner in enumerate(corners):
        if (row := rows.get(corner % stride)) is not None:
            row.append(number)
    hung: dict[int, dict[tuple[int, int], list[tuple[int, int]]]] = {}  # by loop and left end of the edge: x and hole
    for hole, above in holes:
        row = rows[above % stride]
        left = row[bisect_right(row, above, key=corners.__getitem__) - 1]
        x, y = divmod(corners[left], stride)
        hung.setdefault(loop_of[left], {}).setdefault((x, y // 2), []).append((above // stride, hole))
    pieces: dict[int, list[list[int] | int]] = {}
    for number, edges in hung.items():
        loop, done = loops[number], 0
        parts = pieces[number] = []
        for edge, (left_x, y, right_x) in enumerate(zip(loop[0::4], loop[1::4], loop[2::4], strict=True)):
            if right_x < left_x or (left_x, y) not in edges:
                continue
            for x, hole in edges[left_x, y]:
                # To above the hole, down to its upper left corner, around it to the same place, and up.
                before = [*((x, y) if x > left_x else ()), x, loops[hole][-1]]
                parts += (loop[done : 4 * edge + 2], before, hole, [x, y])
                done = 4 * edge + 2
        parts.append(loop[done:])
    return pieces


def _joined(number: int, loops: Sequence[list[int]], pieces: dict[int, list[list[int] | int]]) -> list[int]:
    """A loop, the holes that hang on it, and those that hang on these.

    The loop above a hole begins further to the left, or in the same column further up. So a chain of holes that hang on
    holes never comes back, and ends at an outside.
    """
    joined: list[int] = []
    ahead = [iter(pieces[number])]
    while ahead:
        for piece in ahead[-1]:
            if isinstance(piece, int):
                ahead.append(iter(pieces.get(piece, [loops[piece]])))
                break
            joined += piece
        else:
            ahead.pop()
    return joined


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


def _changes(edge: _Edge, columns: range, height: int) -> Iterable[int]:
    """Where the edge changes the columns, as positions in the column-major image."""
    x, y, dx, dy = edge
    flat = dx >= abs(dy)
    # The arithmetic below is the reader's own, term by term: rounding decides which pixel it is.
    if flat:
        slope = dy / dx
        # Of the last step before the middle and the first after it, the upper one.
        first = _SCALE * columns.start + 2 - x + (slope < 0)
        steps = range(first, first + _SCALE * len(columns), _SCALE)
        rows = [(int(y + slope * step + 0.5) + 2) // _SCALE for step in steps]
    else:
        slope = dx / dy
        rows = [(y + _last_step_before(edge, slope, _SCALE * column + 2) + 2) // _SCALE for column in columns]
    if rows and not (0 <= rows[0] <= height and 0 <= rows[-1] <= height):  # they rise or fall all along
        rows = [max(0, min(height, row)) for row in rows]
    return map(add, range(columns.start * height, columns.stop * height, height), rows)


def _last_step_before(edge: _Edge, slope: float, middle: int) -> int:
    """The last step down a steep edge that is still on its own side of the middle of a column; -1 where none is."""

    def is_beyond(step: int) -> bool:
        return (int(edge.x + slope * step + 0.5) > middle) == (edge.dx > 0)

    step = min(edge.dy - 1, max(-1, int((middle + 0.5 - edge.x) / slope)))  # right up to rounding
    while step >= 0 and is_beyond(step):
        step -= 1
    while step + 1 < edge.dy and not is_beyond(step + 1):
        step += 1
    return step


def _odd(changes: Sequence[int]) -> list[int]:
    """The places that occur an odd number of times among these, which are in order."""
    if not any(map(eq, changes, islice(changes, 1, None))):
        return list(changes)
    odd: list[int] = []
    for place in changes:
        if odd and odd[-1] == place:
            odd.pop()
        else:
            odd.append(place)
    return odd
