"""Masks of single objects that are no images: numbers, coordinates, run lengths and polygons, to the same pixels."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from masked_objects import (
    MASK,
    MASKS,
    MASKS_DRAWN,
    SIZE,
    Pixels,
    assert_pixels,
    kind_of,
    record,
)
from pixels import box_of
from pycocotools import mask as pycoco  # type: ignore[import-untyped,unused-ignore]
from tfrecords import delimited, detection, example, floats, frame, ints, png, texts

from tfrecord_lite import RejectedInputError
from tfrecord_lite.errors import Location
from tfrecord_lite.example.example import Example
from tfrecord_lite.masks.mask import Mask
from tfrecord_lite.schemas.known.object_detection import OBJECT_DETECTION
from tfrecord_lite.schemas.read import masks as object_masks

Convert = Callable[..., Any]


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
        ((0, 16), "2 ends for 2 objects"),
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
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-400:]
    assert "refused:" in done.stdout
