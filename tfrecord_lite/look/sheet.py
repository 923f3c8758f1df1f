"""A contact sheet: pictures in rows that fill its width, each with its name, above them what they are and a legend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw

from tfrecord_lite.look.classes import ShownClass, Style
from tfrecord_lite.look.draw import shown_name
from tfrecord_lite.look.fonts import Font, Fonts

_WIDTH, _MARGIN, _GAP = 1600, 32, 12  # pixels
_ROW, _LONE_ROW = 270, 540  # height of pictures that a row starts with, and at most where it is the only one
_FLATTEST, _STEEPEST = 4.0, 0.4  # widths to one height; what is longer is shown smaller
_PAPER, _MOUNT, _INK, _FAINT, _WARNING = "#fbfbf9", "#e6e6e2", "#1b1b1a", "#6a6a66", "#a33a00"
_TITLE, _TEXT, _CAPTION = 30, 17, 15  # pixels


class Cell(NamedTuple):
    """The place of one picture on the sheet, in pixels."""

    x: int
    y: int
    width: int
    height: int


LegendEntry = tuple[ShownClass, int]
"""A class, and how often it comes."""


class Sheet:
    """A sheet in the making: its places are known by the sizes of the pictures, which then come in any order.

    Args:
        sizes: width and height of each picture, in pixels.
        title, subtitle: what the pictures are.
        legend: the classes that are on them.
        fonts: for all that is written.

    sizes: width and height that each picture is to be drawn at.
    """

    def __init__(
        self,
        sizes: Sequence[tuple[int, int]],
        title: str,
        subtitle: str,
        legend: Iterable[LegendEntry],
        fonts: Fonts,
    ) -> None:
        self._fonts = fonts
        items = _flow(legend, fonts)
        head = _MARGIN + _TITLE + 10 + _TEXT + 14 + (max((y for _, y, _ in items), default=-_TEXT) + _TEXT + 18)
        self._cells, bottom = _cells(sizes, head)
        self.sizes = [_fit(size, cell) for size, cell in zip(sizes, self._cells, strict=True)]
        self.picture = Image.new("RGB", (_WIDTH, bottom + _MARGIN), _PAPER)
        self._pen = ImageDraw.Draw(self.picture)
        self._write((_MARGIN, _MARGIN), title, _TITLE, _INK)
        self._write((_MARGIN, _MARGIN + _TITLE + 10), subtitle, _TEXT, _FAINT)
        for x, y, (style, name, times) in items:
            place = (_MARGIN + x, _MARGIN + _TITLE + 10 + _TEXT + 14 + y)
            self._swatch(place, style)
            end = self._write((place[0] + 30, place[1]), name, _TEXT, _INK)
            self._write((end + 7, place[1]), times, _TEXT, _FAINT)

    def add(self, number: int, picture: Image.Image, name: str, warning: str = "") -> None:
        """Puts a picture, drawn at its size, in its place. number: in the order of the sizes."""
        cell = self._cells[number]
        self._pen.rectangle((cell.x, cell.y, cell.x + cell.width - 1, cell.y + cell.height - 1), fill=_MOUNT)
        x, y = cell.x + (cell.width - picture.width) // 2, cell.y + (cell.height - picture.height) // 2
        self.picture.paste(picture, (x, y))
        top = cell.y + cell.height + 5
        room = cell.width
        if warning:
            text, font = _fitted(warning, self._fonts, room * 2 // 3)
            width = round(font.getlength(text))
            self._pen.text((cell.x + cell.width - width, top), text, fill=_WARNING, font=font)
            room -= width + 12
        text, font = _fitted(name, self._fonts, room)
        self._pen.text((cell.x, top), text, fill=_FAINT, font=font)

    def _write(self, place: tuple[int, int], text: str, size: int, colour: str) -> int:
        """Writes a line of text, and gives back where it ends."""
        font = self._fonts.best(text, size)
        self._pen.text(place, text, fill=colour, font=font)
        return place[0] + round(font.getlength(text))

    def _swatch(self, place: tuple[int, int], style: Style) -> None:
        """A piece of the colour with the dash that boxes of the class have."""
        x, y = place
        self._pen.rectangle((x, y + 1, x + 21, y + _TEXT), fill=style.colour, outline=_INK)
        at, is_line = x + 3, True
        for length in style.dash * 9:
            end = min(at + length - 1, x + 18)
            if is_line and at <= end:
                self._pen.line((at, y + 1 + _TEXT // 2, end, y + 1 + _TEXT // 2), fill=style.ink, width=2)
            at, is_line = at + length, not is_line


def _flow(legend: Iterable[LegendEntry], fonts: Fonts) -> list[tuple[int, int, tuple[Style, str, str]]]:
    """The entries of the legend in lines that fit: x and y of each; its style, its name and how often it comes."""
    items = []
    x = y = 0
    for row, times in legend:
        name = shown_name(row, fonts)
        name = f"number {name}" if name.isdecimal() else name  # how often it comes is a number, too
        text = f"{name} {times:,}"
        width = 30 + round(fonts.best(text, _TEXT).getlength(text)) + 28
        if x and x + width > _WIDTH - 2 * _MARGIN:
            x, y = 0, y + _TEXT + 10
        items.append((x, y, (row.style, name, f"{times:,}")))
        x += width
    return items


def _cells(sizes: Sequence[tuple[int, int]], top: int) -> tuple[list[Cell], int]:
    """Rows of pictures from ``top`` on, each but the last as wide as the sheet, and where the last one ends."""
    room = _WIDTH - 2 * _MARGIN
    cells: list[Cell] = []
    row: list[float] = []
    for number, (width, height) in enumerate(sizes):
        row.append(min(_FLATTEST, max(_STEEPEST, width / height)))
        full = (room - _GAP * (len(row) - 1)) / sum(row)  # the height at which the row is as wide as the sheet
        is_last = number == len(sizes) - 1
        if full > _ROW and not is_last:
            continue
        row_height = round(min(full, _ROW if cells else _LONE_ROW) if is_last else full)
        x = float(_MARGIN)
        for ratio in row:
            cells.append(Cell(round(x), top, max(1, round(x + ratio * row_height) - round(x)), row_height))
            x += ratio * row_height + _GAP
        top += row_height + _CAPTION + 22
        row = []
    return cells, top


def _fit(size: tuple[int, int], cell: Cell) -> tuple[int, int]:
    """The largest size of the same proportions that a cell has room for."""
    scale = min(cell.width / size[0], cell.height / size[1])
    return (
        min(cell.width, max(1, round(size[0] * scale))),
        min(cell.height, max(1, round(size[1] * scale))),
    )


def _fitted(text: str, fonts: Fonts, width: float) -> tuple[str, Font]:
    """A text cut to a width, with its font."""
    font = fonts.of(text, _CAPTION)
    if font is None:
        font, text = fonts.plain(_CAPTION), ascii(text)[1:-1]
    if font.getlength(text) <= width:
        return text, font
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text + "...", font
