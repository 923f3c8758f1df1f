"""Masks of single objects, however records store them, to what stands in the COCO file: the same pixels."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]
from tfrecords import delimited, detection, example, floats, frame, ints, png, shard, texts

from tfrecord_lite import RejectedInputError, UsageError, convert
from tfrecord_lite.errors import Location
from tfrecord_lite.example import Example
from tfrecord_lite.masks import Mask
from tfrecord_lite.schemas import object_masks
from tfrecord_lite.schemas.object_detection import OBJECT_DETECTION

# What pycocotools gives numpy 2 to complain about is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Pixels = NDArray[np.uint8]
Convert = Callable[..., Any]
SIZE = (64, 48)  # width, height
MASKS = ("coco", "polygon", "rle", "rle-uncompressed")
MASK = "image/object/mask"


def drawn(seed: int, size: tuple[int, int] = SIZE) -> Pixels:
    """A mask of 0 and 1: two overlapping boxes, a hole, and loose pixels, some of them at the border."""
    chance = np.random.default_rng(seed)
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    for value in (1, 1, 0):
        x0, x1 = sorted(chance.integers(0, width + 1, 2).tolist())
        y0, y1 = sorted(chance.integers(0, height + 1, 2).tolist())
        mask[y0:y1, x0:x1] = value
    mask[chance.integers(0, height, 9), chance.integers(0, width, 9)] ^= 1
    mask[0, seed % width] = mask[height - 1, width - 1 - seed % width] = 1
    return mask


MASKS_DRAWN = [drawn(seed) for seed in (1, 2, 3)]


def saved(image: Image.Image, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG", **options)
    return target.getvalue()


def gray(mask: Pixels, value: int = 255) -> bytes:
    """An 8-bit PNG of 0 and ``value``."""
    return saved(Image.fromarray(mask * np.uint8(value)))


def with_palette(mask: Pixels) -> bytes:
    """A palette PNG that is black on black: only the indices tell."""
    image = Image.fromarray(mask * np.uint8(3)).convert("L")
    indexed = Image.frombytes("P", image.size, image.tobytes())
    indexed.putpalette([0, 0, 0] * 4)
    return saved(indexed)


ENCODERS: dict[str, Callable[[Pixels], bytes]] = {
    "1 bit": lambda mask: saved(Image.fromarray(mask * np.uint8(255)).convert("1")),
    "8 bits, 0 and 1": lambda mask: gray(mask, 1),
    "8 bits, 0 and 255": gray,
    "palette": with_palette,
    "16 bits": lambda mask: saved(Image.fromarray(mask.astype(np.uint16))),
    "16 bits, the high byte": lambda mask: saved(Image.fromarray(mask.astype(np.uint16) << 8)),
    "gray and alpha": lambda mask: saved(Image.fromarray(np.dstack([mask, 255 - mask]))),
    "RGBA": lambda mask: saved(Image.fromarray(np.dstack([0 * mask, mask, 0 * mask, 255 - mask * 200]))),
}


def box_of(mask: Pixels) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 around the foreground, ends exclusive."""
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


# A type checker takes the values of **{...} for values of the named arguments too; hence Any for them here.
def record(masks: Sequence[Pixels], name: Any = "a.jpg", **features: bytes) -> dict[str, bytes]:
    """A picture whose objects have these masks, and the boxes around them."""
    height, width = masks[0].shape
    return detection(name, (width, height), [box_of(mask) for mask in masks], **features)


def with_masks(masks: Sequence[Pixels], encode: Any = gray, **more: bytes) -> dict[str, bytes]:
    return record(masks, **{MASK: texts(*map(encode, masks)), **more})


def decoded(annotation: dict[str, Any], size: tuple[int, int] = SIZE) -> Pixels:
    """The pixels that pycocotools finds in an annotation."""
    segmentation, (width, height) = annotation["segmentation"], size
    if isinstance(segmentation, list):
        rle = pycoco.merge(pycoco.frPyObjects(segmentation, height, width))
    elif isinstance(segmentation["counts"], list):
        rle = pycoco.frPyObjects(segmentation, height, width)
    else:
        rle = segmentation
    found: Pixels = pycoco.decode(rle)
    return found


def assert_pixels(done: Any, expected: Sequence[Pixels], size: tuple[int, int] = SIZE) -> None:
    annotations = done.coco["annotations"]
    assert len(annotations) == len(expected)
    for number, (annotation, mask) in enumerate(zip(annotations, expected, strict=True)):
        assert np.array_equal(decoded(annotation, size), mask), number


