"""A line chart as SVG, by hand: a few series over a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 320  # pixels, of the whole
LEFT, RIGHT, TOP, BOTTOM = 64, 160, 36, 44  # margins
COLOURS = ("#1f5fa8", "#c2571a", "#3b7d3b", "#7b4a9e")
STYLE = "font-family:sans-serif;font-size:12px"

Points = Sequence[tuple[float, float]]


def line_chart(title: str, x_label: str, series: Mapping[str, Points]) -> str:
    """Draws the series. x is logarithmic and above 0; y, with its unit in the title, is linear and starts at 0."""
    x_values = sorted({x for points in series.values() for x, _ in points})
    if not x_values or x_values[0] <= 0:
        raise ValueError("a chart needs points, and a logarithmic axis numbers above 0")
    step = _step(max(y for points in series.values() for _, y in points))
    low, high = math.log10(x_values[0]), math.log10(x_values[-1])
    y_top = step * max(1, math.ceil(max(y for points in series.values() for _, y in points) / step))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - low) / (high - low) if high > low else 0.5
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - y / y_top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'style="{STYLE}"><rect width="100%" height="100%" fill="white"/>',
        _text(LEFT, 20, title, "start", bold=True),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x_label, "middle"),
    ]
    for count in range(round(y_top / step) + 1):
        left, level = place(x_values[0], count * step)
        parts.append(f'<path d="M{LEFT} {level:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, level + 4, f"{count * step:,.15g}", "end"))
    for x in x_values:
        left, level = place(x, 0)
        parts.append(f'<path d="M{left:.1f} {level:.1f}v5" stroke="#888"/>')
        parts.append(_text(left, level + 18, f"{x:,.15g}", "middle"))
    for index, (name, points) in enumerate(series.items()):
        colour, places = COLOURS[index % len(COLOURS)], [place(x, y) for x, y in points]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
        level = TOP + 8 + 18 * index
        parts.append(f'<path d="M{WIDTH - RIGHT + 12} {level}h18" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(WIDTH - RIGHT + 36, level + 4, name, "start"))
    return "\n".join((*parts, "</svg>")) + "\n"


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight} fill="#222">{escape(text)}</text>'


def _step(largest: float) -> float:
    """A round distance between the lines of a grid: 1, 2 or 5 times a power of ten; about five lines."""
    if largest <= 0:
        return 1
    power: float = 10 ** math.floor(math.log10(largest / 5))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= largest / 5)
