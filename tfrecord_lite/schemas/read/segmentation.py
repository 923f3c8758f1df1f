"""Label images of a whole record -> the pixels of each class, and panoptic segments."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from typing import cast

from PIL import Image, ImageChops

from tfrecord_lite.budgets import DECODED_BYTES, MASK_RUNS, PIXELS, RUNS, check_feature, spend_of_input
from tfrecord_lite.errors import FeatureError, Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.decode import decoded_image
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.masks.from_pixels import masks_by_value, number_runs
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.sample import Finding, Panoptic, Segment
from tfrecord_lite.schemas.read.arrays import array_bytes, is_array, label_png
from tfrecord_lite.schemas.schema import Schema, present

_LARGEST_NUMBER = (1 << 24) - 1  # of a segment: three bytes a pixel
_MOST_SEGMENTS = 4096  # of one image; a label image of noise would have one a pixel
_BYTES_A_PIXEL = 12  # of memory that a panoptic image takes while it is made, as PNG and in colour
_WEIGHT = 15  # how much longer a pixel of a panoptic image takes than decoding it; measured
_PIXELS_AT_ONCE = 110_000  # copies stay as small as those of masks


def read_stuff(example: Example, schema: Schema, width: int, height: int, ignored: frozenset[int]) -> dict[int, Mask]:
    """The pixels of each class of a semantic label image, by class number; palette images count by index.

    Raises:
        FeatureError: it cannot be decoded, or is of another size than the image.
    """
    key = present(example, schema.semantic)
    data = _single(example, key)
    if not data or is_raw(example, schema) or _single(example, present(example, schema.panoptic_category)):
        return {}  # next to panoptic masks it has numbers of its own, which say less
    data = _encoded(data, (width, height), example.where, key)
    info = _header(data, (width, height), example.where, key)
    masks = masks_by_value(data, info, example.where, key)
    return {number: mask for number, mask in sorted(masks.items()) if number not in ignored}


def read_panoptic(
    example: Example,
    schema: Schema,
    width: int,
    height: int,
    divisor: int | None,
    ignored: frozenset[int],
    findings: list[Finding],
) -> Panoptic | None:
    """The panoptic segmentation of a record, or None where it has none.

    divisor: of DeepLab2's raw numbers, which are class * divisor + instance. ignored: class numbers that mean "none"; 0
    always does in the Model Garden's two masks.

    Raises:
        FeatureError: it cannot be decoded, is of another size than the image, or needs a divisor.
    """
    category_key = present(example, schema.panoptic_category)
    png_key = present(example, schema.panoptic_png)
    if example.count(category_key) or example.count(png_key):
        memory = _BYTES_A_PIXEL * width * height
        check_feature(example.where, category_key, memory, DECODED_BYTES, "bytes of panoptic pixels in memory")
    if data := _single(example, category_key):
        instance_key = present(example, schema.panoptic_instance)
        category = _gray(data, (width, height), example.where, category_key)
        instance = _gray(_single(example, instance_key), (width, height), example.where, instance_key)
        # The number of a segment is made of both masks, so that the PNG is nothing but the two side by side.
        zero = Image.new("L", (width, height))
        labelled = category.point([0] + [255] * 255)
        image = Image.merge("RGB", (category, ImageChops.darker(instance, labelled), zero))
        return _panoptic(image, lambda number: (number & 0xFF, number >> 8), {0}, example.where, category_key)
    if data := _single(example, png_key):
        return _from_png(example, schema, data, (width, height), findings)
    key = present(example, schema.semantic)
    if is_raw(example, schema) and (data := _single(example, key)):
        if divisor is None:
            problem = "raw panoptic numbers need to be told apart: give --panoptic-divisor (256 for COCO, 1000 for "
            raise FeatureError(example.where, key, problem + "Cityscapes, KITTI-STEP and ADE20K)")
        # In the PNG 0 means unlabelled: where class 0 is one of the classes, all numbers are one higher.
        offset = 0 if 0 in ignored else 1
        image = _from_raw(data, (width, height), offset, example.where, key)
        return _panoptic(image, lambda number: divmod(number - offset, divisor), ignored, example.where, key)
    return None


def is_raw(example: Example, schema: Schema) -> bool:
    """Whether the label image is a buffer of 32-bit numbers (google-research/deeplab2, data/data_utils.py)."""
    formats = example.blobs(present(example, schema.semantic_format))
    return bool(formats) and formats[0].lower() == b"raw"


def _single(example: Example, key: str) -> bytes:
    blobs = example.blobs(key)
    if len(blobs) > 1:
        raise FeatureError(example.where, key, f"the feature holds {len(blobs)} label images, expected one")
    return blobs[0] if blobs else b""


def _header(data: bytes, size: tuple[int, int], where: Location, key: str) -> ImageInfo:
    """The header of a label image, refused here where the size is wrong, before any pixel is decoded."""
    info = read_image_info(data, where, key)
    if (info.width, info.height) != size:
        sizes = f"{info.width}x{info.height} pixels, the image has {size[0]}x{size[1]}"
        raise FeatureError(where, key, f"the label image has {sizes}. Label images are never resized")
    return info


def _encoded(data: bytes, size: tuple[int, int], where: Location, key: str) -> bytes:
    """A label image as an encoded one, where it is the bytes of an array."""
    array = array_bytes(data)
    return label_png(array, size, where, key) if is_array(array, size[0] * size[1]) else data


def _gray(data: bytes, size: tuple[int, int], where: Location, key: str) -> Image.Image:
    """A label image of 8 bits a pixel, by value or palette index."""
    if not data:
        raise FeatureError(where, key, "the label image is missing")
    data = _encoded(data, size, where, key)
    image = decoded_image(data, _header(data, size, where, key), where, key)
    if image.mode not in ("L", "P", "1"):
        raise FeatureError(where, key, f"the label image has mode {image.mode}, expected 8 bits a pixel")
    if image.mode == "1":
        image = image.convert("L").point([0] + [1] * 255)  # by value
    gray: Image.Image = Image.frombytes("L", size, image.tobytes())
    return gray


def _from_png(
    example: Example, schema: Schema, data: bytes, size: tuple[int, int], findings: list[Finding]
) -> Panoptic:
    """A panoptic image in COCO's encoding already, and the classes of its segments by their numbers."""
    key, number_key = present(example, schema.panoptic_png), present(example, schema.panoptic_number)
    numbers = example.ints(number_key)
    classes = example.ints(present(example, schema.panoptic_label))
    crowds = example.ints(present(example, schema.panoptic_crowd)) or [0] * len(numbers)
    if not len(numbers) == len(classes) == len(crowds):
        lengths = f"{len(numbers)} segments, {len(classes)} classes, {len(crowds)} marks of crowds"
        raise FeatureError(example.where, number_key, f"the lengths of the lists differ: {lengths}")
    meaning = dict(zip(numbers, classes, strict=True))
    image = decoded_image(data, _header(data, size, example.where, key), example.where, key)
    found = _panoptic(image.convert("RGB"), lambda number: (meaning.get(number, -1), 1), (-1,), example.where, key)
    drawn = {segment.number for segment in found.segments}
    if lost := sorted(number for number, category in meaning.items() if number not in drawn or category < 0):
        text = f"{key}: of segment {lost[0]} the image has no pixels, or the record no class"
        findings.append(Finding("segment-incomplete", example.where, text))
    if found.unlabelled:
        text = f"{key}: {found.unlabelled} segments of the image are not in {number_key}"
        findings.append(Finding("segment-incomplete", example.where, text))
    crowd = {number for number, mark in zip(numbers, crowds, strict=True) if mark > 0}
    segments = tuple(segment._replace(crowd=segment.number in crowd) for segment in found.segments)
    return found._replace(segments=segments)