def kind_of(annotation: dict[str, Any]) -> str:
    segmentation = annotation["segmentation"]
    if isinstance(segmentation, list):
        return "polygon" if segmentation else "none"
    return "rle-uncompressed" if isinstance(segmentation["counts"], list) else "rle"


# --------------------------------------------------------------------------------------------- encoded images
@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
@pytest.mark.parametrize("masks", MASKS)
def test_every_kind_of_png_comes_out_as_the_same_pixels(
    encode: Callable[[Pixels], bytes], masks: str, converted: Convert
) -> None:
    assert_pixels(converted(with_masks(MASKS_DRAWN, encode), masks=masks, strict=True), MASKS_DRAWN)


@given(st.integers(1, 12), st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=40)
def test_any_mask_of_any_size_comes_back(width: int, height: int, data: st.DataObject) -> None:
    bits = data.draw(st.lists(st.integers(0, 1), min_size=width * height, max_size=width * height).filter(any))
    mask = np.array(bits, np.uint8).reshape(height, width)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.tfrecord"
        path.write_bytes(shard(with_masks([mask])))
        for masks in ("polygon", "rle"):
            convert(path, Path(folder) / f"{masks}.json", masks=masks)
            (annotation,) = json.loads((Path(folder) / f"{masks}.json").read_text())["annotations"]
            assert np.array_equal(decoded(annotation, (width, height)), mask), masks


def test_several_records_of_different_sizes_keep_their_own(converted: Convert) -> None:
    small, large = drawn(4, (31, 17)), drawn(5, (130, 90))
    coco = converted(
        record([small], "a.jpg", **{MASK: texts(gray(small))}), record([large], "b.jpg", **{MASK: texts(gray(large))})
    ).coco
    first, second = coco["annotations"]
    assert np.array_equal(decoded(first, (31, 17)), small)
    assert np.array_equal(decoded(second, (130, 90)), large)


def test_an_empty_entry_is_an_object_without_a_mask(converted: Convert) -> None:
    # Datumaro and CVAT write them: datumaro plugins/data_formats/tf_detection_api/exporter.py.
    first, second, third = MASKS_DRAWN
    done = converted(record(MASKS_DRAWN, **{MASK: texts(gray(first), b"", gray(third))}), strict=True)
    one, two, three = done.coco["annotations"]
    assert two["segmentation"] == []
    x0, y0, x1, y1 = box_of(second)
    assert (two["bbox"], two["area"]) == ([x0, y0, x1 - x0, y1 - y0], (x1 - x0) * (y1 - y0))
    assert np.array_equal(decoded(one), first)
    assert np.array_equal(decoded(three), third)


@pytest.mark.parametrize("empty", [texts(), floats(), ints(), b""], ids=["bytes", "float", "int64", "no kind"])
def test_a_list_of_no_masks_is_no_masks(empty: bytes, converted: Convert) -> None:
    done = converted(record(MASKS_DRAWN, **{MASK: empty}), strict=True)
    assert [annotation["segmentation"] for annotation in done.coco["annotations"]] == [[], [], []]


def test_a_mask_without_a_pixel_is_none_and_is_told(converted: Convert) -> None:
    done = converted(record(MASKS_DRAWN[:1], **{MASK: texts(gray(0 * MASKS_DRAWN[0]))}))
    (annotation,) = done.coco["annotations"]
    _, _, width, height = annotation["bbox"]
    assert (annotation["segmentation"], annotation["area"]) == ([], width * height)
    assert done.report["warnings"]["mask-empty"]["count"] == 1
    assert "object 0" in done.report["warnings"]["mask-empty"]["first"]


