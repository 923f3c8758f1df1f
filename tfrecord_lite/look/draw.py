"""One picture with everything that is said of it: masks, boxes, keypoints and names, drawn by Pillow.

Lines are drawn at twice the size, on a picture that was enlarged without smoothing; made small again, the picture is
what it was, and the lines are smooth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, pairwise
from math import hypot

from PIL import Image, ImageDraw

from tfrecord_lite.errors import FeatureError, printable
from tfrecord_lite.images.decode import decode_scaled
from tfrecord_lite.look.classes import Classes, ShownClass, Style
from tfrecord_lite.look.fonts import Fonts
from tfrecord_lite.look.name_places import Rectangle, place_names
from tfrecord_lite.look.shapes import Shape, shapes_of
from tfrecord_lite.masks.polygons import trace
from tfrecord_lite.masks.to_png import draw_mask
from tfrecord_lite.sample import Sample

Point = tuple[float, float]

_TWICE = 2
_MOST_SHAPES = 500  # of one picture: more would hide it, and each other
_MOST_PIXELS, _MOST_RUNS = 1 << 26, 1 << 14  # of a mask that is drawn by its pixels, or by its outline
_LONGEST_NAME = 40  # characters
_FARTHEST = 10_000  # pixels as drawn, from the corner of the picture: what is beyond is not to be seen anyway
_MOST_CORNERS = 1 << 16  # of a polygon that is filled
_MASK_ALPHA, _PIXELS_ALPHA = 0.4, 0.5  # how much of the picture the colour of an object, or of a class, covers
_NO_PICTURE = (214, 214, 210)
_UNKNOWN = Style("#ffffff", "#000000", (2, 2))  # of objects without a class


def draw(
    sample: Sample,
    classes: Classes,
    fonts: Fonts,
    size: tuple[int, int],
    only: Collection[int] | None = None,
) -> tuple[Image.Image, bool]:
    """Draws a sample. A picture that is missing or cannot be decoded is a gray area with its objects on it.

    Args:
        sample: with the bytes of its image.
        classes: the table of classes.
        fonts: for the names.
        size: width and height of the picture, in pixels.
        only: the classes that are wanted, by their place in the table; None for all.

    Returns:
        The picture, and whether it has only what is drawn on it. Of very many objects the smallest are left out.
    """
    picture, is_missing = _pixels(sample, size)
    kept = shapes_of(sample, classes, only)[:_MOST_SHAPES]
    scale = (size[0] / sample.image.width, size[1] / sample.image.height)
    styles = [_UNKNOWN if shape.row is None else classes.rows[shape.row].style for shape in kept]
    for shape, style in zip(kept, styles, strict=True):
        _fill(picture, shape, style, scale)
    large = picture.resize((size[0] * _TWICE, size[1] * _TWICE), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(large)
    width = _TWICE * max(2, round(min(size) / 300))
    for shape, style in zip(kept, styles, strict=True):
        if shape.box is not None:
            _frame(pen, _scaled(shape.box, (scale[0] * _TWICE, scale[1] * _TWICE)), style, width)
    for shape, style in zip(kept, styles, strict=True):
        if shape.keypoints is not None:
            _skeleton(pen, shape, style, (scale[0] * _TWICE, scale[1] * _TWICE), width)
    picture = large.reduce(_TWICE)
    _names(picture, kept, styles, classes, fonts, scale)
    return picture, is_missing


def shown_name(row: ShownClass, fonts: Fonts) -> str:
    """The name of a class as it is drawn, not too long; its number where no font has all its characters."""
    name = printable(row.name)
    name = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."
    return name if fonts.of(name, 12) else f"#{row.number}"


def _pixels(sample: Sample, size: tuple[int, int]) -> tuple[Image.Image, bool]:
    """The picture without anything on it, and whether there is none: it is gray then."""
    if sample.image.data is not None:
        with suppress(FeatureError):
            return decode_scaled(sample.image.data, size, sample.where, "image"), False
    return Image.new("RGB", size, _NO_PICTURE), True


def _fill(picture: Image.Image, shape: Shape, style: Style, scale: tuple[float, float]) -> None:
    """Fills a mask with its colour, half transparent."""
    alpha = _MASK_ALPHA if shape.box is not None else _PIXELS_ALPHA
    if shape.mask is not None and shape.mask.height * shape.mask.width <= _MOST_PIXELS:
        pixels = Image.new("L", (shape.mask.width, shape.mask.height))
        draw_mask(shape.mask, pixels, 255)
        area = pixels.resize(picture.size, Image.Resampling.BOX)
    elif polygons := _polygons(shape):
        area = Image.new("L", picture.size)
        pen = ImageDraw.Draw(area)
        for polygon in polygons:
            points = [(x * scale[0], y * scale[1]) for x, y in zip(polygon[0::2], polygon[1::2], strict=False)]
            if 2 < len(points) < _MOST_CORNERS and all(max(abs(x), abs(y)) < _FARTHEST for x, y in points):
                pen.polygon(points, fill=255)
    else:
        return
    picture.paste(style.colour, mask=area.point(lambda value: round(value * alpha)))


def _polygons(shape: Shape) -> Sequence[Sequence[float]]:
    """The polygons of a shape, those of its mask where it has none; nothing where that is noise."""
    if shape.polygons or shape.mask is None or len(shape.mask.counts) > _MOST_RUNS:
        return shape.polygons or []
    return trace(shape.mask)


def _scaled(box: Sequence[float], scale: tuple[float, float]) -> Rectangle:
    """A box as it is drawn: a line along what lies far outside would never end."""
    x, y, width, height = box
    corners = x * scale[0], y * scale[1], (x + width) * scale[0], (y + height) * scale[1]
    left, top, right, bottom = (max(-_FARTHEST, min(_FARTHEST, value)) for value in corners)
    return left, top, right, bottom


def _frame(pen: ImageDraw.ImageDraw, box: Rectangle, style: Style, width: int) -> None:
    """A box: a line of its colour between two thin ones that stand out from it on any picture."""
    left, top, right, bottom = box
    if min(right - left, bottom - top) < 6 * width:
        width = max(_TWICE, width // 2)
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    pen.line([*corners, corners[1]], fill=_halo(style), width=width + _TWICE, joint="curve")
    for start, end in _dashes(corners, [width * length for length in style.dash]):
        pen.line([start, end], fill=style.colour, width=width)
    if not style.dash:
        pen.line([*corners, corners[1]], fill=style.colour, width=width, joint="curve")


def _halo(style: Style) -> str:
    """A colour that stands out from that of a style."""
    return "#ffffff" if style.ink == "#ffffff" else "#202020"


def _dashes(points: Sequence[Point], lengths: Sequence[float]) -> Iterator[tuple[Point, Point]]:
    """The dashes along a row of points; none where there are no lengths."""
    if not lengths:
        return
    pattern = cycle((length, number % 2 == 0) for number, length in enumerate(lengths))
    left, is_line = next(pattern)
    for (x, y), (next_x, next_y) in pairwise(points):
        length, done = hypot(next_x - x, next_y - y), 0.0
        while done < length:
            step = min(left, length - done)
            if is_line:
                ends = [(x + (next_x - x) * at / length, y + (next_y - y) * at / length) for at in (done, done + step)]
                yield ends[0], ends[1]
            done += step
            left -= step
            if left <= 0:
                left, is_line = next(pattern)


def _skeleton(pen: ImageDraw.ImageDraw, shape: Shape, style: Style, scale: tuple[float, float], width: int) -> None:
    """Keypoints, full where they can be seen and dark where they are hidden, and the bones between them."""
    points = shape.keypoints or []
    places = [(x * scale[0], y * scale[1]) for x, y in zip(points[0::3], points[1::3], strict=True)]
    seen = [
        visibility if max(abs(x), abs(y)) < _FARTHEST else 0
        for (x, y), visibility in zip(places, points[2::3], strict=True)
    ]
    bones = [(places[a], places[b]) for a, b in shape.bones if seen[a] and seen[b]]
    tall = max(shape.box[2] * scale[0], shape.box[3] * scale[1]) if shape.box else 0
    radius = min(width * 1.1, max(_TWICE, tall / 45))
    width = min(width, max(_TWICE, round(tall / 60)))
    for colour, extra in ((_halo(style), _TWICE), (style.colour, 0)):
        for bone in bones:
            pen.line(bone, fill=colour, width=width + extra)
    for place, visibility in zip(places, seen, strict=True):
        if visibility:
            fill = style.colour if visibility > 1 else _halo(style)
            x, y = place
            pen.ellipse(
                (x - radius, y - radius, x + radius, y + radius), fill=fill, outline=_halo(style), width=_TWICE // 2
            )


def _names(
    picture: Image.Image,
    shapes: Sequence[Shape],
    styles: Sequence[Style],
    classes: Classes,
    fonts: Fonts,
    scale: tuple[float, float],
) -> None:
    """The name of each object on its colour."""
    height = max(11, min(22, round(min(picture.size) / 22)))  # pixels
    pen = ImageDraw.Draw(picture)
    shown = [(shape, style) for shape, style in zip(shapes, styles, strict=True) if shape.box is not None]
    texts = []
    for shape, _ in shown:
        name = "?" if shape.row is None else shown_name(classes.rows[shape.row], fonts)
        texts.append(f"{name} (crowd)" if shape.crowd else name)
    used = [fonts.best(text, height) for text in texts]
    sizes = [(round(font.getlength(text)) + 6, height + 4) for font, text in zip(used, texts, strict=True)]
    boxes = [_scaled(shape.box or (0, 0, 0, 0), scale) for shape, _ in shown]
    corners = place_names(boxes, sizes, *picture.size)
    for (x, y), size, font, text, (_, style) in zip(corners, sizes, used, texts, shown, strict=True):
        pen.rectangle((x, y, x + size[0] - 1, y + size[1] - 1), fill=style.colour)
        pen.text((x + 3, y + size[1] / 2), text, fill=style.ink, font=font, anchor="lm")