def _from_raw(data: bytes, size: tuple[int, int], offset: int, where: Location, key: str) -> Image.Image:
    """Little-endian 32-bit numbers, each plus ``offset``, as the colour image whose R + 256 G + 65536 B they are."""
    pixels = size[0] * size[1]
    if len(data) != 4 * pixels:
        problem = f"{len(data)} bytes, expected {4 * pixels}: one 32-bit number for each of {size[0]}x{size[1]} pixels"
        raise FeatureError(where, key, problem)
    numbers = Image.frombytes("I", size, data, "raw", "I;32S")
    low, high = cast("tuple[int, int]", numbers.getextrema())
    if low < 0 or high + offset > _LARGEST_NUMBER:
        raise FeatureError(where, key, f"numbers from {low} to {high}, expected 0 to {_LARGEST_NUMBER}")
    moved = numbers.point(lambda number: number * 1 + offset) if offset else numbers
    return Image.frombytes("RGBA", size, moved.tobytes("raw", "I;32S")).convert("RGB")


class _Extent:
    """What is known of a segment so far: its class, how many pixels it has, and the columns and rows they are in."""

    __slots__ = ("area", "bottom", "category", "instance", "left", "right", "top")

    def __init__(self, category: int, instance: int, left: int, top: int) -> None:
        self.category, self.instance = category, instance
        self.left, self.top, self.right, self.bottom = left, top, left, top
        self.area = 0

    @property
    def box(self) -> tuple[int, int, int, int]:
        return self.left, self.top, self.right - self.left, self.bottom - self.top


def _panoptic(
    image: Image.Image,
    meaning: Callable[[int], tuple[int, int]],
    ignored: Collection[int],
    where: Location,
    key: str,
) -> Panoptic:
    """The segments of an image in COCO's encoding, from which the ignored ones are erased.

    meaning: class and instance of a segment's number.
    """
    width, height = image.size
    rows = max(1, _PIXELS_AT_ONCE // width)
    found: dict[int, _Extent] = {}
    runs = 0
    for first in range(0, height, rows):
        band = image.crop((0, first, width, min(first + rows, height)))
        erased = bytearray(width * band.height)  # 255 where the image is to be
        place = 0
        for number, length in number_runs(band):
            y, x = divmod(place, width)
            runs += 1
            extent = found.get(number)
            if extent is None:
                extent = found[number] = _Extent(*meaning(number), x, first + y)
                if len(found) > _MOST_SEGMENTS:
                    raise FeatureError(where, key, f"the label image has more than {_MOST_SEGMENTS} segments")
            if number and extent.category in ignored:
                erased[place : place + length] = b"\xff" * length
            else:
                extent.area += length
                extent.left = min(extent.left, x)
                extent.right = max(extent.right, x + length)
                extent.bottom = first + y + 1
            place += length
        check_feature(where, key, runs, MASK_RUNS, RUNS)
        if b"\xff" in erased:
            image.paste((0, 0, 0), (0, first), Image.frombytes("L", band.size, bytes(erased)))
    spend_of_input(RUNS, runs, where)
    spend_of_input(PIXELS, _WEIGHT * width * height, where)
    found.pop(0, None)
    segments = [
        Segment(number, each.category, each.instance, each.area, each.box)
        for number, each in sorted(found.items())
        if each.category not in ignored
    ]
    png = io.BytesIO()
    image.save(png, "PNG")
    return Panoptic(png.getvalue(), tuple(segments), sum(each.category < 0 for each in found.values()))
