"""The masks of a record's objects, however it stores them -> one Mask an object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import cast

from tfrecord_lite.budgets import (
    DECODED_PIXELS,
    MASK_RUNS,
    OBJECTS,
    PIXELS,
    RUNS,
    Budget,
    check_feature,
    spend_of_input,
)
from tfrecord_lite.errors import BudgetError, FeatureError, Location, bare
from tfrecord_lite.example.example import Example
from tfrecord_lite.images.buffer import Buffer
from tfrecord_lite.images.header import read_image_info
from tfrecord_lite.images.info import ImageInfo
from tfrecord_lite.images.raw import raw_as_png
from tfrecord_lite.masks.from_pixels import mask_from_image, mask_from_points, masks_from_floats
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.masks.rle import count_runs, decompress, without_zeros
from tfrecord_lite.sample import Finding
from tfrecord_lite.schemas.read.arrays import are_masks, array_bytes, mask_planes
from tfrecord_lite.schemas.read.values import cut
from tfrecord_lite.schemas.schema import Schema, present

_MOST_COPIED = 2**24  # floats, 64 MiB of them; of more, pieces are copied, which takes 50 times as long

MaskOrFault = Mask | FeatureError | None


def has_own_classes(example: Example, schema: Schema) -> bool:
    """Whether the masks of a record are objects of their own, with classes apart from those of the boxes."""
    keys = (*schema.mask_number, *schema.mask_text)
    if not keys or not any(map(example.count, keys)):
        return False
    pairs = ((schema.mask_number, schema.number), (schema.mask_text, schema.text))
    own, boxes = zip(
        *(tuple(list(example.values(present(example, keys))) for keys in pair) for pair in pairs), strict=True
    )
    # The same classes in the same order: the writer repeats them, once for the boxes and once for the masks.
    return not all(not mine or mine == theirs for mine, theirs in zip(own, boxes, strict=True))


def read_masks(  # noqa: C901, PLR0912 - one branch a way in which masks are stored
    example: Example, schema: Schema, count: int | None, width: int, height: int, findings: list[Finding]
) -> Iterator[MaskOrFault]:
    """For each object its mask, None where it has none, or why it cannot have the one that it has.

    Only one mask is held as pixels at a time. count: of objects; None to take as many masks as there are.

    Raises:
        FeatureError: the number of masks is not that of the objects.
    """
    where = example.where
    key = present(example, schema.mask)
    sparse = present(example, schema.mask_indices)
    weight_key = present(example, schema.mask_weight)
    weights = example.values(weight_key)
    if weights and count is not None and len(weights) != count:
        raise FeatureError(
            where, weight_key, f"the lengths of the lists differ: {len(weights)} values for {count} boxes"
        )
    if example.kind(key) == "float" and example.count(key):
        masks = _from_floats(example, key, count, width, height)
    elif _are_arrays(example, key, count, width * height):
        masks = _from_bytes(example, key, count, width, height)
    elif example.count(key):
        masks = _from_images(example, key, count, width, height, findings)
    elif example.count(present(example, schema.rle_counts)):
        masks = _from_run_lengths(example, schema, count, (height, width))
    elif example.count(plane := present(example, schema.mask_bytes)):
        masks = _from_bytes(example, plane, count, width, height)
    elif example.count(sparse):
        masks = _from_points(example, schema, sparse, count, width, height)
    else:
        masks = iter([None] * (count or 0))
    runs = 0
    for number, mask in enumerate(masks):
        if not isinstance(mask, Mask):
            yield mask
            continue
        runs += len(mask.counts)
        check_feature(where, key or sparse, runs, MASK_RUNS, RUNS)
        spend_of_input(RUNS, len(mask.counts), where)
        if number < len(weights) and weights[number] == 0:
            yield None  # the writer marks it as not valid
        elif (mask.width, mask.height) != (width, height):
            yield _wrong_size(where, key, number, (mask.width, mask.height), (width, height))
        elif not any(mask.counts[1::2]):
            findings.append(Finding("mask-empty", where, f"{key}: the mask of object {number} has no pixels"))
            yield None
        else:
            yield mask


def _are_arrays(example: Example, key: str, count: int | None, pixels: int) -> bool:
    """Whether masks under the key of encoded ones are arrays, of one object each or of all."""
    if example.kind(key) != "bytes":
        return False
    blobs = example.buffers(key)
    if len(blobs) == 1 and count:
        return are_masks(array_bytes(blobs[0]), count * pixels)
    return len({len(blob) for blob in blobs}) == 1 and all(are_masks(blob, pixels) for blob in blobs)


def _wrong_size(
    where: Location, key: str, number: int, found: tuple[int, int], expected: tuple[int, int]
) -> FeatureError:
    """Why the mask of an object is refused. found, expected: width and height in pixels."""
    size = f"{found[0]}x{found[1]} pixels, the image has {expected[0]}x{expected[1]}"
    return FeatureError(where, key, f"the mask of object {number} has {size}. Masks are never resized")


def _from_images(
    example: Example, key: str, count: int | None, width: int, height: int, findings: list[Finding]
) -> Iterator[MaskOrFault]:
    """One encoded image an object; an empty one is no mask."""
    blobs = example.buffers(key)
    _check_count(example, key, len(blobs), count)

    budget = Budget(DECODED_PIXELS, PIXELS)

    def read(number: int, blob: Buffer) -> MaskOrFault:
        # By its header, before anything is decoded: a few bytes can claim any size.
        info = read_image_info(blob, example.where, key)
        if (info.width, info.height) != (width, height):
            return _wrong_size(example.where, key, number, (info.width, info.height), (width, height))
        if info.format == "jpeg":
            text = (
                f"{key}: the mask of object {number} is a JPEG: what its compression lights up beside the edges counts"
            )
            findings.append(Finding("mask-lossy", example.where, text))
        return mask_from_image(blob, info, example.where, key, budget)

    return (_or_fault(partial(read, number, blob)) if blob else None for number, blob in enumerate(blobs))


def _from_floats(example: Example, key: str, count: int | None, width: int, height: int) -> Iterator[MaskOrFault]:
    """All masks as one list of numbers, row by row, mask by mask."""
    values = cast("Sequence[float]", example.values(key))  # its kind was asked for
    pixels = width * height
    masks, rest = divmod(len(values), pixels)
    if rest:
        problem = f"{len(values)} mask values are no whole number of masks of {width}x{height} pixels"
        raise FeatureError(example.where, key, problem)
    _check_count(example, key, masks, count)
    if len(values) <= _MOST_COPIED:
        values = example.float_view(key)
    return masks_from_floats(values, masks, height, width, example.where, key)


def _from_bytes(example: Example, key: str, count: int | None, width: int, height: int) -> Iterator[MaskOrFault]:
    """All masks as one array of any type of number, row by row, mask by mask."""
    blobs = example.blobs(key)
    data = array_bytes(blobs[0]) if len(blobs) == 1 else b"".join(blobs)
    pixels = width * height
    if not (count and are_masks(data, count * pixels)):
        masks, rest = divmod(len(data), pixels)
        if rest:
            problem = f"{len(data)} mask bytes are no whole number of masks of {width}x{height} pixels"
            raise FeatureError(example.where, key, problem)
        _check_count(example, key, masks, count)
        count = masks
    info = ImageInfo("png", width, height, 1, animated=False, complete=True)
    pngs = (raw_as_png(plane, "L", (width, height)) for plane in mask_planes(data, count, pixels))
    return (mask_from_image(png, info, example.where, key) for png in pngs)


def _from_run_lengths(
    example: Example, schema: Schema, count: int | None, image: tuple[int, int]
) -> Iterator[MaskOrFault]:
    """COCO's compressed run lengths, one text an object, and height and width of each; else those of the image."""
    key, size_key = present(example, schema.rle_counts), present(example, schema.rle_size)
    texts, sizes = example.blobs(key), example.ints(size_key)
    _check_count(example, key, len(texts), count)
    check_feature(example.where, key, sum(map(count_runs, texts)), MASK_RUNS, RUNS)
    sizes = sizes or [*image] * len(texts)
    if len(sizes) != 2 * len(texts):
        raise FeatureError(example.where, size_key, f"{len(sizes)} values for {len(texts)} masks, expected two each")
    for text, height, width in zip(texts, sizes[::2], sizes[1::2], strict=True):
        try:
            counts = without_zeros(decompress(text.decode("ascii")))
        except ValueError as error:
            yield FeatureError(example.where, key, f"the run lengths of a mask cannot be read: {error}")
            continue
        if sum(counts) == height * width:
            yield Mask(height, width, counts)
        else:
            problem = f"the run lengths of a mask count {sum(counts)} pixels, expected {width}x{height}"
            yield FeatureError(example.where, key, problem)