def test_a_mask_that_its_writer_marks_as_invalid_is_left_out(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/mask/weight": floats(1, 0, 1)}))
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == ["polygon", "none", "polygon"]


@pytest.mark.parametrize("weights", [(0,), (1, 1), (1, 1, 1, 0)])
def test_marks_that_are_not_one_an_object_are_an_error(weights: Sequence[float], converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="image/object/mask/weight"):
        converted(with_masks(MASKS_DRAWN, **{"image/object/mask/weight": floats(*weights)}))


# --------------------------------------------------------------------------------------------------- sizes
@pytest.mark.parametrize("masks", MASKS)
def test_a_mask_of_another_size_than_its_image_is_an_error_and_never_resized(masks: str, converted: Convert) -> None:
    other = [MASKS_DRAWN[0], np.ones((24, 32), np.uint8), MASKS_DRAWN[2]]
    features = record(MASKS_DRAWN, **{MASK: texts(*map(gray, other))})
    with pytest.raises(RejectedInputError) as caught:
        converted(features, masks=masks)
    assert caught.value.count == 1
    assert "image/object/mask: the mask of object 1 has 32x24 pixels, the image has 64x48" in str(caught.value)

    done = converted(features, masks=masks, on_error="skip")
    assert_pixels(done, [MASKS_DRAWN[0], MASKS_DRAWN[2]])
    assert done.report["dropped_annotations"] == 1


def test_the_size_that_counts_is_the_image_s_and_not_the_declared_one(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/width": ints(1), "image/height": ints(1)}))
    assert_pixels(done, MASKS_DRAWN)


def test_where_no_record_has_an_image_the_declared_size_counts(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN)
    del features["image/encoded"]
    assert_pixels(converted(features), MASKS_DRAWN)


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        pytest.param(b"this is no image", "no image", id="text"),
        pytest.param(gray(MASKS_DRAWN[0])[:60], "cannot be decoded", id="cut"),
        pytest.param(gray(MASKS_DRAWN[0]).replace(b"IDAT", b"IDAR"), "cannot be decoded", id="no data"),
    ],
)
def test_a_mask_that_cannot_be_decoded_costs_its_object_and_no_other(
    blob: bytes, reason: str, converted: Convert
) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(gray(MASKS_DRAWN[0]), blob, gray(MASKS_DRAWN[2]))})
    with pytest.raises(RejectedInputError, match=reason) as caught:
        converted(features)
    assert "record 0 at byte 0" in str(caught.value)
    assert MASK in str(caught.value)
    assert_pixels(converted(features, on_error="skip"), [MASKS_DRAWN[0], MASKS_DRAWN[2]])


@pytest.mark.parametrize("count", [1, 2, 4])
def test_masks_that_are_not_one_an_object_are_an_error(count: int, converted: Convert) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(*[gray(MASKS_DRAWN[0])] * count)})
    with pytest.raises(RejectedInputError, match=f"{count} masks for 3 boxes"):
        converted(features)


# ------------------------------------------------------------------------------------------- other storages
def dense(masks: Sequence[Pixels], scale: float = 1) -> bytes:
    return floats(*(float(value) * scale for mask in masks for value in mask.ravel()))


@pytest.mark.parametrize("scale", [1, 0.001, 255])
def test_masks_as_numbers_row_by_row(scale: float, converted: Convert) -> None:
    # object_detection/data_decoders/tf_example_decoder.py, _reshape_instance_masks: [n, height, width], > 0.
    assert_pixels(converted(record(MASKS_DRAWN, **{MASK: dense(MASKS_DRAWN, scale)}), strict=True), MASKS_DRAWN)


def test_so_many_numbers_that_no_copy_is_made_are_the_same_masks(
    converted: Convert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_masks, "_MOST_COPIED", 0)
    assert_pixels(converted(record(MASKS_DRAWN, **{MASK: dense(MASKS_DRAWN)}), strict=True), MASKS_DRAWN)


