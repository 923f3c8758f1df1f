"""Masks in, run lengths out: encoded images, lists of floats and points all become the same plain value, a Mask.

Strategy. Only C code of Pillow and ``bytes`` touches pixels: find the box around the foreground, XOR it with itself
moved down by a row, and let ``bytes.index`` jump from one pixel that is left to the next. These are where runs start
and end; arithmetic makes them positions down the columns of the image, and sorting puts them in order. No pixel is
transposed, which would cost more than all the rest. Beyond the decoding a mask takes some 0.3 µs for each run. Large
ones go through in strips of columns.

Foreground is what is greater than 0, as upstream has it (tensorflow/models: research/object_detection/data_decoders/
tf_example_decoder.py, ``_decode_png_instance_masks``), and a palette image means its indices, not their colours.
"""

from __future__ import annotations

import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from operator import add, sub
from typing import NamedTuple

from PIL import Image, ImageChops, UnidentifiedImageError
from PIL.PngImagePlugin import PngImageFile

from tfrecord_lite.errors import FeatureError, Location, printable

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "WEBP", "TIFF")  # rasters only: EPS would start another program
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_BYTES = 2**27  # of a decoded mask in memory: 11,585 x 11,585 gray pixels
_LONGEST_SIDE = 65_535  # pixels; what JPEG can say, and more than anyone's masks have
_MOST_PIXELS = 2**32 - 1  # of any mask: readers of run lengths keep them as 32-bit numbers
_MOST_EDGES = 2**20  # of one image: as many as 1920 x 1080 pixels of pure noise have
_STRIP_PIXELS = 2**19  # worked on at a time: 640 x 480 at once, and the copies of a huge mask stay small
_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}  # in Pillow; others: 4
_NONZERO = b"\0" + b"\1" * 255  # translation table


class Mask(NamedTuple):
    """One binary mask as run lengths.

    height, width: of the mask, in pixels.
    counts: lengths of the runs in column-major order (down the first column, then down the next), background and
        foreground in turn. The first is background, 0 where the first pixel is set; no other is 0. They add up to
        height * width.
    """

    height: int
    width: int
    counts: list[int]

    @property
    def area(self) -> int:
        """Pixels of foreground."""
        return sum(self.counts[1::2])

    @property
    def bbox(self) -> tuple[int, int, int, int]:
        """The smallest box (x, y, width, height) around the foreground, in pixels; four zeros where there is none."""
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


def mask_from_image(data: bytes, where: Location, key: str) -> Mask:
    """The mask that an encoded image shows: its foreground is every pixel greater than 0.

    Gray images of any depth count by value, palette images by index, colour images as soon as one channel is not 0;
    alpha never counts. 16-bit colour counts by the high byte of each channel, for Pillow keeps no more of it.

    Args:
        data: a PNG, or any other raster image that Pillow reads.
        where: the record it comes from.
        key: the feature it comes from.

    Raises:
        FeatureError: the image cannot be decoded, is too large to be, or is noise beyond what a mask can be.
    """
    return _mask(decoded_image(data, where, key), where, key)


def masks_from_floats(
    values: Sequence[float], count: int, height: int, width: int, where: Location, key: str
) -> list[Mask]:
    """Masks given as numbers, pixel by pixel: ``count`` masks, row-major, what is greater than 0 is foreground.

    Args:
        values: count * height * width numbers. NaN is background.
        count: how many masks there are.
        height: of each, in pixels.
        width: of each, in pixels.
        where: the record they come from.
        key: the feature they come from.

    Raises:
        FeatureError: there are more or fewer numbers than pixels, or the size is none.
    """
    if count:
        _check_size(height, width, where, key)
    pixels = height * width
    if len(values) != count * pixels:
        problem = f"{len(values)} values, expected {count * pixels}: {count} masks of {width}x{height} pixels."
        raise FeatureError(where, key, problem)
    masks = []
    for first in range(0, len(values), pixels or 1):
        rows = bytes([value > 0 for value in values[first : first + pixels]])
        masks.append(_mask(Image.frombytes("L", (width, height), rows), where, key))
    return masks


def mask_from_points(points: Iterable[tuple[int, int]], height: int, width: int, where: Location, key: str) -> Mask:
    """The mask whose foreground is the given pixels.

    Args:
        points: (y, x) of each pixel, from 0, in any order; one that comes twice counts once.
        height: of the mask, in pixels.
        width: of the mask, in pixels.
        where: the record they come from.
        key: the feature they come from.

    Raises:
        FeatureError: a point lies outside the mask, or the size is none.
    """
    _check_size(height, width, where, key)
    pixels = set()
    for y, x in points:
        if not (0 <= y < height and 0 <= x < width):
            problem = f"point y={y}, x={x} lies outside, expected rows from 0 to {height - 1}, columns to {width - 1}."
            raise FeatureError(where, key, problem)
        pixels.add(x * height + y)
    edges: list[int] = []
    for pixel in sorted(pixels):
        _extend(edges, pixel, pixel + 1)
    return Mask(height, width, _counts(edges, height * width))


