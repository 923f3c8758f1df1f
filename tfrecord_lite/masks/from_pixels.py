"""Pixels in, run lengths out: encoded images, lists of floats and points all become the same plain value, a Mask.

Strategy. Only C code touches pixels. Pillow finds the box around the foreground and XORs it with itself moved down by
a row. What is left is where runs start and end; these pixels become line feeds, and ``BytesIO`` gives the lengths of
the lines. Arithmetic makes positions down the columns of that, and sorting puts them in order. No pixel is transposed,
which would cost more than all the rest. Beyond the decoding a mask takes some 0.15 µs for each run.

Pixels go through in pieces that the C library takes from its heap. It maps larger buffers each time (glibc: from
128 KiB on, at first; mallopt(3), M_MMAP_THRESHOLD), which costs more than all that is done in them.

Foreground is what is greater than 0, as upstream has it (tensorflow/models: research/object_detection/data_decoders/
tf_example_decoder.py, ``_decode_png_instance_masks``), and a palette image means its indices, not their colours.
"""

from __future__ import annotations

import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import accumulate
from operator import sub
from typing import cast

from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngImageFile

from tfrecord_lite.budgets import PIXELS, RUNS, Budget, spend_of_input
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.images.png import DEPTH
from tfrecord_lite.masks.mask import Mask, from_spans

_MOST_PIXELS = 2**32 - 1  # of any mask: readers of run lengths keep them as 32-bit numbers
_MOST_EDGES = 2**20  # of one image: as many as 1920 x 1080 pixels of pure noise have
_PIXELS_AT_ONCE = 110_000  # see above
_ADVICE = ". Masks are left out with --masks none"
_LABEL_WEIGHT = 4  # how much longer a pixel of a label image takes than decoding it; measured
_INFINITY = 0x7F80_0000  # as a float of 32 bits


class _ForegroundPng(PngImageFile):
    """A PNG of which gray bytes are decoded to mode 1, as foreground and background."""

    def _open(self) -> None:  # how plugins say what the decoder is to do: handbook/writing-your-own-image-plugin
        super()._open()
        if [tile[3] for tile in self.tile] == ["L"]:
            self._mode = "1"
            self.tile = [(*self.tile[0][:3], "1;8")]  # type: ignore[list-item]


def mask_from_image(data: Buffer, info: ImageInfo, where: Location, key: str, budget: Budget | None = None) -> Mask:
    """The mask that an encoded image shows: its foreground is every pixel greater than 0.

    Gray images of any depth count by value, palette images by index, colour images as soon as one channel is not 0;
    alpha never counts. 16-bit colour counts by the high byte of each channel, for Pillow keeps no more of it.

    budget: of the pixels that are decoded for the record; None where this is its only image. where, key: for messages.

    Raises:
        FeatureError: the image cannot be decoded, is too large to be, or is noise beyond what a mask can be.
    """
    reader = _ForegroundPng if info.format == "png" else None
    image = decoded_image(data, info, where, key, budget=budget, reader=reader, advice=_ADVICE)
    return mask_of_pixels(image, where, key)


def masks_from_floats(
    values: Sequence[float], count: int, height: int, width: int, where: Location, key: str
) -> Iterator[Mask]:
    """Masks given as numbers, pixel by pixel: ``count`` masks, row-major, what is greater than 0 is foreground.

    Each is read when it is asked for. height, width: of each, in pixels. where, key: for messages.
    values: count * height * width numbers of 32 bits: a memoryview of format ``f``, which is fastest, or any sequence,
        of which no more than a piece is copied at a time. NaN is background.

    Raises:
        FeatureError: there are more or fewer numbers than pixels, or the size is impossible; later, a mask is noise.
    """
    if count:
        _check_size(height, width, where, key)
    pixels = height * width
    if len(values) != count * pixels:
        problem = f"{len(values)} values, expected {count * pixels}: {count} masks of {width}x{height} pixels."
        raise FeatureError(where, key, problem)
    return (mask_of_pixels(_float_image(values, i * pixels, (width, height)), where, key) for i in range(count))


def mask_from_points(points: Iterable[tuple[int, int]], height: int, width: int, where: Location, key: str) -> Mask:
    """The mask, of this size in pixels, whose foreground is the given pixels.

    points: (y, x) of each pixel, from 0, in any order; one that comes twice counts once. where, key: for messages.

    Raises:
        FeatureError: a point lies outside the mask, or the size is impossible.
    """
    _check_size(height, width, where, key)
    pixels = set()
    for y, x in points:
        if not (0 <= y < height and 0 <= x < width):
            problem = f"point y={y}, x={x} lies outside, expected rows from 0 to {height - 1}, columns to {width - 1}."
            raise FeatureError(where, key, problem)
        pixels.add(x * height + y)
    return from_spans(((pixel, pixel + 1) for pixel in sorted(pixels)), height, width)