def test_numbers_never_become_a_list_of_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of the numbers of one of these masks takes 32 MB: a pointer and a float object each."""
    width = height = 1000
    numbers = delimited(2, delimited(1, np.tile(np.eye(height, width, dtype="<f4"), (3, 1, 1)).tobytes()))
    record = Example.parse(example({MASK: numbers}), Location("x", 0, 0))
    monkeypatch.setattr(object_masks, "_MOST_COPIED", 0)
    tracemalloc.start()
    masks = list(object_masks.read_masks(record, OBJECT_DETECTION, 3, width, height, []))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [mask.area for mask in masks if isinstance(mask, Mask)] == [1000] * 3
    assert peak < 16_000_000


@pytest.mark.parametrize("masks", [2, 4])
def test_numbers_for_more_or_fewer_masks_than_objects_are_an_error(masks: int, converted: Convert) -> None:
    numbers = dense([MASKS_DRAWN[0]] * masks)
    with pytest.raises(RejectedInputError, match=f"{masks} masks for 3 boxes"):
        converted(record(MASKS_DRAWN, **{MASK: numbers}))


def test_numbers_that_fill_no_whole_mask_are_an_error(converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="3071 mask values are no whole number of masks of 64x48 pixels"):
        converted(record(MASKS_DRAWN[:1], **{MASK: floats(*[1.0] * (64 * 48 - 1))}))


def sparse(masks: Sequence[Pixels]) -> bytes:
    return ints(*(int(value) for n, mask in enumerate(masks) for y, x in np.argwhere(mask) for value in (n, y, x)))


def test_masks_as_coordinates_of_their_pixels(converted: Convert) -> None:
    indices = {"image/object/mask/indices": sparse(MASKS_DRAWN)}
    assert_pixels(converted(record(MASKS_DRAWN, **indices)), MASKS_DRAWN)


def test_an_object_without_coordinates_has_no_mask(converted: Convert) -> None:
    some = [MASKS_DRAWN[0], 0 * MASKS_DRAWN[1], MASKS_DRAWN[2]]
    done = converted(record(MASKS_DRAWN, **{"image/object/mask/indices": sparse(some)}))
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == ["polygon", "none", "polygon"]


def test_coordinates_whose_value_is_0_are_no_foreground(converted: Convert) -> None:
    """Beside sparse indices stand the values there: what is greater than 0 is foreground, as everywhere."""
    triples = [(0, 5, 6), (0, 5, 7), (0, 6, 6), (1, 9, 9)]
    features = {
        "image/object/mask/indices": ints(*(value for triple in triples for value in triple)),
        "image/object/mask/values": floats(1, 0, 0.5, 1),
    }
    first, second = np.zeros((2, 48, 64), np.uint8)
    first[5, 6] = first[6, 6] = second[9, 9] = 1
    assert_pixels(converted(record(MASKS_DRAWN[:2], **features)), [first, second])


@pytest.mark.parametrize(
    ("indices", "reason"),
    [
        ((0, 1, 2, 0), "expected triples"),
        ((3, 0, 0), "record has 3 objects"),
        ((-1, 0, 0), "record has 3 objects"),
        ((0, 48, 0), "outside"),
        ((0, 0, 64), "outside"),
        ((0, -1, 0), "outside"),
    ],
)
def test_coordinates_that_cannot_be_are_an_error(indices: Sequence[int], reason: str, converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match=reason):
        converted(record(MASKS_DRAWN, **{"image/object/mask/indices": ints(*indices)}))


# ---------------------------------------------------------------------------------------- native run lengths
def tfds_record(counts: Sequence[bytes], sizes: Sequence[int], boxes: Sequence[tuple[int, ...]]) -> dict[str, bytes]:
    """Masks as segment_anything has them: datasets/segment_anything (tensorflow/datasets)."""
    width, height = SIZE
    return {
        "image/content": texts(png(width, height)),
        "image/file_name": texts("a.png"),
        "image/image_id": ints(7),
        "image/width": ints(width),
        "image/height": ints(height),
        "annotations/bbox": floats(
            *(v for x0, y0, x1, y1 in boxes for v in (y0 / height, x0 / width, y1 / height, x1 / width))
        ),
        "annotations/segmentation/counts": texts(*counts),
        "annotations/segmentation/size": ints(*sizes),
    }


def native(mask: Pixels) -> bytes:
    counts: bytes = pycoco.encode(np.asfortranarray(mask))["counts"]
    return counts


@pytest.mark.parametrize("masks", MASKS)
def test_run_lengths_of_coco_itself_are_the_same_pixels(masks: str, converted: Convert) -> None:
    features = tfds_record([*map(native, MASKS_DRAWN)], [48, 64] * 3, [*map(box_of, MASKS_DRAWN)])
    done = converted(features, masks=masks)
    assert_pixels(done, MASKS_DRAWN)
    if masks == "rle":
        counts = [annotation["segmentation"]["counts"] for annotation in done.coco["annotations"]]
        assert counts == [native(mask).decode() for mask in MASKS_DRAWN]


@pytest.mark.parametrize(
    ("counts", "size", "reason"),
    [
        (b"\xff\xfe", (48, 64), "cannot be read"),
        (b" ", (48, 64), "cannot be read"),
        (native(MASKS_DRAWN[0])[:-1], (48, 64), "run lengths"),
        (native(MASKS_DRAWN[0]), (64, 48), "48x64 pixels, the image has 64x48"),
        (native(MASKS_DRAWN[0]), (-48, -64), "pixels"),
        (b"", (48, 64), "run lengths"),
        (native(np.ones((2, 2), np.uint8)), (2, 2), "2x2 pixels, the image has 64x48"),
    ],
)
def test_run_lengths_that_fit_no_image_are_an_error(
    counts: bytes, size: tuple[int, int], reason: str, converted: Convert
) -> None:
    with pytest.raises(RejectedInputError, match=reason):
        converted(tfds_record([counts], size, [box_of(MASKS_DRAWN[0])]))


def compressed(counts: Sequence[int]) -> bytes:
    """Run lengths as COCO's string, by its definition (cocodataset/cocoapi, common/maskApi.c, rleToString)."""
    text = bytearray()
    for i, count in enumerate(counts):
        value = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            group = value & 0x1F
            value >>= 5
            more = value != -1 if group & 0x10 else value != 0
            text.append((group | 0x20 if more else group) + 48)
    return bytes(text)


