"""Masks and polygons -> outlines as SVG writes them, in whole pixels: short enough for a page with thousands of them.

An outline of pixels is a staircase; a corner that is less than a pixel off the line between its neighbours says nothing
that could be seen, and is left out. A hole that a polygon reaches through a cut of no width (see ``masks.polygons``)
becomes an outline of its own, so that no seam is drawn.

Source: Douglas and Peucker (1973), "Algorithms for the reduction of the number of points required to represent a
digitized line or its caricature". Path data: SVG 2, section 9.3; canvas reads the same (``Path2D``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.polygons import trace

Point = tuple[float, float]

_MOST_RUNS = 1 << 14  # of a mask that is outlined; noise has more
_FINEST = 1.0  # pixels that a corner may be off: those of a staircase are less
_FARTHEST = 1 << 20  # pixels from the corner of the image, either way: coordinates beyond show nothing


def outline_of_mask(mask: Mask, longest_side: int) -> str:
    """The outline of a mask as path data, exact to a pixel or to a thousandth of the longer side of the image.

    Returns:
        The path; empty where the mask is, or where it is noise that has no outline worth drawing.
    """
    if len(mask.counts) > _MOST_RUNS:
        return ""
    tolerance = max(_FINEST, longest_side / 1000)
    loops = [loop for polygon in trace(mask) for loop in _loops(_points(polygon))]
    return "".join(_path(_simplified(loop, tolerance)) for loop in loops)


def outline_of_polygons(polygons: Iterable[Sequence[float]]) -> str:
    """The outline of polygons as path data."""
    return "".join(_path(_points(polygon)) for polygon in polygons)


def _points(polygon: Sequence[float]) -> list[Point]:
    """The corners of a polygon; those that are no places are left out."""
    pairs = zip(polygon[0::2], polygon[1::2], strict=False)
    return [(x, y) for x, y in pairs if -_FARTHEST < x < _FARTHEST and -_FARTHEST < y < _FARTHEST]


def _loops(points: Sequence[Point]) -> list[list[Point]]:
    """A polygon that passes a point twice, cut in two there; what encloses nothing is left out."""
    loops: list[list[Point]] = []
    walked: list[Point] = []
    place: dict[Point, int] = {}
    for point in points:
        if point in place:
            start = place[point]
            loops.append(walked[start:])
            for each in walked[start:]:
                del place[each]
            del walked[start:]
        place[point] = len(walked)
        walked.append(point)
    loops.append(walked)
    return [loop for loop in loops if len(loop) > 2]


def _simplified(loop: Sequence[Point], tolerance: float) -> list[Point]:
    """A closed outline without the corners that are less than ``tolerance`` off the line between those that stay."""
    x, y = loop[0]
    across = max(range(len(loop)), key=lambda i: (loop[i][0] - x) ** 2 + (loop[i][1] - y) ** 2)
    closed = [*loop, loop[0]]
    kept = {0, across}
    open_spans = [(0, across), (across, len(loop))]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        (x, y), (end_x, end_y) = closed[first], closed[last]
        dx, dy = end_x - x, end_y - y
        length = (dx * dx + dy * dy) ** 0.5 or 1.0
        offsets = [abs((px - x) * dy - (py - y) * dx) for px, py in closed[first + 1 : last]]
        farthest = max(offsets)
        if farthest > tolerance * length:
            middle = first + 1 + offsets.index(farthest)
            kept.add(middle)
            open_spans += [(first, middle), (middle, last)]
    return [loop[i] for i in sorted(kept)]


def _path(points: Sequence[Point]) -> str:
    """Corners as path data: the first absolute, the others from the one before; none comes twice in a row."""
    rounded = [(round(x), round(y)) for x, y in points]
    corners = [point for number, point in enumerate(rounded) if point != rounded[number - 1]]
    if len(corners) < 3:
        return ""
    (x, y), steps = corners[0], ""
    for next_x, next_y in corners[1:]:
        steps += f"{_spaced(next_x - x)}{_spaced(next_y - y)}"
        x, y = next_x, next_y
    return f"M{corners[0][0]} {corners[0][1]}l{steps.lstrip()}z"


def _spaced(number: int) -> str:
    """A number after another: a minus sign separates them as well as a space."""
    return str(number) if number < 0 else f" {number}"
