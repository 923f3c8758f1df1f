"""Where to put the names of objects in a picture, so that they hide neither each other nor small objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom."""

SMALL = 40  # pixels as drawn: the name of a smaller object would cover it, and goes beside it


def is_small(box: Rectangle) -> bool:
    """Whether an object is so small that its name goes beside it."""
    return box[2] - box[0] < SMALL or box[3] - box[1] < SMALL


def place_names(
    boxes: Sequence[Rectangle], sizes: Sequence[tuple[int, int]], width: int, height: int
) -> list[tuple[int, int]]:
    """The upper left corner of each name.

    The first place of those that ``_places`` gives that lies in the picture and hides neither another name nor another
    small object; where there is none, the first place, moved into the picture.

    Args:
        boxes: of the objects, as drawn, those whose names matter most first.
        sizes: width and height of their names.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
    """
    placed: list[Rectangle] = []
    corners = []
    for number, (box, size) in enumerate(zip(boxes, sizes, strict=True)):
        small = [other for i, other in enumerate(boxes) if i != number and is_small(other)]
        candidates = [_within((x, y, x + size[0], y + size[1]), width, height) for x, y in _places(box, *size)]
        in_sight = [each for each, moved in candidates if not moved]
        free = next((each for each in in_sight if not _meets(each, placed) and not _meets(each, small)), None)
        free = free or next((each for each in in_sight if not _meets(each, placed)), candidates[0][0])
        placed.append(free)
        corners.append((round(free[0]), round(free[1])))
    return corners


def _places(box: Rectangle, width: float, height: float) -> Iterator[tuple[float, float]]:
    """Where the name of an object can go, best first."""
    left, top, right, bottom = box
    above, below = (left, top - height), (left, bottom)
    if is_small(box):
        middle = (top + bottom - height) / 2
        yield from ((right + 2, middle), (left - width - 2, middle), above, below)
        yield from ((right - width, top - height), (right - width, bottom))
        return
    yield from (above, (left, top), below, (left, bottom - height))
    yield from ((right - width, top - height), (right - width, top), (right - width, bottom - height))


def _within(label: Rectangle, width: int, height: int) -> tuple[Rectangle, bool]:
    """A name moved into the picture, and whether it had to be."""
    left, top, right, bottom = label
    x = max(0.0, min(left, width - (right - left)))
    y = max(0.0, min(top, height - (bottom - top)))
    return (x, y, x + right - left, y + bottom - top), (x, y) != (left, top)


def _meets(one: Rectangle, others: Iterable[Rectangle]) -> bool:
    """Whether it has a point in common with one of the others."""
    left, top, right, bottom = one
    return any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in others)