def masks_by_value(data: bytes, where: Location, key: str) -> dict[int, Mask]:
    """The masks in an image of labels: every value that occurs, in ascending order, and the pixels that have it.

    Values are those of the file: palette images by index, gray ones of 1, 2 and 4 bits as they are stored, 16-bit ones
    in full. Alpha is left aside, and a colour image is taken where all its channels are equal.

    Args:
        data: a PNG, or any other raster image that Pillow reads.
        where: the record it comes from.
        key: the feature it comes from.

    Raises:
        FeatureError: the image cannot be decoded, is too large to be, is noise, or shows colours instead of labels.
    """
    image = decoded_image(data, where, key)
    height = image.height
    scale = _scale(data, image)
    edges: defaultdict[int, list[int]] = defaultdict(list)
    count = 0
    for left, strip in _strips(image, (0, 0, image.width, height)):
        values, planes = _labels(strip, where, key)
        lengths = _equal_runs(planes)
        count += len(lengths)
        _check_edges(count, where, key)
        origin, position = left * height, 0
        for length in lengths:
            _extend(edges[values[position] // scale], origin + position, origin + position + length)
            position += length
    return {value: Mask(height, image.width, _counts(edges[value], height * image.width)) for value in sorted(edges)}


def decoded_image(data: bytes, where: Location, key: str) -> Image.Image:
    """The image in the bytes, decoded; its size is checked before its pixels are."""
    try:
        image = _opened(data)
        width, height = image.size
        size = width * height * _BYTES_PER_PIXEL.get(image.mode, 4)
        if 0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE and size <= _MOST_BYTES:
            image.load()
            return image
    except UnidentifiedImageError:  # its text holds an address, which differs from run to run
        problem = f"{len(data)} bytes that are no image, expected a PNG or another raster image."
        raise FeatureError(where, key, problem) from None
    except Exception as error:  # damaged bytes make Pillow raise far more than OSError
        problem = printable(str(error)) or type(error).__name__
        raise FeatureError(where, key, f"an image that cannot be decoded ({problem}), expected a whole one.") from error
    problem = f"expected 1 to {_LONGEST_SIDE} pixels a side and at most {_MOST_BYTES} bytes."
    raise FeatureError(where, key, f"an image of {width}x{height} pixels, {size} bytes when decoded, {problem}")


def raw_as_png(data: bytes, mode: str, size: tuple[int, int]) -> bytes:
    """Raw pixels, row by row, as a PNG. mode: Pillow's, ``L``, ``RGB`` or ``RGBA``; size: width and height."""
    png = BytesIO()
    Image.frombytes(mode, size, data).save(png, "PNG")
    return png.getvalue()


def _opened(data: bytes) -> Image.Image:
    """The image in the bytes, of which only the header is read."""
    if data.startswith(_PNG_SIGNATURE):  # not through Image.open, which warns of sizes that are fine here
        return PngImageFile(BytesIO(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(BytesIO(data), formats=_FORMATS)


def _strips(image: Image.Image, box: tuple[int, int, int, int]) -> Iterator[tuple[int, Image.Image]]:
    """A box of the image in strips of columns, each with the number of its first in the image."""
    x0, y0, x1, y1 = box
    step = max(1, _STRIP_PIXELS // (y1 - y0))
    for left in range(x0, x1, step):
        yield left, image.crop((left, y0, min(left + step, x1), y1))


def _mask(image: Image.Image, where: Location, key: str) -> Mask:
    """The foreground of a decoded image."""
    width, height = image.size
    # In other modes Pillow's box is that of the alpha, or wrong.
    box = image.getbbox() if image.mode in {"1", "L", "P"} else (0, 0, width, height)
    if box is None:
        return Mask(height, width, [height * width])
    x0, y0, x1, y1 = box
    runs_on = y0 == 0 and y1 == height  # runs do, from the foot of one column to the head of the next
    edges: list[int] = []
    for left, strip in _strips(image, (x0, y0, x1, y1 if runs_on else y1 + 1)):  # an empty row, for runs to end in
        found = _edges(_bits(strip), left * height + y0, height, runs_on=runs_on)
        if edges and found and edges[-1] == found[0]:  # a run goes on from the last strip into this one
            edges.pop()
            del found[0]
        edges += found
        _check_edges(len(edges), where, key)
    return Mask(height, width, _counts(edges, height * width))


def _bits(image: Image.Image) -> Image.Image:
    """The foreground of an image in any mode, as an image of mode 1."""
    mode = image.mode
    if mode == "1":
        return image
    if mode == "F":
        plane = bytes([value > 0 for value in memoryview(image.tobytes()).cast("f")])
    elif mode in {"L", "P"}:
        plane = image.tobytes()
    elif mode in {"LA", "PA"}:
        plane = image.getchannel(0).tobytes()
    elif mode.startswith("I"):
        # Through 32 bits, where the conversion to 8 clips (0 and less to 0, 255 and more to 255); that of 16-bit modes
        # has changed between versions of Pillow.
        plane = (image.convert("I") if mode != "I" else image).convert("L").tobytes()
    else:
        red, green, blue = (image if mode in {"RGB", "RGBA", "RGBX"} else image.convert("RGB")).split()[:3]
        plane = ImageChops.lighter(ImageChops.lighter(red, green), blue).tobytes()
    return Image.frombytes("1", image.size, plane, "raw", "1;8")  # all bytes but 0 become the same


def _edges(bits: Image.Image, origin: int, column: int, *, runs_on: bool) -> list[int]:
    """Where foreground starts and ends, in turn, in column-major order.

    The first pixel is at the origin there, and the columns are that long.
    """
    width, height = bits.size
    before = Image.new("1", bits.size)  # of each pixel, the one before it in its column
    before.paste(bits, (0, 1))
    if runs_on:
        before.paste(bits.crop((0, height - 1, width, height)), (1, 0))
    changes = ImageChops.logical_xor(bits, before).tobytes("raw", "L")
    places: list[int] = []
    note, index, place = places.append, changes.index, -1
    try:
        while True:
            place = index(255, place + 1)
            note(place)
    except ValueError:  # no more
        pass
    # A step to the right is as long as a column, and a new row takes back all but one of a whole row's steps.
    back = width * column - 1
    edges = sorted([place * column - place // width * back + origin for place in places])
    if len(edges) % 2:
        edges.append(origin + width * column)
    return edges


def _scale(data: bytes, image: Image.Image) -> int:
    """What Pillow has multiplied the gray values by, to make them fill a byte."""
    if image.mode == "1":
        return 255
    if image.mode == "L" and isinstance(image, PngImageFile):
        return {2: 85, 4: 17}.get(data[24], 1)  # bit depth, the third field of IHDR
    return 1


def _labels(strip: Image.Image, where: Location, key: str) -> tuple[Sequence[int], list[bytes]]:
    """The labels in column-major order, and the same once more as one or two planes of bytes."""
    mode = strip.mode
    if mode.startswith("I"):
        pixels = strip.convert("I").transpose(Image.Transpose.TRANSPOSE).tobytes()
        low, high, *rest = (pixels[i::4] for i in (range(4) if sys.byteorder == "little" else range(3, -1, -1)))
        if any(plane.strip(b"\0") for plane in rest):
            raise FeatureError(where, key, "a label that is no 16-bit number, expected 0 to 65535.")
        return memoryview(pixels).cast("i"), [low, high]
    if mode in {"LA", "PA"}:
        strip = strip.getchannel(0)
    elif mode == "1":
        strip = strip.convert("L")
    elif mode not in {"L", "P"}:
        if mode not in {"RGB", "RGBA", "RGBX"}:
            raise FeatureError(where, key, f"an image of mode {mode}, expected labels: one whole number a pixel.")
        strip, green, blue = strip.split()[:3]
        if any(ImageChops.difference(strip, other).getbbox() for other in (green, blue)):
            raise FeatureError(where, key, "an image of colours, expected labels: one whole number a pixel.")
    labels = strip.transpose(Image.Transpose.TRANSPOSE).tobytes()
    return labels, [labels]


def _equal_runs(planes: list[bytes]) -> list[int]:
    """Lengths of the runs of equal pixels, one behind the other."""
    changes = 0
    for plane in planes:  # as one long number, XORed with itself moved on by a pixel: 0 where two neighbours are equal
        number = int.from_bytes(plane, "little")
        changes |= number ^ (number >> 8)
    marks = changes.to_bytes(len(planes[0]), "little")[:-1].translate(_NONZERO)  # the last pixel has no next one
    return [len(equal) + 1 for equal in marks.split(b"\1")]


def _extend(edges: list[int], start: int, end: int) -> None:
    """Adds a run of foreground behind the others, to the last one where it touches it."""
    if edges and edges[-1] == start:
        edges[-1] = end
    else:
        edges += (start, end)


def _counts(edges: list[int], pixels: int) -> list[int]:
    """Run lengths, from where foreground starts and ends in turn."""
    if not edges:
        return [pixels]
    counts = [edges[0], *map(sub, edges[1:], edges)]
    if edges[-1] < pixels:
        counts.append(pixels - edges[-1])
    return counts


def _check_size(height: int, width: int, where: Location, key: str) -> None:
    """Refuses a declared size that no mask can have."""
    if height < 1 or width < 1 or height * width > _MOST_PIXELS:
        problem = f"masks of {width}x{height} pixels, expected 1 to {_MOST_PIXELS} pixels."
        raise FeatureError(where, key, problem)


def _check_edges(count: int, where: Location, key: str) -> None:
    """Refuses noise, of which a small file can hold more than fits into memory as runs."""
    if count > _MOST_EDGES:
        raise FeatureError(where, key, f"noise: more than {_MOST_EDGES} runs, expected a mask of connected regions.")