def masks_by_value(data: bytes, info: ImageInfo, where: Location, key: str) -> dict[int, Mask]:
    """The masks in an image of labels: every value that occurs, in ascending order, and the pixels that have it.

    Values are those of the file: palette images by index, gray ones of 1, 2 and 4 bits as they are stored, 16-bit ones
    in full. Alpha is left aside, and a colour image is taken where all its channels are equal.

    Raises:
        FeatureError: the image cannot be decoded, is too large to be, is noise, or shows colours instead of labels.
    """
    image = decoded_image(data, info, where, key)
    height = image.height
    scale = _scale(data, image)
    edges: defaultdict[int, list[int]] = defaultdict(list)
    count = 0
    columns = max(1, _PIXELS_AT_ONCE // height)
    for left in range(0, image.width, columns):
        strip = image.crop((left, 0, min(left + columns, image.width), height))
        values, planes = _labels(strip, where, key)
        origin = position = left * height
        for length in equal_runs(planes, (height, strip.width)):
            _extend(edges[values[position - origin] // scale], position, position + length)
            position += length
            count += 1
        _check_edges(count, where, key)
    spend_of_input(RUNS, count, where)
    spend_of_input(PIXELS, _LABEL_WEIGHT * height * image.width, where)
    return {value: Mask(height, image.width, _counts(edges[value], height * image.width)) for value in sorted(edges)}


def equal_runs(planes: Iterable[bytes], size: tuple[int, int]) -> Iterator[int]:
    """Lengths of the runs of equal pixels, one after the other.

    planes: the bytes of all pixels, or the first of each, the second of each, ...
    size: width and height; runs go on from row to row.
    """
    changes = Image.new("1", size)
    for plane in planes:
        here, next_one = (Image.frombytes("L", size, pixels) for pixels in (plane, plane[1:] + plane[-1:]))
        changed = _bits(size, ImageChops.difference(here, next_one).tobytes())
        changes = ImageChops.logical_or(changes, changed)
    return _line_lengths(changes.tobytes("raw", "L"))


def number_runs(image: Image.Image) -> Iterator[tuple[int, int]]:
    """Number and length of each run of equal pixels of a panoptic image, row by row. None goes on in the next row.

    The number is COCO's: R + 256 G + 65536 B (cocodataset.org/#format-data).
    """
    width, height = image.size
    red, green, blue = planes = [channel.tobytes() for channel in image.split()]
    even_and_odd = ((bytes(width) + b"\1" * width) * height)[: width * height]  # so that rows differ
    place = 0
    for length in equal_runs((*planes, even_and_odd), image.size):
        yield red[place] | green[place] << 8 | blue[place] << 16, length
        place += length


def mask_of_pixels(image: Image.Image, where: Location, key: str) -> Mask:
    """The foreground of a decoded image. Raises FeatureError where it is noise."""
    image = _plain(image)
    width, height = image.size
    box = image.getbbox()
    if box is None:
        return Mask(height, width, [height * width], (0, 0, 0, 0))
    x0, y0, x1, y1 = box
    runs_on = y0 == 0 and y1 == height  # runs do, from the foot of one column to the head of the next
    bottom = y1 if runs_on else y1 + 1  # an empty row, for runs to end in
    # And two empty columns: where runs go on, the last one ends in the first of them.
    across = x1 - x0 + 2
    rows = max(1, _PIXELS_AT_ONCE // across - 1)
    # Where foreground starts or ends is the place y * across + x in the box. Times height that is x * height + y, its
    # position down the columns, and y times what is left out here.
    cycle = across * height - 1
    edges: list[int] = []
    for top in range(y0, bottom, rows):
        changes = _changes_down(image, (x0, top, x1 + 2, min(top + rows, bottom)), runs_on=runs_on)
        places = accumulate(_line_lengths(changes), initial=(top - y0) * across - 1)
        # The second of the empty columns has no change, so that something always follows the last one.
        edges += [place * height % cycle for place in places][1:-1]
        _check_edges(len(edges), where, key)
    edges.sort()
    counts = _counts(edges, height * width, x0 * height + y0)
    return Mask(height, width, counts, (x0, y0, x1 - x0, y1 - y0))


def _changes_down(image: Image.Image, box: tuple[int, int, int, int], *, runs_on: bool) -> bytes:
    """255 where a pixel and the one before it in the column are not of one kind, else 0."""
    left, top, right, bottom = box
    band = image.crop((left, top - 1, right, bottom))  # with the row above
    if runs_on and top == 0:
        band.paste(image.crop((left - 1, image.height - 1, right - 1, image.height)))  # the feet of the columns before
    if band.mode != "1":
        band = _bits(band.size, band.tobytes())
    band = ImageChops.logical_xor(band, ImageChops.offset(band, 0, 1))
    return band.tobytes("raw", "L")[right - left :]


def _plain(image: Image.Image) -> Image.Image:
    """The image in a mode of one byte a pixel, of which 0 is background."""
    if image.mode in {"1", "L", "P"}:
        return image
    plain = Image.new("1", image.size)
    rows = max(1, _PIXELS_AT_ONCE // image.width)
    for top in range(0, image.height, rows):
        plain.paste(_foreground(image.crop((0, top, image.width, min(top + rows, image.height)))), (0, top))
    return plain


def _foreground(image: Image.Image) -> Image.Image:
    """The foreground of an image that has more than one byte a pixel, as an image of mode 1."""
    mode = image.mode
    if mode == "F":
        return _above_zero(image.size, array("f", image.tobytes()))
    if mode in {"LA", "PA"}:
        return _bits(image.size, image.getchannel(0).tobytes())
    if mode.startswith("I"):
        # Through 32 bits, where the conversion to 8 clips (0 and less to 0, 255 and more to 255); that of 16-bit modes
        # has changed between versions of Pillow.
        return _bits(image.size, (image.convert("I") if mode != "I" else image).convert("L").tobytes())
    colours = image if mode in {"RGB", "RGBA", "RGBX"} else image.convert("RGB")
    red, green, blue = (_bits(image.size, channel.tobytes()) for channel in colours.split()[:3])
    return ImageChops.logical_or(ImageChops.logical_or(red, green), blue)


def _bits(size: tuple[int, int], pixels: bytes) -> Image.Image:
    """Bytes as an image of mode 1: whatever is not 0 is foreground."""
    return Image.frombytes("1", size, pixels, "raw", "1;8")


def _float_image(values: Sequence[float], first: int, size: tuple[int, int]) -> Image.Image:
    """The foreground of a mask of floats, which starts at ``first``, as an image of mode 1."""
    width, height = size
    image = Image.new("1", size)
    rows = max(1, _PIXELS_AT_ONCE // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        piece = values[first + top * width : first + bottom * width]
        floats = piece if isinstance(piece, memoryview) else array("f", piece)
        image.paste(_above_zero((width, bottom - top), floats), (0, top))
    return image


def _above_zero(size: tuple[int, int], values: array[float] | memoryview[float]) -> Image.Image:
    """Floats as an image of mode 1: whatever is greater than 0 is foreground."""
    # A float is greater than 0 where its bits are, read as an integer with a sign; NaN are such beyond infinity.
    bits = Image.frombytes("I", size, values.tobytes())
    if cast("tuple[int, int]", bits.getextrema())[1] > _INFINITY:
        return _bits(size, bytes([value > 0 for value in values]))
    return _bits(size, bits.convert("L").tobytes())


def _line_lengths(changes: bytes) -> Iterator[int]:
    """How far it is from one change to the next; the last one is how much follows the last change.

    Changes are 255 in zeros. That a file in memory is cut into lines in C makes this ten times faster than ``index``.
    """
    return map(len, BytesIO(changes.replace(b"\xff", b"\n")))


def _scale(data: bytes, image: Image.Image) -> int:
    """What Pillow has multiplied the gray values by, to make them fill a byte."""
    if image.mode == "1":
        return 255
    if image.mode == "L" and isinstance(image, PngImageFile):
        return {2: 85, 4: 17}.get(data[DEPTH], 1)
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


def _extend(edges: list[int], start: int, end: int) -> None:
    """Adds a run of foreground after the others, or to the last one where it touches it."""
    if edges and edges[-1] == start:
        edges[-1] = end
    else:
        edges += (start, end)


def _counts(edges: list[int], pixels: int, origin: int = 0) -> list[int]:
    """Run lengths, from where foreground starts and ends in turn, counted from the origin."""
    if not edges:
        return [pixels]
    counts = [edges[0] + origin, *map(sub, edges[1:], edges)]
    if rest := pixels - origin - edges[-1]:
        counts.append(rest)
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