def _from_points(
    example: Example, schema: Schema, key: str, count: int | None, width: int, height: int
) -> Iterator[MaskOrFault]:
    """Object, row and column of every foreground pixel, one triple after the other."""
    values = example.ints(key)
    if len(values) % 3:
        raise FeatureError(example.where, key, f"{len(values)} values, expected triples of object, row and column")
    kept = example.numbers(present(example, schema.mask_values)) or [1] * (len(values) // 3)
    if 3 * len(kept) != len(values):
        raise FeatureError(example.where, key, f"{len(values)} numbers of {len(kept)} pixels, expected three each")
    points: dict[int, list[tuple[int, int]]] = defaultdict(list)
    last = -1
    for number, y, x, value in zip(values[::3], values[1::3], values[2::3], kept, strict=True):
        last = max(last, number)
        if value > 0:
            points[number].append((y, x))
    masks = last + 1 if count is None else count
    if min(values[::3]) < 0 or last >= masks or masks > max(len(kept), count or 0):
        objects = len(kept) if count is None else count
        raise FeatureError(example.where, key, f"pixels of object {last}, the record has {objects} objects")
    return (
        _or_fault(lambda i=i: mask_from_points(points[i], height, width, example.where, key))  # type: ignore[misc]
        if i in points
        else None
        for i in range(masks)
    )


def _or_fault(read: Callable[[], MaskOrFault]) -> MaskOrFault:
    """A mask, or why it cannot be read: the fault of one object, not of its neighbours."""
    try:
        return read()
    except BudgetError:
        raise  # a fault of the whole record: its masks would exceed a budget
    except FeatureError as error:
        return bare(error)


def _check_count(example: Example, key: str, masks: int, count: int | None) -> None:
    check_feature(example.where, key, masks, OBJECTS, "masks")
    if count is not None and masks != count:
        raise FeatureError(example.where, key, f"the lengths of the lists differ: {masks} masks for {count} boxes")


def read_polygons(example: Example, schema: Schema, count: int) -> list[list[list[float]] | None]:
    """The polygons of each object, x0, y0, x1, y1, ... in pixels; None where it has none.

    Raises:
        FeatureError: the list that separates the objects does not fit.
    """
    key, ends_key = present(example, schema.polygon), present(example, schema.polygon_ends)
    ends = example.ints(ends_key)
    if not ends:
        return [None] * count
    values = example.floats(key)
    if len(ends) == count and ends[0] > 0 <= min(ends) and len(values) in (sum(ends), 2 * sum(ends)):
        # The number of values, or of corners, of each object.
        per = len(values) // (sum(ends) or 1)
        ends = [0, *accumulate(per * length for length in ends)]
    return [_split_parts(each, example.where, key) or None for each in cut(example, ends_key, ends, values, count)]


def _split_parts(values: Sequence[float], where: Location, key: str) -> list[list[float]]:
    """The parts of one object's polygon: -2, -2 separates two, -1 pads the end."""
    if len(values) % 2:
        raise FeatureError(where, key, f"{len(values)} values of one object, expected pairs of x and y")
    parts: list[list[float]] = [[]]
    for x, y in zip(values[::2], values[1::2], strict=True):
        if x == y == -2:
            parts.append([])
        elif not (x == y == -1):
            if x - x or y - y:
                raise FeatureError(where, key, f"a polygon has the corner ({x}, {y}), expected finite numbers")
            parts[-1] += [x, y]
    return [part for part in parts if len(part) >= 6]
