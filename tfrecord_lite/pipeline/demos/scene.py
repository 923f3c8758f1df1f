"""The pictures of the demo: a small harbour, drawn with what is to be found in it.

Everything is drawn at three times the size and made small, which smooths it; each thing is drawn a second time as a
mask, out of which later things cut what they hide. A scene is that of its random numbers, the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw

SIZE = (480, 320)
NAMES = ("person", "car", "boat", "house", "tree", "lifebuoy", "bird")
KEYPOINTS = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
"""Of a person, as COCO has them."""

_FINE = 3
_HORIZON, _QUAY, _ROAD = 132, 222, 262  # rows: where the sea begins, the stones, the asphalt
_SHIRTS = ("#c8553d", "#3d6fb4", "#e8b04a", "#588157", "#7a5195", "#e5e5e5")
_CARS = ("#b23a48", "#2f6690", "#e9c46a", "#f1f1ee", "#3a5a40", "#6d597a")
_WALLS = ("#e07a5f", "#f2cc8f", "#81b29a", "#eae2b7", "#d4a5a5", "#a8c5da")
_SAILS = ("#fdfaf3", "#f4d6a0", "#e07a5f")
_HULLS = ("#7f4f24", "#1d3557", "#9d2727", "#f1f1ee")


class Light(NamedTuple):
    """The colours of a time of the day: sky from above to the horizon, sun, hills, sea, and how bright things are."""

    sky: tuple[str, str]
    sun: str
    hills: tuple[str, str]
    sea: tuple[str, str]


_LIGHTS = (
    Light(("#5aa9e6", "#d9f0ff"), "#fff6c9", ("#9bb8a4", "#7a9e87"), ("#3f88c5", "#6fb1dd")),
    Light(("#3d5a80", "#f6c9a1"), "#ffdf9e", ("#8d86a5", "#6b6a8a"), ("#35577d", "#d09a80")),
    Light(("#86a8c0", "#e3e8ea"), "#ffffff", ("#aab7b8", "#8c9c9e"), ("#6a8fa6", "#9fb8c5")),
)


@dataclass(slots=True)
class Thing:
    """One thing in the picture.

    name: one of ``NAMES``. mask: the pixels of it that can be seen, 0 and 255.
    keypoints: x, y and visibility of each of a person's, in pixels; empty of others. crowd: several persons at once.
    """

    name: str
    mask: Image.Image
    keypoints: tuple[tuple[float, float, int], ...] = ()
    crowd: bool = False


class Scene:
    """One picture and the things in it."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        fine = (SIZE[0] * _FINE, SIZE[1] * _FINE)
        self._picture = Image.new("RGB", fine)
        self._pen = ImageDraw.Draw(self._picture)
        self._mask: Image.Image | None = None
        self._mask_pen = self._pen
        self._things: list[Thing] = []
        self._draw_all()

    def finish(self) -> tuple[Image.Image, list[Thing]]:
        """The picture and what can be seen in it."""
        for thing in self._things:
            thing.mask = thing.mask.point([0] * 128 + [255] * 128)
        return self._picture.reduce(_FINE), [thing for thing in self._things if thing.mask.getbbox()]

    # ------------------------------------------------------------------------------------------ shapes
    def _polygon(self, colour: str, *points: tuple[float, float]) -> None:
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        self._pen.polygon(fine, fill=colour)
        if self._mask is not None:
            self._mask_pen.polygon(fine, fill=255)

    def _ellipse(self, colour: str, x: float, y: float, across: float, down: float) -> None:
        corners = ((x - across) * _FINE, (y - down) * _FINE, (x + across) * _FINE, (y + down) * _FINE)
        self._pen.ellipse(corners, fill=colour)
        if self._mask is not None:
            self._mask_pen.ellipse(corners, fill=255)

    def _line(self, colour: str, width: float, *points: tuple[float, float]) -> None:
        fine = [(x * _FINE, y * _FINE) for x, y in points]
        radius = width * _FINE / 2
        for pen, fill in ((self._pen, colour), (self._mask_pen, 255))[: 1 + (self._mask is not None)]:
            pen.line(fine, fill=fill, width=max(1, round(2 * radius)), joint="curve")
            for x, y in (fine[0], fine[-1]):  # round ends
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)

    def _begin(self) -> None:
        """What is drawn from here on is one thing."""
        self._mask = Image.new("L", self._picture.size)
        self._mask_pen = ImageDraw.Draw(self._mask)

    def _end(self, name: str, keypoints: Sequence[tuple[float, float, int]] = (), *, crowd: bool = False) -> None:
        """The thing is drawn: it hides what is behind it."""
        if self._mask is None:
            return
        mask = self._mask.reduce(_FINE)
        for thing in self._things:
            thing.mask = ImageChops.subtract(thing.mask, mask)
        self._things.append(Thing(name, mask, tuple(keypoints), crowd))
        self._mask = None

    # ------------------------------------------------------------------------------------------ the harbour
    def _draw_all(self) -> None:
        chance = self._chance
        light = chance.choice(_LIGHTS)
        self._background(light)
        for _ in range(chance.randint(1, 4)):
            self._bird(chance.uniform(30, 450), chance.uniform(18, 70), chance.uniform(7, 13))
        x = chance.uniform(8, 60)
        for _ in range(chance.randint(2, 4)):
            self._house(x, _HORIZON + 3, chance.uniform(34, 52), chance.uniform(26, 44))
            x += chance.uniform(54, 92)
        for row in sorted(chance.sample((150, 166, 186, 204), chance.randint(1, 3))):
            self._boat(chance.uniform(60, 420), row, 0.45 + (row - 140) / 90, chance.choice((-1, 1)))
        self._foreground()
        for x in sorted(chance.sample(range(30, 460, 86), chance.randint(1, 3))):
            self._tree(x + chance.uniform(-12, 12), _QUAY + 14, chance.uniform(54, 80))
        if chance.random() < 0.7:
            self._lifebuoy(chance.uniform(60, 420), _QUAY + 2, chance.uniform(11, 15))
        if chance.random() < 0.5:
            self._crowd(chance.uniform(40, 380), _QUAY + 22)
        for _ in range(chance.randint(1, 3)):
            self._person(chance.uniform(30, 450), _ROAD - 2, chance.uniform(62, 84), chance.uniform(0, 2 * pi))
        x = chance.uniform(20, 120)
        for _ in range(chance.randint(1, 3)):
            self._car(x, 306, chance.uniform(92, 118), chance.choice((-1, 1)))
            x += chance.uniform(135, 190)

    def _background(self, light: Light) -> None:
        """Sky, sun, hills and sea."""
        for first, last, colours in ((0, _HORIZON, light.sky), (_HORIZON, _QUAY, light.sea)):
            for row in range(first * _FINE, last * _FINE):
                colour = _between(*colours, (row / _FINE - first) / (last - first))
                self._pen.line((0, row, self._picture.width, row), fill=colour)
        x, y = self._chance.uniform(60, 420), self._chance.uniform(28, 84)
        for radius, share in ((34, 0.25), (26, 0.5), (18, 1.0)):
            self._ellipse(_between(light.sky[1], light.sun, share), x, y, radius, radius)
        for colour, height, period in ((light.hills[0], 34, 70), (light.hills[1], 20, 45)):
            phase = self._chance.uniform(0, 2 * pi)
            ridge = [(x, _HORIZON - height * (0.7 + 0.3 * sin(x / period + phase))) for x in range(-4, SIZE[0] + 8, 4)]
            self._polygon(colour, (-4, _HORIZON), *ridge, (SIZE[0] + 4, _HORIZON))
        for _ in range(46):
            x, y = self._chance.uniform(0, SIZE[0]), self._chance.uniform(_HORIZON + 4, _QUAY - 2)
            length = 3 + (y - _HORIZON) / 7
            self._line(_between(light.sea[0], "#ffffff", 0.35), 0.6, (x, y), (x + length, y))

    def _foreground(self) -> None:
        """The quay and the road on it."""
        self._polygon("#b8b2a7", (0, _QUAY), (SIZE[0], _QUAY), (SIZE[0], _ROAD), (0, _ROAD))
        self._polygon("#8f897e", (0, _QUAY), (SIZE[0], _QUAY), (SIZE[0], _QUAY + 4), (0, _QUAY + 4))
        for x in range(-20, SIZE[0] + 40, 44):
            self._line("#a39d92", 0.7, (x, _QUAY + 5), (x - 16, _ROAD))
        self._polygon("#53565a", (0, _ROAD), (SIZE[0], _ROAD), SIZE, (0, SIZE[1]))
        self._polygon("#d8d3c8", (0, _ROAD), (SIZE[0], _ROAD), (SIZE[0], _ROAD + 3), (0, _ROAD + 3))
        for x in range(10, SIZE[0], 62):
            self._polygon("#e8e4da", (x, 289), (x + 32, 289), (x + 30, 292), (x - 2, 292))

    # ------------------------------------------------------------------------------------------ things
    def _bird(self, x: float, y: float, size: float) -> None:
        self._begin()
        for side in (-1, 1):
            wing = [
                (x + side * size * t, y - size * 0.55 * sin(pi * t) + size * 0.2 * t) for t in (0, 0.25, 0.5, 0.75, 1)
            ]
            self._line("#3b3b3b", 1.8, *wing)
        self._end("bird")

    def _house(self, x: float, y: float, width: float, height: float) -> None:
        chance = self._chance
        wall = chance.choice(_WALLS)
        self._begin()
        self._polygon(wall, (x, y), (x, y - height), (x + width, y - height), (x + width, y))
        roof = _between(wall, "#5c2e1f", 0.75)
        self._polygon(roof, (x - 3, y - height), (x + width / 2, y - height * 1.55), (x + width + 3, y - height))
        for row in (0.3, 0.68):
            for column in (0.16, 0.6):
                left, top = x + width * column, y - height * (1 - row) - 4
                right, bottom = left + width * 0.22, top + height * 0.2
                self._polygon("#40536b", (left, top), (right, top), (right, bottom), (left, bottom))
        self._end("house")

    def _boat(self, x: float, y: float, scale: float, side: int) -> None:
        chance = self._chance
        hull, sail = chance.choice(_HULLS), chance.choice(_SAILS)

        def at(dx: float, dy: float) -> tuple[float, float]:
            return x + side * dx * scale, y + dy * scale

        self._begin()
        self._line("#5b4636", 1.6 * scale, at(0, -4), at(0, -62))
        self._polygon(sail, at(2, -60), at(2, -12), at(34, -12))
        self._polygon(_between(sail, "#7d6b58", 0.18), at(-2, -56), at(-2, -12), at(-22, -12))
        self._polygon(hull, at(-34, -8), at(42, -8), at(28, 7), at(-26, 7))
        self._polygon(_between(hull, "#ffffff", 0.55), at(-34, -8), at(42, -8), at(41, -5), at(-33, -5))
        self._end("boat")

    def _tree(self, x: float, y: float, height: float) -> None:
        self._begin()
        self._line("#6b4a2f", height * 0.09, (x, y), (x, y - height * 0.5))
        leaves = self._chance.choice(("#4f772d", "#6a994e", "#386641"))
        for dx, dy, radius in ((-0.19, 0.52, 0.22), (0.19, 0.54, 0.22), (0.0, 0.72, 0.28)):
            self._ellipse(leaves, x + dx * height, y - dy * height, radius * height, radius * height)
        self._ellipse(
            _between(leaves, "#ffffff", 0.16), x - 0.07 * height, y - 0.78 * height, 0.12 * height, 0.1 * height
        )
        self._end("tree")

    def _lifebuoy(self, x: float, y: float, radius: float) -> None:
        self._line("#5a5f66", 2.2, (x, y + 22), (x, y - radius))
        self._begin()
        steps = 40
        ring = [(cos(2 * pi * i / steps), sin(2 * pi * i / steps)) for i in range(steps + 1)]
        for i in range(steps):
            colour = "#d62828" if i // 5 % 2 else "#fbf7ef"
            (ax, ay), (bx, by) = ring[i], ring[i + 1]
            inner, outer = radius * 0.55, radius
            self._polygon(
                colour,
                (x + ax * inner, y + ay * inner),
                (x + ax * outer, y + ay * outer),
                (x + bx * outer, y + by * outer),
                (x + bx * inner, y + by * inner),
            )
        self._end("lifebuoy")

    def _person(self, x: float, y: float, height: float, phase: float) -> None:
        """Somebody who walks, drawn along the keypoints."""
        chance = self._chance
        side = chance.choice((-1, 1))
        swing = sin(phase)

        def at(dx: float, up: float) -> tuple[float, float]:
            return x + side * dx * height, y - up * height

        shoulders, hips = (at(0.055, 0.80), at(-0.055, 0.80)), (at(0.035, 0.48), at(-0.035, 0.48))
        elbows = (at(0.075 + 0.07 * swing, 0.64), at(-0.075 - 0.07 * swing, 0.64))
        wrists = (at(0.11 + 0.13 * swing, 0.52), at(-0.09 - 0.11 * swing, 0.51))
        knees = (at(0.04 - 0.08 * swing, 0.26), at(-0.02 + 0.09 * swing, 0.26))
        ankles = (at(0.03 - 0.17 * swing, 0.03), at(-0.03 + 0.15 * swing, 0.03))
        shirt, skin = chance.choice(_SHIRTS), chance.choice(("#f1c9a5", "#c68863", "#8d5a3b"))
        trousers, limb = chance.choice(("#2b2d42", "#4a4e69", "#6b705c")), height * 0.055
        self._begin()
        far, near = 1, 0
        self._line(_between(skin, "#000000", 0.15), limb * 0.8, shoulders[far], elbows[far], wrists[far])
        for leg in (far, near):
            self._line(_between(trousers, "#000000", 0.18 * leg), limb * 1.25, hips[leg], knees[leg], ankles[leg])
            self._line("#2a211c", limb, ankles[leg], (ankles[leg][0] + side * height * 0.05, ankles[leg][1]))
        self._polygon(shirt, *shoulders, (hips[1][0], hips[1][1] + 2), (hips[0][0], hips[0][1] + 2))
        self._line(shirt, limb * 1.5, *shoulders)
        self._line(shirt, limb * 1.5, *hips)
        self._line(skin, limb * 0.8, shoulders[near], elbows[near], wrists[near])
        self._line(shirt, limb, shoulders[near], elbows[near])
        self._ellipse(skin, *at(0.0, 0.91), height * 0.058, height * 0.072)
        self._ellipse(
            chance.choice(("#2d1e12", "#6b4423", "#b08d57")), *at(-0.012, 0.95), height * 0.06, height * 0.042
        )
        head = (at(0.055, 0.905), at(0.04, 0.925), at(0.03, 0.925), at(-0.01, 0.91), at(-0.015, 0.91))
        seen = (2, 2, 1, 2, 1)
        limbs = (shoulders, elbows, wrists, hips, knees, ankles)
        points = [(*place, visible) for place, visible in zip(head, seen, strict=True)]
        points += [(*pair[i], 2 if i == near else 1) for pair in limbs for i in (0, 1)]
        self._end("person", points)

    def _crowd(self, x: float, y: float) -> None:
        """People too far away to be annotated one by one."""
        chance = self._chance
        self._begin()
        for number in range(9):
            left, foot = x + number * 6.5 + chance.uniform(-2, 2), y + chance.uniform(-3, 3)
            self._line(chance.choice(_SHIRTS), 5, (left, foot - 12), (left, foot - 6))
            self._line("#3a3a44", 3.4, (left, foot - 5), (left, foot))
            self._ellipse("#d9ac8b", left, foot - 18, 2.9, 3.3)
        self._end("person", crowd=True)

    def _car(self, x: float, y: float, length: float, side: int) -> None:
        paint = self._chance.choice(_CARS)
        middle = x + length / 2

        def at(dx: float, up: float) -> tuple[float, float]:
            return middle + side * dx * length, y - up * length

        self._begin()
        self._polygon(paint, at(-0.34, 0.2), at(-0.22, 0.35), at(0.12, 0.35), at(0.29, 0.2))
        self._polygon("#b9d4e0", at(-0.28, 0.21), at(-0.19, 0.32), at(-0.04, 0.32), at(-0.04, 0.21))
        self._polygon("#b9d4e0", at(-0.01, 0.21), at(-0.01, 0.32), at(0.1, 0.32), at(0.23, 0.21))
        self._polygon(paint, at(-0.5, 0.08), at(-0.49, 0.2), at(0.4, 0.21), at(0.5, 0.15), at(0.5, 0.08))
        self._polygon("#f7e8a4", at(0.46, 0.17), at(0.49, 0.15), at(0.49, 0.12), at(0.46, 0.13))
        for wheel in (-0.3, 0.31):
            self._ellipse("#22252a", *at(wheel, 0.075), 0.085 * length, 0.085 * length)
            self._ellipse("#c9cdd2", *at(wheel, 0.075), 0.042 * length, 0.042 * length)
        self._end("car")


def _between(first: str, second: str, share: float) -> str:
    """The colour that lies between two: ``share`` of the second."""
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