@pytest.mark.parametrize("masks", MASKS)
@pytest.mark.parametrize(
    "counts",
    [
        pytest.param([100, 0, 20, 48, 2904], id="nothing set between two backgrounds"),
        pytest.param([100, 24, 0, 24, 2924], id="no background between two that are set"),
        pytest.param([100, 48, 2924, 0], id="an end of nothing"),
        pytest.param([0, 0, 100, 48, 2924], id="a start of nothing"),
    ],
)
def test_run_lengths_with_empty_runs_are_the_pixels_that_they_say(
    counts: list[int], masks: str, converted: Convert
) -> None:
    assert sum(counts) == 64 * 48
    reference = pycoco.frPyObjects({"size": [48, 64], "counts": counts}, 48, 64)
    expected = pycoco.decode(reference)
    done = converted(tfds_record([compressed(counts)], [48, 64], [(0, 0, 64, 48)]), masks=masks)
    assert_pixels(done, [expected])
    assert done.coco["annotations"][0]["area"] == expected.sum()


def test_run_lengths_of_nothing_are_an_empty_mask(converted: Convert) -> None:
    done = converted(tfds_record([compressed([3072, 0])], [48, 64], [(0, 0, 64, 48)]))
    (annotation,) = done.coco["annotations"]
    assert (annotation["segmentation"], annotation["area"]) == ([], 3072)
    assert "mask-empty" in done.report["warnings"]


# ------------------------------------------------------------------------------------------------- polygons
SQUARE, TRIANGLE, OTHER = [4, 4, 20, 4, 20, 30, 4, 30], [30.5, 5, 50, 5, 40, 25.25], [1, 40, 9, 40, 9, 46.5, 1, 46.5]


def pix2seq(rows: Sequence[Sequence[float]], boxes: Sequence[tuple[float, ...]], **more: bytes) -> dict[str, bytes]:
    """Boxes and polygons in pixels: google-research/pix2seq, data/scripts/create_coco_tfrecord.py."""
    ends = np.cumsum([0, *map(len, rows)]).tolist()
    sides = zip(*boxes, strict=True)
    keys = ("image/object/bbox/xmin", "image/object/bbox/ymin", "image/object/bbox/xmax", "image/object/bbox/ymax")
    return detection(
        "a.jpg",
        SIZE,
        **{"image/object/class/label": ints(*[1] * len(rows))},
        **{key: floats(*values) for key, values in zip(keys, sides, strict=True)},
        **{"image/object/segmentation_v": floats(*(value for row in rows for value in row))},
        **{"image/object/segmentation_sep": ints(*ends)},
        **more,
    )


BOXES = [(4, 4, 50, 30), (1, 40, 9, 46.5)]
ROWS = [[*SQUARE, -2, -2, *TRIANGLE], [*OTHER, -1, -1, -1, -1]]


@pytest.mark.parametrize("masks", ["coco", "polygon"])
def test_polygons_of_a_record_are_copied_part_by_part(masks: str, converted: Convert) -> None:
    first, second = converted(pix2seq(ROWS, BOXES), masks=masks, strict=True).coco["annotations"]
    assert first["segmentation"] == [SQUARE, TRIANGLE]
    assert second["segmentation"] == [OTHER], "-1 fills up, and is no corner"


