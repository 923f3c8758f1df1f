"""Charts for the page: inline SVG that takes its colours from the page, and is dark where that is dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import sqrt
from typing import NamedTuple

_WIDTH, _HEIGHT, _FOOT = 320, 120, 16  # of a chart of columns, in its own units
_MOST_COLUMNS = 24
_SHADES = 9  # of a map


class Column(NamedTuple):
    """One column of a chart: what it counts, and how many there are."""

    name: str
    height: int


def columns(values: Sequence[Column], title: str) -> str:
    """A chart of columns with a name below each, as far as there is room."""
    most = max((value.height for value in values), default=0)
    if not most:
        return ""
    step = _WIDTH / len(values)
    every = max(1, -(-len(values) * 30 // _WIDTH))  # each name takes some 30 units
    parts = []
    for number, value in enumerate(values):
        height = value.height / most * (_HEIGHT - 14)
        if value.height:
            height = max(height, 1.5)
        x, y = number * step + step * 0.1, _HEIGHT - height
        said = escape(f"{value.name}: {value.height:,}")
        parts.append(
            f'<g><title>{said}</title><rect class="hit" x="{number * step:.1f}" width="{step:.1f}" height="{_HEIGHT}"/>'
            f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" height="{height:.1f}" rx="1.5"/></g>'
        )
        if number % every == 0:
            middle = number * step + step / 2
            parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT + _FOOT - 3}">{escape(value.name)}</text>')
    return _svg(_WIDTH, _HEIGHT + _FOOT, "columns", title, parts)


def heatmap(cells: Sequence[int], side: int, title: str) -> str:
    """A square of side x side cells, the darker the more. Darkness is the square root, so that few are seen, too."""
    most = max(cells, default=0)
    if not most:
        return ""
    shades: dict[int, list[str]] = {}
    for place, count in enumerate(cells):
        if count:
            row, column = divmod(place, side)
            shade = max(1, round(sqrt(count / most) * _SHADES))
            shades.setdefault(shade, []).append(f"M{column} {row}h1v1h-1z")
    parts = [
        f'<path fill-opacity="{shade / _SHADES:.2f}" d="{"".join(paths)}"/>' for shade, paths in sorted(shades.items())
    ]
    return _svg(side, side, "heatmap", title, parts)


def bar(share: float, colour: str) -> str:
    """One bar of a list, from 0 to 1."""
    width = max(0.6, 100 * share)
    return (
        '<svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{width:.1f}" height="8" rx="1" fill="{colour}"/></svg>'
    )


def by_number(counts: Mapping[int, int]) -> list[Column]:
    """How often each whole number comes: a column each, or a column for as many as there is room for."""
    if not counts:
        return []
    least, most = min(counts), max(counts)
    width = -(-(most - least + 1) // _MOST_COLUMNS)
    found = [0] * (-(-(most - least + 1) // width))
    for number, count in counts.items():
        found[(number - least) // width] += count
    return [
        Column(str(first) if width == 1 else f"{first}–{first + width - 1}", count)
        for first, count in zip(range(least, most + 1, width), found, strict=True)
    ]


def by_octave(counts: Mapping[int, int]) -> list[Column]:
    """How many boxes there are of each size: keys are half octaves, names the pixels in the middle of them."""
    if not counts:
        return []
    steps = range(min(counts), max(counts) + 1)
    return [Column(f"{2 ** (step / 2):.0f}" if step >= 0 else "<1", counts.get(step, 0)) for step in steps]


def _svg(width: int, height: int, kind: str, title: str, parts: Iterable[str]) -> str:
    """A drawing with a title for screen readers."""
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