@pytest.mark.parametrize("masks", ["rle", "rle-uncompressed"])
def test_polygons_become_the_run_lengths_that_pycocotools_makes_of_them(masks: str, converted: Convert) -> None:
    expected = [
        pycoco.decode(pycoco.merge(pycoco.frPyObjects(parts, 48, 64))) for parts in ([SQUARE, TRIANGLE], [OTHER])
    ]
    done = converted(pix2seq(ROWS, BOXES), masks=masks)
    assert_pixels(done, expected)
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [mask.sum() for mask in expected]


def test_a_crowd_without_a_polygon_has_an_empty_row(converted: Convert) -> None:
    features = pix2seq([ROWS[0], []], BOXES, **{"image/object/is_crowd": ints(0, 1)})
    first, second = converted(features).coco["annotations"]
    assert (first["iscrowd"], first["segmentation"]) == (0, [SQUARE, TRIANGLE])
    assert (second["iscrowd"], second["segmentation"]) == (1, [])


@pytest.mark.parametrize(
    ("ends", "reason"),
    [
        ((0, 16), "2 ends for 2 boxes"),
        ((0, 16, 8), "rising"),
        ((0, 8, 99), "16 values"),
        ((-1, 8, 16), "rising"),
        ((0, 7, 16), "pairs of x and y"),
    ],
)
def test_ends_that_do_not_fit_the_polygons_are_an_error(ends: Sequence[int], reason: str, converted: Convert) -> None:
    features = pix2seq([SQUARE, OTHER], BOXES) | {"image/object/segmentation_sep": ints(*ends)}
    with pytest.raises(RejectedInputError, match=reason):
        converted(features)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_corner_at_no_place_is_an_error(value: float, converted: Convert) -> None:
    with pytest.raises(RejectedInputError, match="expected finite numbers"):
        converted(pix2seq([[*SQUARE[:-1], value], OTHER], BOXES))


@pytest.mark.parametrize("far", [1e6, 1e12, 3e38])
@pytest.mark.parametrize("masks", ["coco", "rle"])
def test_a_corner_far_outside_neither_hangs_nor_leaves_a_traceback(far: float, masks: str, converted: Convert) -> None:
    done = converted(pix2seq([[*SQUARE[:2], far, -far, *SQUARE[4:]], OTHER], BOXES), masks=masks, on_error="skip")
    assert done.coco["annotations"][-1]["area"] > 0


# -------------------------------------------------------------------------------------------- kinds of masks
@pytest.mark.parametrize(
    ("masks", "kinds"),
    [
        ("coco", ["polygon", "rle-uncompressed", "polygon"]),
        ("polygon", ["polygon", "polygon", "polygon"]),
        ("rle", ["rle", "rle", "rle"]),
        ("rle-uncompressed", ["rle-uncompressed"] * 3),
        ("none", ["none"] * 3),
    ],
)
def test_masks_are_written_in_the_kind_that_was_asked_for(masks: str, kinds: list[str], converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)}), masks=masks)
    assert [kind_of(annotation) for annotation in done.coco["annotations"]] == kinds
    assert [annotation["iscrowd"] for annotation in done.coco["annotations"]] == [0, 1, 0]
    if masks != "none":
        assert_pixels(done, MASKS_DRAWN)


def test_the_default_kind_is_coco(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)})
    assert converted(features).coco == converted(features, masks="coco").coco


def test_a_kind_that_does_not_exist_is_a_usage_error(converted: Convert) -> None:
    with pytest.raises(UsageError, match="masks"):
        converted(with_masks(MASKS_DRAWN), masks="bitmap")


@pytest.mark.parametrize("masks", MASKS)
def test_run_lengths_have_their_size_as_height_and_width_and_strings_are_text(masks: str, converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(1, 1, 1)}), masks=masks)
    for annotation in done.coco["annotations"]:
        if isinstance(annotation["segmentation"], dict):
            assert annotation["segmentation"]["size"] == [48, 64]
            assert type(annotation["segmentation"]["counts"]) in (str, list)


def test_without_masks_not_even_damaged_ones_are_looked_at(converted: Convert) -> None:
    features = record(MASKS_DRAWN, **{MASK: texts(b"no", b"image", b"here")})
    assert len(converted(features, masks="none", strict=True).coco["annotations"]) == 3


# --------------------------------------------------------------------------------------------- area and box
@pytest.mark.parametrize("masks", MASKS)
def test_the_area_is_that_of_the_pixels_where_the_record_has_none(masks: str, converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN), masks=masks)
    assert [annotation["area"] for annotation in done.coco["annotations"]] == [int(mask.sum()) for mask in MASKS_DRAWN]


def test_the_area_of_the_record_goes_before_that_of_the_pixels(converted: Convert) -> None:
    done = converted(with_masks(MASKS_DRAWN, **{"image/object/area": floats(702.1057, 5, 0)}))
    areas = [annotation["area"] for annotation in done.coco["annotations"]]
    assert areas == [702.1057, 5, int(MASKS_DRAWN[2].sum())]


def test_the_kind_of_masks_changes_nothing_else_of_an_annotation(converted: Convert) -> None:
    features = with_masks(MASKS_DRAWN, **{"image/object/is_crowd": ints(0, 1, 0)})
    others = [
        [{k: v for k, v in annotation.items() if k != "segmentation"} for annotation in done.coco["annotations"]]
        for done in (converted(features, masks=masks) for masks in MASKS)
    ]
    assert all(each == others[0] for each in others)


# ----------------------------------------------------------------------------- masks with classes of their own
def test_masks_with_classes_of_their_own_are_objects_of_their_own(converted: Convert) -> None:
    features = record(
        MASKS_DRAWN[:1],
        **{MASK: texts(*map(gray, MASKS_DRAWN[1:])), "image/object/mask/class/label": ints(5, 6)},
    )
    box, *lone = converted(features).coco["annotations"]
    assert (box["category_id"], box["segmentation"]) == (1, [])
    for annotation, mask, number in zip(lone, MASKS_DRAWN[1:], (5, 6), strict=True):
        x0, y0, x1, y1 = box_of(mask)
        assert annotation["category_id"] == number
        assert annotation["bbox"] == [x0, y0, x1 - x0, y1 - y0]
        assert annotation["area"] == mask.sum()
        assert np.array_equal(decoded(annotation), mask)


def test_masks_with_classes_need_no_boxes(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, **{MASK: texts(*map(gray, MASKS_DRAWN))})
    features["image/object/mask/class/text"] = texts("cat", "dog", "cat")
    done = converted(features)
    names = {category["id"]: category["name"] for category in done.coco["categories"]}
    assert [names[annotation["category_id"]] for annotation in done.coco["annotations"]] == ["cat", "dog", "cat"]
    assert_pixels(done, MASKS_DRAWN)


def test_masks_and_boxes_of_the_same_classes_are_the_same_objects(converted: Convert) -> None:
    """As many masks as boxes, of the same classes in the same order: nobody annotated everything twice."""
    features = with_masks(MASKS_DRAWN, **{"image/object/mask/class/label": ints(1, 1, 1)})
    assert_pixels(converted(features), MASKS_DRAWN)


def test_an_empty_list_of_classes_of_masks_is_as_good_as_absent(converted: Convert) -> None:
    assert_pixels(converted(with_masks(MASKS_DRAWN, **{"image/object/mask/class/label": ints()})), MASKS_DRAWN)


def test_without_masks_objects_that_are_only_masks_are_not_lost_silently(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, **{MASK: texts(*map(gray, MASKS_DRAWN))})
    features["image/object/mask/class/label"] = ints(5, 6, 5)
    done = converted(features, masks="none")
    told = {**done.report["keys_not_carried_over"], **done.report["warnings"]}
    assert len(done.coco["annotations"]) == 3 or told


def test_masks_in_a_record_without_boxes_and_classes_are_not_lost_silently(converted: Convert) -> None:
    features = detection("a.jpg", SIZE, drop=["image/object/class/label"], **{MASK: texts(*map(gray, MASKS_DRAWN))})
    done = converted(features, on_error="skip")
    told = done.report["problems"]["count"] or done.report["warnings"] or done.report["keys_not_carried_over"]
    assert len(done.coco["annotations"]) == 3 or told


# ------------------------------------------------------------------------------------------------- bad sizes
_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
from tfrecord_lite import convert, RejectedInputError
try:
    convert(sys.argv[1], sys.argv[2])
except RejectedInputError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the address space")
def test_an_object_number_is_no_reason_to_allocate(tmp_path: Path) -> None:
    """Three numbers that say "a pixel of object 10 ** 12" must not make as many objects."""
    features = detection("a.jpg", SIZE)
    features["image/object/mask/class/label"] = ints(5)
    features["image/object/mask/indices"] = ints(10**12, 0, 0)
    path = tmp_path / "x.tfrecord"
    path.write_bytes(frame(example(features)))
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(path), str(tmp_path / "out")],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-400:]
    assert "refused:" in done.stdout
